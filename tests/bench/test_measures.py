"""The bench of the measures: its population can be counted, and its table says what was met."""

from collections.abc import Iterator

import pytest

from bench.cases import fill
from bench.measures import TARGET_S, WANTED, Timed, arguments, timed, told
from fhir_gateway.phb.measures import MEASURES
from fhir_gateway.store.database import Database
from fhir_gateway.store.measures import measuring
from fhir_gateway.store.migrate import upgrade
from tests import databases

CASES = 150


@pytest.fixture(scope="module")
def filled() -> Iterator[str]:
    with databases.fresh("postgresql", upgrade) as url:
        fill(url.replace("+psycopg", ""), CASES)
        yield url


def test_every_measure_finds_something_to_count(filled: str) -> None:
    database = Database(filled)
    try:
        with measuring(database) as measures:
            found = {number: measures.of(number, WANTED)[0].result for number in MEASURES}
    finally:
        database.close()
    assert found["K1"].numerator == CASES
    assert {number for number, one in found.items() if not (one.denominator or one.numerator)} == set()


def test_each_measure_is_timed_for_all_bodies_and_for_one(filled: str) -> None:
    found = timed(filled, rounds=1)
    assert [one.number for one in found] == list(MEASURES)
    assert all(one.seconds > 0 and one.narrowed > 0 for one in found)


def test_the_table_says_which_measures_meet_the_target() -> None:
    lines = told([Timed("K1", 0.5, 1.25), Timed("K2", TARGET_S, 0.1)], 200_000).splitlines()
    assert lines[-2:] == ["| K1 | 0.50 | 1.25 | yes |", "| K2 | 10.00 | 0.10 | no |"]


def test_it_asks_for_the_full_population_unless_told_otherwise() -> None:
    assert (arguments([]).cases, arguments(["--cases", "5"]).cases) == (200_000, 5)
