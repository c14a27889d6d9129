"""Cells rolled up into figures: sums, parts, means and medians agree with their strata."""

from fractions import Fraction

import pytest

from fhir_gateway.phb.measures.cells import Cell, median, per_population, rolled
from fhir_gateway.phb.measures.table import AGE, COUNT, GROUP, PROPORTION, RATIO, SPREAD, Figure


def _figure(scoring: str, **known: object) -> Figure:
    return Figure(code="x", title="X", scoring=scoring, numerator="above", by=(GROUP, AGE), **known)  # type: ignore[arg-type]


def _cells() -> tuple[Cell, ...]:
    return (
        Cell(group="a", age="adult", numerator=1, denominator=4, numerator_pence=100, denominator_pence=300),
        Cell(group="a", age="child", numerator=2, denominator=4, numerator_pence=-50, denominator_pence=100),
        Cell(group=None, age="adult", numerator=3, denominator=4, numerator_pence=150, denominator_pence=400),
    )


def test_a_count_is_the_sum_of_its_cells() -> None:
    found = rolled(_figure(COUNT), _cells())
    assert (found.result.numerator, found.result.denominator, found.result.score) == (6, None, Fraction(6))


def test_a_proportion_has_strata_that_add_up() -> None:
    found = rolled(_figure(PROPORTION), _cells())
    assert (found.result.numerator, found.result.denominator, found.result.score) == (6, 12, Fraction(50))
    by_group = {one.values: one.result for one in found.strata if one.by == GROUP}
    assert list(by_group) == [("a",), ("not-known",)]
    assert (by_group["a",].numerator, by_group["a",].denominator, by_group["a",].score) == (3, 8, Fraction(75, 2))


def test_a_part_of_all_is_held_against_all() -> None:
    found = rolled(_figure(PROPORTION, of_total=True), _cells())
    assert {(one.values, one.result.numerator, one.result.denominator) for one in found.strata if one.by == AGE} == {
        (("adult",), 4, 6),
        (("child",), 2, 6),
    }


def test_a_ratio_of_money_is_scored_by_its_pence() -> None:
    found = rolled(_figure(RATIO), _cells()).result
    assert (found.numerator, found.numerator_pence, found.denominator_pence, found.score) == (6, 200, 800, Fraction(25))


def test_a_mean_is_of_what_was_counted() -> None:
    cells = (Cell(denominator=1, total=0.25), Cell(denominator=3, total=0.25))
    assert rolled(_figure(SPREAD), cells).result.score == Fraction(25, 2)


@pytest.mark.parametrize("scoring", [PROPORTION, RATIO, SPREAD])
def test_nothing_divided_by_nothing_has_no_score(scoring: str) -> None:
    assert rolled(_figure(scoring), ()).result.score is None


@pytest.mark.parametrize(
    ("often", "expected"),
    [
        ({}, None),
        ({5: 1}, Fraction(5)),
        ({5: 1, 8: 1}, Fraction(13, 2)),
        ({5: 2, 8: 1}, Fraction(5)),
        ({5: 2, 8: 2}, Fraction(13, 2)),
        ({1: 1, 7: 1, 90: 1}, Fraction(7)),
    ],
)
def test_a_median_is_the_middle_of_all_values(often: dict[int, int], expected: Fraction | None) -> None:
    cells = [Cell(numerator=value, denominator=count) for value, count in reversed(often.items())]
    found = median(_figure(SPREAD), cells).result
    assert (found.score, found.denominator) == (expected, sum(often.values()))


def test_so_many_of_each_hundred_thousand() -> None:
    assert per_population(3, 200_000).score == Fraction(3, 2)
    assert per_population(3, None).score is None
