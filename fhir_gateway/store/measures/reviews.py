"""K9 to K11 and K18: reviews held in time, and outcomes reached.

Source: domain.md section 7; DPR13 reg 14; rules R116, R117.
"""

from typing import Any, Final

from sqlalchemy import CTE, Integer, and_, bindparam, exists, func, not_, select

from fhir_gateway.phb.case.reviews import DUTY_OF
from fhir_gateway.phb.review_dates import NHS
from fhir_gateway.store.measures.population import (
    CLAIM,
    LINES,
    by_dimension,
    cases,
    in_place,
    is_line_of,
    people,
    versions,
)
from fhir_gateway.store.measures.words import (
    FAR,
    ONE,
    asked,
    day,
    is_code,
    months_after,
    one_of,
    when,
    within,
)
from fhir_gateway.store.tables import RESOURCES, ROWS
from mappings.terminology import PAYMENT_KIND

TASK: Final = RESOURCES["Task"]
INPUTS: Final = ROWS["Task", "inputs"]
GOAL: Final = RESOURCES["Goal"]
TARGETS: Final = ROWS["Goal", "targets"]
ANSWER: Final = RESOURCES["ClaimResponse"]
OUT: Final = tuple(PAYMENT_KIND.where("direction", "out"))
REGULAR: Final = tuple(kind for kind, duty in DUTY_OF.items() if duty == NHS)
ACHIEVED: Final = ("achieved", "sustaining")
NEVER: Final = ("cancelled", "rejected", "entered-in-error", "failed", "draft")


def standing(task: Any) -> Any:
    """Whether a Task counts at all."""
    return not_(one_of(task.c.r_status, NEVER))


def _review(task: Any) -> Any:
    state = func.coalesce(task.c.r_review_status, task.c.r_status)
    return and_(is_code(task.c.kind, "review"), standing(task), not_(one_of(state, ("declined", "cancelled"))))


def completed() -> CTE:
    """Completed reviews, with the day each was: its completion, else the day it was held."""
    on = func.coalesce(day(TASK.c.r_ended_on), day(TASK.c.r_started_on))
    done = is_code(func.coalesce(TASK.c.r_review_status, TASK.c.r_status), "completed")
    columns = [TASK.c.id, TASK.c.person, TASK.c.r_review_kind.label("kind"), on.label("ended")]
    return select(*columns).where(_review(TASK), done).cte("completed")


def first_review(*, narrowed: bool) -> Any:
    """K9: first reviews of direct payments, three months after the first payment."""
    who, paid, review, placed = people(), _first_paid(), completed(), versions()
    counts = one_of(review.c.kind, REGULAR) | exists(
        select(INPUTS.c.id).where(INPUTS.c.id == review.c.id, is_code(INPUTS.c.r_component, "plan-review"))
    )
    first = (
        select(paid.c.case_id, func.min(review.c.ended).label("ended"))
        .select_from(paid.join(review, and_(review.c.person == paid.c.person, review.c.ended >= paid.c.first_paid)))
        .where(counts)
        .group_by(paid.c.case_id)
        .cte("first_review")
    )
    alive = exists(
        select(placed.c.id).where(placed.c.case_id == paid.c.case_id, in_place(placed, paid.c.due, paid.c.due))
    )
    source = paid.outerjoin(who, who.c.person == paid.c.person).outerjoin(first, first.c.case_id == paid.c.case_id)
    values = {"numerator": when(func.coalesce(first.c.ended, FAR) <= paid.c.due), "denominator": ONE}
    return by_dimension(source, who, values, narrowed=narrowed, where=(within(paid.c.due), alive))


def _first_paid() -> CTE:
    """The first direct payment of each ongoing case, and the day three months later."""
    made, placed = direct_payments(), versions()
    ongoing = is_code(func.coalesce(placed.c.kind, "ongoing"), "ongoing")
    first = func.min(made.c.paid)
    months = bindparam("first_review_months", type_=Integer)
    return (
        select(
            placed.c.case_id,
            placed.c.person,
            day(first).label("first_paid"),
            months_after(first, months).label("due"),
        )
        .select_from(made.join(placed, placed.c.id == made.c.budget))
        .where(ongoing, placed.c.direct == ONE)
        .group_by(placed.c.case_id, placed.c.person)
        .cte("first_paid")
    )


def direct_payments() -> CTE:
    """Payments that moved and went directly to the person, by budget version and day.

    A line says so, or the budget line it pays; a payment without lines is one when it is an instalment.
    """
    p, line, paid_for = CLAIM.alias("p"), LINES.alias("pl"), LINES.alias("bl")
    answered = answers()
    option = func.coalesce(line.c.r_management_option, paid_for.c.r_management_option)
    direct = is_code(option, "direct-payment") | (line.c.id.is_(None) & is_code(p.c.r_payment_kind, "instalment"))
    of_line = and_(is_line_of(paid_for, p.c.r_pays_against_id), paid_for.c.r_line_no == line.c.r_budget_line)
    source = p.outerjoin(line, line.c.id == p.c.id).outerjoin(paid_for, of_line)
    on = func.coalesce(p.c.r_paid_on, answered.c.paid_on, p.c.r_due_on)
    query = select(p.c.r_pays_against_id.label("budget"), on.label("paid"))
    moved = and_(is_code(p.c.r_payment_status, "paid"), is_code(p.c.r_status, "active"))
    kinds = and_(is_code(p.c.kind, "payment"), one_of(p.c.r_payment_kind, OUT))
    return (
        query.select_from(source.outerjoin(answered, answered.c.claim == p.c.id))
        .where(kinds, moved, direct)
        .cte("direct_payments")
    )


def answers() -> CTE:
    """What the funders say that they paid of a Claim, and when."""
    columns = [
        ANSWER.c.r_claim_id.label("claim"),
        func.min(ANSWER.c.r_paid_on).label("paid_on"),
        func.sum(ANSWER.c.r_paid_pence).label("paid_pence"),
    ]
    said = and_(is_code(ANSWER.c.r_status, "active"), is_code(ANSWER.c.r_use, "claim"))
    return select(*columns).where(said).group_by(ANSWER.c.r_claim_id).cte("answers")


def on_time(*, narrowed: bool) -> Any:
    """K10: reviews due in the period on cases live that day."""
    who, placed = people(), versions()
    due = day(TASK.c.r_respond_by)
    ended = func.coalesce(day(TASK.c.r_ended_on), day(TASK.c.r_started_on))
    done = is_code(func.coalesce(TASK.c.r_review_status, TASK.c.r_status), "completed") & (ended <= due)
    alive = exists(select(placed.c.id).where(placed.c.person == TASK.c.person, in_place(placed, due, due)))
    source = TASK.outerjoin(who, who.c.person == TASK.c.person)
    values = {"numerator": when(done), "denominator": ONE}
    return by_dimension(source, who, values, narrowed=narrowed, where=(_review(TASK), within(due), alive))


def overdue(*, narrowed: bool) -> Any:
    """K11: live cases with a review that was due before the last day and had not been completed by then."""
    who = cases("last")
    ended = func.coalesce(day(TASK.c.r_ended_on), day(TASK.c.r_started_on), FAR)
    done = is_code(func.coalesce(TASK.c.r_review_status, TASK.c.r_status), "completed") & (ended <= asked("last"))
    late = (
        select(TASK.c.person)
        .where(_review(TASK), day(TASK.c.r_respond_by) < asked("last"), not_(done))
        .distinct()
        .cte("late")
    )
    source = who.outerjoin(late, late.c.person == who.c.person)
    values = {"numerator": when(late.c.person.is_not(None)), "denominator": ONE}
    return by_dimension(source, who, values, narrowed=narrowed)


def outcomes(*, narrowed: bool) -> Any:
    """K18: goals whose last target was due in the period."""
    who = people()
    due = select(TARGETS.c.id, func.max(day(TARGETS.c.r_due)).label("due")).group_by(TARGETS.c.id).cte("due")
    source = GOAL.join(due, due.c.id == GOAL.c.id).outerjoin(who, who.c.person == GOAL.c.person)
    values = {"numerator": when(one_of(GOAL.c.r_achievement, ACHIEVED)), "denominator": ONE}
    counts = not_(one_of(GOAL.c.r_lifecycle, ("proposed", "cancelled", "entered-in-error", "rejected")))
    return by_dimension(source, who, values, narrowed=narrowed, where=(within(due.c.due), counts))
