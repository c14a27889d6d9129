"""A budget version's instalments by funder and way of holding the money, also when it replaces another in mid-year."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.books import Books
from fhir_gateway.phb.case.instalments import OWN, Stream, Terms, schedule
from fhir_gateway.phb.figures import figures
from fhir_gateway.phb.periods import Period
from tests.fhir_gateway.phb.simple_books import COUNCIL, NHS, PERSON, YEAR, books, charged, line, version

DIRECT, THIRD = "direct-payment", "third-party"
OCTOBER = Period(date(2025, 10, 1), date(2026, 3, 31))


def amounts(found: Any, payer: int, option: str = DIRECT) -> list[int]:
    return [one.amount for one in found.get(Stream(payer, option), ())]


def all_paid(given_books: Books, terms: dict[str, Terms] | None = None) -> dict[int, int]:
    """Pence by payer over all versions: of each, the instalments that start before the next version does."""
    found: dict[int, int] = {}
    versions = sorted(given_books.versions, key=lambda one: one.number)
    for at, one in enumerate(versions):
        ends = [later.period.start for later in versions[at + 1 :]]
        for stream, made in schedule(given_books, one.budget_id, terms or {}).items():
            kept = sum(part.amount for part in made if not ends or part.covers.start < min(ends))
            found[stream.payer] = found.get(stream.payer, 0) + kept
    return found


def test_a_whole_year_is_paid_in_twelve_equal_parts() -> None:
    found = schedule(books(version(line())), "b1", {})
    assert amounts(found, 0) == [1521] * 10 + [1520] * 2
    assert amounts(found, 1) == [1521] * 10 + [1520] * 2
    assert set(found) == {Stream(0, DIRECT), Stream(1, DIRECT)}
    assert [one.due_on for one in found[Stream(0, DIRECT)]][:2] == [date(2025, 4, 1), date(2025, 5, 1)]


def test_a_part_year_is_paid_by_days() -> None:
    part = Period(date(2026, 1, 15), date(2026, 3, 31))
    found = schedule(books(version(line(period=part), period=part), period=part), "b1", {})
    assert [one.covers.days for one in found[Stream(0, DIRECT)]] == [17, 28, 31]
    assert amounts(found, 0) == [850, 1400, 1550]


def test_one_off_costs_and_contingency_come_with_the_first() -> None:
    lines = (line(), line(2, 1_000, one_off=True), line(3, 600, contingency=True))
    first, second, *_ = schedule(books(version(*lines)), "b1", {})[Stream(0, DIRECT)]
    assert (first.recurring, first.one_off, first.contingency) == (1521, 500, 300)
    assert (second.recurring, second.one_off, second.contingency) == (1521, 0, 0)


@pytest.mark.parametrize(("funding", "total"), [("spread", 18_550), ("on-request", 18_250), (None, 18_550)])
def test_contingency_is_paid_as_the_arrangement_says(funding: str | None, total: int) -> None:
    found = schedule(books(version(line(), line(2, 600, contingency=True))), "b1", {DIRECT: Terms(funding=funding)})
    assert sum(amounts(found, 0)) == total
    assert (amounts(found, 0)[0] > 1_560) == (funding is None)


def test_four_weekly_arrangements_are_paid_in_blocks() -> None:
    found = schedule(books(version(line())), "b1", {DIRECT: Terms(interval="four-weekly")})
    assert [one.covers.days for one in found[Stream(0, DIRECT)]] == [28] * 13 + [1]


def test_money_held_two_ways_is_paid_in_two_streams_and_notional_in_none() -> None:
    lines = (line(), line(2, 12_000, option=THIRD), line(3, 24_000, option="notional"))
    found = schedule(books(version(*lines)), "b1", {})
    assert (amounts(found, 0, THIRD), sum(amounts(found, 0))) == ([500] * 12, 18_250)
    assert all(stream.option != "notional" for stream in found)


def test_the_persons_part_is_taken_off_the_council_and_paid_in_by_them() -> None:
    net = books(version(line()), funders=(NHS, charged(70), PERSON))
    found = schedule(net, "b1", {})
    assert (sum(amounts(found, 1)), sum(amounts(found, 1, OWN))) == (18_250 - 3_650, 3_650)
    assert sum(amounts(found, 0)) == 18_250
    gross = books(version(line()), funders=(NHS, charged(70, "gross"), PERSON))
    assert sum(amounts(schedule(gross, "b1", {}), 1)) == 18_250
    assert amounts(schedule(gross, "b1", {}), 1, OWN) == []


def test_a_part_that_is_larger_than_the_direct_payment_comes_off_the_third_partys_money() -> None:
    lines = (line(rate=2_000), line(2, 36_000, option=THIRD))
    found = schedule(books(version(*lines), funders=(NHS, charged(70), PERSON)), "b1", {})
    assert (sum(amounts(found, 1)), sum(amounts(found, 1, THIRD))) == (0, 18_000 - 2_650)
    assert sum(amounts(found, 1, OWN)) == 3_650


def test_a_single_payment_is_one_for_the_whole_period() -> None:
    (one,) = schedule(books(version(line())), "b1", {DIRECT: Terms(single=True)})[Stream(0, DIRECT)]
    assert (one.amount, one.covers, one.due_on) == (18_250, YEAR, YEAR.start)


def test_a_version_from_mid_year_pays_what_the_first_did_not() -> None:
    two = books(
        version(line(), status="superseded"), version(line(rate=73_000, period=OCTOBER), number=2, period=OCTOBER)
    )
    payable = [one.payable for one in figures(two, YEAR.end).funders]
    paid = all_paid(two)
    assert [paid[0], paid[1]] == payable[:2]
    assert len(schedule(two, "b2", {})[Stream(0, DIRECT)]) == 6
    assert sum(amounts(schedule(two, "b1", {}), 0)) == 18_250


def test_a_version_that_holds_the_money_another_way_pays_all_the_rest_that_way() -> None:
    rest = line(period=OCTOBER, option=THIRD)
    two = books(version(line(), status="superseded"), version(rest, number=2, period=OCTOBER))
    found = schedule(two, "b2", {})
    assert set(found) == {Stream(0, THIRD), Stream(1, THIRD)}
    assert all_paid(two)[0] == figures(two, YEAR.end).funders[0].payable


def test_a_version_without_an_account_has_no_instalments() -> None:
    rest = line(period=OCTOBER, option="notional")
    two = books(version(line(), status="superseded"), version(rest, number=2, period=OCTOBER))
    assert schedule(two, "b2", {}) == {}


def test_a_budget_of_which_the_books_know_nothing_has_none() -> None:
    assert schedule(books(version(line())), "b9", {}) == {}
    assert schedule(books(version(line(), status="draft")), "b1", {}) == {}


STARTS = st.dates(date(2025, 5, 1), date(2026, 3, 1))


@given(
    rates=st.tuples(*[st.integers(1_200, 5_000_000)] * 2),
    start=STARTS,
    weekly=st.none() | st.integers(0, 20_000),
    collection=st.sampled_from(["net", "gross"]),
    option=st.sampled_from([DIRECT, THIRD]),
)
def test_over_two_versions_every_payer_pays_exactly_its_part(
    rates: tuple[int, int], start: date, weekly: int | None, collection: str, option: str
) -> None:
    later = Period(start, YEAR.end)
    council = COUNCIL if weekly is None else charged(weekly, collection)
    two = books(
        version(line(rate=rates[0]), status="superseded"),
        version(line(rate=rates[1], period=later, option=option), number=2, period=later),
        funders=(NHS, council, PERSON),
    )
    payable = [one.payable for one in figures(two, YEAR.end).funders]
    paid = all_paid(two)
    too_much = [
        plan - due
        for plan, due in zip((paid.get(0, 0), paid.get(1, 0)), (payable[0], payable[1] + payable[2]), strict=True)
    ]
    assert all(one >= 0 for one in too_much)
    if rates[1] >= rates[0]:
        assert too_much == [0, 0]
