"""Access tokens: opaque handles, kept as SHA-256, looked up on every request, so revocation is immediate.

Source: RFC 6750 (bearer use), RFC 7009 (revocation), SMART Backend Services (lifetime at most 300 s).
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from auth.errors import Unauthorized
from auth.principal import Principal
from auth.scopes import ScopeSet
from auth.store import ACCESS_TOKEN, ACCOUNT, CLIENT, GRANT

LIFETIME_S: Final = 300
MICROSECONDS: Final = 1_000_000
MAX_HEADER: Final = 4096
KEPT_AFTER_EXPIRY: Final = 24 * 3600 * MICROSECONDS
PURGED_AT_ONCE: Final = 1000

_BEARER: Final = re.compile(r"bearer ([A-Za-z0-9\-._~+/]+=*)", re.ASCII | re.IGNORECASE)

# One token, its client, and the grant and account behind it where there are any; bind `digest`
TOKEN_ROW: Final = (
    select(
        ACCESS_TOKEN.c.client_id,
        CLIENT.c.name,
        ACCESS_TOKEN.c.scope,
        ACCESS_TOKEN.c.expires_at,
        ACCESS_TOKEN.c.revoked_at,
        CLIENT.c.status,
        CLIENT.c.role,
        CLIENT.c.organisation,
        CLIENT.c.purpose,
        ACCESS_TOKEN.c.grant_id,
        GRANT.c.revoked_at,
        GRANT.c.account_id,
        GRANT.c.role,
        GRANT.c.organisation,
        GRANT.c.fhir_user,
        GRANT.c.patient,
        GRANT.c.purpose,
        ACCOUNT.c.status,
    )
    .join_from(ACCESS_TOKEN, CLIENT, ACCESS_TOKEN.c.client_id == CLIENT.c.client_id)
    .outerjoin(GRANT, ACCESS_TOKEN.c.grant_id == GRANT.c.grant_id)
    .outerjoin(ACCOUNT, GRANT.c.account_id == ACCOUNT.c.account_id)
    .where(ACCESS_TOKEN.c.digest == bindparam("digest"))
)
UNKNOWN: Final = "the access token is unknown, expired or revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token just made; the only moment its text is known here. expires_in: seconds."""

    access_token: str = field(repr=False)
    scope: str
    expires_in: int


def authorization_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The one `Authorization` value among raw ASGI headers, None without. Raises Unauthorized for several."""
    values = [value for name, value in headers if name == b"authorization"]
    if len(values) > 1:
        raise Unauthorized("more than one Authorization header", error="invalid_request")
    return values[0].decode("latin-1") if values else None


def digest_of(authorization_header: str | None) -> str:
    """SHA-256, hex, of the bearer token in an `Authorization` header.

    The syntax is strict: one space, the characters of RFC 6750, at most 4 kB. Raises Unauthorized.
    """
    if authorization_header is None or authorization_header[:6].lower() != "bearer":
        raise Unauthorized("a bearer token is needed", error=None)
    found = None if len(authorization_header) > MAX_HEADER else _BEARER.fullmatch(authorization_header)
    if found is None:
        raise Unauthorized("the bearer token is malformed")
    return digest(found[1])


def digest(token: str) -> str:
    """The name under which a token is stored: SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def admit(row: Sequence[Any] | None, token_digest: str, now: int) -> Principal:
    """The principal of a row of TOKEN_ROW. Raises Unauthorized: unknown, revoked or expired, in the same words."""
    if row is None:
        raise Unauthorized(UNKNOWN)
    client_id, name, scope, expires_at, revoked_at, status, role, organisation, purpose, grant_id, *granted = row
    if revoked_at is not None or expires_at <= now or status != "active":
        raise Unauthorized(UNKNOWN)
    about = {"client_id": client_id, "name": name, "scopes": ScopeSet.parse(scope), "token_digest": token_digest}
    if grant_id is None:
        return Principal(**about, role=role, organisation=organisation, purpose=purpose)
    return _of_a_grant(about, grant_id, granted)


def _of_a_grant(about: dict[str, Any], grant_id: str, granted: Sequence[Any]) -> Principal:
    """The principal a person's grant stands for. Raises Unauthorized when the grant or the account has ended."""
    revoked_at, account_id, role, organisation, fhir_user, patient, purpose, account_status = granted
    if revoked_at is not None or account_status != "active":
        raise Unauthorized(UNKNOWN)
    return Principal(
        **about,
        role=role,
        organisation=organisation,
        grant_id=grant_id,
        account_id=account_id,
        fhir_user=fhir_user,
        patient=patient,
        purpose=purpose,
    )


def verify(conn: Connection, header: str | None, now: int) -> Principal:
    """The principal behind an `Authorization` header, in one statement. Raises Unauthorized."""
    token_digest = digest_of(header)
    return admit(conn.execute(TOKEN_ROW, {"digest": token_digest}).first(), token_digest, now)


def issue(
    conn: Connection,
    client_id: str,
    scope: str,
    now: int,
    lifetime_s: int = LIFETIME_S,
    *,
    grant_id: str | None = None,
) -> IssuedToken:
    """A new token of 256 random bits; only its digest is stored. now: microseconds, lifetime_s: seconds.

    grant_id: what a person granted, None for the client's own.
    """
    token = secrets.token_urlsafe(32)
    conn.execute(
        insert(ACCESS_TOKEN).values(
            digest=digest(token),
            client_id=client_id,
            scope=scope,
            issued_at=now,
            expires_at=now + lifetime_s * MICROSECONDS,
            grant_id=grant_id,
        )
    )
    return IssuedToken(access_token=token, scope=scope, expires_in=lifetime_s)


def revoke(conn: Connection, token: str, client_id: str, now: int) -> bool:
    """End a token of this client; True if one was ended. Another client's token is as good as unknown."""
    mine = (ACCESS_TOKEN.c.digest == digest(token)) & (ACCESS_TOKEN.c.client_id == client_id)
    ended = conn.execute(update(ACCESS_TOKEN).where(mine, ACCESS_TOKEN.c.revoked_at.is_(None)).values(revoked_at=now))
    return ended.rowcount == 1


def revoke_all_of_client(conn: Connection, client_id: str, now: int) -> int:
    """End every token of a client that still lives; how many there were."""
    alive = ACCESS_TOKEN.c.revoked_at.is_(None) & (ACCESS_TOKEN.c.expires_at > now)
    theirs = update(ACCESS_TOKEN).where(ACCESS_TOKEN.c.client_id == client_id, alive)
    return conn.execute(theirs.values(revoked_at=now)).rowcount


def purge(conn: Connection, now: int) -> int:
    """Forget tokens a day after their end, 1,000 at a time; how many. Two purges never wait for each other."""
    old = (
        select(ACCESS_TOKEN.c.digest)
        .where(ACCESS_TOKEN.c.expires_at < now - KEPT_AFTER_EXPIRY)
        .limit(PURGED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return conn.execute(delete(ACCESS_TOKEN).where(ACCESS_TOKEN.c.digest.in_(old))).rowcount
