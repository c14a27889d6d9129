"""What a payment is about: its budget, the lines it pays, how that money is held, and when it moves.

Source: domain.md 2.5, 3.3 (payment-kind, management-option), 5.3.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from mappings.budget import AgreedBudget, BudgetLine
from mappings.claim_response import FunderAnswer
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment

DIRECT: Final = "direct-payment"
THIRD_PARTY: Final = "third-party"
NOTIONAL: Final = "notional"
INSTALMENT: Final = "instalment"
INVOICE: Final = "invoice"
ONE_OFF: Final = "one-off"
RECOVERY: Final = "recovery"
OFFSET: Final = "adjustment-offset"
CONTRIBUTION: Final = "client-contribution"
# Paid to whoever holds the money; an invoice is paid to whoever gave the care.
TO_HOLDER: Final = frozenset({INSTALMENT, ONE_OFF, "contingency-release", "adjustment-increase"})
RELEASED: Final = frozenset({"authorised", "paid"})
WAGES: Final = frozenset(
    {"personal-assistant-wages", "pa-holiday-cover", "employer-national-insurance", "employer-pension"}
)


def counts(payment: Payment) -> bool:
    """Whether it is more than a draft and has not been called off."""
    return payment.status == "active" and payment.payment_status != "cancelled"


def is_released(new: Written[Payment]) -> bool:
    """Whether this write authorises or pays it; what is released as another kind, or of another budget, is so anew."""
    return counts(new.record) and new.record.payment_status in RELEASED and not _was_released(new)


def _was_released(new: Written[Payment]) -> bool:
    before = new.previous
    if before is None or not counts(before) or before.payment_status not in RELEASED:
        return False
    return not new.changed("payment_kind") and not new.changed("pays_against_id")


def budget_of(record: Payment | ExpenditureEntry, case: CaseFile) -> AgreedBudget | None:
    """The budget version it is paid against; None when it names none that is known."""
    return case.get(AgreedBudget, literal("Claim", record.pays_against_id))


def filed_budget_of(record: Payment | ExpenditureEntry, case: CaseFile) -> Filed[AgreedBudget] | None:
    """The same, with where it stands."""
    found = case.filed(literal("Claim", record.pays_against_id))
    return found if found is not None and isinstance(found.record, AgreedBudget) else None


def paid_lines(payment: Payment, budget: AgreedBudget | None) -> tuple[BudgetLine, ...]:
    """The budget lines its own lines name."""
    numbers = {one.budget_line for one in payment.lines}
    return tuple(one for one in budget.lines if one.line_no in numbers) if budget is not None else ()


def options_of(payment: Payment, budget: AgreedBudget | None) -> frozenset[str]:
    """How the money is held: as its lines say, else their budget lines, else what its kind can pay of the budget."""
    said = {one.management_option for one in payment.lines}
    named = {one.management_option for one in paid_lines(payment, budget)}
    by_kind = {NOTIONAL} if payment.payment_kind == INVOICE else _held(budget)
    found = (frozenset(one for one in options if one) for options in (said, named, by_kind))
    return next((one for one in found if one), frozenset())


def _held(budget: AgreedBudget | None) -> set[str | None]:
    lines = budget.lines if budget is not None else ()
    return {one.management_option for one in lines} - {NOTIONAL}


def day_of(payment: Payment) -> date | None:
    """The day it moves: paid, else due, else the first day it covers."""
    return payment.paid_on or payment.due_on or payment.start


def only_wages(payment: Payment, budget: AgreedBudget | None) -> bool:
    """Whether every line of it is known to be pay or what goes with pay."""
    categories = list(categories_of(payment, budget))
    return bool(categories) and all(one in WAGES for one in categories)


def categories_of(payment: Payment, budget: AgreedBudget | None) -> Iterator[str | None]:
    """For each of its lines, what it is for; None where neither it nor the budget line says."""
    by_number = {one.line_no: one.category for one in paid_lines(payment, budget)}
    return (one.category or by_number.get(one.budget_line or 0) for one in payment.lines)


def coverages_of(payment: Payment) -> frozenset[str]:
    """Ids of the Coverages it draws on."""
    return frozenset(one.coverage_id for one in payment.insurance if one.coverage_id)


def payment_answered(answer: FunderAnswer, case: CaseFile) -> Payment | None:
    """The payment that a funder's answer settles."""
    return case.get(Payment, literal("Claim", answer.claim_id)) if answer.status == "active" else None
