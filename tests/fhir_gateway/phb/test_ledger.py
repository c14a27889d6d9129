"""What counts as paid, promised, held and spent. Source: domain.md 2.5, 6.7; rules R64, R66."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.phb.figures import figures
from fhir_gateway.phb.periods import Period
from tests.fhir_gateway.phb.simple_books import (
    JUNE,
    MAY,
    NOTIONAL,
    YEAR,
    books,
    by_funder,
    line,
    paid,
    promised,
    spent,
    total,
    version,
    with_entries,
    with_payments,
)

# --- what was paid and promised ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "now_paid", "now_committed"),
    [
        ({}, 100, 0),
        ({"paid_on": date(2025, 7, 1)}, 0, 100),
        ({"paid_pence": 60}, 60, 0),
        ({"paid_on": None}, 100, 0),
        ({"paid_on": None, "due_on": date(2025, 7, 1)}, 0, 100),
        ({"paid_on": None, "due_on": None}, 100, 0),
        *(({"status": status, "paid_on": None}, 0, 100) for status in ("scheduled", "due", "authorised", "on-hold")),
        *(({"status": status, "paid_on": None}, 0, 0) for status in ("failed", "disputed", "cancelled", None)),
        ({"kind": "recovery"}, -100, 0),
        ({"kind": "adjustment-offset"}, 0, 0),
        ({"kind": "adjustment-offset", "status": "scheduled", "paid_on": None}, 0, -100),
        ({"kind": "recovery", "status": "authorised", "paid_on": None}, 0, 0),
        ({"kind": "recovery", "status": "authorised", "paid_pence": 30}, -30, 0),
        ({"kind": "recovery", "status": "cancelled", "paid_pence": 30}, 0, 0),
        *(({"kind": kind}, 100, 0) for kind in ("one-off", "invoice", "reimbursement", "adjustment-increase")),
        ({"kind": "contingency-release"}, 100, 0),
    ],
)
def test_a_payment_counts_as_its_kind_and_status_say(change: dict[str, Any], now_paid: int, now_committed: int) -> None:
    found = figures(with_payments(paid(100, MAY)._replace(**change)), JUNE).funders[0]
    assert (found.paid, found.committed) == (now_paid, now_committed)
    assert found.uncommitted == found.payable - now_paid - now_committed


def test_a_promise_outside_the_period_is_of_another_budget() -> None:
    before, after = date(2025, 3, 31), date(2026, 4, 1)
    assert total(with_payments(promised(100, MAY, end=before))).committed == 0
    assert total(with_payments(promised(100, MAY, start=after))).committed == 0
    assert total(with_payments(promised(100, before, start=YEAR.start, end=after))).committed == 100


def test_what_came_back_leaves_the_account_too() -> None:
    found = total(with_payments(paid(500, MAY), paid(200, MAY, kind="recovery")))
    assert (found.paid_gross, found.recovered, found.paid, found.held) == (500, 200, 300, 300)


@pytest.mark.parametrize(
    ("change", "held", "now_spent"),
    [
        ({"line": 2}, 0, 100),
        ({"line": None, "option": "notional"}, 0, 100),
        ({"line": None, "kind": "invoice"}, 0, 100),
        ({"line": None, "kind": "invoice", "option": "third-party"}, 100, 0),
        ({"line": 1, "kind": "invoice"}, 100, 0),
        ({"line": None}, 100, 0),
    ],
)
def test_under_notional_what_is_paid_is_spent_and_nothing_is_held(
    change: dict[str, Any], held: int, now_spent: int
) -> None:
    found = figures(with_payments(paid(100, MAY)._replace(**change)), JUNE)
    assert (found.total.held, found.total.spent) == (held, now_spent)


def test_a_refund_of_a_notional_invoice_is_not_taken_out_of_the_account() -> None:
    found = total(with_payments(paid(100, MAY, line=2), paid(40, MAY, line=2, kind="recovery")))
    assert (found.paid, found.held) == (60, 0)


def test_the_holder_s_ledger_says_nothing_about_a_notional_line() -> None:
    assert total(with_entries(spent(100, MAY, 2), lines=(line(2, **NOTIONAL),))).spent == 0


# --- what was spent ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "now_spent", "queried", "disallowed"),
    [
        ("recorded", 100, 0, 0),
        ("evidenced", 100, 0, 0),
        ("accepted", 100, 0, 0),
        ("queried", 0, 100, 0),
        ("disallowed", 0, 0, 100),
        (None, 0, 0, 0),
    ],
)
def test_disallowed_and_queried_spending_lowers_neither_remaining_nor_held(
    status: str | None, now_spent: int, queried: int, disallowed: int
) -> None:
    made = replace(with_entries(spent(100, MAY, status=status)), payments=(paid(1_000, MAY),))
    found = figures(made, JUNE)
    assert (found.total.spent, found.queried, found.disallowed) == (now_spent, queried, disallowed)
    assert (found.total.remaining, found.total.held) == (36_500 - now_spent, 1_000 - now_spent)


def test_what_is_spent_later_is_not_spent_yet() -> None:
    made = with_entries(spent(100, JUNE + timedelta(days=1)))
    assert (total(made).spent, total(made, JUNE + timedelta(days=1)).spent) == (0, 100)


@pytest.mark.parametrize("change", [{"line": None}, {"line": 7}, {"budget_id": "other"}])
def test_spending_on_no_line_is_borne_as_the_whole_budget_is(change: dict[str, Any]) -> None:
    lines = (line(2, 36_500, weights=(10_000, 0, 0)),)
    made = with_entries(spent(100, MAY)._replace(**change), lines=lines)
    assert by_funder(made, "spent") == (75, 25, 0)
    assert by_funder(replace(made, versions=()), "spent") == (100, 0, 0)


def test_spending_stays_with_the_version_it_was_entered_under() -> None:
    rest = Period(date(2025, 10, 1), YEAR.end)
    new = version(line(rate=73_000, period=rest, weights=(0, 10_000, 0)), number=2, period=rest)
    entries = (spent(101, MAY), spent(50, date(2025, 10, 2), budget_id="b2"))
    made = books(version(line(), status="superseded"), new, entries=entries)
    found = figures(made, YEAR.end)
    assert [one.spent for one in found.lines] == [(51, 50, 0), (0, 50, 0)]
    assert [one.spent for one in found.funders] == [51, 100, 0]
    assert found.total.allocated == 18_300 + 36_400
