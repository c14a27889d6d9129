"""How much of a payment is pay and what goes with it, so that the rest alone can be held back.

Source: rule R104; domain.md 6.2 (a sum is split by what each line bears).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fhir_gateway.phb.case.books import books_of
from fhir_gateway.phb.case.payments import DIRECT, WAGES, coverages_of, filed_budget_of
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.in_force import LineInForce, lines_in_force
from fhir_gateway.phb.money import Pence, split
from fhir_gateway.phb.records import made
from mappings.budget import AgreedBudget
from mappings.payment import Payment, PaymentLine

Lines = tuple[PaymentLine, ...]
UNSAID: Final = "Money"


@dataclass(frozen=True, slots=True)
class Parts:
    """The lines of a payment: those that are pay or go with it, and the others."""

    wages: Lines
    rest: Lines


def parts_of(payment: Payment, case: CaseFile) -> Parts:
    """A payment in two. What a line is for is said by it, by its budget line, or worked out from the whole budget."""
    every = [one for line in _lines(payment) for one in _told(line, payment, case)]
    wages = [one for one in every if one.category in WAGES]
    return Parts(_numbered(wages), _numbered([one for one in every if one.category not in WAGES]))


def only(payment: Payment, lines: Lines) -> Payment:
    """The payment with these of its lines."""
    return replace(payment, lines=lines, total_pence=sum(one.amount_pence or 0 for one in lines))


def _lines(payment: Payment) -> Lines:
    """Its lines; one for the whole where it has none."""
    whole = made(PaymentLine, sequence=1, description=UNSAID, amount_pence=payment.total_pence)
    return payment.lines or (whole,)


def _numbered(lines: Sequence[PaymentLine]) -> Lines:
    return tuple(replace(one, sequence=at) for at, one in enumerate(lines, start=1))


def _told(line: PaymentLine, payment: Payment, case: CaseFile) -> Iterator[PaymentLine]:
    """The line with what it is for; one that pays for several budget lines becomes one for each of them."""
    filed = filed_budget_of(payment, case)
    budget = filed.record if filed is not None else None
    category = line.category or _category(budget, line.budget_line)
    shares = {} if category is not None else _shares(payment, case)
    if not shares:
        yield replace(line, category=category)
        return
    amounts = split(line.amount_pence or 0, list(shares.values()))
    for number, amount in zip(shares, amounts, strict=True):
        if amount:
            yield replace(line, budget_line=number, category=_category(budget, number), amount_pence=amount)


def _category(budget: AgreedBudget | None, number: int | None) -> str | None:
    lines = budget.lines if budget is not None else ()
    return next((one.category for one in lines if one.line_no == number), None)


def _shares(payment: Payment, case: CaseFile) -> dict[int, Pence]:
    """What the payer bears of each regular direct-payment line of the budget, by line number."""
    budget = filed_budget_of(payment, case)
    books = books_of(case, budget) if budget is not None else None
    if books is None or budget is None:
        return {}
    named = coverages_of(payment)
    payers = [at for at, one in enumerate(books.funders) if one.coverage_id in named]
    mine = [one for one in lines_in_force(books) if one.budget_id == budget.id and _is_regular(one)]
    found = {one.line.line_no: sum(one.shares[at] for at in payers) for one in mine}
    return {number: share for number, share in found.items() if share}


def _is_regular(one: LineInForce) -> bool:
    return one.line.option == DIRECT and not one.line.one_off and not one.line.contingency
