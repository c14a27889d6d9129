"""Payments and spending of that case: an instalment, an invoice, money taken back, something bought."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.periods import month_end
from mappings.claim_parts import ClaimCoverage
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.payment import Payment, PaymentLine
from tests.fhir_gateway.phb.rules.money_dealings import SELF
from tests.fhir_gateway.phb.shelf import PERSON, filed

MONTHLY: Final = 10_000


def insured(coverage: str = "nhs") -> tuple[ClaimCoverage, ...]:
    return (made(ClaimCoverage, sequence=1, focal=True, coverage_id=coverage),)


def spent(pence: int, status: str, id: str = "entry", **known: Any) -> Filed[ExpenditureEntry]:  # noqa: A002
    bought = made(ExpenditureLine, sequence=1, budget_line=1, category="exercise-and-activity", amount_pence=pence)
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "expenditure_status": status,
        "created": date(2025, 5, 1),
        "total_pence": pence,
        "insurance": insured(),
        "pays_against_id": "budget",
        "lines": (replace(bought, spent_on=date(2025, 5, 1)),),
    }
    return filed(made(ExpenditureEntry, **usual | known), id)


def instalment(no: int = 1, **known: Any) -> Payment:
    """The instalment of a month of the budget, from 1."""
    start = date(2025 + (no + 2) // 12, (no + 2) % 12 + 1, 1)
    usual: dict[str, Any] = {
        "payment_kind": "instalment",
        "payment_status": "scheduled",
        "instalment_no": no,
        "due_on": start,
        "start": start,
        "end": month_end(start),
    }
    return payment(**usual | known)


def payment(**known: Any) -> Payment:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "payment_status": "scheduled",
        "created": date(2025, 3, 25),
        "provider": "Organization/icb",
        "insurer_id": "icb",
        "insurance": insured(),
        "pays_against_id": "budget",
        "total_pence": MONTHLY,
        "due_on": date(2025, 5, 1),
        "payee_kind": "subscriber",
        "payee": SELF,
    }
    asked = usual | known
    lines = (made(PaymentLine, sequence=1, budget_line=1, description="Money", amount_pence=asked["total_pence"]),)
    return made(Payment, **{"lines": lines, **asked})


def sized(one: Payment, pence: int) -> Payment:
    """The payment with another amount, on its one line too."""
    return replace(one, total_pence=pence, lines=(replace(one.lines[0], amount_pence=pence),))


def invoice(check: str | None = "confirmed", **known: Any) -> Payment:
    """An invoice of the therapist, which the person has confirmed."""
    amount = known.get("total_pence", MONTHLY)
    bill = made(
        PaymentLine,
        sequence=1,
        budget_line=2,
        category="therapy",
        management_option="notional",
        amount_pence=amount,
        invoice_check=check,
    )
    usual: dict[str, Any] = {
        "payment_kind": "invoice",
        "payment_status": "due",
        "invoice_no": "INV-1",
        "provider": "Organization/physio",
        "payee_kind": "provider",
        "payee": "Organization/physio",
        "start": date(2025, 4, 1),
        "end": date(2025, 4, 30),
        "received_on": date(2025, 5, 2),
        "lines": (bill,),
    }
    return payment(**usual | known)


def recovery(**known: Any) -> Payment:
    """Money taken back after both conversations and a notice."""
    usual: dict[str, Any] = {
        "payment_kind": "recovery",
        "payment_status": "due",
        "recovery_reason": "used-outside-plan",
        "misuse_finding": "unclear",
        "total_pence": 5_000,
        "due_on": date(2025, 6, 30),
        "payee_kind": "other",
        "payee": "Organization/icb",
        "notice_id": "repay",
        "discussion_person_id": "talk-person",
        "discussion_coordinator_id": "talk-coordinator",
    }
    return payment(**usual | known)
