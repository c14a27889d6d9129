"""The council's adult social care money: its share, what the person may be asked for at most, what it was spent on.

Source: domain.md 6.4 (cumulative rule), 6.5; rule R83; CA14 s14(4).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from fhir_gateway.phb.case.budgets import period_of
from fhir_gateway.phb.case.funders import CHARGED, Payer, all_known, payers, shares_of, split_for
from fhir_gateway.phb.case.payments import CONTRIBUTION, INVOICE, counts
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.contribution import contribution
from fhir_gateway.phb.ledger import SPENT
from fhir_gateway.phb.money import Pence, split
from mappings.budget import AgreedBudget, BudgetLine
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment

REFUND: Final = "refund-to-person"
PAID: Final = "paid"


def council(found: Sequence[Payer]) -> Payer | None:
    """Whoever pays adult social care."""
    return next((one for one in found if one.stream == CHARGED), None)


def most(case: CaseFile, budget: AgreedBudget) -> Pence | None:
    """The most the person may be asked for in the budget's period; None where the council's share is not known."""
    found = payers(case, budget)
    payer, whole = council(found), period_of(budget)
    gross = _gross(case, budget, found, payer) if payer is not None and all_known(budget, found) else None
    if payer is None or gross is None or whole is None or payer.funder.weekly_pence is None:
        return gross
    return contribution(max(0, payer.funder.weekly_pence), payer.funder.within(whole), gross).amount


def _gross(case: CaseFile, budget: AgreedBudget, found: Sequence[Payer], payer: Payer) -> Pence | None:
    parts = [shares_of(case, one, found) for one in budget.lines]
    if not parts or any(one is None for one in parts):
        return None
    return sum(one[found.index(payer)] for one in parts if one is not None)


# --- what was contributed, and what it was for ------------------------------------------------------


def movements(case: CaseFile, budget_id: str, kind: str) -> tuple[Filed[Payment], ...]:
    """The payments of one kind against a budget that count."""
    found = case.where(Payment, "pays_against_id", budget_id)
    return tuple(one for one in found if one.record.payment_kind == kind and counts(one.record))


def kept(case: CaseFile, budget_id: str) -> Pence:
    """What the person has paid and not been given back."""
    paid = (_paid(case, budget_id, kind) for kind in (CONTRIBUTION, REFUND))
    return next(paid) - next(paid)


def _paid(case: CaseFile, budget_id: str, kind: str) -> Pence:
    found = (one.record for one in movements(case, budget_id, kind))
    return sum(one.total_pence or 0 for one in found if one.payment_status == PAID)


def spent(case: CaseFile, budget: Filed[AgreedBudget]) -> Pence | None:
    """What of the council's gross share was spent; None where that is not known."""
    found = payers(case, budget.record)
    payer = council(found)
    if payer is None or not all_known(budget.record, found):
        return None
    totals: defaultdict[int | None, Pence] = defaultdict(int)
    for number, amount in _spendings(case, budget.id):
        totals[number] += amount
    return sum(_part(case, one, found, totals[one.line_no])[found.index(payer)] for one in budget.record.lines)


def _part(case: CaseFile, line: BudgetLine, found: Sequence[Payer], total: Pence) -> tuple[Pence, ...]:
    terms = split_for(case, line, found)
    by_share = shares_of(case, line, found) or (0,) * len(found)
    weights: Sequence[Pence] = terms.weights if terms.method in {"percentage", "hours"} else by_share
    return split(total, weights) if total > 0 and any(weights) else (0,) * len(found)


def _spendings(case: CaseFile, budget_id: str) -> Iterator[tuple[int | None, Pence]]:
    """Line and amount of everything spent under a budget: entries, and invoices paid."""
    for entry in case.where(ExpenditureEntry, "pays_against_id", budget_id):
        if entry.record.expenditure_status in SPENT | {None}:
            yield from ((one.budget_line, one.amount_pence or 0) for one in entry.record.lines)
    for bill in movements(case, budget_id, INVOICE):
        if bill.record.payment_status == PAID:
            yield from ((one.budget_line, one.amount_pence or 0) for one in bill.record.lines)
