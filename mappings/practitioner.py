"""Practitioner: somebody who works with the person, a professional or a personal assistant.

Source: FHIR R4 practitioner.html; UK Core Practitioner (identifiers); domain.md 8.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.contact import GENDER, Address, Telecom, addresses, name_in_use, telecoms
from mappings.lens.lens import code, day, flag, identifier
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import string_param, token_param

SDS_USER: Final = "https://fhir.nhs.uk/Id/sds-user-id"
GMC: Final = "https://fhir.hl7.org.uk/Id/gmc-number"
NMC: Final = "https://fhir.hl7.org.uk/Id/nmc-number"
HCPC: Final = "https://fhir.hl7.org.uk/Id/hcpc-number"
SOCIAL_WORK_ENGLAND: Final = namespaces.identifier_system("social-work-england")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A professional or personal assistant; an assistant needs no registration."""

    active: bool | None
    sds_user_id: str | None
    gmc_number: str | None
    nmc_number: str | None
    hcpc_number: str | None
    social_work_england_number: str | None
    name: str | None
    family: str | None
    given: tuple[str, ...]
    prefix: tuple[str, ...]
    gender: str | None
    birth_date: date | None
    telecoms: tuple[Telecom, ...]
    addresses: tuple[Address, ...]


MAPPING: Final = mapping(
    "Practitioner",
    Worker,
    "worker",
    {
        "identifier": (
            identifier("sds_user_id", SDS_USER),
            identifier("gmc_number", GMC),
            identifier("nmc_number", NMC),
            identifier("hcpc_number", HCPC),
            identifier("social_work_england_number", SOCIAL_WORK_ENGLAND),
        ),
        "active": flag("active"),
        "name": name_in_use(),
        "telecom": telecoms(),
        "address": addresses(),
        "gender": code("gender", GENDER),
        "birthDate": day("birth_date"),
    },
)

TYPE: Final = ResourceType(
    "Practitioner",
    (MAPPING,),
    search=(
        token_param("identifier"),
        string_param("name"),
        string_param("family", "name.family"),
        string_param("given", "name.given"),
        token_param("active"),
        token_param("gender"),
        string_param("address"),
        string_param("address-postalcode", "address.postalCode"),
        token_param("telecom"),
        token_param("communication"),
    ),
    profile=namespaces.uk_core("Practitioner"),
)
