"""Every figure of the statement as at a day, by funder, by line and in total.

Source: domain.md 6.7; rules R74, R83, R87, R99.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from fhir_gateway.phb.books import NOTIONAL, PERSON, Books, Funder
from fhir_gateway.phb.contribution import Contribution, contribution
from fhir_gateway.phb.in_force import LineInForce, lines_in_force
from fhir_gateway.phb.ledger import Ledger, read
from fhir_gateway.phb.money import Pence, added, rhu, split
from fhir_gateway.phb.periods import days
from fhir_gateway.phb.schedules import ON_REQUEST, SPREAD

# Called on later, though the plan counts it now: leave that is building up, tax and pension not yet paid.
ACCRUING: Final = frozenset({"pa-holiday-cover", "employer-national-insurance", "employer-pension"})
Shares = tuple[Pence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderFigures:
    """The figures of one funder, or of all, in pence. What is not named here is named in domain.md 6.7.

    contribution: what the person contributes to this funder's share over the period. contributed: what the person
    has given. paid_in, spent_from: the account's two sides, for direct payment and third party; the person's
    contribution is on the council's side. planned: for the whole period. contingency_held: still in the account.
    """

    indicative: Pence = 0
    allocated: Pence = 0
    contribution: Pence = 0
    payable: Pence = 0
    paid_gross: Pence = 0
    recovered: Pence = 0
    committed: Pence = 0
    contributed: Pence = 0
    spent: Pence = 0
    paid_in: Pence = 0
    spent_from: Pence = 0
    planned_to_date: Pence = 0
    planned: Pence = 0
    forecast_run_rate: Pence = 0
    contingency_allocated: Pence = 0
    contingency_released: Pence = 0
    contingency_used: Pence = 0
    contingency_held: Pence = 0
    protected: Pence = 0

    @property
    def paid(self) -> Pence:
        """Paid, net of what came back."""
        return self.paid_gross - self.recovered

    @property
    def uncommitted(self) -> Pence:
        """Payable but neither paid nor promised; below zero only where rule R99 was broken."""
        return self.payable - self.paid - self.committed

    @property
    def held(self) -> Pence:
        """In the account; the person's contribution is part of the council's pot."""
        return self.paid_in - self.spent_from

    @property
    def remaining(self) -> Pence:
        """Allocated and not spent."""
        return self.allocated - self.spent

    @property
    def underspend(self) -> Pence:
        """Planned to date and not spent; below zero is an overspend."""
        return self.planned_to_date - self.spent

    @property
    def forecast(self) -> Pence:
        """Spent, and what is planned from here on."""
        return self.spent + self.planned - self.planned_to_date

    @property
    def forecast_underspend(self) -> Pence:
        """What will be left by plan; contingency counts only as far as it was released."""
        return self.allocated - self.contingency_allocated + self.contingency_released - self.forecast

    @property
    def contingency_remaining(self) -> Pence:
        """Contingency not used."""
        return self.contingency_allocated - self.contingency_used

    @property
    def surplus(self) -> Pence:
        """The most a review could discuss taking back; of the total, never more than the whole account allows."""
        return max(0, self.held - self.contingency_held - self.protected)


def summed(parts: Iterable[FunderFigures]) -> FunderFigures:
    """The total of several funders, or budgets."""
    every = tuple(parts)
    return FunderFigures(**{one.name: sum(getattr(part, one.name) for part in every) for one in fields(FunderFigures)})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigures:
    """The figures of one line in force; each is pence by position, and `sum` makes it the line's own.

    planned_to_date, planned: of contingency only what was released. used: spent from contingency.
    """

    one: LineInForce
    allocated: Shares
    planned_to_date: Shares
    planned: Shares
    spent: Shares
    released: Shares
    used: Shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything as at a day. funders: in the order of the books. queried, disallowed: entries that are no spending."""

    at: date
    funders: tuple[FunderFigures, ...]
    total: FunderFigures
    lines: tuple[LineFigures, ...]
    queried: Pence
    disallowed: Pence

    def by_option(self) -> dict[str, Pence]:
        """What is allocated under each management option; adds up to the total (R87)."""
        found: dict[str, Pence] = {}
        for line in self.lines:
            option = line.one.line.option or ""
            found[option] = found.get(option, 0) + sum(line.allocated)
        return {option: amount for option, amount in found.items() if amount}


def figures(books: Books, at: date) -> Figures:
    """The figures as at the end of a day. One pass over payments and entries, whatever their number."""
    in_force = lines_in_force(books)
    ledger = read(books, in_force, at)
    lines = tuple(_line(one, place, ledger, at) for place, one in enumerate(in_force))
    columns = _Columns(books, ledger, lines, at).columns()
    funders = tuple(
        FunderFigures(**{name: column[row] for name, column in columns.items()}) for row in range(len(books.funders))
    )
    return Figures(
        at=at,
        funders=funders,
        total=summed(funders),
        lines=lines,
        queried=ledger.queried,
        disallowed=ledger.disallowed,
    )


def _line(one: LineInForce, place: int, ledger: Ledger, at: date) -> LineFigures:
    nothing = (0,) * len(one.shares)
    used = ledger.contingency_spent[place]
    released = one.shared(max(ledger.released[place], used)) if one.line.contingency else nothing
    return LineFigures(
        one=one,
        allocated=one.shares,
        planned_to_date=released if one.line.contingency else one.shared(one.planned(at)),
        planned=released if one.line.contingency else one.shares,
        spent=one.shared(ledger.spent[place]),
        released=released,
        used=one.shared(used) if one.line.contingency else nothing,
    )


class _Columns:
    """The figures by position of the funder, each from the lines, the ledger or both."""

    def __init__(self, books: Books, ledger: Ledger, lines: Sequence[LineFigures], at: date) -> None:
        self.books, self.ledger, self.lines, self.at = books, ledger, lines, at
        self.width = len(books.funders)
        self.allocated = self.add(line.allocated for line in lines)
        self.off_plan = self.shared_by_all(ledger.spent[-1])
        self.spent = self.add((*(line.spent for line in lines), self.off_plan, ledger.direct))
        self.contingency = [line for line in lines if line.one.line.contingency]

    def columns(self) -> dict[str, Sequence[Pence]]:
        ledger, lines, asked = self.ledger, self.lines, self.contributions()
        return {
            "indicative": self.books.indicative or self.none,
            "allocated": self.allocated,
            "contribution": [one.amount if one else 0 for one in asked],
            "payable": self.payable(asked),
            "paid_gross": ledger.paid_gross,
            "recovered": ledger.recovered,
            "committed": ledger.committed,
            "contributed": ledger.contributed,
            "spent": self.spent,
            "paid_in": self.paid_in(),
            "spent_from": self.add((*(line.spent for line in lines if _held(line)), self.off_plan)),
            "planned_to_date": self.add(line.planned_to_date for line in lines),
            "planned": self.add(line.planned for line in lines),
            "forecast_run_rate": self.run_rate(),
            "contingency_allocated": self.add(line.allocated for line in self.contingency),
            "contingency_released": self.add(line.released for line in self.contingency),
            "contingency_used": self.add(line.used for line in self.contingency),
            "contingency_held": self.contingency_held(),
            "protected": self.protected(),
        }

    @property
    def none(self) -> Shares:
        return (0,) * self.width

    def add(self, parts: Iterable[Sequence[Pence]]) -> Shares:
        return added(tuple(parts), self.width)

    def shared_by_all(self, total: Pence) -> Shares:
        """An amount on no line, by what each funder is to bear of all lines."""
        if sum(self.allocated):
            return split(total, self.allocated)
        return tuple(total if at == 0 else 0 for at in range(self.width))

    def contributions(self) -> list[Contribution | None]:
        return [self.asked(one, gross) for one, gross in zip(self.books.funders, self.allocated, strict=True)]

    def asked(self, one: Funder, gross: Pence) -> Contribution | None:
        if not one.charged or one.weekly_pence is None:
            return None
        return contribution(one.weekly_pence, one.within(self.books.period), gross, one.collection)

    def payable(self, asked: Sequence[Contribution | None]) -> list[Pence]:
        """What each has to pay out, the person what is paid into the account: in all it is the allocated total."""
        found = [one.council_pays if one else gross for one, gross in zip(asked, self.allocated, strict=True)]
        person = self.books.position(PERSON)
        if person is not None:
            found[person] += sum(one.person_pays_in for one in asked if one)
        return found

    def paid_in(self) -> list[Pence]:
        """Into the account: net contributions are part of the council's pot."""
        found, pot, ledger = list(self.ledger.account), self.books.pot, self.ledger
        if pot is not None and self.books.collected_net:
            found[pot] += sum(ledger.contributed)
        return found

    def run_rate(self) -> Shares:
        """Dated lines as they are, the rest carried on at today's pace; contingency is not a pace."""
        dated = [line for line in self.lines if line.one.line.terms.on_date and not line.one.line.contingency]
        to_come = [_unspent(line.planned, line.spent) for line in dated if not sum(line.planned_to_date)]
        once = self.add((*(line.spent for line in dated), *(line.spent for line in self.contingency)))
        other = [all_spent - fixed for all_spent, fixed in zip(self.spent, once, strict=True)]
        return self.add((once, *to_come, self.carried_on(other)))

    def carried_on(self, other: Sequence[Pence]) -> Shares:
        whole = self.books.period
        elapsed = min(days(whole.start, self.at), whole.days)
        if elapsed <= 0 or not sum(other):
            return self.none
        return split(rhu(sum(other) * whole.days, elapsed), other)

    def contingency_held(self) -> list[Pence]:
        """What came into the account as contingency by its kind of funding, less what was used of it."""
        lines = [line for line in self.contingency if _held(line)]
        allocated, used, released = (
            self.add(getattr(line, name) for line in lines) for name in ("allocated", "used", "released")
        )
        came = (self.came(at, *column) for at, column in enumerate(zip(allocated, released, used, strict=True)))
        return [max(0, amount - spent) for amount, spent in zip(came, used, strict=True)]

    def came(self, at: int, allocated: Pence, released: Pence, used: Pence) -> Pence:
        ledger = self.ledger
        if self.books.contingency_funding == ON_REQUEST:
            return max(released, used)
        if self.books.contingency_funding == SPREAD:
            due = ledger.instalments[at] + ledger.instalments_due[at]
            return rhu(allocated * ledger.instalments[at], due) if due else 0
        return allocated if ledger.account[at] > 0 else 0

    def protected(self) -> Shares:
        """Planned and not yet spent on the lines that build up, and the calls that are given."""
        accrued = (line for line in self.lines if line.one.line.category in ACCRUING and _held(line))
        calls = (self.called(one.amount, one.payer) for one in self.books.known_calls)
        return self.add((*(_unspent(line.planned_to_date, line.spent) for line in accrued), *calls))

    def called(self, amount: Pence, payer: int | None) -> Shares:
        if payer is None:
            return self.shared_by_all(amount)
        return tuple(amount if at == payer else 0 for at in range(self.width))


def _held(line: LineFigures) -> bool:
    return line.one.line.option != NOTIONAL


def _unspent(planned: Shares, spent: Shares) -> Shares:
    return tuple(max(0, plan - gone) for plan, gone in zip(planned, spent, strict=True))
