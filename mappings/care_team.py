"""CareTeam: who works together around the person, and for which funder.

Source: FHIR R4 careteam.html; UK Core CareTeam; domain.md 2.1 (CareCoordinator), 8.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.contact import Telecom, telecoms
from mappings.lens.lens import (
    all_coded,
    code,
    each,
    extension,
    flag,
    identifier,
    parts,
    pence,
    period,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.terminology import PARTY_ROLE

TEAM_NUMBER: Final = namespaces.identifier_system("phb-care-team")
STATUS: Final = ("proposed", "active", "suspended", "inactive", "entered-in-error")
MEMBERS: Final = ("CareTeam", "Organization", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A member of the team. on_behalf_of: the funder a coordinator acts for; one participant for each."""

    roles: tuple[str, ...]
    member: str | None
    on_behalf_of: str | None
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The people and bodies around one person. start, end: days, both inclusive.

    panel_limit_pence: of a panel, the sum it may approve. panel_virtual: whether it decides without meeting.
    """

    person_id: str | None
    number: str | None
    status: str | None
    name: str | None
    start: date | None
    end: date | None
    participants: tuple[Participant, ...]
    organisations: tuple[str, ...]
    telecoms: tuple[Telecom, ...]
    panel_limit_pence: int | None
    panel_virtual: bool | None


MAPPING: Final = mapping(
    "CareTeam",
    Team,
    "care-team",
    {
        "extension": extension(
            "phb-decision-panel",
            parts(
                limit={"valueMoney": pence("panel_limit_pence")},
                virtual={"valueBoolean": flag("panel_virtual")},
            ),
        ),
        "identifier": identifier("number", TEAM_NUMBER),
        "status": code("status", STATUS),
        "name": text("name"),
        "subject": reference("person_id", to="Patient"),
        "period": period("start", "end"),
        "participant": rows(
            "participants",
            Participant,
            {
                "role": all_coded("roles", PARTY_ROLE),
                "member": reference("member", to=MEMBERS),
                "onBehalfOf": reference("on_behalf_of", to="Organization"),
                "period": period("start", "end"),
            },
        ),
        "managingOrganization": each("organisations", reference(to="Organization")),
        "telecom": telecoms(),
    },
)

TYPE: Final = ResourceType(
    "CareTeam",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=("Group", "Patient")),
        token_param("identifier"),
        token_param("status"),
        token_param("category"),
        date_param("date", "period"),
        reference_param("participant", "participant.member", to=MEMBERS),
        reference_param("encounter", to="Encounter"),
    ),
    compartment="patient",
    profile=namespaces.uk_core("CareTeam"),
)
