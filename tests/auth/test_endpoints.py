"""The endpoints as a client meets them: the valid request passes, each fault alone gets its own answer."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from auth import clients, tokens
from auth.endpoints import routes
from auth.errors import Unauthorized
from auth.store import ACCESS_TOKEN, CLIENT_JTI
from tests.auth.builders import (
    ISSUER,
    JWT_BEARER,
    MINUTE,
    NOW,
    SECOND,
    Server,
    claims,
    key,
    public,
    registration,
    signed,
)

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def fault(reply: httpx.Response) -> tuple[int, str]:
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["pragma"] == "no-cache"
    body = reply.json()
    assert set(body) == {"error", "error_description"}
    return reply.status_code, body["error"]


def admitted(server: Server, token: str) -> bool:
    try:
        server.write(lambda conn: tokens.verify(conn, f"Bearer {token}", server.clock()))
    except Unauthorized:
        return False
    return True


# --- token


@pytest.mark.requirement(
    "smart-2.2/token-body",
    "smart-2.2#86",
    "smart-2.2#87",
    "smart-2.2#248",
    "smart-2.2#262",
    "smart-2.2#297",
    "rfc6749#4.4.3-1",
    "rfc6749#5.1-1",
)
def test_a_valid_request_gets_a_token(server: Server) -> None:
    reply = server.post()
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("application/json")
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    body = reply.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 300, "system/Patient.rs")
    assert admitted(server, body["access_token"])


@pytest.mark.requirement("smart-2.2#250", "smart-2.2/v1-system-read", "rfc6749#3.1-2", "rfc6749#3.3-1", "rfc6749#3.3-2")
@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("system/Patient.rs", "system/Patient.rs"),
        ("system/*.read", "system/Patient.read system/Claim.read"),
        ("system/Patient.cruds system/Claim.cruds", "system/Patient.rs system/Claim.cruds"),
        ("system/Claim.rs?status=active", "system/Claim.rs?status=active"),
        ("system/Patient.rs openid system/Goal.rs", "system/Patient.rs"),
        (None, "system/Patient.rs system/Claim.cruds"),
        ("", "system/Patient.rs system/Claim.cruds"),
    ],
)
def test_the_scope_granted_is_said_and_stays_within_the_registration(
    server: Server, scope: str | None, granted: str
) -> None:
    assert server.post(data=server.form(scope=scope)).json()["scope"] == granted


@pytest.mark.requirement(
    "smart-2.2#251",
    "smart-2.2#252",
    "smart-2.2/assertion-type-400",
    "rfc6749#4.4-1",
    "rfc6749#5.2-1",
    "rfc7523#2.2-1",
    "rfc7523#3-7",
    "rfc9700#2.4-1",
    "S16",
    "lesson-15",
)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": None}, (400, "invalid_request")),
        ({"grant_type": "not_a_grant"}, (400, "unsupported_grant_type")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"client_assertion_type": None}, (400, "invalid_client")),
        ({"client_assertion_type": "not_an_assertion_type"}, (400, "invalid_client")),
        ({"client_assertion": None}, (400, "invalid_request")),
        ({"client_assertion": "x.y.z"}, (400, "invalid_client")),
        ({"client_assertion": "\x00"}, (400, "invalid_request")),
        ({"client_id": "someone-else"}, (400, "invalid_client")),
        ({"client_secret": "hush"}, (400, "invalid_client")),
        ({"scope": "system/Goal.rs"}, (400, "invalid_scope")),
        ({"scope": "patient/Patient.rs"}, (400, "invalid_scope")),
        ({"scope": "system/Patient.sr"}, (400, "invalid_scope")),
        ({"scope": " ".join(["system/Patient.rs"] * 101)}, (400, "invalid_scope")),
        ({f"field{number}": "x" for number in range(50)}, (400, "invalid_request")),
        ({"padding": "x" * 65_536}, (413, "invalid_request")),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_faulty_token_request_is_refused(server: Server, changes: dict[str, Any], expected: tuple[int, str]) -> None:
    assert fault(server.post(data=server.form(**changes))) == expected
    assert server.write(lambda conn: conn.execute(select(ACCESS_TOKEN)).first()) is None
    assert server.write(lambda conn: conn.execute(select(CLIENT_JTI)).first()) is None


@pytest.mark.requirement("smart-2.2#340")
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "not_a_valid_iss"},
        {"sub": "someone-else"},
        {"aud": "https://elsewhere.example/token"},
        {"exp": NOW // SECOND + 3600},
        {"exp": NOW // SECOND - 60},
        {"jti": None},
    ],
)
def test_an_assertion_that_does_not_hold_is_refused(server: Server, changes: dict[str, Any]) -> None:
    assert fault(server.post(data={**server.form(), **server.proof(**changes)})) == (400, "invalid_client")


@pytest.mark.requirement("rfc7523#3-7")
def test_the_client_id_may_be_repeated_beside_the_assertion(server: Server) -> None:
    assert server.post(data=server.form(client_id="council-sync")).status_code == 200


@pytest.mark.requirement("rfc6749#3.2-1")
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["token", "introspect", "revoke"])
def test_only_post_is_supported(server: Server, method: str, path: str) -> None:
    reply = server.send(method, f"/oauth2/{path}")
    assert (reply.status_code, reply.headers["allow"], reply.headers["cache-control"]) == (405, "POST", "no-store")


@pytest.mark.requirement("rfc6749#3.2-2", "S54")
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{}", {"Content-Type": "application/json"}, 400),
        (b"grant_type=client_credentials", {}, 400),
        (b"grant_type=client_credentials", {**FORM, "Content-Encoding": "gzip"}, 415),
        (b"", FORM, 400),
        (b"nonsense", FORM, 400),
        (b"a=1;grant_type=x", FORM, 400),
        (b"grant_type=client_credentials&grant_type=client_credentials", FORM, 400),
        (b"scope=a&scope=", FORM, 400),
        (b"grant_type=%ff", FORM, 400),
        (b"grant_type=\xff", FORM, 400),
        (b"grant_type=%00", FORM, 400),
        (b"&&&&", FORM, 400),
    ],
)
def test_what_is_no_plain_form_is_refused(server: Server, content: bytes, headers: dict[str, str], status: int) -> None:
    assert fault(server.send("POST", "/oauth2/token", content=content, headers=headers)) == (status, "invalid_request")


@pytest.mark.requirement("lesson-17")
def test_a_semicolon_separates_nothing(server: Server) -> None:
    reply = server.send("POST", "/oauth2/token", content=b"grant_type=a;b=2", headers=FORM)
    assert fault(reply) == (400, "unsupported_grant_type")


@pytest.mark.requirement("rfc6749#5.2-2")
@pytest.mark.parametrize(
    ("header", "expected", "challenge"),
    [
        ("Basic Y291bmNpbDpzZWNyZXQ=", 401, 'Basic realm="token"'),
        ("Bearer abc", 401, 'Bearer realm="token"'),
        ("Digest x", 400, None),
    ],
)
def test_another_way_of_client_authentication_is_refused_in_its_own_scheme(
    server: Server, header: str, expected: int, challenge: str | None
) -> None:
    reply = server.post(headers={"Authorization": header})
    assert fault(reply) == (expected, "invalid_client")
    assert reply.headers.get("www-authenticate") == challenge


@pytest.mark.requirement("smart-2.2#336", "S9", "lesson-10")
def test_of_fifty_parallel_replays_one_gets_a_token(server: Server) -> None:
    form = server.form()
    replies = server.many(*({"method": "POST", "url": "/oauth2/token", "data": form} for _ in range(50)))
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * 49
    assert {fault(reply) for reply in replies if reply.status_code == 400} == {(400, "invalid_client")}
    assert len(server.write(lambda conn: conn.execute(select(ACCESS_TOKEN)).all())) == 1


def test_a_refused_scope_leaves_the_jti_unspent(server: Server) -> None:
    form = server.form(scope="system/Goal.rs")
    assert server.post(data=form).status_code == 400
    assert server.post(data={**form, "scope": "system/Patient.rs"}).status_code == 200


def test_a_clients_new_key_serves_and_its_old_one_ends(server: Server) -> None:
    server.write(lambda conn: clients.set_keys(conn, "council-sync", jwks=public(key("rsa", 2))))
    assert server.post().status_code == 400
    renewed = signed(claims(server.clock), signing=key("rsa", 2))
    assert server.post(data=server.form(client_assertion=renewed)).status_code == 200


def test_a_revoked_client_gets_nothing_and_its_tokens_are_dead(server: Server) -> None:
    token = server.token()
    server.write(lambda conn: clients.revoke(conn, "council-sync", NOW))
    assert not admitted(server, token)
    assert fault(server.post()) == (400, "invalid_client")


def test_what_has_long_expired_is_forgotten_along_the_way(server: Server) -> None:
    server.token()
    server.clock.advance(tokens.KEPT_AFTER_EXPIRY + 10 * MINUTE)
    server.token()
    assert len(server.write(lambda conn: conn.execute(select(ACCESS_TOKEN)).all())) == 1
    assert len(server.write(lambda conn: conn.execute(select(CLIENT_JTI)).all())) == 1


# --- a failing store


class FailingServer(Server):
    """A store that does not answer."""

    async def run(self, _work: Any) -> Any:
        raise OperationalError("INSERT", {"digest": "canary"}, Exception("canary"))


@pytest.mark.requirement("rfc7009#2.2.1-1", "S12")
@pytest.mark.parametrize("path", ["token", "introspect", "revoke"])
def test_a_failing_store_is_503_and_never_a_success(
    server: Server, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    failing = FailingServer(server.engine)
    reply = failing.post(f"/oauth2/{path}", data={**failing.form(), "token": "x"})
    assert fault(reply) == (503, "temporarily_unavailable")
    assert reply.headers["retry-after"] == "1"
    assert "canary" not in caplog.text


def test_a_failing_purge_does_not_take_the_token_back(server: Server) -> None:
    calls: list[object] = []

    class OnceServer(Server):
        async def run(self, work: Any) -> Any:
            calls.append(work)
            if len(calls) > 1:
                raise OperationalError("DELETE", {}, Exception())
            return await super().run(work)

    assert OnceServer(server.engine).post().status_code == 200
    assert len(calls) == 2


# --- introspection


@pytest.mark.requirement("smart-2.2#281")
def test_a_client_learns_about_its_own_token(server: Server) -> None:
    token = server.token(scope="system/Patient.rs system/Claim.r")
    for authentication in ({"data": server.proof()}, {"headers": {"Authorization": f"Bearer {token}"}}):
        arguments: dict[str, Any] = {**authentication, "data": {"token": token} | authentication.get("data", {})}
        reply = server.post("/oauth2/introspect", **arguments)
        assert reply.status_code == 200
        assert reply.json() == {
            "active": True,
            "client_id": "council-sync",
            "sub": "council-sync",
            "scope": "system/Patient.rs system/Claim.r",
            "token_type": "Bearer",
            "iat": NOW // SECOND,
            "exp": NOW // SECOND + 300,
            "iss": ISSUER,
            "aud": f"{ISSUER}/fhir",
        }
        assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")


@pytest.mark.requirement("smart-2.2/introspect-inactive", "rfc7662#2.2-2")
def test_a_dead_an_unknown_and_a_foreign_token_look_the_same(server: Server) -> None:
    server.write(lambda conn: clients.add(conn, registration(client_id="other"), NOW))
    foreign = server.write(lambda conn: tokens.issue(conn, "other", "system/Patient.rs", NOW)).access_token
    revoked = server.token()
    server.write(lambda conn: tokens.revoke(conn, revoked, "council-sync", NOW))
    expired = server.token()
    server.clock.advance(5 * MINUTE)
    bodies = {
        server.post("/oauth2/introspect", data={"token": token, **server.proof()}).content
        for token in (foreign, revoked, expired, "garbage", "gärbage")
    }
    assert bodies == {b'{"active":false}'}


@pytest.mark.requirement("rfc7662#2.1-1")
def test_introspection_without_authentication_is_401(server: Server) -> None:
    reply = server.post("/oauth2/introspect", data={"token": server.token()})
    assert fault(reply) == (401, "invalid_client")
    assert reply.headers["www-authenticate"] == 'Bearer realm="fhir"'


@pytest.mark.requirement("rfc7662#2.3-1")
def test_introspection_with_a_dead_bearer_is_401(server: Server) -> None:
    token = server.token()
    server.write(lambda conn: tokens.revoke(conn, token, "council-sync", NOW))
    reply = server.post("/oauth2/introspect", data={"token": token}, headers={"Authorization": f"Bearer {token}"})
    assert fault(reply) == (401, "invalid_token")
    assert 'error="invalid_token"' in reply.headers["www-authenticate"]


@pytest.mark.requirement("lesson-12")
def test_introspection_and_the_api_agree_for_every_way_of_ending_a_token(server: Server) -> None:
    def active(token: str) -> bool:
        reply = server.post("/oauth2/introspect", data={"token": token, **server.proof()})
        return bool(reply.json().get("active", False))

    alive = server.token()
    assert active(alive)
    assert admitted(server, alive)
    revoked = server.token()
    assert server.post("/oauth2/revoke", data={"token": revoked, **server.proof()}).status_code == 200
    assert not active(revoked)
    assert not admitted(server, revoked)
    server.clock.advance(5 * MINUTE)
    assert not active(alive)
    assert not admitted(server, alive)


@pytest.mark.parametrize("path", ["introspect", "revoke"])
def test_a_token_parameter_is_needed(server: Server, path: str) -> None:
    assert fault(server.post(f"/oauth2/{path}", data=server.proof())) == (400, "invalid_request")


# --- revocation


def test_a_revoked_token_is_dead_when_the_answer_arrives(server: Server) -> None:
    token = server.token()
    reply = server.post("/oauth2/revoke", data={"token": token, "token_type_hint": "access_token", **server.proof()})
    assert (reply.status_code, reply.content) == (200, b"")
    assert not admitted(server, token)


@pytest.mark.requirement("rfc7009#2.2-1")
def test_revoking_what_is_unknown_or_foreign_changes_nothing_and_says_so_to_nobody(server: Server) -> None:
    server.write(lambda conn: clients.add(conn, registration(client_id="other"), NOW))
    foreign = server.write(lambda conn: tokens.issue(conn, "other", "system/Patient.rs", NOW)).access_token
    for token in (foreign, "garbage"):
        reply = server.post("/oauth2/revoke", data={"token": token, **server.proof()})
        assert (reply.status_code, reply.content) == (200, b"")
    assert admitted(server, foreign)


@pytest.mark.requirement("rfc7009#2.1-1", "S13")
def test_revocation_needs_client_authentication(server: Server) -> None:
    token = server.token()
    assert fault(server.post("/oauth2/revoke", data={"token": token})) == (400, "invalid_client")
    assert admitted(server, token)


# --- the configuration


@pytest.mark.requirement("smart-2.2#91", "smart-2.2#262")
@pytest.mark.parametrize("lifetime", [{"token_lifetime_s": 301}, {"person_token_lifetime_s": 3601}])
def test_a_longer_token_lifetime_than_smart_allows_is_no_configuration(
    server: Server, lifetime: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match="must be 1 to"):
        replace(server.config, **lifetime)  # type: ignore[arg-type]


def test_addresses_come_from_configuration_and_not_from_the_host_header(server: Server) -> None:
    reply = server.send("GET", "/fhir/.well-known/smart-configuration", headers={"Host": "evil.example"})
    assert "evil" not in reply.text


def test_a_body_that_breaks_off_is_refused(server: Server) -> None:
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": b"grant_", "more_body": True}, {"type": "http.disconnect"}]
    scope = {"type": "http", "method": "POST", "path": "/oauth2/token", "query_string": b"", "root_path": "",
             "headers": [(b"content-type", FORM["Content-Type"].encode())]}  # fmt: skip

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=routes(server.config))(scope, receive, send))
    assert sent[0]["status"] == 400


@pytest.mark.requirement("rfc6749#10.3-1", "S61", "lesson-05", "lesson-09")
def test_no_log_line_holds_a_token_an_assertion_or_a_key(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    form = server.form()
    token = server.post(data=form).json()["access_token"]
    server.post(data=form)
    server.post("/oauth2/introspect", data={"token": token, **server.proof()})
    oversized = "canary" + "x" * 9000
    server.post(data=server.form(client_assertion=oversized, client_assertion_type=JWT_BEARER))
    for secret in (token, form["client_assertion"], "canary", tokens.digest(token)):
        assert secret not in caplog.text
