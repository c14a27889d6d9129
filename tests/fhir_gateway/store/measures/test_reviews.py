"""K9 to K11 and K18 over records put together by hand."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import Entry, entry, made
from fhir_gateway.gateway import Gateway
from mappings import goal
from mappings.goal import OutcomeTarget
from mappings.review import ReviewInput
from tests.fhir_gateway.store.measures.world import DIRECT, NOTIONAL, counts, holder, paid, reviewed

FIRST_PAID = date(2025, 8, 31)
THREE_MONTHS = date(2025, 11, 30)  # November has no 31st


def _paid(name: str, on: date = FIRST_PAID, **known: Any) -> tuple[Entry, ...]:
    """A direct payment made for the first time on a day."""
    return (
        *holder(name, DIRECT, **known),
        paid(name, f"{name}-p1", 5_000, on),
        paid(name, f"{name}-p2", 5_000, date(2025, 12, 1)),
    )


# --- K9 ---------------------------------------------------------------------------------------------


def test_a_first_review_is_on_time_until_the_same_day_three_months_later(gateway: Gateway) -> None:
    on_the_day = (_paid("a"), reviewed("a", "a-r", THREE_MONTHS, THREE_MONTHS, review_kind="initial-three-month"))
    day_after = (_paid("b"), reviewed("b", "b-r", THREE_MONTHS, date(2025, 12, 1), review_kind="initial-three-month"))
    never = _paid("c")
    assert counts(gateway, "K9", *on_the_day, *day_after, never) == (1, 3)


def test_only_a_review_of_the_plan_after_the_first_payment_is_a_first_review(gateway: Gateway) -> None:
    before = (_paid("a"), reviewed("a", "a-r", THREE_MONTHS, date(2025, 8, 1)))
    of_the_council = (_paid("b"), reviewed("b", "b-r", THREE_MONTHS, date(2025, 10, 1), review_kind="statutory-la"))
    extra = reviewed("c", "c-r", THREE_MONTHS, date(2025, 10, 1), review_kind="interim")
    parts = (made(ReviewInput, component="plan-review"),)
    with_plan = reviewed("d", "d-r", THREE_MONTHS, date(2025, 10, 1), review_kind="interim", inputs=parts)
    assert counts(gateway, "K9", *before, *of_the_council, _paid("c"), extra, _paid("d"), with_plan) == (1, 4)


@pytest.mark.parametrize(
    "known",
    [
        {"on": date(2025, 6, 30)},  # the day is before the period
        {"on": date(2025, 10, 1)},  # and after it
        {"budget_kind": "one-off"},
        {"end": date(2025, 11, 29)},  # no longer live on the day
    ],
)
def test_a_case_counts_where_the_day_of_its_first_review_falls_in_the_period(gateway: Gateway, known: Any) -> None:
    assert counts(gateway, "K9", _paid("a", **known)) == (0, 0)


def test_a_payment_for_a_notional_line_starts_no_clock(gateway: Gateway) -> None:
    every = (*holder("a", NOTIONAL, DIRECT), paid("a", "a-p", 5_000, FIRST_PAID, line=1, payment_kind="invoice"))
    assert counts(gateway, "K9", every) == (0, 0)


def test_an_instalment_without_lines_is_a_direct_payment(gateway: Gateway) -> None:
    assert counts(gateway, "K9", holder("a", DIRECT), paid("a", "a-p", 5_000, FIRST_PAID, line=None)) == (0, 1)


# --- K10, K11 ---------------------------------------------------------------------------------------


def test_reviews_due_in_the_period_are_on_time_or_not(gateway: Gateway) -> None:
    due = date(2025, 11, 10)
    every = (
        reviewed("a", "on-the-day", due, due),
        reviewed("a", "late", due, date(2025, 11, 11)),
        reviewed("a", "open", due, None),
        reviewed("a", "called-off", due, None, status="cancelled", review_status="cancelled"),
        reviewed("a", "declined", due, None, review_status="declined"),
        reviewed("a", "next-year", date(2026, 1, 1), None),
    )
    assert counts(gateway, "K10", holder("a"), every) == (1, 3)


def test_a_review_of_a_case_that_was_not_live_that_day_does_not_count(gateway: Gateway) -> None:
    ended = holder("a", end=date(2025, 11, 9), budget_status="closed")
    assert counts(gateway, "K10", ended, reviewed("a", "r", date(2025, 11, 10), None)) == (0, 0)


def test_a_live_case_is_overdue_once_whatever_the_number_of_reviews(gateway: Gateway) -> None:
    twice = (reviewed("a", "r1", date(2025, 6, 1), None), reviewed("a", "r2", date(2025, 7, 1), None))
    done_since = reviewed("b", "r3", date(2025, 12, 30), date(2026, 1, 5))
    on_the_last_day = reviewed("c", "r4", date(2025, 12, 31), None)
    done = reviewed("d", "r5", date(2025, 6, 1), date(2025, 8, 1))
    people = [one for name in "abcd" for one in holder(name)]
    assert counts(gateway, "K11", people, twice, done_since, on_the_last_day, done) == (2, 4)


# --- K18 --------------------------------------------------------------------------------------------


def _goal(ident: str, achievement: str, *dues: date, **known: Any) -> Entry:
    usual: dict[str, Any] = {
        "person_id": "a",
        "kind": "wellbeing",
        "statement": "I swim",
        "lifecycle": "active",
        "achievement": achievement,
        "targets": tuple(made(OutcomeTarget, due=due) for due in dues),
    }
    return entry(ident, goal.MAPPING, **usual | known)


def test_goals_count_in_the_period_of_their_last_target(gateway: Gateway) -> None:
    november, march = date(2025, 11, 30), date(2026, 3, 31)
    every = (
        _goal("g1", "achieved", november),
        _goal("g2", "sustaining", date(2025, 6, 1), november),
        _goal("g3", "improving", november),
        _goal("g4", "achieved", november, march),
        _goal("g5", "achieved"),
        _goal("g6", "achieved", november, lifecycle="cancelled"),
    )
    assert counts(gateway, "K18", holder("a"), every) == (2, 3)
