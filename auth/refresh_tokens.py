"""Refresh tokens: 256 random bits, each used once, replaced at every use; a second use ends all that came of them.

There is no grace window: an app that refreshes twice in parallel has to ask its person again.

Source: RFC 6749 section 6; RFC 9700 section 4.14; security requirements S6, S7, S8.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from auth import grants
from auth.codes import Reused
from auth.errors import OAuthError
from auth.grants import Grant
from auth.store import REFRESH_TOKEN
from auth.tokens import digest

UNKNOWN: Final = "the refresh token is unknown, expired or used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A refresh token that may be used now, and its grant."""

    digest: str = field(repr=False)
    scope: str
    grant: Grant


def issue(conn: Connection, grant: Grant, scope: str, now: int) -> str:
    """A new refresh token, as long-lived as its grant; only its digest is stored."""
    token = secrets.token_urlsafe(32)
    conn.execute(
        insert(REFRESH_TOKEN).values(
            digest=digest(token),
            grant_id=grant.grant_id,
            client_id=grant.client_id,
            scope=scope,
            issued_at=now,
            expires_at=grant.expires_at,
        )
    )
    return token


def held(conn: Connection, token: str, client_id: str, now: int) -> Held | Reused:
    """The refresh token a client shows. A used one ends the grant and is returned, not raised, so that the end is kept.

    Raises OAuthError invalid_grant for any that is not this client's or has ended.
    """
    row = find(conn, token)
    if row is None or row.client_id != client_id:
        raise OAuthError("invalid_grant", UNKNOWN)
    if row.used_at is not None:
        return _reused(conn, row.grant_id, now)
    grant = grants.find(conn, row.grant_id)
    if grant is None or row.expires_at <= now or not grants.holds(conn, grant, now):
        raise OAuthError("invalid_grant", UNKNOWN)
    return Held(digest=row.digest, scope=row.scope, grant=grant)


def spend(conn: Connection, one: Held, now: int) -> Reused | None:
    """Use it up. Of any number of rivals one does; the others end the grant."""
    unused = (REFRESH_TOKEN.c.digest == one.digest) & REFRESH_TOKEN.c.used_at.is_(None)
    if conn.execute(update(REFRESH_TOKEN).where(unused).values(used_at=now)).rowcount == 1:
        return None
    return _reused(conn, one.grant.grant_id, now)


def find(conn: Connection, token: str) -> Row[Any] | None:
    """The stored row of a token, in whatever state."""
    return conn.execute(select(REFRESH_TOKEN).where(REFRESH_TOKEN.c.digest == digest(token))).first()


def _reused(conn: Connection, grant_id: str, now: int) -> Reused:
    grants.revoke_family(conn, grant_id, now)
    return Reused("refresh token", grant_id)
