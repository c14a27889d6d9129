"""Bearer tokens: strict syntax, one statement, dead at once when revoked."""

import pytest
from sqlalchemy import Engine, event, select

from auth import clients, tokens
from auth.errors import Unauthorized
from auth.store import ACCESS_TOKEN
from tests.auth.builders import MINUTE, NOW, SECOND, Server, registration

SCOPE = "system/Patient.rs"


@pytest.fixture
def token(server: Server) -> str:
    return server.write(lambda conn: tokens.issue(conn, "council-sync", SCOPE, NOW)).access_token


def challenge_of(server: Server, header: str | None, now: int = NOW) -> str:
    with pytest.raises(Unauthorized) as refused:
        server.write(lambda conn: tokens.verify(conn, header, now))
    assert refused.value.status == 401
    return refused.value.www_authenticate


@pytest.mark.requirement("smart-2.2#77", "rfc6750#3.1-1")
def test_a_token_is_its_clients_principal_until_it_expires(server: Server, token: str) -> None:
    principal = server.write(lambda conn: tokens.verify(conn, f"Bearer {token}", NOW + 300 * SECOND - 1))
    assert (principal.client_id, principal.name, principal.for_itself) == ("council-sync", "Council", True)
    assert principal.scopes.grants("Patient", "r")
    assert not principal.scopes.grants("Patient", "u")
    assert principal.token_digest == tokens.digest(token)
    assert 'error="invalid_token"' in challenge_of(server, f"Bearer {token}", NOW + 300 * SECOND)


def test_the_check_is_one_statement_and_returns_plain_values(server: Server, token: str) -> None:
    seen: list[str] = []
    event.listen(server.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    server.write(lambda conn: tokens.verify(conn, f"bearer {token}", NOW))
    assert len([text for text in seen if not text.startswith("BEGIN")]) == 1
    row = server.write(lambda conn: conn.execute(tokens.TOKEN_ROW, {"digest": tokens.digest(token)}).one())
    assert tuple(row)[:6] == ("council-sync", "Council", SCOPE, NOW + 5 * MINUTE, None, "active")
    assert tokens.admit(tuple(row), "d", NOW).client_id == "council-sync"


@pytest.mark.requirement("smart-2.2#134", "rfc6749#10.10-1", "S22")
def test_only_the_digest_of_a_token_is_stored(server: Server, token: str) -> None:
    stored = server.write(lambda conn: [tuple(row) for row in conn.execute(select(ACCESS_TOKEN))])
    assert token not in repr(stored)
    assert len(token) == 43
    issued = server.write(lambda conn: tokens.issue(conn, "council-sync", SCOPE, NOW))
    assert issued.access_token not in repr(issued)


@pytest.mark.requirement("rfc6750#3-1")
def test_no_credentials_are_challenged_without_an_error(server: Server) -> None:
    assert challenge_of(server, None) == 'Bearer realm="fhir"'
    assert challenge_of(server, "Basic dXNlcjpwYXNz") == 'Bearer realm="fhir"'


@pytest.mark.requirement("rfc6750#2.1-1", "S26")
@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer  {token}",
        "Bearer {token} ",
        " Bearer {token}",
        "Bearer\t{token}",
        "Bearer {token},{token}",
        "Bearer {token} {token}",
        "Bearer {token}\n",
        "Bearer =abc",
        "Bearer tök",
        "Bearer {token}?",
        "Bearer " + "a" * 4096,
    ],
)
def test_a_malformed_bearer_header_is_refused(header: str) -> None:
    with pytest.raises(Unauthorized):
        tokens.digest_of(header.format(token="a" * 43))


@pytest.mark.requirement("rfc6750#2-1", "rfc6750#3.1-3", "S26")
def test_two_authorization_headers_are_refused() -> None:
    one = (b"authorization", b"Bearer a")
    assert tokens.authorization_of([one, (b"accept", b"*/*")]) == "Bearer a"
    assert tokens.authorization_of([]) is None
    with pytest.raises(Unauthorized) as refused:
        tokens.authorization_of([one, one])
    assert 'error="invalid_request"' in refused.value.www_authenticate


def test_an_unknown_an_expired_and_a_revoked_token_are_told_in_the_same_words(server: Server, token: str) -> None:
    unknown = challenge_of(server, "Bearer " + "a" * 43)
    expired = challenge_of(server, f"Bearer {token}", NOW + 6 * MINUTE)
    server.write(lambda conn: tokens.revoke(conn, token, "council-sync", NOW))
    assert unknown == expired == challenge_of(server, f"Bearer {token}")


def test_a_revoked_token_is_refused_at_the_next_request(server: Server, token: str) -> None:
    assert server.write(lambda conn: tokens.revoke(conn, token, "council-sync", NOW))
    challenge_of(server, f"Bearer {token}", NOW)
    assert not server.write(lambda conn: tokens.revoke(conn, token, "council-sync", NOW))


def test_another_client_cannot_revoke_a_token(server: Server, token: str) -> None:
    server.write(lambda conn: clients.add(conn, registration(client_id="other"), NOW))
    assert not server.write(lambda conn: tokens.revoke(conn, token, "other", NOW))
    server.write(lambda conn: tokens.verify(conn, f"Bearer {token}", NOW))


def test_all_tokens_of_a_client_die_together(server: Server, token: str) -> None:
    server.write(lambda conn: tokens.issue(conn, "council-sync", SCOPE, NOW))
    assert server.write(lambda conn: tokens.revoke_all_of_client(conn, "council-sync", NOW)) == 2
    challenge_of(server, f"Bearer {token}")


def test_purge_forgets_tokens_a_day_after_their_end(engine: Engine, server: Server, token: str) -> None:
    end = NOW + 5 * MINUTE + tokens.KEPT_AFTER_EXPIRY
    assert server.write(lambda conn: tokens.purge(conn, end)) == 0
    assert server.write(lambda conn: tokens.purge(conn, end + 1)) == 1
    with engine.begin() as conn:
        assert conn.execute(select(ACCESS_TOKEN)).first() is None
    challenge_of(server, f"Bearer {token}", NOW)
