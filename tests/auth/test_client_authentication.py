"""Which client asks: each proves itself in the one way it is registered for, once, and in no other."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from auth import clients
from auth.clients import new_secret
from auth.errors import RegistrationRefused
from auth.tokens import digest
from tests.auth.apps import SECRET, AppServer, basic, on_sqlite, with_secret
from tests.auth.builders import NOW, claims, key, public, signed


@pytest.fixture
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


@pytest.fixture(scope="module")
def shared() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


def fault(reply: httpx.Response) -> tuple[int, str]:
    assert (reply.headers["cache-control"], reply.headers["pragma"]) == ("no-store", "no-cache")
    return reply.status_code, reply.json()["error"]


def proof(server: AppServer, client_id: str) -> dict[str, str]:
    return server.proof(iss=client_id, sub=client_id)


@pytest.mark.requirement("smart-2.2/basic-unencoded", "rfc6749#2.3.1-1")
def test_a_client_with_a_secret_proves_itself_by_basic(server: AppServer) -> None:
    """As the public kit sends it: id and secret, base64, nothing URL-encoded."""
    code = server.code(client_id="secret-app")
    assert server.redeem(code, client_id=None, headers=basic("secret-app", SECRET)).status_code == 200


def test_the_client_id_may_be_repeated_in_the_form(server: AppServer) -> None:
    code = server.code(client_id="secret-app")
    assert server.redeem(code, client_id="secret-app", headers=basic("secret-app", SECRET)).status_code == 200


@pytest.mark.requirement("smart-2.2/client-id-from-assertion")
def test_a_client_with_keys_proves_itself_by_an_assertion_without_a_client_id(server: AppServer) -> None:
    code = server.code(client_id="key-app")
    assert server.redeem(code, client_id=None, **proof(server, "key-app")).status_code == 200


@pytest.mark.requirement("smart-2.2/basic-unencoded")
@pytest.mark.parametrize("client_id", ["https://app.example/id", "an:id", "a~b.c_d"])
def test_a_name_may_be_url_encoded_or_not(server: AppServer, client_id: str) -> None:
    """RFC 6749 section 2.3.1 encodes; many clients do not."""
    server.write(lambda conn: clients.add(conn, with_secret(client_id=client_id), NOW))
    for name, secret in ((client_id, SECRET), (quote(client_id, safe=""), quote(SECRET, safe=""))):
        reply = server.redeem("unknown", client_id=None, headers=basic(name, secret))
        assert fault(reply) == (400, "invalid_grant"), "the client was believed"


@pytest.mark.requirement("rfc6749#2.3.1-2", "rfc6749#5.2-2")
@pytest.mark.parametrize(
    ("name", "secret"),
    [("secret-app", "wrong"), ("secret-app", ""), ("nobody", SECRET), ("patient-app", ""), ("key-app", SECRET)],
)
def test_a_wrong_secret_and_an_unknown_client_are_refused_in_the_same_words(
    shared: AppServer, name: str, secret: str
) -> None:
    reply = shared.redeem("unknown", client_id=None, headers=basic(name, secret))
    assert fault(reply) == (401, "invalid_client")
    assert reply.headers["www-authenticate"] == 'Basic realm="token"'
    assert reply.json()["error_description"] == "the client is not known here"


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode("secret-app:gr\u00fc\u00df".encode()).decode(),
        "Basic " + base64.b64encode(f"secret-app:{SECRET}\n".encode()).decode(),
        "Basic " + base64.b64encode(f"secret-app:{SECRET}".encode()).decode() + "=x",
        "Basic " + "QUFB" * 4000,
    ],
    ids=range(8),
)
def test_unreadable_credentials_are_refused(shared: AppServer, header: str) -> None:
    reply = shared.redeem("unknown", client_id=None, headers={"Authorization": header})
    assert fault(reply) == (401, "invalid_client")


@pytest.mark.requirement("rfc6749#3.2.1-1")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_id": "secret-app"}, (400, "invalid_client")),
        ({"client_id": "key-app"}, (400, "invalid_client")),
        ({"client_id": "secret-app", "client_secret": SECRET}, (400, "invalid_client")),
        ({"client_id": "patient-app", "client_secret": SECRET}, (400, "invalid_client")),
        ({"client_id": "patient-app", "headers": basic("secret-app", SECRET)}, (401, "invalid_client")),
        ({"client_id": None, "headers": {"Authorization": "Bearer x"}}, (401, "invalid_client")),
        ({"client_id": None, "headers": {"Authorization": "Digest x"}}, (400, "invalid_client")),
    ],
)
def test_a_client_uses_the_way_it_is_registered_for_and_no_other(
    shared: AppServer, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert fault(shared.redeem("unknown", **changes)) == expected


@pytest.mark.requirement("rfc6749#2.3-1")
def test_two_proofs_at_once_are_refused(shared: AppServer) -> None:
    """One method a request (RFC 6749 section 2.3)."""
    both = shared.redeem("unknown", client_id=None, headers=basic("secret-app", SECRET), **proof(shared, "key-app"))
    assert fault(both) == (401, "invalid_client")


@pytest.mark.parametrize("client_id", ["secret-app", "patient-app"])
def test_a_client_without_keys_cannot_prove_itself_by_an_assertion(shared: AppServer, client_id: str) -> None:
    reply = shared.redeem("unknown", client_id=None, **proof(shared, client_id))
    assert fault(reply) == (400, "invalid_client")


@pytest.mark.requirement("rfc7523#3-6")
def test_an_assertion_by_another_clients_key_is_refused(shared: AppServer) -> None:
    text = signed(claims(shared.clock, iss="key-app", sub="key-app"), signing=key("rsa", 9), kid="rsa-1")
    reply = shared.redeem("unknown", client_id=None, **{**proof(shared, "key-app"), "client_assertion": text})
    assert fault(reply) == (400, "invalid_client")


@pytest.mark.requirement("rfc6749#5.2-3")
@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token"])
def test_a_system_acts_for_no_person(shared: AppServer, grant_type: str) -> None:
    form = {"grant_type": grant_type, "code": "x", "redirect_uri": "x", "refresh_token": "x"}
    assert fault(shared.post(data={**form, **shared.proof()})) == (400, "unauthorized_client")


def test_a_revoked_client_is_unknown(server: AppServer) -> None:
    server.write(lambda conn: clients.revoke(conn, "secret-app", NOW))
    reply = server.redeem("unknown", client_id=None, headers=basic("secret-app", SECRET))
    assert fault(reply) == (401, "invalid_client")


@pytest.mark.requirement("rfc6749#2.3.1-2", "lesson-09")
def test_a_secret_is_made_here_of_256_bits_and_only_its_digest_is_kept() -> None:
    (first, kept), (second, _) = new_secret(), new_secret()
    assert first != second
    assert len(first) >= 43
    assert kept == digest(first)


def test_a_client_may_change_its_keys_but_one_without_keys_gets_none(server: AppServer) -> None:
    server.write(lambda conn: clients.set_keys(conn, "key-app", jwks=public(key("rsa", 2))))
    with pytest.raises(RegistrationRefused):
        server.write(lambda conn: clients.set_keys(conn, "patient-app", jwks=public(key())))


def test_a_refusal_after_the_proof_is_put_on_record_and_one_before_is_not(server: AppServer) -> None:
    server.redeem("unknown", client_id=None, headers=basic("secret-app", "wrong"))
    assert server.noted == []
    server.redeem("unknown", client_id=None, headers=basic("secret-app", SECRET))
    assert server.noted == [("token", "invalid_grant", {"client_id": "secret-app"})]
