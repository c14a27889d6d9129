"""Source: domain.md 6.4, 6.8 examples 2, 3, 5, 7."""

from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fhir_gateway.phb.money import added, split
from fhir_gateway.phb.shares import (
    Split,
    entry_shares,
    line_shares,
    payer_of,
    pooled_cost,
    shares_of_spending,
    split_of,
)
from mappings.budget import SplitWeight
from tests.fhir_gateway.phb.test_line_cost import line

THREE: Final = ((1, "nhs-icb"), (2, "local-authority"), (3, "education"))
KINDS: Final = tuple(kind for _, kind in THREE)
WEIGHTS: Final = st.lists(st.integers(0, 10_000), min_size=1, max_size=5)


def weight(sequence: int, **known: int) -> SplitWeight:
    empty: dict[str, Any] = {"bps": None, "amount_pence": None, "minutes": None}
    return SplitWeight(insurance_sequence=sequence, **empty | known)


# --- who pays a line --------------------------------------------------------------------------------


def test_percentages_give_the_penny_to_the_largest_remainder() -> None:
    assert line_shares(3_130_396, Split("percentage", (4_500, 3_000, 2_500))) == (1_408_678, 939_119, 782_599)
    assert line_shares(3_448_286, Split("percentage", (5_750, 4_250))) == (1_982_764, 1_465_522)
    assert line_shares(24_999, Split("percentage", (5_000, 5_000))) == (12_500, 12_499)


@pytest.mark.parametrize("weights", [(5_000, 4_999), (5_000, 5_001), (0, 0)])
def test_percentages_that_do_not_come_to_the_whole_are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="basis points"):
        line_shares(100, Split("percentage", weights))


def test_hours_are_weights_in_minutes() -> None:
    assert line_shares(10_000, Split("hours", (60, 120))) == (3_333, 6_667)


def test_the_council_adds_a_fixed_sum_to_a_wheelchair_and_the_nhs_pays_the_balance() -> None:
    record = line(split_method="fixed-amount", weights=(weight(2, amount_pence=200_000),))
    terms = split_of(record, THREE[:2])
    assert line_shares(685_000, terms) == (485_000, 200_000)
    assert line_shares(150_000, terms) == (0, 150_000)


def test_an_upgrade_is_the_person_s_own() -> None:
    record = line(need_type="joint", weights=(weight(9, bps=10_000),))
    assert line_shares(35_000, split_of(record, (*THREE[:2], (9, "person")))) == (0, 0, 35_000)


def test_a_balance_that_nobody_is_left_for_falls_to_the_first() -> None:
    weights = (weight(1, amount_pence=1), weight(2, amount_pence=600))
    assert line_shares(1_000, split_of(line(split_method="fixed-amount", weights=weights), THREE[:2])) == (400, 600)


@pytest.mark.parametrize("terms", [Split("need-type", (0,)), Split("fixed-amount", (0,))])
def test_a_line_that_nobody_pays_is_refused(terms: Split) -> None:
    with pytest.raises(ValueError, match="no"):
        line_shares(1, terms)


@pytest.mark.parametrize(
    ("need_type", "chc", "payer"),
    [
        ("health", False, 0),
        ("social-care", False, 1),
        ("education", False, 2),
        ("joint", False, None),
        ("housing", False, None),
        (None, False, None),
        ("health", True, 0),
        ("social-care", True, 0),
        ("joint", True, 0),
        ("education", True, 2),
        ("housing", True, None),
        ("carer-support", True, None),
    ],
)
def test_the_type_of_need_says_who_pays_alone(need_type: str | None, chc: bool, payer: int | None) -> None:  # noqa: FBT001
    assert payer_of(need_type, KINDS, continuing_healthcare=chc) == payer
    assert split_of(line(need_type=need_type), THREE, continuing_healthcare=chc).payer == payer


def test_a_funder_that_is_not_there_cannot_pay() -> None:
    assert payer_of("education", KINDS[:2]) is None


def test_weights_are_read_in_the_unit_of_the_method() -> None:
    weights = (weight(2, minutes=30, bps=4_000), weight(1, minutes=90, bps=6_000))
    assert split_of(line(split_method="hours", weights=weights), THREE).weights == (90, 30, 0)
    assert split_of(line(split_method="percentage", weights=weights), THREE).weights == (6_000, 4_000, 0)


@given(st.integers(0, 10**7), st.sampled_from(["hours", "fixed-amount"]), WEIGHTS)
def test_shares_add_up_to_the_line(amount: int, method: str, weights: list[int]) -> None:
    assume(sum(weights))
    parts = line_shares(amount, Split(method, tuple(weights), 0))
    assert sum(parts) == amount
    assert min(parts) >= 0


# --- what was spent ---------------------------------------------------------------------------------


def test_twenty_weekly_bills_are_shared_without_drift() -> None:
    weights = (5_750, 4_250)
    entries = [entry_shares(74_500 * at, 74_500, weights) for at in range(20)]
    assert entries[:3] == [(42_838, 31_662), (42_837, 31_663), (42_838, 31_662)]
    assert added(entries, 2) == shares_of_spending(20 * 74_500, weights) == (856_750, 633_250)
    naive = added([split(74_500, weights)] * 20, 2)
    assert naive == (856_760, 633_240)


@given(st.lists(st.integers(0, 100_000), max_size=30), WEIGHTS)
def test_the_cumulative_rule_never_drifts(amounts: list[int], weights: list[int]) -> None:
    assume(sum(weights))
    before = 0
    so_far = [0] * len(weights)
    for amount in amounts:
        parts = entry_shares(before, amount, weights)
        before += amount
        so_far = [old + part for old, part in zip(so_far, parts, strict=True)]
        assert sum(parts) == amount
        assert tuple(so_far) == shares_of_spending(before, weights)


def test_five_friends_share_the_cost_of_sailing() -> None:
    cost = pooled_cost(185_001, [40_000] * 5)
    assert cost == (37_001, 37_000, 37_000, 37_000, 37_000)
    assert [40_000 - part for part in cost] == [2_999, 3_000, 3_000, 3_000, 3_000]
    assert pooled_cost(300, [1, 1], [2, 1]) == (200, 100)
