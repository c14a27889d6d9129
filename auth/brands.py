"""Whose gateway this is, as a bundle that apps show where people choose what to connect to.

Source: SMART App Launch 2.2, brands (user-access brands).
"""

from typing import Any, Final

from auth.config import AuthConfig

PATH: Final = "/.well-known/brands.json"
PUBLISHED: Final = "2026-11-22T00:00:00Z"
URI_SYSTEM: Final = "urn:ietf:rfc:3986"
FHIR_VERSION: Final = "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version"
CONNECTION: Final = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
PAYLOAD: Final = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type"


def identifier(config: AuthConfig) -> dict[str, str]:
    """What this brand is called by programs."""
    return {"system": URI_SYSTEM, "value": config.brand.identifier or config.issuer}


def bundle(config: AuthConfig) -> dict[str, Any]:
    """The brand and its one endpoint."""
    under = config.issuer + PATH
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": PUBLISHED,
        "entry": [
            {"fullUrl": f"{under}#Organization/brand", "resource": _organization(config)},
            {"fullUrl": f"{under}#Endpoint/fhir", "resource": _endpoint(config)},
        ],
    }


def _organization(config: AuthConfig) -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "id": "brand",
        "identifier": [identifier(config)],
        "active": True,
        "name": config.brand.name,
        "telecom": [{"system": "url", "value": config.brand.website or config.issuer}],
        "endpoint": [{"reference": "Endpoint/fhir", "display": config.brand.name}],
    }


def _endpoint(config: AuthConfig) -> dict[str, Any]:
    return {
        "resourceType": "Endpoint",
        "id": "fhir",
        "extension": [{"url": FHIR_VERSION, "valueCode": "4.0.1"}],
        "status": "active",
        "connectionType": {"system": CONNECTION, "code": "hl7-fhir-rest"},
        "name": config.brand.name,
        "contact": [{"system": "url", "value": config.brand.website or config.issuer}],
        "payloadType": [{"coding": [{"system": PAYLOAD, "code": "none"}]}],
        "address": config.fhir_base,
    }
