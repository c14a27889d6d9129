"""Moving to another ICB: R152 to R154."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.change import Transfer
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.payment import Payment
from mappings.practitioner_role import CareCoordinator
from mappings.review import Review
from tests.fhir_gateway.phb.shelf import TODAY, broken, filed, warned

MOVED = date(2025, 5, 1)


def transfer(**known: Any) -> Transfer:
    """A transfer in order, in force since May, its balance carried over."""
    usual: dict[str, Any] = {
        "status": "completed",
        "intent": "order",
        "transfer_status": "effective",
        "requester": "Organization/old",
        "owner": "Organization/new",
        "started_on": MOVED,
        "reason": "moved-home",
        "person_informed_on": date(2025, 3, 1),
        "accepted_by": "PractitionerRole/new-role",
        "accepted_on": date(2025, 4, 1),
        "new_coordinator": "PractitionerRole/new-role",
        "funded_until": date(2025, 4, 30),
        "balance_pence": 10_000,
        "balance_carried_pence": 10_000,
        "balance_returned_pence": 0,
        "first_review_due": date(2025, 8, 1),
    }
    return made(Transfer, person_id="pat", **usual | known)


def body(id_: str, kind: str | None = "nhs-icb") -> Filed[Organisation]:
    return filed(made(Organisation, funder_kind=kind), id_)


def role(id_: str, organisation: str) -> Filed[CareCoordinator]:
    return filed(made(CareCoordinator, practitioner="mira", organisation=organisation), id_)


BODIES = (body("old"), body("new"), role("new-role", "new"), role("old-role", "old"))


@pytest.mark.parametrize("status", ["proposed", "accepted", "effective", "completed"])
def test_a_transfer_in_order_breaks_nothing(status: str) -> None:
    known = transfer(transfer_status=status)
    assert (broken(known, *BODIES), warned(known, *BODIES)) == (set(), set())


# --- R152 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["accepted", "effective", "completed"])
@pytest.mark.parametrize(
    "known",
    [
        {"requester": None},
        {"owner": None},
        {"owner": "Organization/old"},
        {"owner": "PractitionerRole/new-role"},
        {"accepted_by": None},
        {"accepted_on": None},
        {"accepted_on": date(2025, 5, 2)},
        {"accepted_by": "PractitionerRole/old-role"},
        {"accepted_by": "Organization/old"},
        {"person_informed_on": None},
        {"new_coordinator": None},
        {"funded_until": None},
        {"funded_until": date(2025, 4, 29)},
    ],
)
def test_r152_breaks_when_something_is_missing_or_a_day_is_unfunded(status: str, known: dict[str, Any]) -> None:
    assert broken(transfer(**{"transfer_status": status} | known), *BODIES) == {"R152"}


def test_r152_breaks_when_a_council_takes_over() -> None:
    assert broken(transfer(), body("new", "local-authority"), *BODIES[2:], body("old")) == {"R152"}


@pytest.mark.parametrize(
    "known",
    [
        {"accepted_by": "Organization/new"},
        {"accepted_by": "Practitioner/mira"},
        {"funded_until": date(2025, 5, 31)},
        {"requester": "https://elsewhere.example/Organization/1"},
        {"transfer_status": "proposed", "accepted_by": None, "funded_until": None},
        {"transfer_status": "refused", "accepted_by": None, "new_coordinator": None},
        {"status": "entered-in-error", "accepted_by": None},
    ],
)
def test_r152_holds_when_in_order_or_not_accepted(known: dict[str, Any]) -> None:
    assert broken(transfer(**known), *BODIES) == set()


def test_r152_holds_for_bodies_whose_kind_is_not_known() -> None:
    assert broken(transfer(), body("old", None), *BODIES[1:]) == set()


@given(st.integers(-40, 40))
def test_r152_breaks_exactly_when_a_day_lies_between(gap: int) -> None:
    until = date.fromordinal(MOVED.toordinal() - 1 + gap)
    assert broken(transfer(funded_until=until), *BODIES) == (set() if gap >= 0 else {"R152"})


# --- R153 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("due", [None, date(2025, 8, 2), date(2025, 4, 30)])
def test_r153_breaks_when_the_first_review_is_not_within_three_months(due: date | None) -> None:
    assert broken(transfer(first_review_due=due), *BODIES) == {"R153"}
    assert warned(transfer(first_review_due=due, transfer_status="accepted"), *BODIES) == {"R153"}


def test_r153_holds_at_the_end_of_a_shorter_month() -> None:
    late = transfer(started_on=date(2025, 11, 30), funded_until=date(2025, 11, 29), first_review_due=date(2026, 2, 28))
    assert broken(late, *BODIES) == set()


def plan(status: str) -> SupportPlan:
    return made(SupportPlan, person_id="pat", status="active", plan_status=status)


def budget(status: str) -> AgreedBudget:
    return made(AgreedBudget, person_id="pat", status="active", budget_status=status)


def of_r153(record: Any, previous: Any, *standing: Filed[Any], today: date = TODAY) -> set[str]:
    """Plans and budgets have many rules of their own: whether this one is broken."""
    return broken(record, *standing, id="thing", previous=previous, today=today) & {"R153"}


def review(**known: Any) -> Filed[Review]:
    usual: dict[str, Any] = {"status": "completed", "review_status": "completed", "started_on": date(2025, 5, 20)}
    return filed(made(Review, person_id="pat", intent="order", review_kind="transfer", **usual | known), "r")


@pytest.mark.parametrize(
    ("record", "previous"),
    [(plan("superseded"), plan("active")), (plan("ended"), plan("active")), (budget("closed"), budget("active"))],
)
def test_r153_breaks_when_plan_or_budget_ends_before_the_first_review(record: Any, previous: Any) -> None:
    moved = filed(transfer(), "t")
    assert of_r153(record, previous, moved) == {"R153"}
    assert of_r153(record, previous, moved, review(started_on=date(2025, 4, 20))) == {"R153"}
    assert of_r153(record, previous, moved, review()) == set()
    assert of_r153(record, record, moved) == set()


@pytest.mark.parametrize(
    ("known", "today"),
    [
        ({"transfer_status": "accepted"}, TODAY),
        ({"started_on": None}, TODAY),
        ({}, date(2025, 4, 30)),
        ({}, date(2025, 8, 2)),
        ({"first_review_due": None}, date(2025, 8, 2)),
    ],
)
def test_r153_holds_when_no_transfer_waits_for_its_first_review(known: dict[str, Any], today: date) -> None:
    moved = filed(transfer(**known), "t")
    assert of_r153(plan("ended"), plan("active"), moved, today=today) == set()


def test_r153_holds_when_the_person_has_died() -> None:
    person = filed(made(Person, death_date=date(2025, 5, 25)), "pat")
    assert of_r153(plan("ended"), plan("active"), filed(transfer(), "t"), person) == set()


# --- R154 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known",
    [
        {"balance_pence": None},
        {"balance_carried_pence": None},
        {"balance_returned_pence": None},
        {"balance_returned_pence": 1},
        {"balance_carried_pence": 9_999},
    ],
)
def test_r154_breaks_when_the_parts_are_a_penny_out_or_missing(known: dict[str, Any]) -> None:
    assert broken(transfer(**known), *BODIES) == {"R154"}
    assert warned(transfer(**{"transfer_status": "accepted"} | known), *BODIES) == {"R154"}


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_r154_holds_when_the_parts_add_up(carried: int, returned: int) -> None:
    known = {"balance_carried_pence": carried, "balance_returned_pence": returned}
    assert broken(transfer(balance_pence=carried + returned, **known), *BODIES) == set()


def recovery(**known: Any) -> Filed[Payment]:
    usual: dict[str, Any] = {
        "status": "active",
        "payment_kind": "recovery",
        "total_pence": 4_000,
        "discussion_person_id": "with-person",
        "discussion_coordinator_id": "with-coordinator",
    }
    return filed(made(Payment, person_id="pat", **usual | known), "rec")


RETURNING = {"balance_carried_pence": 6_000, "balance_returned_pence": 4_000}


@pytest.mark.parametrize(
    "known",
    [
        {"discussion_person_id": None},
        {"discussion_coordinator_id": None},
        {"total_pence": 3_999},
        {"payment_kind": "refund-to-person"},
        {"status": "entered-in-error"},
    ],
)
def test_r154_breaks_when_what_is_returned_was_not_talked_over(known: dict[str, Any]) -> None:
    over = transfer(transfer_status="completed", **RETURNING)
    assert broken(over, *BODIES, recovery(**known)) == {"R154"}


def test_r154_holds_when_what_is_returned_is_a_recovery_that_was_talked_over() -> None:
    assert broken(transfer(transfer_status="completed", **RETURNING), *BODIES, recovery()) == set()
    assert broken(transfer(**RETURNING), *BODIES) == set()
