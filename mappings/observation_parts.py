"""What every kind of Observation has in common: its number, its state, its code, whose it is.

Source: FHIR R4 observation.html.
"""

from dataclasses import dataclass
from typing import Final

from mappings.lens.base import Lens
from mappings.lens.lens import ShapeSpec, code, identifier, reference
from mappings.namespaces import identifier_system

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
PERFORMERS: Final = ("CareTeam", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationRecord:
    """What every Observation says. observation_status: FHIR's own word for how far it is."""

    number: str | None
    person_id: str
    observation_status: str


def opening(kind_of_observation: Lens) -> ShapeSpec:
    """The elements of `ObservationRecord`; `kind_of_observation` is the lens on the code that tells the kind."""
    return {
        "identifier": identifier("number", identifier_system("phb-observation")),
        "status": code("observation_status", STATUS),
        "code": kind_of_observation,
        "subject": reference("person_id", to="Patient"),
    }
