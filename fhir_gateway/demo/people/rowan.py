"""Rowan, jointly funded section 117 aftercare: worked example 5, split 57.5 / 42.5, as at 30 September 2025.

Source: domain.md 6.8 example 5. All else about Rowan is invented.
"""

from datetime import date, timedelta
from typing import Final

from fhir_gateway.demo import accounts, assessments, budgets, consents, follow, payments, persons, plans, story
from fhir_gateway.demo.case import COUNCIL, Case, council, nhs
from fhir_gateway.demo.entry import File, entry
from mappings import change

CASE: Final = Case(
    id="rowan",
    number="0006",
    budget_kind="ongoing",
    start=date(2025, 5, 12),
    end=date(2026, 3, 31),
    agreed_on=date(2025, 5, 2),
    as_of=date(2025, 9, 30),
    funders=(nhs("nhs-section-117"), council("la-section-117")),
)
NHS_INSTALMENTS: Final = (
    122_393, 183_589, 189_709, 189_709, 183_589, 189_709, 183_589, 189_709, 189_709, 171_350, 189_709,
)  # fmt: skip
COUNCIL_INSTALMENTS: Final = (
    90_464, 135_696, 140_220, 140_220, 135_696, 140_220, 135_696, 140_220, 140_220, 126_650, 140_220,
)  # fmt: skip
LINES: Final = (
    budgets.Line(
        category="supported-living",
        text="Supported living, 745.00 a week",
        pence=3_448_286,
        rate=74_500,
        shares={"nhs": 1_982_764, "council": 1_465_522},
        need_type="joint",
        split="percentage",
        weights={"nhs": 5_750, "council": 4_250},
        needs=("wellness", "home"),
        outcomes=("stay-well", "own-home"),
        provider="Organization/own-front-door",
        regulated=True,
    ),
    budgets.Line(
        category="assistive-technology",
        text="Tablet for contact and reminders",
        pence=24_999,
        rate=24_999,
        shares={"nhs": 12_500, "council": 12_499},
        need_type="joint",
        **budgets.on_one_day(CASE.start),
        split="percentage",
        weights={"nhs": 5_000, "council": 5_000},
        needs=("wellness",),
        outcomes=("stay-well",),
    ),
)
FIRST_BILL: Final = date(2025, 5, 18)
SPENT: Final = (
    payments.Spent(line=2, on=date(2025, 5, 14), pence=24_999, payee="Exampleton Electronics", text="Tablet"),
    *(
        payments.Spent(
            line=1,
            on=FIRST_BILL + timedelta(weeks=week),
            pence=74_500,
            payee="Own Front Door Supported Living",
            text=f"Week {week + 1}",
            evidence="invoice",
        )
        for week in range(20)
    ),
)
PARTS: Final[File] = (
    *plans.needs(
        CASE,
        plans.Need(
            slug="wellness",
            text="When I sleep badly I get ill again; I need people who notice.",
            domain="psychological-emotional",
            type="joint",
        ),
        plans.Need(
            slug="home",
            text="I need help to keep a home of my own going.",
            domain="home-and-nutrition",
            type="joint",
        ),
    ),
    *plans.outcomes(
        CASE,
        plans.Outcome(
            slug="stay-well",
            text="I stay out of hospital.",
            kind="recovery",
            measure="Days in hospital",
            target="None this year",
            needs=("wellness",),
            achievement="sustaining",
        ),
        plans.Outcome(
            slug="own-home",
            text="I cook, pay my bills and have friends round.",
            kind="social-care",
            measure="Meals cooked each week",
            target="Four",
            needs=("home",),
            achievement="improving",
        ),
    ),
    *plans.risks(
        CASE,
        plans.Risk(
            slug="relapse",
            text="I become ill again.",
            mitigation="Early signs are written down and everybody has the list.",
            contingency="The team phones the community nurse the same day and stays the night.",
            likelihood="medium",
            impact="high",
        ),
    ),
)


def _concern() -> File:
    """A bill seemed to be there twice; the provider's bills, not Rowan, were what it was about."""
    return (
        entry(
            "rowan-concern",
            change.CONCERN,
            task_id="CON-0006-1",
            person_id="rowan",
            status="completed",
            intent="order",
            description="Two bills of the provider carry the same week.",
            about="Claim/rowan-spent-9",
            requester=f"Organization/{COUNCIL}",
            owner=CASE.coordinator,
            requested_on=date(2025, 7, 14),
            started_on=date(2025, 7, 16),
            ended_on=date(2025, 7, 25),
            concern_kind="invoice-mismatch",
            concern_status="closed",
            coordinator_asked_on=date(2025, 7, 14),
            person_informed_on=date(2025, 7, 15),
            finding="genuine-mistake",
        ),
    )


_NHS, _COUNCIL = CASE.funders
FILE: Final[File] = story.told(
    story.Story(
        case=CASE,
        people=(
            persons.person(
                CASE,
                prefix="Mx",
                name=("Rowan", "Makebelieve"),
                nhs_number="9990000069",
                street="Flat 6, Nowhere Court",
                gender="other",
                birth_date=date(1992, 2, 29),
            ),
        ),
        opened=persons.case_of(CASE, group="section-117-aftercare", opened_on=date(2025, 1, 13), mha_section="s3"),
        team=persons.team(CASE),
        parts=PARTS,
        assessed="section-117-aftercare-assessment",
        lines=LINES,
        method="commissioned-service-price",
        explanation="The weekly price of supported living for 324 days, and a tablet.",
        title="Rowan's plan",
        actions=(
            plans.Action(
                text="Write down the early signs",
                who="Patient/rowan",
                by_when=date(2025, 5, 30),
                outcomes=("stay-well",),
            ),
            plans.Action(
                text="Set up the tablet",
                who=CASE.coordinator,
                by_when=date(2025, 5, 21),
                outcomes=("stay-well", "own-home"),
            ),
        ),
        agreement=(consents.agreement(CASE, ("Supported living", "monthly", 329_929), ("Tablet", "one-off", 24_999)),),
        money=(
            assessments.capacity(
                CASE, "has-capacity", "Rowan decides; when unwell, Rowan asks for a day to think and for the advocate."
            ),
            assessments.not_barred(CASE),
            accounts.direct_payment(CASE),
            *payments.instalments(CASE, _NHS, NHS_INSTALMENTS, to=payments.holder(CASE)),
            *payments.instalments(CASE, _COUNCIL, COUNCIL_INSTALMENTS, to=payments.holder(CASE)),
            *payments.once(CASE, _NHS, "nhs-tablet", amount=12_500, on=CASE.start, line=2, what="Tablet"),
            *payments.once(CASE, _COUNCIL, "council-tablet", amount=12_499, on=CASE.start, line=2, what="Tablet"),
            *payments.spending(CASE, LINES, *SPENT),
        ),
        after=(
            *_concern(),
            follow.reviewed(
                CASE,
                due=date(2025, 8, 12),
                held=date(2025, 8, 7),
                next_due=date(2025, 11, 12),
                notes=("evenings.", "bills came late in July.", "one bill a week, with the week on it."),
                inputs=(*follow.parts(*follow.FULL_REVIEW), follow.by_law("statutory-la", COUNCIL)),
            ),
            follow.scheduled(
                CASE, "review-2", due=date(2025, 11, 12), discharges=(follow.by_law("statutory-la", COUNCIL),)
            ),
        ),
    )
)
