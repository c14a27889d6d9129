"""What a holder's entry was spent on: an excluded use, or no line of the plan, and what becomes of it then.

Source: domain.md 2.5 (ExpenditureEntry), 5.3, 6.7; rules R64, R66.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.budgets import WAS_IN_FORCE, budget_on, line_of, state_of
from fhir_gateway.phb.case.references import is_local, literal
from fhir_gateway.phb.case_file import CaseFile, Written
from mappings.budget import AgreedBudget
from mappings.expenditure import ExpenditureEntry, ExpenditureLine

DISALLOWED: Final = "disallowed"
QUERIED: Final = "queried"
ACCEPTED: Final = "accepted"
LOOKED_AT: Final = frozenset({QUERIED, ACCEPTED})


def is_live(entry: ExpenditureEntry) -> bool:
    """Whether it is an entry that counts as made: neither draft, cancelled nor in error."""
    return entry.status == "active"


def excluded(entry: ExpenditureEntry) -> tuple[str, ...]:
    """Where the entry has an exclusion code: paths below the Claim."""
    return tuple(f"item[{at}].modifier" for at, one in enumerate(entry.lines) if one.exclusion)


def outside_plan(entry: ExpenditureEntry, case: CaseFile) -> tuple[str, ...]:
    """Where the entry is spent on no line of the plan: paths below the Claim.

    Of a budget this gateway does not know, the lines that name a budget line are taken at their word.
    """
    if not entry.lines:
        return ("item",)
    return tuple(_outside(entry, case))


def _outside(entry: ExpenditureEntry, case: CaseFile) -> Iterator[str]:
    for at, one in enumerate(entry.lines):
        if one.budget_line is None or not _is_planned(entry, one, case):
            yield f"item[{at}]"


def _is_planned(entry: ExpenditureEntry, line: ExpenditureLine, case: CaseFile) -> bool:
    if entry.pays_against_id is not None and _is_unknown(entry.pays_against_id, case):
        return True
    budget = _budget_of(entry, line.spent_on or entry.created or case.today, case)
    return budget is not None and line_of(budget, line.budget_line) is not None


def _is_unknown(claim_id: str, case: CaseFile) -> bool:
    return not is_local(claim_id) or case.filed(literal("Claim", claim_id)) is None


def _budget_of(entry: ExpenditureEntry, day: date, case: CaseFile) -> AgreedBudget | None:
    """The version it names if that was ever in force, else the one in force on the day."""
    if entry.pays_against_id is None:
        found = budget_on(case, day)
        return found.record if found is not None else None
    budget = case.get(AgreedBudget, literal("Claim", entry.pays_against_id))
    return budget if budget is not None and state_of(budget) in WAS_IN_FORCE else None


def is_settled(new: Written[ExpenditureEntry]) -> bool:
    """Whether somebody has looked into it and accepted it: it was queried, or accepted before."""
    before = new.previous.expenditure_status if new.previous is not None else None
    return new.record.expenditure_status == ACCEPTED and before in LOOKED_AT


def status_by_rule(new: Written[ExpenditureEntry], case: CaseFile) -> tuple[str, str] | None:
    """The status an entry must have, and the rule that says so; None where its own stands."""
    if not is_live(new.record):
        return None
    if excluded(new.record):
        return DISALLOWED, "R64"
    if is_settled(new) or not outside_plan(new.record, case):
        return None
    return (new.record.expenditure_status if new.record.expenditure_status == DISALLOWED else QUERIED), "R66"
