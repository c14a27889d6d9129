"""Key sets by URL: fetched once, cached as the client asks, kept while it is away, one flight at a time."""

from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, insert, select, update

from auth import clients, jwks
from auth.store import JWKS_CACHE
from tests.auth.builders import MINUTE, NOW, Publisher, Server, claims, key, public, registration, signed

URL = "https://council.example/jwks.json"
HOUR = 60 * MINUTE


@pytest.fixture
def server(engine: Engine) -> Server:
    server = Server(engine, publisher=Publisher(body=public(key("rsa"))))
    wanted = registration(jwks=None, jwks_url=URL)
    server.write(lambda conn: clients.add(conn, wanted, NOW))
    return server


def ask(server: Server, number: int = 1, **header: Any) -> httpx.Response:
    """A token request signed with the client's key of this number."""
    assertion = signed(claims(server.clock), signing=key("rsa", number), **header)
    return server.post(data=server.form(client_assertion=assertion))


@pytest.mark.requirement("smart-2.2#296", "smart-2.2#339")
def test_keys_are_fetched_once_and_then_cached(server: Server) -> None:
    assert [ask(server).status_code for _ in range(3)] == [200, 200, 200]
    assert server.publisher.seen == [URL]


@pytest.mark.requirement("smart-2.2#338", "rfc8725#3.10-1", "S10", "lesson-20")
def test_the_jku_header_may_name_the_registered_url_and_no_other(server: Server) -> None:
    assert ask(server, jku=URL).status_code == 200
    assert ask(server, jku=URL + "?").status_code == 400
    assert server.publisher.seen == [URL]


@pytest.mark.requirement("smart-2.2#339", "S31")
@pytest.mark.parametrize(
    ("max_age", "kept"),
    [(None, 5 * MINUTE), (0, MINUTE), (30, MINUTE), (600, 10 * MINUTE), (10**8, 24 * HOUR)],
)
def test_a_copy_is_kept_as_the_client_asks_within_a_minute_and_a_day(
    server: Server, max_age: int | None, kept: int
) -> None:
    server.publisher.max_age = max_age
    ask(server)
    server.clock.advance(kept - 1)
    ask(server)
    assert server.publisher.asked == 1
    server.clock.advance(1)
    assert ask(server).status_code == 200
    assert server.publisher.asked == 2


def test_a_key_the_client_just_published_is_fetched(server: Server) -> None:
    ask(server)
    server.publisher.body = public(key("rsa"), key("rsa", 2))
    server.clock.advance(MINUTE)
    assert ask(server, number=2).status_code == 200
    assert ask(server).status_code == 200
    assert server.publisher.asked == 2


@pytest.mark.requirement("S31")
def test_an_unknown_kid_leads_to_at_most_one_fetch_a_minute(server: Server) -> None:
    ask(server)
    server.clock.advance(MINUTE)
    assert {ask(server, kid=f"unknown-{number}").status_code for number in range(20)} == {400}
    assert server.publisher.asked == 2
    server.clock.advance(MINUTE - 1)
    ask(server, kid="unknown")
    assert server.publisher.asked == 2


@pytest.mark.requirement("S31")
def test_requests_that_come_at_once_share_one_fetch_and_all_succeed(server: Server) -> None:
    forms = [server.form() for _ in range(20)]
    replies = server.many(*({"method": "POST", "url": "/oauth2/token", "data": form} for form in forms))
    assert [reply.status_code for reply in replies] == [200] * 20
    assert server.publisher.asked == 1


@pytest.mark.requirement("S31")
def test_the_last_good_copy_serves_for_a_day_while_the_client_is_away(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "WAIT_S", 0)
    ask(server)
    server.publisher.fails = True
    server.clock.advance(6 * MINUTE)
    assert [ask(server).status_code for _ in range(3)] == [200, 200, 200]
    assert server.publisher.asked == 2
    server.clock.advance(24 * HOUR - 6 * MINUTE)
    assert ask(server).status_code == 400


@pytest.mark.parametrize("body", ["", "not json", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'])
def test_a_useless_answer_is_no_key_set_and_the_good_copy_stays(
    server: Server, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(jwks, "WAIT_S", 0)
    server.publisher.body = body
    assert ask(server).status_code == 400
    assert ask(server).status_code == 400
    assert server.publisher.asked == 1
    server.publisher.body = public(key("rsa"))
    server.clock.advance(MINUTE)
    assert ask(server).status_code == 200
    server.publisher.body = body
    server.clock.advance(6 * MINUTE)
    assert ask(server).status_code == 200


def test_keys_another_process_is_fetching_are_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.write(lambda conn: conn.execute(insert(JWKS_CACHE).values(url=URL, tried_at=NOW, expires_at=NOW)))

    async def arrive(_seconds: float) -> None:
        kept = {"body": public(key("rsa")), "fetched_at": NOW, "expires_at": NOW + HOUR}
        server.write(lambda conn: conn.execute(update(JWKS_CACHE).values(kept)))

    monkeypatch.setattr("auth.jwks.asyncio.sleep", arrive)
    assert ask(server).status_code == 200
    assert server.publisher.asked == 0


def test_waiting_for_another_process_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "WAIT_S", 0)
    server.write(lambda conn: conn.execute(insert(JWKS_CACHE).values(url=URL, tried_at=NOW, expires_at=NOW)))
    assert ask(server).status_code == 400
    assert server.publisher.asked == 0
    assert server.write(lambda conn: conn.execute(select(JWKS_CACHE.c.body)).scalar_one()) is None
