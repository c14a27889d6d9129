"""How a review is held: R121 to R126, and the decision that R128 asks for."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.records import made
from mappings.decision import Considered, Decision
from mappings.practitioner_role import CareCoordinator
from mappings.related_person import Party
from tests.fhir_gateway.phb.reviewed import (
    COORDINATOR,
    FULL,
    NHS,
    PERSON,
    Share,
    budget,
    case,
    coverage,
    held,
    money,
    parts,
    payment,
    scheduled,
)
from tests.fhir_gateway.phb.shelf import broken, filed, issues, warned

ASKED: dict[str, Any] = {"review_kind": "requested-by-person", "requested_on": date(2025, 4, 1)}
CHANGED: dict[str, Any] = {"review_kind": "health-change", "requested_on": date(2025, 4, 1)}
DECLINED: dict[str, Any] = {"status": "rejected", "review_status": "declined"}
NOTIFIED: dict[str, Any] = {"review_status": "notified"}
NOTIONAL: Share = ("nhs-other", "notional")


def decision(**known: Any) -> Filed[Decision]:
    """The review is held, by a decision that is in order."""
    usual: dict[str, Any] = {
        "status": "completed",
        "intent": "order",
        "decision_subject": "review-request",
        "decision_status": "communicated",
        "about": "Task/x",
        "outcome": "approved",
        "rationale": "The hours no longer fit.",
        "considered": (made(Considered, text="what the person said"),),
        "appeal_route": "write to the panel",
        "complaint_route": "write to the complaints team",
    }
    return filed(made(Decision, person_id="pat", **usual | known), "decision")


REFUSED: dict[str, Any] = {"outcome": "declined"}


# --- R121 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [NOTIFIED, DECLINED])
def test_r121_breaks_where_a_request_goes_on_without_a_decision(state: dict[str, Any]) -> None:
    assert broken(scheduled(**ASKED | state)) == {"R121"}


def test_r121_breaks_where_a_request_is_held_without_a_decision() -> None:
    assert broken(held(**ASKED)) == {"R121"}


@pytest.mark.parametrize(
    "known",
    [
        {"rationale": None},
        {"rationale": " "},
        {"appeal_route": None, "complaint_route": ""},
        {"outcome": "approved"},
        {"outcome": "deferred"},
        {"about": "Task/another"},
        {"decision_subject": "plan"},
        {"status": "draft"},
    ],
)
def test_r121_breaks_for_a_refusal_without_reasons_or_route(known: dict[str, Any]) -> None:
    assert broken(scheduled(**ASKED | DECLINED), decision(**REFUSED | known)) == {"R121"}


def test_r121_breaks_where_a_refused_request_is_held_all_the_same() -> None:
    assert broken(held(**ASKED), decision(**REFUSED)) == {"R121"}


@pytest.mark.parametrize("known", [{}, {"appeal_route": None}, {"about": None, "based_on": ("Task/x",)}])
def test_r121_holds_for_a_refusal_with_reasons_and_a_route(known: dict[str, Any]) -> None:
    assert broken(scheduled(**ASKED | DECLINED), decision(**REFUSED | known)) == set()


def test_r121_holds_for_a_request_that_waits_is_granted_or_withdrawn() -> None:
    assert broken(scheduled(**ASKED)) == set()
    assert broken(held(**ASKED), decision()) == set()
    assert broken(scheduled(**ASKED, review_status="cancelled")) == set()


def test_r121_breaks_where_a_review_nobody_asked_for_is_declined() -> None:
    assert broken(scheduled(**DECLINED)) == {"R121"}
    assert broken(scheduled(status="rejected", review_status=None)) == {"R121"}


# --- R128: change of health -------------------------------------------------------------------------


@pytest.mark.parametrize("state", [NOTIFIED, DECLINED, {"status": "cancelled", "review_status": "cancelled"}])
def test_r128_breaks_where_nobody_decided_after_a_change_of_health(state: dict[str, Any]) -> None:
    assert broken(scheduled(**CHANGED | state)) == {"R128"}
    assert broken(scheduled(**CHANGED | state), decision()) == set()


def test_r128_holds_while_the_decision_is_awaited() -> None:
    assert broken(scheduled(**CHANGED)) == set()


# --- R122 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known",
    [
        {"person_told_on": None},
        {"told_what": None},
        {"told_what": " "},
        {"person_told_on": date(2025, 5, 20)},
        {"person_told_on": date(2025, 5, 21)},
        {"started_on": None},
    ],
)
def test_r122_breaks_where_the_person_was_not_told_before(known: dict[str, Any]) -> None:
    assert broken(held(**known)) == {"R122"}
    assert broken(held(**known, status="in-progress", review_status="in-progress", outcome=None)) == {"R122"}


def test_r122_warns_of_less_than_fourteen_days() -> None:
    assert warned(held(person_told_on=date(2025, 5, 7))) == {"R122"}
    assert broken(held(person_told_on=date(2025, 5, 7))) == set()


def test_r122_holds_for_fourteen_days_and_before_the_start() -> None:
    assert issues(held(person_told_on=date(2025, 5, 6))) == []
    assert broken(scheduled(review_status="notified")) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("completed", "in-progress"),
        ("completed", "cancelled"),
        ("in-progress", "scheduled"),
        ("in-progress", "cancelled"),
        ("cancelled", "scheduled"),
        ("declined", "scheduled"),
    ],
)
def test_r122_breaks_for_a_move_that_is_not_listed(before: str, after: str) -> None:
    assert broken(held(review_status=after), previous=held(review_status=before)) == {"R122"}


def test_r122_breaks_where_a_review_under_way_is_declined() -> None:
    found = broken(held(**ASKED, review_status="declined"), decision(**REFUSED), previous=held(**ASKED, **NOTIFIED))
    assert found == {"R122"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("scheduled", "notified"),
        ("scheduled", "cancelled"),
        ("notified", "scheduled"),
        ("notified", "in-progress"),
        ("notified", "cancelled"),
        ("in-progress", "completed"),
        ("scheduled", "completed"),
        ("completed", "completed"),
    ],
)
def test_r122_holds_for_the_moves_that_are_listed(before: str, after: str) -> None:
    assert broken(held(review_status=after), previous=held(review_status=before)) == set()


# --- R123 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["initial-three-month", "annual"])
@pytest.mark.parametrize("missing", FULL)
def test_r123_breaks_where_a_part_is_missing(kind: str, missing: str) -> None:
    inputs = parts(*(one for one in FULL if one != missing), "contingency-check")
    assert broken(held(review_kind=kind, inputs=inputs), *money(NHS)) == {"R123"}


def test_r123_breaks_where_a_part_was_expressly_left_out() -> None:
    left_out = tuple(made(type(one), component=one.component, asked_for=False) for one in parts("financial-audit"))
    inputs = (*parts("plan-review", "budget-review"), *left_out)
    assert broken(held(inputs=inputs), *money(NHS)) == {"R123"}


def test_r123_holds_with_all_parts_for_other_money_and_for_other_reviews() -> None:
    some = parts("plan-review", "budget-review")
    assert broken(held(), *money(NHS)) == set()
    assert broken(held(inputs=some), *money(NOTIONAL)) == set()
    assert broken(held(inputs=some, review_kind="interim"), *money(NHS)) == set()
    assert broken(scheduled(inputs=some), *money(NHS)) == set()


def test_r123_holds_for_a_review_before_the_first_direct_payment() -> None:
    later = (case(), budget(NHS), coverage(NHS[0]), payment(NHS[0], date(2025, 5, 28)))
    assert broken(held(inputs=parts("plan-review")), *later) == set()


# --- R124 -------------------------------------------------------------------------------------------


def test_r124_warns_where_the_coordinator_was_not_there() -> None:
    assert warned(held(participants=(PERSON, "PractitionerRole/someone")), case()) == {"R124"}
    assert warned(held(participants=(PERSON,))) == {"R124"}


def test_r124_holds_for_the_coordinator_as_a_role_or_as_a_worker() -> None:
    role = filed(made(CareCoordinator, practitioner="mira-herself"), "mira")
    assert warned(held(), case()) == set()
    assert warned(held(participants=(PERSON, "Practitioner/mira-herself")), case(), role) == set()
    assert warned(scheduled(participants=(PERSON,)), case()) == set()


# --- R125 -------------------------------------------------------------------------------------------


def relative(*roles: str) -> Filed[Party]:
    return filed(made(Party, person_id="pat", roles=roles), "kin")


@pytest.mark.parametrize("people", [(COORDINATOR,), (COORDINATOR, "RelatedPerson/kin")])
def test_r125_breaks_where_the_person_took_no_part_and_no_reason_is_given(people: tuple[str, ...]) -> None:
    assert broken(held(participants=people), relative("friend")) == {"R125"}
    assert broken(scheduled(participants=people, review_status="notified"), relative("friend")) == {"R125"}


def test_r125_breaks_where_nobody_took_part() -> None:
    assert broken(held(participants=())) == {"R125"}


def test_r125_warns_while_the_review_is_only_scheduled() -> None:
    assert warned(scheduled(participants=(COORDINATOR,))) == {"R125"}
    assert broken(scheduled(participants=(COORDINATOR,))) == set()
    assert warned(scheduled(participants=())) == set()


@pytest.mark.parametrize("role", ["parental-responsibility", "attorney", "deputy", "appointed-representative"])
def test_r125_holds_where_a_representative_takes_part(role: str) -> None:
    assert broken(held(participants=(COORDINATOR, "RelatedPerson/kin")), relative(role)) == set()


def test_r125_holds_with_a_reason_with_whom_they_like_and_with_a_party_not_known_here() -> None:
    assert broken(held(participants=(COORDINATOR,), absence_reason="in hospital, wants the notes")) == set()
    assert broken(held(participants=(PERSON, COORDINATOR, "RelatedPerson/kin")), relative("friend")) == set()
    assert broken(held(participants=(COORDINATOR, "RelatedPerson/elsewhere"))) == set()


# --- R126 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("working", "working"),
        ("not_working", "not-working"),
        ("needs_change", "needs-change"),
        ("needs_changed", "needs-changed"),
        ("outcomes_still_right", "outcomes-still-right"),
        ("risks_changed", "risks-changed"),
        ("budget_adequate", "budget-adequate"),
        ("properly_used", "properly-used"),
        ("outcome", "outcome"),
    ],
)
def test_r126_breaks_where_an_answer_is_missing(field: str, named: str) -> None:
    (found,) = issues(held(**{field: None}))
    assert (found.details, found.severity) == ("R126", "error")
    assert found.diagnostics.endswith(f": {named}")


def test_r126_breaks_where_the_words_are_blank() -> None:
    assert broken(held(working=" ")) == {"R126"}


def test_r126_holds_for_a_whole_review_one_under_way_and_one_already_stored() -> None:
    assert broken(held()) == set()
    assert broken(held(status="in-progress", review_status="in-progress", working=None)) == set()
    assert broken(held(working=None, description="x"), previous=held(working=None)) == set()
