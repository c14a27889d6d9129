"""What may happen once happens once, on both databases, however many ask together; and no failure leaves half of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Self

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from auth import consent
from auth.consent import NothingToDecide
from auth.store import ACCESS_TOKEN, CODE, GRANT, REFRESH_TOKEN
from tests.auth.apps import JANICE, REDIRECT, VERIFIER, AppServer, app_server, launch, on_sqlite

RIVALS = 50


@pytest.fixture
def server(database_url: str) -> Iterator[AppServer]:
    with app_server(database_url) as server:
        yield server


def together(server: AppServer, form: dict[str, str]) -> list[Any]:
    """The same request from fifty sides at once."""
    request = {"method": "POST", "url": "/oauth2/token", "data": form}
    return server.many(*(request for _ in range(RIVALS)))


@pytest.mark.requirement("rfc6749#4.1.2-2", "rfc6749#4.1.2-3", "S3", "S7")
def test_of_fifty_redemptions_of_one_code_one_wins_and_what_it_won_is_ended(server: AppServer) -> None:
    """S3, S7; fosite: the loser of two gets 400, never 500."""
    form = {
        "grant_type": "authorization_code",
        "code": server.code(),
        "redirect_uri": REDIRECT,
        "client_id": "patient-app",
        "code_verifier": VERIFIER,
    }
    replies = together(server, form)
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * (RIVALS - 1)
    assert {reply.json()["error"] for reply in replies if reply.status_code == 400} == {"invalid_grant"}
    assert len(server.write(lambda conn: conn.execute(select(ACCESS_TOKEN)).all())) == 1
    won = next(reply for reply in replies if reply.status_code == 200).json()
    assert not server.is_good(won["access_token"])
    assert server.refresh(won["refresh_token"]).status_code == 400


@pytest.mark.requirement("S7", "S8", "lesson-11")
def test_of_fifty_uses_of_one_refresh_token_one_wins_and_the_family_is_ended(server: AppServer) -> None:
    """S7, S8, Keycloak CVE-2026-1035."""
    token = server.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "patient-app"}
    replies = together(server, form)
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * (RIVALS - 1)
    assert {reply.json()["error"] for reply in replies if reply.status_code == 400} == {"invalid_grant"}
    assert len(server.write(lambda conn: conn.execute(select(REFRESH_TOKEN)).all())) == 2
    won = next(reply for reply in replies if reply.status_code == 200).json()
    assert not server.is_good(won["access_token"])


def test_of_fifty_decisions_one_is_taken(server: AppServer) -> None:
    handle, login = server.handle(), server.login
    assert login is not None

    def decide(_: int) -> bool:
        picked = (JANICE.link_id, JANICE.patient)
        try:
            server.write(
                lambda conn: consent.grant(
                    server.config, conn, handle, login, ["patient/Claim.rs"], picked, server.clock()
                )
            )
        except NothingToDecide:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(decide, range(RIVALS))) == 1
    assert len(server.write(lambda conn: conn.execute(select(CODE)).all())) == 1


@pytest.mark.requirement("smart-2.2/launch-bound")
def test_of_fifty_uses_of_one_launch_one_serves(server: AppServer) -> None:
    params = server.params(launch=launch(server), scope="openid launch patient/Claim.rs")
    request = {"method": "GET", "url": "/oauth2/authorize", "params": params}
    replies = server.many(*(request for _ in range(RIVALS)))
    assert sum("/oauth2/consent" in reply.headers["location"] for reply in replies) == 1


# --- faults


class Breaking:
    """A store that fails at one statement of a kind, counted from 1, once."""

    def __init__(self, server: AppServer, at: int) -> None:
        self.server, self.at, self.seen, self.broke = server, at, 0, False

    def __enter__(self) -> Self:
        event.listen(self.server.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.server.engine, "before_cursor_execute", self._count)

    def _count(self, _conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.broke = True
            raise OperationalError(statement, parameters, Exception("canary"))


def steps(server: AppServer, form: dict[str, str]) -> Iterator[int]:
    """Send a request again and again, each time with the next statement failing, until none fails."""
    for at in range(1, 100):
        with Breaking(server, at) as breaking:
            reply = server.send("POST", "/oauth2/token", data=form)
        if not breaking.broke:
            return
        if reply.status_code == 200:  # it had been answered, and what broke was the tidying afterwards
            return
        assert reply.status_code == 503, reply.text
        assert reply.json()["error"] == "temporarily_unavailable"
        assert "canary" not in reply.text
        yield at


def counts(server: AppServer) -> tuple[int, int, int]:
    """Access tokens, refresh tokens, and codes or refresh tokens used."""

    def work(conn: Any) -> tuple[int, int, int]:
        used = [*conn.execute(select(CODE.c.used_at)), *conn.execute(select(REFRESH_TOKEN.c.used_at))]
        return (
            len(conn.execute(select(ACCESS_TOKEN)).all()),
            len(conn.execute(select(REFRESH_TOKEN)).all()),
            sum(one.used_at is not None for one in used),
        )

    return server.write(work)


@pytest.mark.requirement("S6", "lesson-09")
def test_wherever_the_store_fails_a_code_gives_no_token_and_is_not_spent() -> None:
    """S6: fault at each statement."""
    with on_sqlite() as server:
        form = {
            "grant_type": "authorization_code",
            "code": server.code(),
            "redirect_uri": REDIRECT,
            "client_id": "patient-app",
            "code_verifier": VERIFIER,
        }
        failed = 0
        for _ in steps(server, form):
            assert counts(server) == (0, 0, 0)
            failed += 1
        assert failed >= 6
        assert counts(server) == (1, 1, 1)


@pytest.mark.requirement("S6")
def test_wherever_the_store_fails_a_refresh_gives_no_token_and_is_not_spent() -> None:
    """S6: fault at each statement."""
    with on_sqlite() as server:
        token = server.tokens()["refresh_token"]
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "patient-app"}
        failed = 0
        for _ in steps(server, form):
            assert counts(server) == (1, 1, 1)
            failed += 1
        assert failed >= 5
        assert counts(server) == (2, 2, 2)


@pytest.mark.requirement("S6")
def test_wherever_the_store_fails_a_decision_leaves_no_grant_and_stays_open() -> None:
    with on_sqlite() as server:
        handle, at = server.handle(), 0
        while True:
            at += 1
            with Breaking(server, at) as breaking, suppress(OperationalError):
                server.allow(handle)
            if not breaking.broke:
                break
            assert server.write(lambda conn: conn.execute(select(GRANT)).first()) is None
        assert at > 5
        assert len(server.write(lambda conn: conn.execute(select(GRANT)).all())) == 1


@pytest.mark.requirement("rfc7009#2.2.1-1", "S12", "lesson-10")
@pytest.mark.parametrize("at", range(1, 5))
def test_a_failing_store_never_confirms_a_revocation(at: int) -> None:
    """S12, fosite GHSA-7mqr: 200 only when it is durable."""
    with on_sqlite() as server:
        body = server.tokens()
        form = {"token": body["refresh_token"], "client_id": "patient-app"}
        with Breaking(server, at) as breaking:
            reply = server.send("POST", "/oauth2/revoke", data=form)
        assert breaking.broke
        assert reply.status_code == 503
        assert server.is_good(body["access_token"])


@pytest.mark.parametrize("path", ["authorize", "userinfo"])
def test_a_failing_store_is_503_everywhere(path: str) -> None:
    with on_sqlite() as server:
        token = server.tokens()["access_token"]
        with Breaking(server, 1):
            reply = server.send(
                "GET", f"/oauth2/{path}", params=server.params(), headers={"Authorization": f"Bearer {token}"}
            )
        assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
