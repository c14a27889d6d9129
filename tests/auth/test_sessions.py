"""Logins of our own pages: when they end, and what ends with them.

Source: security requirement S19.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, insert, select, update

from auth import accounts, clients, sessions
from auth.sessions import IDLE, LONGEST, MINUTE, SECOND
from auth.store import ACCOUNT, SESSION
from tests.auth.builders import NOW, registration
from tests.auth.memory import connection, granted, lives

ACCOUNT_ID = "a1"


@pytest.fixture
def conn() -> Iterator[Connection]:
    with connection() as conn:
        for account_id in (ACCOUNT_ID, "a2"):
            conn.execute(insert(ACCOUNT).values(account_id=account_id, status="active", created_at=NOW))
        clients.add(conn, registration(), NOW)
        yield conn


def test_a_login_is_found_by_its_cookie_and_by_nothing_stored(conn: Connection) -> None:
    cookie, session = sessions.begin(conn, ACCOUNT_ID, NOW, amr=("pwd",), acr="one")
    assert sessions.current(conn, cookie, NOW) == session
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", cookie)
    assert cookie not in str(conn.execute(select(SESSION)).all())
    assert sessions.current(conn, session.digest, NOW) is None


@pytest.mark.parametrize("cookie", [None, "", "x", "x" * 43, "\u00e9" * 43, "x" * 5000, "a" * 42 + "\n"])
def test_another_cookie_is_nobodys(conn: Connection, cookie: str | None) -> None:
    sessions.begin(conn, ACCOUNT_ID, NOW)
    assert sessions.current(conn, cookie, NOW) is None


@pytest.mark.requirement("S19")
def test_a_login_ends_after_fifteen_minutes_without_use(conn: Connection) -> None:
    cookie, _ = sessions.begin(conn, ACCOUNT_ID, NOW)
    assert sessions.current(conn, cookie, NOW + IDLE - 1)
    assert sessions.current(conn, cookie, NOW + 2 * IDLE - 2)
    assert sessions.current(conn, cookie, NOW + 3 * IDLE) is None


@pytest.mark.requirement("S19")
def test_a_login_ends_after_eight_hours_however_busy(conn: Connection) -> None:
    cookie, _ = sessions.begin(conn, ACCOUNT_ID, NOW)
    for minute in range(10, LONGEST // MINUTE, 10):
        assert sessions.current(conn, cookie, NOW + minute * MINUTE)
    assert sessions.current(conn, cookie, NOW + LONGEST) is None


def test_a_login_ends_at_logout(conn: Connection) -> None:
    cookie, session = sessions.begin(conn, ACCOUNT_ID, NOW)
    sessions.end(conn, session, NOW)
    assert sessions.current(conn, cookie, NOW) is None
    assert not sessions.holds(conn, session.digest, NOW)


def test_a_login_ends_with_its_account(conn: Connection) -> None:
    cookie, _ = sessions.begin(conn, ACCOUNT_ID, NOW)
    conn.execute(update(ACCOUNT).where(ACCOUNT.c.account_id == ACCOUNT_ID).values(status="closed"))
    assert sessions.current(conn, cookie, NOW) is None


def test_a_new_login_in_a_browser_ends_the_one_before(conn: Connection) -> None:
    """The old cookie is refused after a rise of privilege."""
    before, session = sessions.begin(conn, ACCOUNT_ID, NOW)
    after, renewed = sessions.begin(conn, ACCOUNT_ID, NOW + SECOND, replaces=session)
    assert (sessions.current(conn, before, NOW), sessions.current(conn, after, NOW)) == (None, renewed)
    assert session.csrf != renewed.csrf


def test_logging_in_again_keeps_the_apps_of_the_same_person_and_no_others(conn: Connection) -> None:
    _, session = sessions.begin(conn, ACCOUNT_ID, NOW)
    grant = granted(conn, session, "online_access")
    _, renewed = sessions.begin(conn, ACCOUNT_ID, NOW, replaces=session)
    assert lives(conn, grant, NOW)
    sessions.begin(conn, "a2", NOW, replaces=renewed)
    assert not lives(conn, grant, NOW)


def test_logging_out_ends_what_lives_by_the_login_and_leaves_offline_access(conn: Connection) -> None:
    _, session = sessions.begin(conn, ACCOUNT_ID, NOW)
    online, offline = granted(conn, session, "online_access"), granted(conn, session, "offline_access")
    sessions.end(conn, session, NOW)
    assert (lives(conn, online, NOW), lives(conn, offline, NOW)) == (False, True)


def test_all_logins_of_an_account_can_be_ended_but_one(conn: Connection) -> None:
    cookies = [sessions.begin(conn, ACCOUNT_ID, NOW) for _ in range(3)]
    other, _ = sessions.begin(conn, "a2", NOW)
    assert sessions.end_all(conn, ACCOUNT_ID, NOW, but=cookies[1][1].digest) == 2
    assert [sessions.current(conn, cookie, NOW) is not None for cookie, _ in cookies] == [False, True, False]
    assert sessions.current(conn, other, NOW)


def test_how_fresh_a_login_is_is_measured_in_seconds(conn: Connection) -> None:
    _, session = sessions.begin(conn, ACCOUNT_ID, NOW)
    assert sessions.fresh(session, NOW + 60 * SECOND, 60)
    assert not sessions.fresh(session, NOW + 60 * SECOND + 1, 60)


def test_logins_that_ended_a_day_ago_are_forgotten(conn: Connection) -> None:
    sessions.begin(conn, ACCOUNT_ID, NOW)
    assert sessions.purge(conn, NOW + LONGEST + 23 * 60 * MINUTE) == 0
    assert sessions.purge(conn, NOW + LONGEST + 25 * 60 * MINUTE) == 1


def test_a_clock_that_goes_back_lengthens_no_login(conn: Connection) -> None:
    cookie, _ = sessions.begin(conn, ACCOUNT_ID, NOW)
    assert sessions.current(conn, cookie, NOW - 60 * MINUTE)
    assert sessions.current(conn, cookie, NOW + IDLE) is None


def test_closing_an_account_ends_its_logins_and_grants(conn: Connection) -> None:
    cookie, session = sessions.begin(conn, ACCOUNT_ID, NOW)
    grant = granted(conn, session, "offline_access")
    assert accounts.close(conn, ACCOUNT_ID, NOW) == 1
    assert sessions.current(conn, cookie, NOW) is None
    assert not lives(conn, grant, NOW)
