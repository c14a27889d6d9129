"""S69: pages of registered apps may call the FHIR base with their token, and nobody's page with a cookie."""

import json

import httpx
import pytest

from auth import clients, sessions
from auth.clients import Registration
from fhir_gateway.interactions.context import clock
from tests.fhir_gateway.api import Api

ORIGIN = "https://app.example"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access_Control_Request_Method": "PUT",
    "Access_Control_Request_Headers": "authorization,if-match",
}


@pytest.fixture
def database_kind() -> str:
    """One kind: no statement here differs between them."""
    return "sqlite"


@pytest.fixture
def app(api: Api) -> Api:
    wanted = Registration(
        client_id="patient-app",
        name="My budget",
        kind="public",
        scope="openid patient/*.rs",
        redirect_uris='["https://app.example/cb"]',
        origins=json.dumps([ORIGIN]),
    )
    api.write(lambda conn: clients.add(conn, wanted, clock()))
    api.app._service._origins._read_at = None  # what an earlier test left in this process
    return api


def no_cors(reply: httpx.Response) -> bool:
    return "access-control-allow-origin" not in reply.headers


@pytest.mark.requirement("smart-2.2/cors-fhir")
def test_a_registered_origin_may_ask_what_fhir_needs(app: Api) -> None:
    reply = app.stranger().request("OPTIONS", "Patient/x", **PREFLIGHT)
    assert reply.status_code == 204
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    allowed = {one.strip().lower() for one in reply.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "prefer", "if-match", "if-none-exist", "x-request-id"} <= allowed
    assert {"GET", "POST", "PUT", "DELETE"} <= set(reply.headers["access-control-allow-methods"].split(", "))
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.requirement("smart-2.2/cors-fhir")
def test_a_registered_origin_may_read_answers_and_their_headers(app: Api) -> None:
    reply = app.post("Patient", {"resourceType": "Patient"}, Origin=ORIGIN)
    assert reply.status_code == 201
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    exposed = {one.strip() for one in reply.headers["access-control-expose-headers"].split(",")}
    assert {"ETag", "Location", "Content-Location", "Last-Modified", "X-Request-ID"} <= exposed
    assert "Origin" in reply.headers["vary"]
    assert "access-control-allow-credentials" not in reply.headers


def test_a_refusal_can_be_read_too(app: Api) -> None:
    reply = app.stranger().get("Patient/x", Origin=ORIGIN)
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (401, ORIGIN)


@pytest.mark.requirement("S69", "lesson-20")
@pytest.mark.parametrize("origin", ["https://evil.example", "http://app.example", "https://app.example:444", "null"])
def test_any_other_origin_reads_nothing(app: Api, origin: str) -> None:
    assert no_cors(app.get("Patient", Origin=origin))
    assert no_cors(app.stranger().request("OPTIONS", "Patient", **{**PREFLIGHT, "Origin": origin}))


@pytest.mark.requirement("smart-2.2#16")
@pytest.mark.parametrize("path", ["metadata", ".well-known/smart-configuration"])
def test_what_is_public_is_for_pages_of_every_origin(app: Api, path: str) -> None:
    reply = app.stranger().get(path, Origin="https://anybody.example")
    assert reply.status_code == 200
    assert reply.headers.get_list("access-control-allow-origin") == ["*"]


def test_without_an_origin_nothing_is_added(app: Api) -> None:
    assert no_cors(app.get("Patient"))


@pytest.mark.requirement("S69")
def test_a_cookie_is_no_way_in(app: Api) -> None:
    reply = app.stranger().get("Patient", Origin=ORIGIN, Cookie=f"{sessions.COOKIE}={'x' * 43}")
    assert reply.status_code == 401


@pytest.mark.requirement("smart-2.2/metadata-oauth-uris")
def test_the_capability_statement_says_so_and_names_the_endpoints(app: Api) -> None:
    security = app.get("metadata").json()["rest"][0]["security"]
    smart = app.get(".well-known/smart-configuration").json()
    assert security["cors"] is True
    uris = {one["url"]: one["valueUri"] for one in security["extension"][0]["extension"]}
    assert uris == {
        "authorize": smart["authorization_endpoint"],
        "token": smart["token_endpoint"],
        "introspect": smart["introspection_endpoint"],
        "revoke": smart["revocation_endpoint"],
    }
