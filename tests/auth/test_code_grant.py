"""From code to tokens: what the answer tells, what a code is bound to, and what a second use ends."""

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from auth import clients, codes, grants, housekeeping
from auth.store import ACCESS_TOKEN, ACCOUNT, CODE, REFRESH_TOKEN
from auth.tokens import digest
from tests.auth.apps import APP_ORIGIN, FHIR, SCOPE, VERIFIER, AppServer, on_sqlite
from tests.auth.builders import ISSUER, NOW, SECOND


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


def fault(reply: httpx.Response) -> tuple[int, str]:
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    assert set(reply.json()) == {"error", "error_description"}
    return reply.status_code, reply.json()["error"]


@pytest.mark.requirement(
    "smart-2.2/token-body",
    "smart-2.2#86",
    "smart-2.2#87",
    "smart-2.2#91",
    "smart-2.2#164",
    "smart-2.2#168",
    "rfc6749#3.3-1",
    "rfc6749#5.1-1",
    "oidc-core#3.1.3.3-1",
)
def test_the_answer_tells_everything_an_app_needs(server: AppServer) -> None:
    reply = server.redeem(server.code())
    assert reply.status_code == 200
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    body = reply.json()
    assert set(body) == {
        *("access_token", "token_type", "expires_in", "scope", "refresh_token", "id_token"),
        *("patient", "need_patient_banner", "smart_style_url"),
    }
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, SCOPE)
    assert (body["patient"], body["need_patient_banner"]) == ("janice", True)
    assert body["smart_style_url"] == f"{ISSUER}/smart-style.json"


@pytest.mark.requirement("oidc-core#3.1.3.3-1")
@pytest.mark.parametrize(
    ("scope", "left_out"),
    [
        ("openid launch/patient patient/Claim.rs", {"refresh_token"}),
        ("launch/patient offline_access patient/Claim.rs", {"id_token"}),
        ("patient/Claim.rs", {"id_token", "refresh_token"}),
    ],
)
def test_what_was_not_asked_is_not_given(server: AppServer, scope: str, left_out: set[str]) -> None:
    body = server.tokens(scope=scope)
    assert left_out.isdisjoint(body)
    assert body["scope"] == scope


@pytest.mark.requirement("rfc6749#10.3-1")
def test_tokens_are_kept_as_digests(server: AppServer) -> None:
    body = server.tokens()
    for table, name in ((ACCESS_TOKEN, "access_token"), (REFRESH_TOKEN, "refresh_token")):
        row = server.write(lambda conn, table=table: conn.execute(select(table)).one())  # type: ignore[misc]
        assert row.digest == digest(body[name])
        assert body[name] not in str(row)


@pytest.mark.requirement(
    "smart-2.2#31",
    "smart-2.2/bad-code-400",
    "smart-2.2#252",
    "rfc6749#3.1-2",
    "rfc6749#4.1.2-1",
    "rfc6749#4.1.3-1",
    "rfc6749#4.4-1",
    "rfc6749#5.2-1",
    "rfc6749#5.2-3",
    "rfc7636#4.6-1",
    "rfc7636#7.2-1",
    "rfc8707#2-1",
    "rfc9700#2.4-1",
    "S2",
    "S3",
    "S5",
)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": None}, (400, "invalid_request")),
        ({"code": "unknown"}, (400, "invalid_grant")),
        ({"redirect_uri": None}, (400, "invalid_request")),
        ({"redirect_uri": "https://app.example/other"}, (400, "invalid_grant")),
        ({"redirect_uri": "https://app.example/callback/"}, (400, "invalid_grant")),
        ({"code_verifier": None}, (400, "invalid_grant")),
        ({"code_verifier": ""}, (400, "invalid_grant")),
        ({"code_verifier": "x" * 43}, (400, "invalid_grant")),
        ({"code_verifier": codes.challenge_of(VERIFIER)}, (400, "invalid_grant")),
        ({"code_verifier": VERIFIER + "x"}, (400, "invalid_grant")),
        ({"code_verifier": "\u00e9" * 43}, (400, "invalid_grant")),
        ({"client_id": "nobody"}, (400, "invalid_client")),
        ({"client_id": None}, (400, "invalid_client")),
        ({"client_id": "secret-app"}, (400, "invalid_client")),
        ({"client_id": "council-sync"}, (400, "invalid_client")),
        ({"resource": "https://elsewhere.example/fhir"}, (400, "invalid_target")),
        ({"grant_type": "implicit"}, (400, "unsupported_grant_type")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": "client_credentials"}, (400, "unauthorized_client")),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_code_serves_only_as_it_was_asked_for(
    server: AppServer, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    """S3: bound to client, redirect URI, code verifier and audience; the public kit's four PKCE launches."""
    code = server.code()
    assert fault(server.redeem(code, **changes)) == expected
    assert server.write(lambda conn: conn.execute(select(ACCESS_TOKEN)).first()) is None
    assert server.redeem(code, resource=f"{FHIR}/").status_code == 200


@pytest.mark.requirement("rfc6749#4.1.2-1")
def test_a_code_of_another_client_is_as_good_as_unknown(server: AppServer) -> None:
    """FAPI2SPFinal "code bound to client"."""
    code = server.code()
    reply = server.redeem(code, client_id=None, **server.proof(iss="key-app", sub="key-app"))
    assert fault(reply) == (400, "invalid_grant")
    assert server.redeem(code).status_code == 200


@pytest.mark.requirement("rfc6749#4.1.2-2", "rfc6749#4.1.2-3", "S3")
@pytest.mark.parametrize("waited", [0, 1, 30, 61])
def test_a_code_used_twice_ends_all_that_came_of_it(server: AppServer, waited: int) -> None:
    """S3; the OpenID suite's code re-use now, after 1 s and after 30 s; and after the code itself has expired."""
    code = server.code()
    body = server.redeem(code).json()
    server.clock.advance(waited * SECOND)
    assert server.is_good(body["access_token"])
    assert fault(server.redeem(code)) == (400, "invalid_grant")
    assert not server.is_good(body["access_token"])
    assert fault(server.refresh(body["refresh_token"])) == (400, "invalid_grant")
    assert server.noted[-1][:2] == ("refresh", "invalid_grant")
    assert ("token", "reused") in [one[:2] for one in server.noted]


def test_a_second_use_by_another_client_ends_nothing(server: AppServer) -> None:
    code = server.code()
    token = server.redeem(code).json()["access_token"]
    reply = server.redeem(code, client_id=None, **server.proof(iss="key-app", sub="key-app"))
    assert fault(reply) == (400, "invalid_grant")
    assert server.is_good(token)


@pytest.mark.requirement("smart-2.2#55", "rfc6749#4.1.2-1", "S3")
def test_a_code_lives_a_minute(server: AppServer) -> None:
    """FAPI2SPFinal "expired code"; V10.4.3."""
    in_time, late = server.code(), server.code()
    server.clock.advance(60 * SECOND - 1)
    assert server.redeem(in_time).status_code == 200
    server.clock.advance(1)
    assert fault(server.redeem(late)) == (400, "invalid_grant")


@pytest.mark.parametrize("end", ["account", "tie", "grant", "client"])
def test_what_ended_meanwhile_gives_no_token(server: AppServer, end: str) -> None:
    """S22."""
    code = server.code()
    login = server.login
    assert login is not None
    if end == "account":
        server.write(lambda conn: conn.execute(update(ACCOUNT).values(status="closed")))
    if end == "tie":
        server.holds = False
    if end == "grant":
        server.write(lambda conn: grants.revoke_all(conn, login.account_id, NOW))
    if end == "client":
        server.write(lambda conn: clients.revoke(conn, "patient-app", NOW))
    assert server.redeem(code).status_code == 400
    assert server.write(lambda conn: conn.execute(select(ACCESS_TOKEN)).first()) is None


@pytest.mark.requirement("smart-2.2#17")
def test_a_page_of_the_app_may_read_the_answer(server: AppServer) -> None:
    reply = server.redeem(server.code(), headers={"Origin": APP_ORIGIN})
    assert reply.headers["access-control-allow-origin"] == APP_ORIGIN
    assert "access-control-allow-credentials" not in reply.headers


def test_a_token_of_a_person_ends_with_its_grant_and_not_later(server: AppServer) -> None:
    body = server.tokens(scope="online_access openid patient/Claim.rs")
    server.clock.advance(8 * 3600 * SECOND - 100 * SECOND)
    renewed = server.refresh(body["refresh_token"]).json()
    assert renewed["expires_in"] == 100


def test_no_log_line_holds_what_gives_access(server: AppServer, caplog: pytest.LogCaptureFixture) -> None:
    """S61: at DEBUG, over a whole round, its refusals included."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "asyncio"):  # the test's own client logs its addresses
        logging.getLogger(name).setLevel(logging.WARNING)
    handle = server.handle(state="canary-state", nonce="canary-nonce")
    code = server.allow(handle)["code"]
    body = server.redeem(code).json()
    renewed = server.refresh(body["refresh_token"]).json()
    server.redeem(code)
    server.refresh(body["refresh_token"], scope="canary-scope")
    secrets = [
        handle,
        code,
        VERIFIER,
        "canary",
        *(body[name] for name in ("access_token", "refresh_token", "id_token")),
    ]
    assert not [one for one in (*secrets, renewed["access_token"]) if one in caplog.text]


def test_what_has_long_expired_is_forgotten_and_nothing_sooner(server: AppServer) -> None:
    server.tokens()
    assert server.write(lambda conn: housekeeping.purge(conn, NOW + 24 * 3600 * SECOND)) == 0
    server.write(lambda conn: housekeeping.purge(conn, NOW + 25 * 3600 * SECOND))
    assert server.write(lambda conn: conn.execute(select(CODE)).first()) is None
    assert server.write(lambda conn: conn.execute(select(REFRESH_TOKEN)).first()) is not None
