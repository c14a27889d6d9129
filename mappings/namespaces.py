"""The canonical addresses and identifier systems the project uses.

Source: UK Core (identifier systems); project namespace by design, see docs/adr.
"""

from typing import Final

NS: Final = "https://phb-gateway.example/fhir"
NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE: Final = "https://fhir.nhs.uk/Id/ods-organization-code"


def code_system(name: str) -> str:
    """Canonical URL of one of the project's code systems, such as `phb-case-state`."""
    return f"{NS}/CodeSystem/{name}"


def value_set(name: str) -> str:
    """Canonical URL of the value set holding every code of `code_system(name)`."""
    return f"{NS}/ValueSet/{name}"


def extension_url(name: str) -> str:
    """Canonical URL of one of the project's extensions, such as `phb-line-terms`."""
    return f"{NS}/StructureDefinition/{name}"


def identifier_system(name: str) -> str:
    """Identifier system of the project's own business numbers, such as `phb-budget`."""
    return f"{NS}/Id/{name}"


def uk_core(resource_type: str) -> str:
    """Canonical URL of the UK Core profile of a type. Not every type has one: see docs/mapping."""
    return f"https://fhir.hl7.org.uk/StructureDefinition/UKCore-{resource_type}"
