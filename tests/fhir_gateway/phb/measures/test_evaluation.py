"""Flags, and what a result looks like once it may be published."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from fhir_gateway.phb.measures.cells import Outcome, Result, proportion
from fhir_gateway.phb.measures.evaluation import evaluation, flags, for_publication, shown
from fhir_gateway.phb.measures.table import MEASURES


def _outcome(number: str, result: Result, at: int = 0) -> Outcome:
    return Outcome(figure=MEASURES[number].figures[at], result=result)


@pytest.mark.parametrize(("above", "found"), [(39, ("R163",)), (40, ()), (100, ()), (0, ("R163",))])
def test_the_local_share_is_flagged_below_forty_per_cent(above: int, found: tuple[str, ...]) -> None:
    assert flags("K6", (_outcome("K6", proportion(above, 100)),)) == found


def test_nothing_is_flagged_where_there_is_nothing_or_another_measure() -> None:
    assert flags("K6", (_outcome("K6", proportion(0, 0)),)) == ()
    assert flags("K8", (_outcome("K8", proportion(0, 100)),)) == ()


def test_a_proportion_is_worked_out_of_the_rounded_counts() -> None:
    one = _outcome("K6", proportion(8, 14))
    assert shown(one, one.result) == Result(numerator=10, denominator=15, score=Fraction(200, 3))


@pytest.mark.parametrize(("above", "below", "hidden"), [(6, 100, ("numerator",)), (0, 6, ("numerator", "denominator"))])
def test_a_small_count_hides_itself_and_the_score(above: int, below: int, hidden: tuple[str, ...]) -> None:
    one = _outcome("K6", proportion(above, below))
    found = shown(one, one.result)
    assert (found.hidden, found.numerator, found.score) == (hidden, None, None)


def test_a_hidden_count_hides_the_money_behind_it() -> None:
    money = Result(numerator=3, denominator=3, numerator_pence=500, denominator_pence=900, score=Fraction(500, 9))
    found = shown(_outcome("K16", money), money)
    assert (found.numerator_pence, found.denominator_pence) == (None, None)


def test_a_count_and_a_rate_are_rounded_and_the_registered_population_is_not() -> None:
    count = _outcome("K1", Result(numerator=13, score=Fraction(13)))
    assert shown(count, count.result).score == 15
    rate = _outcome("K1", Result(numerator=13, denominator=3, score=Fraction(1)), at=1)
    assert shown(rate, rate.result) == Result(numerator=15, denominator=3, score=Fraction(500_000))


def test_money_and_medians_keep_their_score_where_enough_is_counted() -> None:
    median = _outcome("K20", Result(numerator=None, denominator=22, score=Fraction(23, 2)))
    assert shown(median, median.result) == replace(median.result, denominator=20)


def test_strata_are_made_fit_for_publication_as_the_whole_is() -> None:
    found = evaluation("K6", date(2025, 10, 1), date(2025, 12, 31), None, (_outcome("K6", proportion(3, 4)),))
    assert for_publication(found).outcomes[0].result.hidden == ("numerator", "denominator")
    assert for_publication(found).flags == found.flags == ()
