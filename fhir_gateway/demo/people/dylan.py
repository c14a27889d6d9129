"""Dylan, wheelchair: worked example 2, a notional personal wheelchair budget to which the council adds 2,000.00.

Source: domain.md 6.8 example 2 (S004). All else about him is invented.
"""

from datetime import date
from typing import Final

from fhir_gateway.demo import accounts, budgets, follow, payments, persons, plans, story
from fhir_gateway.demo.case import Case, council, nhs
from fhir_gateway.demo.entry import File, entry, made
from mappings import claim_parts, payment

DELIVERED: Final = date(2025, 6, 16)
CASE: Final = Case(
    id="dylan",
    number="0002",
    budget_kind="one-off",
    start=date(2025, 5, 12),
    end=date(2026, 3, 31),
    agreed_on=date(2025, 5, 6),
    as_of=date(2025, 9, 30),
    funders=(nhs("nhs-wheelchair"), council("la-adult-social-care")),
    option="notional",
)
TOTAL: Final = 685_000
NHS: Final = 485_000
COUNCIL: Final = 200_000
PAID_ON: Final = date(2025, 6, 23)
LINES: Final = (
    budgets.Line(
        category="wheelchair",
        text="Powered wheelchair for indoors and rough ground",
        pence=TOTAL,
        rate=TOTAL,
        shares={"nhs": NHS, "council": COUNCIL},
        option="notional",
        need_type="joint",
        **budgets.on_one_day(DELIVERED),
        split="fixed-amount",
        weights={"council": COUNCIL},
        needs=("mobility", "farm"),
        outcomes=("move", "work"),
        provider="Organization/exampleshire-wheels",
    ),
)
PARTS: Final[File] = (
    *plans.needs(
        CASE,
        plans.Need(
            slug="mobility",
            text="I cannot walk and need a chair I can steer with one hand.",
            domain="mobility",
            type="joint",
        ),
        plans.Need(
            slug="farm",
            text="I want to get over the yard and to the market on my own.",
            domain="community-access",
            type="joint",
        ),
    ),
    *plans.outcomes(
        CASE,
        plans.Outcome(
            slug="move",
            text="I get round the house and the yard without being pushed.",
            kind="health",
            measure="Help needed to move about",
            target="None indoors and in the yard",
            needs=("mobility",),
            achievement="achieved",
        ),
        plans.Outcome(
            slug="work",
            text="I sell eggs at the Saturday market.",
            kind="social-care",
            measure="Saturdays at the market",
            target="Three in a month",
            needs=("farm",),
            achievement="improving",
        ),
    ),
    *plans.risks(
        CASE,
        plans.Risk(
            slug="breakdown",
            text="The chair breaks down outdoors.",
            mitigation="Yearly service in the contract; the phone is always on the arm rest.",
            contingency="The repair line comes within four hours, the old chair is kept as a spare.",
            likelihood="medium",
        ),
    ),
)


def _invoice() -> File:
    """The invoice for the chair, confirmed by Dylan and paid by both funders."""
    invoice = entry(
        "dylan-pay-chair",
        payment.PAYMENT,
        payment_id="PAY-0002-chair",
        invoice_no="EWS-2025-0417",
        payment_kind="invoice",
        payment_status="paid",
        person_id="dylan",
        status="active",
        created=date(2025, 6, 17),
        provider="Organization/exampleshire-wheels",
        insurer_id=CASE.funders[0].body,
        start=DELIVERED,
        end=DELIVERED,
        total_pence=TOTAL,
        insurance=tuple(payments.payer(CASE, funder, at) for at, funder in enumerate(CASE.funders, start=1)),
        due_on=date(2025, 7, 16),
        received_on=date(2025, 6, 17),
        payee_kind="provider",
        payee="Organization/exampleshire-wheels",
        pays_against_id="dylan-budget",
        evidence=(made(claim_parts.EvidenceLink, sequence=1, document="DocumentReference/dylan-invoice"),),
        lines=(
            made(
                payment.PaymentLine,
                sequence=1,
                budget_line=1,
                category="wheelchair",
                description="Powered wheelchair, delivered and fitted",
                management_option="notional",
                on_date=DELIVERED,
                rate_pence=TOTAL,
                amount_pence=TOTAL,
                invoice_check="confirmed",
            ),
        ),
    )
    shares = zip(CASE.funders, (NHS, COUNCIL), strict=True)
    return (
        invoice,
        payments.document(
            CASE, "invoice", "invoice", "Invoice for the chair", on=date(2025, 6, 17), about=(invoice.literal,)
        ),
        *(payments.settlement(CASE, funder, "chair", pence, PAID_ON) for funder, pence in shares),
    )


FILE: Final[File] = story.told(
    story.Story(
        case=CASE,
        people=(
            persons.person(
                CASE,
                prefix="Mr",
                name=("Dylan", "Sampleford"),
                nhs_number="9990000026",
                street="Pretend Farm, 2 Made-up Lane",
                gender="male",
                birth_date=date(1998, 1, 20),
            ),
        ),
        opened=persons.case_of(CASE, group="nhs-wheelchair", opened_on=date(2025, 2, 3)),
        team=persons.team(CASE),
        parts=PARTS,
        assessed="wheelchair-assessment",
        lines=LINES,
        method="commissioned-service-price",
        explanation="A chair for the clinical need costs 4,850.00; the council adds 2,000.00 for going outdoors.",
        title="Dylan's wheelchair plan",
        actions=(
            plans.Action(
                text="Try two chairs in the yard", who="Patient/dylan", by_when=date(2025, 5, 20), outcomes=("move",)
            ),
            plans.Action(text="Order the chair", who=CASE.coordinator, by_when=date(2025, 5, 23), outcomes=("move",)),
            plans.Action(
                text="Rent a stall at the market",
                who="Patient/dylan",
                by_when=date(2025, 8, 30),
                outcomes=("work",),
            ),
        ),
        money=(
            accounts.notional(CASE, "account", "Which chair, which cushion, and when it is fitted."),
            *_invoice(),
        ),
        after=(
            follow.reviewed(
                CASE,
                due=date(2025, 9, 16),
                held=date(2025, 9, 10),
                next_due=date(2026, 9, 10),
                notes=(
                    "the chair, everywhere but the steep field.",
                    "nothing.",
                    "a second battery, perhaps next year.",
                ),
                inputs=follow.parts("plan-review", "budget-review"),
                person_experience="Nobody pushes me any more.",
            ),
            follow.scheduled(CASE, "review-2", due=date(2026, 9, 10)),
        ),
    )
)
