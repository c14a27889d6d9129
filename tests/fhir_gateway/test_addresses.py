"""The addresses beside the FHIR base: health, metrics, documentation, discovery, tokens."""

import json
import uuid
from typing import Any

import pytest

from fhir_gateway.http import health
from fhir_gateway.interactions.context import clock
from fhir_gateway.store.database import Busy, Session
from tests.auth.builders import JWT_BEARER, signed
from tests.fhir_gateway.api import BASE, Api


@pytest.mark.requirement("S60")
@pytest.mark.parametrize("path", ["/_ping", "/health/live"])
def test_a_living_gateway_says_so_whatever_its_database_does(
    api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy

    monkeypatch.setattr(Session, "_run", busy)
    reply = api.stranger().get(path)
    assert (reply.status_code, reply.json()["status"]) == (200, "pass")


@pytest.mark.parametrize("path", ["/_status", "/health/ready"])
def test_a_ready_gateway_says_what_it_checked(api: Api, path: str) -> None:
    reply = api.stranger().get(path)
    assert (reply.status_code, reply.json()["checks"]) == (200, {"database": "pass", "disk": "pass"})


@pytest.mark.requirement("S60")
@pytest.mark.parametrize("fault", ["database", "schema", "disk"])
def test_a_gateway_that_cannot_serve_is_not_ready(api: Api, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> bool:
        raise Busy

    if fault == "database":
        monkeypatch.setattr(health, "is_current", busy)
    elif fault == "schema":
        monkeypatch.setattr(health, "is_current", lambda _: False)
    else:
        monkeypatch.setattr(health, "LEAST_FREE", 1.1)
    reply = api.stranger().get("/health/ready")
    assert (reply.status_code, reply.json()["status"]) == (503, "fail")
    assert reply.headers["retry-after"] == "5"


def test_metrics_count_requests_by_method_and_status(api: Api) -> None:
    api.get("Patient/nobody")
    api.request("NONSENSE", "Patient")
    reply = api.stranger().get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    assert 'phb_requests_total{method="GET",status="404"}' in reply.text
    assert 'method="other"' in reply.text
    assert "NONSENSE" not in reply.text


def test_the_openapi_description_and_its_page_are_served(api: Api) -> None:
    spec = api.stranger().get("/openapi.json").json()
    assert spec["openapi"].startswith("3.1")
    assert "/fhir/Claim/{id}" in spec["paths"]
    page = api.stranger().get("/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in ("/docs/start.js", "/docs/assets/swagger-ui.css", "/docs/assets/swagger-ui-bundle.js"):
        assert path in page.text
        assert api.stranger().get(path).status_code == 200


@pytest.mark.requirement("lesson-16")
def test_the_documentation_serves_its_files_whole_and_no_others(api: Api) -> None:
    """Starlette GHSA-7f5h-v6xp-fcq8, GHSA-v5gw-mw7f-84px: ranges that cost, paths that lead out."""
    style, ranges = "/docs/assets/swagger-ui.css", "bytes=" + ",".join(f"{at}-" for at in range(2000))
    whole, part = api.stranger().get(style), api.stranger().get(style, Range=ranges)
    assert (part.status_code, part.content) == (200, whole.content)
    assert whole.headers["x-content-type-options"] == "nosniff"
    for name in ("", "index.html", "../swagger_ui_bundle/__init__.py", "%2e%2e/__init__.py", "swagger-ui.css/", "x"):
        assert api.stranger().get(f"/docs/assets/{name}").status_code == 404, name


def test_the_front_page_names_the_doors(api: Api) -> None:
    assert api.stranger().get("/").json()["fhir"] == "/fhir"
    assert api.stranger().get("/nowhere").status_code == 404


@pytest.mark.requirement("smart-2.2#372")
def test_smart_configuration_names_the_token_endpoint(api: Api) -> None:
    found = api.stranger().get("/fhir/.well-known/smart-configuration")
    assert found.status_code == 200
    assert found.json()["token_endpoint"] == f"{BASE}/oauth2/token"


def token_form(api: Api, scope: str = "system/Patient.rs", **changes: Any) -> dict[str, str]:
    """The form of a valid token request of this client."""
    claims = {
        "iss": api.client_id,
        "sub": api.client_id,
        "aud": f"{BASE}/oauth2/token",
        "exp": clock() // 1_000_000 + 200,
        "jti": uuid.uuid4().hex,
    }
    return {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": JWT_BEARER,
        "client_assertion": signed(claims | changes),
    }


def _token(api: Api, form: dict[str, str]) -> Any:
    async def send() -> Any:
        return await api.http.post("/oauth2/token", data=form)

    return api.loop.run(send())


def test_a_client_gets_a_token_and_reads_with_it(api: Api) -> None:
    person = api.person()
    reply = _token(api, token_form(api))
    assert reply.status_code == 200, reply.text
    said = reply.json()
    assert (said["token_type"].lower(), said["scope"], said["expires_in"]) == ("bearer", "system/Patient.rs", 300)
    with_it = {"Authorization": f"Bearer {said['access_token']}"}
    assert api.stranger().get(person, **with_it).status_code == 200
    assert api.stranger().delete(person, **with_it).status_code == 403


def test_a_token_request_sent_twice_is_refused_the_second_time(api: Api) -> None:
    form = token_form(api)
    assert [_token(api, form).status_code for _ in range(2)] == [200, 400]


def test_fifty_uses_of_one_assertion_at_once_give_one_token(api: Api) -> None:
    form = token_form(api)

    async def send() -> Any:
        import asyncio

        return await asyncio.gather(*(api.http.post("/oauth2/token", data=form) for _ in range(50)))

    replies = api.loop.run(send())
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * 49


def test_a_token_ended_by_its_client_is_refused_at_once(api: Api) -> None:
    token = _token(api, token_form(api)).json()["access_token"]
    with_it = {"Authorization": f"Bearer {token}"}
    assert api.stranger().get("Patient", **with_it).status_code == 200
    form = token_form(api) | {"token": token}
    form.pop("grant_type")

    async def end() -> Any:
        return await api.http.post("/oauth2/revoke", data=form)

    assert api.loop.run(end()).status_code == 200
    assert api.stranger().get("Patient", **with_it).status_code == 401


def test_a_fault_at_the_token_endpoint_is_told_in_its_own_format(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise Busy

    monkeypatch.setattr(api.gateway.database, "write", busy)
    reply = _token(api, token_form(api))
    assert reply.status_code == 503
    assert json.loads(reply.text)["error"] == "temporarily_unavailable"
    assert reply.headers["cache-control"] == "no-store"
