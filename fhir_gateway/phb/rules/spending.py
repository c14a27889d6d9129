"""What the money may be for: excluded uses, spending outside the plan, contingency.

Source: domain.md section 4 F (R63 to R67, R74), 3.3 (exclusion-category).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fhir_gateway.phb.case.budgets import (
    BINDING,
    CONTINGENCY,
    DIRECT,
    ONGOING,
    is_draft,
    is_live,
    pays_wages,
    state_of,
)
from fhir_gateway.phb.case.spending import excluded, outside_plan, status_by_rule
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.exclusion_words import suggested
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import Budget, BudgetLine
from mappings.expenditure import ExpenditureEntry, ExpenditureLine

ON_COSTS: Final = {
    "employer-national-insurance": ("National Insurance",),
    "employer-pension": ("pension",),
    "employer-insurance": ("insurance",),
    "training": ("training",),
    "pa-holiday-cover": ("cover", "emergency-cover"),
}
MODIFIER: Final = "modifier"


# --- excluded uses ----------------------------------------------------------------------------------


@rule("R63", on=Budget)
def no_line_for_an_excluded_use(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """No line of a live budget has an exclusion code, whatever its management option."""
    for at, line in enumerate(new.record.lines if is_live(new.record) else ()):
        if line.exclusion is not None:
            says = f"line {line.line_no} is for `{line.exclusion}`, which no budget may pay for; take the line out"
            yield Finding(says, f"item[{at}].{MODIFIER}")


@rule("R64", on=ExpenditureEntry)
def an_excluded_use_is_disallowed(new: Written[ExpenditureEntry], case: CaseFile) -> Iterator[Finding]:
    """An entry with an exclusion code is kept as disallowed, and looked into."""
    if (status_by_rule(new, case) or ("", ""))[1] == "R64":
        for element in excluded(new.record):
            yield Finding("the money was spent on an excluded use: kept as disallowed, and a concern is open", element)


@rule("R66", on=ExpenditureEntry)
def spending_outside_the_plan_is_queried(new: Written[ExpenditureEntry], case: CaseFile) -> Iterator[Finding]:
    """An entry on no line of the plan is kept as queried, and looked into."""
    if (status_by_rule(new, case) or ("", ""))[1] == "R66":
        for element in outside_plan(new.record, case):
            yield Finding("the money was spent on no line of the agreed budget: a concern is open", element)


@rule("R65", on=(Budget, ExpenditureEntry))
def words_of_an_excluded_use(new: Written[Budget | ExpenditureEntry], _case: CaseFile) -> Iterator[Finding]:
    """A description without exclusion code does not sound like an excluded use."""
    if isinstance(new.record, Budget) and not is_live(new.record):
        return
    lines: Sequence[BudgetLine | ExpenditureLine] = new.record.lines
    for at, line in enumerate(lines):
        found = suggested(line.description) if line.exclusion is None else None
        if found is not None:
            says = f"the words suggest `{found}`; give the line that exclusion code if it is one"
            yield Finding(says, f"item[{at}].productOrService")


# --- contingency, and what goes with wages ----------------------------------------------------------


@rule("R74", on=Budget, softer=is_draft)
def contingency_is_a_line_of_its_own(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """Category and flag of a contingency line go together."""
    for at, line in enumerate(new.record.lines if is_live(new.record) else ()):
        if line.category == CONTINGENCY and not line.contingency:
            yield Finding(f"line {line.line_no} is contingency; flag it `contingency`", f"item[{at}].{MODIFIER}")
        elif line.contingency and line.category not in {CONTINGENCY, None}:
            says = f"line {line.line_no} is flagged `contingency`; give contingency a line of that category"
            yield Finding(says, f"item[{at}].category")


@rule("R70", on=Budget)
def wages_bring_costs_with_them(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """Beside wages there is a line, if of 0.00, for each cost of an employer."""
    lines = new.record.lines if is_live(new.record) and not is_draft(new.record) else ()
    wages = next((at for at, one in enumerate(lines) if pays_wages(one)), None)
    categories = {one.category for one in lines}
    missing = [words[0] for code, words in ON_COSTS.items() if categories.isdisjoint({code, *words[1:]})]
    if wages is not None and missing:
        says = f"wages without a line for {', '.join(missing)}; add it, or a line of 0.00 that says why not"
        yield Finding(says, f"item[{wages}]")


@rule("R73", on=Budget)
def wages_bring_contingency_with_them(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """An ongoing direct payment that pays wages keeps something for the unforeseen."""
    budget = new.record
    if budget.budget_kind != ONGOING or state_of(budget) not in BINDING | {"shared"}:
        return
    wages = any(pays_wages(one) and one.management_option == DIRECT for one in budget.lines)
    if wages and not any(one.contingency or one.category == CONTINGENCY for one in budget.lines):
        yield Finding("the budget pays wages and has no contingency; add a contingency line", "item")
