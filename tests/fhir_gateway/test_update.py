"""Protocol tests of update and upsert (FHIR R4 http.html#update, #concurrency)."""

from typing import Any

import pytest

from fhir_gateway.interactions.context import clock
from mappings.registry import TYPES
from tests.fhir_gateway.api import FHIR, Api, Json, refused
from tests.fhir_gateway.trees import coverage, foreign_plan, identifier, organization, patient, plan, typed

MONEY = tuple(name for name, one in TYPES.items() if one.money)
STALE = ['W/"1"', '"1"', 'W/"9"', "nonsense", 'W/"-2"']


def test_an_update_replaces_the_whole_resource(api: Api) -> None:
    person = api.person(gender="female", identifier=identifier("1"))
    id_ = person.removeprefix("Patient/")
    reply = api.put(person, patient(id=id_, birthDate="1980-01-01"))
    assert reply.status_code == 200
    assert reply.headers["etag"] == 'W/"2"'
    assert reply.json()["meta"]["versionId"] == "2"
    assert set(reply.json()) == {"resourceType", "id", "meta", "active", "birthDate"}
    assert api.get(person).content == reply.content


def test_an_update_leaves_nothing_of_the_old_version_to_be_found(api: Api) -> None:
    person = api.person(gender="female", identifier=identifier("1"))
    api.put(person, patient(id=person.removeprefix("Patient/"), identifier=identifier("2")))
    assert api.found("Patient?identifier=1") == []
    assert api.found("Patient?gender=female") == []
    assert len(api.found("Patient?identifier=2")) == 1


def test_an_update_that_changes_nothing_makes_no_version(api: Api) -> None:
    person = api.person()
    read = api.get(person)
    before = api.changes()
    reply = api.put(person, read.content)
    assert (reply.status_code, reply.content) == (200, read.content)
    assert reply.headers["etag"] == 'W/"1"'
    assert api.changes() == before


@pytest.mark.requirement("S25")
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_version_is_never_older_than_the_one_before(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes back an hour moves no record back in time."""
    person = api.person()
    before = api.get(person).json()["meta"]["lastUpdated"]
    monkeypatch.setattr("fhir_gateway.gateway.clock", lambda: clock() - 3600 * 1_000_000)
    changed = api.put(person, patient(id=person.removeprefix("Patient/"), gender="male"))
    assert (changed.status_code, changed.json()["meta"]["versionId"]) == (200, "2")
    assert changed.json()["meta"]["lastUpdated"] == before


def test_an_update_under_an_unused_id_creates(api: Api) -> None:
    reply = api.put("Patient/mine", patient(id="mine"))
    assert reply.status_code == 201
    assert reply.headers["location"] == f"{FHIR}/Patient/mine/_history/1"
    assert api.get("Patient/mine").content == reply.content


@pytest.mark.parametrize("id_", [None, "other", ""])
def test_the_id_in_the_body_is_the_id_in_the_address(api: Api, id_: str | None) -> None:
    refused(api.put("Patient/mine", patient(id=id_)), 400, expression="Patient.id")
    refused(api.get("Patient/mine"), 404)


@pytest.mark.parametrize("id_", ["a_b", "x" * 65, "a%20b", "a%2Fb", "%00"])
def test_an_id_that_cannot_be_is_refused(api: Api, id_: str) -> None:
    refused(api.put(f"Patient/{id_}", patient(id=id_)), 400)
    assert api.changes() == 0


def test_an_update_with_the_version_read_goes_through(api: Api) -> None:
    person = api.person()
    body = patient(id=person.removeprefix("Patient/"), gender="male")
    assert api.put(person, body, If_Match='W/"1"').status_code == 200
    assert api.put(person, body | {"gender": "female"}, If_Match='"2"').status_code == 200
    assert api.put(person, body | {"gender": "other"}, If_Match="*").status_code == 200


@pytest.mark.parametrize("tag", STALE)
def test_a_lost_update_is_refused_and_the_current_version_told(api: Api, tag: str) -> None:
    person = api.person()
    id_ = person.removeprefix("Patient/")
    api.put(person, patient(id=id_, gender="male"))
    reply = api.put(person, patient(id=id_, gender="female"), If_Match=tag)
    refused(reply, 412, code="conflict")
    assert reply.headers["etag"] == 'W/"2"'
    assert api.get(person).json()["gender"] == "male"


def test_if_match_on_nothing_is_refused(api: Api) -> None:
    refused(api.put("Patient/mine", patient(id="mine"), If_Match='W/"1"'), 412)
    refused(api.get("Patient/mine"), 404)


@pytest.mark.requirement("S45")
@pytest.mark.parametrize("resource_type", MONEY)
def test_an_update_of_money_must_say_what_it_replaces(api: Api, resource_type: str) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    made = api.made(typed(resource_type, person, council))
    path = f"{resource_type}/{made['id']}"
    changed = made | {"language": "en"}
    refused(api.put(path, changed), 428, code="conflict")
    assert api.get(path).json() == made
    assert api.put(path, changed, If_Match='W/"1"').status_code == 200
    refused(api.put(path, changed | {"language": "cy"}, If_Match='W/"1"'), 412)


def test_money_may_be_created_under_an_id_without_if_match(api: Api) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    reply = api.put("Coverage/c", coverage(person, council, id="c"))
    assert reply.status_code == 201


@pytest.mark.requirement("S45")
def test_one_of_fifty_updates_of_the_same_version_wins(api: Api) -> None:
    person = api.person()
    body = patient(id=person.removeprefix("Patient/"))
    genders = ["male", "female", "other", "unknown"]
    for round_ in range(1, 4):
        bodies = [body | {"gender": genders[n % 4], "birthDate": f"19{n:02}-0{round_}-01"} for n in range(50)]
        tag = {"If_Match": f'W/"{round_}"'}
        replies = api.many([("PUT", person, one, tag) for one in bodies])
        won = [reply for reply in replies if reply.status_code == 200]
        assert sorted(reply.status_code for reply in replies) == [200] + [412] * 49
        assert api.get(person).content == won[0].content
        assert won[0].json()["meta"]["versionId"] == str(round_ + 1)


def test_updates_without_if_match_all_get_a_version_of_their_own(api: Api) -> None:
    person = api.person()
    body = patient(id=person.removeprefix("Patient/"))
    requests: list[tuple[str, str, Json, dict[str, str]]] = [
        ("PUT", person, body | {"birthDate": f"19{n:02}-01-01"}, {}) for n in range(10, 30)
    ]
    replies = api.many(requests)
    assert {reply.status_code for reply in replies} == {200}
    assert sorted(int(reply.json()["meta"]["versionId"]) for reply in replies) == list(range(2, 22))


def test_upserts_of_one_id_at_once_make_one_resource(api: Api) -> None:
    bodies = [patient(id="mine", birthDate=f"19{n:02}-01-01") for n in range(10, 30)]
    replies = api.many([("PUT", "Patient/mine", one, {}) for one in bodies])
    assert sorted(reply.status_code for reply in replies) == [200] * 19 + [201]
    assert api.get("Patient/mine").json()["meta"]["versionId"] == "20"


def test_the_type_in_the_body_is_the_type_in_the_address(api: Api) -> None:
    refused(api.put("Patient/mine", organization(id="mine")), 400)


def test_an_update_to_an_unknown_reference_is_refused_and_nothing_changes(api: Api) -> None:
    person = api.person()
    made = api.made(plan(person))
    reply = api.put(f"CarePlan/{made['id']}", {**made, "goal": [{"reference": "Goal/none"}]})
    refused(reply, 422, expression="CarePlan.goal[0].reference")
    assert api.get(f"CarePlan/{made['id']}").json() == made


def test_a_foreign_resource_is_kept_whole_and_marked(api: Api) -> None:
    person = api.person()
    sent = foreign_plan(person, meta={"tag": [{"system": "urn:x", "code": "y"}]}, title="Diet")
    made = api.made(sent)
    assert {name: value for name, value in made.items() if name not in ("id", "meta")} == {
        name: value for name, value in sent.items() if name != "meta"
    }
    assert [tag["code"] for tag in made["meta"]["tag"]] == ["y", "not-a-phb-record"]
    assert api.found("CarePlan?_tag=not-a-phb-record") == [made["id"]]
    assert api.found("CarePlan?_tag:not=not-a-phb-record") == []


def test_the_mark_goes_when_it_becomes_a_record_and_comes_back(api: Api) -> None:
    person = api.person()
    made = api.made(foreign_plan(person))
    path = f"CarePlan/{made['id']}"
    ours = api.put(path, plan(person, id=made["id"], meta=made["meta"]))
    assert ours.status_code == 200
    assert "not-a-phb-record" not in tags(ours.json())
    assert api.found("CarePlan?_tag=not-a-phb-record") == []
    again = api.put(path, foreign_plan(person, id=made["id"]))
    assert again.json()["meta"]["tag"][0]["code"] == "not-a-phb-record"


def test_the_mark_cannot_be_put_on_a_record(api: Api) -> None:
    mark = api.made(foreign_plan(api.person()))["meta"]["tag"]
    made = api.made(plan(api.person(), meta={"tag": mark}))
    assert "not-a-phb-record" not in tags(made)


def tags(resource: dict[str, Any]) -> set[str]:
    return {tag["code"] for tag in resource["meta"].get("tag", ())}


def test_a_foreign_resource_put_back_as_read_makes_no_version(api: Api) -> None:
    made = api.post("CarePlan", foreign_plan(api.person()))
    reply = api.put(f"CarePlan/{made.json()['id']}", made.content)
    assert (reply.status_code, reply.content) == (200, made.content)


def test_a_code_of_ours_outside_its_list_is_refused(api: Api) -> None:
    sent = plan(api.person())
    sent["category"][0]["coding"][0]["code"] = "no-such-plan"
    issue = refused(api.post("CarePlan", sent), 422)
    assert "phb-plan-kind" in issue["diagnostics"]
