"""A case moves along T1 to T24 only, each with what it asks for: R161, and the forbidden moves of 5.2."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case.states import TRANSITIONS, status_of
from fhir_gateway.phb.case_file import Filed
from mappings.communication import Discussion
from mappings.payment import Payment
from mappings.terminology import CASE_STATE
from tests.fhir_gateway.phb.moves import Known, at, moved, reasons
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues
from tests.fhir_gateway.phb.whole_case import (
    arrangement,
    assessment,
    budget,
    decision,
    direct_line,
    estimate,
    plan,
    standing,
)
from tests.fhir_gateway.phb.whole_people import SELF

# --- the table --------------------------------------------------------------------------------------

LISTED = {(start, one.to) for one in TRANSITIONS for start in one.start}


@pytest.mark.parametrize(("start", "to"), [pair for pair in product(CASE_STATE, repeat=2) if pair[0] != pair[1]])
def test_r161_breaks_for_every_move_that_is_not_in_the_table(start: str, to: str) -> None:
    says = reasons(start, to)
    assert ("does not go from" in says) is ((start, to) not in LISTED)


@pytest.mark.parametrize(
    ("start", "to"),
    [("enquiry", "organising"), ("budget-setting", "organising"), ("planning", "active")],
)
def test_r161_breaks_for_the_forbidden_short_cuts(start: str, to: str) -> None:
    assert moved(start, to) == {"R161"}
    assert f"from {start} to {to}" in reasons(start, to)


def test_r161_says_where_a_case_may_go() -> None:
    assert reasons("budget-setting", "organising").endswith(
        "from budget-setting it goes to planning (T5), not-proceeding (T22)"
    )
    assert reasons("not-proceeding", "active").endswith("it goes to nowhere")


@pytest.mark.parametrize("state", list(CASE_STATE))
def test_r161_breaks_when_the_status_is_not_that_of_the_state(state: str) -> None:
    other = "onhold" if status_of(state) != "onhold" else "active"
    says = [one for one in issues(at(state, status=other), *standing(), id="case") if one.details == "R161"]
    assert [one.diagnostics for one in says if one.expression == "EpisodeOfCare.status"] == [
        f"a case that is {state} has the status {status_of(state)}"
    ]


@pytest.mark.parametrize("state", [one for one in CASE_STATE if one not in {"awaiting-decision", "organising"}])
def test_r161_accepts_a_running_case_that_is_brought_in(state: str) -> None:
    assert "R161" not in broken(at(state), *standing(without=("plan", "budget")), id="case")


def test_r161_holds_when_nothing_moves_and_when_the_case_is_in_error() -> None:
    assert broken(at("active", group="mental-health"), *standing(), id="case", previous=at("active")) == set()
    wrong = at("active", status="entered-in-error")
    assert broken(wrong, *standing(), id="case", previous=at("enquiry")) == set()


# --- T2 to T6 ---------------------------------------------------------------------------------------


def test_r161_holds_on_the_way_to_a_plan() -> None:
    assert moved("enquiry", "assessing") == set()
    assert moved("assessing", "budget-setting") == set()
    assert moved("budget-setting", "planning") == set()


def test_r161_breaks_when_t2_finds_no_eligibility() -> None:
    assert moved("enquiry", "assessing", group=None) == {"R161"}


def test_r161_breaks_beside_the_rule_that_t2_fails() -> None:
    assert moved("enquiry", "assessing", care_coordinator=None) == {"R62", "R161"}
    assert "T2 to assessing" in reasons("enquiry", "assessing", care_coordinator=None)
    assert "R62" in reasons("enquiry", "assessing", care_coordinator=None)


def test_r161_breaks_when_t3_finds_no_approved_assessment() -> None:
    assert moved("assessing", "budget-setting", assessment(approved_on=None)) == {"R161"}
    assert moved("assessing", "budget-setting", without=("assessment",)) == {"R161"}


ONE_OFF = filed(estimate(budget_kind="one-off"), "estimate")


def test_r161_holds_for_the_short_path_of_a_one_off() -> None:
    assert moved("enquiry", "planning", ONE_OFF, budget_kind="one-off") == set()


def test_r161_breaks_when_the_short_path_is_taken_by_an_ongoing_case_or_without_an_outcome() -> None:
    assert moved("enquiry", "planning") == {"R161"}
    aimless = filed(estimate(budget_kind="one-off", goals=(), budget_status="draft"), "estimate")
    assert moved("enquiry", "planning", aimless, without=("goal",), budget_kind="one-off") == {"R161"}


def test_r161_breaks_when_t5_finds_the_estimate_unexplained() -> None:
    bare = filed(estimate(review_route=None), "estimate")
    assert moved("budget-setting", "planning", bare) == {"R161"}
    assert "T5 to planning (indicative budget shared): R31" in reasons("budget-setting", "planning", bare)


def talk(**known: Known) -> Filed[Discussion]:
    usual: dict[str, Any] = {"topic": "indicative-budget", "message": "It is too low for two swims a week"}
    return filed(made(Discussion, person_id=PERSON, status="completed", **usual | known), "talk")


def test_r161_holds_when_the_estimate_is_challenged_with_a_reason() -> None:
    assert moved("planning", "budget-setting", talk()) == set()
    asked = filed(decision(decision_subject="indicative-budget", rationale="Too low"), "asked")
    assert moved("planning", "budget-setting", asked) == set()


def test_r161_breaks_when_t6_finds_no_reason() -> None:
    assert moved("planning", "budget-setting") == {"R161"}
    assert moved("planning", "budget-setting", talk(topic="options")) == {"R161"}


# --- T7 to T11 --------------------------------------------------------------------------------------


def test_r161_holds_when_plan_and_budget_are_submitted() -> None:
    assert moved("planning", "awaiting-decision") == set()
    assert broken(at("awaiting-decision"), *standing(), id="case") == set()


@pytest.mark.parametrize(
    "around",
    [
        filed(plan(plan_status="draft"), "plan"),
        filed(budget(budget_status="draft"), "budget"),
        filed(plan(actions=()), "plan"),
        filed(plan(health_contact=None), "plan"),
        filed(budget(total_pence=1), "budget"),
    ],
    ids=["draft plan", "draft budget", "R55", "R52", "R85"],
)
def test_r161_breaks_when_t7_finds_plan_or_budget_not_ready(around: Filed[Any]) -> None:
    assert moved("planning", "awaiting-decision", around) == {"R161"}
    assert broken(at("awaiting-decision"), *standing(around), id="case") == {"R161"}


def test_r161_names_the_rules_that_t7_fails() -> None:
    says = reasons("planning", "awaiting-decision", filed(plan(actions=(), health_contact=None), "plan"))
    assert "T7 to awaiting-decision (plan and budget submitted): R52" in says
    assert "T7 to awaiting-decision (plan and budget submitted): R55" in says


DIRECT = filed(budget(direct_line()), "budget")
HELD = filed(arrangement(), "arrangement")


def test_r161_holds_for_a_direct_payment_with_consent_and_a_suitable_arrangement() -> None:
    assert moved("planning", "awaiting-decision", DIRECT, HELD) == set()


def test_r161_breaks_when_a_direct_payment_lacks_consent_or_arrangement() -> None:
    assert moved("planning", "awaiting-decision", DIRECT, HELD, without=("consent",)) == {"R161"}
    assert moved("planning", "awaiting-decision", DIRECT) == {"R161"}
    unfit = filed(arrangement(suitability_appropriate=False), "arrangement")
    assert moved("planning", "awaiting-decision", DIRECT, unfit) == {"R161"}


REFUSED = filed(decision(outcome="declined", alternatives="A pool nearer by"), "approval")


def test_r161_holds_when_the_plan_is_returned_or_declined() -> None:
    assert moved("awaiting-decision", "planning", REFUSED) == set()
    declined: Known = {"close_reason": "declined"}
    assert moved("awaiting-decision", "not-proceeding", REFUSED, **declined) == set()


def test_r161_breaks_when_t8_finds_no_decision_or_one_without_routes() -> None:
    assert moved("awaiting-decision", "planning") == {"R161"}
    routeless = filed(replace(REFUSED.record, appeal_route=None), "approval")
    assert moved("awaiting-decision", "planning", routeless) == {"R161"}


def test_r161_breaks_when_t10_finds_nothing_declined_or_a_right_refused_without_reasons() -> None:
    assert moved("awaiting-decision", "not-proceeding", close_reason="declined") == {"R161"}
    right: Known = {"close_reason": "declined", "group": "adult-nhs-chc"}
    bare = replace(REFUSED.record, decision_subject="offer-phb", about="EpisodeOfCare/case", alternatives=None)
    assert moved("awaiting-decision", "not-proceeding", filed(bare, "approval"), **right) == {"R161"}


AGREED = (filed(plan(plan_status="agreed"), "plan"), filed(budget(budget_status="agreed"), "budget"))


def test_r161_holds_when_every_funder_has_approved() -> None:
    assert moved("awaiting-decision", "organising", *AGREED) == set()
    assert broken(at("organising"), *standing(*AGREED), id="case") == set()


@pytest.mark.parametrize(
    "around",
    [
        (),
        (AGREED[0],),
        (filed(plan(plan_status="agreed", agreements=()), "plan"), AGREED[1]),
        (filed(plan(plan_status="agreed", shared_with_person_on=None), "plan"), AGREED[1]),
        (*AGREED, REFUSED),
    ],
    ids=["submitted only", "budget not agreed", "R59", "R168", "R88"],
)
def test_r161_breaks_when_t9_finds_something_not_agreed(around: tuple[Filed[Any], ...]) -> None:
    assert moved("awaiting-decision", "organising", *around) == {"R161"}
    assert broken(at("organising"), *standing(*around), id="case") == {"R161"}


BEGUN = {"plan_status": "active", "start": date(2025, 6, 1)}
ACTIVE = (filed(plan(**BEGUN), "plan"), filed(budget(budget_status="active"), "budget"))


BEGUN_AGREED = (filed(plan(**BEGUN | {"plan_status": "agreed"}), "plan"), AGREED[1])


@pytest.mark.parametrize("around", [ACTIVE, BEGUN_AGREED], ids=["active", "agreed, and active with the case"])
def test_r161_holds_when_care_starts(around: tuple[Filed[Any], ...]) -> None:
    assert moved("organising", "active", *around) == set()


def test_r161_breaks_when_t11_finds_nothing_started_or_not_agreed() -> None:
    assert moved("organising", "active", *AGREED) == {"R161"}
    assert moved("organising", "active", ACTIVE[0]) == {"R161"}
    assert moved("organising", "active", AGREED[1]) == {"R161"}
    later = filed(plan(plan_status="active"), "plan")
    assert moved("organising", "active", later, ACTIVE[1]) == {"R161"}


def test_r161_breaks_when_t11_finds_a_first_payment_that_may_not_be_made() -> None:
    paid = made(
        Payment,
        person_id=PERSON,
        status="active",
        payment_kind="instalment",
        payment_status="paid",
        due_on=date(2025, 6, 1),
        total_pence=10_000,
        payee=SELF,
    )
    assert moved("organising", "active", *ACTIVE, filed(paid, "paid")) == {"R161"}
    assert "R94" in reasons("organising", "active", *ACTIVE, filed(paid, "paid"))


# --- T22 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["enquiry", "assessing", "budget-setting", "planning", "awaiting-decision"])
def test_r161_holds_when_the_person_no_longer_wants_it(start: str) -> None:
    assert moved(start, "not-proceeding", close_reason="person-choice") == set()


def test_r161_breaks_when_something_is_in_force_that_nobody_ended() -> None:
    assert moved("planning", "not-proceeding", *AGREED, close_reason="person-choice") == {"R161"}
