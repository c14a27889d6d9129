"""What the worked examples do not show. Source: domain.md 6.7; rules R74, R83, R87, R99."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.books import Books, KnownCall, Movement, Spending
from fhir_gateway.phb.figures import FunderFigures, figures
from tests.fhir_gateway.phb.simple_books import (
    COUNCIL,
    JUNE,
    MAY,
    NHS,
    NOTIONAL,
    PERSON,
    YEAR,
    books,
    by_funder,
    charged,
    line,
    paid,
    promised,
    spent,
    total,
    version,
    with_entries,
    with_payments,
)

# --- the person's contribution ----------------------------------------------------------------------


def contributed(collection: str, weekly: int = 100) -> Books:
    payments = (
        paid(5_000, MAY, 1),
        paid(700, MAY, 2, kind="client-contribution"),
        promised(300, JUNE, 2, kind="client-contribution"),
        paid(200, MAY, 2, kind="refund-to-person"),
    )
    funders = (NHS, charged(weekly, collection), PERSON)
    return books(version(line()), funders=funders, payments=payments, entries=(spent(600, MAY),))


def test_collected_net_the_contribution_is_in_the_account_with_the_council_s_money() -> None:
    """Of 182.50 the council bears, 52.14 are the person's; 5.00 of it came in, 3.00 are to come."""
    found = figures(contributed("net"), JUNE)
    _, council, person = found.funders
    assert (council.contribution, council.payable, person.payable) == (5_214, 13_036, 5_214)
    assert (council.held, person.held, person.paid, person.committed) == (5_000 + 500 - 300, 0, 500, 300)
    assert (person.contributed, found.total.contributed) == (500, 500)


def test_collected_gross_the_contribution_goes_to_the_council_and_the_account_sees_nothing_of_it() -> None:
    _, council, person = figures(contributed("gross"), JUNE).funders
    assert (council.contribution, council.payable, person.payable) == (5_214, 18_250, 0)
    assert (council.held, person.paid, person.committed, person.contributed) == (4_700, 0, 0, 500)


def test_a_contribution_for_part_of_the_year_is_charged_for_that_part() -> None:
    half = replace(charged(700), start=date(2026, 3, 1))
    assert by_funder(books(version(line()), funders=(NHS, half, PERSON)), "contribution") == (0, 3_100, 0)


def test_a_contribution_without_a_coverage_of_the_person_is_still_in_the_pot() -> None:
    made = books(version(line(weights=(5_000, 5_000))), funders=(NHS, charged(100)))
    made = replace(made, payments=(paid(700, MAY, 1, kind="client-contribution"),))
    council = figures(made, JUNE).funders[1]
    assert (council.contributed, council.held, council.paid) == (700, 700, 0)


@given(st.integers(0, 20_000), st.sampled_from(["net", "gross", None]), st.integers(0, 10_000))
def test_funders_and_person_together_pay_what_is_allocated(weekly: int, collection: str | None, bps: int) -> None:
    funders = (NHS, replace(charged(weekly), collection=collection), PERSON)
    made = books(version(line(weights=(bps, 10_000 - bps, 0))), funders=funders)
    found = figures(made, JUNE)
    assert found.total.payable == found.total.allocated
    assert found.funders[0].payable == found.funders[0].allocated
    assert 0 <= found.total.contribution <= found.funders[1].allocated


# --- contingency, protected, surplus ----------------------------------------------------------------


def reserve(**known: Any) -> Any:
    return line(9, 12_000, contingency=True, **known)


def with_reserve(*entries: Spending, payments: Sequence[Movement] = (), funding: str | None = None) -> Books:
    return books(version(line(), reserve()), entries=entries, payments=payments, contingency_funding=funding)


def test_contingency_is_allocated_but_neither_planned_nor_forecast() -> None:
    found = total(with_reserve())
    assert (found.allocated, found.contingency_allocated, found.contingency_remaining) == (48_500, 12_000, 12_000)
    assert (found.planned_to_date, found.planned, found.forecast) == (9_100, 36_500, 27_400)
    assert found.forecast_underspend == 9_100


@pytest.mark.parametrize("entry", [spent(1_000, MAY, 9), spent(1_000, MAY, 1, contingency=True)])
def test_what_is_used_of_contingency_is_released_and_no_overspend(entry: Spending) -> None:
    found = figures(with_reserve(entry), JUNE)
    assert (found.total.contingency_used, found.total.contingency_released) == (1_000, 1_000)
    assert (found.total.contingency_remaining, found.total.underspend) == (11_000, 9_100)
    assert found.total.forecast_underspend == 9_100
    assert [sum(one.spent) for one in found.lines] == [0, 1_000]


@pytest.mark.parametrize("line_no", [9, None])
def test_contingency_paid_on_request_is_released(line_no: int | None) -> None:
    release = paid(2_000, MAY, kind="contingency-release", line=line_no)
    found = total(with_reserve(spent(500, MAY, 9), payments=(release,), funding="on-request"))
    assert (found.contingency_released, found.contingency_used, found.contingency_held) == (2_000, 500, 1_500)
    assert (found.held, found.surplus) == (1_500, 0)


def test_an_entry_from_contingency_where_there_is_no_such_line_is_spending_on_its_own_line() -> None:
    found = total(with_entries(spent(100, MAY, contingency=True)))
    assert (found.spent, found.contingency_used) == (100, 0)


def test_a_release_where_there_is_no_contingency_is_money_in_the_account() -> None:
    found = total(with_payments(paid(100, MAY, kind="contingency-release")))
    assert (found.held, found.contingency_released) == (100, 0)


@pytest.mark.parametrize(
    ("funding", "held"),
    [(None, 6_000), ("with-first-instalment", 6_000), ("spread", 1_500), ("on-request", 0)],
)
def test_contingency_is_held_as_far_as_it_was_paid(funding: str | None, held: int) -> None:
    payments = (paid(1_000, MAY), promised(3_000, date(2025, 7, 1)))
    assert by_funder(with_reserve(payments=payments, funding=funding), "contingency_held") == (held, 0, 0)


def test_notional_contingency_is_never_in_the_account() -> None:
    made = books(version(line(), reserve(**NOTIONAL)), payments=(paid(1_000, MAY),))
    assert total(made).contingency_held == 0


def test_accrued_on_costs_and_known_calls_are_protected() -> None:
    lines = (
        line(1, category="pa-holiday-cover"),
        line(2, category="employer-pension"),
        line(3, category="employer-pension", **NOTIONAL),
        line(4, category="payroll-service"),
    )
    calls = (KnownCall(amount=101), KnownCall(amount=10, payer=2))
    made = books(version(*lines), entries=(spent(9_000, MAY, 1), spent(9_999, MAY, 2)), known_calls=calls)
    assert by_funder(made, "protected") == (50 + 51, 50 + 50, 10)


def test_surplus_is_what_is_held_beyond_contingency_and_calls_and_never_below_zero() -> None:
    made = with_reserve(payments=(paid(10_000, MAY), paid(100, MAY, 1)))
    assert by_funder(made, "surplus") == (4_000, 0, 0)
    assert by_funder(replace(made, known_calls=(KnownCall(amount=4_001, payer=0),)), "surplus") == (0, 0, 0)


# --- forecasts --------------------------------------------------------------------------------------


def test_the_run_rate_carries_on_undated_spending_alone() -> None:
    dated = (
        line(2, 500, frequency="one-off", on_date=MAY),
        line(3, 700, frequency="one-off", on_date=date(2025, 12, 1)),
    )
    entries = (spent(910, MAY), spent(450, MAY, 2), spent(77, MAY, 9))
    made = books(version(line(), *dated, reserve()), entries=entries)
    assert total(made).forecast_run_rate == 3_650 + 450 + 700 + 77


def test_what_was_bought_before_its_date_is_not_still_to_come() -> None:
    later = line(2, 700, frequency="one-off", on_date=date(2025, 12, 1))
    assert total(with_entries(spent(600, MAY, 2), lines=(later,))).forecast_run_rate == 700


def test_nothing_is_carried_on_before_the_period_or_without_spending() -> None:
    made = with_entries(spent(100, date(2025, 3, 1)))
    assert total(made, date(2025, 3, 31)).forecast_run_rate == 0
    assert total(with_entries()).forecast_run_rate == 0
    assert total(made, YEAR.end + timedelta(days=30)).forecast_run_rate == 100


# --- all of it --------------------------------------------------------------------------------------


def test_without_a_budget_every_figure_is_nothing() -> None:
    assert total(books()) == FunderFigures()
    assert figures(books(funders=()), JUNE).funders == ()
    assert total(books(indicative=(3, 2, 0))).indicative == 5


def test_the_mix_of_options_adds_up_to_what_is_allocated() -> None:
    made = books(version(line(), line(2, 100, **NOTIONAL), line(3, 50, option="third-party"), line(4, 0, option=None)))
    assert figures(made, JUNE).by_option() == {"direct-payment": 36_500, "notional": 100, "third-party": 50}


MOVEMENTS: Final = st.lists(
    st.builds(
        paid,
        st.integers(0, 100_000),
        st.dates(YEAR.start, YEAR.end),
        st.integers(0, 2),
        kind=st.sampled_from(["instalment", "invoice", "recovery", "client-contribution", "contingency-release"]),
        line=st.sampled_from([None, 1, 2, 9]),
        status=st.sampled_from(["paid", "due"]),
    ),
    max_size=8,
)
ENTRIES: Final = st.lists(
    st.builds(
        spent,
        st.integers(0, 100_000),
        st.dates(YEAR.start, YEAR.end),
        st.sampled_from([None, 1, 2, 9]),
        contingency=st.booleans(),
        status=st.sampled_from(["accepted", "queried"]),
    ),
    max_size=8,
)


@given(MOVEMENTS, ENTRIES, st.dates(YEAR.start, YEAR.end), st.integers(0, 10_000))
def test_lines_and_funders_are_two_views_of_the_same_money(
    payments: list[Movement], entries: list[Spending], at: date, bps: int
) -> None:
    lines = (line(weights=(bps, 10_000 - bps, 0)), line(2, **NOTIONAL), reserve())
    made = books(version(*lines), funders=(NHS, charged(100), PERSON), payments=payments, entries=entries)
    found = figures(made, at)
    assert found.total.allocated == sum(sum(one.allocated) for one in found.lines)
    assert found.total.planned_to_date == sum(sum(one.planned_to_date) for one in found.lines)
    on_lines = sum(sum(one.spent) for one in found.lines)
    aside = [one for one in entries if one.status == "accepted" and one.spent_on <= at and one.line is None]
    direct = [one for one in payments if one.kind == "invoice" and one.line is None and one.status == "paid"]
    beside = sum(one.amount for one in aside if not one.contingency)
    beside += sum(one.amount for one in direct if one.paid_on and one.paid_on <= at)
    assert found.total.spent == on_lines + beside


@given(MOVEMENTS, ENTRIES, st.dates(YEAR.start, YEAR.end), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_figure(
    payments: list[Movement], entries: list[Spending], at: date, dice: Any
) -> None:
    made = with_reserve(*entries, payments=payments)
    shuffled = (list(payments), list(entries))
    for rows in shuffled:
        dice.shuffle(rows)
    assert figures(made, at) == figures(replace(made, payments=shuffled[0], entries=shuffled[1]), at)


def test_ten_times_the_rows_take_about_ten_times_as_long() -> None:
    """5,000 payments and 5,000 entries against 500 of each; the best of five, for the machine may be busy."""
    few, many = (min(_seconds(_busy(rows)) for _ in range(5)) for rows in (500, 5_000))
    assert many < 30 * few


def _busy(rows: int) -> Books:
    days = [YEAR.start + timedelta(days=at % 365) for at in range(rows)]
    return books(
        version(*(line(no) for no in range(1, 21))),
        payments=[paid(100, day, at % 3, line=1 + at % 20) for at, day in enumerate(days)],
        entries=[spent(100, day, 1 + at % 20) for at, day in enumerate(days)],
        funders=(NHS, COUNCIL, PERSON),
    )


def _seconds(made: Books) -> float:
    started = time.process_time()
    figures(made, YEAR.end)
    return time.process_time() - started
