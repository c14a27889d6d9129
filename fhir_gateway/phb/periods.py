"""Days and periods: counted inclusively, cut at financial years, at given days, into months or four-week blocks.

Source: domain.md 6.1 nos. 3 to 5, 6.6; the financial year runs from 1 April to 31 March.
"""

from calendar import isleap, monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

APRIL: Final = 4
MONTHS_A_YEAR: Final = 12
ONE_DAY: Final = timedelta(days=1)
FOUR_WEEKS: Final = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included; ValueError when the end comes before the start."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period ends on {self.end}, before it starts on {self.start}")

    @property
    def days(self) -> int:
        """How many days it has."""
        return days(self.start, self.end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def within(self, other: "Period") -> "Period | None":
        """The part of it that lies in the other; None when they do not meet."""
        return period(max(self.start, other.start), min(self.end, other.end))


def period(start: date, end: date) -> Period | None:
    """The period, None when it has no day."""
    return Period(start, end) if start <= end else None


def days(start: date, end: date) -> int:
    """Days from start to end, both counted."""
    return (end - start).days + 1


def day_before(day: date) -> date:
    """The day before."""
    return day - ONE_DAY


def financial_year(day: date) -> Period:
    """The financial year that the day lies in."""
    first = day.year if day.month >= APRIL else day.year - 1
    return Period(date(first, APRIL, 1), date(first + 1, APRIL - 1, 31))


def fydays(day: date) -> int:
    """Days of the financial year that the day lies in: 366 when it holds 29 February."""
    return 366 if isleap(financial_year(day).end.year) else 365


def segments(whole: Period, cuts: Iterable[date] = ()) -> Iterator[Period]:
    """The period cut at each 1 April and at each day of `cuts`, which starts the segment that follows.

    Source: domain.md 6.1 no. 5.
    """
    firsts = sorted({day for day in (*cuts, *_aprils(whole)) if whole.start < day <= whole.end})
    starts = (whole.start, *firsts)
    ends = (*(day_before(day) for day in firsts), whole.end)
    return (Period(start, end) for start, end in zip(starts, ends, strict=True))


def _aprils(whole: Period) -> Iterator[date]:
    return (date(year, APRIL, 1) for year in range(whole.start.year, whole.end.year + 1))


def calendar_months(whole: Period) -> Iterator[Period]:
    """The part of each calendar month that lies in the period."""
    first = whole.start
    while first <= whole.end:
        last = min(whole.end, month_end(first))
        yield Period(first, last)
        first = last + ONE_DAY


def four_week_blocks(whole: Period) -> Iterator[Period]:
    """The period in blocks of 28 days; the last one may be shorter."""
    first = whole.start
    while first <= whole.end:
        yield Period(first, min(whole.end, first + FOUR_WEEKS - ONE_DAY))
        first += FOUR_WEEKS


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day when it has no such day."""
    years, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    last = monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))
