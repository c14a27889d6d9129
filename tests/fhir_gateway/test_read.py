"""Protocol tests of read, vread, HEAD and conditional read (FHIR R4 http.html#read, #vread, #cread)."""

import pytest

from tests.fhir_gateway.api import FHIR, FHIR_JSON, Api, refused
from tests.fhir_gateway.trees import patient


def test_a_read_answers_the_stored_bytes_with_their_version(api: Api) -> None:
    made = api.post("Patient", patient())
    reply = api.get(f"Patient/{made.json()['id']}")
    assert (reply.status_code, reply.content) == (200, made.content)
    assert reply.headers["etag"] == 'W/"1"'
    assert reply.headers["content-type"] == f"{FHIR_JSON}; charset=utf-8"
    assert reply.headers["last-modified"] == made.headers["last-modified"]
    assert reply.headers["cache-control"] == "private, no-cache"


def test_an_unknown_id_is_not_found(api: Api) -> None:
    issue = refused(api.get("Patient/nobody"), 404, code="not-found")
    assert "Patient/nobody" in issue["diagnostics"]


def test_an_unknown_type_is_not_found_and_the_types_are_named(api: Api) -> None:
    issue = refused(api.get("Substance/1"), 404, code="not-supported")
    assert "CarePlan" in issue["diagnostics"]


@pytest.mark.parametrize("id_", ["a_b", "x" * 65, "a%20b", "a%2Fb", "_foo"])
def test_an_id_that_cannot_be_is_not_found(api: Api, id_: str) -> None:
    refused(api.get(f"Patient/{id_}"), 404)


def test_a_replaced_version_is_still_read_as_it_was(api: Api) -> None:
    first = api.post("Patient", patient())
    id_ = first.json()["id"]
    second = api.put(f"Patient/{id_}", patient(id=id_, gender="female"))
    assert second.status_code == 200
    assert api.get(f"Patient/{id_}/_history/1").content == first.content
    assert api.get(f"Patient/{id_}/_history/2").content == second.content
    assert api.get(f"Patient/{id_}/_history/1").headers["etag"] == 'W/"1"'


@pytest.mark.parametrize("version", ["3", "0", "x", "1.0", "99999999999", "-1", "%D9%A1"])
def test_a_version_that_never_was_is_not_found(api: Api, version: str) -> None:
    person = api.person()
    refused(api.get(f"{person}/_history/{version}"), 404, code="not-found")


def test_the_version_that_says_deleted_is_gone(api: Api) -> None:
    person = api.person()
    assert api.delete(person).status_code == 204
    refused(api.get(f"{person}/_history/2"), 410, code="deleted")
    assert api.get(f"{person}/_history/1").status_code == 200


@pytest.mark.parametrize("path", ["{person}", "{person}/_history/1", "{person}/_history", "Patient", "metadata"])
def test_head_answers_the_headers_of_get_and_no_body(api: Api, path: str) -> None:
    path = path.format(person=api.person())
    got, asked = api.get(path), api.head(path)
    assert (asked.status_code, asked.content) == (200, b"")
    varying = ("x-request-id",)
    assert {k: v for k, v in asked.headers.items() if k not in varying} == {
        k: v for k, v in got.headers.items() if k not in varying
    }


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', 'W/"7", W/"1"', "*"])
def test_a_read_of_the_version_the_client_has_is_not_modified(api: Api, tag: str) -> None:
    reply = api.get(api.person(), If_None_Match=tag)
    assert (reply.status_code, reply.content) == (304, b"")
    assert reply.headers["etag"] == 'W/"1"'
    assert "content-type" not in reply.headers


def test_a_read_of_a_newer_version_is_answered_whole(api: Api) -> None:
    assert api.get(api.person(), If_None_Match='W/"2"').status_code == 200


def test_if_modified_since_is_judged_by_the_second(api: Api) -> None:
    person = api.person()
    changed = api.get(person).headers["last-modified"]
    assert api.get(person, If_Modified_Since=changed).status_code == 304
    assert api.get(person, If_Modified_Since="Thu, 01 Jan 1970 00:00:00 GMT").status_code == 200


@pytest.mark.parametrize("since", ["yesterday", "", "Thu, 01 Jan 99999 00:00:00 GMT"])
def test_an_unreadable_if_modified_since_is_ignored(api: Api, since: str) -> None:
    assert api.get(api.person(), If_Modified_Since=since).status_code == 200


def test_if_none_match_goes_before_if_modified_since(api: Api) -> None:
    person = api.person()
    changed = api.get(person).headers["last-modified"]
    assert api.get(person, If_None_Match='W/"9"', If_Modified_Since=changed).status_code == 200


def test_a_read_takes_no_search_parameters(api: Api) -> None:
    refused(api.get(f"{api.person()}?name=x"), 400)


@pytest.mark.parametrize("wanted", ["json", "application/json", "application/fhir+json", "application/fhir%2Bjson"])
def test_format_goes_before_accept(api: Api, wanted: str) -> None:
    reply = api.get(f"{api.person()}?_format={wanted}", Accept="application/fhir+xml")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(FHIR_JSON)


def test_the_addresses_of_a_read_lie_under_the_base(api: Api) -> None:
    made = api.post("Patient", patient())
    assert made.headers["location"] == f"{FHIR}/Patient/{made.json()['id']}/_history/1"
