"""Janice, notional plus direct payment with her own contribution net: worked example 6, as at 30 September 2025.

Source: domain.md 6.8 example 6 (person and services from S004). All else about her is invented.
"""

from datetime import date
from typing import Final

from fhir_gateway.demo import accounts, assessments, consents, employments, follow, payments, persons, plans, story
from fhir_gateway.demo.case import COUNCIL
from fhir_gateway.demo.entry import Entry, File, entry
from fhir_gateway.demo.people.janice_money import (
    CASE,
    COUNCIL_INSTALMENTS,
    LINES,
    NHS_INSTALMENTS,
    OWN_WEEKLY,
    SPENT,
    own_payments,
    physio,
)
from mappings import practitioner

PARTS: Final[File] = (
    *plans.needs(
        CASE,
        plans.Need(slug="pool", text="I cannot get in and out of the water alone.", domain="mobility", type="joint"),
        plans.Need(slug="pain", text="My back hurts every day.", domain="pain"),
    ),
    *plans.outcomes(
        CASE,
        plans.Outcome(
            slug="swim",
            text="I am in the water twice a week.",
            kind="wellbeing",
            measure="Times in the pool each week",
            target="Two",
            needs=("pool",),
            achievement="improving",
        ),
        plans.Outcome(
            slug="less-pain",
            text="I can stand long enough to cook.",
            kind="health",
            measure="Minutes on my feet",
            target="Twenty",
            needs=("pain",),
        ),
    ),
    *plans.risks(
        CASE,
        plans.Risk(
            slug="slip",
            text="I slip at the pool.",
            mitigation="Rosa walks on my left side; the pool has a hoist.",
            contingency="The pool's first aider comes and the coordinator is told.",
        ),
    ),
)


def _rosa() -> Entry:
    return entry("rosa", practitioner.MAPPING, active=True, name="Rosa Whimsical", given=("Rosa",), family="Whimsical")


_NHS, _COUNCIL = CASE.funders
FILE: Final[File] = story.told(
    story.Story(
        case=CASE,
        people=(
            persons.person(
                CASE,
                prefix="Mrs",
                name=("Janice", "Demowell"),
                nhs_number="9990000077",
                street="7 Pretend Parade",
                gender="female",
                birth_date=date(1964, 5, 9),
            ),
            _rosa(),
        ),
        opened=persons.case_of(CASE, group="long-term-conditions", opened_on=date(2024, 11, 25)),
        team=persons.team(CASE, ("personal-assistant", "Practitioner/rosa")),
        parts=PARTS,
        assessed="care-act-needs-assessment",
        lines=LINES,
        weekly_pence=OWN_WEEKLY,
        method="current-service-cost",
        explanation="What her support costs now, with the assistant's hours at the local rate.",
        title="Janice's plan",
        actions=(
            plans.Action(text="Take Rosa on", who="Patient/janice", by_when=date(2025, 4, 1), outcomes=("swim",)),
            plans.Action(
                text="Order ten visits", who=CASE.coordinator, by_when=date(2025, 4, 30), outcomes=("less-pain",)
            ),
            plans.Action(
                text="Write down minutes on my feet",
                who="Patient/janice",
                by_when=date(2026, 3, 31),
                outcomes=("less-pain",),
                status="in-progress",
            ),
        ),
        agreement=(
            consents.agreement(
                CASE,
                ("Assistant, insurance and massage", "monthly", 42_442),
                terms={"Contribution": "I pay 54.75 a month into the account; the council pays its share less that."},
                duties_explained_on=date(2025, 3, 11),
            ),
        ),
        money=(
            accounts.direct_payment(CASE, contingency="spread"),
            accounts.notional(
                CASE, "account-notional", "Which physiotherapist, at home or at the practice, which day."
            ),
            employments.employed(CASE, "rosa", rate=1_385, minutes=5 * 60, on_costs=(2,)),
            *payments.instalments(CASE, _NHS, NHS_INSTALMENTS, to=payments.holder(CASE)),
            *payments.instalments(CASE, _COUNCIL, COUNCIL_INSTALMENTS, to=payments.holder(CASE)),
            *own_payments(),
            *physio(),
            *payments.spending(CASE, LINES, *SPENT),
            payments.document(CASE, "statement", "bank-statement", "Account statement", on=date(2025, 9, 30)),
        ),
        after=(
            follow.reviewed(
                CASE,
                due=date(2025, 7, 1),
                held=date(2025, 6, 24),
                next_due=date(2025, 10, 1),
                notes=("the pool, with Rosa.", "physiotherapy started late.", "nothing."),
                inputs=(*follow.parts(*follow.FULL_REVIEW), follow.by_law("statutory-la", COUNCIL)),
                person_experience="I am in the water twice a week.",
            ),
            assessments.asked(
                CASE,
                date(2025, 6, 24),
                ("Do you decide about your support?", "Yes. I picked Rosa and the pool."),
                ("What would make it better?", "One letter from both bodies, not two."),
            ),
            follow.scheduled(
                CASE, "review-2", due=date(2025, 10, 1), discharges=(follow.by_law("statutory-la", COUNCIL),)
            ),
        ),
    )
)
