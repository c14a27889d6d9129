"""What a grant reaches: per interaction, per bundle entry, per row (SMART App Launch 2.2, scopes)."""

from typing import Any

import pytest

from auth import clients, tokens
from fhir_gateway.interactions.context import clock
from tests.fhir_gateway.api import FHIR, Api, link, refused
from tests.fhir_gateway.trees import goal, patient, plan
from tests.settled import settle

ACTIONS = "cruds"


def _attempts(api: Api, person: str) -> dict[str, list[Any]]:
    """The replies of each interaction on Patient, by the letter that allows it."""
    id_ = person.removeprefix("Patient/")
    found = {
        "c": [api.post("Patient", patient())],
        "r": [api.get(person), api.get(f"{person}/_history/1"), api.get(f"{person}/_history")],
        "u": [api.put(person, patient(id=id_, gender="male")), api.put("Patient/fresh", patient(id="fresh"))],
        "s": [api.get("Patient"), api.form("Patient/_search", ""), api.get("Patient/_history"), api.get("_history")],
    }
    return found | {"d": [api.delete(person)]}


@pytest.mark.requirement("smart-2.2#243", "smart-2.2/v1-system-read", "smart-2.2#123", "smart-2.2#126", "S37")
@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        *((f"system/Patient.{one}", one) for one in ACTIONS),
        ("system/Patient.cruds", "cruds"),
        ("system/*.rs", "rs"),
        ("system/Patient.read", "rs"),
        ("system/Patient.write", "cud"),
        ("system/*.*", "cruds"),
        ("system/*.read system/Patient.c", "crs"),
        ("system/Patient.dr", ""),
        ("system/Patient.", ""),
        ("system/Claim.cruds", ""),
        ("patient.rs", ""),
        ("system/Patient.rs?nickname=x", ""),
    ],
)
def test_each_interaction_needs_its_letter(api: Api, scope: str, allowed: str) -> None:
    person = api.person()
    for letter, replies in _attempts(api.client(scope), person).items():
        for reply in replies:
            if letter in allowed:
                assert reply.status_code < 300, (letter, reply.text)
            elif reply.request.url.path == "/fhir/_history" and "Claim" in scope:
                assert reply.json().get("entry", []) == []
            else:
                refused(reply, 403, code="forbidden")


@pytest.mark.requirement("smart-2.2#243", "smart-2.2/type-denied-403", "S37", "lesson-22")
def test_a_type_out_of_reach_is_refused_alike_whether_it_is_there_or_not(api: Api) -> None:
    person = api.person()
    little = api.client("system/Claim.rs")
    there, absent = little.get(person), little.get("Patient/nobody")
    assert (there.status_code, there.content) == (absent.status_code, absent.content) == (403, there.content)


@pytest.mark.requirement("smart-2.2#130")
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_each_entry_of_a_bundle_needs_its_own_scope(api: Api, kind: str) -> None:
    person = api.person()
    little = api.client("system/Patient.r system/CarePlan.c")
    entries = [
        {"request": {"method": "GET", "url": person}},
        {"resource": plan(person), "request": {"method": "POST", "url": "CarePlan"}},
        {"resource": goal(person), "request": {"method": "POST", "url": "Goal"}},
    ]
    reply = little.bundle(*entries, kind=kind)
    if kind == "batch":
        assert [one["response"]["status"] for one in reply.json()["entry"]] == ["200", "201", "403"]
    else:
        issue = refused(reply, 403)
        assert issue["expression"] == ["Bundle.entry[2]"]
        assert api.found("CarePlan") == []


def test_a_condition_needs_the_right_to_search(api: Api) -> None:
    api.person()
    little = api.client("system/Patient.c")
    refused(little.post("Patient", patient(), If_None_Exist="active=true"), 403)
    entry = {"resource": plan("Patient?active=true"), "request": {"method": "POST", "url": "CarePlan"}}
    refused(api.client("system/CarePlan.c system/Patient.r").bundle(entry), 403)


@pytest.mark.parametrize(
    "query", ["CarePlan?patient.gender=male", "CarePlan?_has:Task:focus:status=x", "CarePlan?subject:Patient.name=x"]
)
def test_a_chain_needs_a_scope_on_what_it_touches(api: Api, query: str) -> None:
    refused(api.client("system/CarePlan.rs").get(query), 403)


@pytest.mark.requirement("S36")
def test_what_is_included_is_left_out_where_no_scope_reaches(api: Api) -> None:
    person = api.person()
    made = api.made(plan(person))
    little = api.client("system/CarePlan.rs")
    assert [e["search"]["mode"] for e in little.get("CarePlan?_include=CarePlan:patient").json()["entry"]] == ["match"]
    little = api.client("system/Patient.rs")
    entries = little.get("Patient?_revinclude=CarePlan:patient").json()["entry"]
    assert [e["search"]["mode"] for e in entries] == ["match"]
    assert made["id"] not in str(entries)


def test_the_system_history_tells_only_the_types_in_reach(api: Api) -> None:
    person = api.person()
    api.made(plan(person))
    little = api.client("system/CarePlan.rs")
    settle(api.gateway.database)
    for path in ("_history", "_history?_cursor="):
        kinds = {one["resource"]["resourceType"] for one in little.get(path).json()["entry"]}
        assert kinds == {"CarePlan"}


# --- scopes with parameters


GRANULAR = "system/CarePlan.cruds?status=active system/Patient.rs?gender=female"


@pytest.fixture
def rows(api: Api) -> dict[str, str]:
    """A woman and a man, each with an active and a completed plan."""
    ids: dict[str, str] = {}
    for name, gender in (("woman", "female"), ("man", "male")):
        ids[name] = api.person(gender=gender)
        for status in ("active", "completed"):
            ids[f"{name}-{status}"] = f"CarePlan/{api.made(plan(ids[name], status=status))['id']}"
    return ids


@pytest.mark.requirement("smart-2.2/granular-read")
def test_rows_out_of_reach_are_not_found_by_any_route(api: Api, rows: dict[str, str]) -> None:
    little = api.client(GRANULAR)
    near, far = rows["woman-active"], rows["woman-completed"]
    assert little.get(near).status_code == 200
    for path in (far, f"{far}/_history/1", f"{far}/_history", rows["man"]):
        unknown = little.get(path.replace(path.split("/")[1], "nobody", 1))
        reply = little.get(path)
        refused(reply, 404)
        assert reply.text.replace(path.split("/")[1], "nobody") == unknown.text
    refused(little.delete(far), 404)
    refused(little.put(far, api.get(far).json()), 404)
    assert api.get(far).status_code == 200


@pytest.mark.requirement("smart-2.2/granular-search")
def test_rows_out_of_reach_are_in_no_search_page_total_or_include(api: Api, rows: dict[str, str]) -> None:
    little = api.client(GRANULAR)
    near = {rows["woman-active"].split("/")[1], rows["man-active"].split("/")[1]}
    bundle = little.get("CarePlan?_include=CarePlan:patient&_total=accurate").json()
    assert bundle["total"] == 2
    matched = {e["resource"]["id"] for e in bundle["entry"] if e["search"]["mode"] == "match"}
    included = [e["fullUrl"] for e in bundle["entry"] if e["search"]["mode"] == "include"]
    assert matched == near
    assert included == [f"{FHIR}/{rows['woman']}"]
    assert little.get("CarePlan?_summary=count").json()["total"] == 2
    assert little.found("CarePlan?status=completed") == []
    assert little.found("CarePlan?status:not=active") == []
    pages = list(little.pages("CarePlan?_count=1"))
    assert [len(page["entry"]) for page in pages] == [1, 1]
    assert link(pages[1], "next") is None


@pytest.mark.requirement("smart-2.2/granular-search")
def test_rows_out_of_reach_answer_no_chain_or_has(api: Api, rows: dict[str, str]) -> None:
    little = api.client(GRANULAR)
    assert little.found("CarePlan?patient.gender=male") == []
    assert little.found("CarePlan?patient.gender=female") == [rows["woman-active"].split("/")[1]]
    assert little.found("Patient?_has:CarePlan:patient:status=completed") == []
    assert little.found("Patient?_has:CarePlan:patient:status=active") == [rows["woman"].split("/")[1]]
    entries = little.get("Patient?_revinclude=CarePlan:patient").json()["entry"]
    assert {e["fullUrl"].removeprefix(f"{FHIR}/") for e in entries} == {rows["woman"], rows["woman-active"]}


def test_a_write_may_not_lead_out_of_reach(api: Api, rows: dict[str, str]) -> None:
    little = api.client(GRANULAR)
    refused(little.post("CarePlan", plan(rows["woman"], status="completed")), 403)
    assert little.post("CarePlan", plan(rows["woman"])).status_code == 201
    near = rows["woman-active"]
    tree = api.get(near).json()
    assert little.put(near, tree | {"title": "Changed"}).status_code == 200
    reply = little.put(near, tree | {"status": "completed"})
    assert reply.status_code in (403, 404)
    assert api.get(near).json()["status"] == "active"
    refused(little.put("CarePlan/fresh", plan(rows["woman"], id="fresh", status="completed")), 404)
    assert little.delete(near).status_code == 204


@pytest.mark.requirement("smart-2.2/granular-read")
def test_a_version_out_of_reach_is_told_by_no_history(api: Api) -> None:
    person = api.person()
    made = api.made(plan(person, status="draft", title="Secret"))
    path = f"CarePlan/{made['id']}"
    api.put(path, plan(person, id=made["id"], title="First"))
    api.put(path, plan(person, id=made["id"], title="Second"))
    little = api.client("system/CarePlan.rs?status=active")
    bundle = little.get(f"{path}/_history").json()
    assert [one["resource"]["title"] for one in bundle["entry"]] == ["Second", "First"]
    assert [e["resource"]["title"] for page in little.pages(f"{path}/_history?_count=1") for e in page["entry"]] == [
        "Second",
        "First",
    ]
    assert little.get(f"{path}/_history/2").status_code == 200
    refused(little.get(f"{path}/_history/1"), 404)


def test_histories_of_a_type_need_a_scope_without_parameters(api: Api, rows: dict[str, str]) -> None:
    little = api.client(GRANULAR)
    refused(little.get("CarePlan/_history"), 403)
    refused(little.get("_history"), 403)
    assert rows


@pytest.mark.requirement("smart-2.2/granular-union")
def test_several_scopes_with_parameters_add_up_and_their_parameters_narrow(api: Api, rows: dict[str, str]) -> None:
    both = api.client("system/CarePlan.rs?status=active system/CarePlan.rs?status=completed")
    assert len(both.found("CarePlan")) == 4
    woman = rows["woman"]
    narrow = api.client(f"system/CarePlan.rs?status=active&patient={woman}")
    assert narrow.found("CarePlan") == [rows["woman-active"].split("/")[1]]
    whole = api.client("system/CarePlan.rs?status=active system/CarePlan.s")
    assert len(whole.found("CarePlan")) == 4
    refused(whole.get(rows["woman-completed"]), 404)
    unknown = api.client("system/CarePlan.rs?nickname=x system/CarePlan.rs?status=active")
    assert len(unknown.found("CarePlan")) == 2


def test_a_wildcard_with_parameters_reaches_only_types_that_have_them(api: Api, rows: dict[str, str]) -> None:
    little = api.client("system/*.rs?gender=female")
    assert little.found("Patient") == [rows["woman"].split("/")[1]]
    refused(little.get("CarePlan"), 403)


# --- revocation


@pytest.mark.requirement("rfc6750#3.1-1")
def test_a_revoked_token_is_refused_on_the_very_next_request(api: Api) -> None:
    person = api.person()
    mine = api.client()
    assert mine.get(person).status_code == 200
    api.write(lambda conn: tokens.revoke(conn, mine.token or "", mine.client_id, clock()))
    for reply in (mine.get(person), mine.get("Patient"), mine.post("Patient", patient()), mine.bundle(kind="batch"),
                  mine.get("_history?_cursor="), mine.delete(person), mine.get("CodeSystem")):  # fmt: skip
        refused(reply, 401)
        assert 'error="invalid_token"' in reply.headers["www-authenticate"]
    assert api.get(person).status_code == 200


def test_a_revoked_client_is_shut_out_with_all_its_tokens(api: Api) -> None:
    other = api.client(client_id="other")
    again = api.client(client_id="other")
    api.write(lambda conn: clients.revoke(conn, "other", clock()))
    refused(other.get("Patient"), 401)
    refused(again.get("Patient"), 401)


@pytest.mark.requirement("smart-2.2#77")
def test_an_expired_token_is_refused(api: Api) -> None:
    old = clock() - 301_000_000
    token = api.write(lambda conn: tokens.issue(conn, api.client_id, "system/*.rs", old)).access_token
    refused(api.stranger().get("Patient", Authorization=f"Bearer {token}"), 401)
