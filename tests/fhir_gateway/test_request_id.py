"""X-Request-ID and X-Correlation-ID: traced, and a write sent again is not done again (security requirement S47)."""

import uuid

import pytest

from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.trees import organization, patient, plan


def _id() -> str:
    return str(uuid.uuid4())


def test_every_answer_carries_the_request_id(api: Api) -> None:
    given = _id().upper()
    for reply in (
        api.get("Patient", X_Request_ID=given),
        api.get("Patient/nobody", X_Request_ID=given),
        api.stranger().get("Patient", X_Request_ID=given),
        api.post("Patient", "{", X_Request_ID=given),
    ):
        assert reply.headers["x-request-id"] == given
    assert uuid.UUID(api.get("Patient").headers["x-request-id"]).version == 4


@pytest.mark.parametrize("given", ["1", "not-a-uuid", "", "{00000000-0000-4000-8000-000000000000}", "x" * 5000])
def test_a_request_id_that_is_no_uuid_is_refused(api: Api, given: str) -> None:
    reply = api.post("Patient", patient(), X_Request_ID=given)
    refused(reply, 400)
    assert reply.headers["x-request-id"] != given
    assert api.changes() == 0


def test_a_correlation_id_is_echoed(api: Api) -> None:
    for reply in (api.get("Patient", X_Correlation_ID="a:b/1"), api.get("Patient/x", X_Correlation_ID="a:b/1")):
        assert reply.headers["x-correlation-id"] == "a:b/1"
    assert "x-correlation-id" not in api.get("Patient").headers


@pytest.mark.requirement("S47")
@pytest.mark.parametrize("wish", ["return=representation", "return=minimal"])
def test_a_create_sent_again_is_answered_again_and_not_done_again(api: Api, wish: str) -> None:
    again = api.sending(X_Request_ID=_id(), Prefer=wish)
    first, second = again.post("Patient", patient()), again.post("Patient", patient())
    assert (second.status_code, second.content) == (first.status_code, first.content) == (201, first.content)
    for name in ("location", "etag", "last-modified"):
        assert second.headers[name] == first.headers[name]
    assert api.changes() == 1


def test_an_update_and_a_delete_sent_again_are_not_done_again(api: Api) -> None:
    person = api.person()
    body = patient(id=person.removeprefix("Patient/"), gender="male")
    updating = api.sending(X_Request_ID=_id(), If_Match='W/"1"')
    first, second = updating.put(person, body), updating.put(person, body)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    deleting = api.sending(X_Request_ID=_id())
    assert [deleting.delete(person).status_code for _ in range(2)] == [204, 204]
    assert api.changes() == 3


def test_a_transaction_sent_again_is_not_done_again(api: Api) -> None:
    again = api.sending(X_Request_ID=_id())
    entries = [{"resource": patient(), "request": {"method": "POST", "url": "Patient"}}] * 3
    first, second = again.bundle(*entries), again.bundle(*entries)
    assert first.status_code == 200
    assert second.content == first.content
    assert api.changes() == 3


def test_a_batch_sent_again_does_only_what_is_not_done(api: Api) -> None:
    again = api.sending(X_Request_ID=_id())
    entries = [
        {"resource": patient(), "request": {"method": "POST", "url": "Patient"}},
        {"resource": plan("Patient/late"), "request": {"method": "POST", "url": "CarePlan"}},
        {"request": {"method": "GET", "url": "Patient?_summary=count"}},
    ]
    first = again.bundle(*entries, kind="batch").json()
    assert [one["response"]["status"] for one in first["entry"]] == ["201", "422", "200"]
    api.put("Patient/late", patient(id="late"))
    second = again.bundle(*entries, kind="batch").json()
    assert [one["response"]["status"] for one in second["entry"]] == ["201", "201", "200"]
    assert second["entry"][0] == first["entry"][0]
    assert second["entry"][2]["resource"]["total"] == 2
    refused(again.bundle(*entries[:2], kind="batch"), 422, code="duplicate")


@pytest.mark.requirement("S47")
@pytest.mark.parametrize("other", ["body", "path", "method"])
def test_the_id_of_one_request_cannot_be_used_for_another(api: Api, other: str) -> None:
    person = api.person()
    id_ = person.removeprefix("Patient/")
    again = api.sending(X_Request_ID=_id())
    assert again.put(person, patient(id=id_, gender="male")).status_code == 200
    before = api.changes()
    if other == "body":
        refused(again.put(person, patient(id=id_, gender="female")), 422, code="duplicate")
    elif other == "path":
        refused(again.post("Organization", organization()), 422, code="duplicate")
    else:
        refused(again.delete(person), 422, code="duplicate")
    assert api.changes() == before


def test_a_refused_write_may_be_tried_again_under_its_id(api: Api) -> None:
    again = api.sending(X_Request_ID=_id())
    refused(again.post("CarePlan", plan("Patient/late")), 422)
    api.put("Patient/late", patient(id="late"))
    assert again.post("CarePlan", plan("Patient/late")).status_code == 201


def test_two_clients_may_use_one_id(api: Api) -> None:
    given = _id()
    other = api.client(client_id="other")
    ids = {one.made(patient(), X_Request_ID=given)["id"] for one in (api, other)}
    assert len(ids) == 2


@pytest.mark.requirement("S47")
def test_what_was_answered_is_not_answered_again_to_a_lesser_grant(api: Api) -> None:
    given = _id()
    assert api.post("Patient", patient(), X_Request_ID=given).status_code == 201
    lesser = api.client("system/Claim.rs")
    assert lesser.post("Patient", patient(), X_Request_ID=given).status_code in (403, 422)


def test_reads_may_share_an_id(api: Api) -> None:
    again = api.sending(X_Request_ID=_id())
    person = api.person()
    assert again.get(person).status_code == 200
    assert again.get("Patient").status_code == 200


@pytest.mark.requirement("S47")
def test_fifty_of_one_request_at_once_are_done_once(api: Api) -> None:
    replies = api.many([("POST", "Patient", patient(), {"X_Request_ID": _id()})] * 50)
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.content for reply in replies}) == 1
    assert api.changes() == 1
