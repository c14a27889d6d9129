"""How soon a password may be tried again. The clock is the test's own.

Source: security requirement S17 and the fault row "login throttling".
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, func, select

from auth import throttle
from auth.store import ATTEMPT
from auth.throttle import ACCOUNT, PAIR, SECOND, SOURCE, Throttled
from tests.auth.builders import NOW
from tests.auth.memory import connection

HOME = "203.0.113.7"
TENTH = SECOND // 10


@pytest.fixture
def conn() -> Iterator[Connection]:
    with connection() as conn:
        yield conn


def admitted(conn: Connection, username: str, source: str, now: int) -> bool:
    """Whether a try may be made; one that may not leaves no trace."""
    step = conn.begin_nested()
    try:
        throttle.enter(conn, username, source, now)
    except Throttled:
        step.rollback()
        return False
    step.commit()
    return True


def wait(conn: Connection, username: str, source: str, now: int) -> int:
    step = conn.begin_nested()
    try:
        throttle.enter(conn, username, source, now)
    except Throttled as told:
        return told.wait_s
    else:
        return 0
    finally:
        step.rollback()


@pytest.mark.requirement("S17")
def test_the_delay_doubles_up_to_five_minutes(conn: Connection) -> None:
    now, waits = NOW, []
    for _ in range(12):
        throttle.enter(conn, "janice", HOME, now)
        waits.append(wait(conn, "janice", HOME, now))
        now += waits[-1] * SECOND
    assert waits == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_try_that_comes_too_soon_does_not_make_the_delay_longer(conn: Connection) -> None:
    for at in range(4):
        throttle.enter(conn, "janice", HOME, NOW + at * 10 * SECOND)
    now = NOW + 30 * SECOND
    assert not any(admitted(conn, "janice", HOME, now + tenth * TENTH) for tenth in range(39))
    assert admitted(conn, "janice", HOME, now + 4 * SECOND)


def test_of_a_thousand_tries_in_a_minute_few_are_looked_at_and_the_owner_gets_in_after_the_delay(
    conn: Connection,
) -> None:
    """The fault row: 1,000 tries, then the true owner."""
    tries = [NOW + at * 60 * SECOND // 1000 for at in range(1000)]
    assert sum(admitted(conn, "janice", HOME, at) for at in tries) == 7
    later = tries[-1] + wait(conn, "janice", HOME, tries[-1]) * SECOND
    assert later - tries[-1] <= PAIR.longest * SECOND
    assert admitted(conn, "janice", HOME, later)
    throttle.succeeded(conn, "janice", HOME, later)
    assert admitted(conn, "janice", HOME, later)


@pytest.mark.requirement("S17")
def test_many_sources_against_one_account_are_slowed_together(conn: Connection) -> None:
    """One account, many sources."""
    let = sum(admitted(conn, "janice", f"198.51.{at // 250}.{at % 250}", NOW + at * TENTH) for at in range(600))
    assert ACCOUNT.free < let <= ACCOUNT.free + 8


@pytest.mark.requirement("S17")
def test_strangers_cannot_keep_the_owner_from_a_source_the_owner_is_known_by(conn: Connection) -> None:
    throttle.enter(conn, "janice", HOME, NOW)
    throttle.succeeded(conn, "janice", HOME, NOW)
    for at in range(100):
        admitted(conn, "janice", f"198.51.100.{at}", NOW + at * TENTH)
    now = NOW + 10 * SECOND
    assert wait(conn, "janice", "192.0.2.1", now) > 0
    assert admitted(conn, "janice", HOME, now)


def test_the_owner_at_a_new_source_gets_in_after_the_delay_of_the_account(conn: Connection) -> None:
    for at in range(100):
        admitted(conn, "janice", f"198.51.100.{at}", NOW)
    delay = wait(conn, "janice", "192.0.2.1", NOW)
    assert 0 < delay <= ACCOUNT.longest
    assert admitted(conn, "janice", "192.0.2.1", NOW + delay * SECOND)


def test_a_known_source_is_forgotten_after_ninety_days(conn: Connection) -> None:
    throttle.enter(conn, "janice", HOME, NOW)
    throttle.succeeded(conn, "janice", HOME, NOW)
    later = NOW + throttle.GOOD_FOR + SECOND
    for at in range(100):
        admitted(conn, "janice", f"198.51.100.{at}", later)
    assert not admitted(conn, "janice", HOME, later)


@pytest.mark.requirement("S17")
def test_one_source_against_many_accounts_is_slowed(conn: Connection) -> None:
    """One source, many accounts."""
    let = sum(admitted(conn, f"user{at}", HOME, NOW + at * TENTH) for at in range(600))
    assert SOURCE.free < let <= SOURCE.free + 8


def test_logging_in_to_an_own_account_does_not_free_a_source(conn: Connection) -> None:
    now, guesses = NOW, 0
    for at in range(60):
        now += SECOND
        guesses += admitted(conn, f"user{at}", HOME, now)
        if admitted(conn, "mallory", HOME, now):
            throttle.succeeded(conn, "mallory", HOME, now)
    assert guesses <= SOURCE.free + 8


def test_a_household_of_people_who_log_in_rightly_is_never_slowed(conn: Connection) -> None:
    for at in range(100):
        throttle.enter(conn, f"user{at}", HOME, NOW)
        throttle.succeeded(conn, f"user{at}", HOME, NOW)


def test_a_name_nobody_has_is_treated_as_one_somebody_has(conn: Connection) -> None:
    """Nothing is looked up but the counts."""
    steps = [NOW + at * SECOND // 2 for at in range(20)]
    assert [admitted(conn, "janice", HOME, at) for at in steps] == [
        admitted(conn, "nobody", "203.0.113.8", at) for at in steps
    ]


def test_an_hour_of_quiet_is_forgiven(conn: Connection) -> None:
    for at in range(6):
        throttle.enter(conn, "janice", HOME, NOW + at * 60 * SECOND)
    later = NOW + 2 * throttle.HOUR
    throttle.enter(conn, "janice", HOME, later)
    assert wait(conn, "janice", HOME, later) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_a_source_is_an_address_or_the_network_of_one_household(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (throttle.network_of(one) == throttle.network_of(other)) is same


def test_no_name_and_no_address_is_stored(conn: Connection) -> None:
    throttle.enter(conn, "janice", HOME, NOW)
    text = str(conn.execute(select(ATTEMPT)).all())
    assert "janice" not in text
    assert HOME not in text


def test_what_is_long_quiet_is_purged_and_known_sources_stay(conn: Connection) -> None:
    throttle.enter(conn, "janice", HOME, NOW)
    throttle.succeeded(conn, "janice", HOME, NOW)
    throttle.enter(conn, "nobody", "192.0.2.1", NOW)
    assert throttle.purge(conn, NOW + throttle.DAY - SECOND) == 0
    throttle.purge(conn, NOW + throttle.DAY + SECOND)
    assert conn.execute(select(func.count()).select_from(ATTEMPT)).scalar() == 1


@pytest.mark.requirement("S17")
def test_fifty_at_once_are_one_try_after_the_other(engine: Engine) -> None:
    """On both databases: asking and counting is one statement, so nobody slips through between them."""

    def attempt(_: int) -> bool:
        try:
            with engine.begin() as conn:
                throttle.enter(conn, "janice", HOME, NOW)
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        let = sum(threads.map(attempt, range(50)))
    assert let == PAIR.free + 1
    with engine.begin() as conn:
        assert sorted(conn.execute(select(ATTEMPT.c.failures)).scalars()) == [let] * 3
        throttle.succeeded(conn, "janice", HOME, NOW)
        assert sorted(conn.execute(select(ATTEMPT.c.failures)).scalars()) == [0, 0, let - 1]
        assert throttle.purge(conn, NOW + throttle.DAY + SECOND) == 2
