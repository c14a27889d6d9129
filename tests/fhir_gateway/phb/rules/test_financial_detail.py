"""Looking at financial detail: R134 to R140."""

from dataclasses import fields
from datetime import date
from typing import Any, get_type_hints

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.figures import FunderFigures
from fhir_gateway.phb.rules.catalogue import CATALOGUE
from mappings.account import PaymentArrangement
from mappings.change import Concern
from mappings.decision import Decision
from mappings.registry import TYPES
from mappings.review import Review
from mappings.terminology import DP_PERSON_EXCLUSION
from tests.fhir_gateway.phb.shelf import broken, filed

ASKED = date(2025, 5, 6)
HELD = date(2025, 5, 20)


def concern(**known: Any) -> Concern:
    """A concern that was looked into in order."""
    usual: dict[str, Any] = {
        "status": "in-progress",
        "intent": "order",
        "concern_kind": "missing-records",
        "concern_status": "looked-into",
        "coordinator_asked_on": ASKED,
        "person_informed_on": ASKED,
    }
    return made(Concern, person_id="pat", **usual | known)


def delay(**known: Any) -> Decision:
    """The decision that the person is informed later."""
    usual: dict[str, Any] = {"status": "completed", "intent": "order", "decision_subject": "suspension"}
    return made(Decision, person_id="pat", **usual | {"outcome": "approved"} | known)


def review(**known: Any) -> Review:
    """The extra review, started after the person was told."""
    usual: dict[str, Any] = {
        "status": "in-progress",
        "intent": "order",
        "review_kind": "concern-triggered",
        "review_status": "in-progress",
        "started_on": HELD,
        "person_told_on": date(2025, 5, 1),
        "told_what": "What will be looked at",
    }
    return made(Review, person_id="pat", **usual | known)


# --- R135, R136 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known",
    [
        {"coordinator_asked_on": None},
        {"coordinator_asked_on": None, "no_coordinator_reason": " "},
        {"person_informed_on": None},
        {"person_informed_on": None, "concern_status": "person-informed"},
        {"person_informed_on": None, "concern_status": "closed", "finding": "none"},
    ],
)
def test_r135_breaks_when_somebody_looks_before_asking_and_informing(known: dict[str, Any]) -> None:
    assert broken(concern(**known)) == {"R135"}


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"coordinator_asked_on": None, "no_coordinator_reason": "the concern is about the coordinator"},
        {"concern_status": "raised", "coordinator_asked_on": None, "person_informed_on": None},
        {"concern_status": "closed", "coordinator_asked_on": None, "person_informed_on": None},
        {"status": "entered-in-error", "coordinator_asked_on": None},
    ],
)
def test_r135_holds_when_both_know_or_nobody_looked(known: dict[str, Any]) -> None:
    assert broken(concern(**known)) == set()


@pytest.mark.parametrize("kind", ["suspected-fraud-recipient", "suspected-fraud-provider", "safeguarding"])
def test_r135_holds_when_a_decision_lets_the_informing_wait(kind: str) -> None:
    waiting = concern(concern_kind=kind, person_informed_on=None, delay_decision_id="d")
    assert broken(waiting, filed(delay(), "d")) == set()


@pytest.mark.parametrize(
    ("known", "decided"),
    [
        ({"concern_kind": "overspend"}, {}),
        ({"concern_kind": "safeguarding"}, {"outcome": "declined"}),
        ({"concern_kind": "safeguarding"}, {"outcome": None}),
        ({"concern_kind": "safeguarding", "delay_decision_id": "other"}, {}),
    ],
)
def test_r135_breaks_when_no_decision_lets_the_informing_wait(known: dict[str, Any], decided: dict[str, Any]) -> None:
    waiting = concern(**{"person_informed_on": None, "delay_decision_id": "d"} | known)
    assert broken(waiting, filed(delay(**decided), "d")) == {"R135"}


@pytest.mark.parametrize("told", [None, HELD])
def test_r136_breaks_when_the_review_starts_before_the_person_is_told(told: date | None) -> None:
    assert broken(concern(review_id="r"), filed(review(person_told_on=told), "r")) == {"R136"}


@pytest.mark.parametrize("known", [{}, {"person_told_on": None, "review_status": "scheduled"}])
def test_r136_holds_when_the_person_is_told_or_the_review_has_not_started(known: dict[str, Any]) -> None:
    assert broken(concern(review_id="r"), filed(review(**known), "r")) == set()


def test_r136_holds_for_a_review_that_is_not_known_here() -> None:
    assert broken(concern(review_id="https://elsewhere.example/Task/1")) == set()


# --- R140 -------------------------------------------------------------------------------------------


def account(account_ref: str | None) -> PaymentArrangement:
    return made(
        PaymentArrangement, person_id="pat", status="inactive", management_option="notional", account_ref=account_ref
    )


@pytest.mark.parametrize(
    "ref",
    [
        "00-00-00 12345678",
        "00000012345678",
        "12345678",
        "GB00 XXXX 0000 0012 3456 78",
        "gb00xxxx00000012345678",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
    ],
)
def test_r140_breaks_when_the_account_token_is_a_bank_number(ref: str) -> None:
    assert "R140" in broken(account(ref))
    assert broken(account(ref)) - broken(account("ACC-0001")) == {"R140"}


@pytest.mark.parametrize("ref", [None, "ACC-0001", "4111 1111 1111 1112", "acct_7f3a", "1234567", "P0003/DP/2"])
def test_r140_holds_when_the_account_token_says_nothing(ref: str | None) -> None:
    assert "R140" not in broken(account(ref))


def test_r140_holds_because_no_record_has_a_field_for_an_order_or_means() -> None:
    lists = [lens for one in TYPES.values() for made_of in one.mappings for _, lens in made_of.leaves()]
    assert lists
    assert all(getattr(lens, "list", None) is not DP_PERSON_EXCLUSION for lens in lists)


def test_r138_holds_because_the_figures_of_a_funder_are_sums_and_nothing_else() -> None:
    assert {get_type_hints(FunderFigures)[one.name] for one in fields(FunderFigures)} == {int}


@pytest.mark.parametrize("number", ["R134", "R137", "R138", "R139"])
def test_a_rule_on_reading_is_in_the_catalogue_with_what_it_waits_for(number: str) -> None:
    assert (CATALOGUE[number].place, bool(CATALOGUE[number].note)) == ("access", True)
