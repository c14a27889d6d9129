"""Organization: a body that funds, decides, holds money or delivers support.

Source: FHIR R4 organization.html; UK Core Organization; domain.md 2.1 (Organisation), 8.3.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import namespaces
from mappings.contact import Address, Telecom, addresses, telecoms
from mappings.lens.lens import all_coded, code, coded, day, each, extension, flag, identifier, parts, reference, text
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import reference_param, string_param, token_param
from mappings.terminology import CQC_STATUS, FUNDER_KIND, ORGANISATION_ROLE, PROVIDER_KIND

ODS_SITE: Final = "https://fhir.nhs.uk/Id/ods-site-code"
CQC_ID: Final = namespaces.identifier_system("cqc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A body. funder_kind: only of a funder. provider_kind: only of a provider (domain.md 2.1).

    conflict_of_interest: how it is handled. last_audited_on, next_audit_due: of a third-party holder.
    """

    active: bool | None
    ods_code: str | None
    ods_site_code: str | None
    cqc_id: str | None
    name: str | None
    aliases: tuple[str, ...]
    roles: tuple[str, ...]
    funder_kind: str | None
    provider_kind: str | None
    cqc_status: str | None
    telecoms: tuple[Telecom, ...]
    addresses: tuple[Address, ...]
    part_of: str | None
    conflict_of_interest: str | None
    last_audited_on: date | None
    next_audit_due: date | None


MAPPING: Final = mapping(
    "Organization",
    Organisation,
    "organisation",
    {
        "extension": (
            extension("phb-cqc-status", {"valueCode": code("cqc_status", CQC_STATUS)}),
            extension("phb-conflict-of-interest", {"valueString": text("conflict_of_interest")}),
            extension(
                "phb-third-party-audit",
                parts(last={"valueDate": day("last_audited_on")}, next={"valueDate": day("next_audit_due")}),
            ),
        ),
        "identifier": (
            identifier("ods_code", namespaces.ODS_CODE),
            identifier("ods_site_code", ODS_SITE),
            identifier("cqc_id", CQC_ID),
        ),
        "active": flag("active"),
        "type": (
            all_coded("roles", ORGANISATION_ROLE),
            coded("funder_kind", FUNDER_KIND),
            coded("provider_kind", PROVIDER_KIND),
        ),
        "name": text("name"),
        "alias": each("aliases", text("")),
        "telecom": telecoms(),
        "address": addresses(),
        "partOf": reference("part_of", to="Organization"),
    },
)

TYPE: Final = ResourceType(
    "Organization",
    (MAPPING,),
    search=(
        token_param("identifier"),
        string_param("name", "name", "alias"),
        token_param("active"),
        token_param("type"),
        string_param("address"),
        string_param("address-city", "address.city"),
        string_param("address-postalcode", "address.postalCode"),
        reference_param("partof", "partOf", to="Organization"),
    ),
    profile=namespaces.uk_core("Organization"),
)
