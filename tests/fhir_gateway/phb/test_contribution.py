"""Source: domain.md 6.5, 6.8 example 6; rule R83."""

from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.contribution import assessed, contribution, refund_at_close
from fhir_gateway.phb.periods import Period
from tests.fhir_gateway.phb.test_periods import PERIODS

YEAR: Final = Period(date(2025, 4, 1), date(2026, 3, 31))


def test_janice_contributes_657_pounds_and_the_council_pays_the_rest() -> None:
    found = contribution(1_260, YEAR, 200_044)
    assert (found.amount, found.council_net, found.council_pays, found.person_pays_in) == (
        65_700,
        134_344,
        134_344,
        65_700,
    )
    assert not found.capped


def test_a_contribution_above_the_council_s_share_is_reduced_to_it() -> None:
    found = contribution(4_500, YEAR, 200_044)
    assert (found.assessed, found.amount, found.council_net, found.capped) == (234_643, 200_044, 0, True)


def test_collected_gross_the_council_pays_all_and_the_person_nothing_into_the_account() -> None:
    found = contribution(1_260, YEAR, 200_044, "gross")
    assert (found.amount, found.council_pays, found.person_pays_in, found.council_net) == (65_700, 200_044, 0, 134_344)


def test_each_financial_year_is_rounded_on_its_own() -> None:
    whole = Period(date(2026, 3, 31), date(2026, 4, 1))
    assert assessed(4, whole) == 2
    assert assessed(4, YEAR) == 209


def test_outside_the_coverage_nothing_is_asked_for() -> None:
    assert contribution(1_260, None, 200_044).amount == 0


@pytest.mark.parametrize(("contributed", "spent", "back"), [(65_700, 60_000, 5_700), (65_700, 65_700, 0), (0, 5, 0)])
def test_what_was_contributed_above_the_spending_is_given_back(contributed: int, spent: int, back: int) -> None:
    assert refund_at_close(contributed, spent) == back


@given(st.integers(0, 50_000), PERIODS, st.integers(0, 10**7), st.sampled_from(["net", "gross", None]))
def test_council_and_person_together_pay_the_share_either_way(
    weekly: int, whole: Period, gross: int, collection: str | None
) -> None:
    found = contribution(weekly, whole, gross, collection)
    assert found.council_pays + found.person_pays_in == gross
    assert found.council_net + found.amount == gross
    assert 0 <= found.amount <= gross
