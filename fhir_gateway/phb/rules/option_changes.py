"""R39: the way the money is held is no reason to give more or less of it.

Source: domain.md 4 C (R39); S001.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from fhir_gateway.phb.case.bodies import NHS
from fhir_gateway.phb.case.budgets import EMPLOYMENT_COSTS, FEES, WAGES, is_live, span_of
from fhir_gateway.phb.case.funders import Payer, payers, shares_of
from fhir_gateway.phb.case.plans import needs_for
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.money import Pence, pounds
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget, BudgetLine

ADDED: Final = FEES | EMPLOYMENT_COSTS | {WAGES}
Same = tuple[frozenset[str], Decimal | None, str | None, str | None, int | None]


@rule("R39", on=AgreedBudget)
def option_alone_changes_no_amount(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A line for the same needs, time and quantity as before costs the NHS the same, however the money is held."""
    before = case.get(AgreedBudget, literal("Claim", new.record.supersedes_id))
    if before is None or not is_live(new.record) or _adds_costs(before, new.record):
        return
    old = _by_what_is_bought(before)
    for at, line in enumerate(new.record.lines):
        same = old.get(_bought(new.record, line))
        if same is not None and same.management_option != line.management_option:
            yield from _changed(at, _nhs(case, before, same), _nhs(case, new.record, line))


def _adds_costs(before: AgreedBudget, now: AgreedBudget) -> bool:
    had = {one.category for one in before.lines}
    return any(one.category in ADDED and one.category not in had for one in now.lines)


def _by_what_is_bought(budget: AgreedBudget) -> dict[Same, BudgetLine]:
    """Each line by what it buys, but for those that are linked to no need."""
    return {_bought(budget, one): one for one in budget.lines if needs_for(budget, one)}


def _bought(budget: AgreedBudget, line: BudgetLine) -> Same:
    """Needs, quantity, unit, frequency and number of days: what has to be equal for the amount to be so."""
    span = span_of(line, budget)
    length = (span.end - span.start).days if span is not None else None
    return needs_for(budget, line), line.quantity, line.unit, line.frequency, length


def _nhs(case: CaseFile, budget: AgreedBudget, line: BudgetLine) -> Pence | None:
    """What the NHS pays of a line; the whole of it where the funders are not known."""
    found: tuple[Payer, ...] = payers(case, budget)
    shares = shares_of(case, line, found) if found else None
    if shares is None:
        return line.amount_pence
    return sum(part for part, one in zip(shares, found, strict=True) if one.stream.startswith(NHS))


def _changed(at: int, before: Pence | None, now: Pence | None) -> Iterator[Finding]:
    if before is not None and now is not None and before != now:
        says = f"the NHS pays {pounds(now)} instead of {pounds(before)} only because the money is held another way"
        yield Finding(f"{says}: keep the amount, or add the lines that make the difference", f"item[{at}].net")
