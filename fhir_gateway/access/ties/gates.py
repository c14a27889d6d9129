"""What opens the financial detail of a case, for whom: a review that is going on, a concern the person knows of.

It opens what is dated in the period under review, or everything where the record names none. A review that names the
bodies it is held for opens nothing to another funder.

Source: domain.md 4 J (R134, R135), 8.8 (in a joint review), 8.9 Q9; security.md section 4 (the gate).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from fhir_gateway.access.ties.bodies import delegates, responsible
from fhir_gateway.access.ties.coordinators import coordinators
from fhir_gateway.access.ties.funding import funders
from fhir_gateway.access.ties.tie import FIRST, LAST, Tie, Window, held, meet, window
from fhir_gateway.phb.case.days import Span
from fhir_gateway.phb.case.financial_detail import is_being_looked_into
from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case.reviews import IN_PROGRESS, state
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.change import Concern
from mappings.review import Review

GATE: Final = "gate"
BODY: Final = "Organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A review or concern that opens the detail. bodies: references to those it is for, none for all of the case."""

    source: str
    days: Span
    window: Window
    bodies: frozenset[str] = frozenset()


def gates(case: CaseFile) -> Iterator[Tie]:
    """For each body and coordinator of the case, what each opening opens."""
    openings = (*_reviews(case), *_concerns(case))
    if not openings:
        return
    lead = {one.who for find in (responsible, delegates, coordinators) for one in find(case) if one.end == LAST}
    paying = {one.who for one in funders(case)}
    for one in openings:
        for who in sorted(lead | (paying & one.bodies if one.bodies else paying)):
            yield from _opened(one, who)


def _opened(one: Opening, who: str) -> Iterator[Tie]:
    start, end = one.days
    for tie in held(GATE, who, one.source, [one.window]):
        yield replace(tie, start=start or FIRST, end=end or LAST)


# --- reviews ----------------------------------------------------------------------------------------


def _reviews(case: CaseFile) -> Iterator[Opening]:
    for one in case.all(Review):
        if state(one.record) == IN_PROGRESS:
            yield Opening(
                source=one.reference,
                days=_under_review(case, one.record),
                window=window(one.record.started_on, None),
                bodies=_held_for(one.record),
            )


def _under_review(case: CaseFile, review: Review) -> Span:
    """The days of the budget or plan it is about."""
    about: Filed[Any] | None = case.filed(review.about)
    if about is not None and isinstance(about.record, AgreedBudget | SupportPlan):
        return about.record.start, about.record.end
    return None, None


def _held_for(review: Review) -> frozenset[str]:
    named = (*review.participants, *(one.for_body for one in review.inputs))
    return frozenset(one for one in named if one and type_of(one) == BODY)


# --- concerns ---------------------------------------------------------------------------------------


def _concerns(case: CaseFile) -> Iterator[Opening]:
    for one in case.all(Concern):
        if is_being_looked_into(case, one.record):
            yield Opening(source=one.reference, days=(None, None), window=_known(one.record))


def _known(concern: Concern) -> Window:
    """From the day the person was told. Where that waits by decision, no longer than the concern's own last day."""
    if concern.person_informed_on is not None:
        return window(_latest(concern.person_informed_on, concern.coordinator_asked_on), None)
    return meet(window(concern.coordinator_asked_on, None), window(None, concern.respond_by))


def _latest(one: date, other: date | None) -> date:
    return one if other is None else max(one, other)
