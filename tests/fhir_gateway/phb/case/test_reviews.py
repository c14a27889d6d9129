"""Reviews of a case: how far each has come, and whose duties it does."""

from typing import Any

import pytest

from fhir_gateway.phb.case.reviews import (
    completed_on,
    components,
    does,
    duties,
    ehc_review,
    is_open,
    live_case,
    state,
)
from fhir_gateway.phb.review_dates import COUNCIL, EDUCATION, NHS
from mappings.terminology import REVIEW_KIND, REVIEW_STATUS
from tests.fhir_gateway.phb.reviewed import FIRST_DUE, by_law, case, held, parts, scheduled
from tests.fhir_gateway.phb.shelf import case_file, filed


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("draft", "draft"),
        ("requested", "scheduled"),
        ("in-progress", "in-progress"),
        ("on-hold", "in-progress"),
        ("completed", "completed"),
        ("rejected", "declined"),
        ("cancelled", "cancelled"),
        ("failed", "cancelled"),
    ],
)
def test_the_state_is_read_from_the_task_where_nothing_more_exact_is_said(status: str, expected: str) -> None:
    assert state(scheduled(status=status, review_status=None)) == expected
    assert expected in REVIEW_STATUS or expected == "draft"


@pytest.mark.parametrize("code", sorted(REVIEW_STATUS))
def test_the_exact_state_goes_before_the_coarse_one(code: str) -> None:
    assert state(scheduled(review_status=code)) == code


def test_a_draft_is_not_open_and_a_review_under_way_is() -> None:
    assert not is_open(scheduled(status="draft"))
    assert is_open(scheduled(review_status="in-progress"))
    assert not is_open(held())


def test_a_review_is_completed_on_its_last_day_and_before_that_on_none() -> None:
    assert completed_on(held()) == held().ended_on
    assert completed_on(held(ended_on=None)) == held().started_on
    assert completed_on(scheduled(started_on=FIRST_DUE)) is None


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, {NHS}),
        ({"review_kind": "chc-eligibility", "inputs": ()}, {NHS}),
        ({"review_kind": "statutory-la"}, {COUNCIL}),
        ({"inputs": (by_law("statutory-la"), by_law("statutory-ehc"))}, {NHS, COUNCIL, EDUCATION}),
        ({"review_kind": "interim"}, {NHS}),
        ({"review_kind": "interim", "inputs": parts("financial-audit")}, set()),
    ],
)
def test_a_review_does_the_duty_of_its_kind_and_those_it_names(known: dict[str, Any], expected: set[str]) -> None:
    assert duties(scheduled(**known)) == expected


def test_where_one_duty_is_all_there_is_any_regular_review_does_it() -> None:
    assert does(scheduled(), COUNCIL, {COUNCIL})
    assert not does(scheduled(), COUNCIL, {NHS, COUNCIL})
    assert not does(scheduled(review_kind="interim", inputs=()), COUNCIL, {COUNCIL})


def test_every_duty_is_a_kind_of_review() -> None:
    assert {NHS, COUNCIL, EDUCATION} <= set(REVIEW_KIND)


def test_parts_that_were_not_asked_for_are_none() -> None:
    (part,) = parts("plan-review")
    assert components(scheduled(inputs=(part,))) == {"plan-review"}
    assert (
        components(
            scheduled(inputs=(type(part)(component="plan-review", discharges=None, for_body=None, asked_for=False),))
        )
        == frozenset()
    )


def test_the_review_of_the_education_plan_is_the_next_open_one() -> None:
    coming = filed(scheduled(review_kind="statutory-ehc"), "a")
    done = filed(held(review_kind="statutory-ehc", respond_by=None), "b")
    assert ehc_review(case_file(coming, done)) == FIRST_DUE
    assert ehc_review(case_file(done)) is None


def test_the_ongoing_case_goes_before_a_one_off_beside_it() -> None:
    one_off = filed(case(budget_kind="one-off").record, "a")
    found = live_case(case_file(one_off, case()))
    assert found is not None
    assert found.record.budget_kind == "ongoing"
    assert live_case(case_file(one_off)) == one_off
    assert live_case(case_file(case(state="ended"))) is None
