"""The CapabilityStatement, made from the registry: what is listed works, what works is listed.

Source: FHIR R4 capabilitystatement.html; SMART App Launch 2.2 conformance.
"""

from functools import lru_cache
from typing import Any, Final

from fhir_gateway import __version__
from fhir_gateway.http import knowledge
from fhir_gateway.interactions import audit_events, audit_parameters, operations
from fhir_gateway.interactions.context import Reply
from fhir_gateway.interactions.operations import definitions
from fhir_gateway.settings import Settings
from mappings.lens import document
from mappings.lens.mapping import ResourceType
from mappings.lens.search import COMMON, SearchParam
from mappings.registry import TYPES

STATED: Final = "2026-11-22"
INTERACTIONS: Final = (
    "read",
    "vread",
    "update",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)
OAUTH_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
OAUTH_ENDPOINTS: Final = ("token", "authorize", "introspect", "revoke")
SECURITY_SERVICE: Final = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
            "code": "SMART-on-FHIR",
            "display": "SMART-on-FHIR",
        }
    ],
    "text": "OAuth 2 with SMART scopes",
}


AUDIT_EVENT: Final = {
    "type": audit_events.TYPE,
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "searchParam": [
        {"name": name, "type": audit_parameters.KINDS.get(name, "token")}
        for name in audit_parameters.PARAMETERS
        if name[0] != "_"
    ],
}


def reply(settings: Settings) -> Reply:
    """GET [base]/metadata: open to all."""
    return Reply(
        status=200, body=_encoded(settings.fhir_base, settings.base_url), headers={"access-control-allow-origin": "*"}
    )


@lru_cache(maxsize=4)
def _encoded(fhir_base: str, base_url: str) -> bytes:
    return document.encode(capability_statement(fhir_base, base_url))


def capability_statement(fhir_base: str, base_url: str) -> dict[str, Any]:
    """The CapabilityStatement of a gateway at these addresses."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": STATED,
        "publisher": "PHB gateway",
        "kind": "instance",
        "software": {"name": "PHB gateway", "version": __version__},
        "implementation": {"description": "The shared record of personal health budgets", "url": fhir_base},
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "rest": [_rest(base_url)],
    }


def _rest(base_url: str) -> dict[str, Any]:
    uris = [{"url": name, "valueUri": f"{base_url}/oauth2/{name}"} for name in OAUTH_ENDPOINTS]
    return {
        "mode": "server",
        "security": {
            "extension": [{"url": OAUTH_URIS, "extension": uris}],
            "cors": True,
            "service": [SECURITY_SERVICE],
        },
        "resource": [_resource(one) for one in TYPES.values()]
        + [_read_only(name) for name in knowledge.TYPES]
        + [AUDIT_EVENT],
        "interaction": [{"code": code} for code in ("transaction", "batch", "history-system")],
        "searchParam": [_param(one) for one in COMMON],
    }


def _resource(resource: ResourceType) -> dict[str, Any]:
    stated: dict[str, Any] = {"type": resource.name}
    if resource.profile:
        stated["supportedProfile"] = [resource.profile]
    includes = [f"{resource.name}:{one.name}" for one in resource.search if one.kind == "reference"]
    stated |= {
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update" if resource.money else "versioned",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical", "enforced"],
        "searchInclude": includes,
        "searchRevInclude": _revincludes(resource.name),
        "searchParam": [_param(one) for one in resource.search],
        "operation": _operations(resource.name),
    }
    return {name: value for name, value in stated.items() if value != []}


def _revincludes(name: str) -> list[str]:
    return [
        f"{other.name}:{one.name}"
        for other in TYPES.values()
        for one in other.search
        if one.kind == "reference" and name in one.targets
    ]


def _param(param: SearchParam) -> dict[str, str]:
    return {"name": param.name, "type": param.kind}


def _read_only(name: str) -> dict[str, Any]:
    stated = {
        "type": name,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [
            {"name": one, "type": "uri" if one == "url" else "token"} for one in knowledge.PARAMETERS if one[0] != "_"
        ],
        "operation": _operations(name),
    }
    return {key: value for key, value in stated.items() if value != []}


def _operations(name: str) -> list[dict[str, str]]:
    return [{"name": one.code, "definition": definitions.canonical(one)} for one in operations.of_type(name)]
