"""What lines come to in SQL is what the arithmetic of values says, to the penny, on lines made up at random."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from sqlalchemy import select

from fhir_gateway.demo.entry import Entry, made
from fhir_gateway.gateway import Gateway
from fhir_gateway.phb.books import Books, Version, line_of
from fhir_gateway.phb.in_force import lines_in_force
from fhir_gateway.phb.periods import Period
from fhir_gateway.store.measures import Wanted
from fhir_gateway.store.measures.plan_cost import costs
from fhir_gateway.store.statement import Statement
from mappings.budget import BudgetLine, SplitWeight
from tests.fhir_gateway import stocked
from tests.fhir_gateway.phb.simple_books import NHS
from tests.fhir_gateway.store.measures.world import MARCH, agreed, case, person

PEOPLE: Final = 150
FREQUENCIES: Final = (
    *("daily", "weekly", "fortnightly", "four-weekly", "monthly", "annual"),
    *("one-off", "per-unit", None),
)
UNITS: Final = (None, "hour", "hours", "minutes", "week", "Month", "visit")
QUANTITIES: Final = (None, Decimal("12.5"), Decimal(3), Decimal("0.75"), Decimal("7.25"))
LAST: Final = date(2025, 12, 31)
WANTED: Final = Wanted(period=Period(date(2025, 10, 1), LAST), today=LAST)
Chain = tuple[Entry, ...]


def _line(chance: random.Random, no: int, budget: Period) -> BudgetLine:
    start = budget.start + timedelta(days=chance.randrange(-5, 200)) if chance.random() < 0.6 else None
    end = (start or budget.start) + timedelta(days=chance.randrange(400)) if chance.random() < 0.6 else None
    on_date = budget.start + timedelta(days=chance.randrange(400)) if chance.random() < 0.2 else None
    return made(
        BudgetLine,
        line_no=no,
        management_option="direct-payment",
        amount_pence=chance.randrange(1, 2_000_000),
        rate_pence=chance.choice((None, chance.randrange(1, 90_000))),
        frequency=chance.choice(FREQUENCIES),
        quantity=chance.choice(QUANTITIES),
        unit=chance.choice(UNITS),
        profile=chance.choice((None, "even", "on-date")),
        flags=("contingency",) if chance.random() < 0.15 else (),
        start=start,
        end=end,
        on_date=on_date,
        split_method="percentage",
        weights=(made(SplitWeight, insurance_sequence=1, bps=10_000),),
    )


def _budgets(chance: random.Random, name: str) -> Chain:
    """One budget, or two versions of it, some running over several financial years."""
    start = date(2025, 4, 1) + timedelta(days=chance.randrange(-400, 250))
    end = max(start, MARCH) + timedelta(days=chance.randrange(-60, 500))
    first = _agreed(chance, name, 1, Period(start, max(start, end)))
    if chance.random() < 0.5:
        return (first,)
    later = Period(start + timedelta(days=chance.randrange(1, 300)), end + timedelta(days=300))
    return first, _agreed(chance, name, 2, later, supersedes_id=f"{name}-1")


def _agreed(chance: random.Random, name: str, number: int, whole: Period, **known: Any) -> Entry:
    lines = tuple(_line(chance, no, whole) for no in range(1, chance.randrange(2, 5)))
    lines = tuple(one for one in lines if (one.end or whole.end) >= (one.start or whole.start))
    return agreed(name, *lines, id=f"{name}-{number}", start=whole.start, end=whole.end, version=number, **known)


def _by_values(chain: Chain) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """Allocated, contingency, whole and to date of each version, from the pure arithmetic."""
    versions = tuple(_version(one, number, chain[0].id) for number, one in enumerate(chain, start=1))
    whole = Period(min(one.period.start for one in versions), max(one.period.end for one in versions))
    found = lines_in_force(Books(person="p", period=whole, funders=(NHS,), versions=versions))
    for one in chain:
        mine = [line for line in found if line.budget_id == one.id]
        plain = [line for line in mine if not line.line.contingency]
        sums = (mine, [line for line in mine if line.line.contingency], plain)
        yield one.id, (*(sum(line.amount for line in some) for some in sums), sum(line.planned(LAST) for line in plain))  # type: ignore[misc]


def _version(one: Entry, number: int, chain: str) -> Version:
    record = one.record
    span = Period(record.start, record.end)
    lines = tuple(line_of(line, span, [(1, "nhs-icb")]) for line in record.lines)
    return Version(budget_id=one.id, number=number, status="active", period=span, lines=lines, chain=chain)


def _by_sql(gateway: Gateway) -> dict[str, tuple[int, ...]]:
    found = costs()
    columns = (found.c[name] for name in ("id", "allocated", "contingency", "whole", "to_date"))
    statement = Statement(select(*columns))
    rows = gateway.database.read(lambda session: session.rows(statement, WANTED.params))
    return {id_: tuple(values) for id_, *values in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_database_and_the_arithmetic_agree_on_every_version(gateway: Gateway, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same lines each time
    chains = {name: _budgets(chance, name) for name in (f"p{at}" for at in range(PEOPLE))}
    stocked.put(gateway, [one for name in chains for one in (person(name), case(name), *chains[name])])
    expected = {id_: sums for chain in chains.values() for id_, sums in _by_values(chain)}
    found = _by_sql(gateway)
    assert len(found) > PEOPLE / 2
    assert found == {id_: expected[id_] for id_ in found}
