"""The records of a case that the rules of a transition are held against.

Source: domain.md 5.2 (guards).
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from fhir_gateway.phb.case import budgets, decisions, plans, reviews, transfers
from fhir_gateway.phb.case.conversations import death_of
from fhir_gateway.phb.case.financial_detail import is_being_looked_into
from fhir_gateway.phb.case.indicative import estimates
from fhir_gateway.phb.case.payments import RELEASED, counts
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget, IndicativeBudget
from mappings.care_plan import SupportPlan
from mappings.change import Concern, FundingChange, Suspension, Transfer
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase
from mappings.payment import Payment
from mappings.review import Review

Select = Callable[[Written[PhbCase], CaseFile], Iterable[Filed[Any]]]
RETURNED: Final = frozenset({"declined", "approved-in-part", "deferred"})
PAUSING: Final = frozenset({"accepted", "ready", "in-progress", "on-hold", "completed"})


def the_case(new: Written[PhbCase], _case: CaseFile) -> tuple[Filed[Any], ...]:
    """The case itself, as it is written."""
    return (new,)


def the_estimates(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Any], ...]:
    """The indicative budgets in use."""
    return tuple(one for one in case.all(IndicativeBudget) if one.record in estimates(case))


def the_arrangements(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Any], ...]:
    """How the money is, or will be, held."""
    return case.all(PaymentArrangement)


def submitted_plan(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[SupportPlan], ...]:
    """The plan version that waits for the decision."""
    return plans_in(new, case, frozenset({plans.SUBMITTED}))


def agreed_plan(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[SupportPlan], ...]:
    """The plan version that is agreed."""
    return plans_in(new, case, frozenset({plans.AGREED}))


def plans_in(new: Written[PhbCase], case: CaseFile, states: frozenset[str]) -> tuple[Filed[SupportPlan], ...]:
    """The plan versions of the case that have come so far."""
    return tuple(one for one in plans.plans_of(case, new.record) if plans.state_of(one.record) in states)


def submitted_budget(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[AgreedBudget], ...]:
    """The budget of the plan that waits for the decision, if it does so too."""
    return budgets_in(case, submitted_plan(new, case), frozenset({"submitted"}))


def agreed_budget(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[AgreedBudget], ...]:
    """The agreed budget of the agreed plan."""
    return budgets_in(case, agreed_plan(new, case), frozenset({"agreed"}))


def budgets_in(
    case: CaseFile, of_plans: Iterable[Filed[SupportPlan]], states: frozenset[str]
) -> tuple[Filed[AgreedBudget], ...]:
    """The budgets of some plans that have come so far."""
    found = (budget for plan in of_plans for budget in plans.budgets_of(case, plan))
    return tuple(one for one in found if budgets.state_of(one.record) in states)


def refusals(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Decision], ...]:
    """The decisions on plan or budget that say no, not yet, or to a part only."""
    return tuple(one for one in _decisions(new, case) if one.record.outcome in RETURNED)


def approvals(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Decision], ...]:
    """The decisions on plan or budget that say yes."""
    return tuple(one for one in _decisions(new, case) if decisions.approves(one.record))


def _decisions(new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Decision], ...]:
    """Those about the case, or about a plan or budget of it; of one that is superseded no more."""
    mine = [one for one in plans.plans_of(case, new.record) if plans.state_of(one.record) in plans.OPEN]
    theirs = (budget.reference for plan in mine for budget in plans.budgets_of(case, plan))
    about = {new.reference, *(one.reference for one in mine), *theirs}
    return tuple(one for one in case.all(Decision) if one.record.about in about and decisions.is_live(one.record))


def first_payments(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Payment], ...]:
    """The earliest payment that is authorised or paid."""
    found = [one for one in case.all(Payment) if counts(one.record) and one.record.payment_status in RELEASED]
    return tuple(sorted(found, key=lambda one: (str(one.record.due_on or ""), one.id))[:1])


def running_reviews(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Review], ...]:
    """The reviews that are being held."""
    return tuple(one for one in case.all(Review) if reviews.state(one.record) == reviews.IN_PROGRESS)


def open_concerns(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Concern], ...]:
    """The concerns that are being looked into."""
    return tuple(one for one in case.all(Concern) if is_being_looked_into(case, one.record))


def last_review(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Review], ...]:
    """The review that was completed last."""
    found = [one for one in case.all(Review) if reviews.is_completed(one.record)]
    return tuple(sorted(found, key=lambda one: (str(reviews.completed_on(one.record) or ""), one.id))[-1:])


def running_pauses(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Suspension], ...]:
    """The pauses of payments that are decided and not over."""
    return tuple(one for one in case.all(Suspension) if _is_running(one.record, case))


def _is_running(pause: Suspension, case: CaseFile) -> bool:
    return pause.status in PAUSING and (pause.ended_on is None or pause.ended_on > case.today)


def accepted_transfers(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Transfer], ...]:
    """The transfers the receiving ICB has accepted and that have not taken effect."""
    return tuple(one for one in case.all(Transfer) if one.record.transfer_status == "accepted")


def done_transfers(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Transfer], ...]:
    """The transfers that have taken effect."""
    return tuple(one for one in case.all(Transfer) if one.record.transfer_status in transfers.MOVED)


def stops(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Decision], ...]:
    """The decisions to stop a direct payment."""
    found = (one for one in case.all(Decision) if one.record.decision_subject == "stop")
    return tuple(one for one in found if decisions.approves(one.record))


def funding_changes(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[FundingChange], ...]:
    """The shares that end or are cut."""
    return tuple(one for one in case.all(FundingChange) if one.record.status not in {"draft", "rejected", "cancelled"})


def payments_after_death(_new: Written[PhbCase], case: CaseFile) -> tuple[Filed[Payment], ...]:
    """What is authorised or paid, where the person has died."""
    if death_of(case) is None:
        return ()
    return tuple(one for one in case.all(Payment) if counts(one.record) and one.record.payment_status in RELEASED)
