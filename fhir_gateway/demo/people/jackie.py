"""Jackie, assistance dog: worked example 1, with a start on 1 October 2025 and its figures as at 31 December 2025.

Source: domain.md 6.8 example 1 (S004). All else about her is invented.
"""

from datetime import date
from typing import Final

from fhir_gateway.demo import accounts, assessments, budgets, consents, follow, payments, persons, plans, story
from fhir_gateway.demo.case import Case, nhs
from fhir_gateway.demo.entry import Entry, File, entry, made
from mappings import change, decision

CASE: Final = Case(
    id="jackie",
    number="0001",
    budget_kind="ongoing",
    start=date(2025, 10, 1),
    end=date(2026, 3, 31),
    agreed_on=date(2025, 9, 22),
    as_of=date(2025, 12, 31),
    funders=(nhs("nhs-other"),),
    format="large-print",
)
TOTAL: Final = 149_589
INSTALMENTS: Final = (24_932, 24_932, 24_932, 24_931, 24_931, 24_931)
LINES: Final = (
    budgets.nhs_line(
        "assistance-animal",
        "Upkeep of a trained assistance dog",
        TOTAL,
        300_000,
        frequency="annual",
        needs=("falls", "going-out"),
        outcomes=("out-daily", "fewer-falls"),
        provider="Organization/steady-paws",
    ),
)
SPENT: Final = (
    payments.Spent(
        line=1, on=date(2025, 10, 6), pence=26_000, payee="Steady Paws Assistance Dogs", text="Aftercare and harness"
    ),
    payments.Spent(line=1, on=date(2025, 11, 11), pence=23_450, payee="Exampleton Vets", text="Check-up and insurance"),
    payments.Spent(
        line=1, on=date(2025, 12, 9), pence=20_550, payee="Exampleton Pet Supplies", text="Food and bedding"
    ),
)
PARTS: Final[File] = (
    *plans.needs(
        CASE,
        plans.Need(slug="falls", text="I fall when I am dizzy and cannot get up on my own.", domain="mobility"),
        plans.Need(slug="going-out", text="I am afraid to go out alone.", domain="community-access"),
    ),
    *plans.outcomes(
        CASE,
        plans.Outcome(
            slug="out-daily",
            text="I go out every day with my dog.",
            kind="wellbeing",
            measure="Days out of the house each week",
            target="Seven",
            needs=("going-out",),
            achievement="improving",
        ),
        plans.Outcome(
            slug="fewer-falls",
            text="I fall less and get up again.",
            kind="health",
            measure="Falls each month",
            target="One or none",
            needs=("falls",),
        ),
    ),
    *plans.risks(
        CASE,
        plans.Risk(
            slug="dog-ill",
            text="The dog is ill and cannot work.",
            mitigation="Insurance, and a check-up every half year.",
            contingency="A neighbour walks with me and the alarm pendant is worn until the dog is well.",
        ),
    ),
)


def _appeal() -> File:
    """The dog was refused at first; a second look changed that."""
    refused = follow.decided(
        CASE,
        "dog-refused",
        "service-inclusion",
        about=CASE.ref("Claim", "indicative"),
        requested_on=date(2025, 8, 4),
        respond_by=date(2025, 9, 1),
        started_on=date(2025, 8, 4),
        ended_on=date(2025, 8, 18),
        communicated_on=date(2025, 8, 19),
        outcome="declined",
        rationale="An assistance dog is no service the body usually pays for.",
        alternatives="More visits, or a pendant alarm.",
    )
    return refused, entry(
        "jackie-appeal",
        decision.APPEAL,
        task_id="APP-0001-1",
        person_id="jackie",
        status="completed",
        intent="order",
        description="Please look again: visits did not stop the falls, the dog does.",
        about=refused.literal,
        based_on=(refused.literal,),
        requester="Patient/jackie",
        owner="PractitionerRole/panel-icb",
        requested_on=date(2025, 8, 22),
        respond_by=date(2025, 9, 19),
        started_on=date(2025, 8, 26),
        ended_on=date(2025, 9, 8),
        appeal_kind="reconsideration",
        appeal_status="closed",
        reasons="Unusual is no reason to refuse; the dog meets both needs and costs less than the visits.",
        considered=(made(decision.Considered, text="Diary of falls, with and without the dog"),),
        outcome="changed",
    )


def _pause() -> File:
    """Payments were paused for four days when the account was blocked; no instalment fell into them."""
    talk = follow.discussion(
        CASE,
        "pause",
        "suspension",
        on=date(2025, 11, 10),
        message="The bank blocked the account by mistake. We agreed to pause and I pay the vet later.",
    )
    asked = follow.discussion(
        CASE,
        "pause-coordinator",
        "suspension",
        on=date(2025, 11, 10),
        message="The coordinator sees no harm in four days without payments.",
        people=(CASE.coordinator,),
    )
    choice = follow.decided(
        CASE,
        "pause",
        "suspension",
        requested_on=date(2025, 11, 10),
        respond_by=date(2025, 11, 11),
        started_on=date(2025, 11, 10),
        ended_on=date(2025, 11, 10),
        communicated_on=date(2025, 11, 10),
        rationale="Nothing should be paid into an account that is blocked.",
    )
    pause = entry(
        "jackie-pause",
        change.SUSPENSION,
        task_id="SUS-0001-1",
        person_id="jackie",
        status="completed",
        intent="order",
        description="The dog is fed from the store cupboard and the vet waits for the bill.",
        about=CASE.ref("Claim", "budget"),
        owner=CASE.coordinator,
        requested_on=date(2025, 11, 10),
        started_on=date(2025, 11, 11),
        ended_on=date(2025, 11, 14),
        based_on=(choice.literal,),
        reason="account-problem",
        discussion_person_id=talk.id,
        discussion_coordinator_id=asked.id,
    )
    letter = follow.notice(
        CASE,
        "pause",
        "suspension",
        on=date(2025, 11, 10),
        effective_on=date(2025, 11, 11),
        about=(pause.literal,),
        message="Payments pause until the bank has opened the account again.",
        reasons="The account is blocked by a mistake of the bank.",
    )
    return talk, asked, choice, pause, letter


def _person() -> Entry:
    return persons.person(
        CASE,
        prefix="Ms",
        name=("Jackie", "Exampleby"),
        nhs_number="9990000018",
        street="1 Invented Row",
        gender="female",
        birth_date=date(1971, 3, 14),
    )


FILE: Final[File] = story.told(
    story.Story(
        case=CASE,
        people=(_person(),),
        opened=persons.case_of(CASE, group="long-term-conditions", opened_on=date(2025, 6, 2)),
        team=persons.team(CASE),
        parts=PARTS,
        assessed="other-health-assessment",
        lines=LINES,
        method="comparable-cases",
        explanation="What the upkeep of an assistance dog costs others in a year, for half a year.",
        title="Jackie's plan",
        actions=(
            plans.Action(
                text="Book the dog's check-up",
                who="Patient/jackie",
                by_when=date(2025, 11, 15),
                outcomes=("out-daily",),
            ),
            plans.Action(
                text="Ask the choir for a seat near the door",
                who=CASE.coordinator,
                by_when=date(2025, 10, 20),
                outcomes=("out-daily",),
            ),
            plans.Action(
                text="Count falls in the diary",
                who="Patient/jackie",
                by_when=date(2026, 3, 31),
                outcomes=("fewer-falls",),
                status="in-progress",
            ),
        ),
        agreement=(consents.agreement(CASE, ("Upkeep of the assistance dog", "monthly", 24_932)),),
        money=(
            accounts.direct_payment(CASE),
            *payments.instalments(CASE, CASE.funders[0], INSTALMENTS, to=payments.holder(CASE)),
            *payments.spending(CASE, LINES, *SPENT),
        ),
        after=(
            *_appeal(),
            *_pause(),
            follow.reviewed(
                CASE,
                due=date(2026, 1, 1),
                held=date(2025, 12, 17),
                next_due=date(2026, 3, 31),
                notes=("the dog, and going out.", "the bank.", "nothing just now."),
                person_experience="I have my days back.",
            ),
            assessments.asked(
                CASE,
                date(2025, 12, 17),
                ("Do you go out more than before?", "Every day, also in the rain."),
                ("Were you asked what matters to you?", "Yes, the second time."),
            ),
            follow.scheduled(CASE, "review-2", due=date(2026, 3, 31)),
        ),
    )
)
