"""The resources of one invented person as text to fill in: realistic in shape and size, quick to make many of.

Each template is compact JSON with `%(name)s` where a value goes; together they keep every rule of a live case.
Source: docs/mapping; FHIR R4 resource pages.
"""

from typing import Final

from bench.agreements import AGREEMENT, CONSENT
from bench.money import (
    ACCOUNT,
    BUDGET,
    COVERAGE_COUNCIL,
    COVERAGE_NHS,
    DECISION_COUNCIL,
    DECISION_NHS,
    INDICATIVE,
    PAYMENT,
)
from bench.plan import PLAN, TASK, WORDS
from bench.shapes import (
    COORDINATOR,
    ICB,
    ICB_DECIDER,
    MARK,
    SUBJECT,
    Tree,
    coding,
    extension,
    hl7,
    identifier,
    narrative,
    reference,
    text_of,
)
from mappings.namespaces import NHS_NUMBER, ODS_CODE, extension_url, identifier_system

ORGANIZATION: Final = text_of(
    {
        "resourceType": "Organization",
        "id": "%(id)s",
        "identifier": [{"system": ODS_CODE, "value": "%(ods)s"}],
        "active": True,
        "type": [
            coding("phb-organisation-role", "responsible-body", "Responsible body"),
            coding("phb-organisation-role", "funder", "Funder"),
            coding("phb-funder-kind", "%(funder_kind)s", "%(funder_kind_name)s"),
        ],
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
        "identifier": [identifier("social-work-england", "SW9%(digits)s")],
        "active": True,
        "name": [{"family": "%(family)s", "given": ["%(given)s"], "prefix": ["Ms"]}],
        "telecom": [{"system": "email", "value": "coordinator.%(digits)s@council.example"}],
    }
)

PATIENT: Final = text_of(
    {
        "resourceType": "Patient",
        "id": "%(patient)s",
        "text": narrative(
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
        "managingOrganization": reference("Organization/%(icb)s"),
    }
)

DECIDER: Final = text_of(
    {
        "resourceType": "PractitionerRole",
        "id": "decider-%(id)s",
        "extension": [
            extension(
                "phb-decision-authority",
                extension=[
                    {"url": "limit", "valueMoney": {"value": 25000, "currency": "GBP"}},
                    {"url": "subject", "valueCode": "plan"},
                    {"url": "subject", "valueCode": "agreed-budget"},
                    {"url": "subject", "valueCode": "direct-payment"},
                ],
            )
        ],
        "active": True,
        "practitioner": reference("Practitioner/%(practitioner)s"),
        "organization": reference("Organization/%(id)s"),
        "code": [coding("phb-party-role", "decision-maker"), coding("phb-decision-level", "phb-group")],
        "telecom": [{"system": "phone", "value": "01632 960%(digits)s", "use": "work"}],
    }
)

TEAM: Final = text_of(
    {
        "resourceType": "CareTeam",
        "id": "%(team)s",
        "identifier": [identifier("phb-care-team", "TEAM-%(number)s")],
        "status": "active",
        "name": "The people around me",
        "subject": SUBJECT,
        "period": {"start": "%(opened)s"},
        "participant": [
            {
                "role": [coding("phb-party-role", "care-coordinator", "Care coordinator")],
                "member": COORDINATOR,
                "onBehalfOf": reference(f"Organization/%({body})s"),
                "period": {"start": "%(opened)s"},
            }
            for body in ("icb", "council")
        ],
        "managingOrganization": [ICB],
    }
)


def _explained(option: str) -> Tree:
    parts = [
        {"url": "option", "valueCode": option},
        {"url": "on", "valueDate": "%(opened)s"},
        {"url": "by", "valueReference": COORDINATOR},
        {"url": "format", "valueCode": "plain-text"},
    ]
    return extension("phb-options-explained", extension=parts)


def _episode(state: str, status: str, history: list[Tree]) -> Tree:
    return {
        "resourceType": "EpisodeOfCare",
        "id": "%(episode)s",
        "extension": [
            extension("phb-case-state", valueCode=state),
            *(_explained(one) for one in ("notional", "third-party", "direct-payment")),
            extension("phb-support-offer", valueCode="information-and-advice"),
            extension("phb-support-offer", valueCode="direct-payment-support"),
        ],
        "identifier": [identifier("phb-case", "CASE-%(number)s")],
        "status": status,
        "statusHistory": history,
        "type": [
            coding("phb-eligibility-group", "long-term-conditions", "Long term conditions"),
            coding("phb-budget-kind", "ongoing", "Ongoing"),
        ],
        "patient": SUBJECT,
        "managingOrganization": ICB,
        "period": {"start": "%(opened)s"},
        "careManager": COORDINATOR,
        "team": [reference("CareTeam/%(team)s")],
    }


EPISODE: Final = text_of(
    _episode(
        "active",
        "active",
        [
            {"status": "planned", "period": {"start": "%(opened)s", "end": "%(created)s"}},
            {"status": "active", "period": {"start": "%(start)s"}},
        ],
    )
)

CONDITION: Final = text_of(
    {
        "resourceType": "Condition",
        "id": "%(condition)s",
        "extension": [
            {"url": extension_url("phb-need-type"), "valueCode": "%(need_type)s"},
            {"url": extension_url("phb-need-met-by"), "valueCode": "phb"},
        ],
        "identifier": [identifier("phb-need", "NEED-%(number)s")],
        "clinicalStatus": hl7("condition-clinical", "active"),
        "verificationStatus": hl7("condition-ver-status", "confirmed"),
        "category": [coding("phb-need-domain", "%(domain)s", "%(domain_name)s")],
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
        "text": narrative(f"{words}. We look at this together in each review, and the person says how it is going."),
        "identifier": [identifier("phb-outcome", f"OUT-%(number)s-{id_}")],
        "lifecycleStatus": "active",
        "achievementStatus": hl7("goal-achievement", "improving"),
        "category": [coding("phb-outcome-kind", kind, display)],
        "description": {"text": words},
        "subject": SUBJECT,
        "startDate": "%(start)s",
        "target": [{"measure": {"text": measure}, "detailString": "Three", "dueDate": "%(end)s"}],
        "statusDate": "%(created)s",
        "statusReason": f"Looked at together in the review after three months ({MARK})",
        "expressedBy": SUBJECT,
        "addresses": [reference("Condition/%(condition)s")],
    }


GOAL_1: Final = text_of(_goal("goal_1", "wellbeing", "Wellbeing", "%(wish_1)s", "Times a week"))
GOAL_2: Final = text_of(_goal("goal_2", "health", "Health", "%(wish_2)s", "Days without pain each week"))

ASSESSMENT: Final = text_of(
    {
        "resourceType": "Observation",
        "id": "%(assessment)s",
        "extension": [
            extension(
                "phb-assessment-approval",
                extension=[
                    {"url": "on", "valueDate": "%(opened)s"},
                    {"url": "by", "valueReference": ICB_DECIDER},
                ],
            )
        ],
        "identifier": [identifier("phb-observation", "OBS-%(number)s")],
        "status": "final",
        "code": coding("phb-assessment-kind", "care-act-needs-assessment", "Care act needs assessment"),
        "subject": SUBJECT,
        "focus": [reference("Condition/%(condition)s")],
        "effectiveDateTime": "%(opened)s",
        "performer": [COORDINATOR],
        "method": coding("phb-assessment-mode", "face-to-face", "Face to face"),
    }
)

# what is on record of somebody whose case has just been opened, then the rest; each refers only to those before it
FIRST: Final = (
    PATIENT, TEAM, EPISODE, CONDITION, ASSESSMENT, GOAL_1, GOAL_2, COVERAGE_NHS, COVERAGE_COUNCIL, INDICATIVE,
)  # fmt: skip
PERSON: Final = (
    *FIRST,
    CONSENT,
    AGREEMENT,
    WORDS,
    PLAN,
    ACCOUNT,
    BUDGET,
    DECISION_NHS,
    DECISION_COUNCIL,
    PAYMENT,
    TASK,
)
NHS_IDENTIFIER: Final = f'{{"system":"{NHS_NUMBER}","value":"%s"}}'
