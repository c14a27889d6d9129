"""What only some of the six have: a worry, a move, a second look, a review that is going on, a pool.

Source: security.md section 4, the no-leak law (world); domain.md 2.6.
"""

from datetime import date
from typing import Any, Final

from fhir_gateway.demo import consents, employments, follow
from fhir_gateway.demo.case import COUNCIL, ICB
from fhir_gateway.demo.entry import Entry, File, entry, made
from fhir_gateway.phb.periods import months_after
from mappings import change, decision, encounter, group, related_person
from tests.laws.no_leak import bodies
from tests.laws.no_leak.people import ADA, END, FAY, MOVED_ON, START, Someone


def concern(one: Someone, **known: Any) -> Entry:
    """A worry about an entry, of which coordinator and person know."""
    usual: dict[str, Any] = {"concern_status": "looked-into", "status": "in-progress"}
    return entry(
        f"{one.id}-concern",
        change.CONCERN,
        task_id=f"CON-{one.case.number}",
        person_id=one.id,
        intent="order",
        description="A worry",
        about=f"Claim/{one.id}-spent-1",
        requester=f"Organization/{ICB}",
        owner=one.case.coordinator,
        requested_on=date(2025, 7, 14),
        started_on=date(2025, 7, 16),
        concern_kind="missing-records",
        coordinator_asked_on=date(2025, 7, 14),
        person_informed_on=date(2025, 7, 15),
        **usual | known,
    )


def appealed(one: Someone) -> File:
    """Something refused at first, and the second look that was asked for."""
    case = one.case
    refused = follow.decided(
        case,
        "refused",
        "service-inclusion",
        about=case.ref("Claim", "indicative"),
        outcome="declined",
        rationale="Not usual.",
        alternatives="Something else.",
    )
    return refused, entry(
        f"{one.id}-appeal",
        decision.APPEAL,
        task_id=f"APP-{case.number}",
        person_id=one.id,
        status="in-progress",
        intent="order",
        description="Please look again",
        about=refused.literal,
        based_on=(refused.literal,),
        requester=case.person,
        owner="PractitionerRole/decider-icb",
        requested_on=date(2025, 9, 1),
        respond_by=date(2025, 10, 20),
        started_on=date(2025, 9, 2),
        appeal_kind="reconsideration",
        appeal_status="in-progress",
        considered=(made(decision.Considered, text="A diary"),),
    )


def leaving(one: Someone) -> Entry:
    """The council will pay no more from next year on."""
    case = one.case
    return entry(
        f"{one.id}-leaving",
        change.FUNDING_CHANGE,
        task_id=f"FND-{case.number}",
        person_id=one.id,
        status="requested",
        intent="proposal",
        description="It ends in March",
        about=case.ref("Claim", "budget"),
        requester=f"Organization/{COUNCIL}",
        owner=case.coordinator,
        requested_on=date(2025, 9, 8),
        respond_by=date(2025, 12, 1),
        started_on=date(2026, 4, 1),
        joint_reassessment="https://phb-gateway.example/fhir/Id/phb-assessment|JOINT",
        new_amount_pence=0,
        consulted_funders=(ICB,),
        consulted_person_on=date(2025, 9, 3),
        alternative_from=date(2026, 4, 1),
    )


def pause(one: Someone) -> Entry:
    """A pause that was asked for."""
    return entry(
        f"{one.id}-pause",
        change.SUSPENSION,
        task_id=f"SUS-{one.case.number}",
        person_id=one.id,
        status="draft",
        intent="proposal",
        description="Care goes on",
        about=one.case.ref("Claim", "budget"),
        owner=one.case.coordinator,
        requested_on=date(2025, 9, 10),
        reason="account-problem",
    )


def _ada(one: Someone) -> File:
    case = one.case
    return (
        concern(one),
        *appealed(one),
        entry(
            "ada-stay",
            encounter.MAPPING,
            number="STAY-1",
            person_id="ada",
            status="finished",
            admitted_on=date(2025, 7, 1),
            discharged_on=date(2025, 7, 9),
            expected_return=True,
        ),
        consents.consent_to_pool(case, date(2025, 4, 2)),
        employments.employed(case, f"worker-{bodies.HEALTH_CONTACT}", rate=1_387, minutes=300, on_costs=()),
    )


def _cai(one: Someone) -> File:
    """He moved from the other ICB, whose own period stays its own."""
    case = one.case
    choice = follow.decided(case, "move", "transfer", about=case.ref("EpisodeOfCare", "case"), rationale="Moved home.")
    move = entry(
        "cai-transfer",
        change.TRANSFER,
        task_id=f"TRF-{case.number}",
        person_id="cai",
        status="completed",
        intent="order",
        description="Moved home",
        about=case.ref("EpisodeOfCare", "case"),
        requester="Organization/icb-2",
        owner=f"Organization/{ICB}",
        requested_on=date(2025, 1, 20),
        respond_by=date(2025, 2, 17),
        started_on=MOVED_ON,
        ended_on=MOVED_ON,
        based_on=(choice.literal,),
        transfer_status="completed",
        reason="moved-home",
        person_informed_on=date(2025, 1, 22),
        accepted_by="PractitionerRole/decider-icb",
        accepted_on=date(2025, 2, 10),
        new_coordinator=case.coordinator,
        funded_until=date(2025, 3, 31),
        balance_pence=0,
        balance_carried_pence=0,
        balance_returned_pence=0,
        first_review_due=months_after(START, 3),
    )
    stays = (
        entry(
            f"cai-stay-{at}",
            encounter.MAPPING,
            number=f"STAY-CAI-{at}",
            person_id="cai",
            status="finished",
            admitted_on=admitted,
            discharged_on=discharged,
            expected_return=True,
        )
        for at, (admitted, discharged) in enumerate(
            ((date(2024, 12, 3), date(2024, 12, 9)), (date(2025, 7, 3), date(2025, 7, 9))), start=1
        )
    )
    return choice, move, *stays


def _dot(one: Someone) -> File:
    """Her nominee, and a worry that is closed: what it opened is shut again."""
    since = date(2025, 3, 10)
    nominee = entry(
        "dot-nominee",
        related_person.MAPPING,
        person_id="dot",
        active=True,
        roles=("nominee",),
        relationship="friend",
        name="Nominee",
        family="Nominee",
        start=since,
        same_household=False,
        nominated_by="Patient/dot",
        agreed_to_act_on=since,
        body_agreed_on=since,
    )
    closed = concern(
        one, concern_status="closed", status="completed", ended_on=date(2025, 8, 1), finding="genuine-mistake"
    )
    return nominee, closed, *appealed(one), leaving(one), pause(one)


def _fay(one: Someone) -> File:
    """A review is going on, so what she spent may be looked at."""
    case = one.case
    return (
        consents.consent_to_pool(case, date(2025, 4, 2)),
        follow._review(
            case,
            "review-now",
            status="in-progress",
            review_status="in-progress",
            review_kind="interim",
            window_start=date(2025, 9, 22),
            respond_by=date(2025, 10, 20),
            started_on=date(2025, 9, 29),
            person_told_on=date(2025, 9, 1),
            told_what="What is looked at",
            inputs=follow.parts(*follow.FULL_REVIEW),
        ),
    )


def _nothing(_: Someone) -> File:
    return ()


EXTRA: Final = {"ada": _ada, "ben": _nothing, "cai": _cai, "dot": _dot, "eve": _nothing, "fay": _fay}


def pool() -> Entry:
    """What Ada and Fay put together, each out of another ICB's budget."""
    return entry(
        "pool",
        group.MAPPING,
        number="POOL-1",
        active=True,
        name="A pool",
        purpose="Rides together",
        start=date(2025, 4, 2),
        end=END,
        managing="Organization/icb-1",
        members=tuple(_member(one) for one in (ADA, FAY)),
    )


def _member(one: Someone) -> group.PoolMember:
    return made(
        group.PoolMember,
        member=f"Patient/{one.id}",
        start=date(2025, 4, 2),
        case_id=f"{one.id}-case",
        contribution_pence=one.pence,
        weight=1,
        consent_id=f"{one.id}-consent-pool",
        budget_id=f"{one.id}-budget",
        line_no=1,
    )
