"""The payments a budget version is to be paid in: by funder and way of holding the money, and the person's own.

Over all versions together a funder pays exactly its part: what the versions before were to pay until a new one starts
is taken off what the new one still owes.

Source: domain.md 6.5, 6.6, 6.7 (`payable`); rules R92, R98, R99.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fhir_gateway.phb.books import NOTIONAL, Books, Version
from fhir_gateway.phb.case.payments import DIRECT
from fhir_gateway.phb.figures import figures
from fhir_gateway.phb.in_force import COUNTED, LineInForce, lines_in_force
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.periods import Period
from fhir_gateway.phb.schedules import Instalment, LinePart, Owed, instalments, owed

OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Stream:
    """Money from one payer. payer: position among the funders. option: how it is held, `own` for the person's part."""

    payer: int
    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How one way of holding money is paid. single: all at once. funding: of contingency.

    interval: `monthly` or `four-weekly`.
    """

    interval: str = "monthly"
    funding: str | None = None
    single: bool = False


TermsOf = Mapping[str, Terms]
Schedule = dict[Stream, tuple[Instalment, ...]]


def schedule(books: Books, budget_id: str, terms: TermsOf) -> Schedule:
    """The instalments of one budget version. terms: by management option; the usual ones where none are given."""
    done: list[tuple[Version, Schedule]] = []
    for version in sorted((one for one in books.versions if one.status in COUNTED), key=lambda one: one.number):
        done.append((version, _of_version(_until(books, version), version, terms, done)))
    return next((found for version, found in done if version.budget_id == budget_id), {})


def _until(books: Books, version: Version) -> Books:
    """The books as if no later version had come, and nothing had been paid or spent."""
    kept = tuple(one for one in books.versions if one.number <= version.number and one.status in COUNTED)
    start, end = min(one.period.start for one in kept), max(one.period.end for one in kept)
    return replace(books, versions=kept, period=Period(start, end), payments=(), entries=())


def _of_version(books: Books, version: Version, terms: TermsOf, before: Sequence[tuple[Version, Schedule]]) -> Schedule:
    lines = [one for one in lines_in_force(books) if one.line.option not in {None, NOTIONAL}]
    own_lines = [one for one in lines if one.budget_id == version.budget_id]
    payable = _payable(books, lines, terms)
    left = {stream: whole - _paid_before(stream, before, version) for stream, whole in payable.items()}
    found: Schedule = {}
    for stream, amount in _carried_over(left, {one.line.option or "" for one in own_lines}).items():
        first = _owed(own_lines, stream, terms)
        found[stream] = _paid_in(_shared_out(max(0, amount), first), version.period, terms.get(stream.option, Terms()))
    return {stream: one for stream, one in found.items() if one}


def _carried_over(left: dict[Stream, Pence], options: set[str]) -> dict[Stream, Pence]:
    """What is left to pay in the ways this version holds money; of a way it does not have, with the payer's first."""
    kept = {stream: amount for stream, amount in left.items() if options and stream.option in options | {OWN}}
    for stream in left.keys() - kept.keys():
        first = next((one for one in kept if one.payer == stream.payer and one.option != OWN), None)
        if first is not None:
            kept[first] += left[stream]
    return kept


def _shared_out(left: Pence, first: Owed) -> Owed:
    """What is left to pay: what comes with the first instalment as far as it goes, the rest in regular ones."""
    one_off = min(left, first.one_off)
    contingency = min(left - one_off, first.contingency)
    return Owed(recurring=left - one_off - contingency, one_off=one_off, contingency=contingency)


def _paid_in(due: Owed, whole: Period, terms: Terms) -> tuple[Instalment, ...]:
    if not terms.single:
        return instalments(due, whole, terms.interval)
    one = Instalment(seq=1, covers=whole, recurring=due.recurring, one_off=due.one_off, contingency=due.contingency)
    return (one,) if one.amount else ()


def _paid_before(stream: Stream, before: Sequence[tuple[Version, Schedule]], version: Version) -> Pence:
    """What the versions before were to pay until the next one started."""
    found = 0
    for at, (_, plan) in enumerate(before):
        starts = [one.period.start for one, _ in before[at + 1 :]] + [version.period.start]
        found += sum(one.amount for one in plan.get(stream, ()) if one.covers.start < min(starts))
    return found


# --- what is owed -----------------------------------------------------------------------------------


def _payable(books: Books, lines: Sequence[LineInForce], terms: TermsOf) -> dict[Stream, Pence]:
    """Pence each payer pays into accounts over all versions, the person's part apart; direct payments first."""
    options = sorted({one.line.option or "" for one in lines}, key=lambda one: (one != DIRECT, one))
    found: dict[Stream, Pence] = {}
    for payer, charge in enumerate(_charges(books)):
        left = charge
        for option in options:
            stream = Stream(payer, option)
            whole = _total(_owed(lines, stream, terms))
            found[stream] = max(0, whole - left)
            left -= whole - found[stream]
        found[Stream(payer, OWN)] = charge - left
    return found


def _charges(books: Books) -> Iterator[Pence]:
    """What the person pays into the account of each funder's share, by position."""
    for funder, one in zip(books.funders, figures(books, books.period.end).funders, strict=True):
        yield one.allocated - one.payable if funder.charged else 0


def _owed(lines: Sequence[LineInForce], stream: Stream, terms: TermsOf) -> Owed:
    parts = (
        LinePart(share=one.shares[stream.payer], one_off=one.line.one_off, contingency=one.line.contingency)
        for one in lines
        if one.line.option == stream.option
    )
    return owed(parts, terms.get(stream.option, Terms()).funding)


def _total(one: Owed) -> Pence:
    return one.recurring + one.one_off + one.contingency
