"""PractitionerRole: what a worker does for which body; the care coordinator and the decision maker first of all.

Source: FHIR R4 practitionerrole.html; UK Core PractitionerRole; domain.md 2.1 (CareCoordinator, DecisionMaker), 8.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.contact import Telecom, telecoms
from mappings.lens.lens import (
    all_coded,
    code,
    coded,
    each,
    extension,
    flag,
    identifier,
    inside,
    part,
    pence,
    period,
    reference,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.terminology import DECISION_LEVEL, DECISION_SUBJECT, PARTY_ROLE

SDS_ROLE_PROFILE: Final = "https://fhir.nhs.uk/Id/sds-role-profile-id"


@dataclass(frozen=True, slots=True, kw_only=True)
class CareCoordinator:
    """A worker's role in a body. decision_level: up to which level a decision maker may decide (domain.md 2.1).

    decision_subjects: what they may decide about. limit_pence: up to which sum a budget year; None is no limit only
    where there are subjects.
    """

    active: bool | None
    sds_role_profile_id: str | None
    practitioner: str | None
    organisation: str | None
    roles: tuple[str, ...]
    decision_level: str | None
    limit_pence: int | None
    decision_subjects: tuple[str, ...]
    locations: tuple[str, ...]
    services: tuple[str, ...]
    telecoms: tuple[Telecom, ...]
    start: date | None
    end: date | None


SUBJECT: Final = inside("valueCode", code("", DECISION_SUBJECT), among={"url": "subject"})
AUTHORITY: Final = {
    "extension": (part("limit", {"valueMoney": pence("limit_pence")}), each("decision_subjects", SUBJECT))
}

MAPPING: Final = mapping(
    "PractitionerRole",
    CareCoordinator,
    "care-coordinator",
    {
        "extension": extension("phb-decision-authority", AUTHORITY),
        "identifier": identifier("sds_role_profile_id", SDS_ROLE_PROFILE),
        "active": flag("active"),
        "period": period("start", "end"),
        "practitioner": reference("practitioner", to="Practitioner"),
        "organization": reference("organisation", to="Organization"),
        "code": (all_coded("roles", PARTY_ROLE), coded("decision_level", DECISION_LEVEL)),
        "location": each("locations", reference(to="Location")),
        "healthcareService": each("services", reference(to="HealthcareService")),
        "telecom": telecoms(),
    },
)

TYPE: Final = ResourceType(
    "PractitionerRole",
    (MAPPING,),
    search=(
        token_param("identifier"),
        reference_param("practitioner", to="Practitioner"),
        reference_param("organization", to="Organization"),
        token_param("role", "code"),
        token_param("specialty"),
        token_param("active"),
        date_param("date", "period"),
        reference_param("location", to="Location"),
        reference_param("service", "healthcareService", to="HealthcareService"),
        token_param("telecom"),
    ),
    profile=namespaces.uk_core("PractitionerRole"),
)
