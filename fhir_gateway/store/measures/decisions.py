"""K19 to K21: how soon decisions are made and told, and how many are contested.

Source: domain.md section 7, 5.2 (T7, T9, T10).
"""

from typing import Any, Final

from sqlalchemy import and_, func, not_, select

from fhir_gateway.store.measures.population import by_dimension, counted, people, per_cell
from fhir_gateway.store.measures.reviews import TASK, standing
from fhir_gateway.store.measures.words import FAR, ONE, day, is_code, one_of, total, when, within

PLAN_AND_BUDGET: Final = ("plan", "agreed-budget")
STILL_OPEN: Final = ("deferred", "escalated")
CHANGED: Final = ("changed", "changed-in-part")


def in_time(*, narrowed: bool) -> Any:
    """K19: decisions to respond to in the period."""
    who, told = people(), func.coalesce(day(TASK.c.r_communicated_on), FAR)
    values = {"numerator": when(told <= day(TASK.c.r_respond_by)), "denominator": ONE}
    where = (is_code(TASK.c.kind, "decision"), standing(TASK), within(day(TASK.c.r_respond_by)))
    return by_dimension(TASK.outerjoin(who, who.c.person == TASK.c.person), who, values, narrowed=narrowed, where=where)


def days_to_decide(*, narrowed: bool) -> Any:
    """K20: how often each number of days was found; the requests of one day are one submission."""
    who = people()
    decided = not_(one_of(func.coalesce(TASK.c.r_outcome, ""), STILL_OPEN))
    asked_for = (is_code(TASK.c.kind, "decision"), standing(TASK), one_of(TASK.c.r_decision_subject, PLAN_AND_BUDGET))
    requested, ended = day(TASK.c.r_requested_on), func.max(day(TASK.c.r_ended_on))
    rounds = (
        select(TASK.c.person, requested.label("requested"), ended.label("ended"))
        .where(*asked_for, decided, TASK.c.r_requested_on.is_not(None))
        .group_by(TASK.c.person, requested)
        .having(func.count(TASK.c.r_ended_on) == func.count(TASK.c.id))
        .cte("rounds")
    )
    values = {"numerator": rounds.c.ended - rounds.c.requested, "denominator": ONE}
    source = rounds.outerjoin(who, who.c.person == rounds.c.person)
    found = counted(source, who, values, narrowed=narrowed, where=(within(rounds.c.ended),))
    return per_cell(found, {"denominator": total(found.c.denominator)}, found.c.numerator)


def lodged(*, narrowed: bool) -> Any:
    """K21: appeals lodged, and decisions made, in the period."""
    who = people()
    appeal = and_(is_code(TASK.c.kind, "appeal"), within(day(TASK.c.r_requested_on)))
    decision = and_(is_code(TASK.c.kind, "decision"), within(day(TASK.c.r_ended_on)))
    values = {"numerator": when(appeal), "denominator": when(decision)}
    source = TASK.outerjoin(who, who.c.person == TASK.c.person)
    return by_dimension(source, who, values, narrowed=narrowed, where=(standing(TASK), appeal | decision))


def changed(*, narrowed: bool) -> Any:
    """K21: appeals closed in the period, and those that changed the decision."""
    who = people()
    closed = is_code(TASK.c.r_appeal_status, "closed") | is_code(TASK.c.r_status, "completed")
    values = {"numerator": when(one_of(TASK.c.r_outcome, CHANGED)), "denominator": ONE}
    where = (is_code(TASK.c.kind, "appeal"), standing(TASK), closed, within(day(TASK.c.r_ended_on)))
    return by_dimension(TASK.outerjoin(who, who.c.person == TASK.c.person), who, values, narrowed=narrowed, where=where)
