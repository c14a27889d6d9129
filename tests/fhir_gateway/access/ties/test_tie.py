"""Instants and days: windows, where they meet, and what they come to together."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.access.ties.tie import FIRST, FOREVER, LAST, Tie, before, held, meet, union, window
from fhir_gateway.london import begins, today

HOUR = 3_600_000_000
INSTANTS = st.integers(0, 50)
WINDOWS = st.lists(st.tuples(INSTANTS, INSTANTS), max_size=6)


@given(day=st.dates(date(1970, 1, 2), date(2200, 1, 1)))
def test_a_day_begins_when_the_one_before_is_over(day: date) -> None:
    assert today(begins(day)) == day
    assert today(begins(day) - 1_000_000) < day


def test_a_day_in_summer_begins_at_eleven_in_the_evening_of_utc() -> None:
    assert begins(date(2025, 7, 1)) % (24 * HOUR) == 23 * HOUR
    assert begins(date(2025, 1, 1)) % (24 * HOUR) == 0


@pytest.mark.parametrize("day", [FIRST, date(1950, 6, 1), date(1969, 12, 31)])
def test_what_began_before_1970_has_always_been(day: date) -> None:
    assert begins(day) == 0
    assert window(day, None) == (0, FOREVER)


def test_a_window_holds_its_last_day_whole() -> None:
    since, until = window(date(2025, 3, 1), date(2025, 3, 2))
    assert (until - since) == 48 * HOUR
    assert window(None, LAST) == window(None, None) == before(None) == (0, FOREVER)


@given(windows=WINDOWS, at=INSTANTS)
def test_a_union_holds_an_instant_that_one_of_them_holds(windows: list[tuple[int, int]], at: int) -> None:
    found = union(windows)
    assert any(a <= at < b for a, b in found) == any(a <= at < b for a, b in windows)
    assert all(one[1] < other[0] for one, other in pairwise(found)), "apart and in order"


@given(one=st.tuples(INSTANTS, INSTANTS), other=st.tuples(INSTANTS, INSTANTS), at=INSTANTS)
def test_what_two_windows_share_is_in_both(one: tuple[int, int], other: tuple[int, int], at: int) -> None:
    since, until = meet(one, other)
    assert (since <= at < until) == (one[0] <= at < one[1] and other[0] <= at < other[1])


def test_a_tie_that_comes_back_has_a_source_of_its_own() -> None:
    found = list(held("delegate", "Organization/x", "EpisodeOfCare/c", [(30, 40), (10, 20), (20, 25), (50, 50)]))
    assert [(one.source, one.since, one.until) for one in found] == [
        ("EpisodeOfCare/c", 10, 25),
        ("EpisodeOfCare/c#2", 30, 40),
    ]


def test_a_tie_without_an_instant_or_a_day_is_empty() -> None:
    assert Tie(kind="self", who="w", source="s", since=5, until=5).is_empty
    assert Tie(kind="self", who="w", source="s", start=date(2025, 1, 2), end=date(2025, 1, 1)).is_empty
    assert not Tie(kind="self", who="w", source="s").is_empty
