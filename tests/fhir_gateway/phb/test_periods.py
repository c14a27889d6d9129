"""Source: domain.md 6.1 nos. 3 to 5, 6.6."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.periods import (
    Period,
    calendar_months,
    days,
    financial_year,
    four_week_blocks,
    fydays,
    months_after,
    period,
    segments,
)

DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
PERIODS = st.builds(lambda start, more: Period(start, start + timedelta(days=more)), DAYS, st.integers(0, 1_200))


def test_both_days_of_a_period_count() -> None:
    assert days(date(2025, 4, 1), date(2025, 4, 1)) == 1
    assert Period(date(2025, 10, 1), date(2026, 3, 31)).days == 182


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(date(2025, 4, 2), date(2025, 4, 1))
    assert period(date(2025, 4, 2), date(2025, 4, 1)) is None


@pytest.mark.parametrize(
    ("day", "length"),
    [(date(2025, 4, 1), 365), (date(2027, 4, 1), 366), (date(2028, 3, 31), 366), (date(2028, 4, 1), 365)],
)
def test_a_financial_year_with_29_february_has_366_days(day: date, length: int) -> None:
    assert fydays(day) == length == financial_year(day).days
    assert day in financial_year(day)


def test_a_period_is_cut_at_the_first_of_april_and_where_a_version_starts() -> None:
    whole = Period(date(2026, 1, 15), date(2027, 1, 14))
    assert [one.days for one in segments(whole)] == [76, 289]
    assert [one.start for one in segments(whole, [date(2026, 6, 1), date(2026, 4, 1), date(2030, 1, 1)])] == [
        date(2026, 1, 15),
        date(2026, 4, 1),
        date(2026, 6, 1),
    ]


@given(PERIODS, st.lists(DAYS, max_size=4))
def test_segments_follow_each_other_and_lie_in_one_financial_year(whole: Period, cuts: list[date]) -> None:
    found = list(segments(whole, cuts))
    assert (found[0].start, found[-1].end, sum(one.days for one in found)) == (whole.start, whole.end, whole.days)
    assert all(one.end in financial_year(one.start) for one in found)
    assert all(day not in one or day == one.start for day in cuts for one in found)


@given(PERIODS)
def test_months_and_four_week_blocks_fill_the_period(whole: Period) -> None:
    for parts in (list(calendar_months(whole)), list(four_week_blocks(whole))):
        assert (parts[0].start, parts[-1].end, sum(one.days for one in parts)) == (whole.start, whole.end, whole.days)
    assert all(one.start.month == one.end.month for one in calendar_months(whole))
    assert all(one.days == 28 for one in list(four_week_blocks(whole))[:-1])


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 4, 1), 3, date(2025, 7, 1)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
    ],
)
def test_months_later_is_the_same_day_or_the_end_of_the_month(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later
