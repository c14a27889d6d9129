"""What is said and decided around money: conversations, notices, decisions, reviews, concerns, pauses."""

from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.change import Concern, Suspension
from mappings.communication import Discussion, Notice
from mappings.decision import Considered, Decision
from mappings.review import Review, ReviewInput
from tests.fhir_gateway.phb.shelf import PERSON, filed

SELF: Final = f"Patient/{PERSON}"
COORDINATOR: Final = "PractitionerRole/mira"


def talk(id: str, topic: str = "recovery", *, on: date = date(2025, 5, 1), **known: Any) -> Filed[Discussion]:  # noqa: A002
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "sender": COORDINATOR,
        "recipients": (SELF,),
        "sent_on": on,
        "topic": topic,
        "message": "We talked it through.",
    }
    return filed(made(Discussion, **usual | known), id)


def notice(id: str, kind: str, **known: Any) -> Filed[Notice]:  # noqa: A002
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "sender": "Organization/icb",
        "recipients": (SELF,),
        "sent_on": date(2025, 5, 10),
        "effective_on": date(2025, 6, 30),
        "notice_kind": kind,
        "reasons": "Because of what we talked about.",
        "reconsideration_told": True,
    }
    return filed(made(Notice, **usual | known), id)


def repayment_notice(amount: int = 5_000, **known: Any) -> Filed[Notice]:
    asked = {"amount_pence": amount, "pay_by": date(2025, 6, 30), "must_pay": SELF}
    return notice("repay", "repayment", **asked | known)


def decision(id: str, subject: str, **known: Any) -> Filed[Decision]:  # noqa: A002
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "intent": "order",
        "decision_subject": subject,
        "decision_status": "communicated",
        "owner": "PractitionerRole/decider",
        "requested_on": date(2025, 5, 1),
        "respond_by": date(2025, 5, 29),
        "started_on": date(2025, 5, 20),
        "ended_on": date(2025, 5, 9),
        "communicated_on": date(2025, 5, 10),
        "communicated_how": "By letter",
        "rationale": "It follows from what was found.",
        "considered": (made(Considered, text="What the person said"),),
        "outcome": "approved",
        "appeal_route": "Write to us.",
        "complaint_route": "Write to the complaints team.",
        "support_contact": "The advocacy line.",
    }
    return filed(made(Decision, **usual | known), id)


def review(**known: Any) -> Filed[Review]:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "intent": "plan",
        "review_kind": "interim",
        "review_status": "completed",
        "inputs": (made(ReviewInput, component="financial-audit", asked_for=True),),
    }
    return filed(made(Review, **usual | known), "review")


def suspension(**known: Any) -> Filed[Suspension]:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "in-progress",
        "intent": "order",
        "reason": "person-request",
        "description": "An agency comes in meanwhile.",
        "started_on": date(2025, 6, 2),
        "based_on": ("Task/pause",),
        "discussion_person_id": "talk-person",
        "discussion_coordinator_id": "talk-coordinator",
    }
    return filed(made(Suspension, **usual | known), "suspension")


def concern(**known: Any) -> Filed[Concern]:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "intent": "order",
        "concern_kind": "overspend",
        "concern_status": "looked-into",
        "requested_on": date(2025, 5, 1),
        "requester": COORDINATOR,
        "coordinator_asked_on": date(2025, 5, 2),
        "person_informed_on": date(2025, 5, 3),
    }
    return filed(made(Concern, **usual | known), "concern")
