"""Payments: instalment, invoice, recovery and every other movement in a funder's ledger is one Claim.

Source: FHIR R4 claim.html; S001, S004 (payments, recovery), S000 (invoices the person checks); DPR13 reg 15.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from mappings.claim_parts import LEDGER_USE, ClaimRecord, EvidenceLink, evidence, info, opening, payee, related
from mappings.lens.lens import (
    ShapeSpec,
    code,
    coded,
    coded_as,
    concept,
    count,
    day,
    each,
    extension,
    identifier,
    inside,
    number,
    part,
    pence,
    period,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import Mapping, mapping
from mappings.namespaces import identifier_system
from mappings.terminology import (
    CLAIM_RELATION,
    INVOICE_CHECK,
    LINE_CATEGORY,
    MANAGEMENT_OPTION,
    MISUSE_FINDING,
    PAYMENT_KIND,
    PAYMENT_STATUS,
    RECOVERY_REASON,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """A part of a payment. budget_line: number of the budget line it pays. invoice_check: the person's own check."""

    sequence: int
    budget_line: int | None
    category: str | None
    description: str | None
    management_option: str | None
    on_date: date | None
    start: date | None
    end: date | None
    quantity: Decimal | None
    unit: str | None
    rate_pence: int | None
    amount_pence: int | None
    invoice_check: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(ClaimRecord):
    """One movement of money. payment_kind gives its direction: total_pence is never negative.

    instalment_no: from 1. due_on: day it is due; of a recovery, the day by which to pay. paid_on: day it moved where
    no funder's answer can say so, as with the person's own contribution. invoice_no, received_on, dispute_reason: of
    an invoice. recovers: ids of the Claims from which money is taken back. notice_id to misuse_finding: what a recovery
    or a smaller instalment rests on. suspension_id, hold_reason: why a payment is on hold.
    """

    payment_id: str | None
    invoice_no: str | None
    payment_kind: str
    recovery_reason: str | None
    payment_status: str | None
    instalment_no: int | None
    due_on: date | None
    paid_on: date | None
    received_on: date | None
    dispute_reason: str | None
    hold_reason: str | None
    payee_kind: str | None
    payee: str | None
    payee_name: str | None
    pays_against_id: str | None
    recovers: tuple[str, ...]
    notice_id: str | None
    discussion_person_id: str | None
    discussion_coordinator_id: str | None
    review_id: str | None
    misuse_finding: str | None
    suspension_id: str | None
    evidence: tuple[EvidenceLink, ...]
    lines: tuple[PaymentLine, ...]


def _line() -> ShapeSpec:
    return {
        "extension": (
            extension("phb-line-terms", {"extension": part("budget-line", {"valuePositiveInt": count("budget_line")})}),
            extension("phb-invoice-check", {"valueCode": code("invoice_check", INVOICE_CHECK)}),
        ),
        "sequence": count("sequence"),
        "category": concept("category", LINE_CATEGORY),
        "productOrService": {"text": text("description")},
        "modifier": coded("management_option", MANAGEMENT_OPTION, alone="R87"),
        "servicedDate": day("on_date"),
        "servicedPeriod": period("start", "end"),
        "quantity": {"value": number("quantity"), "unit": text("unit")},
        "unitPrice": pence("rate_pence"),
        "net": pence("amount_pence"),
    }


def _terms() -> ShapeSpec:
    return {
        "extension": (
            part("instalment", {"valuePositiveInt": count("instalment_no")}),
            part("due", {"valueDate": day("due_on")}),
            part("paid", {"valueDate": day("paid_on")}),
            part("received", {"valueDate": day("received_on")}),
            part("dispute-reason", {"valueString": text("dispute_reason")}),
            part("hold-reason", {"valueString": text("hold_reason")}),
        )
    }


def _grounds() -> tuple[object, ...]:
    """What a recovery, a smaller instalment or a payment on hold rests on."""
    return (
        info("notice", {"valueReference": reference("notice_id", to="Communication")}),
        info("person-discussion", {"valueReference": reference("discussion_person_id", to="Communication")}),
        info("coordinator-discussion", {"valueReference": reference("discussion_coordinator_id", to="Communication")}),
        info("review", {"valueReference": reference("review_id", to="Task")}),
        info("misuse-finding", {"code": concept("misuse_finding", MISUSE_FINDING)}),
        info("suspension", {"valueReference": reference("suspension_id", to="Task")}),
    )


PAYMENT: Final[Mapping[Payment]] = mapping(
    "Claim",
    Payment,
    "payment",
    {
        "identifier": (
            identifier("payment_id", identifier_system("phb-payment")),
            identifier("invoice_no", identifier_system("phb-invoice")),
        ),
        "extension": (
            extension("phb-payment-status", {"valueCode": code("payment_status", PAYMENT_STATUS)}),
            extension("phb-payment-terms", _terms()),
        ),
        **opening("phb-payment", LEDGER_USE),
        "subType": (concept("payment_kind", PAYMENT_KIND), concept("recovery_reason", RECOVERY_REASON)),
        "related": (
            related("pays_against_id", "pays-against"),
            each(
                "recovers",
                inside("claim", reference(to="Claim"), among={"relationship": coded_as(CLAIM_RELATION, "recovers")}),
            ),
        ),
        "payee": payee(),
        "supportingInfo": (evidence(), *_grounds()),
        "item": rows("lines", PaymentLine, _line()),
    },
)
