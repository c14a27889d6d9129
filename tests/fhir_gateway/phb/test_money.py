"""Source: domain.md 6.1, 6.2."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fhir_gateway.phb.money import added, pounds, rhu, split

WEIGHTS = st.lists(st.integers(0, 20_000), min_size=1, max_size=8)
TOTALS = st.integers(-10_000_000, 10_000_000)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10_000, (1, 1, 1), (3_334, 3_333, 3_333)),
        (24_999, (5_000, 5_000), (12_500, 12_499)),
        (1, (1, 1), (1, 0)),
        (0, (1, 2), (0, 0)),
        (100, (3_333, 3_333, 3_334), (33, 33, 34)),
        (99_999, (7_000, 2_000, 1_000), (69_999, 20_000, 10_000)),
        (3_448_286, (5_750, 4_250), (1_982_764, 1_465_522)),
        (3_130_396, (4_500, 3_000, 2_500), (1_408_678, 939_119, 782_599)),
        (149_589, (1,) * 6, (24_932, 24_932, 24_932, 24_931, 24_931, 24_931)),
        (-24_999, (5_000, 5_000), (-12_500, -12_499)),
        (0, (0, 0), (0, 0)),
        (0, (), ()),
    ],
)
def test_an_amount_is_shared_out_as_published(total: int, weights: tuple[int, ...], parts: tuple[int, ...]) -> None:
    assert split(total, weights) == parts


@pytest.mark.parametrize("weights", [(), (0,), (0, 0), (2, -1)])
def test_nothing_can_be_shared_out_without_weights_or_by_negative_ones(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="weight"):
        split(1, weights)


def test_the_saving_on_a_wheelchair_is_spread_over_three_years() -> None:
    assert split(1_300_000, (1, 1, 1)) == (433_334, 433_333, 433_333)


@given(TOTALS, WEIGHTS)
def test_parts_add_up_to_the_whole_each_within_a_penny_of_exact(total: int, weights: list[int]) -> None:
    assume(sum(weights))
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(TOTALS, WEIGHTS)
def test_of_two_equal_weights_the_lower_position_never_gets_less(total: int, weights: list[int]) -> None:
    assume(sum(weights))
    parts = [abs(part) for part in split(total, weights)]
    for first in range(len(weights)):
        for later in range(first + 1, len(weights)):
            assert weights[first] != weights[later] or parts[first] - parts[later] in (0, 1)


@given(TOTALS, WEIGHTS, st.randoms(use_true_random=False))
def test_another_order_of_unequal_remainders_gives_everybody_the_same(
    total: int, weights: list[int], dice: object
) -> None:
    whole = sum(weights)
    assume(whole)
    remainders = [abs(total) * weight % whole for weight in weights]
    assume(len(set(remainders)) == len(remainders))
    order = list(range(len(weights)))
    dice.shuffle(order)  # type: ignore[attr-defined]
    parts = split(total, weights)
    assert split(total, [weights[at] for at in order]) == tuple(parts[at] for at in order)


@given(TOTALS, WEIGHTS)
def test_a_weight_of_nothing_gets_nothing_and_changes_nothing(total: int, weights: list[int]) -> None:
    assume(sum(weights))
    assert split(total, [*weights, 0]) == (*split(total, weights), 0)


@pytest.mark.parametrize(("n", "d", "rounded"), [(0, 7, 0), (1, 2, 1), (3, 2, 2), (1, 3, 0), (2, 3, 1), (7, 7, 1)])
def test_a_half_is_rounded_up(n: int, d: int, rounded: int) -> None:
    assert rhu(n, d) == rounded


@pytest.mark.parametrize(("n", "d"), [(-1, 2), (1, 0), (1, -2)])
def test_a_fraction_below_zero_or_of_nothing_is_refused(n: int, d: int) -> None:
    with pytest.raises(ValueError, match="fraction"):
        rhu(n, d)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(123_456, "1,234.56"), (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-100_000_000, "-1,000,000.00")],
)
def test_pence_are_written_as_pounds(amount: int, text: str) -> None:
    assert pounds(amount) == text


def test_parts_are_added_position_by_position() -> None:
    assert added(((1, 2), (3, 4)), 2) == (4, 6)
    assert added((), 2) == (0, 0)
