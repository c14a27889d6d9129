"""What follows from spending on an excluded use or outside the plan: the entry's status, and a concern to look into.

Source: rules R64 and R66; domain.md 5.3 (expenditure entry, concern).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.bodies import open_cases
from fhir_gateway.phb.case.spending import excluded, status_by_rule
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from fhir_gateway.phb.records import made
from mappings.change import Concern
from mappings.expenditure import ExpenditureEntry

KIND: Final = "spend-outside-plan"
WHY: Final = {
    "R64": "the entry has an exclusion code: the money was spent on what it may not be used for",
    "R66": "the entry is on no line of the agreed budget",
}


@effect(on=ExpenditureEntry)
def spending_outside_the_plan(new: Written[ExpenditureEntry], case: CaseFile) -> Iterator[Consequence]:
    """The entry gets the status the rules give it, and one concern is opened about it."""
    found = status_by_rule(new, case)
    if found is None:
        return
    status, number = found
    if new.record.expenditure_status != status:
        record = replace(new.record, expenditure_status=status)
        yield Consequence(record=record, why=f"{WHY[number]}; it is kept as {status}", rule=number, id=new.id)
    if not any(_is_about(one.record, new.reference) for one in case.all(Concern)):
        yield Consequence(record=_concern(new, case), why=f"{WHY[number]}; that is looked into", rule=number)


def _is_about(concern: Concern, entry: str) -> bool:
    return concern.concern_kind == KIND and concern.about == entry


def _concern(new: Written[ExpenditureEntry], case: CaseFile) -> Concern:
    what = "an excluded use" if excluded(new.record) else "no line of the agreed budget"
    return made(
        Concern,
        person_id=new.record.person_id,
        status="requested",
        intent="order",
        concern_kind=KIND,
        concern_status="raised",
        description=f"Money was entered as spent on {what}.",
        about=new.reference,
        requester=_raised_by(new.record),
        owner=next((one.record.care_coordinator for one in open_cases(case)), None),
        requested_on=case.today,
    )


def _raised_by(entry: ExpenditureEntry) -> str | None:
    """The body whose money it is, for the gateway is nobody."""
    return f"Organization/{entry.insurer_id}" if entry.insurer_id else None
