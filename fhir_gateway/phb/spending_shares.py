"""What becomes of each line of a holder's entry that is submitted: spent under the plan and borne by whom, or not.

An entry is never refused for it, for the money was spent; rules R64 and R66 say what it is kept as.

Source: domain.md 6.4 (cumulative rule), 6.7 (`spent`), 8.9 Q3 and Q12; rules R64, R66.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from fhir_gateway.phb.books import Books
from fhir_gateway.phb.case.books import books_of
from fhir_gateway.phb.case.budgets import budget_on
from fhir_gateway.phb.case.drawdown import not_below_zero
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.spending import excluded, is_live, outside_plan
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.in_force import LineInForce, lines_in_force
from fhir_gateway.phb.ledger import SPENT
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.verdict import PERCENT, Fault, Share, Verdict
from mappings.budget import AgreedBudget
from mappings.expenditure import ExpenditureEntry, ExpenditureLine

EXCLUDED: Final = Fault("R64", "spent on an excluded use: no funder bears it")
OUTSIDE: Final = Fault("R66", "spent on no line of the agreed budget: no funder bears it until that is looked into")


def shared_out(entry: ExpenditureEntry, case: CaseFile) -> tuple[Verdict, ...]:
    """A verdict on each line of an entry, in posting order. case: without the entry itself."""
    wrong = dict.fromkeys(outside_plan(entry, case), OUTSIDE)
    wrong |= {element.partition(".")[0]: EXCLUDED for element in excluded(entry)}
    found, before = [], dict[int, Pence]()
    for at, line in enumerate(entry.lines):
        element, budget = f"item[{at}]", budget_of(entry, line, case)
        fault = wrong.get(element)
        shares = () if fault is not None or budget is None else tuple(_shares(budget, line, before, case))
        found.append(
            Verdict(
                sequence=line.sequence,
                element=element,
                asked=line.amount_pence or 0,
                plan_element=_plan_element(budget, line),
                shares=shares,
                fault=fault,
            )
        )
    return tuple(found)


def budget_of(entry: ExpenditureEntry, line: ExpenditureLine, case: CaseFile) -> Filed[AgreedBudget] | None:
    """The budget a line is spent from: the version it names, else the one in force on its day."""
    if entry.pays_against_id is None:
        return budget_on(case, line.spent_on or entry.created or case.today)
    found = case.filed(literal("Claim", entry.pays_against_id))
    return found if found is not None and isinstance(found.record, AgreedBudget) else None


def _plan_element(budget: Filed[AgreedBudget] | None, line: ExpenditureLine) -> str | None:
    if budget is None:
        return None
    there = any(one.line_no == line.budget_line for one in budget.record.lines)
    return f"{budget.reference}#item-{line.budget_line}" if there else budget.reference


def _shares(
    budget: Filed[AgreedBudget], line: ExpenditureLine, before: dict[int, Pence], case: CaseFile
) -> Iterator[Share]:
    """What each funder bears of a line: its share of all spent on the budget line by now, less that of before."""
    books, number = books_of(case, budget), line.budget_line
    planned = _in_force(books, budget, number) if books is not None else None
    if books is None or planned is None or number is None:
        return
    spent = before.get(number, _spent(budget, number, case))
    before[number] = spent + (line.amount_pence or 0)
    after, old = planned.shared(before[number]), planned.shared(spent)
    parts = not_below_zero([new - past for new, past in zip(after, old, strict=True)])
    for at, pence in enumerate(parts):
        if pence:
            weights = planned.line.weights
            percent = Decimal(weights[at]) / PERCENT if _by_percent(budget, number) and weights else None
            yield Share(books.funders[at], pence, percent)


def _by_percent(budget: Filed[AgreedBudget], number: int) -> bool:
    return any(one.line_no == number and one.split_method == "percentage" for one in budget.record.lines)


def _in_force(books: Books, budget: Filed[AgreedBudget], number: int | None) -> LineInForce | None:
    lines = (one for one in lines_in_force(books) if one.budget_id == budget.id)
    return next((one for one in lines if one.line.line_no == number), None)


def _spent(budget: Filed[AgreedBudget], number: int, case: CaseFile) -> Pence:
    """Pence spent on a budget line so far."""
    return sum(
        line.amount_pence or 0
        for one in case.all(ExpenditureEntry)
        if is_live(one.record) and one.record.expenditure_status in SPENT
        for line in one.record.lines
        if line.budget_line == number and line.exclusion is None and _is_of(budget, one.record, line, case)
    )


def _is_of(budget: Filed[AgreedBudget], entry: ExpenditureEntry, line: ExpenditureLine, case: CaseFile) -> bool:
    found = budget_of(entry, line, case)
    return found is not None and found.id == budget.id
