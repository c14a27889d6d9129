"""A funder's payment list held against its ledger, row by row: what matches, what differs, what is missing.

Rows and payments meet by reference; rows without one by day and amount. Of those with the same reference the ones that
agree in full meet first, then those of one amount, then the rest in order. Amounts are pence, below zero where money
came back.

Source: domain.md 2.5 (two ledgers), 3.3 (payment-kind: direction); docs/loading.md (payment lists).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.periods import Period

MATCHED: Final = "matched"
AMOUNT_DIFFERS: Final = "amount-differs"
DATE_DIFFERS: Final = "date-differs"
NOT_IN_LEDGER: Final = "not-in-ledger"
LISTED_TWICE: Final = "listed-twice"
NOT_ON_LIST: Final = "not-on-list"
VERDICTS: Final = (MATCHED, AMOUNT_DIFFERS, DATE_DIFFERS, NOT_IN_LEDGER, LISTED_TWICE, NOT_ON_LIST)


class Listed(NamedTuple):
    """A row of the list. id: of its PaymentReconciliation."""

    id: str
    reference: str
    paid_on: date | None
    amount: Pence


class Paid(NamedTuple):
    """A payment of the ledger. id: of the funder's answer that says it was paid."""

    id: str
    reference: str
    paid_on: date | None
    amount: Pence


@dataclass(frozen=True, slots=True)
class Line:
    """One verdict. listed: the row, None for a payment not on the list; paid: the payment, None where there is none."""

    verdict: str
    listed: Listed | None
    paid: Paid | None

    @property
    def difference(self) -> Pence:
        """By how much the list says more than the ledger."""
        return (self.listed.amount if self.listed else 0) - (self.paid.amount if self.paid else 0)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Every row of the list in its order, then the payments missing from it. Sums in pence."""

    lines: tuple[Line, ...]

    @property
    def listed(self) -> Pence:
        """The sum of the list."""
        return sum(one.listed.amount for one in self.lines if one.listed)

    @property
    def paid(self) -> Pence:
        """The sum of the ledger, as far as it meets the list or is missing from it."""
        return sum(one.paid.amount for one in self.lines if one.paid)

    @property
    def difference(self) -> Pence:
        """By how much the list is above the ledger: the sum of the differences of its lines."""
        return self.listed - self.paid

    def count(self, verdict: str) -> int:
        """How many lines have a verdict."""
        return sum(one.verdict == verdict for one in self.lines)

    @property
    def agrees(self) -> bool:
        """Whether every row and every payment has its match."""
        return all(one.verdict == MATCHED for one in self.lines)


def reconciled(rows: Sequence[Listed], ledger: Iterable[Paid], covers: Period | None) -> Reconciliation:
    """The list against the ledger. covers: the days of which the list should show every payment; None for none."""
    payments = tuple(ledger)
    met = dict(_met(rows, payments))
    taken = set(met.values())
    known = {_key(one.reference) for one in payments} - {""}
    lines = [_line(row, met.get(at), payments, known) for at, row in enumerate(rows)]
    left = (one for at, one in enumerate(payments) if at not in taken and _is_expected(one, covers))
    return Reconciliation((*lines, *(Line(NOT_ON_LIST, None, one) for one in left)))


def _key(reference: str) -> str:
    """A reference as it is compared: without blanks, small letters as large ones."""
    return "".join(reference.split()).upper()


def _is_expected(one: Paid, covers: Period | None) -> bool:
    return covers is not None and one.paid_on is not None and one.paid_on in covers


def _line(row: Listed, at: int | None, payments: Sequence[Paid], known: set[str]) -> Line:
    if at is None:
        return Line(LISTED_TWICE if _key(row.reference) in known else NOT_IN_LEDGER, row, None)
    paid = payments[at]
    if row.amount != paid.amount:
        return Line(AMOUNT_DIFFERS, row, paid)
    return Line(MATCHED if row.paid_on == paid.paid_on else DATE_DIFFERS, row, paid)


# --- which row is which payment ---------------------------------------------------------------------

Places = list[int]
Likeness = Callable[[Listed, Paid], bool]


def _same(row: Listed, paid: Paid) -> bool:
    return row.amount == paid.amount and row.paid_on == paid.paid_on


def _same_amount(row: Listed, paid: Paid) -> bool:
    return row.amount == paid.amount


def _any(row: Listed, paid: Paid) -> bool:  # noqa: ARG001 - one of three tests
    return True


def _met(rows: Sequence[Listed], payments: Sequence[Paid]) -> Iterator[tuple[int, int]]:
    """Places of the rows and payments that are the same."""
    by_reference = _places(_key(one.reference) for one in payments)
    listed = _places(_key(one.reference) for one in rows)
    taken: set[int] = set()
    for reference, mine in listed.items():
        if reference:
            for at, place in _paired(mine, by_reference.get(reference, []), rows, payments):
                taken.add(place)
                yield at, place
    yield from _by_day_and_amount(listed.get("", []), taken, rows, payments)


def _places(keys: Iterable[str]) -> dict[str, Places]:
    found: defaultdict[str, Places] = defaultdict(list)
    for at, key in enumerate(keys):
        found[key].append(at)
    return found


def _paired(
    mine: Places, theirs: Places, rows: Sequence[Listed], payments: Sequence[Paid]
) -> Iterator[tuple[int, int]]:
    left, open_ = list(mine), list(theirs)
    for alike in (_same, _same_amount, _any):
        for at in tuple(left):
            place = next((one for one in open_ if alike(rows[at], payments[one])), None)
            if place is not None:
                left.remove(at)
                open_.remove(place)
                yield at, place


def _by_day_and_amount(
    mine: Places, taken: set[int], rows: Sequence[Listed], payments: Sequence[Paid]
) -> Iterator[tuple[int, int]]:
    """Rows without a reference meet a payment of their day and amount that no other row has met."""
    free: defaultdict[tuple[date | None, Pence], Places] = defaultdict(list)
    for at, paid in enumerate(payments):
        if at not in taken and mine:
            free[paid.paid_on, paid.amount].append(at)
    for at in mine:
        places = free[rows[at].paid_on, rows[at].amount]
        if places:
            yield at, places.pop(0)
