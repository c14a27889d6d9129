"""Source: domain.md 7, K13 and small numbers."""

from typing import Final

import pytest

from fhir_gateway.phb.variance import Thresholds, published, variance

FEW: Final = (-4_200, 3_100, 20, -15, 30, -25, 10, -40, 25, -5)
MANY: Final = (-420, -380, -450, -400, -410, -390, -430, -370, -440, -410)
PLANNED: Final = 1_000_000


def pairs(differences: tuple[int, ...]) -> list[tuple[int, int]]:
    """Ten budgets planned at 10,000.00 each. differences: in pounds."""
    return [(PLANNED, PLANNED + 100 * off) for off in differences]


def test_few_large_differences_have_a_shape_of_their_own() -> None:
    found = variance(pairs(FEW))
    assert (found.net, found.gross, found.large, found.large_gross) == (-110_000, 747_000, 2, 730_000)
    assert round(float(found.concentration), 3) == 0.977
    assert found.shape == "few-large"


def test_many_small_differences_have_another() -> None:
    found = variance(pairs(MANY))
    assert (found.net, found.gross, found.large) == (-410_000, 410_000, 0)
    assert (float(found.concentration), found.shape) == (0.0, "many-small")


@pytest.mark.parametrize(
    ("differences", "shape"),
    [
        ((0, 0, 0), "none"),
        ((), "none"),
        ((100, -100, 50), "mixed"),
        ((2_000, 2_000, 2_000), "mixed"),
        ((2_000, 0, 0, 0, 0), "few-large"),
        ((2_000, 0, 0, 0), "mixed"),
        ((200,), "many-small"),
        ((199,), "mixed"),
    ],
)
def test_the_shape_changes_exactly_at_its_thresholds(differences: tuple[int, ...], shape: str) -> None:
    assert variance(pairs(differences)).shape == shape


@pytest.mark.parametrize(
    ("planned", "off", "large"), [(1_000_000, 100_000, 1), (1_000_000, 99_999, 0), (1_000_001, 100_000, 0)]
)
def test_large_is_both_a_thousand_pounds_and_a_tenth(planned: int, off: int, large: int) -> None:
    assert variance([(planned, planned - off)]).large == large


def test_thresholds_are_the_area_s_own() -> None:
    assert variance(pairs(MANY), Thresholds(large_pence=1, large_bps=0)).shape == "mixed"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "*"), (6, "*"), (7, "5"), (8, "10"), (12, "10"), (13, "15"), (100, "100")]
)
def test_small_counts_are_starred_and_others_rounded(count: int, text: str) -> None:
    assert published(count) == text
