"""Periods with open ends: records say from when and until when, and either may be missing.

Source: domain.md section 2 (`Period`: inclusive start and optional end).
"""

from datetime import date

Span = tuple[date | None, date | None]


def meet(one: Span, other: Span) -> bool:
    """Whether two periods, each a start and an end, have a day in common."""
    return _not_after(one[0], other[1]) and _not_after(other[0], one[1])


def _not_after(start: date | None, end: date | None) -> bool:
    return start is None or end is None or start <= end


def runs_on(start: date | None, end: date | None, day: date) -> bool:
    """Whether a period holds a day."""
    return _not_after(start, day) and _not_after(day, end)
