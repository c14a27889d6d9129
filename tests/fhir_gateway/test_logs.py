"""No token, name, NHS number or query string comes into a log, whoever writes it and whatever goes wrong (S61, S62)."""

import logging
from dataclasses import replace

import pytest

from fhir_gateway import logs
from fhir_gateway.logs import LIBRARIES, Redacting, redacted
from fhir_gateway.server import options
from fhir_gateway.settings import Settings
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.trees import patient

NUMBER = "9990000042"
NAME = "Canaryworth"
TOKEN = "canary-" + "t0ken" * 9


@pytest.mark.parametrize(
    "text",
    [
        "GET /fhir/Patient?family=Canaryworth HTTP/1.1",
        "https://gateway.example/authorize?code=Canaryworth&state=x",
        "Authorization: Bearer canary-short",
        "authorization: basic Y2FuYXJ5",
        f"issued {TOKEN}",
        "assertion eyJhbGciOiJSUzM4NCJ9.eyJzdWIiOiJjYW5hcnkifQ.c2ln was refused",
        'duplicate key value violates unique constraint "x"\nDETAIL:  Key (name)=(Canaryworth) already exists.',
        "the number 999 000 0042 is known",
        "the number 9990000042 is known",
    ],
)
def test_what_looks_like_a_secret_or_a_person_is_taken_out(text: str) -> None:
    said = redacted(text)
    assert logs.GONE in said
    for secret in ("Canaryworth", "canary-", "Y2FuYXJ5", "eyJ", NUMBER, "999 000 0042"):
        assert secret not in said


def test_what_a_log_is_for_stays() -> None:
    line = "request 6f9619ff-8b86-d011-b42d-00cf4fc964ff failed: IntegrityError 23505 in 12 ms"
    assert redacted(line) == line


@pytest.mark.requirement("S62")
def test_an_exception_is_told_by_its_kind_and_place(caplog: pytest.LogCaptureFixture) -> None:
    known: dict[str, str] = {}
    try:
        known[NAME].upper()
    except KeyError:
        logging.getLogger("somebody").exception("it failed")
    said = Redacting().format(caplog.records[-1])
    assert NAME not in said
    assert "KeyError" in said
    assert "test_logs.py" in said


def test_the_head_of_the_audit_can_be_read_in_the_log() -> None:
    record = logging.LogRecord(logs.AUDIT, logging.INFO, __file__, 1, "head 3:%s", ("a" * 64,), None)
    assert Redacting().format(record) == f"head 3:{'a' * 64}"


def test_the_server_writes_no_line_for_a_request_and_its_own_lines_through_ours() -> None:
    chosen = options(Settings(), "127.0.0.1", 8000)
    assert (chosen["access_log"], chosen["log_config"]) == (False, None)


def test_a_library_says_little_however_much_we_say(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logs.configure("DEBUG")
    try:
        for name, least in LIBRARIES.items():
            assert logging.getLogger(name).getEffectiveLevel() >= max(least, logging.INFO)
        assert logging.getLogger("fhir_gateway").isEnabledFor(logging.DEBUG)
    finally:
        logs.configure("INFO")


@pytest.mark.requirement("S61")
def test_a_run_with_everything_going_wrong_leaves_no_canary(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """The routes outside FHIR included: token endpoint, login, consent, introspection."""
    caplog.set_level(logging.DEBUG)
    for name in ("fhir_gateway", "auth", "sqlalchemy", "authlib", "joserfc"):
        caplog.set_level(logging.DEBUG, logger=name)
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    stranger = api.stranger()
    replies = [
        api.post("Patient", patient(name=[{"family": NAME}], gender=NAME)),
        api.get(f"Patient?identifier={NUMBER}&family={NAME}"),
        api.bundle({"resource": patient(), "request": {"method": NAME, "url": f"Patient/{NUMBER}"}}),
        replace(api, token=TOKEN).get(f"Patient?identifier={NUMBER}"),
        stranger.post(
            "/oauth2/token", f"grant_type=client_credentials&client_id={NAME}&client_assertion={TOKEN}", **form
        ),
        stranger.post("/oauth2/token", f"grant_type=refresh_token&refresh_token={TOKEN}&client_id={NAME}", **form),
        stranger.post("/oauth2/introspect", f"token={TOKEN}", **form),
        stranger.post("/oauth2/revoke", f"token={TOKEN}&client_id={NAME}", **form),
        stranger.get(f"/oauth2/authorize?client_id={NAME}&redirect_uri=https://x.example/{TOKEN}&state={TOKEN}"),
        stranger.get(f"/oauth2/consent?request={TOKEN}"),
        stranger.post("/login", f"username={NAME}&password={TOKEN}&csrf={TOKEN}", **form),
    ]
    assert all(reply.status_code < 500 for reply in replies), [(r.request.url.path, r.status_code) for r in replies]
    lines = [record for record in caplog.records if not record.name.startswith("http")]
    told = "\n".join(caplog.handler.format(record) for record in lines)
    for canary in (NAME, NUMBER, TOKEN):
        assert canary not in told
        assert canary not in api.get("/metrics").text
