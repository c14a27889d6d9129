"""How far spending is from plan: the figures of a budget as at a day, with what the holder spent.

Source: domain.md 6.7 (`planned_to_date`, `spent`); rules R130, R131.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from fhir_gateway.phb.books import Spending
from fhir_gateway.phb.case.books import books_of, versions_of
from fhir_gateway.phb.case.budgets import is_in_force
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.figures import figures
from fhir_gateway.phb.money import Pence
from mappings.budget import AgreedBudget
from mappings.expenditure import ExpenditureEntry


@dataclass(frozen=True, slots=True)
class Variance:
    """Pence planned and spent by a day, contingency left out of the plan until it is released."""

    planned: Pence
    spent: Pence

    @property
    def underspend(self) -> Pence:
        """Planned and not spent; below zero is an overspend."""
        return self.planned - self.spent

    def beyond(self, percent: int, pence: Pence) -> bool:
        """Whether it is more than a share of what was planned, and at least a sum."""
        return abs(self.underspend) >= pence and abs(self.underspend) * 100 > self.planned * percent


def variances(case: CaseFile, at: date) -> tuple[Variance, ...]:
    """The variance of each budget in force whose records say who pays what, as at the end of a day."""
    budgets = (one for one in case.all(AgreedBudget) if is_in_force(one.record))
    return tuple(one for one in (variance(case, budget, at) for budget in budgets) if one is not None)


def variance(case: CaseFile, budget: Filed[AgreedBudget], at: date) -> Variance | None:
    """The variance of a budget with all its versions; None where the records do not say who pays what."""
    books = books_of(case, budget)
    if books is None:
        return None
    total = figures(replace(books, entries=tuple(_entries(case, budget))), at).total
    return Variance(total.planned_to_date, total.spent)


def _entries(case: CaseFile, budget: Filed[AgreedBudget]) -> Iterator[Spending]:
    """The holder's entries under any version of the budget; an item without a day counts on its entry's."""
    versions = {one.id for one in versions_of(case, budget)}
    for one in case.all(ExpenditureEntry):
        if one.record.status == "active" and one.record.pays_against_id in versions:
            yield from _items(one)


def _items(entry: Filed[ExpenditureEntry]) -> Iterator[Spending]:
    record = entry.record
    for line in record.lines:
        day = line.spent_on or record.created
        if day is not None and line.amount_pence is not None:
            yield Spending(
                claim_id=entry.id,
                budget_id=record.pays_against_id,
                line=line.budget_line,
                amount=line.amount_pence,
                spent_on=day,
                contingency=line.contingency,
                status=record.expenditure_status or "recorded",
            )
