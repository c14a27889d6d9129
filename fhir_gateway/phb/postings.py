"""From rows of the two ledgers to what the books count: the parts of a payment, and the entries with the status that
holds by the rules.

Source: domain.md 2.5, 6.4, 6.7; rules R64, R66, R85.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from fhir_gateway.phb.books import Movement, Spending
from fhir_gateway.phb.money import Pence, split

DISALLOWED: Final = "disallowed"
QUERIED: Final = "queried"
ACCEPTED: Final = "accepted"
RECORDED: Final = "recorded"
LOOKED_INTO: Final = frozenset({ACCEPTED, DISALLOWED})
APART: Final = frozenset({QUERIED, DISALLOWED})
CONTINGENCY: Final = '"contingency"'
claim_of: Callable[[tuple[Any, ...]], Any] = itemgetter(0)


class PaymentRow(NamedTuple):
    """A payment with one of its lines and one of its payers; a row for each pair, in the order of the lines."""

    claim_id: str
    version: int
    kind: str
    status: str | None
    budget_id: str | None
    total: Pence | None
    insurer_id: str | None
    due_on: date | None
    start: date | None
    end: date | None
    paid_on: date | None
    sequence: int | None
    budget_line: int | None
    option: str | None
    line_amount: Pence | None
    invoice_check: str | None
    coverage_id: str | None

    @property
    def day(self) -> date | None:
        """The day that says which period it belongs to: the first day it covers, else when it is due or was paid."""
        return self.start or self.due_on or self.paid_on


class AnswerRow(NamedTuple):
    """What one funder answered to a payment. total: its part; paid_pence: what it moved, on `paid_on`."""

    claim_id: str
    funder_id: str | None
    total: Pence | None
    paid_on: date | None
    paid_pence: Pence | None


NO_ANSWER: Final = AnswerRow("", None, None, None, None)


class AnsweredLineRow(NamedTuple):
    """Pence of one line of a Claim that one funder pays."""

    claim_id: str
    funder_id: str | None
    line_no: int
    amount: Pence | None


class EntryRow(NamedTuple):
    """Items of the holder's ledger that read alike, added up; each item of an entry of several is a row of its own.

    entry: id of its Claim for those, which stand together; None for the others. budget_id, status, spent_on: as
    recorded; created: where it says no day. entries, versions, latest: how
    many entries the row stands for, the sum of their versions, the last change (microseconds).
    """

    entry: str | None
    budget_id: str | None
    status: str | None
    spent_on: date | None
    created: date | None
    budget_line: int | None
    flags: str | None
    exclusion: str | None
    amount: Pence
    entries: int
    versions: int
    latest: int


class Answers:
    """The answers to payments, by Claim; nearly all have one."""

    def __init__(self, rows: Sequence[AnswerRow]) -> None:
        self._one = dict(zip(map(claim_of, rows), rows, strict=True))
        self._more: dict[str, list[AnswerRow]] = {}
        if len(self._one) < len(rows):
            for row in rows:
                self._more.setdefault(row.claim_id, []).append(row)

    def of(self, claim_id: str) -> Sequence[AnswerRow]:
        """What the funders answered to a payment."""
        if claim_id in self._more:
            return self._more[claim_id]
        return (self._one[claim_id],) if claim_id in self._one else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payers:
    """Who may pay: positions of the funders by Coverage and by body, and the weights of each budget line.

    A body with two Coverages has no position of its own.
    """

    by_coverage: Mapping[str, int]
    by_body: Mapping[str, int]
    bodies: Mapping[int, str]
    weights: Mapping[tuple[str, int], Sequence[int]] = field(default_factory=dict)

    def of(self, row: PaymentRow) -> int:
        """The payer a row names by Coverage, else by insurer; the first of all where it names none."""
        found = self.by_coverage.get(row.coverage_id or "")
        return self.by_body.get(row.insurer_id or "", 0) if found is None else found


# --- payments ---------------------------------------------------------------------------------------


def movements(
    rows: Iterable[PaymentRow],
    answers: Answers,
    lines: Mapping[tuple[str, str], Mapping[int, Pence]],
    payers: Payers,
) -> Iterator[Movement]:
    """The parts of each payment by payer and line. rows: those of a payment stand together.

    lines: by Claim and body, pence by number of the payment's own line, for payments of several.
    """
    for claim_id, found in groupby(rows, claim_of):
        first, *more = found
        given = answers.of(claim_id)
        if more or len(given) > 1:
            yield from _parts(sorted((first, *more), key=_sequence), given, lines, payers)
        else:
            yield _whole(first, given[0] if given else NO_ANSWER, payers)


def _sequence(row: PaymentRow) -> int:
    return row.sequence or 0


def _whole(row: PaymentRow, answer: AnswerRow, payers: Payers) -> Movement:
    """A payment of one line, or none, by one payer."""
    amount = row.total if answer.total is None else answer.total
    return _movement(row, answer.paid_on, payers.of(row), amount or 0, answer.paid_pence)


def _movement(row: PaymentRow, paid_on: date | None, payer: int, amount: Pence, paid: Pence | None) -> Movement:
    claim_id, _, kind, status, budget_id, _, _, due_on, start, end, own_paid_on, _, line, option, _, check, _ = row
    day = own_paid_on if paid_on is None else paid_on
    return Movement(
        claim_id, kind, status, budget_id, line, option, payer, amount, due_on, start, end, day, paid, check
    )


def _parts(
    rows: Sequence[PaymentRow],
    answers: Sequence[AnswerRow],
    answered: Mapping[tuple[str, str], Mapping[int, Pence]],
    payers: Payers,
) -> Iterator[Movement]:
    """A part for each payer and line that carries something of it."""
    first = rows[0]
    named = sorted({payers.of(row) for row in rows})
    by_place = {_place(one, named, payers): one for one in answers} if answers else {}
    places = sorted({*named, *(at for at in by_place if at >= 0)}) if by_place else named
    if first.sequence == rows[-1].sequence:
        yield from _of_one_line(first, places, by_place, payers)
        return
    lines = list({row.sequence: row for row in rows}.values())
    amounts = _amounts(first, lines, places, payers)
    for at, place in enumerate(places):
        answer = by_place.get(place, NO_ANSWER)
        given = answered.get((first.claim_id, answer.funder_id or ""), {})
        mine = _mine(lines, [one[at] for one in amounts], answer, given)
        moved = split(answer.paid_pence, mine) if answer.paid_pence is not None and any(mine) else None
        for number, (row, amount) in enumerate(zip(lines, mine, strict=True)):
            if amount:
                yield _movement(row, answer.paid_on, place, amount, moved[number] if moved else None)


def _of_one_line(
    row: PaymentRow, places: Sequence[int], by_place: Mapping[int, AnswerRow], payers: Payers
) -> Iterator[Movement]:
    """A part for each payer of a payment of one line: as its funder answered, else as the line is shared."""
    total = row.total if row.total is not None else row.line_amount or 0
    for place, share in zip(places, split(total, _weights(row, places, payers)), strict=True):
        answer = by_place.get(place, NO_ANSWER)
        amount = share if answer.total is None else answer.total
        if amount:
            yield _movement(row, answer.paid_on, place, amount, answer.paid_pence)


def _place(one: AnswerRow, places: Sequence[int], payers: Payers) -> int:
    """The payer an answer is from: the one of the payment's own whose body it is."""
    return next(
        (at for at in places if payers.bodies.get(at) == one.funder_id), payers.by_body.get(one.funder_id or "", -1)
    )


def _amounts(
    first: PaymentRow, lines: Sequence[PaymentRow], places: Sequence[int], payers: Payers
) -> list[tuple[Pence, ...]]:
    """Pence of each line by payer of the payment, each shared as its budget line is, else in equal parts.

    What the lines leave of the total goes with the first of them.
    """
    stated = [row.line_amount or 0 for row in lines]
    stated[0] += (first.total if first.total is not None else sum(stated)) - sum(stated)
    return [split(amount, _weights(row, places, payers)) for row, amount in zip(lines, stated, strict=True)]


def _weights(row: PaymentRow, places: Sequence[int], payers: Payers) -> Sequence[int]:
    known = payers.weights.get((row.budget_id or "", row.budget_line or 0), ())
    mine = [known[at] for at in places] if known else []
    return mine if sum(mine) else [1] * len(places)


def _mine(
    lines: Sequence[PaymentRow], usual: Sequence[Pence], answer: AnswerRow, given: Mapping[int, Pence]
) -> tuple[Pence, ...]:
    """Pence of each line for one payer: as the funder answered line by line, or in total, else as usual."""
    if answer.total is None:
        return tuple(usual)
    by_line = tuple(given.get(row.sequence or 0, 0) for row in lines)
    if given and sum(by_line) == answer.total:
        return by_line
    return split(answer.total, usual if sum(usual) else [1] * len(lines))


# --- spending ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVersion:
    """A budget version as an entry may name it. was_in_force: agreed at some time."""

    budget_id: str
    lines: frozenset[int]
    was_in_force: bool
    start: date | None
    end: date | None
    rank: tuple[bool, int, str]

    def holds(self, day: date) -> bool:
        """Whether it was in force on a day."""
        begun = self.start is None or self.start <= day
        return self.was_in_force and begun and (self.end is None or day <= self.end)


def spendings(rows: Iterable[EntryRow], versions: Sequence[KnownVersion], ours: frozenset[str]) -> list[Spending]:
    """What was spent of the budgets `ours`, and of none, with the status that holds by R64 and R66.

    Items of one line, day and status are added up; they name no Claim. versions: all of the person, ours and others.
    """
    known = {one.budget_id: one for one in versions}
    sums: dict[tuple[str | None, int | None, date, bool, str], Pence] = {}
    for entry in _entries(rows):
        for row, budget, status in _items(entry, known, versions):
            if budget is None or budget.budget_id in ours:
                name = budget.budget_id if budget else None
                key = (name, row.budget_line, _day(row), CONTINGENCY in (row.flags or ""), status)
                sums[key] = sums.get(key, 0) + row.amount
    return [
        Spending("", budget_id, line, amount, day, contingency, status)
        for (budget_id, line, day, contingency, status), amount in sums.items()
    ]


def _entries(rows: Iterable[EntryRow]) -> Iterator[tuple[EntryRow, ...]]:
    """The items that are judged together: those of one entry."""
    for entry, found in groupby(rows, claim_of):
        if entry is None:
            yield from ((row,) for row in found)
        else:
            yield tuple(found)


def _items(
    entry: Sequence[EntryRow], known: Mapping[str, KnownVersion], versions: Sequence[KnownVersion]
) -> Iterator[tuple[EntryRow, KnownVersion | None, str]]:
    """Each item with its budget version and status; none for an entry of a budget that is not known here."""
    if entry[0].budget_id is None or entry[0].budget_id in known or entry[0].status in APART:
        budgets = [_version(row, known, versions) for row in entry]
        status = _status(entry, budgets)
        yield from ((row, budget, status) for row, budget in zip(entry, budgets, strict=True))


def _day(row: EntryRow) -> date:
    """The day it was spent; one that says no day counts from the first."""
    return row.spent_on or row.created or date.min


def _version(row: EntryRow, known: Mapping[str, KnownVersion], versions: Sequence[KnownVersion]) -> KnownVersion | None:
    """The version an item names, else the one in force on its day."""
    if row.budget_id is not None:
        return known.get(row.budget_id)
    day = _day(row)
    return max((one for one in versions if one.holds(day)), key=lambda one: one.rank, default=None)


def _status(entry: Sequence[EntryRow], budgets: Sequence[KnownVersion | None]) -> str:
    """An excluded use is disallowed (R64); outside the plan it is in question (R66) until somebody accepts it."""
    status = entry[0].status or RECORDED
    if any(row.exclusion for row in entry):
        return DISALLOWED
    if status in LOOKED_INTO or all(_planned(row, budget) for row, budget in zip(entry, budgets, strict=True)):
        return status
    return QUERIED


def _planned(row: EntryRow, budget: KnownVersion | None) -> bool:
    return budget is not None and budget.was_in_force and row.budget_line in budget.lines
