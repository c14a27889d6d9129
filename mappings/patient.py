"""Patient: the person whose budget it is.

Source: FHIR R4 patient.html; UK Core Patient; domain.md 2.1 (Person), 8.3; rule R1.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.contact import GENDER, NICKNAME, Address, Telecom, addresses, name_in_use, telecoms
from mappings.lens.lens import (
    code,
    code_in,
    day,
    each,
    extension,
    first,
    flag,
    nhs_number,
    parts,
    period,
    pick,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, string_param, token_param
from mappings.terminology import ACCESSIBLE_FORMAT

SOCIAL_CARE_ID: Final = namespaces.identifier_system("social-care-person")
LANGUAGE_TAG: Final = "urn:ietf:bcp:47"


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialCareId:
    """The number a council knows the person by."""

    value: str
    authority: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicationNeed:
    """A language the person uses, as a BCP 47 tag or in words, and the form it is best offered in."""

    language: str | None
    words: str | None
    format: str | None
    preferred: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person: who they are, and how to reach and speak with them (domain.md 2.1).

    ehc_ fields: of the education, health and care plan, `ehc_start` and `ehc_end` both inclusive.
    """

    active: bool | None
    nhs_number: str | None
    social_care_ids: tuple[SocialCareId, ...]
    name: str | None
    family: str | None
    given: tuple[str, ...]
    prefix: tuple[str, ...]
    preferred_name: str | None
    gender: str | None
    birth_date: date | None
    deceased: bool | None
    death_date: date | None
    telecoms: tuple[Telecom, ...]
    addresses: tuple[Address, ...]
    communication_needs: tuple[CommunicationNeed, ...]
    general_practitioners: tuple[str, ...]
    managing_organisation: str | None
    receives_unpaid_care: bool | None
    ehc_authority: str | None
    ehc_reference: str | None
    ehc_start: date | None
    ehc_end: date | None


MAPPING: Final = mapping(
    "Patient",
    Person,
    "person",
    {
        "extension": (
            extension("phb-receives-unpaid-care", {"valueBoolean": flag("receives_unpaid_care")}),
            extension(
                "phb-ehc-plan",
                parts(
                    authority={"valueReference": reference("ehc_authority", to="Organization")},
                    reference={"valueString": text("ehc_reference")},
                    period={"valuePeriod": period("ehc_start", "ehc_end")},
                ),
            ),
        ),
        "identifier": (
            nhs_number("nhs_number"),
            rows(
                "social_care_ids",
                SocialCareId,
                {"value": text("value"), "assigner": reference("authority", to="Organization")},
                among={"system": SOCIAL_CARE_ID},
            ),
        ),
        "active": flag("active"),
        "name": (name_in_use(), pick(NICKNAME, {"given": first(text("preferred_name"))})),
        "telecom": telecoms(),
        "gender": code("gender", GENDER),
        "birthDate": day("birth_date"),
        "deceasedBoolean": flag("deceased"),
        "deceasedDateTime": day("death_date"),
        "address": addresses(),
        "communication": rows(
            "communication_needs",
            CommunicationNeed,
            {
                "extension": extension("phb-accessible-format", {"valueCode": code("format", ACCESSIBLE_FORMAT)}),
                "language": (code_in("language", LANGUAGE_TAG), {"text": text("words")}),
                "preferred": flag("preferred"),
            },
        ),
        "generalPractitioner": each(
            "general_practitioners", reference(to=("Organization", "Practitioner", "PractitionerRole"))
        ),
        "managingOrganization": reference("managing_organisation", to="Organization"),
    },
)

TYPE: Final = ResourceType(
    "Patient",
    (MAPPING,),
    search=(
        token_param("identifier"),
        token_param("active"),
        string_param("name"),
        string_param("family", "name.family"),
        string_param("given", "name.given"),
        token_param("gender"),
        date_param("birthdate", "birthDate"),
        date_param("death-date", "deceasedDateTime"),
        string_param("address"),
        string_param("address-city", "address.city"),
        string_param("address-postalcode", "address.postalCode"),
        token_param("telecom"),
        token_param("language", "communication.language"),
        reference_param(
            "general-practitioner", "generalPractitioner", to=("Organization", "Practitioner", "PractitionerRole")
        ),
        reference_param("organization", "managingOrganization", to="Organization"),
    ),
    profile=namespaces.uk_core("Patient"),
)
