"""Condition: a need, in the person's words where possible; a diagnosis is not asked for (R10).

Source: FHIR R4 condition.html; UK Core Condition; domain.md 2.2 (Need), 8.3, 8.5.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.lens.lens import code, code_in, coded, day, extension, flag, has, identifier, reference, text
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.terminology import NEED_DOMAIN, NEED_MET_BY, NEED_TYPE

NEED_NUMBER: Final = namespaces.identifier_system("phb-need")
CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CLINICAL_STATUS: Final = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
VERIFICATION_STATUS: Final = (
    "unconfirmed",
    "provisional",
    "differential",
    "confirmed",
    "refuted",
    "entered-in-error",
)
HEALTH_CONCERN: Final = {
    "coding": [{"system": "http://hl7.org/fhir/us/core/CodeSystem/condition-category", "code": "health-concern"}]
}
RECORDERS: Final = ("Patient", "Practitioner", "PractitionerRole", "RelatedPerson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One need. since, until: the days it was there, where days are known (domain.md 2.2)."""

    person_id: str
    number: str | None
    need_type: str
    domain: str | None
    health_concern: bool
    met_by: str | None
    delegated_healthcare_task: bool | None
    description: str | None
    clinical_status: str | None
    verification_status: str | None
    since: date | None
    until: date | None
    recorded_on: date | None
    recorded_by: str | None
    told_by: str | None


MAPPING: Final = mapping(
    "Condition",
    Need,
    "need",
    {
        "extension": (
            extension("phb-need-type", {"valueCode": code("need_type", NEED_TYPE)}, marks=True),
            extension("phb-need-met-by", {"valueCode": code("met_by", NEED_MET_BY)}),
            extension("phb-delegated-healthcare-task", {"valueBoolean": flag("delegated_healthcare_task")}),
        ),
        "identifier": identifier("number", NEED_NUMBER),
        "clinicalStatus": code_in("clinical_status", CLINICAL, CLINICAL_STATUS),
        "verificationStatus": code_in("verification_status", VERIFICATION, VERIFICATION_STATUS),
        "category": (has("health_concern", HEALTH_CONCERN), coded("domain", NEED_DOMAIN)),
        "code": {"text": text("description")},
        "subject": reference("person_id", to="Patient"),
        "onsetDateTime": day("since"),
        "abatementDateTime": day("until"),
        "recordedDate": day("recorded_on"),
        "recorder": reference("recorded_by", to=RECORDERS),
        "asserter": reference("told_by", to=RECORDERS),
    },
)

TYPE: Final = ResourceType(
    "Condition",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Group", "Patient")),
        token_param("identifier"),
        token_param("category"),
        token_param("clinical-status", "clinicalStatus"),
        token_param("verification-status", "verificationStatus"),
        token_param("severity"),
        token_param("code"),
        date_param("recorded-date", "recordedDate"),
        date_param("onset-date", "onsetDateTime", "onsetPeriod"),
        date_param("abatement-date", "abatementDateTime", "abatementPeriod"),
        reference_param("asserter", to=RECORDERS),
        reference_param("encounter", to="Encounter"),
    ),
    compartment="patient",
    profile=namespaces.uk_core("Condition"),
)
