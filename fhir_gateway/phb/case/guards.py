"""What a transition of a case asks for beside the rules: each check yields what is missing, in words that mend it.

Source: domain.md 5.2 (guards).
"""

from collections.abc import Callable, Iterator
from typing import Final

from fhir_gateway.phb.case import budgets, plans
from fhir_gateway.phb.case.consents import unsupported
from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case.direct_payments import direct_lines, runs_from
from fhir_gateway.phb.case.indicative import estimates, is_approved
from fhir_gateway.phb.case.selections import (
    accepted_transfers,
    agreed_budget,
    agreed_plan,
    budgets_in,
    done_transfers,
    first_payments,
    last_review,
    open_concerns,
    plans_in,
    refusals,
    running_pauses,
    running_reviews,
    stops,
    submitted_budget,
    submitted_plan,
)
from fhir_gateway.phb.case_file import CaseFile, Written
from mappings.account import PaymentArrangement
from mappings.assessment import NeedsAssessment
from mappings.change import Concern, Transfer
from mappings.communication import Discussion
from mappings.decision import Appeal, Decision
from mappings.encounter import HospitalStay
from mappings.episode_of_care import PhbCase
from mappings.goal import Outcome

Check = Callable[[Written[PhbCase], CaseFile], Iterator[str]]
REPLAN: Final = frozenset(
    {
        *("plan-updated", "budget-increased", "budget-decreased"),
        *("plan-and-budget-updated", "management-option-changed"),
    }
)
REASSESS: Final = "reassessment-required"
# Closing for one of these leaves no need that the budget would have to go on meeting.
NEEDS_END: Final = frozenset({"died", "goal-met", "transferred-out"})
DISCHARGED: Final = frozenset({"finished", "cancelled"})


# --- checks on the way to a plan --------------------------------------------------------------------


def eligibility_is_recorded(new: Written[PhbCase], _case: CaseFile) -> Iterator[str]:
    """The eligibility group is known."""
    if new.record.group is None:
        yield "the eligibility group is missing: add it as a type of the case"


def assessment_is_approved(_new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """An assessment of the person's needs is approved."""
    if not any(is_approved(one.record) for one in case.all(NeedsAssessment)):
        yield "no needs assessment is approved: record the day and who approved it"


def it_is_a_one_off(new: Written[PhbCase], _case: CaseFile) -> Iterator[str]:
    """The short path is for one-off budgets only."""
    if new.record.budget_kind != "one-off":
        yield "only a one-off budget goes straight to planning: assess the needs first"


def outcome_is_named(_new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """What the one-off is for is known."""
    named = any(goal.goal_id for one in estimates(case) for goal in one.goals)
    if not named and not case.all(Outcome):
        yield "the outcome of the one-off budget is not named: record the Goal"


def challenge_has_a_reason(_new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """Somebody said why the indicative budget is too low or the needs wrong."""
    talks = any(one.record.topic == "indicative-budget" and one.record.message for one in case.all(Discussion))
    asked = (one.record for one in case.all(Decision) if one.record.decision_subject == "indicative-budget")
    if not talks and not any(one.description or one.rationale for one in asked):
        yield "the reason is missing: record the talk, or the decision asked for, on the indicative budget"


def plan_and_budget_are_submitted(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """A plan of the case is submitted, and its budget with it."""
    if not submitted_plan(new, case):
        yield "no plan of the case is submitted: submit it in the same transaction, or before"
    elif not submitted_budget(new, case):
        yield "the budget of the plan is not submitted: submit it in the same transaction, or before"


def direct_payment_is_consented(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """Where money is to be a direct payment, consent and arrangement are there."""
    for budget in submitted_budget(new, case):
        if any(direct_lines(budget.record)):
            number = unsupported(case, budget.record.start or case.today)
            if number:
                yield f"{number}: the consent that a direct payment rests on is missing"
            if not any(one.record.management_option == budgets.DIRECT for one in case.all(PaymentArrangement)):
                yield "R16: no payment arrangement says that a direct payment is suitable"


# --- checks on the decision -------------------------------------------------------------------------


def something_is_returned(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """A decision on plan or budget asks for change."""
    if not refusals(new, case):
        yield "no decision on plan or budget declines, defers or approves in part: record it with its reasons"


def plan_and_budget_are_agreed(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """Plan and budget are agreed."""
    if not agreed_plan(new, case):
        yield "no plan of the case is agreed: agree it in the same transaction, or before"
    elif not agreed_budget(new, case):
        yield "the budget of the plan is not agreed: agree it in the same transaction, or before"


def it_is_declined(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """A decision says no, and the case says so."""
    if not any(one.record.outcome == "declined" for one in refusals(new, case)):
        yield "no decision on plan or budget declines it: record it with its reasons"


def it_is_not_wanted(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """It is the person's wish, and nothing is in force yet."""
    if new.record.close_reason == "declined":
        yield "a case that is declined needs the decision: it is so only while the decision is awaited (T10)"
    if any(plans.is_in_force(one.record) for one in plans.plans_of(case, new.record)):
        yield "a plan of the case is in force: end the case instead"


def plan_and_budget_are_in_force(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """Plan and budget are agreed or active; those agreed become active with the case (T11)."""
    found = plans_in(new, case, plans.IN_FORCE)
    if not found:
        yield "no plan of the case is agreed or active: agree it in the same transaction, or before"
    elif not budgets_in(case, found, budgets.IN_FORCE):
        yield "the budget of the plan is not agreed: agree it in the same transaction, or before"


def care_has_started(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """A payment was made, or the plan has begun."""
    found = plans_in(new, case, plans.IN_FORCE)
    begun = any(runs_on(one.record.start, None, case.today) for one in found)
    if not begun and not first_payments(new, case):
        yield "neither has the plan begun nor is a payment authorised"


# --- checks on reviews, pauses and transfers --------------------------------------------------------


def review_or_concern_is_open(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """Something is being looked at."""
    if not running_reviews(new, case) and not open_concerns(new, case):
        yield "no review is in progress, and no concern that the person knows of is open"


def review_is_completed(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """Nothing is being looked at any longer, and something was."""
    if running_reviews(new, case):
        yield "a review is still in progress: complete it"
    elif not last_review(new, case) and not any(one.record.concern_status == "closed" for one in case.all(Concern)):
        yield "no review is completed, and no concern closed"


def outcome_asks_for_a_plan(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """The review that is held, or was held last, found that plan or budget must change."""
    if _outcomes(new, case).isdisjoint(REPLAN):
        yield "the review does not have an outcome that asks for a new plan or budget"


def outcome_asks_for_assessment(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """The review that is held, or was held last, found that needs must be assessed again."""
    if REASSESS not in _outcomes(new, case):
        yield f"the review does not have the outcome `{REASSESS}`"


def _outcomes(new: Written[PhbCase], case: CaseFile) -> frozenset[str | None]:
    return frozenset(one.record.outcome for one in (*running_reviews(new, case), *last_review(new, case)))


def pause_is_recorded(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """A pause of payments is in force."""
    if not running_pauses(new, case):
        yield "no pause of payments is in force: record the suspension with its decision and both talks"


def pause_is_over(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """No pause of payments is in force any longer."""
    if running_pauses(new, case):
        yield "the reason for the pause still stands: end the suspension first"


def transfer_is_accepted(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """The receiving ICB has accepted the person."""
    if not accepted_transfers(new, case):
        yield "no transfer is accepted by the receiving ICB"


def transfer_is_done(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """The transfer has taken effect."""
    if accepted_transfers(new, case) or not done_transfers(new, case):
        yield "the transfer has not taken effect"


def transfer_is_off(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """The transfer was refused or cancelled, for a reason."""
    off = [one.record for one in case.all(Transfer) if one.record.transfer_status in {"refused", "cancelled"}]
    if accepted_transfers(new, case) or not off:
        yield "the transfer was neither refused nor cancelled"
    elif not any(one.description or one.notes for one in off):
        yield "the transfer that was refused or cancelled does not say why"


# --- checks on closing ------------------------------------------------------------------------------


def closing_has_a_reason(new: Written[PhbCase], _case: CaseFile) -> Iterator[str]:
    """Why the case is closed."""
    if new.record.close_reason is None:
        yield "the reason for closing is missing"


def stay_in_hospital_closes_nothing(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """While the person is in hospital, a case ends for a reason of its own only."""
    in_hospital = any(_lasts(one.record, case) for one in case.all(HospitalStay))
    if in_hospital and new.record.close_reason in {None, "other"}:
        yield "a stay in hospital ends no case: give the reason there is beside it, or leave the case open"


def _lasts(stay: HospitalStay, case: CaseFile) -> bool:
    return stay.status not in DISCHARGED and runs_on(stay.admitted_on, stay.discharged_on, case.today)


def stop_is_decided(new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """Where needs go on, a stop is decided before a paused or direct payment ends with its case."""
    if new.record.close_reason in NEEDS_END or stops(new, case):
        return
    paused = new.previous is not None and new.previous.state == "suspended"
    if paused or runs_from(case, case.today):
        yield "R113: needs go on, and no stop is decided: record it with its notice and what takes its place"


def decision_is_changed(_new: Written[PhbCase], case: CaseFile) -> Iterator[str]:
    """A second look overturned the decision that ended the case."""
    if not any(one.record.outcome == "changed" for one in case.all(Appeal)):
        yield "no reconsideration has the outcome `changed`"
