"""Source: domain.md 6.1 no. 5, 6.3, 6.7 (`allocated`, `planned_to_date`)."""

from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.in_force import lines_in_force
from fhir_gateway.phb.periods import Period, day_before
from tests.fhir_gateway.phb.simple_books import YEAR, books, line, version

OCTOBER: Final = date(2025, 10, 1)
REST: Final = Period(OCTOBER, YEAR.end)


def test_an_old_version_counts_to_the_day_before_the_new_one_starts() -> None:
    """183 days at 100 pence, then 182 at 200."""
    new = version(line(rate=73_000, period=REST), number=2, period=REST)
    old, later = lines_in_force(books(new, version(line(), status="superseded")))
    assert (old.budget_id, old.span, old.amount, old.shares) == (
        "b1",
        Period(YEAR.start, date(2025, 9, 30)),
        18_300,
        (9_150, 9_150, 0),
    )
    assert (later.amount, later.span) == (36_400, REST)
    assert (old.planned(date(2025, 4, 10)), old.planned(YEAR.end), later.planned(date(2025, 10, 10))) == (
        1_000,
        18_300,
        2_000,
    )
    assert later.planned(date(2025, 9, 30)) == 0


@pytest.mark.parametrize("status", ["draft", "shared", "submitted", "declined"])
def test_a_version_that_is_not_agreed_replaces_nothing(status: str) -> None:
    (only,) = lines_in_force(books(version(line()), version(line(), number=2, status=status, period=REST)))
    assert (only.budget_id, only.amount) == ("b1", 36_500)


def test_a_version_corrected_from_its_first_day_counts_for_nothing() -> None:
    old, new = lines_in_force(books(version(line(), status="superseded"), version(line(rate=100), number=2)))
    assert (old.amount, old.shares, old.span, old.planned(YEAR.end)) == (0, (0, 0, 0), None, 0)
    assert new.amount == 100


def test_a_budget_of_another_chain_stands_beside() -> None:
    found = lines_in_force(books(version(line()), version(line(), number=2, period=REST, chain="other")))
    assert [one.amount for one in found] == [36_500, 36_500]


def test_what_falls_on_a_date_stays_with_the_version_of_that_date() -> None:
    def dated(day: date) -> tuple[int, ...]:
        made = books(
            version(line(rate=500, frequency="one-off", on_date=day), status="superseded"),
            version(number=2, period=REST),
        )
        (only,) = lines_in_force(made)
        return (only.amount, only.planned(day_before(day)), only.planned(day))

    assert dated(date(2025, 6, 1)) == (500, 0, 500)
    assert dated(OCTOBER) == (0, 0, 0)


def test_a_line_that_ends_before_the_new_version_keeps_its_amount_as_agreed() -> None:
    spring = Period(YEAR.start, date(2025, 6, 30))
    made = books(version(line(period=spring), status="superseded"), version(number=2, period=REST))
    (only,) = lines_in_force(made)
    assert (only.amount, only.planned(date(2025, 8, 1))) == (9_100, 9_100)


def test_a_line_without_weights_is_shared_by_its_shares_and_without_either_by_the_first() -> None:
    by_shares, by_first = lines_in_force(
        books(version(line(weights=(), shares=(1, 3, 0)), line(2, weights=(), shares=())))
    )
    assert by_shares.shared(100) == (25, 75, 0)
    assert by_first.shared(100) == (100, 0, 0)
    assert by_first.shares == (36_500, 0, 0)


def test_a_period_of_one_financial_year_takes_that_part_of_a_longer_budget() -> None:
    long = Period(date(2026, 1, 15), date(2027, 1, 14))
    made = version(line(rate=300_000, period=long), period=long)
    years = (Period(long.start, date(2026, 3, 31)), Period(date(2026, 4, 1), long.end))
    amounts = [lines_in_force(books(made, period=one))[0].amount for one in years]
    assert amounts == [62_466, 237_534]
    assert lines_in_force(books(made, period=long))[0].amount == 300_000


@given(st.dates(date(2025, 4, 2), YEAR.end), st.integers(1, 5_000_000))
def test_a_version_with_the_same_lines_changes_the_total_by_its_one_rounding(day: date, rate: int) -> None:
    rest = Period(day, YEAR.end)
    new = version(line(rate=rate, period=rest), number=2, period=rest)
    found = lines_in_force(books(version(line(rate=rate), status="superseded"), new))
    assert abs(sum(one.amount for one in found) - rate) <= 1
    assert all(sum(one.shares) == one.amount for one in found)
