"""The person's own check of an invoice: confirmed, or queried and later settled.

Source: domain.md 3.3 (invoice-check), 5.3 (invoice: due, disputed, due); rule R103.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.payments import INVOICE, RELEASED, counts
from mappings.payment import Payment

CONFIRMED: Final = "confirmed"
DISPUTED: Final = "disputed"
RESOLVED: Final = "resolved"
DUE: Final = "due"


def confirmed(invoice: Payment) -> Payment:
    """The invoice as the person says it is right; what they had queried is settled by that."""
    status = DUE if invoice.payment_status == DISPUTED else invoice.payment_status
    return replace(_checked(invoice, _confirmed), payment_status=status)


def _confirmed(check: str | None) -> str:
    return RESOLVED if check in {DISPUTED, RESOLVED} else CONFIRMED


def queried(invoice: Payment, reason: str) -> Payment:
    """The invoice as the person says it is not right; one that is due waits."""
    status = DISPUTED if invoice.payment_status == DUE else invoice.payment_status
    return replace(_checked(invoice, lambda _: DISPUTED), payment_status=status, dispute_reason=reason)


def _checked(invoice: Payment, check: Callable[[str | None], str]) -> Payment:
    lines = tuple(replace(one, invoice_check=check(one.invoice_check)) for one in invoice.lines)
    return replace(invoice, lines=lines)


def cannot_be_checked(payment: Payment) -> str:
    """Why the person has nothing to say about it; empty where they have."""
    if payment.payment_kind != INVOICE or not payment.lines:
        return "only an invoice with its lines is checked by the person"
    return "" if counts(payment) else "the invoice was called off; there is nothing to check"


def cannot_be_queried(payment: Payment) -> str:
    """Why it is too late, or out of place, to query it; empty where it is not."""
    late = "it is authorised or paid already; ask the care coordinator to look into it"
    return cannot_be_checked(payment) or (late if payment.payment_status in RELEASED else "")
