"""Who is logged in at our own pages: a row for each login, found by the digest of a cookie.

A session ends after 15 minutes without use, after 8 hours in any case, and at logout. The cookie is new at every
login and every rise of privilege.

Source: security requirements S19, S67; OWASP ASVS 5 V7.
"""

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from auth.store import ACCOUNT, GRANT, SESSION
from auth.tokens import PURGED_AT_ONCE, digest

COOKIE: Final = "__Host-phb-session"
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
IDLE: Final = 15 * MINUTE
LONGEST: Final = 8 * 60 * MINUTE
SEEN_EVERY: Final = MINUTE  # how closely use is written down
KEPT_AFTER_END: Final = 24 * 60 * MINUTE
_COOKIE_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """A login that holds now. digest: SHA-256 of the cookie, hex. auth_time: microseconds. amr: RFC 8176 names.

    csrf: the text every form of this session carries.
    """

    account_id: str
    digest: str = field(repr=False)
    csrf: str = field(repr=False)
    auth_time: int
    acr: str | None
    amr: tuple[str, ...]


def begin(
    conn: Connection,
    account_id: str,
    now: int,
    *,
    amr: tuple[str, ...] = ("pwd",),
    acr: str | None = None,
    replaces: LoginSession | None = None,
) -> tuple[str, LoginSession]:
    """A new login: the cookie, known here for this moment only, and the session.

    replaces: the login this browser had before. It ends; what the same account granted for as long as it is logged in
    lives on by the new one.
    """
    cookie = secrets.token_urlsafe(32)
    session = LoginSession(
        account_id=account_id, digest=digest(cookie), csrf=secrets.token_urlsafe(32), auth_time=now, acr=acr, amr=amr
    )
    conn.execute(insert(SESSION).values(_row(session, now)))
    if replaces is not None:
        _replace(conn, replaces, session, now)
    return cookie, session


def current(conn: Connection, cookie: str | None, now: int) -> LoginSession | None:
    """The login a cookie stands for, and that it was used now; None when there is none or it has ended."""
    if cookie is None or _COOKIE_VALUE.fullmatch(cookie) is None:
        return None
    row = conn.execute(_living(digest(cookie), now)).first()
    if row is None:
        return None
    if row.seen_at <= now - SEEN_EVERY:
        conn.execute(update(SESSION).where(SESSION.c.digest == row.digest).values(seen_at=now))
    return _session(row)


def holds(conn: Connection, session_digest: str, now: int) -> bool:
    """Whether the login of this digest still holds."""
    return conn.execute(_living(session_digest, now)).first() is not None


def fresh(session: LoginSession, now: int, max_age_s: int) -> bool:
    """Whether the person proved who they are at most so many seconds ago."""
    return session.auth_time + max_age_s * SECOND >= now


def end(conn: Connection, session: LoginSession, now: int) -> None:
    """Log out: the cookie is worth nothing any more, nor is what was granted for as long as this login lasts."""
    conn.execute(_unended(SESSION.c.digest == session.digest).values(ended_at=now))
    conn.execute(
        update(GRANT)
        .where(GRANT.c.session_digest == session.digest, ~GRANT.c.offline, GRANT.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def end_all(conn: Connection, account_id: str, now: int, *, but: str | None = None) -> int:
    """End every login of an account, except the one of the digest `but`; how many."""
    mine = SESSION.c.account_id == account_id
    return conn.execute(
        _unended(mine if but is None else mine & (SESSION.c.digest != but)).values(ended_at=now)
    ).rowcount


def purge(conn: Connection, now: int) -> int:
    """Forget logins that ended a day ago, at most a thousand rows; how many."""
    old = select(SESSION.c.digest).where(SESSION.c.expires_at < now - KEPT_AFTER_END).limit(PURGED_AT_ONCE)
    return conn.execute(delete(SESSION).where(SESSION.c.digest.in_(old.with_for_update(skip_locked=True)))).rowcount


def _replace(conn: Connection, old: LoginSession, new: LoginSession, now: int) -> None:
    if old.account_id != new.account_id:
        end(conn, old, now)
        return
    conn.execute(update(GRANT).where(GRANT.c.session_digest == old.digest).values(session_digest=new.digest))
    conn.execute(_unended(SESSION.c.digest == old.digest).values(ended_at=now))


def _living(session_digest: str, now: int) -> Any:
    return (
        select(SESSION)
        .join(ACCOUNT, SESSION.c.account_id == ACCOUNT.c.account_id)
        .where(
            SESSION.c.digest == session_digest,
            SESSION.c.ended_at.is_(None),
            SESSION.c.expires_at > now,
            SESSION.c.seen_at > now - IDLE,
            ACCOUNT.c.status == "active",
        )
    )


def _unended(which: Any) -> Any:
    return update(SESSION).where(which, SESSION.c.ended_at.is_(None))


def _row(session: LoginSession, now: int) -> dict[str, Any]:
    return {
        "digest": session.digest,
        "account_id": session.account_id,
        "csrf": session.csrf,
        "auth_time": session.auth_time,
        "acr": session.acr,
        "amr": json.dumps(session.amr),
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LONGEST,
    }


def _session(row: Row[Any]) -> LoginSession:
    return LoginSession(
        account_id=row.account_id,
        digest=row.digest,
        csrf=row.csrf,
        auth_time=row.auth_time,
        acr=row.acr,
        amr=tuple(json.loads(row.amr)),
    )
