"""RelatedPerson: anyone who acts around the person, such as a representative, a nominee or a carer.

Source: FHIR R4 relatedperson.html; UK Core RelatedPerson; domain.md 2.1 (Party), 8.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.contact import GENDER, Address, Telecom, addresses, name_in_use, telecoms
from mappings.lens.lens import (
    all_coded,
    code,
    coded,
    day,
    extension,
    flag,
    nhs_number,
    of_extension,
    part,
    parts,
    period,
    reference,
    rows,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, string_param, token_param
from mappings.terminology import FUNDING_STREAM, PARTY_ROLE, RELATIONSHIP


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalRole:
    """Whether the party is contract principal and employer under one funding stream."""

    stream: str | None
    principal: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody acting around the person. start, end: the days they do, both inclusive (domain.md 2.1).

    nominated_by to body_agreed_on: of a nominee or representative. authority_evidence: such as a registered power.
    """

    person_id: str
    active: bool | None
    nhs_number: str | None
    roles: tuple[str, ...]
    relationship: str | None
    name: str | None
    family: str | None
    given: tuple[str, ...]
    prefix: tuple[str, ...]
    gender: str | None
    birth_date: date | None
    telecoms: tuple[Telecom, ...]
    addresses: tuple[Address, ...]
    start: date | None
    end: date | None
    same_household: bool | None
    dbs_required: bool | None
    dbs_issued: date | None
    legal_roles: tuple[LegalRole, ...]
    nominated_by: str | None
    agreed_to_act_on: date | None
    body_agreed_on: date | None
    authority_evidence: str | None


NOMINATION: Final = {
    "extension": (
        part("nominated-by", {"valueReference": reference("nominated_by", to=("Patient", "RelatedPerson"))}),
        part("agreed-to-act", {"valueDate": day("agreed_to_act_on")}),
        part("body-agreed", {"valueDate": day("body_agreed_on")}),
        part("authority-evidence", {"valueReference": reference("authority_evidence", to="DocumentReference")}),
    )
}

MAPPING: Final = mapping(
    "RelatedPerson",
    Party,
    "party",
    {
        "extension": (
            extension("phb-same-household", {"valueBoolean": flag("same_household")}),
            extension(
                "phb-dbs-check",
                parts(required={"valueBoolean": flag("dbs_required")}, issued={"valueDate": day("dbs_issued")}),
            ),
            rows(
                "legal_roles",
                LegalRole,
                parts(
                    stream={"valueCode": code("stream", FUNDING_STREAM)},
                    principal={"valueBoolean": flag("principal")},
                ),
                among=of_extension("phb-legal-role"),
            ),
            extension("phb-nomination", NOMINATION),
        ),
        "identifier": nhs_number("nhs_number"),
        "active": flag("active"),
        "patient": reference("person_id", to="Patient"),
        "relationship": (all_coded("roles", PARTY_ROLE), coded("relationship", RELATIONSHIP)),
        "name": name_in_use(),
        "telecom": telecoms(),
        "gender": code("gender", GENDER),
        "birthDate": day("birth_date"),
        "address": addresses(),
        "period": period("start", "end"),
    },
)

TYPE: Final = ResourceType(
    "RelatedPerson",
    (MAPPING,),
    search=(
        reference_param("patient", to="Patient"),
        token_param("identifier"),
        string_param("name"),
        token_param("relationship"),
        token_param("active"),
        token_param("gender"),
        date_param("birthdate", "birthDate"),
        string_param("address"),
        string_param("address-postalcode", "address.postalCode"),
        token_param("telecom"),
    ),
    compartment="patient",
    profile=namespaces.uk_core("RelatedPerson"),
)
