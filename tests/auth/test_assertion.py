"""Assertions: the valid one passes, each fault alone is refused, and a jti is spent once."""

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.util import urlsafe_b64encode
from sqlalchemy import Connection, select

from auth import assertion, clients
from auth.clients import Client
from auth.errors import InvalidClient
from auth.store import CLIENT_JTI
from tests.auth.builders import (
    ISSUER,
    MINUTE,
    NOW,
    SECOND,
    TOKEN_URL,
    Clock,
    Key,
    Server,
    claims,
    key,
    public,
    registration,
    signed,
)

NOW_S = NOW // SECOND
AUDIENCE = assertion.Audience(token_endpoint=TOKEN_URL, issuer=ISSUER)


def read(text: str, now: int = NOW) -> assertion.Assertion:
    return assertion.read(text, AUDIENCE, now)


def accept(server: Server, text: str, now: int = NOW) -> Client:
    return server.write(lambda conn: assertion.authenticate(conn, read(text, now), AUDIENCE, now))


def valid(**changes: Any) -> dict[str, Any]:
    return claims(Clock(), **changes)


@pytest.mark.requirement("smart-2.2#310", "smart-2.2#311", "smart-2.2/assertion-bare", "lesson-09")
@pytest.mark.parametrize(("name", "alg"), [("rsa", "RS384"), ("ec", "ES384"), ("rsa", "RS512")])
def test_each_algorithm_of_smart_and_of_the_nhs_is_accepted(server: Server, name: str, alg: str) -> None:
    assert accept(server, signed(valid(), signing=key(name), alg=alg)).client_id == "council-sync"


@pytest.mark.requirement("smart-2.2/assertion-bare", "S25")
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ISSUER},
        {"aud": [TOKEN_URL]},
        {"aud": [TOKEN_URL, ISSUER]},
        {"iat": NOW_S},
        {"iat": NOW_S + 10},
        {"iat": NOW_S + 60},
        {"iat": NOW_S - 0.5},
        {"nbf": NOW_S + 10},
        {"exp": NOW_S + 1},
        {"exp": NOW_S - 29},
        {"exp": NOW_S + 310},
        {"jti": "x" * 255},
        {"extra": {"nested": [1]}},
    ],
)
def test_a_variation_within_the_rules_is_accepted(server: Server, changes: dict[str, Any]) -> None:
    accept(server, signed(valid(**changes)))


@pytest.mark.requirement(
    "smart-2.2#340",
    "smart-2.2/assertion-exp",
    "rfc7523#3-1",
    "rfc7523#3-2",
    "rfc7523#3-3",
    "rfc7523#3-4",
    "S10",
    "S11",
    "S25",
    "lesson-09",
)
@pytest.mark.parametrize(
    "changes",
    [
        {"iss": None},
        {"iss": "not_a_valid_iss"},
        {"iss": ["council-sync"]},
        {"sub": None},
        {"sub": "someone-else"},
        {"iss": "", "sub": ""},
        {"iss": "a\u0000", "sub": "a\u0000"},
        {"iss": "x" * 256, "sub": "x" * 256},
        {"aud": None},
        {"aud": "https://elsewhere.example/token"},
        {"aud": TOKEN_URL + "/"},
        {"aud": TOKEN_URL.upper()},
        {"aud": []},
        {"aud": [TOKEN_URL, "https://elsewhere.example"]},
        {"aud": [TOKEN_URL, 7]},
        {"aud": {"url": TOKEN_URL}},
        {"exp": None},
        {"exp": str(NOW_S + 60)},
        {"exp": NOW_S + 60.5},
        {"exp": True},
        {"exp": NOW_S - 30},
        {"exp": NOW_S - 300},
        {"exp": NOW_S + 311},
        {"exp": NOW_S + 3600},
        {"exp": 10**30},
        {"exp": -1},
        {"iat": NOW_S + 61},
        {"iat": "now"},
        {"iat": True},
        {"nbf": NOW_S + 61},
        {"nbf": []},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 256},
        {"jti": "a\nb"},
        {"jti": "\ud800"},
        {"jti": "\u0000"},
    ],
)
def test_a_faulty_claim_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidClient) as refused:
        read(signed(valid(**changes)))
    assert refused.value.error == "invalid_client"


def public_key_as_secret() -> OctKey:
    """The old trick: HMAC with what everybody can read as the secret."""
    return OctKey.import_key({"kty": "oct", "k": urlsafe_b64encode(public(key()).encode()).decode()})


@pytest.mark.requirement("rfc8725#3.10-1", "S10", "S20")
@pytest.mark.parametrize(
    "header",
    [
        {"alg": "RS256"},
        {"alg": "ES256", "signing": ECKey.generate_key("P-256")},
        {"alg": "PS384"},
        {"alg": "HS256", "signing": OctKey.generate_key()},
        {"alg": "HS384", "signing": public_key_as_secret()},
        {"typ": "at+jwt"},
        {"typ": 7},
        {"kid": None},
        {"kid": 7},
        {"kid": ""},
        {"jku": 7},
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": True},
        {"jwk": json.loads(public(key()))["keys"][0]},
        {"x5u": "https://elsewhere.example/cert"},
        {"x5c": []},
        {"zip": "DEF"},
    ],
)
def test_a_faulty_header_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(InvalidClient):
        read(signed(valid(), **header))


def test_a_missing_typ_and_an_unknown_harmless_header_are_accepted(server: Server) -> None:
    accept(server, signed(valid(), typ=None))
    accept(server, signed(valid(), note="x"))


def segment(content: bytes) -> str:
    return urlsafe_b64encode(content).decode()


NOT_CLAIMS = (
    b"[]",
    b"null",
    b"not json",
    b"[" * 5000,
    b"\xff\xfe",
    b'{"exp":NaN}',
    b'{"exp":' + b"9" * 5000 + b"}",
)
NOT_HEADERS = (b'{"alg":"none"}', b'{"alg":["RS384"]}', b'{"alg":"RS384","alg":"RS384","kid":"a"}')
HEADER = segment(b'{"alg":"RS384","kid":"rsa-1"}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c.d",
        "..",
        "not a token",
        f"{HEADER}.e30.",
        f"{HEADER}.e30.c2ln\n",
        *(f"{HEADER}.{segment(payload)}.c2ln" for payload in NOT_CLAIMS),
        f"{HEADER}.a.c2ln",
        *(f"{segment(header)}.e30.c2ln" for header in NOT_HEADERS),
        '{"payload":"e30","signatures":[]}',
        "x" * 9000,
    ],
)
def test_what_is_no_compact_jws_of_objects_is_refused(text: str) -> None:
    with pytest.raises(InvalidClient):
        read(text)


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: f"{segment(raw)}.{segment(raw)}.c2ln"))
def test_any_text_whatever_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(InvalidClient):
        read(text)


def test_a_duplicate_claim_is_refused() -> None:
    twice = json.dumps(valid()).encode().replace(b'"iss"', b'"iss": "someone-else", "iss"')
    with pytest.raises(InvalidClient):
        read(signed(twice))


def test_an_assertion_beyond_8_kb_is_refused() -> None:
    with pytest.raises(InvalidClient, match="8192"):
        read(signed(valid(padding="x" * 8192)))


def impostor(name: str) -> Key:
    """Another key under a registered kid."""
    other = key(name, 2)
    kind = RSAKey if name == "rsa" else ECKey
    return kind.import_key({**other.as_dict(private=True), "kid": f"{name}-1"})


@pytest.mark.requirement("smart-2.2#338", "rfc7523#3-6", "lesson-02")
@pytest.mark.parametrize(
    "forged",
    [
        {"signing": impostor("rsa")},
        {"signing": impostor("ec"), "alg": "ES384"},
        {"signing": key("rsa"), "kid": "unknown"},
        {"signing": key("rsa"), "kid": "ec-1"},
        {"signing": key("ec"), "alg": "ES384", "kid": "rsa-1"},
        {"signing": key("rsa"), "jku": "https://council.example/jwks"},
    ],
)
def test_an_assertion_not_signed_by_the_registered_key_is_refused(server: Server, forged: dict[str, Any]) -> None:
    with pytest.raises(InvalidClient):
        accept(server, signed(valid(), **forged))
    assert server.write(lambda conn: conn.execute(select(CLIENT_JTI)).first()) is None


@pytest.mark.requirement("rfc7523#3-6")
def test_a_changed_payload_is_refused(server: Server) -> None:
    head, _, signature = signed(valid()).split(".")
    _, other, _ = signed(valid()).split(".")
    with pytest.raises(InvalidClient):
        accept(server, f"{head}.{other}.{signature}")


def test_an_unknown_client_a_revoked_one_and_a_bad_signature_are_told_in_the_same_words(server: Server) -> None:
    server.write(lambda conn: clients.add(conn, registration(client_id="gone"), NOW))
    server.write(lambda conn: clients.revoke(conn, "gone", NOW))
    texts = [
        signed(valid(iss="unknown", sub="unknown")),
        signed(valid(iss="gone", sub="gone")),
        signed(valid(), signing=impostor("rsa")),
    ]
    said = set()
    for text in texts:
        with pytest.raises(InvalidClient) as refused:
            accept(server, text)
        said.add(refused.value.description)
    assert len(said) == 1


@pytest.mark.requirement("S10")
def test_a_key_registered_for_one_algorithm_serves_no_other(server: Server) -> None:
    nhs = registration(client_id="nhs", jwks=public(key(), alg="RS512"))
    server.write(lambda conn: clients.add(conn, nhs, NOW))
    accept(server, signed(valid(iss="nhs", sub="nhs"), alg="RS512"))
    with pytest.raises(InvalidClient):
        accept(server, signed(valid(iss="nhs", sub="nhs"), alg="RS384"))


@pytest.mark.requirement("rfc7523#3-2", "S11")
@pytest.mark.parametrize(
    ("policy", "good", "bad"), [("token-endpoint", TOKEN_URL, ISSUER), ("issuer", ISSUER, TOKEN_URL)]
)
def test_the_audience_a_client_may_name_is_a_setting(server: Server, policy: str, good: str, bad: str) -> None:
    server.write(lambda conn: clients.add(conn, registration(client_id="strict", aud=policy), NOW))
    accept(server, signed(valid(iss="strict", sub="strict", aud=good)))
    for aud in (bad, [good, bad]):
        with pytest.raises(InvalidClient):
            accept(server, signed(valid(iss="strict", sub="strict", aud=aud)))


@pytest.mark.requirement("smart-2.2#336", "rfc7523#3-5", "S9")
def test_a_second_use_of_a_jti_is_refused_until_it_could_not_matter(server: Server) -> None:
    text = signed(valid(jti="once"))
    accept(server, text)
    with pytest.raises(InvalidClient, match="jti"):
        accept(server, text)
    with pytest.raises(InvalidClient, match="jti"):
        accept(server, signed(valid(jti="once")))
    assert server.write(lambda conn: assertion.purge(conn, NOW + 5 * MINUTE + 30 * SECOND)) == 0
    assert server.write(lambda conn: assertion.purge(conn, NOW + 7 * MINUTE)) == 1


def test_two_clients_may_use_the_same_jti(server: Server) -> None:
    server.write(lambda conn: clients.add(conn, registration(client_id="other"), NOW))
    accept(server, signed(valid(jti="same")))
    accept(server, signed(valid(jti="same", iss="other", sub="other")))


@pytest.mark.requirement("smart-2.2#336", "S9")
def test_of_fifty_rivals_for_one_jti_one_wins(server: Server) -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(50)

    def spend(conn: Connection) -> None:
        assertion.spend(conn, "council-sync", "contested", NOW + MINUTE)

    def rival() -> None:
        barrier.wait()
        try:
            server.write(spend)
            outcomes.append("won")
        except InvalidClient:
            outcomes.append("lost")

    threads = [threading.Thread(target=rival) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 49 + ["won"]


def test_an_assertion_does_not_print_its_secrets() -> None:
    text = signed(valid(jti="secret-jti"))
    assert text not in repr(read(text))
    assert "secret-jti" not in repr(read(text))
