"""Every refusal: its status, its OperationOutcome, and nothing personal (FHIR R4 http.html#Status-Codes)."""

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from fhir_gateway.store import records
from fhir_gateway.store.database import Busy, Session
from fhir_gateway.store.records import Change
from mappings.nhs_number import with_check_digit
from tests import databases
from tests.fhir_gateway.api import FHIR_JSON, Api, Loop, opened, refused
from tests.fhir_gateway.trees import NHS_NUMBER, coverage, organization, patient, plan

NUMBER = with_check_digit("999000123") or "9990000018"
NAME = "Zebediah-Quux"


def test_400_bad_json_names_the_place(api: Api) -> None:
    issue = refused(api.post("Patient", '{"resourceType":"Patient",'), 400, code="structure")
    assert re.search(r"line 1 column \d+", issue["diagnostics"])


@pytest.mark.requirement("smart-2.2/no-token-401", "rfc6750#3-1")
def test_401_no_token(api: Api) -> None:
    paths = [
        "GET Patient/x",
        "POST Patient",
        "POST /fhir",
        "GET _history",
        "GET Nope",
        "GET CodeSystem",
        "PUT Patient/x",
    ]
    for method, path in (one.split() for one in [*paths, "POST Patient/_search"]):
        reply = api.stranger().request(method, path, "not even JSON" if method != "GET" else None)
        refused(reply, 401, code="login")
        assert reply.headers["www-authenticate"].startswith("Bearer")
        assert "error=" not in reply.headers["www-authenticate"]


@pytest.mark.requirement("rfc6750#2.1-1")
@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer ", "bearer  x", "Basic eDp5", "Bearer a b", "Bearer " + "x" * 9000]
)
def test_401_a_token_that_is_not_good(api: Api, header: str) -> None:
    for method, path in [("GET", "Patient/x"), ("POST", "/fhir"), ("POST", "Patient")]:
        reply = api.stranger().request(method, path, "{}" if method == "POST" else None, Authorization=header)
        refused(reply, 401)
        assert reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.requirement("rfc6750#2-1", "S26")
def test_401_two_authorization_headers(api: Api) -> None:
    async def send() -> Any:
        twice = [("Authorization", f"Bearer {api.token}")] * 2
        return await api.http.get("/fhir/Patient", headers=twice)

    reply = api.loop.run(send())
    refused(reply, 401)
    assert 'error="invalid_request"' in reply.headers["www-authenticate"]


@pytest.mark.requirement("smart-2.2/type-denied-403")
def test_403_a_type_or_interaction_out_of_reach(api: Api) -> None:
    refused(api.client("system/Patient.rs").post("Patient", patient()), 403, code="forbidden")
    refused(api.client("system/Patient.rs").get("Claim"), 403)


@pytest.mark.parametrize(
    "path", ["Nope", "Patient/x/y", "Patient/x/_history/1/2", "metadata/x", "_search", "Patient/x/_nope"]
)
def test_404_an_address_that_leads_nowhere(api: Api, path: str) -> None:
    refused(api.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "Patient", "GET, HEAD, POST"),
        ("DELETE", "Patient", "GET, HEAD, POST"),
        ("PATCH", "Patient/x", "GET, HEAD, PUT, DELETE"),
        ("POST", "Patient/x", "GET, HEAD, PUT, DELETE"),
        ("GET", "Patient/_search", "POST"),
        ("GET", "/fhir", "POST"),
        ("GET", "/fhir/", "POST"),
        ("PUT", "Patient/x/_history", "GET, HEAD"),
        ("DELETE", "Patient/x/_history/1", "GET, HEAD"),
        ("POST", "_history", "GET, HEAD"),
        ("POST", "metadata", "GET, HEAD"),
        ("POST", "CodeSystem", "GET, HEAD"),
        ("OPTIONS", "Patient", "GET, HEAD, POST"),
        ("NONSENSE", "Patient", "GET, HEAD, POST"),
    ],
)
def test_405_a_method_the_address_does_not_take(api: Api, method: str, path: str, allow: str) -> None:
    reply = api.request(method, path, "{}" if method in ("PUT", "POST", "PATCH") else None)
    refused(reply, 405, code="not-supported")
    assert reply.headers["allow"] == allow


@pytest.mark.parametrize(
    "accept", ["application/fhir+xml", "text/html", "application/xml", "image/png, text/plain", ""]
)
def test_406_only_json_can_be_answered(api: Api, accept: str) -> None:
    refused(api.get("Patient", Accept=accept), 406)


@pytest.mark.parametrize("wanted", ["xml", "application/fhir%2Bxml", "ttl", ""])
def test_406_an_unknown_format(api: Api, wanted: str) -> None:
    refused(api.get(f"Patient?_format={wanted}"), 406)


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "application/fhir+json; fhirVersion=4.0", "text/html, */*;q=0.8", "application/*"],
)
def test_every_accept_that_json_meets_is_met(api: Api, accept: str) -> None:
    assert api.get("Patient", Accept=accept).headers["content-type"].startswith(FHIR_JSON)


def test_409_410_412_428_are_told_with_an_outcome(api: Api) -> None:
    person, council = api.person(), f"Organization/{api.made(organization())['id']}"
    made = api.made(coverage(person, council))
    refused(api.delete(person), 409, code="conflict")
    refused(api.put(f"Coverage/{made['id']}", made | {"language": "en"}), 428)
    refused(api.put(f"Coverage/{made['id']}", made, If_Match='W/"7"'), 412)
    api.delete(f"Coverage/{made['id']}")
    refused(api.get(f"Coverage/{made['id']}"), 410, code="deleted")


@pytest.mark.requirement("S53")
def test_413_more_than_is_taken(api: Api) -> None:
    big = patient(
        text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">' + "x" * 2**21 + "</div>"}
    )
    refused(api.post("Patient", big), 413, code="too-long")
    refused(api.post("Patient", b"{}", Content_Length=str(2**40)), 413)
    refused(api.form("Patient/_search", "name=" + "x" * 70_000), 413)
    assert api.changes() == 0


@pytest.mark.requirement("S53")
def test_413_a_body_that_does_not_say_how_long_it_is(api: Api) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b" " * 2**16

    async def send() -> Any:
        headers = {"Authorization": f"Bearer {api.token}", "Content-Type": FHIR_JSON}
        return await api.http.post("/fhir/Patient", content=chunks(), headers=headers)

    refused(api.loop.run(send()), 413)


@pytest.mark.requirement("lesson-20")
@pytest.mark.parametrize(
    "sent",
    ["application/fhir+xml", "text/plain", "", "application/x-www-form-urlencoded",
    "application/fhir+json; charset=latin-1",
     "application/json; charset=utf-16", "application/json-patch+json"],
)  # fmt: skip
def test_415_a_body_that_is_not_json(api: Api, sent: str) -> None:
    refused(api.post("Patient", patient(), Content_Type=sent), 415)
    refused(api.post("/fhir", patient(), Content_Type=sent), 415)


@pytest.mark.parametrize(
    "sent", ["application/json", "application/fhir+json;charset=UTF-8", 'Application/FHIR+JSON; charset="utf-8"']
)
def test_every_form_of_the_json_type_is_taken(api: Api, sent: str) -> None:
    assert api.post("Patient", patient(), Content_Type=sent).status_code == 201


@pytest.mark.requirement("S54")
def test_415_a_compressed_body(api: Api) -> None:
    refused(api.post("Patient", patient(), Content_Encoding="gzip"), 415)
    assert api.post("Patient", patient(), Content_Encoding="identity").status_code == 201


def test_422_names_the_element_and_the_rule_broken(api: Api) -> None:
    wrong = patient(identifier=[{"system": NHS_NUMBER, "value": "9990000010"}])
    issue = refused(api.post("Patient", wrong), 422)
    assert issue["expression"][0].startswith("Patient.identifier")
    assert "9990000010" not in issue["diagnostics"]


@pytest.fixture
def small(database_url: str, loop: Loop) -> Iterator[Callable[..., Api]]:
    """An application with settings of the test's own."""
    stack = []

    def made(**settings: Any) -> Api:
        context = opened(database_url, loop, **settings)
        stack.append(context)
        return context.__enter__()

    yield made
    for context in stack:
        context.__exit__(None, None, None)


@pytest.mark.requirement("S56")
@pytest.mark.parametrize("database_kind", databases.KINDS[:1], indirect=False)
def test_429_too_many_requests_of_one_token(small: Callable[..., Api]) -> None:
    api = small(client_concurrency=2)
    replies = api.many([("POST", "Patient", patient(), {})] * 20)
    late = [reply for reply in replies if reply.status_code == 429]
    assert len(late) == 18
    assert {reply.headers["retry-after"] for reply in late} == {"1"}
    refused(late[0], 429, code="throttled")
    assert api.get("Patient?_total=accurate").json()["total"] == 2


@pytest.mark.requirement("S56")
@pytest.mark.parametrize("database_kind", databases.KINDS[:1], indirect=False)
def test_503_too_many_requests_in_all(small: Callable[..., Api]) -> None:
    api = small(concurrency=3)
    replies = api.many([("POST", "Patient", patient(), {})] * 20)
    late = [reply for reply in replies if reply.status_code == 503]
    assert len(late) == 17
    refused(late[0], 503, code="transient")
    assert api.get("Patient").status_code == 200


@pytest.mark.requirement("S56")
@pytest.mark.parametrize("database_kind", databases.KINDS[:1], indirect=False)
def test_408_a_body_that_does_not_come(small: Callable[..., Api]) -> None:
    api = small(body_timeout=0.05)

    async def slow() -> Any:
        yield b"{"
        await asyncio.sleep(1)
        yield b"}"

    async def send() -> Any:
        headers = {"Authorization": f"Bearer {api.token}", "Content-Type": FHIR_JSON}
        return await api.http.post("/fhir/Patient", content=slow(), headers=headers)

    refused(api.loop.run(send()), 408, code="timeout")


def test_503_a_database_that_cannot_be_had(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise Busy

    with monkeypatch.context() as patched:
        patched.setattr(Session, "_run", busy)
        reply = api.get(f"Patient/{NUMBER}")
        refused(reply, 503, code="transient")
        assert reply.headers["retry-after"] == "5"
        refused(api.post("Patient", patient()), 503)
        refused(api.bundle(kind="batch"), 503)
    assert api.get("Patient").status_code == 200


@pytest.mark.requirement("S62")
def test_500_tells_the_request_id_and_no_more(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"cannot handle {NAME}")

    monkeypatch.setattr(records, "get", broken)
    reply = api.get("Patient/x")
    issue = refused(reply, 500, code="exception")
    assert reply.headers["x-request-id"] in issue["diagnostics"]
    assert reply.headers["x-request-id"] in caplog.text
    assert NAME not in reply.text
    assert NAME not in caplog.text
    assert "RuntimeError" in caplog.text


# --- nothing personal is told


@pytest.fixture
def every_line(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    for name in ("fhir_gateway", "sqlalchemy", "sqlalchemy.engine", "asyncio", "psycopg"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@pytest.mark.requirement("S61")
def test_no_number_or_name_is_in_any_message_or_log(api: Api, every_line: pytest.LogCaptureFixture) -> None:
    person = patient(identifier=[{"system": NHS_NUMBER, "value": NUMBER}], name=[{"family": NAME}])
    made = api.made(person)
    id_ = made["id"]
    told = [
        api.post("Patient", person | {"gender": NAME}),
        api.post("Patient", person | {"birthDate": NAME}),
        api.post("Patient", person | {"active": NAME}),
        api.post("Patient", person | {"name": [{"family": NAME, "use": NAME}]}),
        api.post("Patient", person, If_None_Exist=f"family={NAME}&identifier=x{NUMBER}&birthdate={NUMBER}"),
        api.put(f"Patient/{id_}", person | {"id": id_}, If_Match=NUMBER),
        api.get(f"Patient?birthdate={NUMBER}"),
        api.get(f"Patient?_sort={NAME}"),
        api.get(f"Patient?_count={NUMBER}x"),
        api.get(f"Patient?_cursor={NUMBER}"),
        api.get(f"Patient?_summary={NAME}"),
        api.get(f"Patient?_has:CarePlan:patient:status:{NAME}=x"),
        api.get(f"Patient/_history?_since={NUMBER}"),
        api.post("CarePlan", plan(f"Patient/{id_}", status=NAME)),
        api.post("CarePlan", plan(f"Patient/{id_}", title=5)),
        api.bundle({"resource": person, "request": {"method": NAME, "url": f"Patient/{NUMBER}"}}),
        api.delete(f"Patient/{id_}", If_Match=NAME),
        api.post("Patient", f'{{"resourceType":"Patient","name":"{NAME}","name":"{NUMBER}"}}'),
        api.post("Patient", f'{{"resourceType":"Patient","name":[{{"family":"{NAME}'),
    ]
    assert {reply.status_code for reply in told} <= {400, 412, 422}, [(r.status_code, r.text) for r in told]
    for reply in told:
        assert NAME not in reply.text, reply.text
        assert NUMBER not in reply.text, reply.text
    assert NAME not in _logged(every_line)
    assert NUMBER not in _logged(every_line)


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    """What the gateway's side logged; the test's own client logs its addresses."""
    lines = [record for record in caplog.records if not record.name.startswith("http")]
    return "\n".join(caplog.handler.format(record) for record in lines)


@pytest.mark.requirement("S62")
def test_a_fault_in_the_database_tells_no_number_or_name(
    api: Api, every_line: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that fails on the row itself: the driver's own message quotes it."""
    person = api.person()
    row = records.main_row

    def broken(change: Change) -> dict[str, Any]:
        return row(change) | {"version": NAME if api.gateway.database.dialect == "postgresql" else None}

    monkeypatch.setattr(records, "main_row", broken)
    sent = patient(identifier=[{"system": NHS_NUMBER, "value": NUMBER}], name=[{"family": NAME}])
    reply = api.post("Patient", sent)
    assert reply.status_code in (500, 503)
    assert "Error" in _logged(every_line)
    for text in (reply.text, _logged(every_line)):
        assert NAME not in text
        assert NUMBER not in text
    assert api.get(person).status_code == 200


@pytest.mark.requirement("S61")
def test_metrics_and_audit_hold_no_query(api: Api) -> None:
    api.get(f"Patient?identifier={quote(NHS_NUMBER)}|{NUMBER}&family={NAME}")
    told = api.get("/metrics").text
    assert NUMBER not in told
    assert NAME not in told
    rows = api.gateway.database.read(lambda session: session.driver.execute("SELECT * FROM audit").fetchall())
    assert rows
    assert NUMBER not in str(rows)
    assert NAME not in str(rows)
