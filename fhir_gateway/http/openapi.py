"""OpenAPI 3.1, made from the registry, slim: FHIR's recursive schemas are named, not spelled out.

Source: OpenAPI 3.1; the committed copy is openapi/openapi.json, checked for drift.
"""

from collections.abc import Iterable
from typing import Any, Final

from fhir_gateway import __version__
from fhir_gateway.http import knowledge, openapi_operations
from fhir_gateway.interactions import audit_events, audit_parameters
from fhir_gateway.interactions.history import PARAMETERS as HISTORY_PARAMETERS
from fhir_gateway.settings import FHIR_PATH
from mappings.definitions import mandatory_elements
from mappings.lens.mapping import ResourceType
from mappings.lens.search import COMMON, SearchParam
from mappings.registry import TYPES

FHIR_JSON: Final = "application/fhir+json"
ID: Final = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
SHOWN_HISTORY: Final = ("_since", "_count")
KIND_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "date": {"type": "string", "examples": ["ge2026-04-01"]},
    "token": {"type": "string", "examples": ["system|code"]},
    "reference": {"type": "string", "examples": ["Patient/example"]},
    "string": {"type": "string"},
    "uri": {"type": "string"},
}
ERRORS: Final = {
    "400": "the shape of the request is wrong",
    "401": "no token, or one that is not good",
    "403": "the token does not reach this",
    "404": "not known here",
    "406": "only FHIR JSON can be answered",
    "429": "too many of your requests are under way",
    "503": "not now",
}
WRITE_ERRORS: Final = {
    "408": "the body did not arrive in time",
    "409": "other records stand against it",
    "412": "the version or condition does not hold",
    "413": "larger than what is taken",
    "415": "the body is not FHIR JSON",
    "422": "well-formed, but its meaning is refused",
    "428": "If-Match is needed",
}


def openapi(base_url: str) -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, Any] = {f"{FHIR_PATH}/metadata": {"get": _open("The CapabilityStatement", "CapabilityStatement")}}
    paths[FHIR_PATH] = {"post": _operation("A batch or transaction Bundle", "Bundle", "200", body="Bundle", write=True)}
    paths[f"{FHIR_PATH}/_history"] = {
        "get": _operation("Every change, or the change feed", "Bundle", "200", _history())
    }
    for resource in TYPES.values():
        paths |= _paths(resource)
    for name in knowledge.TYPES:
        paths |= _read_only_paths(name, knowledge.PARAMETERS)
    paths |= _read_only_paths(audit_events.TYPE, audit_parameters.PARAMETERS)
    paths |= dict(openapi_operations.paths(_refusals(ERRORS), _refusals(WRITE_ERRORS), _path_param("id")))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PHB gateway",
            "version": __version__,
            "description": "One person, one plan, one budget: the record of personal health budgets over FHIR R4.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "security": [{"backend": []}, {"person": []}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": _security(base_url)},
    }


def _security(base_url: str) -> dict[str, Any]:
    """A system that asks for itself, and an app of a person who logs in."""
    token = {"tokenUrl": f"{base_url}/oauth2/token"}
    system = {f"system/{name}.cruds": f"everything on {name}" for name in TYPES}
    own = {f"patient/{name}.rs": f"{name} of one person" for name in TYPES}
    code = {"authorizationUrl": f"{base_url}/oauth2/authorize", "refreshUrl": token["tokenUrl"], "scopes": own}
    return {
        "backend": {
            "type": "oauth2",
            "description": "SMART Backend Services",
            "flows": {"clientCredentials": {**token, "scopes": system}},
        },
        "person": {
            "type": "oauth2",
            "description": "SMART App Launch, with PKCE (S256)",
            "flows": {"authorizationCode": {**token, **code}},
        },
    }


def _schemas() -> dict[str, Any]:
    names = {
        *TYPES,
        *knowledge.TYPES,
        audit_events.TYPE,
        *openapi_operations.schemas(),
        "Bundle",
        "CapabilityStatement",
        "OperationOutcome",
    }
    return {name: _schema(name) for name in sorted(names)}


def _schema(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": f"FHIR R4 {name}: http://hl7.org/fhir/R4/{name.lower()}.html",
        "properties": {"resourceType": {"const": name}, "id": ID},
        "required": ["resourceType", *sorted(mandatory_elements(name))],
    }


def _paths(resource: ResourceType) -> dict[str, Any]:
    name, base = resource.name, f"{FHIR_PATH}/{resource.name}"
    id_, version = _path_param("id"), _path_param("vid")
    if_match = _header("If-Match", "the ETag the update replaces" + ("; required: money" if resource.money else ""))
    return {
        base: {
            "get": _operation(f"Search {name}", "Bundle", "200", _search(resource)),
            "post": _operation(
                f"Create a {name}",
                name,
                "201",
                [_header("If-None-Exist", "create only when no match")],
                body=name,
                write=True,
            ),
        },
        f"{base}/_search": {"post": _form(resource)},
        f"{base}/_history": {"get": _operation(f"Changes to every {name}", "Bundle", "200", _history())},
        f"{base}/{{id}}": {
            "get": _operation(f"Read a {name}", name, "200", [id_], gone=True),
            "put": _operation(
                f"Update or create a {name}", name, "200", [id_, if_match], body=name, write=True, created=True
            ),
            "delete": _operation(f"Delete a {name}", None, "204", [id_], write=True),
        },
        f"{base}/{{id}}/_history": {
            "get": _operation(f"Versions of a {name}", "Bundle", "200", [id_, *_history()], gone=True)
        },
        f"{base}/{{id}}/_history/{{vid}}": {
            "get": _operation(f"One version of a {name}", name, "200", [id_, version], gone=True)
        },
    }


def _read_only_paths(name: str, parameters: Iterable[str]) -> dict[str, Any]:
    shown = [_query(one, KIND_SCHEMAS["date"] if one == "date" else {"type": "string"}) for one in parameters]
    return {
        f"{FHIR_PATH}/{name}": {"get": _operation(f"Search {name}", "Bundle", "200", shown)},
        f"{FHIR_PATH}/{name}/{{id}}": {"get": _operation(f"Read a {name}", name, "200", [_path_param("id")])},
    }


def _open(summary: str, schema: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "security": [],
        "responses": {"200": _answer(summary, schema), "406": _refusal(ERRORS["406"]), "400": _refusal(ERRORS["400"])},
    }


def _operation(  # noqa: PLR0913 - one keyword a feature of the operation
    summary: str,
    schema: str | None,
    status: str,
    parameters: list[dict[str, Any]] | None = None,
    *,
    body: str = "",
    write: bool = False,
    gone: bool = False,
    created: bool = False,
) -> dict[str, Any]:
    responses = {status: _answer(summary, schema)}
    if created:
        responses["201"] = _answer(summary, schema)
    if body and status == "201":
        responses["200"] = _answer("the one that met If-None-Exist", schema)
    known = ERRORS | (WRITE_ERRORS if write else {}) | ({"410": "deleted"} if gone else {})
    responses |= {code: _refusal(text) for code, text in known.items()}
    operation: dict[str, Any] = {"summary": summary, "responses": dict(sorted(responses.items()))}
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {
            "required": True,
            "content": {FHIR_JSON: {"schema": {"$ref": f"#/components/schemas/{body}"}}},
        }
    return operation


def _form(resource: ResourceType) -> dict[str, Any]:
    operation = _operation(f"Search {resource.name} by form", "Bundle", "200", write=True)
    fields = {one["name"]: one["schema"] for one in _search(resource)}
    form = {"schema": {"type": "object", "properties": fields, "additionalProperties": False}}
    operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": form}, "required": True}
    return operation


def _answer(summary: str, schema: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": summary}
    if schema:
        answer["content"] = {FHIR_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return answer


def _refusals(texts: dict[str, str]) -> dict[str, Any]:
    return {code: _refusal(text) for code, text in texts.items()}


def _refusal(text: str) -> dict[str, Any]:
    return {"description": text, "content": {FHIR_JSON: {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}}}


def _path_param(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": ID}


def _header(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _search(resource: ResourceType) -> list[dict[str, Any]]:
    shown = [_param(one) for one in (*COMMON, *resource.search)]
    return [
        *shown,
        _query("_count", {"type": "integer", "minimum": 0, "maximum": 1000}),
        _query("_sort", {"type": "string"}),
        _query("_total", {"enum": ["none", "estimate", "accurate"]}),
        _query("_summary", {"enum": ["true", "text", "data", "count", "false"]}),
        _query("_elements", {"type": "string"}),
        _query("_include", {"type": "string"}),
        _query("_revinclude", {"type": "string"}),
    ]


def _param(param: SearchParam) -> dict[str, Any]:
    return _query(param.name, KIND_SCHEMAS[param.kind])


def _history() -> list[dict[str, Any]]:
    assert set(SHOWN_HISTORY) <= set(HISTORY_PARAMETERS)
    return [
        _query("_since", {"type": "string", "format": "date-time"}),
        _query("_count", {"type": "integer", "minimum": 1}),
    ]
