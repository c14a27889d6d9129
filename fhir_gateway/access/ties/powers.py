"""Those who act for the person, while their power runs: representatives and nominees.

A power needs somebody who agreed to act. It ends on its own last day, when the consent to act is withdrawn, at a
birthday, when capacity comes back, and at death: whichever comes first.

Source: domain.md 2.1 (Party, CapacityAssessment), 3.1 (party-role); DPR13 regs 2 and 4 to 6; rules R12, R13, R17, R23
to R25; security.md section 4 (representative, nominee).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.access.ties.funding import given
from fhir_gateway.access.ties.life import lifetime
from fhir_gateway.access.ties.tie import FIRST, Tie, Window, before, held, meet, window
from fhir_gateway.phb.case.arrangements import GIVEN
from fhir_gateway.phb.case.capacity import HAS, LACKS, UNDER_16, assessments
from fhir_gateway.phb.case.consents import REPRESENT
from fhir_gateway.phb.case.people import CHILD_UNTIL, NOMINEE, born_on, reaches, represents
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.assessment import CapacityAssessment
from mappings.consent import PhbConsent
from mappings.related_person import Party
from mappings.terminology import CONSENT_SUBJECT, REPRESENTATIVE_ROLES

REPRESENTATIVE: Final = "representative"
NOMINATED: Final = "act-as-nominee"
PARENT: Final = "parental-responsibility"
GROWN_UP: Final = 18  # years; parental responsibility ends


def representatives(case: CaseFile) -> Iterator[Tie]:
    """Whoever has authority to act for a child, or for a person while capacity is lacking."""
    for one in case.all(Party):
        if represents(one.record):
            acting = _acting(case, one)
            agreed = _agreed(case, one, REPRESENT)
            windows = [meet(acting, by, when) for by in agreed for when in _spoken_for(case, one.record)]
            yield from held(REPRESENTATIVE, one.reference, one.reference, windows)


def nominees(case: CaseFile) -> Iterator[Tie]:
    """Whoever was named to receive the payments, once both sides agreed (R17)."""
    for one in case.all(Party):
        if NOMINEE in one.record.roles and _is_complete(one.record):
            acting = meet(_acting(case, one), window(one.record.body_agreed_on, None))
            windows = [meet(acting, by) for by in _agreed(case, one, NOMINATED)]
            yield from held(NOMINEE, one.reference, one.reference, windows)


def _is_complete(one: Party) -> bool:
    """Whether it is said who named the nominee, and that both sides agreed."""
    return None not in {one.nominated_by, one.agreed_to_act_on, one.body_agreed_on}


def _acting(case: CaseFile, one: Filed[Party]) -> Window:
    """The days the party acts, within the person's life."""
    if one.record.active is False:
        return (0, 0)
    return meet(lifetime(case), window(one.record.start, one.record.end))


def _agreed(case: CaseFile, one: Filed[Party], subject: str) -> list[Window]:
    """While the party agrees to act: as their consents say, else from the day they agreed."""
    consents = [
        consent
        for consent in (filed.record for filed in case.all(PhbConsent))
        if consent.consent_subject == subject and consent.given_by == one.reference and consent.status in GIVEN
    ]
    if consents:
        return [given(consent) for consent in consents if _stands(consent)]
    return [window(one.record.agreed_to_act_on, None)] if one.record.agreed_to_act_on else []


def _stands(consent: PhbConsent) -> bool:
    return consent.status == "active"


# --- while the person is spoken for -----------------------------------------------------------------


def _spoken_for(case: CaseFile, party: Party) -> Iterator[Window]:
    """While the authority of a party has somebody to be used for, whatever its days."""
    if PARENT in party.roles:
        yield before(reaches(case, GROWN_UP))
    if not REPRESENTATIVE_ROLES.isdisjoint({*party.roles} - {PARENT}):
        if born_on(case) is not None:
            yield before(reaches(case, CHILD_UNTIL))
        for decision in CONSENT_SUBJECT:
            yield from _lacking(case, decision)


def _lacking(case: CaseFile, decision: str) -> Iterator[Window]:
    """While capacity for one decision is lacking: it is back from the day that is found, unless only for a time."""
    since: date | None = None
    for one in assessments(case, decision):
        day = one.assessed_on or FIRST
        if _lacks(case, one):
            since = since or day
        elif since is not None and not _for_a_time(one):
            yield meet(window(since, None), before(day))
            since = None
    if since is not None:
        yield window(since, None)


def _lacks(case: CaseFile, one: CapacityAssessment) -> bool:
    """Whether somebody else decides; where the birth date is unknown an assessment may tell a child."""
    return one.status == LACKS or (one.status == UNDER_16 and born_on(case) is None)


def _for_a_time(one: CapacityAssessment) -> bool:
    return one.status == HAS and one.expected_temporary is True
