"""Invoices: taken once, and paid only when the person does not dispute them.

Source: domain.md section 4 H (R102, R103), 2.5 (Invoice).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.payments import INVOICE, RELEASED, counts, is_released, payment_answered
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import ERROR, WARNING, Finding, rule
from fhir_gateway.phb.rules.suspensions import working_days_after
from mappings.account import PaymentArrangement
from mappings.claim_response import FunderAnswer
from mappings.payment import Payment

DISPUTED: Final = "disputed"
AWAITING: Final = "awaiting-person"
NAMES_IT: Final = ("provider", "payee", "invoice_no", "start", "end", "status", "payment_status")


@rule("R102", on=Payment)
def an_invoice_is_taken_once(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """No other invoice has the same provider, number and service period, whoever it is about."""
    record = new.record
    if not _is_invoice(record) or not any(new.changed(one) for one in NAMES_IT):
        return
    others = case.where(Payment, "invoice_no", record.invoice_no or "")
    if any(one.id != new.id and _is_invoice(one.record) and _same(one.record, record) for one in others):
        yield Finding(
            "an invoice of this provider with this number and service period is here already; "
            "correct the number, or leave this one out",
            "identifier",
        )


def _is_invoice(payment: Payment) -> bool:
    return payment.payment_kind == INVOICE and payment.invoice_no is not None and counts(payment)


def _same(one: Payment, other: Payment) -> bool:
    return (one.provider, one.start, one.end) == (other.provider, other.start, other.end)


@rule("R103", on=Payment)
def a_disputed_invoice_is_not_paid(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """An invoice with a line that the person disputes is neither authorised nor paid."""
    if new.record.payment_kind == INVOICE and counts(new.record) and new.record.payment_status in RELEASED:
        yield from _disputed(new.record)


def _disputed(payment: Payment) -> Iterator[Finding]:
    for at, line in enumerate(payment.lines):
        if line.invoice_check == DISPUTED:
            yield Finding(
                "the person disputes this; it may be paid when their check is `resolved`", f"item[{at}].extension"
            )


@rule("R103", on=Payment)
def the_person_has_time_to_check(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """An invoice that waits for the person is released when their time is over, and flagged; not before."""
    record = new.record
    if record.payment_kind != INVOICE or not counts(record) or record.payment_status not in RELEASED:
        return
    last = last_day_to_check(record, case)
    early = new.previous is not None and is_released(new) and case.today <= last
    for at, line in enumerate(record.lines):
        if line.invoice_check == AWAITING:
            says = f"the person may check it until {last}" if early else "it goes ahead without the person's check"
            yield Finding(says, f"item[{at}].extension", ERROR if early else WARNING)


def last_day_to_check(payment: Payment, case: CaseFile) -> date:
    """The last day on which an invoice waits for the person: so many working days after it came in."""
    return working_days_after(payment.received_on or payment.created or case.today, setting("R103", "days"))


@rule("R103", on=FunderAnswer)
def a_disputed_invoice_is_not_settled(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """No funder pays an invoice that the person disputes."""
    if new.record.paid_on is None or not (new.changed("paid_on") or new.changed("status")):
        return
    payment = payment_answered(new.record, case)
    if payment is not None and any(_disputed(payment)):
        yield Finding("the person disputes the invoice; it may be paid when their check is `resolved`", "payment")


@rule("R103", on=PaymentArrangement)
def the_person_checks_invoices(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """Under notional the person sees the invoices before they are paid."""
    record = new.record
    if record.status == "active" and record.management_option == "notional" and not record.person_checks_invoices:
        yield Finding("the person does not check the invoices; offer it to them", "extension", WARNING)
