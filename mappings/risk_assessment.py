"""RiskAssessment: a risk in the plan, what keeps it small, and what is left of it.

Source: FHIR R4 riskassessment.html; S003 criterion 4, S004, DPR13 reg 8.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.lens.entries import kind
from mappings.lens.lens import code, concept, day, extension, first, flag, identifier, part, reference, text
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.namespaces import identifier_system
from mappings.terminology import RECORD_KIND, RISK_LEVEL, RISK_RESIDUAL

STATUS: Final = (
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
)
PERFORMERS: Final = ("Practitioner", "PractitionerRole", "Device")


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A risk. residual: what is left after mitigation; contingency: what happens if it occurs.

    significant: calls for a risk procedure in the agreement (DPR13 reg 8).
    """

    risk_id: str | None
    person_id: str
    status: str
    assessed_on: date | None
    owner: str | None
    need_id: str | None
    description: str | None
    likelihood: str | None
    impact: str | None
    residual: str | None
    mitigation: str | None
    contingency: str | None
    agreed_with_person: bool | None
    significant: bool | None


MAPPING: Final = mapping(
    "RiskAssessment",
    Risk,
    "risk",
    {
        "identifier": identifier("risk_id", identifier_system("phb-risk")),
        "extension": extension(
            "phb-risk-terms",
            {
                "extension": (
                    part("impact", {"valueCode": code("impact", RISK_LEVEL)}),
                    part("residual", {"valueCode": code("residual", RISK_RESIDUAL)}),
                    part("agreed-with-person", {"valueBoolean": flag("agreed_with_person")}),
                    part("significant", {"valueBoolean": flag("significant")}),
                )
            },
        ),
        "status": code("status", STATUS),
        "code": kind(RECORD_KIND, "risk"),
        "subject": reference("person_id", to="Patient"),
        "occurrenceDateTime": day("assessed_on"),
        "condition": reference("need_id", to="Condition"),
        "performer": reference("owner", to=PERFORMERS),
        "prediction": first(
            {"outcome": {"text": text("description")}, "qualitativeRisk": concept("likelihood", RISK_LEVEL)}
        ),
        "mitigation": text("mitigation"),
        "note": first({"text": text("contingency")}),
    },
)

TYPE: Final = ResourceType(
    "RiskAssessment",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Patient", "Group")),
        date_param("date", "occurrenceDateTime", "occurrencePeriod"),
        reference_param("condition", to="Condition"),
        token_param("identifier"),
        token_param("method"),
        token_param("risk", "prediction.qualitativeRisk"),
        reference_param("performer", to=PERFORMERS),
        reference_param("encounter", to="Encounter"),
    ),
    compartment="patient",
)
