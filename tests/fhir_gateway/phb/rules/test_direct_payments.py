"""Group B, on whose consent a direct payment rests: each rule is broken alone, and kept."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings.payment import PaymentLine
from tests.fhir_gateway.phb.people_paid import (
    DUE,
    MOTHER,
    account,
    breaks,
    budget,
    capacity,
    child,
    consent,
    decision,
    flags,
    lacking,
    line,
    mother,
    nominee,
    own,
    payment,
    person,
    to_speak,
    without,
)
from tests.fhir_gateway.phb.shelf import filed

DAY = timedelta(days=1)
UNDECIDED = (made(PaymentLine, sequence=1, amount_pence=10_000),)
SET_UPS = [account(), budget(), budget(budget_status="submitted"), budget(budget_status="agreed")]


# --- R11 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["authorised", "paid"])
def test_r11_breaks_when_an_adult_has_not_consented(status: str) -> None:
    assert breaks(payment(payment_status=status), person()) == {"R11"}
    assert breaks(payment(payment_status=status), *own()) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"status": "draft"},
        {"status": "rejected"},
        {"given_by": None},
        {"given_by": MOTHER},
        {"consent_subject": "share-record"},
        {"given_on": DUE + DAY},
        {"holds_from": DUE + DAY},
    ],
)
def test_r11_breaks_for_a_consent_that_is_not_the_persons_own_active_one(known: dict[str, Any]) -> None:
    assert breaks(payment(), person(), filed(replace(consent(), **known), "own")) == {"R11"}


@pytest.mark.parametrize("status", ["has-capacity", "fluctuating", "not-assessed"])
def test_r11_breaks_whatever_was_assessed_short_of_no_capacity(status: str) -> None:
    assert breaks(payment(), person(), filed(capacity(status), "assessed")) == {"R11"}
    assert breaks(payment(), *own(), filed(capacity(status), "assessed")) == set()


def test_r11_breaks_for_somebody_of_unknown_age() -> None:
    assert breaks(payment(), person(birth_date=None)) == {"R11"}
    assert breaks(payment(), filed(consent(), "own")) == set()


@pytest.mark.parametrize("record", SET_UPS)
def test_r11_breaks_when_one_is_set_up_without_consent(record: Any) -> None:
    assert breaks(record, person()) == {"R11"}
    assert breaks(record, *own()) == set()


@pytest.mark.parametrize("end", [{"withdrawn_on": date(2025, 3, 31)}, {"status": "inactive"}])
def test_r11_breaks_when_one_is_set_up_on_a_consent_that_is_gone(end: dict[str, Any]) -> None:
    assert breaks(account(), person(), filed(consent(**end), "own")) == {"R11"}


@pytest.mark.parametrize(
    "record",
    [
        payment(payment_status="scheduled"),
        payment(payment_status="due"),
        payment(status="entered-in-error"),
        payment(payment_kind="recovery"),
        payment(payment_kind="invoice"),
        payment(payment_kind="client-contribution"),
        payment(lines=(made(PaymentLine, sequence=1, management_option="notional"),)),
        payment(payee="Organization/provider", lines=UNDECIDED),
        account(status="inactive"),
        account(management_option="notional"),
        budget(budget_status="draft"),
        budget(budget_status="superseded"),
        budget(line(option="notional"), line(2, "third-party")),
    ],
)
def test_r11_holds_for_what_releases_no_direct_payment(record: Any) -> None:
    assert breaks(record, person()) == set()


def test_r11_breaks_for_a_payment_that_is_direct_by_its_payee_its_holder_or_its_budget() -> None:
    assert breaks(payment(lines=UNDECIDED), person()) == {"R11"}
    managed = payment(lines=UNDECIDED, payee="Organization/accounts")
    assert breaks(managed, person()) == set()
    assert breaks(managed, person(), filed(account(owner="accounts"), "account")) == {"R11"}
    assert (
        breaks(managed, person(), filed(account(owner="accounts", management_option="third-party"), "account")) == set()
    )
    against = replace(managed, pays_against_id="budget")
    assert breaks(against, person(), filed(budget(), "budget")) == {"R11"}
    mixed = budget(line(), line(2, "third-party"))
    assert breaks(against, person(), filed(mixed, "budget")) == set()


def test_r11_accepts_an_unrelated_change_of_an_old_payment() -> None:
    old = payment(payment_status="paid")
    assert breaks(replace(old, invoice_no="7"), person(), previous=old) == set()
    assert breaks(replace(old, due_on=DUE + DAY), person(), previous=old) == {"R11"}


# --- R12 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", [payment(payee=MOTHER), *SET_UPS])
@pytest.mark.parametrize("missing", ["hers", "mother"])
def test_r12_breaks_for_a_child_without_a_representative_who_consents(record: Any, missing: str) -> None:
    assert breaks(record, *without(child(), missing)) == {"R12"}
    assert breaks(record, *child()) == set()


@pytest.mark.parametrize(
    "known",
    [{"roles": ("family-member",)}, {"active": False}, {"end": date(2025, 3, 1)}, {"start": date(2025, 7, 1)}],
)
def test_r12_breaks_for_a_party_that_does_not_represent_the_child_that_day(known: dict[str, Any]) -> None:
    standing = (*without(child(), "mother"), filed(mother(**known), "mother"))
    assert breaks(payment(payee=MOTHER), *standing) == {"R12"}


@pytest.mark.parametrize("role", ["parental-responsibility", "attorney", "deputy", "appointed-representative"])
def test_r12_holds_for_every_kind_of_representative(role: str) -> None:
    standing = (*without(child(), "mother"), filed(mother(roles=(role,)), "mother"))
    assert breaks(payment(payee=MOTHER), *standing) == set()


def test_r12_breaks_for_a_child_known_by_an_assessment_alone() -> None:
    young = (person(birth_date=None), filed(capacity("under-16"), "assessed"))
    assert breaks(payment(payee=MOTHER), *young) == {"R12"}


def test_r12_holds_until_the_day_before_the_sixteenth_birthday() -> None:
    last = date(2028, 5, 3)
    assert breaks(payment(payee=MOTHER, due_on=last), *child()) == set()


# --- R13 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", [payment(payee=MOTHER), *SET_UPS])
@pytest.mark.parametrize("missing", ["hers", "mother"])
def test_r13_breaks_without_capacity_and_without_a_representative_who_consents(record: Any, missing: str) -> None:
    assert breaks(record, *without(lacking(), missing)) == {"R13"}
    assert breaks(record, *lacking()) == set()


@pytest.mark.parametrize("missing", ["decision_path", "speaks_for_person"])
def test_r13_breaks_for_an_assessment_that_does_not_say_how_or_by_whom(missing: str) -> None:
    assert breaks(payment(payee=MOTHER), *lacking(**{missing: None})) == {"R13"}


def test_r13_holds_for_a_persons_own_consent_only_while_they_decide() -> None:
    standing = (*without(lacking(), "hers"), filed(consent(), "own"))
    assert breaks(payment(), *standing) == {"R13"}
    before = payment(due_on=date(2025, 1, 14))
    held = filed(consent(given_on=date(2025, 1, 1)), "own")
    assert breaks(before, *without(standing, "own"), held) == set()


@pytest.mark.parametrize("known", [{"observation_status": "cancelled"}, {"decision": "share-record"}])
def test_r13_holds_back_for_an_assessment_of_something_else(known: dict[str, Any]) -> None:
    assert breaks(payment(), *own(), filed(capacity("lacks-capacity", **known), "lost")) == set()


# --- R23 --------------------------------------------------------------------------------------------

GONE = DUE - DAY


@pytest.mark.parametrize(
    "end", [{"withdrawn_on": GONE}, {"status": "inactive", "withdrawn_on": GONE}, {"status": "inactive"}]
)
def test_r23_breaks_for_an_instalment_due_after_the_withdrawal(end: dict[str, Any]) -> None:
    assert breaks(payment(), person(), filed(consent(**end), "own")) == {"R23"}


@pytest.mark.parametrize("status", ["active", "inactive"])
def test_r23_holds_for_an_instalment_due_on_the_last_day(status: str) -> None:
    assert breaks(payment(), person(), filed(consent(status=status, withdrawn_on=DUE), "own")) == set()


def test_r23_breaks_for_paying_what_was_authorised_before_the_withdrawal() -> None:
    old = payment()
    standing = (person(), filed(consent(withdrawn_on=GONE), "own"))
    assert breaks(replace(old, payment_status="paid"), *standing, previous=old) == {"R23"}


@pytest.mark.parametrize("people", [child(), lacking()])
def test_r23_breaks_when_a_representative_withdraws(people: tuple[Any, ...]) -> None:
    gone = filed(to_speak(withdrawn_on=GONE), "hers")
    assert breaks(payment(payee=MOTHER), *without(people, "hers"), gone) == {"R23"}


def test_r23_breaks_when_the_nominee_withdraws() -> None:
    named = (*own(), filed(nominee(), "mother"))
    agreed = consent("act-as-nominee", MOTHER)
    assert breaks(payment(payee=MOTHER), *named, filed(agreed, "hers")) == set()
    assert breaks(payment(payee=MOTHER), *named, filed(replace(agreed, withdrawn_on=GONE), "hers")) == {"R23"}


def test_r23_holds_once_there_is_a_new_consent() -> None:
    old = filed(consent(withdrawn_on=date(2025, 4, 30)), "old")
    assert breaks(payment(), person(), old, filed(consent(given_on=date(2025, 5, 20)), "own")) == set()


def test_r23_warns_of_a_withdrawal_until_the_stop_is_decided() -> None:
    record = consent(withdrawn_on=GONE)
    running = (person(), filed(account(), "account"))
    assert (breaks(record, *running), flags(record, *running)) == (set(), {"R23"})
    stop = decision("stop", needs_continue=False, ended_on=GONE)
    assert flags(record, *running, filed(stop, "stop")) == set()
    assert flags(record, person()) == set()
    assert flags(record, *running, filed(consent(given_on=GONE), "other")) == set()
    assert flags(consent("share-record", withdrawn_on=GONE), *running) == set()
    assert flags(consent(), *running) == set()


# --- R24 --------------------------------------------------------------------------------------------

BACK = DUE - DAY


def regained(**known: Any) -> tuple[Any, ...]:
    return (*lacking(), filed(capacity("has-capacity", BACK, **known), "back"))


@pytest.mark.parametrize("temporary", [None, False])
def test_r24_breaks_for_what_is_due_after_capacity_came_back(temporary: bool | None) -> None:  # noqa: FBT001 - a parameter
    assert breaks(payment(payee=MOTHER), *regained(expected_temporary=temporary)) == {"R24"}


def test_r24_holds_for_what_is_due_that_day_and_while_it_is_temporary() -> None:
    assert breaks(payment(payee=MOTHER, due_on=BACK), *regained()) == set()
    assert breaks(payment(payee=MOTHER), *regained(expected_temporary=True)) == set()


def test_r24_holds_once_the_person_consents() -> None:
    assert breaks(payment(), *regained(), filed(consent(), "own")) == set()


def test_r24_breaks_while_temporary_capacity_has_no_representative_either() -> None:
    assert breaks(payment(payee=MOTHER), *without(regained(expected_temporary=True), "hers")) == {"R24"}


# --- R25 --------------------------------------------------------------------------------------------

GROWN = date(2028, 5, 4)


@pytest.mark.parametrize("due_on", [GROWN, GROWN + 90 * DAY])
def test_r25_breaks_from_the_sixteenth_birthday_on_a_representatives_consent(due_on: date) -> None:
    assert breaks(payment(payee=MOTHER, due_on=due_on), *child()) == {"R25"}


def test_r25_holds_with_the_persons_own_consent_and_without_capacity() -> None:
    assert breaks(payment(due_on=GROWN), *child(), filed(consent(), "own")) == set()
    lost = filed(capacity("lacks-capacity", GROWN), "lost")
    assert breaks(payment(payee=MOTHER, due_on=GROWN), *child(), lost) == set()


@pytest.mark.parametrize(
    ("due_on", "warned_of"),
    [(GROWN - 91 * DAY, set()), (GROWN - 90 * DAY, {"R25"}), (GROWN - DAY, {"R25"})],
)
def test_r25_warns_for_ninety_days_before(due_on: date, warned_of: set[str]) -> None:
    record = payment(payee=MOTHER, due_on=due_on)
    assert (breaks(record, *child()), flags(record, *child())) == (set(), warned_of)
    assert flags(record, *child(), filed(consent(), "own")) == set()


def test_r25_is_not_what_an_adults_new_representative_breaks() -> None:
    standing = (person(), filed(mother(), "mother"), filed(to_speak(), "hers"))
    assert breaks(payment(payee=MOTHER), *standing) == {"R11"}
