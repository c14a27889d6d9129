"""Everything adds up to the penny: lines to the total, a line to its terms, shares to the line, weights to the whole.

Source: domain.md section 4 G (R85 to R87), 6.1 to 6.4.
"""

from collections.abc import Iterator
from typing import Any, Final

from fhir_gateway.phb.case.budgets import (
    cost_of,
    is_binding,
    is_draft,
    is_in_force,
    is_live,
    line_of,
    period_of,
    span_of,
)
from fhir_gateway.phb.case.funders import (
    Payer,
    all_known,
    bodies,
    budget_answers,
    granted,
    granted_by,
    own_part,
    payers,
    shares_of,
    unanswered,
)
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from fhir_gateway.phb.shares import BASIS_POINTS
from mappings.budget import AgreedBudget, Budget, BudgetLine
from mappings.claim_response import AnsweredLine, FunderAnswer
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment

PERCENTAGE: Final = "percentage"
IN_FULL: Final = frozenset({None, "approved", "approved-with-conditions"})
TERMS: Final = "extension"


# --- lines and total --------------------------------------------------------------------------------


@rule("R85", on=Budget, softer=is_draft)
def lines_add_up_to_the_total(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """The total is the sum of the lines; from being sent for decision both are given."""
    budget = new.record
    if not is_live(budget) or not budget.lines:
        return
    lines = sum(one.amount_pence or 0 for one in budget.lines)
    if is_binding(budget):
        for at, one in enumerate(budget.lines):
            if one.amount_pence is None:
                yield Finding(f"line {one.line_no} has no amount; give it one", f"item[{at}].net")
    if budget.total_pence is None and is_binding(budget):
        yield Finding(f"give the total: the lines come to {pounds(lines)}", "total")
    elif budget.total_pence not in {None, lines} and all(one.amount_pence is not None for one in budget.lines):
        says = f"the total {pounds(budget.total_pence or 0)} is not the sum of the lines, {pounds(lines)}"
        yield Finding(says, "total")


@rule("R85", on=AgreedBudget)
def a_line_is_what_its_terms_come_to(new: Written[AgreedBudget], _case: CaseFile) -> Iterator[Finding]:
    """The amount of a line is its rate, frequency and quantity over its days (6.3)."""
    for at, one in enumerate(new.record.lines if is_binding(new.record) else ()):
        expected = cost_of(one, new.record) if one.amount_pence is not None else None
        if expected is not None and one.amount_pence != expected:
            says = f"line {one.line_no}: its terms come to {pounds(expected)}, not {pounds(one.amount_pence or 0)}"
            yield Finding(says, f"item[{at}].net")


@rule("R85", on=AgreedBudget, softer=is_draft)
def a_line_lies_inside_the_budget(new: Written[AgreedBudget], _case: CaseFile) -> Iterator[Finding]:
    """No line is for days before or after the budget's period, where it could not add up."""
    whole = period_of(new.record) if is_live(new.record) else None
    for at, one in enumerate(new.record.lines if whole is not None else ()):
        span = span_of(one, new.record)
        if whole is not None and span is not None and not (whole.start <= span.start and span.end <= whole.end):
            says = f"line {one.line_no} is for days outside the budget, which runs from {whole.start} to {whole.end}"
            yield Finding(says, f"item[{at}]")


@rule("R85", on=(Payment, ExpenditureEntry))
def what_is_moved_is_the_sum_of_its_lines(new: Written[Any], _case: CaseFile) -> Iterator[Finding]:
    """The total of a payment or an entry is what its lines come to, where each of them says its amount."""
    record = new.record
    if record.total_pence is None or not record.lines or not (new.changed("total_pence") or new.changed("lines")):
        return
    amounts = [one.amount_pence for one in record.lines if one.amount_pence is not None]
    if len(amounts) == len(record.lines) and sum(amounts) != record.total_pence:
        says = f"the total {pounds(record.total_pence)} is not the sum of the lines, {pounds(sum(amounts))}"
        yield Finding(says, "total")


# --- weights and options ----------------------------------------------------------------------------


@rule("R86", on=Budget, softer=is_draft)
def percentages_come_to_the_whole(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """The basis points of a percentage line are 10000 together, each at least 0."""
    for at, one in enumerate(new.record.lines if is_live(new.record) else ()):
        if not _is_percentage(one):
            continue
        points = [weight.bps or 0 for weight in one.weights]
        if sum(points) != BASIS_POINTS or min(points, default=0) < 0:
            says = (
                f"line {one.line_no}: the weights come to {sum(points)} basis points; they must come to {BASIS_POINTS}"
            )
            yield Finding(says, f"item[{at}].{TERMS}")


def _is_percentage(line: BudgetLine) -> bool:
    by_points = line.split_method is None and any(weight.bps is not None for weight in line.weights)
    return line.split_method == PERCENTAGE or by_points


@rule("R85", on=Budget, softer=is_draft)
def weights_are_of_funders_there_are(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """A weight names a funder of the budget's insurance."""
    there = {one.sequence for one in new.record.insurance}
    for at, one in enumerate(new.record.lines if is_live(new.record) else ()):
        strangers = sorted({weight.insurance_sequence for weight in one.weights} - there)
        if strangers:
            says = f"line {one.line_no} has a weight for insurance {strangers[0]}, which the budget does not have"
            yield Finding(says, f"item[{at}].{TERMS}")


@rule("R85", on=Budget, softer=is_draft)
def lines_and_shares_are_numbered_once(new: Written[Budget], _case: CaseFile) -> Iterator[Finding]:
    """No two lines, and no two shares, have one number; no share is there twice, or it would be counted twice."""
    budget = new.record
    numbers: dict[str, list[int] | list[str]] = {
        "item": [one.line_no for one in budget.lines],
        "insurance": [one.sequence for one in budget.insurance],
        "insurance.coverage": [one.coverage_id for one in budget.insurance if one.coverage_id is not None],
    }
    for element, found in numbers.items() if is_live(budget) else ():
        if len(set(found)) < len(found):
            yield Finding("two of them are the same; give each its own number, and name each share once", element)


@rule("R87", on=AgreedBudget, softer=is_draft)
def each_line_is_held_in_one_way(new: Written[AgreedBudget], _case: CaseFile) -> Iterator[Finding]:
    """Every line has a management option, so that the options add up to the total as the lines do."""
    for at, one in enumerate(new.record.lines if is_live(new.record) else ()):
        if one.management_option is None:
            says = f"line {one.line_no} has no management option; say how its money is held, a line for each way"
            yield Finding(says, f"item[{at}].modifier")


# --- shares -----------------------------------------------------------------------------------------


def _budget_of(answer: FunderAnswer, case: CaseFile) -> AgreedBudget | None:
    if answer.status != "active" or answer.use != "preauthorization":
        return None
    budget = case.get(AgreedBudget, literal("Claim", answer.claim_id))
    return budget if budget is not None and is_live(budget) else None


@rule("R85", on=FunderAnswer)
def a_funders_shares_add_up(new: Written[FunderAnswer], _case: CaseFile) -> Iterator[Finding]:
    """A funder's total is the sum of what it gives to the lines."""
    answer = new.record
    if answer.status != "active" or answer.total_pence is None or not answer.lines:
        return
    lines = sum(one.amount_pence or 0 for one in answer.lines)
    if lines != answer.total_pence and all(one.amount_pence is not None for one in answer.lines):
        says = f"the share {pounds(answer.total_pence)} is not the sum of its lines, {pounds(lines)}"
        yield Finding(says, "total")


@rule("R85", on=FunderAnswer)
def only_funders_of_the_budget_answer(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """Who answers is on the budget's insurance, and answers for lines it has."""
    budget = _budget_of(new.record, case)
    if budget is None:
        return
    found = payers(case, budget)
    if all_known(budget, found) and new.record.funder_id is not None and new.record.funder_id not in bodies(found):
        yield Finding("the body that answers pays no share of this budget; put its Coverage on it first", "insurer")
    for at, row in enumerate(new.record.lines):
        if line_of(budget, row.line_no) is None:
            yield Finding(f"the budget has no line {row.line_no}", f"item[{at}].itemSequence")


@rule("R85", on=FunderAnswer)
def the_shares_of_a_line_are_the_line(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """What the funders give to a line is never more than the line, and all of it once each has answered in full."""
    budget = _budget_of(new.record, case)
    found = payers(case, budget) if budget is not None else ()
    if budget is None or not all_known(budget, found):
        return
    places = {row.line_no: f"item[{at}].adjudication" for at, row in enumerate(new.record.lines)}
    for number, says, exceeded in _unequal(budget, new.record.claim_id or "", found, case):
        if number in places or not exceeded:
            yield Finding(says, places.get(number, "item"))


@rule("R85", on=AgreedBudget)
def an_agreed_budget_is_shared_out(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """When a budget is agreed, the funders' shares and the person's part are its lines and its total."""
    if not is_in_force(new.record) or not new.changed("budget_status"):
        return
    found = payers(case, new.record)
    places = {one.line_no: f"item[{at}]" for at, one in enumerate(new.record.lines)}
    for number, says, _ in _unequal(new.record, new.id, found, case) if all_known(new.record, found) else ():
        yield Finding(says, places[number])


def _unequal(
    budget: AgreedBudget, claim_id: str, found: tuple[Payer, ...], case: CaseFile
) -> Iterator[tuple[int, str, bool]]:
    """Each line the answers do not make up: its number, what is wrong, and whether they give too much."""
    given = budget_answers(case, claim_id)
    complete = bool(given) and not unanswered(budget, found, given) and all(one.lines for one in given)
    for line in budget.lines:
        if line.amount_pence is None:
            continue
        wanted, total = line.amount_pence - own_part(case, line, found), granted_by(given, line.line_no)
        if total > wanted or (complete and total < wanted and _in_full(given, line.line_no)):
            says = (
                f"line {line.line_no}: the funders' shares come to {pounds(total)}; they must come to {pounds(wanted)}"
            )
            yield line.line_no, says, total > wanted


def _in_full(given: tuple[FunderAnswer, ...], number: int) -> bool:
    return all(row.decision in IN_FULL for one in given for row in one.lines if row.line_no == number)


@rule("R85", on=FunderAnswer)
def a_share_is_what_the_split_gives(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """A share that is approved in full is the one the line's split comes to; another one is flagged."""
    budget = _budget_of(new.record, case)
    found = payers(case, budget) if budget is not None else ()
    for at, row in enumerate(new.record.lines if budget is not None else ()):
        line = line_of(budget, row.line_no) if budget is not None else None
        expected = _expected(case, line, found, new.record.funder_id) if line is not None else None
        if expected is not None and _differs(row, expected):
            says = f"line {row.line_no}: the split of the line gives this funder {pounds(expected)}"
            yield Finding(says, f"item[{at}].adjudication", WARNING)


def _differs(row: AnsweredLine, expected: int) -> bool:
    return row.decision == "approved" and row.amount_pence is not None and granted(row) != expected


def _expected(case: CaseFile, line: BudgetLine, found: tuple[Payer, ...], body: str | None) -> int | None:
    shares = shares_of(case, line, found)
    if shares is None or line.amount_pence is None or body not in bodies(found):
        return None
    return sum(part for part, one in zip(shares, found, strict=True) if one.body == body)
