"""Two of the fifty people of worked example 3, community exercise: Olive, who spent 400.00, and Oscar, in hospital.

Source: domain.md 6.8 example 3 (S004). All else about them is invented.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.demo import accounts, budgets, consents, follow, payments, persons, plans, story
from fhir_gateway.demo.case import Case, nhs
from fhir_gateway.demo.entry import Entry, File, entry, made
from mappings import group

TOTAL: Final = 40_000
PAID_ON: Final = date(2025, 5, 1)
POOLED_ON: Final = date(2025, 4, 22)
LINES: Final = (
    budgets.nhs_line(
        "exercise-and-activity",
        "Community exercise of the person's choice",
        TOTAL,
        TOTAL,
        **budgets.on_one_day(PAID_ON),
        needs=("breath",),
        outcomes=("active",),
        provider="Organization/exampleton-leisure",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What differs between the members of the group."""

    case: Case
    person: Entry
    spent: tuple[payments.Spent, ...]
    follow: File


def _case(id: str, number: str) -> Case:  # noqa: A002
    return Case(
        id=id,
        number=number,
        budget_kind="one-off",
        start=PAID_ON,
        end=date(2026, 3, 31),
        agreed_on=date(2025, 4, 14),
        as_of=date(2025, 8, 31),
        funders=(nhs("nhs-one-off"),),
    )


def _parts(case: Case, achievement: str) -> File:
    return (
        *plans.needs(
            case, plans.Need(slug="breath", text="My breath is short and I have stopped moving.", domain="breathing")
        ),
        *plans.outcomes(
            case,
            plans.Outcome(
                slug="active",
                text="I am active twice a week and enjoy it.",
                kind="wellbeing",
                measure="Times active each week",
                target="Two",
                needs=("breath",),
                achievement=achievement,
            ),
        ),
        *plans.risks(
            case,
            plans.Risk(
                slug="too-much",
                text="I do too much at once and get breathless.",
                mitigation="The first four sessions are with the instructor of the breathing group.",
                contingency="I stop, use my inhaler and phone the nurse.",
            ),
        ),
    )


def _file(member: Member, achievement: str) -> File:
    case = member.case
    return story.told(
        story.Story(
            case=case,
            people=(member.person,),
            opened=persons.case_of(case, group="other-local-offer", opened_on=date(2025, 2, 10)),
            team=persons.team(case),
            parts=_parts(case, achievement),
            assessed="one-off-conversation",
            lines=LINES,
            method="tiered-value",
            explanation="Everybody in the group has the same 400.00.",
            title="Getting active",
            actions=(
                plans.Action(
                    text="Visit two places and choose", who=case.person, by_when=date(2025, 5, 15), outcomes=("active",)
                ),
            ),
            words=plans.sections_of("oxfordshire") | plans.sections_of(case.id),
            agreement=(consents.agreement(case, ("Community exercise", "one-off", TOTAL)),),
            money=(
                accounts.direct_payment(case),
                *payments.once(case, case.funders[0], "nhs-1", amount=TOTAL, on=PAID_ON, line=1, what="Exercise"),
                *payments.spending(case, LINES, *member.spent),
            ),
            after=(consents.consent_to_pool(case, POOLED_ON), *member.follow),
        )
    )


def _pool() -> Entry:
    """Both together book a quiet hour; each one's money stays their own."""
    return entry(
        "oxfordshire-pool",
        group.MAPPING,
        number="POOL-0001",
        active=True,
        name="The quiet hour",
        purpose="A quiet hour with an instructor, which the leisure centre opens for two and not for one.",
        start=PAID_ON,
        end=date(2026, 3, 31),
        managing=_OLIVE.coordinator,
        members=tuple(
            made(
                group.PoolMember,
                member=case.id,
                start=PAID_ON,
                case_id=f"{case.id}-case",
                contribution_pence=TOTAL,
                weight=1,
                consent_id=f"{case.id}-consent-pool",
                budget_id=f"{case.id}-budget",
                line_no=1,
            )
            for case in (_OLIVE, _OSCAR)
        ),
    )


_OLIVE: Final = _case("olive", "0003")
_OSCAR: Final = _case("oscar", "0004")
CASES: Final = (_OLIVE, _OSCAR)

OLIVE: Final[File] = _file(
    Member(
        case=_OLIVE,
        person=persons.person(
            _OLIVE,
            prefix="Mrs",
            name=("Olive", "Testworth"),
            nhs_number="9990000034",
            street="3 Imaginary Close",
            gender="female",
            birth_date=date(1949, 8, 2),
        ),
        spent=(
            payments.Spent(
                line=1, on=PAID_ON, pence=TOTAL, payee="Exampleton Leisure Centre", text="Membership for two years"
            ),
        ),
        follow=(
            follow.reviewed(
                _OLIVE,
                due=date(2025, 8, 1),
                held=date(2025, 7, 22),
                next_due=date(2026, 3, 31),
                notes=("swimming on Tuesdays and Fridays.", "the changing room is cold.", "nothing."),
                person_experience="I had forgotten that I can float.",
            ),
            follow.scheduled(_OLIVE, "review-2", due=date(2026, 3, 31)),
        ),
    ),
    "improving",
)
OSCAR: Final[File] = _file(
    Member(
        case=_OSCAR,
        person=persons.person(
            _OSCAR,
            prefix="Mr",
            name=("Oscar", "Pretendley"),
            nhs_number="9990000042",
            street="4 Imaginary Close",
            gender="male",
            birth_date=date(1944, 11, 30),
        ),
        spent=(),
        follow=(
            follow.discussion(
                _OSCAR,
                "hospital",
                "hospital",
                on=date(2025, 6, 5),
                message="I am in hospital since 9 May. The money stays with me and the club waits until I am home.",
            ),
            follow.hospital_stay(_OSCAR, date(2025, 5, 9), date(2025, 8, 22)),
            _pool(),
            follow.reviewed(
                _OSCAR,
                due=date(2025, 8, 1),
                held=date(2025, 7, 29),
                next_due=date(2025, 11, 1),
                notes=("the ward is kind.", "I could not start.", "begin when I am home."),
                underspend_reason="hospital-admission",
            ),
            follow.scheduled(_OSCAR, "review-2", due=date(2025, 11, 1), kind="interim"),
        ),
    ),
    "no-progress",
)
