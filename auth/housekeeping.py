"""What has long expired is forgotten, a day after its end and a thousand rows at a time.

A used code or refresh token is kept until then, so that a second use is noticed.
"""

from typing import Any, Final

from sqlalchemy import Column, Connection, Table, delete, select

from auth import assertion, sessions, throttle, tokens
from auth.store import AUTHORIZATION, CODE, LAUNCH, REFRESH_TOKEN
from auth.tokens import KEPT_AFTER_EXPIRY, PURGED_AT_ONCE

EXPIRING: Final[tuple[tuple[Table, Column[Any]], ...]] = (
    (AUTHORIZATION, AUTHORIZATION.c.digest),
    (CODE, CODE.c.digest),
    (LAUNCH, LAUNCH.c.digest),
    (REFRESH_TOKEN, REFRESH_TOKEN.c.digest),
)


def purge(conn: Connection, now: int) -> int:
    """Forget; how many rows. Two purges never wait for each other."""
    expired = sum(_purge(conn, table, key, now) for table, key in EXPIRING)
    people = sessions.purge(conn, now) + throttle.purge(conn, now)
    return assertion.purge(conn, now) + tokens.purge(conn, now) + people + expired


def _purge(conn: Connection, table: Table, key: Column[Any], now: int) -> int:
    past = table.c.expires_at < now - KEPT_AFTER_EXPIRY
    old = select(key).where(past).limit(PURGED_AT_ONCE).with_for_update(skip_locked=True)
    return conn.execute(delete(table).where(key.in_(old))).rowcount
