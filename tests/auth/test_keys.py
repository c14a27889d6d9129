"""The server's own keys: published before use, private halves sealed, rotation without a failing verifier."""

import json
from functools import partial
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import select

from auth import keys
from auth.keys import Sealer
from auth.store import SIGNING_KEY
from tests.auth.builders import NOW, Server

LATER = NOW + keys.LEAD


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer.open(tmp_path / "key")


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "RSA_BITS", 2048)


def kids(server: Server, now: int = NOW) -> set[str]:
    return {key["kid"] for key in server.write(lambda conn: keys.public_jwks(conn, now))["keys"]}


@pytest.mark.requirement("S23")
def test_the_key_encryption_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    sealed = Sealer.open(path).seal("secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Sealer.open(path).unseal(sealed) == "secret"
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_key_file_made_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "key"
    Sealer.open(path)
    before = path.read_bytes()
    keys._create(path)
    assert path.read_bytes() == before


def test_another_key_file_opens_nothing(tmp_path: Path) -> None:
    sealed = Sealer.open(tmp_path / "one").seal("secret")
    with pytest.raises(InvalidToken):
        Sealer.open(tmp_path / "two").unseal(sealed)


def test_a_start_makes_an_active_and_a_next_key_of_each_algorithm_once(server: Server, sealer: Sealer) -> None:
    server.write(lambda conn: keys.ensure(conn, sealer, NOW))
    server.write(lambda conn: keys.ensure(conn, sealer, NOW))
    published = server.write(lambda conn: keys.public_jwks(conn, NOW))["keys"]
    assert sorted(key["alg"] for key in published) == ["ES384", "ES384", "RS256", "RS256"]
    assert all(key["use"] == "sig" for key in published)


@pytest.mark.requirement("smart-2.2#207", "S23")
def test_no_private_number_leaves_the_server_or_lies_in_the_database_in_clear(server: Server, sealer: Sealer) -> None:
    server.write(lambda conn: keys.ensure(conn, sealer, NOW))
    stored = server.write(lambda conn: repr([tuple(row) for row in conn.execute(select(SIGNING_KEY))]))
    published = json.dumps(server.write(lambda conn: keys.public_jwks(conn, NOW)))
    for alg in keys.ALGS:
        _, key = server.write(partial(keys.signer, sealer=sealer, alg=alg))
        secret = key.as_dict(private=True)["d"]
        assert isinstance(secret, str)
        assert secret not in stored
        assert secret not in published


@pytest.mark.requirement("oidc-core#10.1.1-1", "S24")
@pytest.mark.parametrize("alg", keys.ALGS)
def test_what_was_signed_before_a_rotation_verifies_after_it(server: Server, sealer: Sealer, alg: str) -> None:
    server.write(lambda conn: keys.ensure(conn, sealer, NOW))
    known_before = server.write(lambda conn: keys.public_jwks(conn, NOW))
    kid, key = server.write(lambda conn: keys.signer(conn, sealer, alg))
    old = jws.serialize_compact({"alg": alg, "kid": kid}, b"{}", key, algorithms=[alg])
    server.write(lambda conn: keys.rotate(conn, sealer, LATER))
    new_kid, new_key = server.write(lambda conn: keys.signer(conn, sealer, alg))
    new = jws.serialize_compact({"alg": alg, "kid": new_kid}, b"{}", new_key, algorithms=[alg])
    known_after = server.write(lambda conn: keys.public_jwks(conn, LATER))
    assert new_kid != kid
    jws.deserialize_compact(old, KeySet.import_key_set(known_after), algorithms=[alg])  # type: ignore[arg-type]
    # a verifier with a stale copy of the key set knows the new key already
    jws.deserialize_compact(new, KeySet.import_key_set(known_before), algorithms=[alg])  # type: ignore[arg-type]


@pytest.mark.requirement("S24")
def test_a_retired_key_loses_its_private_half_at_once_and_its_public_half_in_a_day(
    server: Server, sealer: Sealer
) -> None:
    rotations = server.write(lambda conn: keys.rotate(conn, sealer, LATER, emergency=True))
    server.write(lambda conn: keys.rotate(conn, sealer, LATER + keys.LEAD))
    retired = rotations[0].active
    rows = server.write(lambda conn: conn.execute(select(SIGNING_KEY).where(SIGNING_KEY.c.kid == retired)).one())
    assert (rows.state, rows.sealed) == ("retired", None)
    assert retired in kids(server, LATER + keys.LEAD + keys.RETAINED - 1)
    assert retired not in kids(server, LATER + keys.LEAD + keys.RETAINED)


@pytest.mark.requirement("oidc-core#10.1.1-1", "S24")
def test_a_rotation_waits_until_verifiers_know_the_next_key(server: Server, sealer: Sealer) -> None:
    server.write(lambda conn: keys.ensure(conn, sealer, NOW))
    before = kids(server)
    with pytest.raises(keys.TooSoon) as refused:
        server.write(lambda conn: keys.rotate(conn, sealer, LATER - 1))
    assert refused.value.ready_at == LATER
    assert kids(server) == before


def test_an_emergency_rotation_drops_the_old_key_at_once(server: Server, sealer: Sealer) -> None:
    server.write(lambda conn: keys.ensure(conn, sealer, NOW))
    rotations = server.write(lambda conn: keys.rotate(conn, sealer, NOW, emergency=True))
    assert {rotation.alg for rotation in rotations} == set(keys.ALGS)
    assert not kids(server) & {rotation.retired for rotation in rotations}
    assert kids(server) == {kid for rotation in rotations for kid in (rotation.active, rotation.next)}


def test_signing_before_the_first_start_is_a_fault_of_the_program(server: Server, sealer: Sealer) -> None:
    with pytest.raises(LookupError):
        server.write(lambda conn: keys.signer(conn, sealer, "RS256"))
