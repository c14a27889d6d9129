"""When money is paid and how much of it: in advance, month by month, inside the budget, never more than was agreed.

Source: domain.md section 4 H, 6.7.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from fhir_gateway.phb.case.books import funders_figures, owed_by
from fhir_gateway.phb.case.budgets import was_agreed
from fhir_gateway.phb.case.direct_payments import is_direct
from fhir_gateway.phb.case.payments import (
    INSTALMENT,
    NOTIONAL,
    RECOVERY,
    TO_HOLDER,
    budget_of,
    counts,
    coverages_of,
    filed_budget_of,
    is_released,
    paid_lines,
    payment_answered,
)
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.ledger import OUT, PROMISED
from fhir_gateway.phb.money import Pence, pounds
from fhir_gateway.phb.periods import days, months_after
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.budget import AgreedBudget
from mappings.claim_response import FunderAnswer
from mappings.episode_of_care import PhbCase
from mappings.payment import Payment

TERMS: Final = "extension"
COVERS: Final = "billablePeriod"
IN_FORCE: Final = frozenset({"agreed", "active"})


@rule("R92", on=Payment)
def monthly_in_advance(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """A direct payment's instalments are due by the first day they cover, and cover a month at most."""
    record, most = new.record, setting("R92", "days")
    if record.payment_kind != INSTALMENT or not counts(record) or record.start is None:
        return
    late = record.due_on is not None and record.due_on > record.start
    long = record.end is not None and days(record.start, record.end) > most
    if not (late or long) or not is_direct(record, case):
        return
    if late:
        yield Finding(f"the instalment is due after {record.start}, the first day it covers", TERMS)
    if long:
        yield Finding(f"the instalment covers more than {most} days; it should cover one month", COVERS)


# --- not all at once --------------------------------------------------------------------------------


@rule("R93", on=Payment)
def not_all_at_once(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """An ongoing budget of more than three months is not paid out in one instalment."""
    if new.record.payment_kind != INSTALMENT or not counts(new.record):
        return
    budget = filed_budget_of(new.record, case)
    if budget is None or not _is_long(budget.record):
        return
    if _covers_all(new.record, budget.record) or _pays_all(new.record, budget, case):
        yield Finding("one instalment pays all the recurring money of the budget; pay it month by month", "total")


def _is_long(budget: AgreedBudget) -> bool:
    if budget.budget_kind != "ongoing" or budget.start is None or budget.end is None:
        return False
    return budget.end >= months_after(budget.start, setting("R93", "months"))


def _covers_all(payment: Payment, budget: AgreedBudget) -> bool:
    """Whether it is for every day of the budget, and for no part of its recurring lines only."""
    if payment.start is None or payment.end is None or budget.start is None or budget.end is None:
        return False
    return payment.start <= budget.start and payment.end >= budget.end and not _names_a_part(payment, budget)


def _names_a_part(payment: Payment, budget: AgreedBudget) -> bool:
    """Whether the lines it pays leave out a recurring one, as the insurance of a whole year does."""
    named = {one.line_no for one in paid_lines(payment, budget)}
    held = (one for one in budget.lines if one.management_option != NOTIONAL)
    return bool(named) and not {one.line_no for one in held if not (one.one_off or one.contingency)} <= named


def _pays_all(payment: Payment, budget: Filed[AgreedBudget], case: CaseFile) -> bool:
    """Whether the amount, less the single costs and contingency in it, is all the recurring money of its funders."""
    owed = owed_by(case, budget, coverages_of(payment))
    numbers = {one.line_no for one in paid_lines(payment, budget.record) if one.contingency or one.one_off}
    named = sum(one.amount_pence or 0 for one in payment.lines if one.budget_line in numbers)
    single = named if numbers else owed.one_off + owed.contingency
    return 0 < owed.recurring <= (payment.total_pence or 0) - single


# --- never more than agreed -------------------------------------------------------------------------


@rule("R99", on=Payment)
def within_what_the_funder_agreed(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """A payment that adds to what a funder pays or promises leaves nothing over what it agreed."""
    if _adds(new):
        yield from _overdrawn(new.record, case)


def _adds(new: Written[Payment]) -> bool:
    """Whether more is promised by this write, or promised of another share; moving on to `paid` adds nothing."""
    if not _promised(new.record):
        return False
    if new.previous is None or not _promised(new.previous):
        return True
    more = (new.record.total_pence or 0) > (new.previous.total_pence or 0)
    return more or new.changed("pays_against_id") or new.changed("insurance")


def _promised(payment: Payment) -> bool:
    return counts(payment) and payment.payment_status in PROMISED and payment.payment_kind in OUT


@rule("R99", on=Payment)
def paid_from_what_was_agreed(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """An invoice or a reimbursement is released on a budget that is or was in force; R94 says so of the rest."""
    if new.record.payment_kind not in OUT - TO_HOLDER or not is_released(new):
        return
    budget = budget_of(new.record, case)
    if budget is None or not was_agreed(budget):
        yield Finding("no agreed budget pays it: name the one it is paid against", "related")


@rule("R99", on=Payment)
def no_more_comes_back_than_was_paid(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What a funder has received back is at most what it paid."""
    budget = filed_budget_of(new.record, case) if new.record.payment_kind == RECOVERY and counts(new.record) else None
    if budget is None or not any(map(new.changed, ("total_pence", "payment_status", "payment_kind", "status"))):
        return
    found = funders_figures(case, budget)
    for over in (-found[one].paid for one in coverages_of(new.record) if one in found and found[one].paid < 0):
        yield Finding(f"with it {pounds(over)} more comes back than the funder has paid", "total")


@rule("R99", on=FunderAnswer)
def paid_within_what_the_funder_agreed(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """A funder that paid more than it was asked for, or bears its part of it, has not gone beyond what it agreed."""
    answer = new.record
    payment = payment_answered(answer, case) if answer.paid_pence or answer.lines else None
    if payment is None:
        return
    shared_anew = new.changed("lines") and bool(answer.lines) and _promised(payment)
    before = new.previous.paid_pence if new.previous is not None else None
    if shared_anew or (answer.paid_pence or 0) > (payment.total_pence or 0 if before is None else before):
        yield from _overdrawn(payment, case)


def _overdrawn(payment: Payment, case: CaseFile) -> Iterator[Finding]:
    budget = filed_budget_of(payment, case)
    if budget is None:
        return
    found, mine = funders_figures(case, budget), coverages_of(payment)
    if found and (not mine or not mine <= found.keys()):
        yield Finding("it draws on a share that is no part of its budget; name a share of the budget", "insurance")
    if not found:
        yield from _beyond_the_total(budget, case)
    for over in (-one.uncommitted for name, one in found.items() if name in mine and one.uncommitted < 0):
        yield Finding(_too_much(over), "total")


def _beyond_the_total(budget: Filed[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """Where it is not known which funder pays what, all of them together are held to the whole budget."""
    every = (one.record for one in case.where(Payment, "pays_against_id", budget.id))
    over = sum(one.total_pence or 0 for one in every if _promised(one)) - (budget.record.total_pence or 0)
    if over > 0:
        yield Finding(_too_much(over), "total")


@rule("R99", on=AgreedBudget)
def a_new_version_leaves_room(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A version that replaces another has room for what was paid and promised under it."""
    if new.record.supersedes_id is None or new.record.budget_status not in IN_FORCE or not new.changed("budget_status"):
        return
    for over in (-one.uncommitted for one in funders_figures(case, new).values() if one.uncommitted < 0):
        yield Finding(
            f"under the version before {pounds(over)} more is paid and promised than is agreed now; "
            "call off what is still to be paid there",
            "total",
            WARNING,
        )


def _too_much(over: Pence) -> str:
    return (
        f"with this payment the funder pays and promises {pounds(over)} more than its part of the budget; "
        "make it smaller, call off other payments, or agree a new budget version first"
    )


# --- inside the budget ------------------------------------------------------------------------------


@rule("R100", on=Payment)
def covers_days_of_the_budget(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What a payment covers lies inside the period of its budget."""
    record = new.record
    if not counts(record) or (record.start is None and record.end is None):
        return
    budget = budget_of(record, case)
    if budget is None:
        return
    before = _precedes(record.start, budget.start) or _precedes(record.end, budget.start)
    if before or _precedes(budget.end, record.end) or _precedes(budget.end, record.start):
        yield Finding(f"it covers days outside the budget, which runs from {budget.start} to {budget.end}", COVERS)


def _precedes(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other


@rule("R100", on=Payment)
def paid_soon_after_closing(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Nothing is paid long after the case was closed."""
    if counts(new.record) and new.record.paid_on is not None and new.changed("paid_on"):
        yield from _too_late(new.record.paid_on, case, TERMS)


@rule("R100", on=FunderAnswer)
def settled_soon_after_closing(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """No funder pays long after the case was closed."""
    if new.record.status == "active" and new.record.paid_on is not None and new.changed("paid_on"):
        yield from _too_late(new.record.paid_on, case, "payment.date")


def _too_late(paid_on: date, case: CaseFile, element: str) -> Iterator[Finding]:
    cases = [one.record for one in case.all(PhbCase)]
    closed = [one.closed_on for one in cases if one.closed_on is not None]
    if not closed or len(closed) < len(cases):
        return
    last = max(closed) + timedelta(days=setting("R100", "days"))
    if paid_on > last:
        yield Finding(f"the case is closed: nothing is paid after {last}", element)
