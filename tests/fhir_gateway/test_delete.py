"""Protocol tests of delete (FHIR R4 http.html#delete)."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from fhir_gateway.store import records
from fhir_gateway.store.database import Session
from fhir_gateway.store.records import Actor, Change
from tests import databases
from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.trees import goal, identifier, organization, patient, plan


def test_a_deleted_resource_is_gone_and_its_history_kept(api: Api) -> None:
    person = api.person(identifier=identifier("1"))
    reply = api.delete(person)
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["etag"] == 'W/"2"'
    assert "content-length" not in reply.headers
    gone = api.get(person)
    refused(gone, 410, code="deleted")
    assert gone.headers["etag"] == 'W/"2"'
    assert api.found("Patient?identifier=1") == []
    assert api.get(f"{person}/_history").json()["total"] == 2


def test_deleting_again_changes_nothing(api: Api) -> None:
    person = api.person()
    api.delete(person)
    before = api.changes()
    assert api.delete(person).status_code == 204
    assert api.changes() == before


def test_deleting_what_never_was_is_not_found(api: Api) -> None:
    refused(api.delete("Patient/nobody"), 404)


def test_a_delete_may_name_the_version_it_means(api: Api) -> None:
    person = api.person()
    refused(api.delete(person, If_Match='W/"2"'), 412)
    assert api.get(person).status_code == 200
    assert api.delete(person, If_Match='W/"1"').status_code == 204


def test_a_person_with_records_cannot_be_deleted(api: Api) -> None:
    person = api.person()
    made = api.made(plan(person))
    refused(api.delete(person), 409, code="conflict")
    assert api.get(person).status_code == 200
    api.delete(f"CarePlan/{made['id']}")
    assert api.delete(person).status_code == 204


def test_a_deleted_id_comes_back_with_the_next_version(api: Api) -> None:
    person = api.person()
    api.delete(person)
    reply = api.put(person, patient(id=person.removeprefix("Patient/")))
    assert reply.status_code == 201
    assert reply.headers["etag"] == 'W/"3"'
    assert api.get(person).content == reply.content
    refused(api.get(f"{person}/_history/2"), 410)


def test_a_delete_takes_no_search_parameters(api: Api) -> None:
    person = api.person()
    refused(api.delete(f"{person}?identifier=1"), 400)
    refused(api.delete("Patient?identifier=1"), 405)


def test_no_record_survives_its_person_however_requests_race(api: Api) -> None:
    for _ in range(3):
        person = api.person()
        with ThreadPoolExecutor(8) as pool:
            writes = [pool.submit(api.post, "Goal", goal(person)) for _ in range(7)]
            gone = pool.submit(api.delete, person)
        statuses = {write.result().status_code for write in writes}
        assert statuses <= {201, 422}
        left = api.found(f"Goal?patient={person}")
        assert (gone.result().status_code, bool(left)) in {(204, False), (409, True)}


@pytest.mark.parametrize("database_kind", databases.KINDS[1:], indirect=False)
def test_a_person_whose_record_is_just_being_written_waits_for_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    person = api.person()
    store, begun, go = records.write, threading.Event(), threading.Event()

    def slow(session: Session, changes: Sequence[Change], actor: Actor) -> None:
        if changes[0].new.type == "Goal":
            begun.set()
            go.wait(10)
        store(session, changes, actor)

    monkeypatch.setattr(records, "write", slow)
    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(api.post, "Goal", goal(person))
        begun.wait(10)
        gone = pool.submit(api.delete, person)
        wait([gone], timeout=0.2)
        go.set()
    assert made.result().status_code == 201
    refused(gone.result(), 409)


def test_an_organisation_that_is_referred_to_may_go(api: Api) -> None:
    council = f"Organization/{api.made(organization())['id']}"
    api.person(managingOrganization={"reference": council})
    assert api.delete(council).status_code == 204
