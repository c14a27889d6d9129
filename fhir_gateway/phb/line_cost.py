"""What a budget line costs in a period: weekly by sevenths, annual by days of the financial year, rounded once.

Source: domain.md 6.3, 6.1 nos. 2 and 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from fhir_gateway.phb.money import Pence, rhu
from fhir_gateway.phb.periods import MONTHS_A_YEAR, Period, days, fydays, segments
from mappings.budget import BudgetLine

DAYS_OF: Final = {"daily": 1, "weekly": 7, "fortnightly": 14, "four-weekly": 28}
YEARLY: Final = {"annual": 1, "monthly": MONTHS_A_YEAR}
MINUTES_AN_HOUR: Final = 60
# A quantity in one of these says how often, which the frequency says already: it multiplies nothing.
UNITS_OF_TIME: Final = frozenset({"day", "week", "fortnight", "four-week", "month", "year"})
MINUTES: Final = frozenset({"min", "minute"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    """What the cost of a line is worked out from.

    frequency: a code of `phb-line-frequency`. rate: exact pence for each day, week, .. month, year; of `per-unit` and
    `one-off` the whole amount. on_date: where given, the whole amount falls on it; otherwise it is spread.
    """

    frequency: str
    rate: Fraction
    period: Period
    on_date: date | None = None


def cost(terms: LineTerms, whole: Period, cuts: Iterable[date] = ()) -> Pence:
    """Pence for the part of the line that lies in the period; 0 where they do not meet.

    Cut at each 1 April and at `cuts` (first days of new versions or rates); each segment is rounded on its own.
    """
    if terms.on_date is not None:
        return _rounded(terms.rate) if terms.on_date in whole else 0
    shared = terms.period.within(whole)
    if shared is None:
        return 0
    return sum(_segment(terms, one) for one in segments(shared, cuts))


def cost_to(terms: LineTerms, start: date, at: date) -> Pence:
    """Pence from start to the day `at`, both included: what is planned to date; 0 before the start."""
    return cost(terms, Period(start, at)) if start <= at else 0


def _segment(terms: LineTerms, one: Period) -> Pence:
    if terms.frequency in DAYS_OF:
        return _rounded(terms.rate * one.days / DAYS_OF[terms.frequency])
    if terms.frequency in YEARLY:
        return _rounded(terms.rate * YEARLY[terms.frequency] * one.days / fydays(one.start))
    return _spread(terms, one)


def _spread(terms: LineTerms, one: Period) -> Pence:
    """A fixed amount by days: what it has come to at the end, less what before, so that it adds up however cut."""
    amount, whole, start = _rounded(terms.rate), terms.period.days, terms.period.start
    before, after = days(start, one.start) - 1, days(start, one.end)
    return rhu(amount * after, whole) - rhu(amount * before, whole)


def _rounded(exact: Fraction) -> Pence:
    return rhu(exact.numerator, exact.denominator)


def terms_of(line: BudgetLine, budget: Period) -> LineTerms:
    """The terms of a line; one without period of its own runs through the budget's.

    A line without rate or frequency, as an indicative budget may have, is its amount spread by days.
    """
    span = Period(line.start or budget.start, line.end or budget.end)
    if line.rate_pence is None or line.frequency is None:
        return LineTerms(frequency="one-off", rate=Fraction(line.amount_pence or 0), period=span, on_date=_day(line))
    return LineTerms(frequency=line.frequency, rate=_rate(line), period=span, on_date=_day(line, span.start))


def _day(line: BudgetLine, default: date | None = None) -> date | None:
    if line.profile == "even":
        return None
    return line.on_date or (default if line.profile == "on-date" else None)


def _rate(line: BudgetLine) -> Fraction:
    """Exact pence: rate times quantity, minutes being sixtieths of the hourly rate."""
    rate, quantity = Fraction(line.rate_pence or 0), line.quantity
    unit = (line.unit or "").strip().lower().removesuffix("s")
    if quantity is None or (unit in UNITS_OF_TIME and line.frequency != "per-unit"):
        return rate
    return rate * Fraction(quantity) / (MINUTES_AN_HOUR if unit in MINUTES else 1)
