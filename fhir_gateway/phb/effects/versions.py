"""What follows when a version of plan or budget comes into force: it is active, and the one before it is superseded.

The agreed words and sums stay as they were: only the status changes, and a plan's last day. A superseded budget keeps
the period its lines were worked out for; it counts until the day before the next one starts (phb/in_force.py).

Source: domain.md 5.2 (T11), 5.3; rules R61, R153, R157, R158.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from fhir_gateway.phb.case import budgets, plans
from fhir_gateway.phb.case.selections import budgets_in, plans_in
from fhir_gateway.phb.case.states import ACTIVE, ORGANISING
from fhir_gateway.phb.case.succession import Version, before_of, has_begun
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from fhir_gateway.phb.periods import day_before
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.episode_of_care import PhbCase

IN_FORCE: Final = "active"
SUPERSEDED: Final = "superseded"


@effect(on=PhbCase)
def care_starts(new: Written[PhbCase], case: CaseFile) -> Iterator[Consequence]:
    """When the care of a case starts, the plan that was agreed and its budget are in force.

    One that follows a version in force waits for its first day.
    """
    if new.previous is None or (new.previous.state, new.record.state) != (ORGANISING, ACTIVE):
        return
    for one in _agreed(new, case):
        if not _waits(one, case):
            yield Consequence(record=in_force(one.record), why="the care of the case starts", rule="T11", id=one.id)


def _agreed(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Any], ...]:
    """The plan that is agreed but not active, and the budgets of the plan that are."""
    going = plans_in(new, case, plans.IN_FORCE)
    theirs = {one.id: one for one in budgets_in(case, going, frozenset({plans.AGREED}))}
    return (*(one for one in going if plans.state_of(one.record) == plans.AGREED), *theirs.values())


def _waits(one: Filed[Any], case: CaseFile) -> bool:
    return not has_begun(one.record, case.today) and any(map(_is_active, before_of(one.record, case)))


def in_force(version: Version) -> Version:
    """The version as it is while it is active."""
    if isinstance(version, AgreedBudget):
        return replace(version, status="active", budget_status=IN_FORCE)
    return replace(version, status="active", plan_status=IN_FORCE)


@effect(on=(AgreedBudget, SupportPlan))
def the_version_before_is_superseded(new: Written[Version], case: CaseFile) -> Iterator[Consequence]:
    """When a version that names another becomes active, that other is over: no day has two, and none has none."""
    if not _becomes_active(new) or not has_begun(new.record, case.today):
        return
    for one in before_of(new.record, case):
        if _is_active(one):
            why = f"{new.reference} takes its place from {new.record.start or case.today}"
            yield Consequence(record=_superseded(one.record, new.record), why=why, rule="R158", id=one.id)


def _becomes_active(new: Written[Version]) -> bool:
    field = "budget_status" if isinstance(new.record, AgreedBudget) else "plan_status"
    return _is_active(new) and (new.changed(field) or new.changed("status"))


def _is_active(one: Filed[Any]) -> bool:
    record = one.record
    state = budgets.state_of(record) if isinstance(record, AgreedBudget) else plans.state_of(record)
    return state == IN_FORCE


def _superseded(before: Version, version: Version) -> Version:
    if isinstance(before, AgreedBudget):
        return replace(before, status="cancelled", budget_status=SUPERSEDED)
    start = version.start
    ends = start is not None and (before.start is None or before.start < start)
    end = day_before(start) if ends and start is not None else before.end
    return replace(before, status="revoked", plan_status=SUPERSEDED, end=_earlier(before.end, end))


def _earlier(one: Any, other: Any) -> Any:
    return min((day for day in (one, other) if day is not None), default=None)
