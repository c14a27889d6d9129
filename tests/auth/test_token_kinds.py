"""Every kind of secret text at every place that takes one: each passes at its own and nowhere else.

Source: security requirement S21; OWASP ASVS 5 V9.2.2; RFC 8725 section 3.11.
"""

from collections.abc import Callable, Iterator

import pytest

from auth import consent, sessions
from tests.auth.apps import AppServer, launch, on_sqlite, sent_back
from tests.auth.builders import claims, signed

Takes = Callable[[str], bool]
LAUNCHED = "openid launch patient/Claim.rs"


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


def kinds(server: AppServer) -> dict[str, str]:
    """One fresh text of each kind."""
    body, login = server.tokens(), server.login
    assert login is not None
    cookie, _ = server.write(lambda conn: sessions.begin(conn, login.account_id, server.clock()))
    return {
        "access token": body["access_token"],
        "refresh token": body["refresh_token"],
        "id_token": body["id_token"],
        "code": server.code(),
        "assertion": signed(claims(server.clock)),
        "launch": launch(server),
        "consent": server.handle(),
        "login": cookie,
    }


def places(server: AppServer) -> dict[str, Takes]:
    """Where each kind belongs, and whether a text is taken there."""
    return {
        "access token": server.is_good,
        "refresh token": lambda text: server.refresh(text).status_code == 200,
        "id_token": lambda text: sent_back(server.authorize(prompt="none", id_token_hint=text)).get("code") is not None,
        "code": lambda text: server.redeem(text).status_code == 200,
        "assertion": lambda text: server.post(data=server.form(client_assertion=text)).status_code == 200,
        "launch": lambda text: "/consent?" in server.authorize(launch=text, scope=LAUNCHED).headers["location"],
        "consent": lambda text: asked(server, text),
        "login": lambda text: server.write(lambda conn: sessions.current(conn, text, server.clock())) is not None,
    }


def asked(server: AppServer, handle: str) -> bool:
    login = server.login
    assert login is not None
    return server.write(lambda conn: consent.ask(server.config, conn, handle, login.account_id, 0)) is not None


@pytest.mark.requirement("rfc8725#3.11-1", "S21")
def test_no_kind_of_token_passes_for_another(server: AppServer) -> None:
    """All pairs, and then each at its own place, so that it was the kind that failed and not the text."""
    texts, takers = kinds(server), places(server)
    passed = {
        (kind, place) for place, takes in takers.items() for kind in texts if kind != place and takes(texts[kind])
    }
    assert passed == set()
    assert {place for place, takes in takers.items() if takes(texts[place])} == set(texts)


def test_introspection_knows_access_and_refresh_tokens_and_nothing_else(server: AppServer) -> None:
    active = {kind for kind, text in kinds(server).items() if server.introspected(text)["active"]}
    assert active == {"access token", "refresh token"}
