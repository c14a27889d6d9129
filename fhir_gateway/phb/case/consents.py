"""Consents: who gave one, on which days it holds, and what a direct payment may rest on.

Source: domain.md 2.4 (Consent); DPR13 regs 3 to 6 and 17(1); rules R11 to R13, R23 to R25.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case.arrangements import GIVEN, holds
from fhir_gateway.phb.case.capacity import HAS, RECEIVE, Speaker, capacity_on, lost_before, speaker_on
from fhir_gateway.phb.case.people import CHILD_UNTIL, acts_on, reaches, representatives, themselves
from fhir_gateway.phb.case_file import CaseFile
from mappings.consent import PhbConsent

REPRESENT: Final = "act-as-representative"
OWN_RULE: Final = {Speaker.PERSON: "R11", Speaker.FOR_CHILD: "R12", Speaker.FOR_ADULT: "R13"}


def consents(case: CaseFile, subject: str, *givers: str) -> tuple[PhbConsent, ...]:
    """Every consent to one thing that one of these parties gave, withdrawn ones included."""
    found = (one.record for one in case.all(PhbConsent) if one.record.consent_subject == subject)
    return tuple(one for one in found if one.given_by in givers and one.status in GIVEN)


def withdrawn(one: PhbConsent) -> bool:
    """Whether a consent was given and is taken back, now or from a later day."""
    return one.status == "inactive" or (one.status == "active" and one.withdrawn_on is not None)


def withdrawn_by(one: PhbConsent, day: date) -> bool:
    """Whether a consent was taken back with effect before a day."""
    return withdrawn(one) and (one.withdrawn_on is None or one.withdrawn_on < day)


def of_representatives(case: CaseFile) -> tuple[PhbConsent, ...]:
    """Every consent to act that a representative of the person gave."""
    return consents(case, REPRESENT, *(one.reference for one in representatives(case)))


def represented_on(case: CaseFile, day: date) -> bool:
    """Whether a representative who acts on a day consented to do so."""
    acting = [one.reference for one in representatives(case) if acts_on(one.record, day)]
    return any(holds(one, day) for one in consents(case, REPRESENT, *acting))


# --- what a direct payment rests on -----------------------------------------------------------------


def unsupported(case: CaseFile, day: date) -> str:
    """Number of the rule on consent that a direct payment on a day would break, empty when it has what it needs."""
    speaker = speaker_on(case, day)
    if speaker is Speaker.PERSON:
        return _unsupported_own(case, day)
    if not represented_on(case, day):
        gone = any(withdrawn_by(one, day) for one in of_representatives(case))
        return "R23" if gone else OWN_RULE[speaker]
    return OWN_RULE[speaker] if speaker is Speaker.FOR_ADULT and not _path_recorded(case, day) else ""


def _unsupported_own(case: CaseFile, day: date) -> str:
    own = consents(case, RECEIVE, themselves(case))
    if any(holds(one, day) for one in own):
        return ""
    if any(withdrawn_by(one, day) for one in own):
        return "R23"
    return _unsupported_by_others(case, day)


def _unsupported_by_others(case: CaseFile, day: date) -> str:
    """The same, for somebody who decides alone but has so far been spoken for."""
    found = capacity_on(case, day)
    if found is not None and found.status == HAS and lost_before(case, day):
        return "" if found.expected_temporary and represented_on(case, day) else "R24"
    return "R25" if spoken_for_since_childhood(case, day) else "R11"


def spoken_for_since_childhood(case: CaseFile, day: date) -> bool:
    """Whether the consent in force on a day was given by a representative when the person was a child."""
    grown = reaches(case, CHILD_UNTIL)
    if grown is None:
        return False
    return any(holds(one, day) and (one.holds_from or one.given_on or day) < grown for one in of_representatives(case))


def _path_recorded(case: CaseFile, day: date) -> bool:
    found = capacity_on(case, day)
    return found is not None and bool(found.decision_path) and bool(found.speaks_for_person)
