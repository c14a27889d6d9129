"""What a review leads to: new versions, reasons for what was left or overspent, no cut for a missed outcome alone.

Source: domain.md section 4 I, 6.7; DPR13 regs 13, 14.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from fhir_gateway.phb.case.conversations import was_with_person
from fhir_gateway.phb.case.decisions import approves
from fhir_gateway.phb.case.payments import RECOVERY, counts
from fhir_gateway.phb.case.plans import notice_days
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.reviews import completed_on, is_completed, sets
from fhir_gateway.phb.case.variance import Variance, variances
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.communication import Discussion, Notice
from mappings.decision import Decision
from mappings.goal import Outcome
from mappings.payment import Payment
from mappings.review import Review

OUTPUT: Final = "output"
LOWER: Final = "budget-decreased"
NEW_PLAN: Final = frozenset({"plan-updated", "plan-and-budget-updated"})
NEW_BUDGET: Final = frozenset(
    {"budget-increased", LOWER, "plan-and-budget-updated", "management-option-changed"},
)
# Money left for a purpose, or because the person was away: no reason to ask for it back (S004).
KEPT_FOR: Final = frozenset({"hospital-admission", "saving-for-equipment", "building-contingency"})
CUTS: Final = frozenset({"reduction", "suspension", "stop"})
# The one reason to stop that may mean no more than that an outcome was not reached.
UNMET: Final = "needs-not-met"
GROUNDS: Final = ("status", "decision_status", "outcome", "stop_reason", "considered")


# --- new versions -----------------------------------------------------------------------------------


@rule("R127", on=Review)
def a_change_is_a_new_version(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """A review that changes plan or money names the new version, which names the one it replaces."""
    review = new.record
    if not is_completed(review) or not sets(new, "outcome", "new_plan_id", "new_budget_id"):
        return
    if review.outcome in NEW_PLAN and not _new_plan(review, case):
        yield Finding("the plan changes: name the new version of the plan, which names the one it replaces", OUTPUT)
    if review.outcome in NEW_BUDGET and not _new_budget(review, case):
        yield Finding("the money changes: name the new version of the budget, which names the one it replaces", OUTPUT)


def _new_plan(review: Review, case: CaseFile) -> bool:
    """Whether it names a version that replaces another; one that is not known here is believed."""
    found = case.filed(literal("CarePlan", review.new_plan_id))
    if found is None:
        return review.new_plan_id is not None
    return isinstance(found.record, SupportPlan) and bool(found.record.replaces)


def _new_budget(review: Review, case: CaseFile) -> bool:
    found = case.filed(literal("Claim", review.new_budget_id))
    if found is None:
        return review.new_budget_id is not None
    return isinstance(found.record, AgreedBudget) and found.record.supersedes_id is not None


@rule("R127", on=Review)
def a_cut_is_told_and_talked_over(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """A review that lowers the budget comes with a written notice in good time and a discussion with the person."""
    review = new.record
    if review.outcome != LOWER or not is_completed(review) or not sets(new, "outcome"):
        return
    since = min((day for day in (review.person_told_on, review.started_on, review.ended_on) if day), default=None)
    if not any(_in_good_time(one.record, since, case) for one in case.all(Notice)):
        yield Finding("a lower budget needs a written notice with reasons, sent as early as the plan promises", OUTPUT)
    if not any(_about_cut(one.record, since, case) for one in case.all(Discussion)):
        yield Finding("a lower budget needs a discussion with the person or their representative", OUTPUT)


def _in_good_time(notice: Notice, since: date | None, case: CaseFile) -> bool:
    if notice.notice_kind != "reduction" or notice.sent_on is None or notice.effective_on is None:
        return False
    told = bool((notice.reasons or "").strip()) and (since is None or since <= notice.sent_on)
    return told and notice.effective_on - notice.sent_on >= timedelta(days=notice_days(case, notice.sent_on))


def _about_cut(talk: Discussion, since: date | None, case: CaseFile) -> bool:
    if talk.topic != "reduction" or talk.sent_on is None or (since is not None and talk.sent_on < since):
        return False
    return was_with_person(case, talk)


# --- variance ---------------------------------------------------------------------------------------


@rule("R130", on=Review)
def an_underspend_has_a_reason(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """An underspend beyond tolerance has a reason."""
    if is_completed(new.record) and new.record.underspend_reason is None:
        for one in _beyond_tolerance(new.record, case):
            if one.underspend > 0:
                says = f"{pounds(one.underspend)} less was spent than planned to date; give the reason"
                yield Finding(says, OUTPUT)


@rule("R131", on=Review)
def an_overspend_is_flagged(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """An overspend beyond the same tolerance is flagged."""
    if is_completed(new.record):
        for one in _beyond_tolerance(new.record, case):
            if one.underspend < 0:
                says = f"{pounds(-one.underspend)} more was spent than planned to date; look at plan and money"
                yield Finding(says, OUTPUT)


def _beyond_tolerance(review: Review, case: CaseFile) -> tuple[Variance, ...]:
    """The variance, on the day the review was held, of each budget where it is beyond tolerance."""
    day = review.started_on or completed_on(review)
    if day is None:
        return ()
    percent, pence = setting("R130", "percent"), setting("R130", "pence")
    return tuple(one for one in variances(case, day) if one.beyond(percent, pence))


@rule("R130", on=Review)
def kept_money_is_not_asked_back(new: Written[Review], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """A review that proposes to take back money which was kept for a purpose is flagged."""
    if new.record.outcome == "recovery-proposed" and new.record.underspend_reason in KEPT_FOR:
        yield Finding(_kept(new.record.underspend_reason), OUTPUT)


@rule("R130", on=Payment)
def kept_money_is_not_taken_back(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """A recovery that rests on a review which found the money kept for a purpose is flagged."""
    if new.record.payment_kind == RECOVERY and counts(new.record):
        review = case.get(Review, literal("Task", new.record.review_id))
        if review is not None and review.underspend_reason in KEPT_FOR:
            yield Finding(_kept(review.underspend_reason), "supportingInfo")


def _kept(reason: str | None) -> str:
    return f"the money was left over for {reason}, which is no reason to take it back; leave it, or talk it over"


# --- outcomes ---------------------------------------------------------------------------------------


@rule("R132", on=Decision)
def a_missed_outcome_is_no_reason(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """To end, pause or cut a budget takes more than an outcome that was not achieved."""
    decision = new.record
    if decision.decision_subject not in CUTS or not approves(decision) or not decision.considered:
        return
    if decision.stop_reason not in {None, UNMET} or not any(map(new.changed, GROUNDS)):
        return
    if all(_is_missed(one.about, case) and not (one.text or "").strip() for one in decision.considered):
        yield Finding("an outcome that was not achieved is no reason by itself; say what else was considered", "input")


def _is_missed(about: str | None, case: CaseFile) -> bool:
    """Whether it names an outcome that was not achieved."""
    goal = case.get(Outcome, about)
    return goal is not None and goal.achievement == "not-achieved"
