"""Encounter: a stay in hospital, which by itself changes no payment (R104).

Source: FHIR R4 encounter.html; UK Core Encounter; domain.md 2.5 (HospitalStay), 8.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.lens.lens import code, const, extension, flag, identifier, period, reference
from mappings.lens.mapping import Mapping, ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.namespaces import identifier_system

STATUS: Final = (
    *("planned", "arrived", "triaged", "in-progress", "onleave"),
    *("finished", "cancelled", "entered-in-error", "unknown"),
)
INPATIENT: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
STAFF: Final = ("Practitioner", "PractitionerRole", "RelatedPerson")
REASONS: Final = ("Condition", "ImmunizationRecommendation", "Observation", "Procedure")


@dataclass(frozen=True, slots=True, kw_only=True)
class HospitalStay:
    """A stay in hospital. admitted_on, discharged_on: both inclusive; no discharge while it lasts."""

    number: str | None
    person_id: str
    status: str
    admitted_on: date | None
    discharged_on: date | None
    expected_return: bool | None


MAPPING: Final[Mapping[HospitalStay]] = mapping(
    "Encounter",
    HospitalStay,
    "hospital-stay",
    {
        "extension": extension("phb-expected-return", {"valueBoolean": flag("expected_return")}),
        "identifier": identifier("number", identifier_system("phb-hospital-stay")),
        "status": code("status", STATUS),
        "class": const(INPATIENT, marks=True),
        "subject": reference("person_id", to="Patient"),
        "period": period("admitted_on", "discharged_on"),
    },
)

TYPE: Final = ResourceType(
    "Encounter",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Group", "Patient")),
        token_param("identifier"),
        token_param("status"),
        token_param("class"),
        token_param("type"),
        date_param("date", "period"),
        reference_param("episode-of-care", "episodeOfCare", to="EpisodeOfCare"),
        reference_param("service-provider", "serviceProvider", to="Organization"),
        reference_param("participant", "participant.individual", to=STAFF),
        reference_param("practitioner", "participant.individual", to="Practitioner"),
        token_param("participant-type", "participant.type"),
        reference_param("location", "location.location", to="Location"),
        token_param("reason-code", "reasonCode"),
        reference_param("reason-reference", "reasonReference", to=REASONS),
        reference_param("diagnosis", "diagnosis.condition", to=("Condition", "Procedure")),
        reference_param("account", to="Account"),
        reference_param("part-of", "partOf", to="Encounter"),
    ),
    compartment="patient",
    profile=namespaces.uk_core("Encounter"),
)
