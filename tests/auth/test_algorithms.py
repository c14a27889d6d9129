"""Every algorithm against everything that verifies a signature: the verifier chooses, the token never does.

Three places verify: assertions of clients, tokens of other issuers, and our own id_tokens given back as a hint.

Source: security requirements S20; RFC 8725 section 3.1; RFC 7515.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256, sha384, sha512
from typing import Any, Final

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import Engine

from auth import assertion, id_tokens
from auth.errors import AuthError, InvalidClient
from auth.issuers import id_token
from auth.issuers.id_token import Expected, TokenRefused
from auth.issuers.settings import Issuer, load
from auth.jose import KEY_TYPE_OF, key_for, parse_jwks, signature_holds
from tests.auth import memory
from tests.auth.apps import _signing_key, sign_with_a_small_key
from tests.auth.builders import ISSUER, NOW, SECOND, TOKEN_URL, Clock, Key, Lenient, Server, claims, key, public
from tests.auth.issuers.conftest import NHS_LOGIN

ISS: Final = "https://login.example"
KID: Final = "rsa-1"
AUDIENCE: Final = assertion.Audience(token_endpoint=TOKEN_URL, issuer=ISSUER)
EXPECTED: Final = Expected(audience="phb-gateway", jwks=f"{ISS}/jwks")
SAID: Final = {"iss": ISS, "aud": "phb-gateway", "sub": "person-1", "iat": NOW // SECOND, "exp": NOW // SECOND + 300}
EVERY: Final = (
    *("none", "HS256", "HS384", "HS512"),
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "Ed25519"),
)
HASHES: Final = {"256": sha256, "384": sha384, "512": sha512}
Believes = Callable[[str], bool]
Signer = Key | OKPKey


def signer(alg: str, rsa: Key) -> Signer:
    """A key that can sign with `alg`."""
    kinds: dict[str, Callable[[], Signer]] = {
        "RS": lambda: rsa,
        "PS": lambda: rsa,
        "ES384": lambda: key("ec"),
        "ES256": lambda: ECKey.generate_key("P-256"),
        "ES512": lambda: ECKey.generate_key("P-521"),
        "ES256K": lambda: ECKey.generate_key("secp256k1"),
        "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
    }
    return (kinds.get(alg) or kinds[alg[:2]])()


def compact(said: dict[str, Any], alg: str, rsa: Key, by: Signer | None = None, **header: Any) -> str:
    """A token signed with `alg` under the name of the verifier's own key.

    HMAC takes as its secret what everybody can read of that key.
    """
    head = {"alg": alg, "kid": "ec-1" if alg == "ES384" else rsa.kid or KID, "typ": "JWT", **header}
    text = ".".join(map(encoded, (head, said)))
    if alg == "none":
        return f"{text}.x"
    if alg.startswith("HS"):
        return f"{text}.{encoded(hmac.digest(rsa.as_pem(private=False), text.encode(), f'sha{alg[2:]}'))}"
    registry = Lenient(algorithms=[alg])
    return jws.serialize_compact(head, json.dumps(said).encode(), by or signer(alg, rsa), registry=registry)


def encoded(value: dict[str, Any] | bytes) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def half(size: str, token: str) -> str:
    """The left half of a token's hash, as an issuer tells it."""
    digest = HASHES[size](token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def of_clients(text: str) -> bool:
    """Whether an assertion of a client with an RSA and a P-384 key is believed."""
    try:
        told = assertion.read(text, AUDIENCE, NOW)
    except InvalidClient:
        return False
    found = key_for(parse_jwks(public(key("rsa"), key("ec"))), told.kid, told.alg)
    return found is not None and signature_holds(text, found, told.alg)


def of_issuers(issuer: Issuer) -> Believes:
    """Whether an id_token of another issuer is believed; it has the same two keys."""

    def believes(text: str) -> bool:
        try:
            id_token.prove(
                id_token.read(text, issuer, EXPECTED, NOW), parse_jwks(public(key("rsa"), key("ec"), use="sig"))
            )
        except TokenRefused:
            return False
        return True

    return believes


def of_ours(engine: Engine) -> Believes:
    """Whether a hint is taken for an id_token of ours."""
    server = Server(engine)
    server.write(sign_with_a_small_key)
    return lambda text: server.write(lambda conn: id_tokens.hinted(server.config, conn, text, NOW)) is not None


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """NHS login, which signs with RS512."""
    folder = tmp_path_factory.mktemp("issuers")
    (folder / "party.pem").write_bytes(key("rsa", 8).as_pem(private=True))
    (folder / "issuers.toml").write_text(NHS_LOGIN.replace("{url}", ISS))
    return load(folder / "issuers.toml")[0]


@pytest.fixture(scope="module")
def verifiers(issuer: Issuer) -> Iterator[dict[str, tuple[Believes, dict[str, Any], Key]]]:
    """Each place that verifies, what a good token says there, and its RSA key."""
    with memory.engine() as engine:
        own = RSAKey.import_key({**_signing_key().as_dict(private=True), "kid": _signing_key().thumbprint()})
        yield {
            "assertion": (of_clients, claims(Clock()), key("rsa")),
            "issuer": (of_issuers(issuer), SAID, key("rsa")),
            "hint": (of_ours(engine), {"iss": ISSUER, "sub": "account"}, own),
        }


@pytest.mark.requirement("rfc8725#3.1-1", "S20", "lesson-01")
@pytest.mark.parametrize(
    ("place", "listed"),
    [("assertion", {"RS384", "ES384", "RS512"}), ("issuer", {"RS512"}), ("hint", {"RS256"})],
)
def test_each_verifier_believes_the_algorithms_on_its_own_list_and_no_others(
    verifiers: dict[str, tuple[Believes, dict[str, Any], Key]], place: str, listed: set[str]
) -> None:
    believes, said, rsa = verifiers[place]
    assert {alg for alg in EVERY if believes(compact(said, alg, rsa))} == listed


STRANGER: Final = key("rsa", 9)
BROUGHT: Final[dict[str, dict[str, Any]]] = {
    "a key": {"jwk": STRANGER.as_dict(private=False)},
    "a key set elsewhere": {"jku": "https://elsewhere.example/jwks"},
    "a certificate": {"x5c": ["MIIB"]},
    "an address of certificates": {"x5u": "https://elsewhere.example/pem"},
    "a demand nobody knows": {"crit": ["exp"], "exp": 1},
    "an unencoded payload": {"crit": ["b64"], "b64": False},
    "compression": {"zip": "DEF"},
}


@pytest.mark.requirement("S20", "lesson-02", "lesson-03")
@pytest.mark.parametrize("name", BROUGHT)
@pytest.mark.parametrize(("place", "alg"), [("assertion", "RS384"), ("issuer", "RS512"), ("hint", "RS256")])
def test_what_a_header_may_not_bring_is_not_believed(
    verifiers: dict[str, tuple[Believes, dict[str, Any], Key]], place: str, alg: str, name: str
) -> None:
    """Signed by whoever brings it, the verifier's own key name beside it."""
    believes, said, rsa = verifiers[place]
    header = dict(BROUGHT[name])
    if header.get("b64") is False:  # as an honest signer would write it, the payload is then not encoded
        header.pop("b64")
    assert not believes(compact(said, alg, rsa, by=STRANGER, **header))


@pytest.mark.requirement("lesson-03", "lesson-05")
@pytest.mark.parametrize(("place", "alg"), [("assertion", "RS384"), ("issuer", "RS512"), ("hint", "RS256")])
def test_only_compact_tokens_of_three_parts_are_read(
    verifiers: dict[str, tuple[Believes, dict[str, Any], Key]], place: str, alg: str
) -> None:
    """No JSON serialisation, whose headers need not be signed, and nothing encrypted."""
    believes, said, rsa = verifiers[place]
    good = compact(said, alg, rsa)
    assert believes(good)
    head, payload, signature = good.split(".")
    flat = {"protected": head, "payload": payload, "signature": signature}
    general = {"payload": payload, "signatures": [{"protected": head, "signature": signature}]}
    encrypted = encoded({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2**31, "p2s": "x"})
    for text in (
        *(json.dumps(flat), json.dumps({**flat, "header": {"alg": alg}}), json.dumps(general)),
        *(f"{encrypted}.a.b.c.d", f"{good}.{signature}", f"{head}.{payload}", f"{head}..{signature}", f" {good}"),
    ):
        assert not believes(text), text[:40]


@pytest.mark.requirement("lesson-05")
@pytest.mark.parametrize(("size", "module"), [(8193, assertion), (16_385, id_token), (8193, id_tokens)])
def test_an_oversized_token_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch, issuer: Issuer, size: int, module: Any
) -> None:
    """Whatever it asks for: nothing of it is decoded."""
    for name in ("urlsafe_b64decode", "strict_object", "_claims"):
        monkeypatch.setattr(module, name, None, raising=False)
    text = f"{encoded({'alg': 'PBES2-HS256+A128KW', 'p2c': 2**31})}.{'x' * size}.x"
    if module is id_tokens:
        with memory.engine() as engine:
            assert not of_ours(engine)(text)
        return
    with pytest.raises(AuthError, match="at most"):
        assertion.read(text, AUDIENCE, NOW) if module is assertion else id_token.read(text, issuer, EXPECTED, NOW)


@pytest.mark.requirement("lesson-04")
@pytest.mark.parametrize("alg", KEY_TYPE_OF)
def test_a_hash_of_an_unknown_kind_is_no_hash(alg: str) -> None:
    """Of every algorithm an issuer may be listed with, the one hash of its own size is right."""
    size = alg[-3:]

    def fits(told: object) -> bool:
        said = {} if told is None else {"at_hash": told}
        token = id_token.Token(kid=KID, alg=alg, sub="x", exp=1, claims=said, text="x")
        try:
            id_token.check_at_hash(token, "token", needed=True)
        except TokenRefused:
            return False
        return True

    assert {other for other in HASHES if fits(half(other, "token"))} == {size}
    wrong = (None, "", "x", 17, half(size, "another"), half(size, "token") + "A", half(size, "token").lower())
    assert not any(fits(told) for told in wrong)
