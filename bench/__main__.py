"""`python -m bench`: fill the databases, measure, print the tables and write `bench/results.md`.

Source: the targets in bench/report.py.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from bench import machine, report, wrk
from bench.measure import Plan, Result, measure
from bench.people import People
from bench.stage import Stage, folder, stages
from fhir_gateway.settings import Settings

KINDS: Final = ("sqlite", "postgresql")
PERSONS: Final = 20_000
QUICK_PERSONS: Final = 40
QUICK_S: Final = 0.2
METHOD: Final = (
    "Date {day}, seed {seed}; {population}, about twenty resources each.",
    "{rounds} rounds of {seconds:g} s for each variant, in turn after a warm-up; a figure is the median of its rounds.",
    """{connections} connections, keep-alive, loopback, no TLS; reads and searches by {reader}, writes by the bench's
  own client (each body differs). What that client can drive at most is the bare app's line of the same scenario.
  Statements and measures are asked for one at a time, over one connection.""",
    """Gateway and bare app: one worker each under the same Uvicorn options, on core 0; client on core 1; PostgreSQL on
  both. Token check, an audit row for every access, durable commits on both databases.""",
    """Bare: an ASGI callable that sends the same status, headers and body. Raw: the plain driver inserting the same
  rows, change and audit row included, one transaction for each resource (the gateway may commit several requests
  together); on SQLite over one connection, on PostgreSQL over {threads}, as many as the gateway has, on core 0.""",
    "PostgreSQL after loading: VACUUM ANALYZE and CHECKPOINT once, as autovacuum would in its own time.",
)
RESULTS: Final = Path(__file__).with_name("results.md")


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the gateway against the bare parts.")
    parser.add_argument("--scale", type=int, nargs="+", default=None, help="times the base population (1 10)")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--persons", type=int, default=PERSONS, help="persons at scale 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each variant in each round")
    parser.add_argument("--connections", type=int, default=32, help="of the load client")
    parser.add_argument("--quick", action="store_true", help="tiny data and one short round: does it run at all")
    parser.add_argument("--output", type=Path, default=None, help="where the results go")
    found = parser.parse_args(given)
    found.scale = sorted(set(found.scale or ([1] if found.quick else [1, 10])))
    if found.quick:
        found.persons, found.rounds, found.seconds = QUICK_PERSONS, 1, QUICK_S
    return found


def main(given: Sequence[str] | None = None) -> int:
    """Run the bench; 1 when a target was missed."""
    asked = arguments(given)
    plan = Plan(asked.rounds, asked.seconds, asked.connections)
    described = machine.facts(), method(asked, datetime.now(UTC).date())
    results: list[Result] = []
    filled: list[Stage] = []
    for kind in asked.databases:
        with folder() as place:
            populations = [(scale, People(asked.seed, scale * asked.persons)) for scale in asked.scale]
            _tell(f"{kind}: loading")
            here = stages(kind, place, populations)
            filled += here
            results += measure(here, place, plan, _tell)
    found = report.Found(results, {(one.kind, one.scale): one.loaded for one in filled})
    text = report.report(found, *described)
    print(text)
    if asked.output or not asked.quick:
        (asked.output or RESULTS).write_text(text)
    return 0 if all(one.met for one in report.targets(found)) else 1


def method(asked: argparse.Namespace, day: date) -> list[str]:
    """Lines that say how it was measured."""
    filling = {
        "population": ", ".join(f"{scale * asked.persons:,} persons at {scale} x" for scale in asked.scale),
        "reader": "wrk" if wrk.fits(asked.seconds) else "the bench's own client",
        "threads": Settings().threads,
        "day": day,
    }
    return [one.format(**filling, **vars(asked)) for one in METHOD]


def _tell(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
