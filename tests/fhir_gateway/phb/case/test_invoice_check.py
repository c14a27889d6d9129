"""The person's own check of an invoice."""

from dataclasses import replace
from typing import Any

import pytest

from fhir_gateway.phb.case.invoice_check import cannot_be_checked, cannot_be_queried, confirmed, queried
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice
from tests.fhir_gateway.phb.rules.money_world import world
from tests.fhir_gateway.phb.shelf import broken


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("awaiting-person", "confirmed"),
        ("not-offered", "confirmed"),
        (None, "confirmed"),
        ("disputed", "resolved"),
        ("resolved", "resolved"),
    ],
)
def test_confirming_says_that_it_is_right_or_that_what_was_queried_is_settled(before: str | None, after: str) -> None:
    assert confirmed(invoice(before)) == invoice(after)


def test_a_disputed_invoice_is_due_again_once_it_is_settled() -> None:
    disputed = queried(invoice("awaiting-person"), "Only one visit")
    assert disputed == invoice("disputed", payment_status="disputed", dispute_reason="Only one visit")
    settled = confirmed(disputed)
    assert settled == invoice("resolved", dispute_reason="Only one visit")
    assert broken(disputed, *world(), previous=invoice("awaiting-person")) == set()
    assert broken(settled, *world(), previous=disputed) == set()


def test_an_invoice_that_is_not_due_yet_is_queried_where_it_stands() -> None:
    assert queried(invoice(payment_status="scheduled"), "No").payment_status == "scheduled"


@pytest.mark.parametrize(
    ("known", "checked", "in_time"),
    [
        ({}, True, True),
        ({"payment_status": "authorised"}, True, False),
        ({"payment_status": "paid"}, True, False),
        ({"payment_status": "cancelled"}, False, False),
        ({"status": "draft"}, False, False),
        ({"lines": ()}, False, False),
    ],
)
def test_what_can_be_checked_and_what_is_too_late_to_query(known: dict[str, Any], checked: bool, in_time: bool) -> None:  # noqa: FBT001
    bill = replace(invoice(), **known)
    assert (not cannot_be_checked(bill), not cannot_be_queried(bill)) == (checked, in_time)


def test_only_an_invoice_is_checked() -> None:
    assert cannot_be_checked(instalment()) == "only an invoice with its lines is checked by the person"
