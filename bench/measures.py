"""`python -m bench.measures`: how long each measure K1 to K28 takes over 200,000 cases on PostgreSQL.

The population is that of bench/cases.py. Each measure is worked out by the store as `$evaluate-measure` asks for it,
for all bodies and for one, a few times over; the slowest time counts.

Source: the target of ten seconds; domain.md section 7.
"""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import psycopg
import psycopg.errors

from bench.cases import fill
from bench.stage import folder, server
from fhir_gateway.phb.measures import MEASURES
from fhir_gateway.phb.periods import Period
from fhir_gateway.store.database import Database
from fhir_gateway.store.measures import Wanted, measuring
from fhir_gateway.store.migrate import upgrade

CASES: Final = 200_000
TARGET_S: Final = 10.0
WANTED: Final = Wanted(period=Period(date(2025, 10, 1), date(2025, 12, 31)), today=date(2026, 1, 15))


@dataclass(frozen=True, slots=True)
class Timed:
    """One measure. seconds: the slowest, for all bodies. narrowed: the slowest for one body."""

    number: str
    seconds: float
    narrowed: float

    @property
    def met(self) -> bool:
        """Whether both are within the target."""
        return max(self.seconds, self.narrowed) < TARGET_S


def timed(url: str, rounds: int) -> list[Timed]:
    """How long each measure takes."""
    one_body = Wanted(period=WANTED.period, today=WANTED.today, reporter="icb-7")
    database = Database(url)
    try:
        return [
            Timed(
                number, *(max(_run(database, number, wanted) for _ in range(rounds)) for wanted in (WANTED, one_body))
            )
            for number in MEASURES
        ]
    finally:
        database.close()


def _run(database: Database, number: str, wanted: Wanted) -> float:
    """Seconds; without end where the database gave up."""
    start = time.perf_counter()
    try:
        with measuring(database) as measures:
            measures.of(number, wanted)
    except psycopg.errors.QueryCanceled:
        return math.inf
    return time.perf_counter() - start


def told(found: Sequence[Timed], cases: int) -> str:
    """The table."""
    lines = [f"{cases:,} cases, PostgreSQL, seconds (slowest run), target {TARGET_S:g}", ""]
    lines += ["| Measure | All bodies | One body | Met |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.number} | {one.seconds:.2f} | {one.narrowed:.2f} | {'yes' if one.met else 'no'} |" for one in found
    ]
    return "\n".join(lines) + "\n"


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m bench.measures", description="Time every measure on PostgreSQL.")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Fill, measure, print; 1 when the target was missed."""
    asked = arguments(given)
    with folder() as place:
        url = _database(place)
        fill(url.replace("+psycopg", ""), asked.cases)
        found = timed(url, asked.rounds)
    sys.stdout.write(told(found, asked.cases))
    return 0 if all(one.met for one in found) else 1


def _database(place: Path) -> str:
    postgres = server(place)
    with psycopg.connect(postgres.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE measures")
    url = postgres.url("measures")
    upgrade(url)
    return url


if __name__ == "__main__":
    sys.exit(main())
