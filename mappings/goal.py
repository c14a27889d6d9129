"""Goal: an outcome the person wants to achieve, in their words.

Source: FHIR R4 goal.html (UK Core has no profile); domain.md 2.4 (Outcome), 8.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.lens.lens import code, coded, concept, day, each, identifier, reference, rows, text
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.terminology import GOAL_ACHIEVEMENT, OUTCOME_KIND

OUTCOME_NUMBER: Final = namespaces.identifier_system("phb-outcome")
LIFECYCLE: Final = (
    *("proposed", "planned", "accepted", "active", "on-hold"),
    *("completed", "cancelled", "entered-in-error", "rejected"),
)
SPEAKERS: Final = ("Patient", "Practitioner", "PractitionerRole", "RelatedPerson")
ADDRESSED: Final = (
    *("Condition", "MedicationStatement", "NutritionOrder", "Observation", "RiskAssessment", "ServiceRequest"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTarget:
    """What is looked at, what it should be in words, and by when."""

    measure: str | None
    target: str | None
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One outcome. achievement changes only by a review (domain.md 2.4)."""

    person_id: str
    number: str | None
    kind: str
    statement: str | None
    lifecycle: str
    achievement: str | None
    achievement_on: date | None
    reason: str | None
    start: date | None
    targets: tuple[OutcomeTarget, ...]
    expressed_by: str | None
    needs: tuple[str, ...]
    evidence_ids: tuple[str, ...]


MAPPING: Final = mapping(
    "Goal",
    Outcome,
    "outcome",
    {
        "identifier": identifier("number", OUTCOME_NUMBER),
        "lifecycleStatus": code("lifecycle", LIFECYCLE),
        "achievementStatus": concept("achievement", GOAL_ACHIEVEMENT),
        "category": coded("kind", OUTCOME_KIND, marks=True),
        "description": {"text": text("statement")},
        "subject": reference("person_id", to="Patient"),
        "startDate": day("start"),
        "target": rows(
            "targets",
            OutcomeTarget,
            {"measure": {"text": text("measure")}, "detailString": text("target"), "dueDate": day("due")},
        ),
        "statusDate": day("achievement_on"),
        "statusReason": text("reason"),
        "expressedBy": reference("expressed_by", to=SPEAKERS),
        "addresses": each("needs", reference(to=ADDRESSED)),
        "outcomeReference": each("evidence_ids", reference(to="Observation")),
    },
)

TYPE: Final = ResourceType(
    "Goal",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Group", "Organization", "Patient")),
        token_param("identifier"),
        token_param("lifecycle-status", "lifecycleStatus"),
        token_param("achievement-status", "achievementStatus"),
        token_param("category"),
        date_param("start-date", "startDate"),
        date_param("target-date", "target.dueDate"),
    ),
    compartment="patient",
)
