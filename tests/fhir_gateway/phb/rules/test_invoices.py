"""An invoice is taken once, and paid only when the person does not dispute it: R102, R103."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings.claim_response import FunderAnswer
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice
from tests.fhir_gateway.phb.rules.money_world import arrangement, world
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues, warned

# --- R102 -------------------------------------------------------------------------------------------


def test_r102_breaks_when_the_same_invoice_comes_again() -> None:
    assert broken(invoice(), *world(filed(invoice(), "first"))) == {"R102"}


def test_r102_breaks_when_it_comes_for_another_person_and_says_nothing_about_them() -> None:
    (found,) = issues(invoice(), *world(filed(invoice(person_id="someone-else"), "first")))
    assert found.details == "R102"
    assert "someone-else" not in found.diagnostics
    assert "INV-1" not in found.diagnostics


@pytest.mark.parametrize(
    "known",
    [
        {"invoice_no": "INV-2"},
        {"provider": "Organization/other", "payee": "Organization/physio"},
        {"start": date(2025, 5, 1), "end": date(2025, 5, 31)},
        {"status": "cancelled"},
        {"payment_status": "cancelled"},
    ],
    ids=["number", "provider", "period", "cancelled Claim", "cancelled payment"],
)
def test_r102_holds_when_one_of_the_three_differs_or_the_first_was_called_off(known: dict[str, Any]) -> None:
    assert "R102" not in broken(invoice(), *world(filed(invoice(**known), "first")))


def test_r102_holds_for_a_later_step_of_the_same_invoice_and_for_those_without_a_number() -> None:
    assert broken(invoice("awaiting-person"), *world(), previous=invoice()) == set()
    assert broken(invoice(invoice_no=None), *world(filed(invoice(invoice_no=None), "first"))) == set()


# --- R103 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["authorised", "paid"])
def test_r103_breaks_when_a_disputed_invoice_is_paid(status: str) -> None:
    (found,) = issues(invoice("disputed", payment_status=status), *world())
    assert (found.details, found.severity, found.expression) == ("R103", "error", "Claim.item[0].extension")


@pytest.mark.parametrize("check", ["confirmed", "resolved", "not-offered", "awaiting-person", None])
def test_r103_holds_when_the_person_does_not_dispute_it(check: str | None) -> None:
    assert broken(invoice(check, payment_status="paid"), *world()) == set()


def test_r103_holds_while_a_disputed_invoice_waits() -> None:
    assert broken(invoice("disputed", payment_status="disputed"), *world(), previous=invoice()) == set()


@pytest.mark.parametrize(("check", "numbers"), [("disputed", {"R103"}), ("resolved", set())])
def test_r103_breaks_when_a_funder_settles_a_disputed_invoice(check: str, numbers: set[str]) -> None:
    settled = made(
        FunderAnswer,
        person_id=PERSON,
        status="active",
        claim_type="phb-payment",
        use="claim",
        outcome="complete",
        claim_id="bill",
        paid_on=date(2025, 5, 20),
    )
    assert broken(settled, *world(filed(invoice(check), "bill"))) == numbers


def notional(**known: Any) -> Any:
    usual: dict[str, Any] = {
        "management_option": "notional",
        "account_kind": None,
        "recipient": None,
        "choice_offered": "Any of three therapists",
        "commissioner": "icb",
        "person_checks_invoices": True,
    }
    return arrangement(**usual | known).record


@pytest.mark.parametrize("checks", [False, None])
def test_r103_warns_when_the_person_does_not_check_notional_invoices(checks: bool | None) -> None:  # noqa: FBT001
    assert warned(notional(person_checks_invoices=checks), *world()) == {"R103"}
    assert broken(notional(person_checks_invoices=checks), *world()) == set()


def test_r103_holds_when_the_person_checks_invoices_and_where_there_are_none() -> None:
    assert warned(notional(), *world()) == set()
    assert warned(notional(person_checks_invoices=None, status="inactive"), *world()) == set()
    assert warned(arrangement().record, *world()) == set()


def test_only_an_invoice_is_disputed() -> None:
    odd = instalment(2, payment_status="paid")
    assert "R103" not in broken(replace(odd, lines=(replace(odd.lines[0], invoice_check="disputed"),)), *world())


# --- the time the person has ------------------------------------------------------------------------

# Received on Friday 2 May 2025 and five working days: Friday 9 May.
WAITING = invoice("awaiting-person")
RELEASED = replace(WAITING, payment_status="authorised")


def found_on(day: date, record: Any = RELEASED, previous: Any = WAITING) -> list[tuple[str, str]]:
    found = issues(record, *world(), previous=previous, today=day)
    return [(one.severity, one.expression) for one in found if one.details == "R103"]


def test_r103_breaks_when_an_invoice_is_released_before_the_person_had_time_to_check() -> None:
    assert found_on(date(2025, 5, 9)) == [("error", "Claim.item[0].extension")]


def test_r103_only_warns_when_the_persons_time_is_over() -> None:
    assert found_on(date(2025, 5, 10)) == [("warning", "Claim.item[0].extension")]


def test_r103_keeps_the_warning_at_later_steps_and_for_what_came_in_paid() -> None:
    paid = replace(RELEASED, payment_status="paid")
    assert found_on(date(2025, 5, 3), paid, RELEASED) == [("warning", "Claim.item[0].extension")]
    assert found_on(date(2025, 5, 3), paid, None) == [("warning", "Claim.item[0].extension")]


@pytest.mark.parametrize("check", ["confirmed", "resolved", "not-offered", None])
def test_r103_says_nothing_once_the_person_has_checked_or_was_not_asked(check: str | None) -> None:
    assert found_on(date(2025, 5, 3), invoice(check, payment_status="authorised"), invoice(check)) == []


def test_r103_counts_from_the_day_it_was_made_where_none_says_that_it_came_in() -> None:
    unsaid = replace(WAITING, received_on=None, created=date(2025, 5, 7))
    assert found_on(date(2025, 5, 14), replace(unsaid, payment_status="authorised"), unsaid)[0][0] == "error"
    assert found_on(date(2025, 5, 15), replace(unsaid, payment_status="authorised"), unsaid)[0][0] == "warning"
