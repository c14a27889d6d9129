"""Connections and transactions on both databases."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import bindparam, insert, select

from fhir_gateway.store import database as module
from fhir_gateway.store.database import PREPARE_AFTER, Busy, Database, Session, UniqueViolation
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import CONDITIONAL_KEY
from tests import databases

COUNT = "SELECT count(*) FROM conditional_key"
PUT = "INSERT INTO conditional_key (key, used) VALUES ('{}', 1)"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def _count(session: Session) -> int:
    return int(session.driver.execute(COUNT).fetchone()[0])


@pytest.mark.requirement("S44")
@pytest.mark.parametrize("database_kind", databases.KINDS[:1], indirect=False)
def test_sqlite_is_opened_so_that_what_is_acknowledged_is_kept(database: Database) -> None:
    def asked(session: Session) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "busy_timeout", "temp_store", "foreign_keys")
        return {name: session.driver.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    found = database.read(asked)
    assert (found["journal_mode"], found["synchronous"]) == ("wal", 2)
    assert found["busy_timeout"] >= 5000
    assert found["temp_store"] == 2


@pytest.mark.requirement("S50")
def test_an_unsafe_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(RuntimeError, match=r"3\.51\.3"):
        Database("sqlite://")


@pytest.mark.requirement("S48", "S56")
@pytest.mark.parametrize("database_kind", databases.KINDS[1:], indirect=False)
def test_postgresql_is_given_bounds(database: Database) -> None:
    def asked(session: Session) -> dict[str, str]:
        names = ("statement_timeout", "lock_timeout", "transaction_isolation")
        return {name: session.driver.execute(f"SHOW {name}").fetchone()[0] for name in names}

    found = database.read(asked)
    assert found == {"statement_timeout": "30s", "lock_timeout": "10s", "transaction_isolation": "read committed"}


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    def job(session: Session) -> None:
        session.command(PUT.format("a"))
        raise LookupError

    with pytest.raises(LookupError):
        database.write(job)
    assert database.read(_count) == 0


def test_a_transaction_is_seen_by_others_only_when_committed(database: Database) -> None:
    def other() -> int:
        with ThreadPoolExecutor(1) as pool:
            return int(pool.submit(database.read, _count).result())

    def job(session: Session) -> tuple[int, int]:
        session.command(PUT.format("a"))
        return _count(session), other()

    assert database.write(job) == (1, 0)
    assert other() == 1


@pytest.mark.requirement("S48")
def test_a_job_whose_key_was_taken_meanwhile_is_run_again(database: Database) -> None:
    tries = []

    def job(session: Session) -> int:
        tries.append(1)
        session.command(PUT.format("a" if len(tries) < 3 else "b"))
        return len(tries)

    database.write(lambda session: session.command(PUT.format("a")))
    assert database.write(job) == 3
    assert database.read(_count) == 2


@pytest.mark.requirement("S48")
def test_writers_take_turns(database: Database) -> None:
    def job(session: Session) -> None:
        row = session.driver.execute("SELECT used FROM conditional_key WHERE key = 'n' FOR UPDATE" if late else
                                     "SELECT used FROM conditional_key WHERE key = 'n'").fetchone()  # fmt: skip
        session.command(f"UPDATE conditional_key SET used = {row[0] + 1} WHERE key = 'n'")  # noqa: S608 - text of the test

    late = database.dialect == "postgresql"
    database.write(lambda session: session.command(PUT.format("n")))
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(database.write, job) for _ in range(64)]:
            done.result()
    rows = database.read(lambda session: session.driver.execute("SELECT used FROM conditional_key").fetchone())
    assert rows[0] == 65


@pytest.mark.parametrize("database_kind", databases.KINDS[:1], indirect=False)
def test_a_writer_that_waits_too_long_is_told_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT_S", 0.02)
    inside, done = threading.Event(), threading.Event()

    def slow(_: Session) -> None:
        inside.set()
        done.wait(5)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(database.write, slow)
        inside.wait(5)
        with pytest.raises(Busy):
            database.write(_count)
        done.set()
        held.result()


@pytest.mark.parametrize("database_kind", databases.KINDS[1:], indirect=False)
def test_a_lost_connection_is_made_again(database: Database) -> None:
    def kill(session: Session) -> int:
        return int(session.driver.info.backend_pid)

    pid = database.read(kill)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(
            database.read, lambda session: session.driver.execute(f"SELECT pg_terminate_backend({pid})").fetchone()
        ).result()
    assert database.read(_count) == 0


@pytest.mark.parametrize("database_kind", databases.KINDS[1:], indirect=False)
def test_statements_kept_prepared_outlive_what_is_given_up(database: Database) -> None:
    """A pipeline or a transaction that fails takes no statement with it: each goes on working on its connection."""
    asked = Statement(select(CONDITIONAL_KEY.c.key).where(CONDITIONAL_KEY.c.key == bindparam("key")))
    made = Statement(insert(CONDITIONAL_KEY), ["key", "used"])

    def job(session: Session, key: str, *, fails: bool) -> None:
        assert session.rows(asked, {"key": key}) == []
        session.defer()
        session.many(made, [{"key": key, "used": 1}, {"key": f"{key} again", "used": 1}])
        assert session.rows(asked, {"key": key}) == [(key,)]
        session.defer()
        session.run(made, {"key": key if fails else f"{key} third", "used": 1})
        if not fails:
            session.rows(asked, {"key": key})

    for number in range(3 * PREPARE_AFTER):
        with pytest.raises(UniqueViolation[1]):
            database.write(lambda session: job(session, "one", fails=True))  # sent once more each time
        database.write(lambda session, number=number: job(session, f"key {number}", fails=False))  # type: ignore[misc]
        with suppress(LookupError):
            database.write(_give_up)
    assert database.read(_count) == 9 * PREPARE_AFTER


def _give_up(session: Session) -> None:
    session.defer()
    session.command(PUT.format("given up"))
    raise LookupError
