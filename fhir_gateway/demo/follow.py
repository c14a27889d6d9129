"""What follows a plan in a demonstration case: decisions, reviews, notices and discussions.

Source: domain.md 2.6; rules R116 to R151.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from fhir_gateway.demo.budgets import ROUTES
from fhir_gateway.demo.case import COORDINATOR, ICB, Case
from fhir_gateway.demo.entry import Entry, File, entry, made
from mappings import communication, decision, encounter, provenance, review

FULL_REVIEW: Final = ("plan-review", "budget-review", "financial-audit")
TOLD_BEFORE: Final = timedelta(days=21)


def decided(case: Case, slug: str, subject: str, **known: Any) -> Entry:
    """A decision that was asked for, taken and told; approved and about the plan unless `known` says otherwise."""
    asked, on = case.before(14), case.agreed_on
    usual: dict[str, Any] = {
        "about": case.ref("CarePlan", "plan"),
        "owner": f"PractitionerRole/{case.funders[0].decider}",
        "requested_on": asked,
        "respond_by": asked + timedelta(days=28),
        "started_on": asked,
        "ended_on": on,
        "communicated_on": on,
        "outcome": "approved",
        "considered": (
            made(decision.Considered, about=case.ref("CarePlan", "plan")),
            made(decision.Considered, text="What the person said when the plan was read together"),
        ),
    }
    return entry(
        f"{case.id}-decision-{slug}",
        decision.DECISION,
        task_id=f"DEC-{case.number}-{slug}",
        person_id=case.id,
        status="completed",
        intent="order",
        requester=case.person,
        decision_subject=subject,
        decision_status="communicated",
        communicated_how="By letter, and read together with the care coordinator",
        appeal_route=ROUTES[0],
        complaint_route=ROUTES[1],
        support_contact=ROUTES[2],
        **usual | known,
    )


def decisions(case: Case) -> File:
    """The plan decided, the share of each funder, and whether a direct payment is suitable."""
    shares = tuple(
        decided(
            case,
            f"budget-{funder.slug}",
            "agreed-budget",
            about=case.ref("Claim", "budget"),
            owner=f"PractitionerRole/{funder.decider}",
            rationale="The share is enough for the part of the needs this body has to meet.",
        )
        for funder in case.funders
    )
    rationale = "Appropriate for the person and value for money: the same needs met, and more of what matters to them."
    suitable = decided(case, "payment", "direct-payment", rationale=rationale)
    agreed = decided(case, "plan", "plan", rationale="All nine criteria are met and the needs can be met by this plan.")
    return agreed, *shares, *((suitable,) if case.is_direct else ())


def reviewed(case: Case, *, due: date, held: date, next_due: date, notes: tuple[str, str, str], **known: Any) -> Entry:
    """The completed first review. notes: what works, what does not, what needs to change."""
    usual: dict[str, Any] = {
        "outcome": "no-change",
        "review_kind": "initial-three-month",
        "inputs": parts(*FULL_REVIEW),
    }
    told = held - TOLD_BEFORE
    working, not_working, needs_change = notes
    return _review(
        case,
        "review-1",
        status="completed",
        review_status="completed",
        window_start=held - timedelta(days=7),
        respond_by=due,
        started_on=held,
        ended_on=held + timedelta(days=2),
        person_told_on=told,
        told_what="What will be looked at, where we meet, and that I can bring whom I like",
        working=working,
        not_working=not_working,
        needs_change=needs_change,
        needs_changed=False,
        outcomes_still_right=True,
        risks_changed=False,
        budget_adequate=True,
        properly_used=True,
        next_due_on=next_due,
        **usual | known,
    )


def scheduled(case: Case, slug: str, *, due: date, kind: str = "annual", discharges: tuple[Any, ...] = ()) -> Entry:
    """A review still to come. discharges: the reviews by law it stands for."""
    return _review(
        case,
        slug,
        status="requested",
        review_status="scheduled",
        review_kind=kind,
        window_start=due - timedelta(days=28),
        respond_by=due,
        inputs=(*parts(*FULL_REVIEW), *discharges),
    )


def _review(case: Case, slug: str, **known: Any) -> Entry:
    return entry(
        f"{case.id}-{slug}",
        review.REVIEW,
        task_id=f"REV-{case.number}-{slug}",
        person_id=case.id,
        intent="plan",
        about=case.ref("CarePlan", "plan"),
        owner=case.coordinator,
        requested_on=case.agreed_on,
        participants=tuple(dict.fromkeys((case.person, case.voice, case.coordinator))),
        **known,
    )


def parts(*components: str) -> tuple[review.ReviewInput, ...]:
    """The parts a review has."""
    return tuple(made(review.ReviewInput, component=one, asked_for=True) for one in components)


def by_law(kind: str, body: str) -> review.ReviewInput:
    """A review by law that is done in the same meeting. body: Organization id."""
    return made(review.ReviewInput, discharges=kind, for_body=f"Organization/{body}")


def discussion(
    case: Case, slug: str, topic: str, *, on: date, message: str, agreed: bool = True, people: tuple[str, ...] = ()
) -> Entry:
    """A conversation the coordinator held, with the person unless `people` says with whom."""
    return entry(
        f"{case.id}-talk-{slug}",
        communication.DISCUSSION,
        communication_id=f"TALK-{case.number}-{slug}",
        person_id=case.id,
        status="completed",
        sender=f"PractitionerRole/{COORDINATOR}",
        recipients=people or tuple(dict.fromkeys((case.person, case.voice))),
        sent_on=on,
        about=(case.ref("EpisodeOfCare", "case"),),
        message=message,
        topic=topic,
        agreed=agreed,
    )


def options_talk(case: Case, on: date) -> Entry:
    """The conversation in which the ways to hold the money were explained."""
    return discussion(
        case,
        "options",
        "options",
        on=on,
        message="We went through the three ways to hold the money, what each asks of me and who helps.",
    )


def notice(case: Case, slug: str, kind: str, *, on: date, message: str, reasons: str, **known: Any) -> Entry:
    """A written notice of the ICB that tells the right to a second look."""
    return entry(
        f"{case.id}-notice-{slug}",
        communication.NOTICE,
        communication_id=f"NOTE-{case.number}-{slug}",
        person_id=case.id,
        status="completed",
        sender=f"Organization/{ICB}",
        recipients=tuple(dict.fromkeys((case.person, case.voice))),
        sent_on=on,
        message=message,
        notice_kind=kind,
        reasons=reasons,
        reconsideration_told=True,
        format=case.format or None,
        **known,
    )


def decision_notice(case: Case) -> Entry:
    """The letter that tells the decision on plan and budget."""
    return notice(
        case,
        "decision",
        "decision",
        on=case.agreed_on,
        effective_on=case.start,
        about=(case.ref("CarePlan", "plan"), case.ref("Claim", "budget")),
        based_on=(case.ref("Task", "decision-plan"),),
        message="Your plan and your budget are agreed. The letter says who pays what and when the first review is.",
        reasons="The plan meets your needs and the money is enough for it.",
    )


def hospital_stay(case: Case, admitted: date, discharged: date) -> Entry:
    """A stay in hospital, from which the person was expected home; it changes no payment by itself."""
    return entry(
        f"{case.id}-hospital",
        encounter.MAPPING,
        number=f"STAY-{case.number}",
        person_id=case.id,
        status="finished",
        admitted_on=admitted,
        discharged_on=discharged,
        expected_return=True,
    )


def plan_origin(case: Case) -> Entry:
    """Who wrote the plan: the coordinator, with what the person said, from the needs assessment."""
    written = case.before(21)
    return entry(
        f"{case.id}-plan-origin",
        provenance.MAPPING,
        targets=(case.ref("CarePlan", "plan"),),
        recorded=datetime.combine(written, time(15), UTC),
        occurred_on=written,
        operation="CREATE",
        activity="The plan was written together",
        agents=(
            _agent("author", case.coordinator, role="care-coordinator", on_behalf_of=f"Organization/{ICB}"),
            _agent("informant", case.voice),
        ),
        entities=(made(provenance.ProvenanceEntity, role="source", what=case.ref("Observation", "assessment")),),
    )


def _agent(part: str, who: str, **known: Any) -> provenance.ProvenanceAgent:
    return made(provenance.ProvenanceAgent, part=part, who=who, **known)
