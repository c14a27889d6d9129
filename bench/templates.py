"""The resources of one invented person as text to fill in: realistic in shape and size, quick to make many of.

Each template is compact JSON with `%(name)s` where a value goes. Source: docs/mapping; FHIR R4 resource pages.
"""

import json
import re
from typing import Any, Final

from mappings.namespaces import NHS_NUMBER, ODS_CODE, code_system, extension_url, identifier_system

Tree = dict[str, Any]
MARK: Final = "bench-0000000000"  # changed by a client from one write to the next, always as long as this
ORGANIZATION_ROLE: Final = "phb-organisation-role"
_BARE: Final = re.compile(r'"=(%\(\w+\)s)"')


def text_of(tree: Tree) -> str:
    """The template of a resource; `"=%(name)s"` becomes a number without quotes."""
    return _BARE.sub(r"\1", json.dumps(tree, separators=(",", ":"), ensure_ascii=False))


def _reference(to: str) -> Tree:
    return {"reference": to}


def _coding(system: str, code: str, display: str | None = None) -> Tree:
    return {"coding": [{"system": code_system(system), "code": code, **({"display": display} if display else {})}]}


def _hl7(system: str, code: str) -> Tree:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def _money(name: str) -> Tree:
    return {"value": f"=%({name})s", "currency": "GBP"}


def _identifier(system: str, value: str) -> Tree:
    return {"system": identifier_system(system), "value": value}


def _year() -> Tree:
    return {"start": "%(start)s", "end": "%(end)s"}


def _narrative(*paragraphs: str) -> Tree:
    body = "".join(f"<p>{one}</p>" for one in paragraphs)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}


SUBJECT: Final = _reference("Patient/%(patient)s")
COORDINATOR: Final = _reference("Practitioner/%(practitioner)s")

ORGANIZATION: Final = text_of(
    {
        "resourceType": "Organization",
        "id": "%(id)s",
        "identifier": [{"system": ODS_CODE, "value": "%(ods)s"}],
        "active": True,
        "type": [_coding(ORGANIZATION_ROLE, "%(role)s", "%(role_name)s")],
        "name": "%(name)s",
        "telecom": [{"system": "phone", "value": "01632 960%(digits)s", "use": "work"}],
        "address": [
            {"use": "work", "line": ["%(number)s Board Walk"], "city": "%(town)s", "postalCode": "%(postcode)s"}
        ],
    }
)

PRACTITIONER: Final = text_of(
    {
        "resourceType": "Practitioner",
        "id": "%(id)s",
        "identifier": [_identifier("social-work-england", "SW9%(digits)s")],
        "active": True,
        "name": [{"family": "%(family)s", "given": ["%(given)s"], "prefix": ["Ms"]}],
        "telecom": [{"system": "email", "value": "coordinator.%(digits)s@council.example"}],
    }
)

PATIENT: Final = text_of(
    {
        "resourceType": "Patient",
        "id": "%(patient)s",
        "text": _narrative(
            "%(given)s %(family)s, born %(birth)s, %(town)s. Speaks English; prefers letters in large print."
        ),
        "identifier": [
            "=%(nhs)s",
            {
                "system": identifier_system("social-care-person"),
                "value": "SC-%(number)s",
                "assigner": {"reference": "Organization/%(council)s"},
            },
        ],
        "active": True,
        "name": [
            {
                "use": "official",
                "text": "%(given)s %(family)s",
                "family": "%(family)s",
                "given": ["%(given)s", "Example"],
            }
        ],
        "telecom": [
            {"system": "phone", "value": "01632 960%(digits)s", "use": "home"},
            {"system": "email", "value": "person.%(number)s@people.example"},
        ],
        "gender": "%(gender)s",
        "birthDate": "%(birth)s",
        "address": [
            {
                "use": "home",
                "line": ["%(digits)s Example Street"],
                "city": "%(town)s",
                "postalCode": "%(postcode)s",
                "country": "GB",
            }
        ],
        "communication": [
            {
                "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en-GB"}], "text": "English"},
                "preferred": True,
            }
        ],
        "generalPractitioner": [{"identifier": {"system": ODS_CODE, "value": "Z99%(digits)s"}}],
        "managingOrganization": _reference("Organization/%(icb)s"),
    }
)

EPISODE: Final = text_of(
    {
        "resourceType": "EpisodeOfCare",
        "id": "%(episode)s",
        "extension": [
            {"url": extension_url("phb-case-state"), "valueCode": "active"},
            {"url": extension_url("phb-support-offer"), "valueCode": "information-and-advice"},
        ],
        "identifier": [_identifier("phb-case", "CASE-%(number)s")],
        "status": "active",
        "statusHistory": [
            {"status": "planned", "period": {"start": "%(created)s", "end": "%(created)s"}},
            {"status": "active", "period": {"start": "%(start)s"}},
        ],
        "type": [
            _coding("phb-eligibility-group", "section-117-aftercare", "Section 117 aftercare"),
            _coding("phb-eligibility-route", "standard", "Standard"),
            _coding("phb-budget-kind", "ongoing", "Ongoing"),
        ],
        "patient": SUBJECT,
        "managingOrganization": _reference("Organization/%(icb)s"),
        "period": _year(),
        "careManager": COORDINATOR,
    }
)

CONDITION: Final = text_of(
    {
        "resourceType": "Condition",
        "id": "%(condition)s",
        "extension": [
            {"url": extension_url("phb-need-type"), "valueCode": "%(need_type)s"},
            {"url": extension_url("phb-need-met-by"), "valueCode": "phb"},
        ],
        "identifier": [_identifier("phb-need", "NEED-%(number)s")],
        "clinicalStatus": _hl7("condition-clinical", "active"),
        "verificationStatus": _hl7("condition-ver-status", "confirmed"),
        "category": [_coding("phb-need-domain", "%(domain)s", "%(domain_name)s")],
        "code": {"text": "%(need)s"},
        "subject": SUBJECT,
        "onsetDateTime": "%(onset)s",
        "recordedDate": "%(created)s",
        "recorder": COORDINATOR,
        "asserter": SUBJECT,
    }
)


def _goal(id_: str, kind: str, display: str, words: str, measure: str) -> Tree:
    return {
        "resourceType": "Goal",
        "id": f"%({id_})s",
        "text": _narrative(f"{words}. We look at this together in each review, and the person says how it is going."),
        "identifier": [_identifier("phb-outcome", f"OUT-%(number)s-{id_}")],
        "lifecycleStatus": "active",
        "achievementStatus": _hl7("goal-achievement", "improving"),
        "category": [_coding("phb-outcome-kind", kind, display)],
        "description": {"text": words},
        "subject": SUBJECT,
        "startDate": "%(start)s",
        "target": [{"measure": {"text": measure}, "detailString": "Three", "dueDate": "%(end)s"}],
        "statusDate": "%(created)s",
        "statusReason": f"Looked at together in the review after three months ({MARK})",
        "expressedBy": SUBJECT,
        "addresses": [_reference("Condition/%(condition)s")],
    }


GOAL_1: Final = text_of(_goal("goal_1", "wellbeing", "Wellbeing", "%(wish_1)s", "Times a week"))
GOAL_2: Final = text_of(_goal("goal_2", "health", "Health", "%(wish_2)s", "Days without pain each week"))


def _coverage(id_: str, stream: str, display: str, payor: str, order: int) -> Tree:
    return {
        "resourceType": "Coverage",
        "id": f"%({id_})s",
        "identifier": [_identifier("phb-contribution", f"CON-%(number)s-{order}")],
        "status": "active",
        "type": _coding("phb-funding-stream", stream, display),
        "beneficiary": SUBJECT,
        "period": _year(),
        "payor": [_reference(payor)],
        "order": order,
    }


COVERAGE_NHS: Final = text_of(
    _coverage("coverage_nhs", "nhs-section-117", "NHS section 117", "Organization/%(icb)s", 1)
)
COVERAGE_COUNCIL: Final = text_of(
    _coverage("coverage_council", "la-section-117", "Council section 117", "Organization/%(council)s", 2)
)


def _claim(id_: str, kind: tuple[str, str], use: str, sub: Tree, created: str) -> Tree:
    return {
        "resourceType": "Claim",
        "id": f"%({id_})s",
        "status": "active",
        "type": _coding("phb-claim-type", *kind),
        "subType": sub,
        "use": use,
        "patient": SUBJECT,
        "billablePeriod": _year(),
        "created": created,
        "insurer": _reference("Organization/%(icb)s"),
        "provider": COORDINATOR,
        "priority": _hl7("processpriority", "normal"),
    }


def _insurance() -> list[Tree]:
    return [
        {"sequence": 1, "focal": True, "coverage": _reference("Coverage/%(coverage_nhs)s")},
        {"sequence": 2, "focal": False, "coverage": _reference("Coverage/%(coverage_council)s")},
    ]


def _terms(frequency: str) -> Tree:
    weights = [
        {
            "url": "weight",
            "extension": [
                {"url": "insurance-sequence", "valuePositiveInt": sequence},
                {"url": "basis-points", "valueUnsignedInt": 5000},
            ],
        }
        for sequence in (1, 2)
    ]
    parts = [
        {"url": "frequency", "valueCode": frequency},
        {"url": "profile", "valueCode": "even"},
        {"url": "split-method", "valueCode": "percentage"},
        *weights,
    ]
    return {"url": extension_url("phb-line-terms"), "extension": parts}


def _line(number: int, category: tuple[str, str], words: str, quantity: int, unit: str, frequency: str) -> Tree:
    return {
        "extension": [_terms(frequency)],
        "sequence": number,
        "diagnosisSequence": [1],
        "category": _coding("phb-line-category", *category),
        "productOrService": {"text": words},
        "modifier": [_coding("phb-management-option", "direct-payment", "Direct payment")],
        "programCode": [_coding("phb-need-type", "joint", "Joint")],
        "servicedPeriod": _year(),
        "quantity": {"value": quantity, "unit": unit},
        "unitPrice": _money(f"rate_{number}"),
        "net": _money(f"net_{number}"),
    }


BUDGET: Final = text_of(
    {
        **_claim(
            "budget",
            ("phb-budget", "Budget"),
            "preauthorization",
            _coding("phb-budget-kind", "ongoing", "Ongoing"),
            "%(created)s",
        ),
        "extension": [{"url": extension_url("phb-budget-status"), "valueCode": "active"}],
        "identifier": [_identifier("phb-budget", "BUD-%(number)s"), _identifier("phb-budget-version", "1")],
        "insurance": _insurance(),
        "diagnosis": [{"sequence": 1, "diagnosisReference": _reference("Condition/%(condition)s")}],
        "item": [
            _line(1, ("personal-assistant-wages", "Personal assistant wages"), "%(service)s", 260, "hour", "per-unit"),
            _line(2, ("employer-insurance", "Employer insurance"), "Insurance and payroll", 1, "year", "annual"),
        ],
        "total": _money("total"),
    }
)


def payment_template(id_: str) -> str:
    """The template of a payment; id_: the value that names its id."""
    line = {
        "extension": [
            {"url": extension_url("phb-line-terms"), "extension": [{"url": "budget-line", "valuePositiveInt": 1}]}
        ],
        "sequence": 1,
        "category": _coding("phb-line-category", "personal-assistant-wages", "Personal assistant wages"),
        "productOrService": {"text": "%(service)s"},
        "modifier": [_coding("phb-management-option", "direct-payment", "Direct payment")],
        "servicedPeriod": {"start": "%(paid)s", "end": "%(paid)s"},
        "quantity": {"value": 20, "unit": "hour"},
        "unitPrice": _money("rate_1"),
        "net": _money("instalment"),
    }
    kind = _coding("phb-payment-kind", "instalment", "Instalment")
    terms = [
        {"url": "instalment", "valuePositiveInt": "=%(instalment_no)s"},
        {"url": "due", "valueDate": "%(paid)s"},
        {"url": "paid", "valueDate": "%(paid)s"},
    ]
    relation = _coding("phb-claim-relation", "pays-against")
    return text_of(
        {
            **_claim(id_, ("phb-payment", "Payment"), "claim", kind, "%(paid)s"),
            "text": _narrative(f"Instalment %(instalment_no)s for %(service)s, paid on %(paid)s. Reference {MARK}."),
            "extension": [
                {"url": extension_url("phb-payment-status"), "valueCode": "paid"},
                {"url": extension_url("phb-payment-terms"), "extension": terms},
            ],
            "identifier": [_identifier("phb-payment", "PAY-%(number)s-%(instalment_no)s")],
            "related": [{"relationship": relation, "claim": _reference("Claim/%(budget)s")}],
            "payee": {"type": _hl7("payeetype", "subscriber"), "party": SUBJECT},
            "insurance": _insurance(),
            "item": [line],
            "total": _money("instalment"),
        }
    )


PAYMENT: Final = payment_template("payment")


def _agreement(statement: str, by: Tree) -> Tree:
    parts = [
        {"url": "statement", "valueCode": statement},
        {"url": "agreed", "valueBoolean": True},
        {"url": "on", "valueDate": "%(created)s"},
        {"url": "by", "valueReference": by},
    ]
    return {"url": extension_url("phb-agreement"), "extension": parts}


def _action(words: str, status: str, goal: str) -> Tree:
    detail = {
        "goal": [_reference(f"Goal/%({goal})s")],
        "status": status,
        "scheduledPeriod": _year(),
        "performer": [SUBJECT],
        "description": words,
    }
    return {"detail": detail}


PLAN: Final = text_of(
    {
        "resourceType": "CarePlan",
        "id": "%(plan)s",
        "text": _narrative(
            "The personalised care and support plan of %(given)s %(family)s, written with the care coordinator.",
            "What matters to me: %(wish_1)s. %(wish_2)s. Those who help me should know me, and come when they say.",
            "What is hard: %(need)s. It is worse in winter and after a bad night, and I may need more time then.",
            "What we agreed: %(service)s, five hours a week, by someone I choose; insurance and payroll are paid for.",
            f"What happens if it goes wrong: the coordinator is called first, then the council's duty desk. ({MARK})",
        ),
        "extension": [
            {"url": extension_url("phb-plan-status"), "valueCode": "active"},
            _agreement("icb-needs-can-be-met", COORDINATOR),
            _agreement("person-money-is-enough", SUBJECT),
        ],
        "identifier": [_identifier("phb-plan", "PLAN-%(number)s-1"), _identifier("phb-case", "CASE-%(number)s")],
        "status": "%(plan_status)s",
        "intent": "plan",
        "category": [_coding("phb-plan-kind", "personalised-care-and-support-plan")],
        "title": "My plan for %(start)s to %(end)s",
        "description": "%(wish_1)s, and going out again",
        "subject": SUBJECT,
        "period": _year(),
        "created": "%(created)s",
        "author": SUBJECT,
        "contributor": [COORDINATOR],
        "addresses": [_reference("Condition/%(condition)s")],
        "supportingInfo": [_reference("Claim/%(budget)s")],
        "goal": [_reference("Goal/%(goal_1)s"), _reference("Goal/%(goal_2)s")],
        "activity": [
            _action("Find and employ a personal assistant", "in-progress", "goal_1"),
            _action("Go to the pool with the assistant twice a week", "not-started", "goal_1"),
            _action("Keep a diary of good and bad days for the review", "scheduled", "goal_2"),
        ],
    }
)

TASK: Final = text_of(
    {
        "resourceType": "Task",
        "id": "%(task)s",
        "identifier": [_identifier("phb-task", "TSK-%(number)s")],
        "basedOn": [_reference("CarePlan/%(plan)s")],
        "status": "requested",
        "intent": "plan",
        "code": _coding("phb-review-kind", "initial-three-month", "Initial three month"),
        "businessStatus": _coding("phb-review-status", "scheduled", "Scheduled"),
        "focus": _reference("CarePlan/%(plan)s"),
        "for": SUBJECT,
        "authoredOn": "%(created)s",
        "owner": COORDINATOR,
        "restriction": {"period": {"start": "%(start)s", "end": "%(end)s"}},
        "input": [{"type": _coding("phb-review-component", "plan-review", "Plan review"), "valueBoolean": True}],
    }
)

# in an order in which each refers only to those before it
PERSON: Final = (
    PATIENT, CONDITION, GOAL_1, GOAL_2, COVERAGE_NHS, COVERAGE_COUNCIL, EPISODE, BUDGET, PLAN, PAYMENT, TASK,
)  # fmt: skip
NHS_IDENTIFIER: Final = f'{{"system":"{NHS_NUMBER}","value":"%s"}}'
