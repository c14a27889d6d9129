"""Capacity for a decision on a day, and who therefore speaks for the person.

Somebody of 16 or over has capacity until an assessment says otherwise.

Source: domain.md 2.1 (CapacityAssessment); DPR13 regs 3 to 5.
"""

from datetime import date
from enum import Enum
from typing import Final

from fhir_gateway.phb.case.people import CHILD_UNTIL, reaches
from fhir_gateway.phb.case_file import CaseFile
from mappings.assessment import CapacityAssessment
from mappings.terminology import CONSENT_SUBJECT

RECEIVE: Final = "receive-direct-payment"
NOMINATE: Final = "act-as-nominee"
LACKS: Final = "lacks-capacity"
HAS: Final = "has-capacity"
UNDER_16: Final = "under-16"
NO_FINDING: Final = frozenset({None, "not-assessed"})
VOID: Final = frozenset({"cancelled", "entered-in-error"})


class Speaker(Enum):
    """Who decides about a direct payment."""

    PERSON = "the person"
    FOR_CHILD = "a representative of the child"
    FOR_ADULT = "a representative of the person who lacks capacity"


def assessments(case: CaseFile, *decisions: str) -> tuple[CapacityAssessment, ...]:
    """The assessments of capacity for these decisions that came to a finding, earliest first."""
    found = [
        one.record
        for one in case.all(CapacityAssessment)
        if one.record.decision in decisions and one.record.observation_status not in VOID
    ]
    return tuple(sorted((one for one in found if one.status not in NO_FINDING), key=_day))


def capacity_on(case: CaseFile, day: date, *decisions: str) -> CapacityAssessment | None:
    """The latest assessment by a day. Capacity that came back counts from the day after it was found (R24)."""
    found = [one for one in assessments(case, *(decisions or (RECEIVE,))) if _day(one) <= day]
    if len(found) > 1 and _day(found[-1]) == day and found[-2].status == LACKS and found[-1].status == HAS:
        return found[-2]
    return found[-1] if found else None


def lacking(case: CaseFile, day: date) -> tuple[CapacityAssessment, ...]:
    """For each decision for which capacity is lacking on a day, the finding; capacity is judged for each by itself."""
    latest = (capacity_on(case, day, one) for one in CONSENT_SUBJECT)
    return tuple(one for one in latest if one is not None and one.status == LACKS)


def lost_before(case: CaseFile, day: date) -> bool:
    """Whether an assessment before a day found that capacity was lacking."""
    return any(one.status == LACKS and _day(one) < day for one in assessments(case, RECEIVE))


def speaker_on(case: CaseFile, day: date, *decisions: str) -> Speaker:
    """Who decides about a direct payment on a day. Where the birth date is unknown an assessment may tell a child."""
    grown, found = reaches(case, CHILD_UNTIL), capacity_on(case, day, *decisions)
    status = found.status if found is not None else None
    if day < grown if grown is not None else status == UNDER_16:
        return Speaker.FOR_CHILD
    return Speaker.FOR_ADULT if status == LACKS else Speaker.PERSON


def _day(one: CapacityAssessment) -> date:
    return one.assessed_on or date.min
