"""Refreshing: rotation, reuse, narrowing, and the lives of online and offline grants."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select, update

from auth import clients, grants, sessions
from auth.store import ACCOUNT, CLIENT, REFRESH_TOKEN
from tests import databases
from tests.auth.apps import SCOPE, SECRET, AppServer, app_server, basic, on_sqlite
from tests.auth.builders import MINUTE, NOW, SECOND, fill, opened

DAY = 24 * 3600 * SECOND


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


def fault(reply: httpx.Response) -> tuple[int, str]:
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    return reply.status_code, reply.json()["error"]


@pytest.mark.requirement("smart-2.2#86", "smart-2.2#87", "smart-2.2#109")
def test_a_refresh_gives_new_tokens_for_the_same_person_and_scope(server: AppServer) -> None:
    first = server.tokens()
    reply = server.refresh(first["refresh_token"])
    assert reply.status_code == 200
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    second = reply.json()
    assert {"access_token", "token_type", "expires_in", "scope", "refresh_token", "patient"} <= set(second)
    assert (second["scope"], second["patient"], second["expires_in"]) == (SCOPE, "janice", 600)
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert server.is_good(first["access_token"])
    assert server.is_good(second["access_token"])


@pytest.mark.requirement("smart-2.2#109")
def test_the_public_kits_two_refreshes_pass(server: AppServer) -> None:
    """Without a scope, and then with the scopes received."""
    second = server.refresh(server.tokens()["refresh_token"]).json()
    third = server.refresh(second["refresh_token"], scope=second["scope"]).json()
    assert third["scope"] == second["scope"]


@pytest.mark.requirement("smart-2.2/refresh-rotation", "rfc9700#2.2.2-1", "S8")
@pytest.mark.parametrize("generations", [1, 3])
def test_a_refresh_token_used_twice_ends_every_descendant(server: AppServer, generations: int) -> None:
    """S8; Hydra's "one old token replayed and every descendant must die"."""
    bodies = [server.tokens()]
    for _ in range(generations):
        bodies.append(server.refresh(bodies[-1]["refresh_token"]).json())
    assert fault(server.refresh(bodies[0]["refresh_token"])) == (400, "invalid_grant")
    assert not any(server.is_good(one["access_token"]) for one in bodies)
    assert fault(server.refresh(bodies[-1]["refresh_token"])) == (400, "invalid_grant")
    assert ("refresh", "reused") in [one[:2] for one in server.noted]


@pytest.mark.requirement("smart-2.2/refresh-rotation", "S8", "lesson-11")
def test_a_reused_refresh_token_is_found_out_after_a_restart() -> None:
    """S8, Keycloak CVE-2026-1035: what was used is remembered in the database, not in the process."""
    with databases.fresh("sqlite", fill) as url:
        with app_server(url) as before:
            first = before.tokens()
            second = before.refresh(first["refresh_token"]).json()
        with opened(url) as engine:
            after = AppServer(engine)
            assert after.is_good(second["access_token"])
            assert fault(after.refresh(first["refresh_token"])) == (400, "invalid_grant")
            assert not after.is_good(second["access_token"])


@pytest.mark.requirement("S8")
def test_there_is_no_grace_for_an_app_that_refreshes_twice(server: AppServer) -> None:
    token = server.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "patient-app"}
    request = {"method": "POST", "url": "/oauth2/token", "data": form}
    replies = server.many(request, request)
    assert sorted(reply.status_code for reply in replies) == [200, 400]
    won = next(reply for reply in replies if reply.status_code == 200).json()
    assert not server.is_good(won["access_token"])


# --- what may be asked


@pytest.mark.requirement("smart-2.2#104", "rfc6749#6-3")
@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("patient/Claim.rs", "patient/Claim.rs"),
        ("openid patient/Claim.r", "openid patient/Claim.r"),
        ("patient/Claim.rs?use=claim", "patient/Claim.rs?use=claim"),
        ("patient/Claim.rs patient/Patient.rs openid", "openid patient/Claim.rs patient/Patient.rs"),
    ],
)
def test_a_refresh_may_narrow_and_the_next_may_have_all_again(server: AppServer, scope: str, expected: str) -> None:
    """RFC 6749 section 6: the new refresh token has the scope of the old one."""
    narrowed = server.refresh(server.tokens()["refresh_token"], scope=scope).json()
    assert narrowed["scope"] == expected
    assert server.refresh(narrowed["refresh_token"]).json()["scope"] == SCOPE


@pytest.mark.requirement("smart-2.2#104", "rfc6749#6-2", "S14")
@pytest.mark.parametrize(
    "scope", ["patient/Goal.rs", "patient/Claim.cruds", "patient/*.rs", "user/Claim.rs", f"{SCOPE} profile", "x", " "]
)
def test_a_refresh_never_widens_and_a_refused_one_is_not_spent(server: AppServer, scope: str) -> None:
    """S14, Keycloak CVE-2026-4634."""
    token = server.tokens()["refresh_token"]
    assert fault(server.refresh(token, scope=scope)) == (400, "invalid_scope")
    assert server.refresh(token).status_code == 200


def test_a_smaller_registration_or_role_narrows_what_is_refreshed(server: AppServer) -> None:
    token = server.tokens()["refresh_token"]
    smaller = update(CLIENT).values(scope="openid fhirUser launch/patient offline_access patient/Claim.rs")
    server.write(lambda conn: conn.execute(smaller.where(CLIENT.c.client_id == "patient-app")))
    second = server.refresh(token).json()
    assert second["scope"] == "openid fhirUser launch/patient offline_access patient/Claim.rs"
    server.role_scopes = "patient/Claim.r"
    assert server.refresh(second["refresh_token"]).json()["scope"].endswith("offline_access patient/Claim.r")


@pytest.mark.requirement("smart-2.2/refresh-unknown")
@pytest.mark.parametrize("token", ["unknown", "x" * 5000])
def test_an_unknown_refresh_token_is_refused(server: AppServer, token: str) -> None:
    assert fault(server.refresh(token)) == (400, "invalid_grant")


@pytest.mark.requirement("smart-2.2#103", "rfc6749#6-1")
def test_a_refresh_token_of_another_client_is_as_good_as_unknown(server: AppServer) -> None:
    token = server.tokens()["refresh_token"]
    reply = server.refresh(token, client_id=None, **server.proof(iss="key-app", sub="key-app"))
    assert fault(reply) == (400, "invalid_grant")
    assert server.refresh(token).status_code == 200


def test_a_public_app_may_show_its_refresh_token_alone(server: AppServer) -> None:
    """SMART App Launch 2.2 and RFC 6749 section 6 name no client_id here; SMART's own library sends none."""
    reply = server.refresh(server.tokens()["refresh_token"], client_id=None)
    assert (reply.status_code, reply.json()["patient"]) == (200, "janice")
    assert fault(server.refresh("unknown", client_id=None)) == (400, "invalid_grant")


def test_a_confidential_app_may_not(server: AppServer) -> None:
    code = server.code(client_id="secret-app")
    token = server.redeem(code, client_id=None, headers=basic("secret-app", SECRET)).json()["refresh_token"]
    assert server.refresh(token, client_id=None).json()["error"] == "invalid_client"


# --- how long


@pytest.mark.requirement("smart-2.2/refresh-three-months", "S8")
def test_offline_access_lasts_half_a_year_however_often_it_is_refreshed(server: AppServer) -> None:
    """S8: an absolute lifetime; the public kit wants three months at least."""
    token = server.tokens()["refresh_token"]
    for _ in range(2):
        server.clock.advance(89 * DAY)
        token = server.refresh(token).json()["refresh_token"]
    server.clock.advance(2 * DAY)
    assert fault(server.refresh(token)) == (400, "invalid_grant")


ONLINE = "openid online_access launch/patient patient/Claim.rs"


@pytest.mark.requirement("smart-2.2#100")
def test_online_access_ends_when_the_person_logs_out(server: AppServer) -> None:
    body = server.tokens(scope=ONLINE)
    login = server.login
    assert login is not None
    body = server.refresh(body["refresh_token"]).json()
    server.write(lambda conn: sessions.end(conn, login, NOW))
    assert fault(server.refresh(body["refresh_token"])) == (400, "invalid_grant")


def test_online_access_ends_when_every_login_is_ended(server: AppServer) -> None:
    """As when the password was changed."""
    body = server.tokens(scope=ONLINE)
    login = server.login
    assert login is not None
    server.write(lambda conn: sessions.end_all(conn, login.account_id, NOW))
    assert fault(server.refresh(body["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.requirement("smart-2.2#100")
def test_online_access_ends_after_eight_hours(server: AppServer) -> None:
    body = server.tokens(scope=ONLINE)
    server.clock.advance(8 * 3600 * SECOND)
    assert fault(server.refresh(body["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.requirement("smart-2.2#101")
def test_offline_access_outlives_the_login(server: AppServer) -> None:
    token = server.tokens()["refresh_token"]
    login = server.login
    assert login is not None
    server.write(lambda conn: sessions.end(conn, login, NOW))
    assert server.refresh(token).status_code == 200


# --- what ends it


@pytest.mark.parametrize("end", ["account", "tie", "grant"])
def test_what_ended_is_not_refreshed(server: AppServer, end: str) -> None:
    body = server.tokens()
    login = server.login
    assert login is not None
    if end == "account":
        server.write(lambda conn: conn.execute(update(ACCOUNT).values(status="closed")))
    if end == "tie":
        server.holds = False
    if end == "grant":
        server.write(lambda conn: grants.revoke_all(conn, login.account_id, NOW))
    assert fault(server.refresh(body["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.requirement("rfc6749#6-1")
def test_a_revoked_client_refreshes_nothing(server: AppServer) -> None:
    token = server.tokens()["refresh_token"]
    server.write(lambda conn: clients.revoke(conn, "patient-app", NOW))
    assert fault(server.refresh(token)) == (400, "invalid_client")


@pytest.mark.requirement("rfc9700#2.2.2-1")
def test_only_one_refresh_token_of_a_grant_is_unused(server: AppServer) -> None:
    token = server.tokens()["refresh_token"]
    for _ in range(3):
        token = server.refresh(token).json()["refresh_token"]
    unused = select(REFRESH_TOKEN).where(REFRESH_TOKEN.c.used_at.is_(None))
    assert len(server.write(lambda conn: conn.execute(unused).all())) == 1


def test_time_that_goes_back_makes_nothing_live_for_ever(server: AppServer) -> None:
    """The fault "clock back": what was made in the future ends at the end it was given."""
    body = server.tokens()
    server.clock.advance(-60 * MINUTE)
    assert server.refresh(body["refresh_token"]).status_code == 200
