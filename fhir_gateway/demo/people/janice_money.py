"""Janice's budget, instalments, invoices and spending, as at 30 September 2025.

Source: domain.md 6.8 example 6.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from fhir_gateway.demo import budgets, payments
from fhir_gateway.demo.case import COUNCIL, Case, council, months, nhs
from fhir_gateway.demo.entry import File, entry, made
from mappings import claim_parts, payment

CASE: Final = Case(
    id="janice",
    number="0007",
    budget_kind="ongoing",
    start=date(2025, 4, 1),
    end=date(2026, 3, 31),
    agreed_on=date(2025, 3, 20),
    as_of=date(2025, 9, 30),
    funders=(nhs("nhs-other"), council("la-adult-social-care")),
    format="plain-text",
)
NHS_INSTALMENTS: Final = (*(25_771,) * 5, *(25_770,) * 7)
COUNCIL_INSTALMENTS: Final = (*(11_196,) * 4, *(11_195,) * 8)
OWN_MONTHLY: Final = 5_475
OWN_WEEKLY: Final = 1_260
HALVES: Final = {"nhs": 5_000, "council": 5_000}
PHYSIO_VISIT: Final = 6_240


def _shared(category: str, text: str, pence: int, halves: tuple[int, int], **known: Any) -> budgets.Line:
    """A line that NHS and council halve. halves: pence of each."""
    nhs_half, council_half = halves
    usual: dict[str, Any] = {"rate": pence, "frequency": "annual", "needs": ("pool",), "outcomes": ("swim",)}
    return budgets.Line(
        category=category,
        text=text,
        pence=pence,
        shares={"nhs": nhs_half, "council": council_half},
        need_type="joint",
        split="percentage",
        weights=HALVES,
        **usual | known,
    )


LINES: Final = (
    _shared(
        "personal-assistant-wages",
        "Assistant at the pool, 5 hours a week at 13.85",
        361_089,
        (180_545, 180_544),
        rate=6_925,
        frequency="weekly",
    ),
    _shared("employer-insurance", "Employer's insurance and payroll", 21_000, (10_500, 10_500)),
    budgets.nhs_line(
        "complementary-therapy",
        "Massage",
        109_200,
        4_200,
        frequency="per-unit",
        quantity=Decimal(26),
        unit="session",
        needs=("pain",),
        outcomes=("less-pain",),
    ),
    budgets.nhs_line(
        "therapy",
        "Pain physiotherapy",
        62_400,
        PHYSIO_VISIT,
        option="notional",
        frequency="per-unit",
        quantity=Decimal(10),
        unit="session",
        needs=("pain",),
        outcomes=("less-pain",),
        provider="Organization/steady-physio",
    ),
    _shared("contingency", "For the unforeseen", 18_000, (9_000, 9_000), flags=("contingency",), needs=(), outcomes=()),
)
WAGES: Final = (
    (date(2025, 4, 30), 18, 24_930),
    (date(2025, 5, 30), 18, 24_930),
    (date(2025, 6, 30), 18, 24_930),
    (date(2025, 7, 31), 19, 26_315),
    (date(2025, 8, 29), 18, 24_930),
    (date(2025, 9, 30), 19, 26_315),
)
MASSAGES: Final = (
    (date(2025, 4, 24), 2, 8_400),
    (date(2025, 5, 22), 2, 8_400),
    (date(2025, 6, 19), 2, 8_400),
    (date(2025, 7, 17), 2, 8_400),
    (date(2025, 8, 14), 1, 4_200),
    (date(2025, 9, 25), 2, 8_400),
)
SPENT: Final = (
    payments.Spent(
        line=2,
        on=date(2025, 4, 1),
        pence=6_000,
        payee="Exampleton Mutual",
        text="Cover",
        evidence="insurance-certificate",
    ),
    payments.Spent(
        line=2,
        on=date(2025, 7, 1),
        pence=2_250,
        payee="Clear Accounts",
        text="Payroll, first quarter",
        evidence="invoice",
    ),
    payments.Spent(
        line=2,
        on=date(2025, 9, 30),
        pence=2_250,
        payee="Clear Accounts",
        text="Payroll, second quarter",
        evidence="invoice",
    ),
    *(
        payments.Spent(line=1, on=on, pence=pence, payee="Rosa", text=f"{hours} hours", evidence="payslip")
        for on, hours, pence in WAGES
    ),
    *(
        payments.Spent(line=3, on=on, pence=pence, payee="Warm Hands", text=f"Massage, {times}")
        for on, times, pence in MASSAGES
    ),
)


def own_payments() -> File:
    """Her contribution, which she pays into the account each month."""
    return tuple(
        entry(
            f"janice-pay-own-{at}",
            payment.PAYMENT,
            payment_id=f"PAY-0007-own-{at}",
            payment_kind="client-contribution",
            payment_status="paid" if start <= CASE.as_of else "scheduled",
            person_id="janice",
            status="active",
            created=CASE.agreed_on,
            provider=f"Organization/{COUNCIL}",
            start=start,
            end=end,
            total_pence=OWN_MONTHLY,
            insurance=(made(claim_parts.ClaimCoverage, sequence=1, focal=True, coverage_id="janice-own"),),
            instalment_no=at,
            due_on=start,
            paid_on=start if start <= CASE.as_of else None,
            payee_kind="subscriber",
            payee=CASE.person,
            pays_against_id="janice-budget",
        )
        for at, (start, end) in enumerate(months(CASE.start, CASE.end), start=1)
    )


def physio() -> File:
    """Ten visits, all ordered: two invoices paid, one waiting for her check, two still to come."""
    visits = (
        (date(2025, 6, 30), "paid", "confirmed"),
        (date(2025, 8, 29), "paid", "confirmed"),
        (date(2025, 10, 31), "due", "awaiting-person"),
        (date(2025, 12, 31), "scheduled", None),
        (date(2026, 2, 27), "scheduled", None),
    )
    return tuple(one for at, visit in enumerate(visits, start=1) for one in _invoice(at, *visit))


def _invoice(at: int, due_on: date, status: str, check: str | None) -> File:
    """Two visits. check: the person's own, None while there is no invoice yet."""
    funder, amount = CASE.funders[0], 2 * PHYSIO_VISIT
    received = due_on.replace(day=1) if check == "confirmed" else date(2025, 9, 29)
    paper = (
        payments.document(CASE, f"physio-{at}-invoice", "invoice", f"Invoice SPP-{at}", on=received) if check else None
    )
    bill = entry(
        f"janice-pay-physio-{at}",
        payment.PAYMENT,
        payment_id=f"PAY-0007-physio-{at}",
        invoice_no=f"SPP-{at}" if check else None,
        payment_kind="invoice",
        payment_status=status,
        person_id="janice",
        status="active",
        created=received if check else CASE.agreed_on,
        provider="Organization/steady-physio",
        insurer_id=funder.body,
        total_pence=amount,
        insurance=(payments.payer(CASE, funder),),
        due_on=due_on,
        received_on=received if check else None,
        payee_kind="provider",
        payee="Organization/steady-physio",
        pays_against_id="janice-budget",
        evidence=(made(claim_parts.EvidenceLink, sequence=1, document=paper.literal),) if paper else (),
        lines=(
            made(
                payment.PaymentLine,
                sequence=1,
                budget_line=4,
                category="therapy",
                description="Pain physiotherapy, two visits",
                management_option="notional",
                quantity=Decimal(2),
                unit="session",
                rate_pence=PHYSIO_VISIT,
                amount_pence=amount,
                invoice_check=check,
            ),
        ),
    )
    paid = (payments.settlement(CASE, funder, f"physio-{at}", amount, due_on),) if status == "paid" else ()
    return (bill, *((paper,) if paper else ()), *paid)
