"""What follows when plan and budget are put to the funders: each is asked, and once all agree the case goes on.

What a funder decided is never refused for what is still missing elsewhere: plan and budget are agreed as soon as
nothing is, be it by the last decision, or by the last signature under the plan.

Source: domain.md 5.2 (T7 to T10), 5.3; rules R59, R88, R119, R141 to R147, R168.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from fhir_gateway.phb.agreement import Agreement, agreement
from fhir_gateway.phb.case import budgets, plans
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.bodies import open_cases
from fhir_gateway.phb.case.history import moved
from fhir_gateway.phb.case.selections import refusals, submitted_budget, submitted_plan
from fhir_gateway.phb.case.states import AWAITING, NOT_PROCEEDING, ORGANISING, PLANNING
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from fhir_gateway.phb.effects.reviews import first_review_to_plan
from fhir_gateway.phb.effects.trial import would_stand
from fhir_gateway.phb.funder_answers import settled
from fhir_gateway.phb.requests import is_approval
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.claim_parts import ClaimCoverage
from mappings.claim_response import FunderAnswer
from mappings.coverage import FunderContribution
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase

SUBMITTED: Final = "submitted"
AGREED: Final = "agreed"
DECLINED: Final = "declined"
# Of a budget version that is refused, or granted in part, nothing is agreed: another version follows.
SETTLED_OTHERWISE: Final = frozenset({DECLINED, "approved-in-part"})
BEFORE_ACTIVE: Final = frozenset({SUBMITTED, AGREED})


# --- T7, T8, T10: asked and refused -----------------------------------------------------------------


@effect(on=PhbCase)
def funders_are_asked(new: Written[PhbCase], case: CaseFile) -> Iterator[Consequence]:
    """When the case waits for the decision, each funder that has not been asked is asked for its own."""
    if new.record.state != AWAITING or not new.changed("state"):
        return
    for budget in submitted_budget(new, case):
        for one in agreement(budget, case).requests:
            why = f"plan and budget were submitted; this funder's decision is due by {one.respond_by}"
            yield Consequence(record=one, why=why, rule="T7")


@effect(on=PhbCase)
def a_returned_plan_is_a_draft_again(new: Written[PhbCase], case: CaseFile) -> Iterator[Consequence]:
    """When the case goes back to planning, the plan that was submitted may be edited again."""
    if _leaves_the_decision(new) and new.record.state == PLANNING:
        for one in submitted_plan(new, case):
            record = replace(one.record, status="draft", plan_status=plans.DRAFT)
            yield Consequence(record=record, why="the plan was returned for change", rule="T8", id=one.id)


@effect(on=PhbCase)
def a_refused_budget_is_declined(new: Written[PhbCase], case: CaseFile) -> Iterator[Consequence]:
    """When the case goes back, or does not go on, a budget that was not granted whole is declined."""
    if not _leaves_the_decision(new) or new.record.state not in {PLANNING, NOT_PROCEEDING}:
        return
    if any(one.record.outcome in SETTLED_OTHERWISE for one in refusals(new, case)):
        for one in submitted_budget(new, case):
            record = replace(one.record, budget_status=DECLINED)
            rule = "T8" if new.record.state == PLANNING else "T10"
            yield Consequence(record=record, why="a funder did not grant all of it", rule=rule, id=one.id)


def _leaves_the_decision(new: Written[PhbCase]) -> bool:
    return new.previous is not None and new.previous.state == AWAITING and new.changed("state")


# --- T9: agreed -------------------------------------------------------------------------------------


@effect(on=(Decision, SupportPlan, AgreedBudget, PhbCase))
def everybody_has_approved(new: Written[Any], case: CaseFile) -> Iterator[Consequence]:
    """When the last thing that was missing is there, plan and budget are agreed and each funder's answer says so."""
    if _may_be_the_last(new.record, new) and _first_of_all("agreed by", new, case):
        for budget in case.all(AgreedBudget):
            found = tuple(_agreed(budget, case))
            if found and would_stand(found, case):
                yield from found


def _may_be_the_last(record: Any, new: Written[Any]) -> bool:
    if isinstance(record, Decision):
        return is_approval(record)
    if isinstance(record, SupportPlan):
        return plans.state_of(record) in BEFORE_ACTIVE
    if isinstance(record, AgreedBudget):
        return budgets.state_of(record) in BEFORE_ACTIVE and new.changed("budget_status")
    return bool(record.state == AWAITING and new.changed("state"))


def _first_of_all(what: str, new: Written[Any], case: CaseFile) -> bool:
    """Whether it is this record that the effect follows, of all that were written together."""
    return case.once(what, lambda: new.reference) == new.reference


def _agreed(budget: Filed[AgreedBudget], case: CaseFile) -> Iterator[Consequence]:
    """What becomes of a budget and its plan; nothing while a funder has not approved, or where all is done."""
    plan = plans.plan_of(case, budget.record)
    open_budget = budgets.state_of(budget.record) == SUBMITTED
    open_plan = plan is not None and plans.state_of(plan.record) == SUBMITTED
    if plan is None or not _may_be_agreed(budget, plan) or not (open_budget or open_plan):
        return
    found = agreement(budget, case)
    if not found.complete:
        return
    if open_budget:
        yield from _answered(budget, found, case)
        yield _consequence(replace(budget.record, budget_status=AGREED, insurance=_quoted(budget, found, case)), budget)
    if open_plan:
        yield _consequence(replace(plan.record, plan_status=AGREED), plan)


def _may_be_agreed(budget: Filed[AgreedBudget], plan: Filed[SupportPlan]) -> bool:
    going = plans.state_of(plan.record) in {*BEFORE_ACTIVE, plans.ACTIVE}
    return going and budgets.state_of(budget.record) in BEFORE_ACTIVE


def _consequence(record: Any, standing: Filed[Any] | None) -> Consequence:
    why = "every funder has approved the budget"
    return Consequence(record=record, why=why, rule="T9", id=standing.id if standing is not None else "")


def _answered(budget: Filed[AgreedBudget], found: Agreement, case: CaseFile) -> Iterator[Consequence]:
    """What each funder answers, in place of what it answered before."""
    for fresh in found.answers:
        standing = _standing(budget, fresh, case)
        record = fresh if standing is None else settled(fresh, standing.record)
        if standing is None or record != standing.record:
            yield _consequence(record, standing)


def _standing(budget: Filed[AgreedBudget], fresh: FunderAnswer, case: CaseFile) -> Filed[FunderAnswer] | None:
    return next((one for one in answers(case, budget.id) if one.record.funder_id == fresh.funder_id), None)


def _quoted(budget: Filed[AgreedBudget], found: Agreement, case: CaseFile) -> tuple[ClaimCoverage, ...]:
    """The insurance with each funder's answer, where it has one already, and what its approval is quoted as."""
    given = {f"Organization/{one.funder_id}": one for one in found.answers}
    return tuple(_row(row, given, budget, case) for row in budget.record.insurance)


def _row(
    row: ClaimCoverage, given: dict[str, FunderAnswer], budget: Filed[AgreedBudget], case: CaseFile
) -> ClaimCoverage:
    share = case.get(FunderContribution, f"Coverage/{row.coverage_id}")
    fresh = given.get((share.funder if share is not None else None) or "")
    if fresh is None:
        return row
    standing = _standing(budget, fresh, case)
    refs = (fresh.preauth_ref,) if fresh.preauth_ref else row.preauth_refs
    return replace(row, answer_id=standing.id if standing is not None else row.answer_id, preauth_refs=refs)


# --- T9: the case goes on ---------------------------------------------------------------------------


@effect(on=(SupportPlan, AgreedBudget))
def the_case_is_organised(new: Written[SupportPlan | AgreedBudget], case: CaseFile) -> Iterator[Consequence]:
    """With plan and budget agreed the case goes on to be organised, and the first review stands in the diary."""
    if not _becomes_agreed(new) or not _first_of_all("organised by", new, case):
        return
    for one in open_cases(case):
        if one.record.state == AWAITING:
            found = tuple(_organised(one, case))
            if would_stand(found, case):
                yield from found


def _becomes_agreed(new: Written[Any]) -> bool:
    field = "plan_status" if isinstance(new.record, SupportPlan) else "budget_status"
    return getattr(new.record, field) == AGREED and new.changed(field)


def _organised(one: Filed[PhbCase], case: CaseFile) -> Iterator[Consequence]:
    yield Consequence(
        record=moved(one.record, ORGANISING, case.today), why="plan and budget are agreed", rule="T9", id=one.id
    )
    review = first_review_to_plan(case)
    if review is not None:
        yield Consequence(record=review, why=f"the first review is due by {review.respond_by}", rule="R119")
