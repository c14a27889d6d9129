"""Registered system clients: who may ask for a token, with which keys, for which scopes.

Source: SMART App Launch 2.2, client-confidential-asymmetric (registration); RFC 7591 section 2 (names).
"""

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from auth import tokens
from auth.errors import OAuthError, RegistrationRefused
from auth.jose import parse_jwks
from auth.outgoing import FetchRefused, check_url
from auth.scopes import Scope, check_size
from auth.store import CLIENT

AUD_POLICIES: Final = ("either", "token-endpoint", "issuer")
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/-]{0,254}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is registered of a client. Keys inline (`jwks`, JSON text) or by `jwks_url`, never both.

    scope: the most it may be granted. aud: which audience its assertions may name: `token-endpoint`, `issuer`
    or `either`.
    """

    client_id: str
    name: str
    scope: str
    jwks: str | None = None
    jwks_url: str | None = None
    aud: str = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(Registration):
    """A registered client. status: `active` or `revoked`."""

    status: str
    created_at: int
    revoked_at: int | None = None


def add(conn: Connection, wanted: Registration, now: int, *, allow_loopback: bool = False) -> Client:
    """Register a client. Raises RegistrationRefused, also when the client_id is taken (a revoked one stays taken)."""
    if _CLIENT_ID.fullmatch(wanted.client_id) is None:
        raise RegistrationRefused("client_id: 1 to 255 letters, digits and . _ ~ : / - are allowed")
    if not wanted.name.strip() or not wanted.name.isprintable():
        raise RegistrationRefused("name: printable text is needed")
    if wanted.aud not in AUD_POLICIES:
        raise RegistrationRefused(f"aud: one of {', '.join(AUD_POLICIES)}")
    _check_scope(wanted.scope)
    _check_keys(wanted.jwks, wanted.jwks_url, allow_loopback=allow_loopback)
    client = Client(**asdict(wanted), status="active", created_at=now)
    try:
        conn.execute(insert(CLIENT).values(asdict(client)))
    except IntegrityError:
        raise RegistrationRefused("client_id: already registered") from None
    return client


def set_keys(
    conn: Connection,
    client_id: str,
    *,
    jwks: str | None = None,
    jwks_url: str | None = None,
    allow_loopback: bool = False,
) -> None:
    """Replace the keys of an active client. Raises RegistrationRefused."""
    _check_keys(jwks, jwks_url, allow_loopback=allow_loopback)
    active = (CLIENT.c.client_id == client_id) & (CLIENT.c.status == "active")
    if not conn.execute(update(CLIENT).where(active).values(jwks=jwks, jwks_url=jwks_url)).rowcount:
        raise RegistrationRefused("client_id: no active client of this name")


def find(conn: Connection, client_id: str) -> Client | None:
    """The registration of a client, active or revoked."""
    row = conn.execute(select(CLIENT).where(CLIENT.c.client_id == client_id)).first()
    return None if row is None else _client(row)


def all_clients(conn: Connection) -> list[Client]:
    """Every registration, by client_id."""
    return [_client(row) for row in conn.execute(select(CLIENT).order_by(CLIENT.c.client_id))]


def revoke(conn: Connection, client_id: str, now: int) -> int:
    """End a client and all its tokens at once; how many tokens died. Raises RegistrationRefused when unknown."""
    known = conn.execute(
        update(CLIENT)
        .where(CLIENT.c.client_id == client_id, CLIENT.c.status == "active")
        .values(status="revoked", revoked_at=now)
    ).rowcount
    if not known and find(conn, client_id) is None:
        raise RegistrationRefused("client_id: not known")
    return tokens.revoke_all_of_client(conn, client_id, now)


def _client(row: Row[Any]) -> Client:
    return Client(**row._asdict())


def _check_scope(scope: str) -> None:
    """A registration says exactly what it means: each scope must be readable and of a system client."""
    try:
        check_size(scope)
    except OAuthError as error:
        raise RegistrationRefused(f"scope: {error.description}") from error
    for word in scope.split(" "):
        found = Scope.parse(word)
        if found is None or found.context != "system":
            raise RegistrationRefused(f"scope: {word!r} is not a system scope such as system/Claim.rs")


def _check_keys(jwks: str | None, jwks_url: str | None, *, allow_loopback: bool) -> None:
    if (jwks is None) == (jwks_url is None):
        raise RegistrationRefused("keys: either a JWKS or a JWKS URL is needed")
    if jwks is not None:
        parse_jwks(jwks)
    if jwks_url is not None:
        try:
            check_url(jwks_url, allow_loopback=allow_loopback)
        except FetchRefused:
            raise RegistrationRefused("jwks_url: an https URL on port 443 or 8443 is needed") from None
