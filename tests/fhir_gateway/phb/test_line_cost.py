"""Source: domain.md 6.3."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.line_cost import LineTerms, cost, cost_to, terms_of
from fhir_gateway.phb.periods import Period, segments
from mappings.budget import BudgetLine
from tests.fhir_gateway.phb.test_periods import DAYS, PERIODS

YEAR: Final = Period(date(2025, 4, 1), date(2026, 3, 31))
FREQUENCIES: Final = ("daily", "weekly", "fortnightly", "four-weekly", "monthly", "annual", "per-unit", "one-off")
TERMS: Final = st.builds(
    LineTerms,
    frequency=st.sampled_from(FREQUENCIES),
    rate=st.fractions(0, 500_000, max_denominator=60),
    period=PERIODS,
)


def line(**known: Any) -> BudgetLine:
    names = BudgetLine.__dataclass_fields__
    empty: dict[str, Any] = {name: () if "tuple" in str(field.type) else None for name, field in names.items()}
    return BudgetLine(**empty | {"line_no": 1, "profile": "even"} | known)


def priced(frequency: str, rate: int, start: date, end: date, **known: Any) -> list[int]:
    """Pence of each financial year of a line that runs from start to end."""
    whole = Period(start, end)
    terms = terms_of(line(frequency=frequency, rate_pence=rate, **known), whole)
    parts = [cost(terms, one) for one in segments(whole)]
    assert cost(terms, whole) == sum(parts)
    return parts


@pytest.mark.parametrize(
    ("frequency", "rate", "start", "end", "parts"),
    [
        ("annual", 300_000, date(2025, 10, 1), date(2026, 3, 31), [149_589]),
        ("annual", 300_000, date(2027, 10, 1), date(2028, 3, 31), [150_000]),
        ("annual", 300_000, date(2026, 1, 15), date(2027, 1, 14), [62_466, 237_534]),
        ("weekly", 50_000, date(2025, 4, 1), date(2026, 3, 31), [2_607_143]),
        ("weekly", 50_000, date(2027, 4, 1), date(2028, 3, 31), [2_614_286]),
        ("weekly", 50_000, date(2026, 1, 15), date(2027, 1, 14), [542_857, 2_064_286]),
        ("daily", 1_000, date(2025, 4, 1), date(2026, 3, 31), [365_000]),
        ("fortnightly", 1_000, date(2025, 4, 1), date(2025, 4, 10), [714]),
        ("four-weekly", 1_000, date(2025, 4, 1), date(2025, 4, 10), [357]),
        ("monthly", 2_250, date(2025, 4, 1), date(2025, 6, 30), [6_732]),
        ("per-unit", 4_800, date(2025, 4, 1), date(2026, 3, 31), [4_800]),
        ("one-off", 40_000, date(2026, 3, 31), date(2026, 4, 1), [20_000, 20_000]),
    ],
)
def test_a_line_costs_what_is_published(frequency: str, rate: int, start: date, end: date, parts: list[int]) -> None:
    assert priced(frequency, rate, start, end) == parts


def test_so_many_units_cost_the_quantity_times_the_rate() -> None:
    assert priced("per-unit", 4_200, YEAR.start, YEAR.end, quantity=Decimal(26)) == [109_200]
    assert priced("per-unit", 333, YEAR.start, YEAR.end, quantity=Decimal("1.5")) == [500]
    assert priced("per-unit", 700, YEAR.start, YEAR.end, quantity=Decimal(3), unit="days") == [2_100]


@pytest.mark.parametrize("frequency", ["per-unit", "one-off", "annual"])
def test_an_amount_on_a_date_falls_whole_into_the_segment_with_that_date(frequency: str) -> None:
    start, end = date(2026, 1, 1), date(2026, 12, 31)
    known: dict[str, Any] = {"profile": "on-date", "on_date": date(2026, 4, 1)}
    assert priced(frequency, 16_500, start, end, **known) == [0, 16_500]


def test_on_date_without_a_date_is_the_first_day() -> None:
    terms = terms_of(line(frequency="one-off", rate_pence=500, profile="on-date"), YEAR)
    assert terms.on_date == YEAR.start


def test_hours_a_week_are_a_fraction_that_is_rounded_once() -> None:
    """Rounding the 19.8616.. a week first would give 103,556 for the year."""
    minutes = {"quantity": Decimal(85), "unit": "min"}
    assert priced("weekly", 1_402, YEAR.start, YEAR.end, **minutes) == [103_564]
    assert terms_of(line(frequency="weekly", rate_pence=1_402, **minutes), YEAR).rate == Fraction(85 * 1_402, 60)
    hours = {"quantity": Decimal(5), "unit": "hours"}
    assert priced("weekly", 1_385, YEAR.start, YEAR.end, **hours) == [361_089]


def test_a_quantity_of_weeks_does_not_multiply_a_weekly_rate() -> None:
    assert priced("weekly", 50_000, YEAR.start, YEAR.end, quantity=Decimal(52), unit="weeks") == [2_607_143]


def test_a_coarse_line_without_rate_is_its_amount_by_days() -> None:
    terms = terms_of(line(amount_pence=36_500), YEAR)
    assert cost(terms, Period(date(2025, 4, 1), date(2025, 4, 10))) == 1_000
    assert terms_of(line(amount_pence=1, profile="on-date", on_date=YEAR.end), YEAR).on_date == YEAR.end


def test_the_line_s_own_period_counts_and_nothing_outside_it() -> None:
    part = {"start": date(2025, 5, 1), "end": date(2025, 5, 7)}
    terms = terms_of(line(frequency="weekly", rate_pence=700, **part), YEAR)
    assert (cost(terms, YEAR), cost(terms, Period(date(2025, 6, 1), YEAR.end))) == (700, 0)
    assert [cost_to(terms, YEAR.start, day) for day in (date(2025, 4, 30), date(2025, 5, 2), YEAR.end)] == [0, 200, 700]
    assert cost_to(terms, YEAR.start, date(2025, 3, 31)) == 0


@given(TERMS, PERIODS)
def test_financial_years_add_up_to_the_whole(terms: LineTerms, whole: Period) -> None:
    assert cost(terms, whole) == sum(cost(terms, one) for one in segments(whole))


@given(TERMS, PERIODS, st.lists(DAYS, max_size=3))
def test_versions_add_up_to_the_whole_that_is_cut_where_they_start(
    terms: LineTerms, whole: Period, cuts: list[date]
) -> None:
    assert cost(terms, whole, cuts) == sum(cost(terms, one) for one in segments(whole, cuts))


@given(TERMS)
def test_a_day_more_never_costs_less(terms: LineTerms) -> None:
    start = terms.period.start
    planned = [cost_to(terms, start, start + timedelta(days=more)) for more in range(40)]
    assert planned == sorted(planned)


@given(st.integers(0, 1_000_000), PERIODS, st.lists(DAYS, max_size=6))
def test_a_fixed_amount_is_whole_again_however_it_is_cut(amount: int, whole: Period, cuts: list[date]) -> None:
    terms = LineTerms(frequency="per-unit", rate=Fraction(amount), period=whole)
    assert cost(terms, whole, cuts) == amount
