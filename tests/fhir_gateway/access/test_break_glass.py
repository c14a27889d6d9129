"""$break-glass: who may open a case in an emergency, for how long, and what that leaves behind."""

from typing import Any

import pytest
from typer.testing import CliRunner

from fhir_gateway.cli import APP
from fhir_gateway.interactions.context import clock
from fhir_gateway.store import emergencies
from fhir_gateway.store.emergencies import LASTS, MINUTE, REVIEWED_WITHIN, Emergency
from tests.fhir_gateway.access.logged_in import logged_in, tied
from tests.fhir_gateway.api import Api, Json, refused
from tests.fhir_gateway.running_world import running
from tests.fhir_gateway.submitted_world import PERSON

ON_ONE = pytest.mark.parametrize("database_kind", ["sqlite"])
MIRA, WORKER = "PractitionerRole/mira", "Practitioner/worker"
PLACE = f"Patient/{PERSON}/$break-glass"


def asked(text: str = "She fell, and the carers cannot be reached", reason: str = "risk-to-life") -> Json:
    said = [{"name": "reason", "valueCode": reason}, {"name": "text", "valueString": text}]
    return {"resourceType": "Parameters", "parameter": said}


def worker(api: Api, role: str = "coordinator", who: str = MIRA, **granted: Any) -> Api:
    return logged_in(api, role, who, **{"organisation": "icb"} | granted)


def opened(api: Api) -> list[Emergency]:
    found: list[Emergency] = api.gateway.database.read(emergencies.every)
    return found


@pytest.mark.parametrize("role", ["coordinator", "icb"])
def test_staff_of_a_body_of_the_case_open_it_for_an_hour(api: Api, role: str) -> None:
    running(api)
    app = worker(api, role)
    reply = app.post(PLACE, asked())
    assert reply.status_code == 200, reply.text
    (made,) = opened(api)
    assert (made.person, made.who, made.organisation, made.reason) == (PERSON, MIRA, "icb", "risk-to-life")
    assert made.until - made.started == LASTS
    assert (made.told_at, made.reviewed_at) == (None, None)
    assert tied(api, PERSON, "emergency") == {MIRA}
    assert {one["name"] for one in reply.json()["parameter"]} == {"until", "emergency"}


@ON_ONE
def test_it_is_over_after_an_hour(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    running(api)
    assert worker(api).post(PLACE, asked()).status_code == 200
    (made,) = opened(api)
    for at, found in ((made.until - 1, {MIRA}), (made.until, set())):
        monkeypatch.setattr("tests.fhir_gateway.access.logged_in.clock", lambda at=at: at)
        assert tied(api, PERSON, "emergency") == found


@ON_ONE
@pytest.mark.parametrize(
    ("role", "granted", "status"),
    [
        ("coordinator", {"organisation": "physio"}, 401),
        ("provider", {}, 403),
        ("auditor", {}, 403),
        ("privacy-officer", {}, 403),
        ("icb", {"scope": "user/Claim.rs"}, 403),
    ],
)
def test_others_may_not(api: Api, role: str, granted: dict[str, Any], status: int) -> None:
    running(api)
    refused(worker(api, role, **granted).post(PLACE, asked()), status)
    assert opened(api) == []


@ON_ONE
def test_a_system_may_not_whatever_its_role(api: Api) -> None:
    running(api)
    refused(api.post(PLACE, asked()), 403)


@ON_ONE
def test_a_body_without_a_part_in_the_case_learns_nothing_of_it(api: Api) -> None:
    running(api)
    other = {"resourceType": "Patient", "id": "other"}
    assert api.put("Patient/other", other).status_code == 201
    replies = [worker(api).post(f"Patient/{one}/$break-glass", asked()) for one in ("other", "nobody")]
    words = {reply.text.replace("other", "nobody") for reply in replies}
    assert ({reply.status_code for reply in replies}, len(words)) == ({404}, 1)


@ON_ONE
def test_an_old_login_has_to_be_renewed(api: Api) -> None:
    running(api)
    reply = worker(api, auth_time=clock() - 6 * MINUTE).post(PLACE, asked())
    assert reply.status_code == 401
    assert 'error="insufficient_user_authentication"' in reply.headers["www-authenticate"]
    assert worker(api, auth_time=clock() - 4 * MINUTE).post(PLACE, asked()).status_code == 200


@ON_ONE
@pytest.mark.parametrize(
    "body", [asked(text="help"), asked(text=" " * 40), asked(reason="curious"), asked(text="x" * 2_001)]
)
def test_a_reason_is_needed_in_code_and_in_words(api: Api, body: Json) -> None:
    running(api)
    refused(worker(api).post(PLACE, body), 400)
    assert opened(api) == []


# --- afterwards -------------------------------------------------------------------------------------


@ON_ONE
def test_the_privacy_officer_finds_reviews_and_tells(api: Api) -> None:
    running(api)
    worker(api).post(PLACE, asked())
    (made,) = opened(api)
    url = api.gateway.database.url.render_as_string(hide_password=False)

    def run(*words: str) -> Any:
        return CliRunner().invoke(APP, ["emergency", *words], env={"PHB_DATABASE_URL": url, "COLUMNS": "300"})

    assert "not yet" in run("list").stdout
    assert run("review", made.emergency_id, "--by", WORKER).exit_code == 0
    assert run("told", made.emergency_id).exit_code == 0
    (after,) = opened(api)
    assert (after.reviewed_by, after.reviewed_at is not None, after.told_at is not None) == (WORKER, True, True)
    assert isinstance(run("review", made.emergency_id, "--by", WORKER).exception, ValueError)
    assert isinstance(run("told", made.emergency_id).exception, ValueError)


def test_an_alert_nobody_reviewed_is_overdue_after_five_days() -> None:
    known: dict[str, Any] = {
        "emergency_id": "e",
        "person": "p",
        "who": MIRA,
        "organisation": "icb",
        "client": "c",
        "request": "r",
    }
    made = Emergency(**known, reason="safeguarding", words="w", started=1_000, until=2_000)
    assert not made.is_overdue(1_000 + REVIEWED_WITHIN)
    assert made.is_overdue(1_001 + REVIEWED_WITHIN)
