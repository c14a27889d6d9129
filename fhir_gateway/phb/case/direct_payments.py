"""Direct payments: which movements and lines are one, what bars one, and whether one is running.

Source: domain.md 2.1 (DirectPaymentExclusion), 2.3, 2.5; DPR13 regs 3 to 6, 17 and Schedule.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.budgets import days_of, is_in_force
from fhir_gateway.phb.case.days import Span, meet
from fhir_gateway.phb.case.decisions import approves
from fhir_gateway.phb.case.payments import DIRECT, RELEASED, TO_HOLDER, budget_of, counts, options_of
from fhir_gateway.phb.case_file import CaseFile, Written
from mappings.account import PaymentArrangement
from mappings.assessment import DirectPaymentBar
from mappings.budget import AgreedBudget, Budget, BudgetLine
from mappings.decision import Decision
from mappings.payment import Payment

PEOPLE: Final = ("Patient/", "RelatedPerson/")
VOID: Final = frozenset({"cancelled", "entered-in-error"})
RELEASES: Final = ("payment_status", "payment_kind", "due_on", "payee", "total_pence")


def is_direct(payment: Payment, case: CaseFile) -> bool:
    """Whether a movement is a direct payment: to the person or somebody for them, or by its lines or its budget."""
    if payment.payment_kind not in TO_HOLDER:
        return False
    if any(one.management_option for one in payment.lines):
        return any(one.management_option == DIRECT for one in payment.lines)
    if (payment.payee or "").startswith(PEOPLE):
        return True
    return _by_holder(payment, case)


def _by_holder(payment: Payment, case: CaseFile) -> bool:
    """The same for money paid to a body: by the arrangement it holds, else by the budget."""
    held = {
        one.record.management_option
        for one in case.all(PaymentArrangement)
        if one.record.owner is not None and payment.payee == f"Organization/{one.record.owner}"
    }
    return (held or options_of(payment, budget_of(payment, case))) == {DIRECT}


def releases_direct(new: Written[Payment], case: CaseFile) -> bool:
    """Whether this write authorises or pays a direct payment, or changes one that is authorised or paid."""
    payment = new.record
    if not counts(payment) or payment.payment_status not in RELEASED:
        return False
    return any(new.changed(one) for one in RELEASES) and is_direct(payment, case)


def moves_on(payment: Payment, case: CaseFile) -> date:
    """The day a payment is due, else the nearest day it names."""
    return payment.due_on or payment.start or payment.paid_on or payment.created or case.today


def direct_lines(budget: Budget) -> Iterator[tuple[int, BudgetLine]]:
    """The lines held as a direct payment, each with its place among the items."""
    return ((at, one) for at, one in enumerate(budget.lines) if one.management_option == DIRECT)


# --- bars -------------------------------------------------------------------------------------------


def bars(case: CaseFile) -> tuple[DirectPaymentBar, ...]:
    """Everything that bars the person from direct payments for a time."""
    found = (one.record for one in case.all(DirectPaymentBar))
    return tuple(one for one in found if one.barred and one.observation_status not in VOID)


def barred(case: CaseFile, span: Span) -> bool:
    """Whether a bar falls on any of these days."""
    return any(meet((one.start, one.end), span) for one in bars(case))


# --- whether one runs -------------------------------------------------------------------------------


def runs_from(case: CaseFile, day: date) -> bool:
    """Whether a direct payment is set up that goes on from a day: an account in use, or lines of an agreed budget."""
    accounts = (one.record for one in case.all(PaymentArrangement))
    if any(one.management_option == DIRECT and one.status == "active" and _lasts(one.end, day) for one in accounts):
        return True
    budgets = (one.record for one in case.all(AgreedBudget))
    return any(is_in_force(one) and _has_direct(one, day) for one in budgets)


def _has_direct(budget: AgreedBudget, day: date) -> bool:
    return any(_lasts(days_of(line, budget)[1], day) for _, line in direct_lines(budget))


def _lasts(end: date | None, day: date) -> bool:
    return end is None or end >= day


def stop_decided(case: CaseFile, since: date) -> bool:
    """Whether a stop that takes effect on a day or later is decided, with what takes its place if needs go on."""
    stops = (one.record for one in case.all(Decision) if one.record.decision_subject == "stop")
    return any(_complete(one) and _takes_effect(one) >= since for one in stops)


def _takes_effect(stop: Decision) -> date:
    return stop.started_on or stop.ended_on or stop.requested_on or date.max


def _complete(stop: Decision) -> bool:
    return approves(stop) and (stop.needs_continue is False or stop.replacement_option is not None)
