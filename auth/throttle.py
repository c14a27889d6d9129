"""How soon a password may be tried again: by account and source together, by account, and by source.

A try is counted before the password is looked at, in one statement that both asks and counts, so that fifty at once
are one. Delays grow 1, 2, 4.. seconds and never become a lock. A source from which the account logged in before
passes by the delay of the whole account, so that strangers cannot keep the owner out.

Source: security requirement S17; OWASP ASVS 5 V6.3.1.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, case, delete, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from auth.errors import AuthError
from auth.store import ATTEMPT
from auth.tokens import PURGED_AT_ONCE

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR
FORGOTTEN_AFTER: Final = HOUR  # of quiet
GOOD_FOR: Final = 90 * DAY
INSERT: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Rule:
    """Delays after each try. free: how many cause none, then 1, 2, 4.. up to `longest` seconds."""

    name: str
    free: int
    longest: int


PAIR: Final = Rule("pair", 1, 300)
ACCOUNT: Final = Rule("account", 10, 60)
SOURCE: Final = Rule("source", 20, 300)


class Throttled(AuthError):
    """Too soon after the last try. wait_s: whole seconds until the next may be made."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many tries")
        self.wait_s = wait_s


def enter(conn: Connection, username: str, source: str, now: int) -> None:
    """Count a try; whether there is such an account makes no difference.

    Raises Throttled, and the transaction must then be rolled back: a try that is turned away counts nowhere.
    """
    source = network_of(source)
    _count(conn, SOURCE, _key(SOURCE, source), now)
    good_at = _count(conn, PAIR, _key(PAIR, username, source), now)
    if good_at is None or good_at < now - GOOD_FOR:
        _count(conn, ACCOUNT, _key(ACCOUNT, username), now)


def succeeded(conn: Connection, username: str, source: str, now: int) -> None:
    """The password was right: the tries before it are forgotten, and the source is known to be the owner's.

    Of the source only this one try is taken back: whoever has an account of their own gains nothing by it.
    """
    source = network_of(source)
    calm = {"failures": 0, "next_at": now, "updated_at": now}
    conn.execute(_of(_key(PAIR, username, source)).values(calm | {"good_at": now}))
    conn.execute(_of(_key(ACCOUNT, username)).values(calm))
    fewer = case((ATTEMPT.c.failures > 0, ATTEMPT.c.failures - 1), else_=0)
    conn.execute(_of(_key(SOURCE, source)).values(failures=fewer, next_at=now))


def purge(conn: Connection, now: int) -> int:
    """Forget what was quiet for a day, and good sources after 90, at most a thousand rows; how many."""
    stranger = or_(ATTEMPT.c.good_at.is_(None), ATTEMPT.c.good_at < now - GOOD_FOR)
    quiet = select(ATTEMPT.c.key).where(ATTEMPT.c.updated_at < now - DAY, stranger).limit(PURGED_AT_ONCE)
    return conn.execute(delete(ATTEMPT).where(ATTEMPT.c.key.in_(quiet.with_for_update(skip_locked=True)))).rowcount


def network_of(source: str) -> str:
    """An address as tries are counted: an IPv6 one by its /64, which one household has to itself."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def _count(conn: Connection, rule: Rule, key: str, now: int) -> int | None:
    """When this key was last good. Raises Throttled when its delay has not passed."""
    moment = {"key": key, "now": now, "quiet_since": now - FORGOTTEN_AFTER}
    row = conn.execute(_counted(conn.dialect.name, rule), moment).first()
    if row is None:
        raise Throttled(_wait(conn, key, now))
    good_at: int | None = row[0]
    return good_at


def _wait(conn: Connection, key: str, now: int) -> int:
    row: Row[Any] | None = conn.execute(select(ATTEMPT.c.next_at).where(ATTEMPT.c.key == key)).first()
    left = 0 if row is None else row[0] - now
    return max(1, -(-left // SECOND))


@cache
def _counted(dialect: str, rule: Rule) -> Any:
    """INSERT .. ON CONFLICT DO UPDATE .. WHERE the delay has passed RETURNING: a row for each try that may be made."""
    now = bindparam("now", type_=ATTEMPT.c.next_at.type)
    tries = case((ATTEMPT.c.updated_at < bindparam("quiet_since"), 1), else_=ATTEMPT.c.failures + 1)
    fresh: Any = INSERT[dialect](ATTEMPT)
    inserted = fresh.values(
        key=bindparam("key"), failures=1, next_at=now + _delay(rule, literal(1)), updated_at=now, good_at=None
    )
    return inserted.on_conflict_do_update(
        index_elements=[ATTEMPT.c.key],
        set_={"failures": tries, "next_at": now + _delay(rule, tries), "updated_at": now},
        where=ATTEMPT.c.next_at <= now,
    ).returning(ATTEMPT.c.good_at)


def _delay(rule: Rule, tries: Any) -> Any:
    """Microseconds after so many tries: none while they are free, then doubling."""
    steps = tries - (rule.free + 1)
    doubled = literal(1).bitwise_lshift(steps) * SECOND
    return case((steps < 0, 0), (steps >= rule.longest.bit_length(), rule.longest * SECOND), else_=doubled)


def _of(key: str) -> Any:
    return update(ATTEMPT).where(ATTEMPT.c.key == key)


def _key(rule: Rule, *names: str) -> str:
    return hashlib.sha256("\0".join((rule.name, *names)).encode()).hexdigest()
