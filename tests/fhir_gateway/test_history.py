"""Protocol tests of history (FHIR R4 http.html#history)."""

import time
from urllib.parse import quote

import pytest

from tests.fhir_gateway.api import FHIR, Api, link, refused
from tests.fhir_gateway.trees import organization, patient


def _lives(api: Api) -> str:
    """A person created, changed, deleted, made again."""
    person = api.person()
    id_ = person.removeprefix("Patient/")
    api.put(person, patient(id=id_, gender="female"))
    api.delete(person)
    api.put(person, patient(id=id_, gender="male"))
    return person


def _said(bundle: dict[str, list[dict[str, dict[str, str]]]]) -> list[tuple[str, str]]:
    return [(entry["request"]["method"], entry["response"]["etag"]) for entry in bundle.get("entry", [])]


def test_an_instance_tells_every_version_newest_first(api: Api) -> None:
    person = _lives(api)
    bundle = api.get(f"{person}/_history").json()
    assert (bundle["type"], bundle["total"]) == ("history", 4)
    assert _said(bundle) == [("PUT", 'W/"4"'), ("DELETE", 'W/"3"'), ("PUT", 'W/"2"'), ("POST", 'W/"1"')]
    for entry in bundle["entry"]:
        assert entry["fullUrl"] == f"{FHIR}/{person}"
        assert entry["response"]["status"][:3] in ("200", "201", "204")
        assert entry["response"]["lastModified"]
        assert ("resource" in entry) == (entry["request"]["method"] != "DELETE")
    assert [one["resource"].get("gender") for one in bundle["entry"] if "resource" in one] == ["male", "female", None]


def test_each_version_in_a_history_is_the_one_vread_answers(api: Api) -> None:
    person = _lives(api)
    bundle = api.get(f"{person}/_history").json()
    for version in (4, 2, 1):
        listed = next(e["resource"] for e in bundle["entry"] if e["response"]["etag"] == f'W/"{version}"')
        assert listed == api.get(f"{person}/_history/{version}").json()


def test_the_history_of_a_deleted_resource_is_still_told(api: Api) -> None:
    person = api.person()
    api.delete(person)
    assert _said(api.get(f"{person}/_history").json()) == [("DELETE", 'W/"2"'), ("POST", 'W/"1"')]


def test_the_history_of_what_never_was_is_not_found(api: Api) -> None:
    refused(api.get("Patient/nobody/_history"), 404)


@pytest.mark.parametrize("path", ["Patient/_history", "_history"])
def test_a_history_is_paged_without_gap_or_repeat(api: Api, path: str) -> None:
    for _ in range(3):
        _lives(api)
    pages = list(api.pages(f"{path}?_count=5"))
    assert [len(page["entry"]) for page in pages] == [5, 5, 2]
    said = [(e["fullUrl"], e["response"]["etag"]) for page in pages for e in page["entry"]]
    assert len(set(said)) == len(said) == 12
    times = [e["response"]["lastModified"] for page in pages for e in page["entry"]]
    assert times == sorted(times, reverse=True)
    assert link(pages[-1], "next") is None
    assert all(link(page, "self") for page in pages)


def test_a_history_pages_steadily_while_others_write(api: Api) -> None:
    made = {api.person() for _ in range(6)}
    first = api.get("Patient/_history?_count=4").json()
    api.person()
    api.delete(next(iter(made)))
    second = api.get(link(first, "next") or "").json()
    said = [e["fullUrl"].removeprefix(f"{FHIR}/") for e in (*first["entry"], *second["entry"])]
    assert set(said) == made
    assert len(said) == 6


def test_the_history_of_a_type_holds_no_other(api: Api) -> None:
    api.person()
    api.made(organization())
    bundle = api.get("Organization/_history").json()
    assert [one["resource"]["resourceType"] for one in bundle["entry"]] == ["Organization"]
    assert len(api.get("_history").json()["entry"]) == 2


def test_since_leaves_out_what_was_before(api: Api) -> None:
    api.person()
    time.sleep(0.005)
    later = api.made(patient())
    since = quote(later["meta"]["lastUpdated"])
    bundle = api.get(f"Patient/_history?_since={since}").json()
    assert [one["resource"]["id"] for one in bundle["entry"]] == [later["id"]]
    assert len(api.get("Patient/_history?_since=2001-01-01").json()["entry"]) == 2
    assert "entry" not in api.get("Patient/_history?_since=2999-01-01T00:00:00Z").json()


def test_at_tells_what_was_current_then(api: Api) -> None:
    person = api.person()
    time.sleep(0.005)
    second = api.put(person, patient(id=person.removeprefix("Patient/"), gender="female")).json()
    time.sleep(0.005)
    api.delete(person)
    at = quote(second["meta"]["lastUpdated"])
    assert _said(api.get(f"{person}/_history?_at={at}").json()) == [("PUT", 'W/"2"')]
    assert len(_said(api.get(f"{person}/_history?_at={second['meta']['lastUpdated'][:4]}").json())) == 3
    assert _said(api.get(f"{person}/_history?_at=2001").json()) == []


@pytest.mark.parametrize(
    "query",
    ["_count=0", "_count=-1", "_count=x", "_count=", "_since=yesterday", "_since=", "_at=2026-13", "name=x", "_page=x",
     "_cursor=x", "_since=1_00", "_page=%C3%A9"],
)  # fmt: skip
def test_a_history_asked_in_vain_is_refused(api: Api, query: str) -> None:
    refused(api.get(f"Patient/_history?{query}"), 400)


def test_an_instance_has_no_feed(api: Api) -> None:
    refused(api.get(f"{api.person()}/_history?_cursor="), 400)


def test_a_cursor_of_another_client_or_request_is_refused(api: Api) -> None:
    for _ in range(3):
        api.person()
    for kind in ("_page", "_cursor"):
        begun = "Patient/_history?_count=1" + ("&_cursor=" if kind == "_cursor" else "")
        following = link(api.get(begun).json(), "next") or ""
        assert f"{kind}=" in following
        assert api.get(following).status_code == 200
        refused(api.client(client_id="other").get(following), 400)
        refused(api.get(following.replace("/Patient/", "/Organization/")), 400)
        refused(api.get(following + "&_since=2001-01-01"), 400)
