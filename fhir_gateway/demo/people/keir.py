"""Keir, NHS Continuing Healthcare with personal assistants and on-costs: worked example 4, as at 30 June 2025.

The direct payment goes into a managed account. He moved from another ICB, whose transfer ended on 1 April 2025.

Source: domain.md 6.8 example 4 (shape after S002). All else about him is invented.
"""

from datetime import date
from typing import Final

from fhir_gateway.demo import accounts, consents, employments, follow, payments, persons, plans, story
from fhir_gateway.demo.case import ICB
from fhir_gateway.demo.entry import File, entry
from fhir_gateway.demo.people.keir_money import CASE, LINES, ONE_OFFS, RECURRING, SPENT
from mappings import change, practitioner, related_person

PARTS: Final[File] = (
    *plans.needs(
        CASE,
        plans.Need(slug="moving", text="I need two people to get up, wash and eat.", domain="mobility"),
        plans.Need(slug="pain", text="Pain and stiffness keep me from sleeping.", domain="pain"),
    ),
    *plans.outcomes(
        CASE,
        plans.Outcome(
            slug="home",
            text="I live in my own home with people I chose.",
            kind="wellbeing",
            measure="Hours covered by people I know",
            target="All of them",
            needs=("moving",),
        ),
        plans.Outcome(
            slug="less-pain",
            text="I sleep through most nights.",
            kind="health",
            measure="Nights without waking from pain",
            target="Five a week",
            needs=("pain",),
            achievement="improving",
        ),
    ),
    *plans.risks(
        CASE,
        plans.Risk(
            slug="no-assistant",
            text="Both assistants are away at once.",
            mitigation="Leave is planned six weeks ahead and never overlaps.",
            contingency="The agency comes within two hours, paid from contingency.",
            likelihood="medium",
            impact="high",
        ),
        plans.Risk(
            slug="handling",
            text="Somebody is hurt when I am lifted.",
            mitigation="Hoist, yearly course, and two people for every lift.",
            contingency="The health contact is phoned and lifting stops until it is safe.",
            impact="high",
        ),
    ),
)


def _people() -> File:
    """His brother, and the two assistants he employs."""
    assistants = (("ravi", "Ravi", "Unrealistic"), ("tess", "Tess", "Hypothetical"))
    return (
        persons.person(
            CASE,
            prefix="Mr",
            name=("Keir", "Inventon"),
            nhs_number="9990000050",
            street="5 Makebelieve Gardens",
            gender="male",
            birth_date=date(1978, 6, 5),
        ),
        entry(
            "keir-brother",
            related_person.MAPPING,
            person_id="keir",
            active=True,
            roles=("family-member", "unpaid-carer"),
            relationship="sibling",
            name="Ross Inventon",
            given=("Ross",),
            family="Inventon",
            telecoms=(persons.email("ross"),),
            start=date(2024, 1, 8),
            same_household=False,
        ),
        *(
            entry(id_, practitioner.MAPPING, active=True, name=f"{given} {family}", given=(given,), family=family)
            for id_, given, family in assistants
        ),
    )


def _transfer() -> File:
    """He moved home; the other ICB had paid nothing ahead, so no balance came along."""
    choice = follow.decided(
        CASE,
        "transfer",
        "transfer",
        about=CASE.ref("EpisodeOfCare", "case"),
        rationale="He lives in Exampleshire from 1 April 2025.",
    )
    return choice, entry(
        "keir-transfer",
        change.TRANSFER,
        task_id="TRF-0005-1",
        person_id="keir",
        status="completed",
        intent="order",
        description="Moved from Sampleshire to be near his brother",
        about=CASE.ref("EpisodeOfCare", "case"),
        requester="Organization/sampleshire-icb",
        owner=f"Organization/{ICB}",
        requested_on=date(2025, 1, 20),
        respond_by=date(2025, 2, 17),
        started_on=date(2025, 4, 1),
        ended_on=date(2025, 4, 1),
        based_on=(choice.literal,),
        transfer_status="completed",
        reason="moved-home",
        person_informed_on=date(2025, 1, 22),
        accepted_by="PractitionerRole/decider-icb",
        accepted_on=date(2025, 2, 10),
        new_coordinator=CASE.coordinator,
        funded_until=date(2025, 3, 31),
        balance_pence=0,
        balance_carried_pence=0,
        balance_returned_pence=0,
        first_review_due=date(2025, 7, 1),
    )


FILE: Final[File] = story.told(
    story.Story(
        case=CASE,
        people=_people(),
        opened=persons.case_of(CASE, group="adult-nhs-chc", opened_on=date(2024, 11, 4), route="standard"),
        team=persons.team(
            CASE,
            ("family-member", "RelatedPerson/keir-brother"),
            ("personal-assistant", "Practitioner/ravi"),
            ("personal-assistant", "Practitioner/tess"),
        ),
        parts=PARTS,
        assessed="chc-decision-support-tool",
        lines=LINES,
        compared=(6_561_013, "Agency care for the same hours at the rates of the framework"),
        method="hours-based",
        explanation="Hours of support times the local rate, the costs of an employer, therapy and a contingency.",
        title="Keir's plan",
        actions=(
            plans.Action(text="Hire two assistants", who="Patient/keir", by_when=date(2025, 4, 1), outcomes=("home",)),
            plans.Action(
                text="Book the handling course", who="Practitioner/tess", by_when=date(2025, 4, 8), outcomes=("home",)
            ),
            plans.Action(
                text="Try hydrotherapy for ten weeks",
                who="Patient/keir",
                by_when=date(2025, 7, 1),
                outcomes=("less-pain",),
                status="in-progress",
            ),
        ),
        agreement=(
            consents.agreement(
                CASE,
                ("All services of the plan", "monthly", 422_792),
                terms={
                    "Managed account": "Clear Accounts holds the money and uses it only for what the plan agrees.",
                    "Employer": "My duties as an employer were explained to me.",
                },
                duties_explained_on=date(2025, 3, 4),
            ),
        ),
        money=(
            accounts.direct_payment(CASE, holder="clear-accounts", contingency="with-first-instalment"),
            *(
                employments.employed(
                    CASE,
                    worker,
                    rate=1_420,
                    minutes=21 * 60,
                    on_costs=(3, 4, 5, 6),
                    stream="nhs-chc",
                    delegated_tasks=(employments.trained("Moving with the hoist", date(2025, 4, 8), CASE.end),),
                )
                for worker in ("ravi", "tess")
            ),
            *payments.instalments(
                CASE, CASE.funders[0], RECURRING, to=payments.provider("clear-accounts"), first=ONE_OFFS
            ),
            *payments.spending(CASE, LINES, *SPENT),
        ),
        after=(
            *_transfer(),
            follow.reviewed(
                CASE,
                due=date(2025, 7, 1),
                held=date(2025, 6, 26),
                next_due=date(2026, 6, 26),
                notes=("assistants and water.", "leave cover has not been needed yet.", "book the leave."),
                underspend_reason="recruitment-gap",
                person_experience="My house sounds like my house.",
            ),
            follow.scheduled(CASE, "review-2", due=date(2026, 6, 26)),
        ),
    )
)
