"""Matthew, three funders and an EHC plan: worked example 7, split 4500 / 3000 / 2500, money held by a third party.

The instalments are the equal split of each funder's share by domain.md 6.6; the spending is invented.

Source: domain.md 6.8 example 7 (after S001). All else about him is invented.
"""

from datetime import date
from typing import Final

from fhir_gateway.demo import accounts, assessments, budgets, consents, follow, payments, persons, plans, story
from fhir_gateway.demo.case import COUNCIL, EDUCATION, Case, council, education, nhs
from fhir_gateway.demo.entry import File, entry, made
from mappings import change, patient, related_person

MOTHER: Final = "RelatedPerson/matthew-mother"
CASE: Final = Case(
    id="matthew",
    number="0008",
    budget_kind="ongoing",
    start=date(2025, 4, 1),
    end=date(2026, 3, 31),
    agreed_on=date(2025, 3, 25),
    as_of=date(2025, 9, 30),
    funders=(nhs("nhs-other"), council("la-adult-social-care"), education()),
    format="easy-read",
    option="third-party",
    speaks=MOTHER,
)
TOTAL: Final = 3_130_396
NHS_INSTALMENTS: Final = (*(117_390,) * 10, *(117_389,) * 2)
COUNCIL_INSTALMENTS: Final = (*(78_260,) * 11, 78_259)
EDUCATION_INSTALMENTS: Final = (*(65_217,) * 7, *(65_216,) * 5)
LINES: Final = (
    budgets.Line(
        category="micro-provider-support",
        text="Support at home, at college and in town, 600.35 a week",
        pence=TOTAL,
        rate=60_035,
        shares={"nhs": 1_408_678, "council": 939_119, "education": 782_599},
        option="third-party",
        need_type="joint",
        split="percentage",
        weights={"nhs": 4_500, "council": 3_000, "education": 2_500},
        needs=("calm", "town", "learning"),
        outcomes=("calm-days", "bus", "course"),
        provider="Organization/bright-paths",
        regulated=True,
    ),
)
FOUR_WEEKS: Final = 240_140
SPENT: Final = tuple(
    payments.Spent(
        line=1,
        on=on,
        pence=FOUR_WEEKS,
        payee="Bright Paths Support",
        text="Four weeks",
        evidence="third-party-statement",
    )
    for on in (
        date(2025, 4, 28),
        date(2025, 5, 26),
        date(2025, 6, 23),
        date(2025, 7, 21),
        date(2025, 8, 18),
        date(2025, 9, 15),
    )
)
PARTS: Final[File] = (
    *plans.needs(
        CASE,
        plans.Need(slug="calm", text="I hurt myself when there is too much noise.", domain="behaviour", type="joint"),
        plans.Need(slug="town", text="I need somebody beside me in town.", domain="community-access", type="joint"),
        plans.Need(
            slug="learning", text="I learn with pictures and time.", domain="work-training-education", type="joint"
        ),
    ),
    *plans.outcomes(
        CASE,
        plans.Outcome(
            slug="calm-days",
            text="I have calm days.",
            kind="health",
            measure="Days without hurting myself",
            target="Six a week",
            needs=("calm",),
            achievement="improving",
        ),
        plans.Outcome(
            slug="bus",
            text="I take the bus to the café.",
            kind="social-care",
            measure="Trips each month",
            target="Four",
            needs=("town",),
        ),
        plans.Outcome(
            slug="course",
            text="I finish the cookery course.",
            kind="learning",
            measure="Units passed",
            target="Five of five",
            needs=("learning",),
        ),
    ),
    *plans.risks(
        CASE,
        plans.Risk(
            slug="noise",
            text="A loud place upsets him and he hurts himself.",
            mitigation="Headphones, a quiet way out, and people who know the signs.",
            contingency="They leave together at once and his mother is phoned.",
            likelihood="medium",
            impact="high",
        ),
    ),
)


def _mother() -> File:
    appointed = date(2024, 2, 12)
    return (
        entry(
            "matthew-mother",
            related_person.MAPPING,
            person_id="matthew",
            active=True,
            roles=("deputy", "unpaid-carer"),
            relationship="parent",
            name="Hilary Fictionby",
            given=("Hilary",),
            family="Fictionby",
            telecoms=(persons.email("hilary"),),
            start=appointed,
            same_household=True,
            legal_roles=(
                made(related_person.LegalRole, stream="nhs-other", principal=True),
                made(related_person.LegalRole, stream="la-adult-social-care", principal=False),
            ),
        ),
        consents.consent_to_speak(CASE, MOTHER, appointed),
    )


def _education_change() -> File:
    """When the course ends education will pay no more; everybody was asked and the council takes its place."""
    return (
        entry(
            "matthew-funding-change",
            change.FUNDING_CHANGE,
            task_id="FND-0008-1",
            person_id="matthew",
            status="requested",
            intent="proposal",
            description="The course ends in March 2026; from then on the council pays what education paid.",
            about=CASE.ref("Claim", "budget"),
            requester=f"Organization/{EDUCATION}",
            owner=CASE.coordinator,
            requested_on=date(2025, 9, 8),
            respond_by=date(2025, 12, 1),
            started_on=date(2026, 4, 1),
            joint_reassessment="https://phb-gateway.example/fhir/Id/phb-assessment|JOINT-0008",
            new_amount_pence=0,
            consulted_funders=(CASE.funders[0].body, COUNCIL),
            consulted_person_on=date(2025, 9, 3),
            alternative_from=date(2026, 4, 1),
        ),
    )


_EHC_PLAN: Final = payments.document(CASE, "ehc-plan", "other", "Education, health and care plan", on=date(2024, 7, 1))
_NHS, _COUNCIL, _EDUCATION = CASE.funders
FILE: Final[File] = story.told(
    story.Story(
        case=CASE,
        people=(
            persons.person(
                CASE,
                prefix="Mr",
                name=("Matthew", "Fictionby"),
                nhs_number="9990000085",
                street="8 Storybook Street",
                gender="male",
                birth_date=date(2004, 10, 17),
                social_care_ids=(made(patient.SocialCareId, value="EXC-88123", authority=COUNCIL),),
                ehc_authority=EDUCATION,
                ehc_reference="EHC-88123",
                ehc_start=date(2024, 7, 1),
                receives_unpaid_care=True,
            ),
            *_mother(),
        ),
        opened=persons.case_of(CASE, group="ehc-plan", opened_on=date(2024, 10, 7)),
        team=persons.team(CASE, ("deputy", MOTHER)),
        parts=PARTS,
        assessed="other-health-assessment",
        lines=LINES,
        method="resource-allocation-system",
        explanation="Points of the joint assessment turned into a weekly sum, shared as the three bodies agreed.",
        title="Matthew's plan",
        also=(_EHC_PLAN,),
        actions=(
            plans.Action(
                text="Make a picture for each day", who=MOTHER, by_when=date(2025, 4, 14), outcomes=("calm-days",)
            ),
            plans.Action(
                text="Practise the bus to the café", who="Patient/matthew", by_when=date(2025, 7, 31), outcomes=("bus",)
            ),
            plans.Action(
                text="Tell the college about the quiet room",
                who=CASE.coordinator,
                by_when=date(2025, 9, 1),
                outcomes=("course",),
            ),
        ),
        money=(
            assessments.capacity(
                CASE,
                "lacks-capacity",
                "Asked with pictures; his mother decides with him what he cannot decide alone.",
                speaks_for_person=MOTHER.removeprefix("RelatedPerson/"),
            ),
            accounts.third_party(CASE, "hold-it-together", audit_due=date(2028, 6, 18)),
            *payments.instalments(CASE, _NHS, NHS_INSTALMENTS, to=payments.provider("hold-it-together")),
            *payments.instalments(CASE, _COUNCIL, COUNCIL_INSTALMENTS, to=payments.provider("hold-it-together")),
            *payments.instalments(CASE, _EDUCATION, EDUCATION_INSTALMENTS, to=payments.provider("hold-it-together")),
            *payments.spending(CASE, LINES, *SPENT),
        ),
        after=(
            *_education_change(),
            follow.reviewed(
                CASE,
                due=date(2025, 7, 1),
                held=date(2025, 6, 18),
                next_due=date(2025, 12, 18),
                underspend_reason="late-invoices",
                notes=("the three people and the pictures.", "the bus was late twice.", "a second way home."),
                inputs=(
                    *follow.parts(*follow.FULL_REVIEW, "third-party-audit"),
                    follow.by_law("statutory-la", COUNCIL),
                    follow.by_law("statutory-ehc", EDUCATION),
                ),
            ),
            follow.scheduled(
                CASE, "review-2", due=date(2025, 12, 18), discharges=(follow.by_law("statutory-ehc", EDUCATION),)
            ),
        ),
    )
)
