"""When reviews are due: R116 to R120, R128, R129."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fhir_gateway.phb.reviewed import (
    COUNCIL,
    EDUCATION,
    FIRST_DUE,
    FULL,
    HEALTHCARE,
    NHS,
    Share,
    budget,
    by_law,
    case,
    case_record,
    coverage,
    held,
    money,
    parts,
    payment,
    scheduled,
)
from tests.fhir_gateway.phb.shelf import broken, filed, issues, warned

ONE_DAY_LATE = date(2025, 7, 2)
COUNCIL_DUE = date(2025, 10, 1)
NOTIONAL: Share = ("nhs-other", "notional")
THIRD_PARTY: Share = ("nhs-other", "third-party")
LATER = {"review_kind": "annual", "respond_by": date(2026, 5, 22)}


def after_first(*shares: Share) -> tuple[Any, ...]:
    """The money, and its first review completed on 22 May 2025."""
    return (*money(*shares), filed(held(), "first"))


# --- R116 -------------------------------------------------------------------------------------------


def test_r116_holds_for_a_first_review_on_the_last_day() -> None:
    found = issues(scheduled(), *money(NHS))
    assert found == []


@pytest.mark.parametrize("day", [ONE_DAY_LATE, date(2026, 4, 1), None])
def test_r116_breaks_for_a_first_review_after_three_months(day: date | None) -> None:
    assert broken(scheduled(respond_by=day), *money(NHS)) == {"R116"}


def test_r116_names_the_day_and_the_element() -> None:
    (found,) = issues(scheduled(respond_by=ONE_DAY_LATE), *money(NHS))
    assert found.expression == "Task.restriction.period.end"
    assert str(FIRST_DUE) in found.diagnostics


@pytest.mark.parametrize("paid", [date(2025, 11, 30), date(2025, 8, 31)])
def test_r116_holds_on_the_month_end_where_the_day_does_not_exist(paid: date) -> None:
    due = {date(2025, 11, 30): date(2026, 2, 28), date(2025, 8, 31): date(2025, 11, 30)}[paid]
    standing = money(NHS, paid=paid)
    assert broken(scheduled(respond_by=due), *standing) == set()
    assert broken(scheduled(respond_by=due.replace(day=28) if due.month == 11 else due), *standing) == set()


def test_r116_lets_an_annual_review_stand_beside_a_first_one_in_time() -> None:
    yearly = scheduled(review_kind="annual", respond_by=date(2026, 4, 1))
    assert broken(yearly, *money(NHS), filed(scheduled(), "first")) == set()
    assert broken(yearly, *money(NHS)) == {"R116"}


def test_r116_says_nothing_of_a_change_that_does_not_touch_the_day() -> None:
    before = scheduled(respond_by=ONE_DAY_LATE)
    after = scheduled(respond_by=ONE_DAY_LATE, description="bring the dog")
    assert broken(after, *money(NHS), previous=before) == set()


@pytest.mark.parametrize("known", [{"status": "draft", "review_status": None}, {"review_kind": "interim"}])
def test_r116_leaves_drafts_and_extra_reviews_alone(known: dict[str, Any]) -> None:
    assert broken(scheduled(respond_by=ONE_DAY_LATE, **known), *money(NHS)) == set()


def test_r116_says_nothing_of_a_one_off_or_before_the_first_payment() -> None:
    late = scheduled(respond_by=date(2026, 3, 1))
    assert broken(late, case(), budget(NHS, budget_kind="one-off"), coverage(NHS[0]), payment(NHS[0])) == set()
    assert broken(late, case(), budget(NHS), coverage(NHS[0])) == set()
    assert broken(late) == set()


@pytest.mark.parametrize("today", [date(2025, 7, 2), date(2026, 1, 1)])
def test_r116_warns_when_the_first_review_is_overdue(today: date) -> None:
    assert warned(scheduled(), *money(NHS), today=today) == {"R116"}
    assert "R116" in warned(case_record(), *money(NHS), today=today, id="case")
    assert broken(scheduled(), *money(NHS), today=today) == set()


def test_r116_holds_once_the_review_is_done_and_while_there_is_time() -> None:
    late = date(2025, 8, 1)
    assert "R116" not in warned(case_record(), *after_first(NHS), today=late, id="case")
    assert "R116" not in warned(case_record(), *money(NHS), today=FIRST_DUE, id="case")
    assert "R116" not in warned(case_record(state="ended", status="finished"), *money(NHS), today=late, id="case")


# --- R117 -------------------------------------------------------------------------------------------


def test_r117_holds_for_a_later_review_on_the_last_day() -> None:
    assert issues(scheduled(**LATER), *after_first(NHS)) == []


def test_r117_breaks_for_a_later_review_after_twelve_months() -> None:
    assert broken(scheduled(**LATER | {"respond_by": date(2026, 5, 23)}), *after_first(NHS)) == {"R117"}


def test_r117_breaks_where_a_completed_review_sets_the_next_one_too_late() -> None:
    assert broken(held(next_due_on=date(2026, 5, 23)), *money(NHS)) == {"R117"}
    assert broken(held(next_due_on=date(2026, 5, 22)), *money(NHS)) == set()


def test_r117_warns_when_the_later_review_is_overdue() -> None:
    assert warned(scheduled(**LATER), *after_first(NHS), today=date(2026, 5, 23)) == {"R117"}
    assert "R117" in warned(case_record(), *after_first(NHS), today=date(2026, 5, 23), id="case")


def test_r117_counts_from_an_extra_review_of_the_plan_but_not_from_a_look_at_a_concern() -> None:
    extra = held(review_kind="interim", started_on=date(2025, 8, 1), ended_on=date(2025, 8, 1))
    concern = held(
        review_kind="concern-triggered",
        inputs=parts("financial-audit"),
        started_on=date(2025, 8, 1),
        ended_on=date(2025, 8, 1),
    )
    day = {"respond_by": date(2026, 8, 1)}
    assert broken(scheduled(**LATER | day), *after_first(NHS), filed(extra, "extra")) == set()
    assert broken(scheduled(**LATER | day), *after_first(NHS), filed(concern, "extra")) == {"R117"}


def test_r117_leaves_out_what_was_reviewed_before_the_money_began() -> None:
    told, day = date(2024, 8, 1), date(2024, 9, 1)
    old = held(person_told_on=told, started_on=day, ended_on=day, next_due_on=date(2025, 9, 1))
    assert broken(old, *money(NHS)) == set()
    assert broken(scheduled(respond_by=ONE_DAY_LATE), *money(NHS), filed(old, "old")) == {"R116"}


# --- R118 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [NOTIONAL, THIRD_PARTY, ("la-adult-social-care", "notional")])
def test_r118_warns_where_held_money_is_reviewed_later(share: Share) -> None:
    late = scheduled(respond_by=date(2025, 10, 2))
    assert (broken(late, *money(share)), warned(late, *money(share))) == (set(), {"R118"})


@pytest.mark.parametrize("share", [NOTIONAL, THIRD_PARTY])
def test_r118_holds_where_held_money_is_reviewed_as_often(share: Share) -> None:
    assert issues(scheduled(), *money(share)) == []


def test_r118_warns_when_the_review_of_held_money_is_overdue() -> None:
    assert "R118" in warned(case_record(), *money(NOTIONAL), today=ONE_DAY_LATE, id="case")
    assert "R118" not in warned(case_record(), *money(NOTIONAL), today=FIRST_DUE, id="case")


def test_r118_counts_a_review_held_before_the_first_invoice_was_paid() -> None:
    standing = (*money(NOTIONAL, paid=date(2025, 5, 30)), filed(held(), "first"))
    assert issues(scheduled(**LATER), *standing) == []


# --- R119 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "due"),
    [(COUNCIL, COUNCIL_DUE), (EDUCATION, FIRST_DUE), (HEALTHCARE, FIRST_DUE)],
)
def test_r119_breaks_for_a_first_review_after_the_day_of_its_stream(share: Share, due: date) -> None:
    assert broken(scheduled(respond_by=due), *money(share)) == set()
    assert broken(scheduled(respond_by=due.replace(day=2)), *money(share)) == {"R119"}


def test_r119_breaks_where_the_next_day_forgets_the_council() -> None:
    """The first review was the NHS's alone, so the council's own is still due after six months."""
    assert broken(held(next_due_on=date(2025, 10, 2)), *money(NHS, COUNCIL)) == {"R119"}
    assert broken(held(next_due_on=COUNCIL_DUE), *money(NHS, COUNCIL)) == set()


def test_r119_holds_where_one_review_does_the_duties_of_all() -> None:
    inputs = (*parts(*FULL), by_law("statutory-la"))
    assert broken(held(inputs=inputs, next_due_on=date(2026, 5, 22)), *money(NHS, COUNCIL)) == set()


def test_r119_breaks_where_education_is_reviewed_after_its_own_plan() -> None:
    inputs = (*parts(*FULL), by_law("statutory-ehc", "Organization/school-office"))
    coming = filed(scheduled(review_kind="statutory-ehc", respond_by=date(2025, 12, 1)), "ehc")
    late, in_time = date(2026, 2, 1), date(2025, 12, 1)
    standing = (*money(NHS, EDUCATION), coming)
    assert broken(held(inputs=inputs, next_due_on=late), *standing) == {"R119"}
    assert broken(held(inputs=inputs, next_due_on=in_time), *standing) == set()


def test_r119_warns_when_the_review_for_the_council_is_overdue() -> None:
    late = date(2025, 10, 2)
    assert "R119" in warned(case_record(), *after_first(NHS, COUNCIL), today=late, id="case")
    assert "R119" not in warned(case_record(), *after_first(NHS, COUNCIL), today=COUNCIL_DUE, id="case")


@given(st.dates(date(2025, 4, 1), date(2027, 4, 1)))
def test_r119_breaks_on_every_day_after_the_earliest_and_on_no_day_before(day: date) -> None:
    found = broken(scheduled(respond_by=day, inputs=(*parts(*FULL), by_law("statutory-la"))), *money(NHS, COUNCIL))
    expected = {"R116"} if day > FIRST_DUE else set()
    assert found == expected | ({"R119"} if day > COUNCIL_DUE else set())


# --- R120 -------------------------------------------------------------------------------------------


def test_r120_warns_of_two_reviews_by_law_within_sixty_days() -> None:
    other = filed(scheduled(review_kind="statutory-la", respond_by=date(2025, 8, 30)), "other")
    assert warned(scheduled(), other) == {"R120"}


@pytest.mark.parametrize(
    "known",
    [
        {"respond_by": date(2025, 8, 31)},
        {"review_kind": "interim"},
        {"review_status": "cancelled"},
        {"respond_by": None},
    ],
)
def test_r120_holds_for_reviews_further_apart_extra_or_called_off(known: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"review_kind": "statutory-la", "respond_by": date(2025, 8, 30)}
    assert warned(scheduled(), filed(scheduled(**usual | known), "other")) == set()


# --- R128 -------------------------------------------------------------------------------------------


SHORT: dict[str, Any] = {"review_kind": "insufficient-funds", "requested_on": date(2025, 6, 1)}


@pytest.mark.parametrize("day", [date(2025, 6, 30), None])
def test_r128_breaks_for_a_review_of_short_money_after_28_days(day: date | None) -> None:
    assert broken(scheduled(respond_by=day, **SHORT)) == {"R128"}


def test_r128_holds_for_a_review_of_short_money_in_time() -> None:
    assert broken(scheduled(respond_by=date(2025, 6, 29), **SHORT)) == set()
    assert broken(scheduled(respond_by=date(2026, 6, 29), review_kind="insufficient-funds")) == set()


@pytest.mark.parametrize(
    "known", [{}, {"review_status": "cancelled"}, {"respond_by": date(2025, 6, 20)}, {"review_kind": "interim"}]
)
def test_r128_breaks_where_short_money_is_found_and_nothing_follows(known: dict[str, Any]) -> None:
    usual: dict[str, Any] = {**SHORT, "requested_on": None, "respond_by": date(2025, 6, 19)}
    follow = (filed(scheduled(**usual | known), "follow"),) if known else ()
    assert broken(held(budget_adequate=False), *follow) == {"R128"}


def test_r128_holds_where_a_review_follows_in_time_or_the_money_is_raised() -> None:
    follow = filed(scheduled(**SHORT | {"respond_by": date(2025, 6, 19)}), "follow")
    assert broken(held(budget_adequate=False), follow) == set()
    assert broken(held(budget_adequate=False, outcome="budget-increased", new_budget_id="b2")) == set()
    assert broken(held(budget_adequate=False, outcome="reassessment-required")) == set()


def test_r128_says_nothing_where_nobody_knows_the_day() -> None:
    assert "R128" not in broken(held(budget_adequate=False, started_on=None, ended_on=None))


# --- R129 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["active", "under-review", "suspended", "transferring"])
def test_r129_breaks_where_a_live_case_gets_no_next_day(state: str) -> None:
    assert broken(held(next_due_on=None), case(state=state)) == {"R129"}


def test_r129_holds_where_the_case_ends_or_is_not_live() -> None:
    assert broken(held(next_due_on=None, outcome="phb-ended"), case()) == set()
    assert broken(held(next_due_on=None), case(state="ended", status="finished")) == set()
    assert broken(held(next_due_on=None)) == set()


def test_r129_says_nothing_of_a_later_change_of_another_kind() -> None:
    before = held(next_due_on=None)
    after = held(next_due_on=None, person_experience="I am in the water twice a week.")
    assert broken(after, case(), previous=before) == set()
