"""The two ledgers read once: what each funder paid or promised, and what was spent on each line, as at a day.

Nothing is shared out here: a line's shares depend on its total alone, so one pass over the rows is enough.

Source: domain.md 2.5, 6.4 (cumulative rule), 6.7 (`paid`, `recovered`, `committed`, `spent`, `held`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.books import NOTIONAL, PERSON, Books, Movement
from fhir_gateway.phb.in_force import LineInForce
from fhir_gateway.phb.money import Pence

OUT: Final = frozenset(
    {"instalment", "one-off", "invoice", "reimbursement", "contingency-release", "adjustment-increase"}
)
OFFSET: Final = "adjustment-offset"
CONTRIBUTION: Final = "client-contribution"
REFUND: Final = "refund-to-person"
RECOVERY: Final = "recovery"
RELEASE: Final = "contingency-release"
PROMISED: Final = frozenset({"scheduled", "due", "authorised", "on-hold", "paid"})
NEVER_MOVED: Final = frozenset({"failed", "cancelled"})
SPENT: Final = frozenset({"recorded", "evidenced", "accepted"})
Place = tuple[str | None, int | None]


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Sums in pence: by position of the funder, but `spent` and `released` by place of the line in force.

    account: paid to be held, less what was recovered. contributed: by the person. instalments, instalments_due: of
    the recurring kind, paid and still to be paid. The last place of `spent` is for spending on no line.
    direct: notional payments on no line. queried, disallowed: entries that count nowhere.
    """

    paid_gross: list[Pence]
    recovered: list[Pence]
    committed: list[Pence]
    account: list[Pence]
    contributed: list[Pence]
    instalments: list[Pence]
    instalments_due: list[Pence]
    direct: list[Pence]
    spent: list[Pence]
    contingency_spent: list[Pence]
    released: list[Pence]
    queried: Pence = 0
    disallowed: Pence = 0


def read(books: Books, lines: Sequence[LineInForce], at: date) -> Ledger:
    """Both ledgers as at the end of a day. lines: the places that spending is added up in."""
    ledger = _empty(len(books.funders), len(lines) + 1)
    reader = _Reader(books, lines, at, ledger)
    for movement in books.payments:
        reader.payment(movement)
    reader.entries()
    return ledger


def moved(one: Movement, at: date) -> Pence | None:
    """Pence that had moved by the end of a day; None where nothing had. A recovery may have come in part."""
    in_part = one.kind == RECOVERY and one.paid_pence is not None and one.status not in NEVER_MOVED
    day = one.paid_on or (one.due_on if one.status == "paid" else None)
    if (one.status != "paid" and not in_part) or (day is not None and day > at):
        return None
    return one.amount if one.paid_pence is None else one.paid_pence


def _empty(width: int, places: int) -> Ledger:
    return Ledger(
        paid_gross=[0] * width,
        recovered=[0] * width,
        committed=[0] * width,
        account=[0] * width,
        contributed=[0] * width,
        instalments=[0] * width,
        instalments_due=[0] * width,
        direct=[0] * width,
        spent=[0] * places,
        contingency_spent=[0] * places,
        released=[0] * places,
    )


class _Reader:
    """Where a row belongs. The sums go to `ledger`."""

    def __init__(self, books: Books, lines: Sequence[LineInForce], at: date, ledger: Ledger) -> None:
        self.books, self.at, self.ledger = books, at, ledger
        self.places: dict[Place, int] = {(one.budget_id, one.line.line_no): at for at, one in enumerate(lines)}
        self.contingency = {one.budget_id: at for at, one in reversed([*enumerate(lines)]) if one.line.contingency}
        self.notional = [*(one.line.option == NOTIONAL for one in lines), False]
        self.is_contingency = [*(one.line.contingency for one in lines), False]
        self.nowhere = len(lines)
        self.person = books.position(PERSON)
        self.net = books.collected_net

    # --- payments -----------------------------------------------------------------------------------

    def payment(self, one: Movement) -> None:
        amount = moved(one, self.at)
        if amount is None:
            self.promise(one)
        elif one.kind in OUT:
            self.pay(one, amount)
        elif one.kind in {CONTRIBUTION, REFUND}:
            self.contribute(one, amount if one.kind == CONTRIBUTION else -amount)
        elif one.kind == RECOVERY:
            self.recover(one, amount)

    def promise(self, one: Movement) -> None:
        """Promised, and inside the period; also what was paid since the day, for then it was still to come."""
        if one.status not in PROMISED or not self.inside(one):
            return
        payer, sums = one.payer, self.ledger
        if one.kind in OUT:
            sums.committed[payer] += one.amount
            sums.instalments_due[payer] += one.amount if one.kind == "instalment" else 0
        elif one.kind == OFFSET:
            sums.committed[payer] -= one.amount
        elif one.kind == CONTRIBUTION and self.net:
            sums.committed[self.giver(one)] += one.amount

    def inside(self, one: Movement) -> bool:
        whole = self.books.period
        return (one.start is None or one.start <= whole.end) and (one.end is None or one.end >= whole.start)

    def pay(self, one: Movement, moved: Pence) -> None:
        payer, sums, place = one.payer, self.ledger, self.place_of(one)
        sums.paid_gross[payer] += moved
        if not self.is_notional(one, place):
            sums.account[payer] += moved
            sums.instalments[payer] += moved if one.kind == "instalment" else 0
            sums.released[place] += moved if one.kind == RELEASE else 0
        elif place == self.nowhere:
            sums.direct[payer] += moved
        else:
            sums.spent[place] += moved

    def place_of(self, one: Movement) -> int:
        place = self.places.get((one.budget_id, one.line), self.nowhere)
        if one.kind == RELEASE and not self.is_contingency[place]:
            return self.contingency.get(one.budget_id or "", self.nowhere)
        return place

    def is_notional(self, one: Movement, place: int) -> bool:
        """By its line, else by what the payment says, else invoices are: direct payments come in instalments."""
        if place != self.nowhere:
            return self.notional[place]
        return one.option == NOTIONAL or (one.option is None and one.kind == "invoice")

    def contribute(self, one: Movement, moved: Pence) -> None:
        """Collected net the money goes into the account; collected gross it goes to the council."""
        giver = self.giver(one)
        self.ledger.contributed[giver] += moved
        if self.net:
            self.ledger.paid_gross[giver] += moved if giver == self.person else 0

    def giver(self, one: Movement) -> int:
        return one.payer if self.person is None else self.person

    def recover(self, one: Movement, moved: Pence) -> None:
        self.ledger.recovered[one.payer] += moved
        if not self.is_notional(one, self.place_of(one)):
            self.ledger.account[one.payer] -= moved

    # --- spending -----------------------------------------------------------------------------------

    def entries(self) -> None:
        """What the holder spent; under notional the invoices paid are the spending, not the holder's ledger."""
        at, places, nowhere, sums = self.at, self.places, self.nowhere, self.ledger
        spent, from_contingency = sums.spent, sums.contingency_spent
        for _, budget_id, line, amount, spent_on, contingency, status in self.books.entries:
            if spent_on > at:
                continue
            if status not in SPENT:
                self.apart(status, amount)
                continue
            place = places.get((budget_id, line), nowhere)
            if contingency and not self.is_contingency[place]:
                place = self.contingency.get(budget_id or "", place)
            if not self.notional[place]:
                spent[place] += amount
                from_contingency[place] += amount if contingency or self.is_contingency[place] else 0

    def apart(self, status: str | None, amount: Pence) -> None:
        if status == "queried":
            self.ledger.queried += amount
        elif status == "disallowed":
            self.ledger.disallowed += amount
