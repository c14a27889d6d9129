"""What follows for reviews: the first after the first payment, the next after the last, and what one changes.

Source: domain.md 5.2 (T11, T13), 2.4 (achievement), 2.6; rules R116 to R121, R128, R129.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from fhir_gateway.phb.case.bodies import open_cases
from fhir_gateway.phb.case.people import themselves
from fhir_gateway.phb.case.purses import (
    duties_of,
    first_direct_payment,
    has_direct_payment,
    next_dues,
    ongoing_budgets,
    planned_purses,
)
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.reviews import (
    ASKED_FOR,
    DUTY_OF,
    FULL,
    SCHEDULED,
    asked_about,
    completed_on,
    duties,
    is_completed,
    is_open,
    is_regular,
    live_case,
    open_regular,
    sets,
    state,
)
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from fhir_gateway.phb.records import made
from fhir_gateway.phb.review_dates import COUNCIL, EDUCATION, NHS, Due, dues
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.review_schedule import INTERVALS
from mappings.care_plan import SupportPlan
from mappings.claim_response import FunderAnswer
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase
from mappings.goal import Outcome
from mappings.payment import Payment
from mappings.review import Review, ReviewInput

GOOD_PRACTICE: Final = "R118"
FIRST: Final = "initial-three-month"
# Where several funders must review, the NHS's review is the one that does the others' duties too.
LEADING: Final = (NHS, COUNCIL, EDUCATION)
PAID: Final = ("status", "payment_status", "paid_on")


# --- the first review -------------------------------------------------------------------------------


@effect(on=Payment)
def first_payment(new: Written[Payment], case: CaseFile) -> Iterator[Consequence]:
    """The first direct payment of an ongoing budget starts the clock of the first review."""
    if any(map(new.changed, PAID)):
        yield from _first_review(new.id, new.reference, case)


@effect(on=FunderAnswer)
def first_payment_answered(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Consequence]:
    """The same where a funder's answer says that the payment was made."""
    if new.record.paid_on is not None and new.record.claim_id is not None and new.changed("paid_on"):
        yield from _first_review(new.record.claim_id, new.reference, case)


def _first_review(payment: str, by: str, case: CaseFile) -> Iterator[Consequence]:
    """The review that becomes due. by: what was written; payment and answer are often written together."""
    if not has_direct_payment(case) or _is_over(case) or _is_set(case):
        return
    first, due = first_direct_payment(case), _binding(case)
    if first is None or due is None or first[1].id != payment or _was_reviewed(case, first[0]):
        return
    if case.once("first review set by", lambda: by) == by:
        yield _scheduled_first(case, due, first[0])


def _is_over(case: CaseFile) -> bool:
    """Whether the person had a case, and none is open."""
    return bool(case.all(PhbCase)) and not open_cases(case)


def _is_set(case: CaseFile) -> bool:
    """Whether the first review stands in the diary."""
    return any(one.record.review_kind == FIRST for one in open_regular(case))


def _was_reviewed(case: CaseFile, since: date) -> bool:
    done = (completed_on(one.record) for one in case.all(Review) if is_regular(one.record))
    return any(day is not None and day >= since for day in done)


def _binding(case: CaseFile) -> Due | None:
    """The earliest day that more than good practice sets."""
    return next((one for one in next_dues(case, INTERVALS) if one.purse.rule != GOOD_PRACTICE), None)


def first_review_to_plan(case: CaseFile) -> Review | None:
    """The first review of a budget that was agreed, counted from its start; None where one stands in the diary.

    The plan may set an earlier day. Once money flows, the first payment sets the day (R116).
    """
    agreed, today = ongoing_budgets(case), case.today
    if not agreed or open_regular(case):
        return None
    budget = agreed[-1].record
    start = max(budget.start or today, today)
    paid = (replace(one, first_paid=one.first_paid or start) for _, one in planned_purses(case))
    found = dues(paid, INTERVALS)
    if not found:
        return None
    due = min(found[0].on, _agreed(case, budget.plan_id, today) or found[0].on)
    return review_to_hold(case, kind=_kind_of_first(case), due=due, about=literal("CarePlan", budget.plan_id))


def _kind_of_first(case: CaseFile) -> str:
    return FIRST if NHS in duties_of(case) else leading(case)


def _scheduled_first(case: CaseFile, due: Due, paid: date) -> Consequence:
    budget = ongoing_budgets(case)[0].record
    on = min(due.on, _agreed(case, budget.plan_id, paid) or due.on)
    review = review_to_hold(
        case,
        kind=_kind_of_first(case),
        due=on,
        about=literal("CarePlan", budget.plan_id) or literal("Claim", ongoing_budgets(case)[0].id),
    )
    return Consequence(
        record=review,
        why=f"the first payment was made on {paid}, so the first review is due by {on}",
        rule=due.purse.rule,
    )


def _agreed(case: CaseFile, plan_id: str | None, paid: date) -> date | None:
    """The day the plan itself sets for the first review, where that lies ahead of the first payment."""
    plan = case.get(SupportPlan, literal("CarePlan", plan_id))
    agreed = plan.dp_first_review_due if plan is not None else None
    return agreed if agreed is not None and agreed > paid else None


# --- the next review --------------------------------------------------------------------------------


@effect(on=Review)
def next_review(new: Written[Review], case: CaseFile) -> Iterator[Consequence]:
    """Completing a review of a live case puts the next one in the diary, unless one stands there."""
    review, due = new.record, new.record.next_due_on
    if due is None or not _is_newly_completed(new) or live_case(case) is None:
        return
    if _is_latest(new, case) and not any(_is_next(one.record, due) for one in case.all(Review)):
        yield Consequence(
            record=review_to_hold(case, kind=leading(case), due=due, about=review.about, before=review),
            why=f"a review was completed and the next one is due by {due}",
            rule="R129",
        )


def _is_next(review: Review, due: date) -> bool:
    """Whether it stands in the diary: one that comes round, or an extra one of the plan that is not later."""
    if not is_open(review):
        return False
    extra = bool(duties(review)) and review.review_kind not in ASKED_FOR
    return is_regular(review) or (extra and review.respond_by is not None and review.respond_by <= due)


def _is_newly_completed(new: Written[Review]) -> bool:
    return is_completed(new.record) and (new.previous is None or not is_completed(new.previous))


def _is_latest(new: Written[Review], case: CaseFile) -> bool:
    """Whether no other review was completed after it; of those completed on one day, the last by id."""
    own = (completed_on(new.record) or date.min, new.id)
    return all((completed_on(one.record) or date.min, one.id) <= own for one in case.all(Review))


def leading(case: CaseFile) -> str:
    """The kind of review that comes round: of the funder that leads."""
    duties = duties_of(case)
    return next((one for one in LEADING if one in duties), NHS)


def review_to_hold(case: CaseFile, *, kind: str, due: date, about: str | None, before: Review | None = None) -> Review:
    """A review to be held by a day, with the person and the coordinator, for every funder that must review."""
    coordinator = next((one.record.care_coordinator for one in open_cases(case)), None)
    people = before.participants if before is not None else (themselves(case), coordinator)
    return made(
        Review,
        person_id=case.person,
        status="requested",
        intent="plan",
        review_kind=kind,
        review_status=SCHEDULED,
        about=about,
        owner=coordinator or (before.owner if before is not None else None),
        requested_on=case.today,
        respond_by=due,
        participants=tuple(one for one in people if one is not None),
        inputs=(*_components(case), *_discharged(case, DUTY_OF.get(kind, NHS))),
    )


def _components(case: CaseFile) -> tuple[ReviewInput, ...]:
    lines = [line for one in ongoing_budgets(case) for line in one.record.lines]
    also = {
        "contingency-check": any(one.contingency for one in lines),
        "third-party-audit": any(one.management_option == "third-party" for one in lines),
    }
    parts = (*FULL, *(name for name, needed in also.items() if needed))
    return tuple(made(ReviewInput, component=one, asked_for=True) for one in parts)


def _discharged(case: CaseFile, own: str) -> tuple[ReviewInput, ...]:
    """The reviews by law of the other funders, each with its body."""
    found = dict.fromkeys((one.by_law, one.funder) for _, one in planned_purses(case) if one.by_law != own)
    return tuple(made(ReviewInput, discharges=duty, for_body=body) for duty, body in found)


# --- what a review changes --------------------------------------------------------------------------


@effect(on=Review)
def outcomes_reached(new: Written[Review], case: CaseFile) -> Iterator[Consequence]:
    """A completed review says how far the outcomes have been reached; the Goals say so from then on."""
    day = completed_on(new.record)
    if day is None or not sets(new, "goal_updates"):
        return
    said = {one.outcome: one.achievement for one in new.record.goal_updates if one.outcome and one.achievement}
    for id_, achievement in said.items():
        goal = case.filed(literal("Goal", id_))
        if goal is not None and _may_change(goal, case, new) and goal.record.achievement != achievement:
            yield Consequence(
                record=replace(goal.record, achievement=achievement, achievement_on=day),
                why=f"the review completed on {day} found the outcome {achievement}",
                rule="R126",
                id=goal.id,
            )


def _may_change(goal: Filed[Any], case: CaseFile, new: Written[Review]) -> bool:
    """Whether it is an outcome of this person of which no later review has spoken."""
    outcome, day = goal.record, completed_on(new.record) or date.min
    if not isinstance(outcome, Outcome) or outcome.person_id != case.person:
        return False
    others = (one for one in case.all(Review) if goal.id in {update.outcome for update in one.record.goal_updates})
    last = max(others, key=lambda one: (completed_on(one.record) or date.min, one.id))
    return last.id == new.id and (outcome.achievement_on is None or outcome.achievement_on <= day)


@effect(on=Review)
def request_is_decided(new: Written[Review], case: CaseFile) -> Iterator[Consequence]:
    """A review that is asked for gets a request for a decision, once."""
    review = new.record
    number = ASKED_FOR.get(review.review_kind)
    if number is None or state(review) != SCHEDULED or not sets(new, "review_kind") or asked_about(case, new):
        return
    asked = review.requested_on or case.today
    answer_by = asked + timedelta(days=setting("R121", "respond_days"))
    decision = made(
        Decision,
        person_id=case.person,
        status="requested",
        intent="order",
        decision_subject="review-request",
        decision_status="requested",
        about=new.reference,
        requester=review.requester or themselves(case),
        owner=review.owner or next((one.record.care_coordinator for one in open_cases(case)), None),
        requested_on=asked,
        respond_by=answer_by,
    )
    yield Consequence(
        record=decision,
        why=f"a review was asked for on {asked}; the decision whether to hold it is due by {answer_by}",
        rule=number,
    )
