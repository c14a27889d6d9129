"""What is agreed is followed, not edited, and one version is in force at a time: R157, R158."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.rules.rule import DELETE
from mappings.claim_parts import ClaimCoverage
from mappings.terminology import BUDGET_STATUS, PLAN_STATUS
from tests.fhir_gateway.phb.shelf import broken, filed, issues
from tests.fhir_gateway.phb.whole_case import END, START, action, budget, estimate, line, plan, standing

# --- moves ------------------------------------------------------------------------------------------

PLAN = {
    *(("draft", "submitted"), ("submitted", "agreed"), ("submitted", "draft"), ("agreed", "active")),
    *(("active", "superseded"), ("active", "ended")),
}
ESTIMATE = {("draft", "shared"), ("shared", "superseded"), ("shared", "closed")}
BUDGET = {
    *(("draft", "submitted"), ("submitted", "agreed"), ("submitted", "declined"), ("agreed", "active")),
    *(("active", "superseded"), ("active", "closed")),
}


@pytest.mark.parametrize(("before", "now"), [one for one in product(PLAN_STATUS, repeat=2) if one[0] != one[1]])
def test_r157_breaks_when_a_plan_skips_a_step_and_holds_on_the_steps_there_are(before: str, now: str) -> None:
    found = broken(plan(plan_status=now), *standing(), id="plan", previous=plan(plan_status=before))
    assert ("R157" in found) is ((before, now) not in PLAN)


@pytest.mark.parametrize(("before", "now"), [one for one in product(BUDGET_STATUS, repeat=2) if one[0] != one[1]])
def test_r157_breaks_when_a_budget_skips_a_step_and_holds_on_the_steps_there_are(before: str, now: str) -> None:
    found = broken(budget(budget_status=now), *standing(), id="budget", previous=budget(budget_status=before))
    assert ("R157" in found) is ((before, now) not in BUDGET)


@pytest.mark.parametrize(("before", "now"), [one for one in product(BUDGET_STATUS, repeat=2) if one[0] != one[1]])
def test_r157_breaks_when_an_estimate_skips_a_step_and_holds_on_the_steps_there_are(before: str, now: str) -> None:
    new, old = estimate(budget_status=now), estimate(budget_status=before)
    assert ("R157" in broken(new, *standing(), id="estimate", previous=old)) is ((before, now) not in ESTIMATE)


def test_r157_names_where_a_version_may_go() -> None:
    assert broken(plan(plan_status="active"), *standing(), id="plan", previous=plan()) == {"R157"}


@pytest.mark.parametrize("status", list(PLAN_STATUS))
def test_r157_accepts_a_first_version_in_any_state_and_a_version_entered_in_error(status: str) -> None:
    assert broken(plan(plan_status=status), *standing(), id="plan") == set()
    wrong = plan(plan_status=status, status="entered-in-error", title="Wrong person")
    assert broken(wrong, *standing(), id="plan", previous=plan(plan_status="agreed")) == set()


def test_r157_breaks_when_what_was_entered_in_error_comes_back() -> None:
    wrong = "entered-in-error"
    for state in ("draft", "agreed", "active"):
        back = plan(plan_status=state)
        assert "R157" in broken(back, *standing(), id="plan", previous=replace(back, status=wrong))
        again = budget(budget_status=state)
        assert "R157" in broken(again, *standing(), id="budget", previous=replace(again, status=wrong))


@pytest.mark.parametrize("status", list(BUDGET_STATUS))
def test_r157_breaks_when_a_budget_that_was_agreed_is_deleted(status: str) -> None:
    kept = status in {"agreed", "active", "superseded", "closed"}
    assert (broken(budget(budget_status=status), when=DELETE) == {"R157"}) is kept
    assert broken(budget(budget_status=status, status="entered-in-error"), when=DELETE) == {"R157"}


@pytest.mark.parametrize("status", list(PLAN_STATUS))
def test_r157_breaks_when_a_plan_that_was_agreed_is_deleted(status: str) -> None:
    kept = status in {"agreed", "active", "superseded", "ended"}
    assert (broken(plan(plan_status=status), when=DELETE) == {"R157"}) is kept
    assert broken(plan(plan_status=status, status="entered-in-error"), when=DELETE) == {"R157"}


# --- edits ------------------------------------------------------------------------------------------


EDITS: list[dict[str, Any]] = [
    {"title": "Another"},
    {"end": date(2026, 7, 1)},
    {"need_ids": ("need", "more")},
    {"actions": ()},
    {"actions": (action(by_when=date(2025, 8, 2)),)},
    {"dp_reduction_notice_days": 7},
    {"health_contact": "Somebody else"},
]
LINKS: list[dict[str, Any]] = [
    {"status": "active"},
    {"reviews": ("Task/review",)},
    {"supporting": (*plan().supporting, "Claim/more")},
    {"actions": (action(status="completed"),)},
    {"replaces": ("before",)},
]


@pytest.mark.parametrize("status", ["submitted", "agreed", "active"])
@pytest.mark.parametrize("known", EDITS)
def test_r157_breaks_when_a_plan_that_is_no_draft_is_edited(status: str, known: dict[str, Any]) -> None:
    before = plan(plan_status=status)
    assert "R157" in broken(plan(**{"plan_status": status, **known}), *standing(), id="plan", previous=before)


@pytest.mark.parametrize("known", EDITS)
def test_r157_holds_when_a_draft_is_edited(known: dict[str, Any]) -> None:
    before = plan(plan_status="draft")
    assert broken(plan(**{"plan_status": "draft", **known}), *standing(), id="plan", previous=before) == set()


@pytest.mark.parametrize("status", ["submitted", "agreed", "active", "superseded", "ended"])
@pytest.mark.parametrize("known", LINKS)
def test_r157_holds_when_status_and_links_of_a_plan_change(status: str, known: dict[str, Any]) -> None:
    before = plan(plan_status=status)
    assert broken(plan(plan_status=status, **known), *standing(), id="plan", previous=before) == set()


def test_r157_holds_when_a_submitted_plan_is_signed_or_comes_back_and_when_one_ends_early() -> None:
    unsigned = plan(agreements=(), shared_with_person_on=None)
    assert broken(plan(plan_status="agreed"), *standing(), id="plan", previous=unsigned) == set()
    returned = plan(plan_status="draft", title="Another")
    assert broken(returned, *standing(), id="plan", previous=unsigned) == set()
    ended = plan(plan_status="ended", end=date(2025, 12, 31))
    assert broken(ended, *standing(), id="plan", previous=plan(plan_status="active")) == set()


@pytest.mark.parametrize("status", ["agreed", "active", "superseded", "closed"])
@pytest.mark.parametrize(
    "known",
    [
        {"lines": (line(amount_pence=119_999),)},
        {"total_pence": 1},
        {"start": date(2025, 7, 2)},
        {"insurance": ()},
        {"difference_reason": "Later"},
    ],
)
def test_r157_breaks_when_an_agreed_budget_is_edited(status: str, known: dict[str, Any]) -> None:
    before = budget(budget_status=status)
    assert "R157" in broken(budget(budget_status=status, **known), *standing(), id="budget", previous=before)


def test_r157_breaks_alone_when_only_a_word_of_an_agreed_budget_changes() -> None:
    before, now = budget(budget_status="active"), budget(line(description="Sailing"), budget_status="active")
    assert broken(now, *standing(), id="budget", previous=before) == {"R157"}


ANSWERED = (ClaimCoverage(sequence=1, focal=True, coverage_id="nhs", preauth_refs=("B-1/nhs",), answer_id="answer"),)


@pytest.mark.parametrize("known", [{"status": "cancelled"}, {"account": "account"}, {"insurance": ANSWERED}])
def test_r157_holds_when_status_and_links_of_a_budget_change(known: dict[str, Any]) -> None:
    before = budget(budget_status="active")
    assert broken(budget(budget_status="active", **known), *standing(), id="budget", previous=before) == set()
    early = budget(budget_status="superseded", end=date(2025, 12, 31))
    assert broken(early, *standing(), id="budget", previous=before) == set()


def test_r157_holds_when_a_budget_is_edited_before_it_is_agreed() -> None:
    dearer = budget(line(description="Sailing"))
    assert broken(dearer, *standing(), id="budget", previous=budget()) == set()


# --- a new version ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["submitted", "agreed"])
@pytest.mark.parametrize("before", ["agreed", "active"])
def test_r157_breaks_when_a_new_plan_does_not_name_the_one_in_force(status: str, before: str) -> None:
    around = standing(filed(plan(plan_status=before), "before"))
    assert broken(plan(plan_status=status), *around, id="plan") == {"R157"}
    assert broken(plan(plan_status=status, replaces=("before",)), *around, id="plan") == set()


def test_r157_holds_for_a_plan_of_other_days_and_for_a_draft() -> None:
    last_year = filed(plan(plan_status="active", start=date(2024, 7, 1), end=date(2025, 6, 30)), "before")
    assert broken(plan(), *standing(last_year), id="plan") == set()
    assert broken(plan(plan_status="draft"), *standing(filed(plan(plan_status="active"), "before")), id="plan") == set()


def test_r157_breaks_when_a_new_budget_does_not_name_the_one_in_force() -> None:
    around = standing(filed(budget(budget_status="active"), "before"))
    assert broken(budget(), *around, id="budget") == {"R157"}
    assert broken(budget(supersedes_id="before"), *around, id="budget") == set()


def test_r157_breaks_when_a_later_version_names_none() -> None:
    assert broken(budget(version=2), *standing(), id="budget") == {"R157"}
    assert broken(budget(version=2, supersedes_id="before"), *standing(), id="budget") == set()


# --- R158 -------------------------------------------------------------------------------------------


def active(**known: Any) -> Any:
    return budget(**{"budget_status": "active", "supersedes_id": "before", "version": 2, **known})


def draft() -> Any:
    """A first version that never came into force."""
    return budget(budget_status="draft", version=1)


def test_r158_breaks_when_two_versions_are_active_on_one_day() -> None:
    around = standing(filed(active(supersedes_id=None, version=1), "beside"), filed(draft(), "before"))
    assert broken(active(), *around, id="budget") == {"R158"}
    assert broken(active(), *around, id="budget", previous=active(budget_status="agreed")) == {"R158"}


def test_r158_holds_when_the_one_before_gives_way_and_breaks_until_the_new_one_begins() -> None:
    around = standing(filed(active(supersedes_id=None, version=1), "before"))
    agreed = active(budget_status="agreed")
    assert broken(active(), *around, id="budget", previous=agreed, today=START) == set()
    assert broken(active(), *around, id="budget", today=START) == {"R158"}
    found = issues(active(), *around, id="budget", previous=agreed, today=date(2025, 6, 30))
    assert [one.details for one in found if one.severity == "error"] == ["R158"]
    assert "make this one active on 2025-07-01" in found[0].diagnostics


@pytest.mark.parametrize(
    "known",
    [
        {"budget_status": "superseded"},
        {"budget_status": "agreed"},
        {"end": date(2025, 6, 30), "start": date(2024, 7, 1)},
        {"budget_kind": "one-off"},
    ],
    ids=["superseded", "only agreed", "other days", "another case"],
)
def test_r158_holds_when_the_other_is_not_active_then_or_of_another_case(known: dict[str, Any]) -> None:
    other = filed(active(**{"supersedes_id": None, "version": 1, **known}), "beside")
    assert broken(active(), *standing(other, filed(draft(), "before")), id="budget") == set()


def test_r158_holds_for_budgets_whose_plans_are_of_different_cases() -> None:
    beside = filed(plan(plan_status="active", case_number="C-2"), "other-plan")
    other = filed(active(plan_id="other-plan", supersedes_id=None, version=1), "beside")
    assert broken(active(), *standing(beside, other, filed(draft(), "before")), id="budget") == set()


DAYS = st.dates(START, END)


@given(one=st.tuples(DAYS, DAYS).map(sorted), other=st.tuples(DAYS, DAYS).map(sorted))
def test_r158_breaks_exactly_when_the_two_periods_share_a_day(one: list[date], other: list[date]) -> None:
    first = replace(active(supersedes_id=None, version=1), start=one[0], end=one[1])
    second = replace(active(), start=other[0], end=other[1])
    shared = max(one[0], other[0]) <= min(one[1], other[1])
    assert ("R158" in broken(second, *standing(filed(first, "beside")), id="budget")) is shared
