"""R47: whoever does a delegated health care task is trained and signed off for it.

Source: domain.md 4 D (R47), 2.3 (Employment); S001, S002, S003.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from fhir_gateway.phb.case import budgets
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.training import delegates_tasks, trained_on
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.payment import Payment, PaymentLine

UNTRAINED: Final = "nobody employed is trained and signed off for the delegated health care task"
RECORD: Final = "record task, training day and who signed it off in the Contract of employment"
Wages = Payment | ExpenditureEntry


@rule("R47", on=AgreedBudget)
def assistant_is_trained_for_delegated_tasks(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A line of wages for such a need goes with training that is current when it begins, or by now if later."""
    if not budgets.is_live(new.record):
        return
    for at, line in enumerate(new.record.lines):
        if budgets.pays_wages(line) and delegates_tasks(case, new.record, line):
            day = max(budgets.days_of(line, new.record)[0] or case.today, case.today)
            if not trained_on(case, day):
                yield Finding(f"{UNTRAINED}: {RECORD}", f"item[{at}]")


@rule("R47", on=(Payment, ExpenditureEntry))
def first_pay_after_a_while_finds_training(new: Written[Wages], case: CaseFile) -> Iterator[Finding]:
    """The first pay after the days set for training finds it done."""
    for at, number, day in _pay(new.record):
        begun = _begun(case, new.record, number)
        if begun is None or day <= begun + timedelta(days=setting("R47", "days")) or trained_on(case, day):
            continue
        if not _paid_before(new, case, (begun, day)):
            yield Finding(f"{UNTRAINED}, and pay began on {begun}: {RECORD}", f"item[{at}]")


def _pay(record: Wages) -> Iterator[tuple[int, int, date]]:
    """Place, budget line and day of each line that is wages."""
    lines: tuple[PaymentLine | ExpenditureLine, ...] = record.lines
    for at, line in enumerate(lines):
        day = _day(record, line)
        if line.category == budgets.WAGES and line.budget_line is not None and day is not None:
            yield at, line.budget_line, day


def _day(record: Wages, line: PaymentLine | ExpenditureLine) -> date | None:
    own = line.spent_on if isinstance(line, ExpenditureLine) else line.on_date
    due = record.due_on if isinstance(record, Payment) else None
    return own or due or record.start or record.created


def _begun(case: CaseFile, record: Wages, number: int) -> date | None:
    """First day of the budget line, where a need behind it asks for a trained worker."""
    budget = case.get(AgreedBudget, literal("Claim", record.pays_against_id))
    line = budgets.line_of(budget, number) if budget is not None else None
    if budget is None or line is None or not delegates_tasks(case, budget, line):
        return None
    return budgets.days_of(line, budget)[0]


def _paid_before(new: Written[Wages], case: CaseFile, span: tuple[date, date]) -> bool:
    """Whether pay between the end of the days set and this one was flagged already."""
    first = span[0] + timedelta(days=setting("R47", "days"))
    others: tuple[Filed[Any], ...] = (*case.all(Payment), *case.all(ExpenditureEntry))
    same = (one.record for one in others if one.reference != new.reference)
    paid = (one for one in same if one.pays_against_id == new.record.pays_against_id)
    return any(first < day < span[1] for one in paid for _, _, day in _pay(one))
