"""Registration: what is taken in, what is refused, and that revoking ends everything."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from auth import clients, tokens
from auth.errors import RegistrationRefused, Unauthorized
from tests.auth.builders import NOW, Server, key, public, registration


def private(member: RSAKey | ECKey | OctKey) -> str:
    return json.dumps({"keys": [member.as_dict(private=True)]})


def weak() -> str:
    """An RSA modulus of 1024 bits; no key of that size is made."""
    member = json.loads(public(key()))["keys"][0]
    return json.dumps({"keys": [{**member, "n": member["n"][:171]}]})


@pytest.mark.requirement("smart-2.2#297")
def test_a_client_is_registered_found_and_listed(server: Server) -> None:
    added = server.write(lambda conn: clients.add(conn, registration(client_id="chc-tool", aud="issuer"), NOW))
    assert server.write(lambda conn: clients.find(conn, "chc-tool")) == added
    assert (added.status, added.aud, added.created_at, added.revoked_at) == ("active", "issuer", NOW, None)
    assert [each.client_id for each in server.write(clients.all_clients)] == ["chc-tool", "council-sync"]
    assert server.write(lambda conn: clients.find(conn, "nobody")) is None


@pytest.mark.requirement("smart-2.2#296")
def test_a_client_may_register_a_url_for_its_keys(server: Server) -> None:
    wanted = registration(client_id="by-url", jwks=None, jwks_url="https://council.example/jwks.json")
    assert server.write(lambda conn: clients.add(conn, wanted, NOW)).jwks is None
    local = registration(client_id="local", jwks=None, jwks_url="http://127.0.0.1:9000/jwks.json")
    server.write(lambda conn: clients.add(conn, local, NOW, allow_loopback=True))


@pytest.mark.requirement("S23")
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "council-sync"},
        {"client_id": ""},
        {"client_id": "with space"},
        {"client_id": "x" * 256},
        {"name": " "},
        {"name": "a\nb"},
        {"aud": "anything"},
        {"scope": ""},
        {"scope": "system/Patient.rs openid"},
        {"scope": "patient/Patient.rs"},
        {"scope": "system/Patient.sr"},
        {"scope": " ".join(["system/Patient.rs"] * 101)},
        {"jwks": None},
        {"jwks_url": "https://council.example/jwks.json"},
        {"jwks": None, "jwks_url": "http://council.example/jwks.json"},
        {"jwks": "not json"},
        {"jwks": "[]"},
        {"jwks": "{}"},
        {"jwks": '{"keys": []}'},
        {"jwks": '{"keys": [7]}'},
        {"jwks": '{"keys": [{}]}'},
        {"jwks": json.dumps({"keys": [{}] * 51})},
        {"jwks": '{"keys": [], "padding": "' + "x" * 65_536 + '"}'},
        {"jwks": '{"keys": [{"kty": "RSA", "kid": "a"}]}'},
        {"jwks": '{"keys": [{"kty": "RSA", "kid": "a", "n": 7, "e": 7}]}'},
        {"jwks": '{"keys": [{"kty": "EC", "crv": "P-384", "kid": "a", "x": "AAAA", "y": "AAAA"}]}'},
        {"jwks": private(key("rsa"))},
        {"jwks": private(key("ec"))},
        {"jwks": private(OctKey.generate_key())},
        {"jwks": json.dumps({"keys": [{"kty": "oct", "kid": "a"}, *json.loads(public(key()))["keys"]]})},
        {"jwks": weak()},
        {"jwks": public(key(), kid="")},
        {"jwks": public(key(), kid=7)},
        {"jwks": public(key(), use="enc")},
        {"jwks": public(key("rsa"), key("rsa", 2), kid="same")},
        {"jwks": public(ECKey.generate_key("P-256", parameters={"kid": "p256"}))},
    ],
)
def test_a_faulty_registration_is_refused(server: Server, changes: dict[str, Any]) -> None:
    wanted = registration(**({"client_id": "new"} | changes))
    with pytest.raises(RegistrationRefused):
        server.write(lambda conn: clients.add(conn, wanted, NOW))
    assert len(server.write(clients.all_clients)) == 1


def test_revoking_a_client_ends_all_its_tokens_at_once(server: Server) -> None:
    issued = server.write(lambda conn: tokens.issue(conn, "council-sync", "system/Patient.rs", NOW))
    assert server.write(lambda conn: clients.revoke(conn, "council-sync", NOW)) == 1
    with pytest.raises(Unauthorized):
        server.write(lambda conn: tokens.verify(conn, f"Bearer {issued.access_token}", NOW))
    found = server.write(lambda conn: clients.find(conn, "council-sync"))
    assert found is not None
    assert (found.status, found.revoked_at) == ("revoked", NOW)
    assert server.write(lambda conn: clients.revoke(conn, "council-sync", NOW + 1)) == 0


def test_a_token_that_slipped_in_after_its_client_was_revoked_is_dead_too(server: Server) -> None:
    server.write(lambda conn: clients.revoke(conn, "council-sync", NOW))
    issued = server.write(lambda conn: tokens.issue(conn, "council-sync", "system/Patient.rs", NOW))
    with pytest.raises(Unauthorized):
        server.write(lambda conn: tokens.verify(conn, f"Bearer {issued.access_token}", NOW))


def test_an_unknown_client_cannot_be_revoked_or_given_keys(server: Server) -> None:
    with pytest.raises(RegistrationRefused):
        server.write(lambda conn: clients.revoke(conn, "nobody", NOW))
    with pytest.raises(RegistrationRefused):
        server.write(lambda conn: clients.set_keys(conn, "nobody", jwks=public(key())))


def test_a_client_may_change_its_keys(server: Server) -> None:
    server.write(lambda conn: clients.set_keys(conn, "council-sync", jwks=public(key("rsa", 2))))
    found = server.write(lambda conn: clients.find(conn, "council-sync"))
    assert found is not None
    assert found.jwks == public(key("rsa", 2))
