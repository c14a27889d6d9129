"""The plan of an invented person, what it says in words, and its first review, as text to fill in.

Source: docs/mapping/CarePlan.md, Composition.md, Task.md.
"""

from typing import Final

from bench.shapes import (
    COORDINATOR,
    ICB,
    ICB_DECIDER,
    MARK,
    SUBJECT,
    Tree,
    coding,
    extension,
    identifier,
    narrative,
    reference,
    text_of,
    year,
)
from mappings.terminology import AGREEMENT_STATEMENT, PLAN_SECTION

SAID: Final = {
    "who-i-am": "I am %(given)s %(family)s. I live in %(town)s and have done so all my life.",
    "strengths-and-skills": "I keep at things, and I can make anybody laugh.",
    "social-context": "My sister lives near; we have our tea together on Sundays.",
    "working": "%(service)s, by somebody who knows when to help and when not.",
    "not-working": "%(need)s. It is worse in winter and after a bad night.",
    "important-to": "%(wish_1)s. %(wish_2)s.",
    "important-for": "To keep moving, to eat well and to sleep.",
    "contingency-plan": "The coordinator is called first, then the council's duty desk.",
    "monitoring": "A diary of good and bad days, read together at each review.",
    "signs-going-well": "I go out three times a week.",
    "signs-going-wrong": "I stay in bed, and do not answer the telephone.",
}
WORDS: Final = text_of(
    {
        "resourceType": "Composition",
        "id": "%(words)s",
        "identifier": identifier("phb-plan-narrative", "WORDS-%(number)s-1"),
        "status": "final",
        "type": coding("phb-record-kind", "plan-narrative", "Plan narrative"),
        "subject": SUBJECT,
        "date": "%(created)s",
        "author": [SUBJECT, COORDINATOR],
        "title": "My plan in my words",
        "custodian": ICB,
        "section": [
            {
                "title": PLAN_SECTION.display(name),
                "code": coding("phb-plan-section", name, PLAN_SECTION.display(name)),
                "text": narrative(words, status="additional"),
            }
            for name, words in SAID.items()
        ],
    }
)


def _agreement(statement: str) -> Tree:
    by = ICB_DECIDER if AGREEMENT_STATEMENT.property_of(statement, "stated_by") == "icb" else SUBJECT
    parts = [
        {"url": "statement", "valueCode": statement},
        {"url": "agreed", "valueBoolean": True},
        {"url": "on", "valueDate": "%(created)s"},
        {"url": "by", "valueReference": by},
    ]
    return extension("phb-agreement", extension=parts)


def _terms() -> Tree:
    parts = [
        {"url": "health-monitor", "valueReference": COORDINATOR},
        {"url": "first-review-due", "valueDate": "%(reviewed)s"},
        {"url": "review-method", "valueString": "We meet, and go through the diary and the account together."},
        {"url": "reduction-notice-days", "valueUnsignedInt": 28},
    ]
    return extension("phb-direct-payment-terms", extension=parts)


def _contact() -> Tree:
    parts = [
        {"url": "name", "valueString": "Sol Supposed"},
        {"url": "role", "valueString": "Practice nurse"},
        {"url": "phone", "valueString": "01632 960900"},
    ]
    return extension("phb-health-contact", extension=parts)


def _action(words: str, status: str, goal: str) -> Tree:
    detail = {
        "goal": [reference(f"Goal/%({goal})s")],
        "status": status,
        "scheduledPeriod": year(),
        "performer": [SUBJECT],
        "description": words,
    }
    return {"detail": detail}


PLAN: Final = text_of(
    {
        "resourceType": "CarePlan",
        "id": "%(plan)s",
        "text": narrative(
            "The personalised care and support plan of %(given)s %(family)s, written with the care coordinator.",
            f"What we agreed: %(service)s, five hours a week; the way there is paid for. ({MARK})",
        ),
        "extension": [
            extension("phb-plan-status", valueCode="active"),
            *(_agreement(one) for one in AGREEMENT_STATEMENT),
            _terms(),
            extension("phb-no-risks-identified", valueBoolean=True),
            extension("phb-shared-with-person", valueDate="%(created)s"),
            _contact(),
        ],
        "identifier": [identifier("phb-plan", "PLAN-%(number)s-1"), identifier("phb-case", "CASE-%(number)s")],
        "status": "active",
        "intent": "plan",
        "category": [coding("phb-plan-kind", "personalised-care-and-support-plan")],
        "title": "My plan for %(start)s to %(end)s",
        "description": "%(wish_1)s, and going out again",
        "subject": SUBJECT,
        "period": year(),
        "created": "%(created)s",
        "author": SUBJECT,
        "contributor": [COORDINATOR],
        "careTeam": [reference("CareTeam/%(team)s")],
        "addresses": [reference("Condition/%(condition)s")],
        "supportingInfo": [
            reference("Claim/%(indicative)s"),
            reference("Claim/%(budget)s"),
            reference("Composition/%(words)s"),
        ],
        "goal": [reference("Goal/%(goal_1)s"), reference("Goal/%(goal_2)s")],
        "activity": [
            _action("Choose who goes with me, and when", "in-progress", "goal_1"),
            _action("Go out together twice a week", "not-started", "goal_1"),
            _action("Keep a diary of good and bad days for the review", "scheduled", "goal_2"),
        ],
    }
)

TASK: Final = text_of(
    {
        "resourceType": "Task",
        "id": "%(task)s",
        "identifier": [identifier("phb-task", "TSK-%(number)s")],
        "basedOn": [reference("CarePlan/%(plan)s")],
        "status": "requested",
        "intent": "plan",
        "code": coding("phb-review-kind", "initial-three-month", "Initial three month"),
        "businessStatus": coding("phb-review-status", "scheduled", "Scheduled"),
        "focus": reference("CarePlan/%(plan)s"),
        "for": SUBJECT,
        "authoredOn": "%(created)s",
        "owner": COORDINATOR,
        "restriction": {"period": {"start": "%(start)s", "end": "%(reviewed)s"}},
        "input": [{"type": coding("phb-review-component", "plan-review", "Plan review"), "valueBoolean": True}],
    }
)
