"""Registered clients: systems that ask for themselves, and apps of people who log in.

Source: RFC 7591 section 2 (names); RFC 6749 section 2; security requirement S13.
"""

import json
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from auth import tokens
from auth.errors import RegistrationRefused
from auth.registration import AUD_POLICIES, KINDS, Registration, check, check_keys, check_role
from auth.store import CLIENT

__all__ = [
    "AUD_POLICIES",
    "KINDS",
    "Client",
    "Registration",
    "add",
    "all_clients",
    "find",
    "new_secret",
    "origins",
    "revoke",
    "set_keys",
    "set_role",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client(Registration):
    """A registered client. status: `active` or `revoked`."""

    status: str
    created_at: int
    revoked_at: int | None = None


def add(
    conn: Connection,
    wanted: Registration,
    now: int,
    *,
    roles: Collection[str] | None = None,
    allow_loopback: bool = False,
) -> Client:
    """Register a client. roles: those the access policy knows, None leaves them open.

    Raises RegistrationRefused, also when the client_id is taken (a revoked one stays taken).
    """
    check(wanted, roles, allow_loopback=allow_loopback)
    client = Client(**asdict(wanted), status="active", created_at=now)
    try:
        conn.execute(insert(CLIENT).values(asdict(client)))
    except IntegrityError:
        raise RegistrationRefused("client_id: already registered") from None
    return client


def new_secret() -> tuple[str, str]:
    """A secret of 256 random bits, told to the client once, and its digest, which is all we keep."""
    secret = secrets.token_urlsafe(32)
    return secret, tokens.digest(secret)


def set_keys(
    conn: Connection,
    client_id: str,
    *,
    jwks: str | None = None,
    jwks_url: str | None = None,
    allow_loopback: bool = False,
) -> None:
    """Replace the keys of an active client that has keys. Raises RegistrationRefused."""
    check_keys(jwks, jwks_url, allow_loopback=allow_loopback)
    keyed = CLIENT.c.jwks.is_not(None) | CLIENT.c.jwks_url.is_not(None)
    active = (CLIENT.c.client_id == client_id) & (CLIENT.c.status == "active") & keyed
    if not conn.execute(update(CLIENT).where(active).values(jwks=jwks, jwks_url=jwks_url)).rowcount:
        raise RegistrationRefused("client_id: no active client of this name has keys")


def set_role(
    conn: Connection, client_id: str, role: str, organisation: str | None, roles: Collection[str] | None = None
) -> None:
    """Say what an active system client is in the access policy from now on. Raises RegistrationRefused."""
    check_role(role, roles)
    active = (CLIENT.c.client_id == client_id) & (CLIENT.c.status == "active") & (CLIENT.c.kind == "system")
    if not conn.execute(update(CLIENT).where(active).values(role=role, organisation=organisation)).rowcount:
        raise RegistrationRefused("client_id: no active system client of this name")


def find(conn: Connection, client_id: str) -> Client | None:
    """The registration of a client, active or revoked."""
    row = conn.execute(select(CLIENT).where(CLIENT.c.client_id == client_id)).first()
    return None if row is None else _client(row)


def all_clients(conn: Connection) -> list[Client]:
    """Every registration, by client_id."""
    return [_client(row) for row in conn.execute(select(CLIENT).order_by(CLIENT.c.client_id))]


def origins(conn: Connection) -> frozenset[str]:
    """The origins whose pages may call us, of all active clients."""
    with_pages = (CLIENT.c.status == "active") & (CLIENT.c.origins != "[]")
    rows = conn.execute(select(CLIENT.c.origins).where(with_pages))
    return frozenset(origin for row in rows for origin in json.loads(row.origins))


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
