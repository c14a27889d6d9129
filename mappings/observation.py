"""Observation: capacity, needs assessment, bar on direct payments, comparator and experience, told apart by `code`.

Source: FHIR R4 observation.html and its search parameters; UK Core Observation.
"""

from typing import Final

from mappings import namespaces, targets
from mappings.assessment import BAR, CAPACITY, NEEDS
from mappings.experience import COMPARATOR, EXPERIENCE
from mappings.lens.mapping import ResourceType
from mappings.lens.search import date_param, reference_param, string_param, token_param
from mappings.observation_parts import PERFORMERS

SOURCES: Final = (
    *("DocumentReference", "ImagingStudy", "Media", "MolecularSequence"),
    *("Observation", "QuestionnaireResponse"),
)
MEMBERS: Final = ("MolecularSequence", "Observation", "QuestionnaireResponse")

TYPE: Final = ResourceType(
    "Observation",
    (CAPACITY, BAR, NEEDS, COMPARATOR, EXPERIENCE),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Device", "Group", "Location", "Patient")),
        token_param("identifier"),
        token_param("status"),
        token_param("category"),
        token_param("code"),
        token_param("component-code", "component.code"),
        token_param("combo-code", "code", "component.code"),
        token_param("value-concept", "valueCodeableConcept"),
        string_param("value-string", "valueString"),
        date_param("date", "effectiveDateTime", "effectivePeriod", "effectiveInstant"),
        reference_param("performer", to=PERFORMERS),
        reference_param("focus", to=targets.ANY),
        reference_param("encounter", to="Encounter"),
        token_param("method"),
        token_param("data-absent-reason", "dataAbsentReason"),
        reference_param("based-on", "basedOn", to="CarePlan"),
        reference_param("derived-from", "derivedFrom", to=SOURCES),
        reference_param("has-member", "hasMember", to=MEMBERS),
    ),
    compartment="patient",
    profile=namespaces.uk_core("Observation"),
)
