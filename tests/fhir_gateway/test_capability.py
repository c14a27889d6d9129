"""The CapabilityStatement against the routes: what is listed works, what is not listed is refused."""

from typing import Any

import pytest

from fhir_gateway.http import knowledge
from mappings.definitions import resource_types
from tests.fhir_gateway.api import BASE, FHIR, Api, refused
from tests.fhir_gateway.trees import ALL, organization, typed

KNOWLEDGE = knowledge.TYPES
NEVER_DELETED = ("DocumentReference",)  # its least record is evidence, which rule R162 keeps
SAMPLES = {"token": "a", "reference": "Patient/x", "date": "2026", "string": "a", "uri": "urn:x"}


def _stated(api: Api) -> dict[str, Any]:
    reply = api.stranger().get("metadata")
    assert reply.status_code == 200
    stated: dict[str, Any] = reply.json()
    return stated


def _resources(api: Api) -> dict[str, Any]:
    return {one["type"]: one for one in _stated(api)["rest"][0]["resource"]}


@pytest.mark.requirement("smart-2.2/metadata-r4")
def test_the_statement_is_open_to_all_and_says_who_speaks(api: Api) -> None:
    stated = _stated(api)
    assert (stated["resourceType"], stated["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert stated["implementation"]["url"] == FHIR
    assert api.stranger().get("metadata", Accept="application/fhir+json").headers["access-control-allow-origin"] == "*"
    assert api.stranger().head("metadata").status_code == 200
    token = stated["rest"][0]["security"]["extension"][0]["extension"][0]
    assert token == {"url": "token", "valueUri": f"{BASE}/oauth2/token"}


def test_every_type_of_the_registry_is_listed_and_no_other(api: Api) -> None:
    assert set(_resources(api)) == {*ALL, *KNOWLEDGE, "AuditEvent"}


@pytest.mark.requirement("smart-2.2/metadata-r4")
@pytest.mark.parametrize("resource_type", ALL)
def test_every_listed_interaction_works(api: Api, resource_type: str) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    listed = {one["code"] for one in _resources(api)[resource_type]["interaction"]}
    made = api.post(resource_type, typed(resource_type, person, council))
    path = f"{resource_type}/{made.json()['id']}"
    changed = made.json() | {"language": "en"}
    done = {
        "create": made,
        "read": api.get(path),
        "vread": api.get(f"{path}/_history/1"),
        "history-instance": api.get(f"{path}/_history"),
        "history-type": api.get(f"{resource_type}/_history"),
        "search-type": api.get(resource_type),
        "update": api.put(path, changed, If_Match='W/"1"'),
        "delete": api.delete(path),
    }
    assert listed == set(done)
    kept = done.pop("delete") if resource_type in NEVER_DELETED else None
    for name, reply in done.items():
        assert reply.status_code < 300, (name, reply.text)
    if kept is not None:
        assert "R162" in refused(kept, 422)["details"]["coding"][0]["code"]


def test_every_listed_system_interaction_works(api: Api) -> None:
    listed = {one["code"] for one in _stated(api)["rest"][0]["interaction"]}
    assert listed == {"transaction", "batch", "history-system"}
    assert api.bundle(kind="batch").status_code == 200
    assert api.bundle().status_code == 200
    assert api.get("_history").status_code == 200


@pytest.mark.requirement("smart-2.2/metadata-r4")
@pytest.mark.parametrize("resource_type", [*ALL, *KNOWLEDGE])
def test_every_listed_search_parameter_and_include_works(api: Api, resource_type: str) -> None:
    listed = _resources(api)[resource_type]
    common = _stated(api)["rest"][0]["searchParam"] if resource_type in ALL else []
    for param in (*listed["searchParam"], *common):
        reply = api.get(f"{resource_type}?{param['name']}={SAMPLES[param['type']]}")
        assert reply.status_code == 200, (param, reply.text)
    for name, keyword in (("searchInclude", "_include"), ("searchRevInclude", "_revinclude")):
        for one in listed.get(name, ()):
            assert api.get(f"{resource_type}?{keyword}={one}").status_code == 200, one


def test_no_other_type_has_a_route(api: Api) -> None:
    for name in resource_types() - {*ALL, *KNOWLEDGE, "AuditEvent"}:
        refused(api.get(name), 404, code="not-supported")
        refused(api.post(name, {"resourceType": name}), 404)
        refused(api.put(f"{name}/x", {"resourceType": name, "id": "x"}), 404)


@pytest.mark.parametrize("resource_type", KNOWLEDGE)
def test_the_code_lists_are_read_and_searched_and_not_written(api: Api, resource_type: str) -> None:
    bundle = api.get(resource_type).json()
    assert bundle["total"] == len(bundle["entry"]) > 0
    one = bundle["entry"][0]
    assert api.get(f"{resource_type}/{one['resource']['id']}").json() == one["resource"]
    assert one["fullUrl"] == f"{FHIR}/{resource_type}/{one['resource']['id']}"
    found = api.get(f"{resource_type}?_id={one['resource']['id']}").json()
    assert [each["resource"]["id"] for each in found["entry"]] == [one["resource"]["id"]]
    refused(api.get(f"{resource_type}?nickname=x"), 400)
    refused(api.get(f"{resource_type}/nobody"), 404)
    refused(api.put(f"{resource_type}/x", {"resourceType": resource_type, "id": "x"}), 405)
    refused(api.stranger().get(resource_type), 401)
