"""What is still to be drawn from a budget: by line and by funder, while the lines of a claim are gone through.

Source: domain.md 6.4 (cumulative rule), 6.7 (`payable`, `paid`, `committed`); rule R99.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from fhir_gateway.phb.books import Books
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.books import books_of, funders_figures
from fhir_gateway.phb.case.payments import counts
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.in_force import LineInForce, lines_in_force
from fhir_gateway.phb.ledger import OUT, PROMISED, RELEASE
from fhir_gateway.phb.money import Pence, added, split
from mappings.budget import AgreedBudget
from mappings.payment import Payment, PaymentLine

ORGANIZATION: Final = "Organization/"
Parts = tuple[Pence, ...]


@dataclass(slots=True)
class Purse:
    """A budget version as its money goes out. Pence by position of the funders in the books.

    drawn: of each line, by its number. left: of each funder's part of the budget, below zero where it is overdrawn.
    """

    books: Books
    lines: dict[int, LineInForce]
    drawn: dict[int, Parts]
    left: list[Pence]

    def room(self, number: int) -> Pence:
        """What is left of a line."""
        return self.lines[number].amount - sum(self.drawn[number])

    def position(self, coverage_id: str | None) -> int | None:
        """Position of the funder with this Coverage."""
        return next((at for at, one in enumerate(self.books.funders) if one.coverage_id == coverage_id), None)

    def shares(self, number: int, amount: Pence, payers: Sequence[int]) -> Parts | None:
        """Pence of an amount drawn from a line, by position: all that these payers bear of it by now, less before.

        None where none of them bears any of the line.
        """
        line, before = self.lines[number], self.drawn[number]
        weights = [weight if at in payers else 0 for at, weight in enumerate(line.weights)]
        if not sum(weights):
            return None
        mine = [one if at in payers else 0 for at, one in enumerate(before)]
        total = sum(mine) + amount
        whole = total == line.amount and all(at in payers for at, one in enumerate(line.shares) if one)
        after = line.shares if whole else split(total, weights)
        return not_below_zero([new - old for new, old in zip(after, mine, strict=True)])

    def alone(self, amount: Pence, payer: int) -> Parts:
        """An amount that one funder pays."""
        return tuple(amount if at == payer else 0 for at in range(len(self.left)))

    def short(self, shares: Parts) -> int | None:
        """Position of the first funder that has less left than its share."""
        return next((at for at, one in enumerate(shares) if one > max(0, self.left[at])), None)

    def draw(self, number: int | None, shares: Parts) -> None:
        """Take the shares out. number: of the line, None where they are for the budget as a whole."""
        self.left = [old - new for old, new in zip(self.left, shares, strict=True)]
        if number is not None:
            self.drawn[number] = added((self.drawn[number], shares), len(shares))


def not_below_zero(parts: list[Pence]) -> Parts:
    """The parts with what would be taken back from one taken off the greatest: a penny, and only among three."""
    while min(parts) < 0:
        low, high = parts.index(min(parts)), parts.index(max(parts))
        parts[high] += parts[low]
        parts[low] = 0
    return tuple(parts)


def purse_of(case: CaseFile, budget: Filed[AgreedBudget]) -> Purse | None:
    """The purse of a budget version as it stands; None where the records do not say who pays what."""
    books = books_of(case, budget)
    if books is None:
        return None
    figures = funders_figures(case, budget)
    lines = {one.line.line_no: one for one in lines_in_force(books) if one.budget_id == budget.id}
    drawn = {number: _drawn(case, budget, number, books, line.weights) for number, line in lines.items()}
    return Purse(books, lines, drawn, [figures[one.coverage_id].uncommitted for one in books.funders])


def _drawn(case: CaseFile, budget: Filed[AgreedBudget], number: int, books: Books, weights: Sequence[int]) -> Parts:
    found = [
        _parts(case, one, line, books, weights)
        for one in case.where(Payment, "pays_against_id", budget.id)
        if _is_drawn(one.record)
        for line in one.record.lines
        if line_drawn(one.record, line, budget.record) == number and line.amount_pence
    ]
    return added(found, len(books.funders))


def _is_drawn(payment: Payment) -> bool:
    return counts(payment) and payment.payment_kind in OUT and payment.payment_status in PROMISED


def line_drawn(payment: Payment, line: PaymentLine, budget: AgreedBudget) -> int | None:
    """Number of the budget line that a payment's line draws on; contingency released is the contingency line's."""
    if line.budget_line is not None or payment.payment_kind != RELEASE:
        return line.budget_line
    numbers = [one.line_no for one in budget.lines if one.contingency]
    return numbers[0] if len(numbers) == 1 else None


def _parts(case: CaseFile, one: Filed[Payment], line: PaymentLine, books: Books, weights: Sequence[int]) -> Parts:
    """A line of a payment by position: as the funders answered, else as its payers share the budget line."""
    amount = line.amount_pence or 0
    positions = {funder.coverage_id: at for at, funder in enumerate(books.funders)}
    mine = [positions[row.coverage_id] for row in one.record.insurance if row.coverage_id in positions]
    answered = _answered(case, one.id, line.sequence, books, mine)
    if sum(answered) == amount:
        return answered
    own = [weight if at in mine else 0 for at, weight in enumerate(weights)]
    equal = [int(at in mine) for at in range(len(weights))]
    chosen = next((some for some in (own, equal) if sum(some)), [int(at == 0) for at in range(len(weights))])
    return split(amount, chosen)


def _answered(case: CaseFile, claim_id: str, sequence: int, books: Books, mine: Sequence[int]) -> Parts:
    given = dict(_rows(case, claim_id, sequence))
    found = [0] * len(books.funders)
    for at in mine:
        found[at] = given.pop(books.funders[at].reference.removeprefix(ORGANIZATION), 0)
    return tuple(found)


def _rows(case: CaseFile, claim_id: str, sequence: int) -> Iterator[tuple[str, Pence]]:
    for one in answers(case, claim_id):
        for row in one.record.lines:
            if row.line_no == sequence and one.record.funder_id is not None:
                yield one.record.funder_id, row.amount_pence or 0
