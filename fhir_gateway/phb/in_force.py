"""Which lines count, for which days and how much: each budget version until the day before the next one starts.

Source: domain.md 6.1 no. 5, 6.3, 6.7 (`allocated`, `planned_to_date`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.books import Books, Line, Version
from fhir_gateway.phb.line_cost import cost, cost_to
from fhir_gateway.phb.money import Pence, split
from fhir_gateway.phb.periods import Period, day_before, period

COUNTED: Final = frozenset({"agreed", "active", "superseded", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInForce:
    """A line as far as it counts. span: the days it counts for, None for none.

    amount: pence for them. shares: of the amount, by position. weights: what its spending is shared by.
    """

    budget_id: str
    line: Line
    span: Period | None
    amount: Pence
    shares: tuple[Pence, ...]
    weights: tuple[int, ...]

    def planned(self, at: date) -> Pence:
        """Pence of the amount that the plan expects to be spent by the end of a day; contingency not excepted."""
        on_date = self.line.terms.on_date
        if on_date is not None:
            return self.amount if on_date <= at else 0
        if self.span is None or at >= self.span.end:
            return self.amount
        return cost_to(self.line.terms, self.span.start, at)

    def shared(self, total: Pence) -> tuple[Pence, ...]:
        """Pence by position of a total spent or planned on the line; all of it is shared as agreed."""
        return self.shares if total == self.amount else split(total, self.weights)


def windows(versions: Sequence[Version], whole: Period) -> Iterator[tuple[Version, Period | None]]:
    """Each version that counts and the days for which it does: until the next one starts, inside the period."""
    counted = sorted((one for one in versions if one.status in COUNTED), key=lambda one: one.number)
    for at, one in enumerate(counted):
        ends = [day_before(later.period.start) for later in counted[at + 1 :] if later.chain == one.chain]
        left = period(one.period.start, min([one.period.end, *ends]))
        yield one, left.within(whole) if left else None


def lines_in_force(books: Books) -> tuple[LineInForce, ...]:
    """Every line of every version that counts, also when nothing is left of it: it may have been spent on."""
    return tuple(
        _in_force(version, window, line, len(books.funders))
        for version, window in windows(books.versions, books.period)
        for line in version.lines
    )


def _in_force(version: Version, window: Period | None, line: Line, width: int) -> LineInForce:
    span = line.terms.period if window == version.period else _span(line, window)
    amount = line.amount if window == version.period else _left(line, window)
    weights = _weights(line, width)
    return LineInForce(
        budget_id=version.budget_id,
        line=line,
        span=span,
        amount=amount,
        shares=line.shares if line.shares and amount == line.amount else split(amount, weights),
        weights=weights,
    )


def _span(line: Line, window: Period | None) -> Period | None:
    return line.terms.period.within(window) if window else None


def _left(line: Line, window: Period | None) -> Pence:
    """The amount as recorded where the window holds the whole line, else its cost inside the window."""
    if window is None:
        return 0
    span = line.terms.period
    undated = line.terms.on_date is None and span.within(window) == span
    dated = line.terms.on_date is not None and line.terms.on_date in window
    return line.amount if undated or dated else cost(line.terms, window)


def _weights(line: Line, width: int) -> tuple[int, ...]:
    """The agreed weights, or the shares; where neither says anything the first funder bears the line."""
    given = (one for one in (line.weights, line.shares) if sum(one))
    return next(given, tuple(int(at == 0) for at in range(width)))
