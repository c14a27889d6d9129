"""Client authentication by a signed assertion (`private_key_jwt`), each usable once.

Two steps: `read` judges what the text says of itself; `authenticate` believes it, against the registration.

Source: RFC 7523 section 3; SMART App Launch 2.2, client-confidential-asymmetric; RFC 8725.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc.util import urlsafe_b64decode
from sqlalchemy import Connection, delete, insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from auth import clients, jwks
from auth.clients import Client
from auth.errors import InvalidClient
from auth.jose import ASSERTION_ALGS, PublicKey, key_for, parse_jwks, signature_holds, strict_object
from auth.store import CLIENT_JTI

MAX_SIZE: Final = 8192
MAX_NAME: Final = 255
LEEWAY_S: Final = 30
LONGEST_S: Final = 300
TOLERANCE_S: Final = 10
EARLY_S: Final = 60
KEPT_S: Final = 60  # a used jti outlives the assertion by this
MICROSECONDS: Final = 1_000_000
PURGED_AT_ONCE: Final = 1000

_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+", re.ASCII)
_FORBIDDEN_HEADERS: Final = frozenset({"crit", "b64", "jwk", "x5u", "x5c", "zip", "enc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The names this server answers to, as exact strings."""

    token_endpoint: str
    issuer: str

    def allowed(self, policy: str) -> frozenset[str]:
        """The names a client with this policy may use."""
        names = {"token-endpoint": {self.token_endpoint}, "issuer": {self.issuer}}
        return frozenset(names.get(policy, {self.token_endpoint, self.issuer}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a well-formed assertion claims; nothing in it is proved yet. exp: seconds since the epoch."""

    client_id: str
    kid: str
    alg: str
    jku: str | None
    aud: frozenset[str]
    jti: str = field(repr=False)
    exp: int
    text: str = field(repr=False)


def read(text: str, audience: Audience, now: int) -> Assertion:
    """The claims of a compact JWS. now: microseconds.

    Raises InvalidClient, naming the fault, for anything that would be refused whoever had sent it.
    """
    header, claims = _segments(text)
    client_id = _name(claims, "iss")
    if claims.get("sub") != client_id:
        raise InvalidClient("iss and sub must both be the client_id")
    return Assertion(
        client_id=client_id,
        kid=_name(header, "kid"),
        alg=_algorithm(header),
        jku=header.get("jku"),
        aud=_audiences(claims, audience),
        jti=_name(claims, "jti"),
        exp=_times(claims, now // MICROSECONDS),
        text=text,
    )


def authenticate(
    conn: Connection, assertion: Assertion, audience: Audience, now: int, *, final: bool = False
) -> Client:
    """The active client that signed this assertion, whose jti is spent by this call.

    Raises InvalidClient; KeysNeeded when the client's keys must be fetched first. final: the fetch was made,
    so judge by what there is.
    """
    client = clients.find(conn, assertion.client_id)
    if client is None or client.status != "active":
        raise InvalidClient
    if assertion.jku not in (None, client.jwks_url):
        raise InvalidClient
    key = key_for(_keys(conn, client, assertion.kid, now, final=final), assertion.kid, assertion.alg)
    if key is None or not signature_holds(assertion.text, key, assertion.alg):
        raise InvalidClient
    if not assertion.aud <= audience.allowed(client.aud):
        raise InvalidClient("aud is not the one registered for this client")
    spend(conn, client.client_id, assertion.jti, (assertion.exp + KEPT_S) * MICROSECONDS)
    return client


def spend(conn: Connection, client_id: str, jti: str, expires_at: int) -> None:
    """Use up a jti. The unique key decides, so of any number of rivals one wins. Raises InvalidClient."""
    try:
        conn.execute(insert(CLIENT_JTI).values(client_id=client_id, jti=jti, expires_at=expires_at))
    except IntegrityError:
        raise InvalidClient("the jti was used before") from None


def purge(conn: Connection, now: int) -> int:
    """Forget jtis whose assertions are past; how many. Two purges never wait for each other."""
    key = (CLIENT_JTI.c.client_id, CLIENT_JTI.c.jti)
    old = select(*key).where(CLIENT_JTI.c.expires_at < now).limit(PURGED_AT_ONCE).with_for_update(skip_locked=True)
    return conn.execute(delete(CLIENT_JTI).where(tuple_(*key).in_(old))).rowcount


def _keys(conn: Connection, client: Client, kid: str, now: int, *, final: bool) -> tuple[PublicKey, ...]:
    if client.jwks_url is None:
        return parse_jwks(client.jwks) if client.jwks is not None else ()
    if final:
        return jwks.last_good(conn, client.jwks_url, now)
    return jwks.cached(conn, client.jwks_url, kid, now)


def _segments(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims, unproved."""
    found = None if len(text) > MAX_SIZE else _COMPACT.fullmatch(text)
    if found is None:
        raise InvalidClient(f"the assertion is not a compact JWS of at most {MAX_SIZE} characters")
    try:
        header, claims = (strict_object(urlsafe_b64decode(part.encode())) for part in found.groups())
    except ValueError:
        raise InvalidClient("the assertion does not hold JSON objects") from None
    return header, claims


def _algorithm(header: Mapping[str, Any]) -> str:
    """The header's alg, if it is one of ours and the header tries nothing else."""
    if _FORBIDDEN_HEADERS & header.keys():
        raise InvalidClient("the assertion header may not carry crit, keys or certificates")
    typ, jku, alg = header.get("typ", "JWT"), header.get("jku", ""), header.get("alg")
    if not isinstance(typ, str) or typ.upper() != "JWT" or not isinstance(jku, str):
        raise InvalidClient("typ must be JWT or absent, and jku a string")
    if not isinstance(alg, str) or alg not in ASSERTION_ALGS:
        raise InvalidClient(f"alg must be one of {', '.join(ASSERTION_ALGS)}")
    return alg


def _audiences(claims: Mapping[str, Any], audience: Audience) -> frozenset[str]:
    """The audiences named: every one of them must be ours, or the assertion was meant for someone else too."""
    aud = claims.get("aud")
    named = aud if isinstance(aud, list) else [aud]
    if not named or not all(isinstance(name, str) and name in audience.allowed("either") for name in named):
        raise InvalidClient("aud must be the token endpoint URL or the issuer")
    return frozenset(named)


def _times(claims: Mapping[str, Any], now_s: int) -> int:
    """exp, in seconds. iat and nbf may be absent."""
    exp = claims.get("exp")
    if (
        isinstance(exp, bool)
        or not isinstance(exp, int)
        or not now_s - LEEWAY_S < exp <= now_s + LONGEST_S + TOLERANCE_S
    ):
        raise InvalidClient(f"exp must be a whole number, not past and at most {LONGEST_S} seconds ahead")
    for name in ("iat", "nbf"):
        at = claims.get(name, now_s)
        if isinstance(at, bool) or not isinstance(at, int | float) or at > now_s + EARLY_S:
            raise InvalidClient(f"{name} must be a number and not in the future")
    return exp


def _name(members: Mapping[str, Any], member: str) -> str:
    """A short text that any database and log can hold: no control characters, no surrogates."""
    value = members.get(member)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME or not value.isprintable():
        raise InvalidClient(f"{member} must be a string of 1 to {MAX_NAME} printable characters")
    return value
