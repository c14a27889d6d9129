"""Second looks at a decision: R148 to R151."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.decision import Appeal, Considered, Decision
from mappings.payment import Payment
from mappings.practitioner_role import CareCoordinator
from tests.fhir_gateway.phb.shelf import TODAY, broken, filed, warned

LODGED = date(2025, 5, 1)
SUBJECTS = ("direct-payment", "service-inclusion", "reduction", "repayment", "stop")


def decided(subject: str = "repayment", **known: Any) -> Filed[Decision]:
    """The decision that is looked at again, about the recovery."""
    usual: dict[str, Any] = {"about": "Claim/recovery", "owner": "PractitionerRole/first"}
    record = made(
        Decision, person_id="pat", status="completed", intent="order", decision_subject=subject, **usual | known
    )
    return filed(record, "d")


def appeal(**known: Any) -> Appeal:
    """A reconsideration that is open."""
    usual: dict[str, Any] = {
        "status": "in-progress",
        "intent": "order",
        "based_on": ("Task/d",),
        "owner": "PractitionerRole/second",
        "requested_on": LODGED,
        "appeal_kind": "reconsideration",
        "appeal_status": "in-progress",
    }
    return made(Appeal, person_id="pat", **usual | known)


def closed(**known: Any) -> Appeal:
    usual = {"status": "completed", "appeal_status": "closed", "outcome": "changed", "reasons": "new facts"}
    return appeal(**usual | known)


def role(id_: str, worker: str) -> Filed[CareCoordinator]:
    return filed(made(CareCoordinator, practitioner=worker, organisation="icb"), id_)


# --- R148 to R150 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", SUBJECTS)
def test_r148_accepts_a_request_with_new_evidence(subject: str) -> None:
    asked = appeal(considered=(made(Considered, about="DocumentReference/letter"),), appeal_status="lodged")
    assert (broken(asked, decided(subject)), warned(asked, decided(subject))) == (set(), set())


@pytest.mark.parametrize("known", [{"outcome": None}, {"reasons": None}, {"reasons": " "}])
@pytest.mark.parametrize("how", [{}, {"appeal_status": None}, {"status": "in-progress"}, {"status": "cancelled"}])
def test_r148_breaks_when_closed_without_outcome_and_reasons(known: dict[str, Any], how: dict[str, Any]) -> None:
    assert broken(closed(**how | known), decided()) == {"R148"}


@pytest.mark.parametrize("known", [{}, {"outcome": "withdrawn"}, {"status": "entered-in-error", "outcome": None}])
def test_r148_holds_when_closed_with_outcome_and_reasons(known: dict[str, Any]) -> None:
    assert broken(closed(**known), decided()) == set()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_r148_breaks_when_a_first_request_is_turned_away(subject: str) -> None:
    away = closed(status="rejected", outcome="decision-stands")
    assert broken(away, decided(subject)) == {"R148"}
    assert broken(away, decided("offer-phb")) == set()


def test_r148_holds_when_a_second_request_is_turned_down_with_reasons() -> None:
    first = filed(closed(requested_on=date(2025, 1, 1)), "first")
    assert broken(appeal(status="rejected", reasons="nothing new"), decided(), first) == set()


@pytest.mark.parametrize("asked_on", [date(2025, 1, 1), date(2024, 11, 1)])
def test_r149_warns_of_a_second_request_within_six_months(asked_on: date) -> None:
    first = filed(closed(requested_on=asked_on), "first")
    assert warned(appeal(), decided(), first) == {"R149"}
    assert broken(appeal(), decided(), first) == set()


def test_r149_warns_when_a_second_request_is_turned_down_without_reasons() -> None:
    first = filed(closed(requested_on=date(2025, 1, 1)), "first")
    assert warned(appeal(status="rejected"), decided(), first) == {"R149"}


@pytest.mark.parametrize(
    "known",
    [
        {"requested_on": date(2024, 10, 31)},
        {"requested_on": LODGED},
        {"requested_on": None},
        {"based_on": ("Task/other",)},
        {"appeal_kind": "formal-complaint"},
        {"status": "entered-in-error"},
    ],
)
def test_r149_holds_when_no_request_about_it_came_shortly_before(known: dict[str, Any]) -> None:
    first = filed(closed(**{"requested_on": date(2025, 1, 1)} | known), "first")
    assert warned(appeal(), decided(), first) == set()


@pytest.mark.parametrize("owner", ["PractitionerRole/first", "PractitionerRole/second"])
def test_r150_warns_when_the_same_worker_decides_again(owner: str) -> None:
    roles = (role("first", "devon"), role("second", "devon"))
    assert warned(closed(owner=owner), decided(), *roles) == {"R150"}


@pytest.mark.parametrize("known", [{}, {"owner": None}, {"owner": "PractitionerRole/first", "outcome": "withdrawn"}])
def test_r150_holds_when_another_decides_or_nobody_has_to(known: dict[str, Any]) -> None:
    roles = (role("first", "devon"), role("second", "amara"))
    assert warned(closed(**known), decided(), *roles) == set()


@pytest.mark.parametrize("known", [{"requested_on": None}, {"based_on": ()}])
def test_r149_holds_when_the_request_names_no_day_or_decision(known: dict[str, Any]) -> None:
    assert warned(appeal(**known), decided(), filed(closed(requested_on=date(2025, 1, 1)), "first")) == set()


# --- R151 -------------------------------------------------------------------------------------------


def payment(kind: str, **known: Any) -> Payment:
    usual: dict[str, Any] = {"status": "active", "total_pence": 10_000, "due_on": date(2025, 5, 31)}
    return made(Payment, person_id="pat", payment_kind=kind, **usual | known)


def of_r151(record: Payment, *standing: Filed[Any], **known: Any) -> set[str]:
    """Payments have many rules of their own: whether this one is broken."""
    return broken(record, *standing, id="recovery", **known) & {"R151"}


@pytest.mark.parametrize("status", ["authorised", "paid"])
def test_r151_breaks_when_an_offset_is_taken_meanwhile(status: str) -> None:
    offset = payment("adjustment-offset", payment_status=status)
    assert of_r151(offset, decided(), filed(appeal(), "a")) == {"R151"}
    assert of_r151(offset, decided(), filed(closed(), "a")) == set()
    assert of_r151(offset, decided("stop"), filed(appeal(), "a")) == set()
    assert of_r151(offset, decided(), filed(appeal(appeal_kind="formal-complaint"), "a")) == set()


def test_r151_holds_when_an_offset_taken_before_is_written_again() -> None:
    offset = payment("adjustment-offset", payment_status="paid")
    assert of_r151(offset, decided(), filed(appeal(), "a"), previous=offset) == set()


@pytest.mark.parametrize("status", ["due", "failed"])
def test_r151_breaks_when_the_day_to_pay_by_passes_meanwhile(status: str) -> None:
    late = payment("recovery", payment_status=status)
    before = payment("recovery", payment_status="scheduled")
    assert of_r151(late, decided(), filed(appeal(), "a"), previous=before) == {"R151"}
    assert of_r151(late, decided(), filed(closed(), "a"), previous=before) == set()
    assert of_r151(late, decided(about="Claim/another"), filed(appeal(), "a"), previous=before) == set()


def test_r151_breaks_when_the_day_to_pay_by_comes_nearer_meanwhile() -> None:
    far = payment("recovery", payment_status="due", due_on=date(2025, 9, 1))
    near = payment("recovery", payment_status="due", due_on=date(2025, 8, 1))
    assert of_r151(near, decided(), filed(appeal(), "a"), previous=far) == {"R151"}
    assert of_r151(far, decided(), filed(appeal(), "a"), previous=near) == set()


@pytest.mark.parametrize(
    "known", [{"due_on": TODAY}, {"due_on": None}, {"payment_status": "paid"}, {"payment_status": "on-hold"}]
)
def test_r151_holds_when_the_day_to_pay_by_has_not_passed_or_it_is_paid(known: dict[str, Any]) -> None:
    repayment = payment("recovery", **{"payment_status": "due"} | known)
    assert of_r151(repayment, decided(), filed(appeal(), "a")) == set()
