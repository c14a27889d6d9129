"""What an issuer says of a person, as a signed token: judged by itself first, then against the issuer's keys.

`read` looks at what the text claims, and refuses algorithms, headers and names before any key is looked up; `prove`
holds the signature against the keys.

Source: OpenID Connect Core 1.0 section 3.1.3.7; RFC 9068 section 4; RFC 8725; security requirements S20, S21, S25, S28.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc.util import urlsafe_b64decode

from auth.errors import AuthError
from auth.issuers.settings import Issuer
from auth.jose import PublicKey, key_for, signature_holds, strict_object

MAX_SIZE: Final = 16_384
MAX_NAME: Final = 255
LEEWAY_S: Final = 30
LONGEST_S: Final = 24 * 3600
MICROSECONDS: Final = 1_000_000
ID_TOKEN: Final = frozenset({"JWT"})
ACCESS_TOKEN: Final = frozenset({"AT+JWT", "APPLICATION/AT+JWT"})

_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+", re.ASCII)
_FORBIDDEN_HEADERS: Final = frozenset({"crit", "b64", "jwk", "x5u", "x5c", "zip", "enc"})
_HASH_OF: Final = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class TokenRefused(AuthError):
    """What an issuer said is not believed; the message names the fault and no claim's value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must say. types: of its header, folded to capitals; an id_token may leave it out.

    audience: the name it must be made out to, as `azp` too in an id_token. nonce_digest: SHA-256, hex, of the nonce
    sent. since: the person must have logged in at the issuer then or later, seconds; None leaves that open.
    """

    audience: str
    jwks: str
    types: frozenset[str] = ID_TOKEN
    nonce_digest: str | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that is well-formed and made out to us; unproved until `prove`. exp: seconds since the epoch."""

    kid: str
    alg: str
    sub: str = field(repr=False)
    exp: int
    claims: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)

    @property
    def signed_part(self) -> str:
        """What the signature covers; a text with another one is another token."""
        return self.text.rpartition(".")[0]


def read(text: str, issuer: Issuer, expected: Expected, now: int) -> Token:
    """The claims of a compact JWS of this issuer. now: microseconds. Raises TokenRefused, naming the fault."""
    header, claims = _segments(text)
    alg = _algorithm(header, issuer, expected)
    if claims.get("iss") != issuer.iss:
        raise TokenRefused("iss is not the issuer's")
    if "events" in claims:
        raise TokenRefused("a logout token is no proof of a login")
    _check_audience(claims, expected)
    _check_nonce(claims, expected.nonce_digest)
    exp = _times(claims, now // MICROSECONDS)
    _check_auth_time(claims, expected.since, now // MICROSECONDS)
    kid, sub = _name(header, "kid"), _name(claims, "sub")
    return Token(kid=kid, alg=alg, sub=sub, exp=exp, claims=claims, text=text)


def issuer_of(text: str) -> object:
    """The `iss` a token names, believed of nothing but where to look it up; None when it names none."""
    try:
        return _segments(text)[1].get("iss")
    except TokenRefused:
        return None


def prove(token: Token, keys: tuple[PublicKey, ...]) -> None:
    """Believe a token. Raises TokenRefused unless one of the issuer's keys, of the token's kid and alg, signed it."""
    key = key_for(keys, token.kid, token.alg)
    if key is None or not signature_holds(token.text, key, token.alg):
        raise TokenRefused("the signature does not hold")


def check_at_hash(token: Token, access_token: str, *, needed: bool) -> None:
    """The access token that came with an id_token is the one it speaks of. Raises TokenRefused."""
    told = token.claims.get("at_hash")
    if told is None and not needed:
        return
    half = _HASH_OF[token.alg[-3:]](access_token.encode()).digest()
    right = urlsafe_b64encode(half[: len(half) // 2]).rstrip(b"=").decode()
    if not isinstance(told, str) or not told.isascii() or not hmac.compare_digest(told, right):
        raise TokenRefused("at_hash is missing or of another access token")


def _segments(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    found = None if len(text) > MAX_SIZE else _COMPACT.fullmatch(text)
    if found is None:
        raise TokenRefused(f"not a compact JWS of at most {MAX_SIZE} characters")
    try:
        header, claims = (strict_object(urlsafe_b64decode(part.encode())) for part in found.groups())
    except ValueError:
        raise TokenRefused("not made of JSON objects") from None
    return header, claims


def _algorithm(header: Mapping[str, Any], issuer: Issuer, expected: Expected) -> str:
    """The header's alg, if the issuer may sign with it and the header tries nothing else."""
    if _FORBIDDEN_HEADERS & header.keys():
        raise TokenRefused("the header may not carry crit, keys or certificates")
    if header.get("jku", expected.jwks) != expected.jwks:
        raise TokenRefused("jku is not the issuer's key set")
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.upper() not in expected.types:
        raise TokenRefused("typ is that of another kind of token")
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in issuer.id_token_algs:
        raise TokenRefused("alg is not one this issuer signs with")
    return alg


def _check_audience(claims: Mapping[str, Any], expected: Expected) -> None:
    """`aud` names us; of an id_token with others beside us, `azp` says that it was made for us."""
    aud, audience = claims.get("aud"), expected.audience
    named = aud if isinstance(aud, list) else [aud]
    if not named or not all(isinstance(name, str) for name in named) or audience not in named:
        raise TokenRefused("aud is not ours")
    if expected.types is ID_TOKEN and claims.get("azp", None if len(named) > 1 else audience) != audience:
        raise TokenRefused("azp is not ours")


def _check_nonce(claims: Mapping[str, Any], nonce_digest: str | None) -> None:
    if nonce_digest is None:
        return
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(sha256(nonce), nonce_digest):
        raise TokenRefused("nonce is missing or of another login")


def _times(claims: Mapping[str, Any], now_s: int) -> int:
    """exp, whole seconds, when the token is neither past nor of the future."""
    exp, iat = _instant(claims, "exp"), _instant(claims, "iat")
    if not now_s - LEEWAY_S < exp <= now_s + LONGEST_S:
        raise TokenRefused("exp is past, or more than a day ahead")
    if iat > now_s + LEEWAY_S or ("nbf" in claims and _instant(claims, "nbf") > now_s + LEEWAY_S):
        raise TokenRefused("iat or nbf is in the future")
    return exp


def _check_auth_time(claims: Mapping[str, Any], since: int | None, now_s: int) -> None:
    if "auth_time" not in claims and since is None:
        return
    at = _instant(claims, "auth_time")
    if at > now_s + LEEWAY_S or (since is not None and at < since - LEEWAY_S):
        raise TokenRefused("auth_time is in the future or too long ago")


def _instant(claims: Mapping[str, Any], name: str) -> int:
    """Seconds since the epoch; a fraction is dropped."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise TokenRefused(f"{name} must be a number of seconds")
    return int(value)


def _name(members: Mapping[str, Any], member: str) -> str:
    """A short text any database can hold."""
    value = members.get(member)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise TokenRefused(f"{member} must be a text of 1 to {MAX_NAME} printable characters")
    return value


def texts(value: object) -> Sequence[str]:
    """The texts of a claim that is a list of them, none for anything else."""
    found = value if isinstance(value, list) else ()
    return [one for one in found if isinstance(one, str) and one.isprintable()]


def sha256(text: str) -> str:
    """Under which name a secret of a login is kept: hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
