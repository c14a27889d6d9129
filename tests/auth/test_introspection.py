"""Introspection and revocation of what people granted: who may ask, and that the verdict is the API's."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from auth import clients, grants, sessions
from auth.store import ACCOUNT
from tests.auth.apps import FHIR, SCOPE, SECRET, AppServer, basic, on_sqlite
from tests.auth.builders import ISSUER, NOW, SECOND, registration

INACTIVE = {"active": False}


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


def ask(server: AppServer, token: str, **arguments: Any) -> httpx.Response:
    data = {"token": token, **arguments.pop("data", {})}
    return server.send("POST", "/oauth2/introspect", data=data, **arguments)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# --- what is said


@pytest.mark.requirement("smart-2.2#272", "rfc7662#2.2-1", "rfc8707#2-2")
def test_a_living_access_token_is_described_as_it_was_granted(server: AppServer) -> None:
    """RFC 7662 and the public kit: same scopes and count, patient, fhirUser, iss and sub of the id_token."""
    body = server.tokens()
    login = server.login
    assert login is not None
    assert server.introspected(body["access_token"]) == {
        "active": True,
        "client_id": "patient-app",
        "scope": body["scope"],
        "sub": login.account_id,
        "patient": "janice",
        "fhirUser": f"{FHIR}/Patient/janice",
        "token_type": "Bearer",
        "iat": NOW // SECOND,
        "exp": NOW // SECOND + 600,
        "iss": ISSUER,
        "aud": FHIR,
    }


def test_a_living_refresh_token_is_described_too(server: AppServer) -> None:
    found = server.introspected(server.tokens()["refresh_token"])
    assert (found["active"], found["scope"], found["patient"]) == (True, SCOPE, "janice")
    assert found["exp"] == (NOW + grants.OFFLINE) // SECOND
    assert "token_type" not in found


def test_a_narrowed_token_is_described_as_it_is(server: AppServer) -> None:
    narrow = server.refresh(server.tokens()["refresh_token"], scope="patient/Claim.r").json()
    assert server.introspected(narrow["access_token"])["scope"] == "patient/Claim.r"
    assert server.introspected(narrow["refresh_token"])["scope"] == SCOPE


# --- who may ask


def test_an_app_asks_about_its_own_token_with_that_token(server: AppServer) -> None:
    token = server.tokens()["access_token"]
    assert ask(server, token, headers=bearer(token)).json()["active"] is True


def test_an_app_with_a_secret_asks_by_basic(server: AppServer) -> None:
    code = server.code(client_id="secret-app")
    body = server.redeem(code, client_id=None, headers=basic("secret-app", SECRET)).json()
    reply = ask(server, body["access_token"], auth=("secret-app", SECRET))
    assert reply.json()["client_id"] == "secret-app"


@pytest.mark.requirement("smart-2.2/introspect-inactive", "S13")
def test_another_clients_token_is_as_good_as_unknown(server: AppServer) -> None:
    """S13: byte for byte."""
    body = server.tokens()
    server.write(lambda conn: clients.add(conn, registration(client_id="other"), NOW))
    own = server.token(**server.proof(iss="other", sub="other"))
    answers = {
        ask(server, token, **how).content
        for token in (body["access_token"], body["refresh_token"], "garbage")
        for how in (
            {"auth": ("secret-app", SECRET)},
            {"data": server.proof(iss="other", sub="other")},
            {"headers": bearer(own)},
        )
    }
    assert answers == {b'{"active":false}'}


@pytest.mark.requirement("smart-2.2#281")
def test_a_resource_server_asks_about_anybodys_token_also_with_its_bearer(server: AppServer) -> None:
    token = server.tokens()["access_token"]
    assert ask(server, token, headers=bearer(server.token())).json()["patient"] == "janice"


@pytest.mark.requirement("rfc7662#2.1-1", "rfc7662#2.3-1", "S13")
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"data": {"client_id": "patient-app"}},
        {"auth": ("secret-app", "wrong")},
        {"auth": ("nobody", SECRET)},
        {"headers": bearer("unknown")},
    ],
)
def test_nobody_asks_without_a_proof(server: AppServer, arguments: dict[str, Any]) -> None:
    reply = ask(server, server.tokens()["access_token"], **arguments)
    assert reply.status_code == 401
    assert "www-authenticate" in reply.headers
    assert "active" not in reply.json()


# --- the API's verdict


@pytest.mark.requirement("rfc7662#2.2-1", "rfc7662#4-1", "lesson-12")
@pytest.mark.parametrize("end", ["token", "grant", "account", "tie", "client", "logout", "time", "reuse"])
def test_introspection_says_what_the_api_would_for_every_way_of_ending(server: AppServer, end: str) -> None:
    """Keycloak CVE-2026-8922: no way of revoking is missed."""
    body = server.tokens(scope="openid online_access launch/patient patient/Claim.rs")
    login = server.login
    assert login is not None
    assert server.is_good(body["access_token"])
    assert server.introspected(body["refresh_token"])["active"] is True
    ways: dict[str, Any] = {
        "grant": lambda conn: grants.revoke_all(conn, login.account_id, NOW),
        "account": lambda conn: conn.execute(update(ACCOUNT).values(status="closed")),
        "client": lambda conn: clients.revoke(conn, "patient-app", NOW),
        "logout": lambda conn: sessions.end(conn, login, NOW),
    }
    if end in ways:
        server.write(ways[end])
    if end == "tie":
        server.holds = False
    if end == "time":
        server.clock.advance(8 * 3600 * SECOND)
    if end == "reuse":
        server.refresh(body["refresh_token"])
        server.refresh(body["refresh_token"])
    if end == "token":
        revoke(server, body["access_token"])
        assert server.introspected(body["access_token"]) == INACTIVE
        assert server.introspected(body["refresh_token"])["active"] is True
        return
    assert not server.is_good(body["access_token"])
    assert [server.introspected(body[name]) for name in ("access_token", "refresh_token")] == [INACTIVE, INACTIVE]


# --- revocation


def revoke(server: AppServer, token: str, **arguments: Any) -> httpx.Response:
    data = {"token": token, "client_id": "patient-app", **arguments.pop("data", {})}
    return server.send("POST", "/oauth2/revoke", data={k: v for k, v in data.items() if v is not None}, **arguments)


@pytest.mark.requirement("rfc7009#2-1", "rfc7009#2.1-2")
def test_revoking_a_refresh_token_ends_the_grant(server: AppServer) -> None:
    """RFC 7009; the public kit's "token revocation"."""
    body = server.tokens()
    later = server.refresh(body["refresh_token"]).json()
    reply = revoke(server, later["refresh_token"], data={"token_type_hint": "refresh_token"})
    assert (reply.status_code, reply.content) == (200, b"")
    assert not server.is_good(body["access_token"])
    assert not server.is_good(later["access_token"])
    assert server.refresh(later["refresh_token"]).status_code == 400
    assert server.noted[-2][:2] == ("revocation", "ended")


@pytest.mark.requirement("rfc7009#2-1")
def test_revoking_an_access_token_ends_it_alone(server: AppServer) -> None:
    body = server.tokens()
    assert revoke(server, body["access_token"]).status_code == 200
    assert not server.is_good(body["access_token"])
    assert server.refresh(body["refresh_token"]).status_code == 200


def test_a_token_that_was_rotated_away_still_ends_the_grant(server: AppServer) -> None:
    body = server.tokens()
    later = server.refresh(body["refresh_token"]).json()
    assert revoke(server, body["refresh_token"]).status_code == 200
    assert not server.is_good(later["access_token"])


@pytest.mark.requirement("rfc7009#2.1-3")
def test_a_wrong_hint_is_no_hindrance(server: AppServer) -> None:
    body = server.tokens()
    revoke(server, body["access_token"], data={"token_type_hint": "refresh_token"})
    assert not server.is_good(body["access_token"])


@pytest.mark.requirement("rfc7009#2.1-1", "rfc7009#2.2-1")
def test_revoking_what_is_unknown_or_foreign_changes_nothing_and_says_nothing(server: AppServer) -> None:
    body = server.tokens()
    for token in (body["access_token"], body["refresh_token"], "garbage"):
        reply = revoke(server, token, data={"client_id": None}, auth=("secret-app", SECRET))
        assert (reply.status_code, reply.content) == (200, b"")
    assert server.is_good(body["access_token"])
    assert server.refresh(body["refresh_token"]).status_code == 200


@pytest.mark.requirement("rfc7009#2.1-1")
def test_revocation_by_nobody_in_particular_is_refused(server: AppServer) -> None:
    body = server.tokens()
    assert revoke(server, body["access_token"], data={"client_id": None}).status_code == 400
    assert revoke(server, body["access_token"], data={"client_id": "secret-app"}).status_code == 400
    assert server.is_good(body["access_token"])
