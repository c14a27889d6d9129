"""The seals of the audit: whatever is done to rows or seals without the key is found and named (S64)."""

import asyncio
import logging
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fhir_gateway.access import audit, seal
from fhir_gateway.access.audit import Access
from fhir_gateway.access.pruning import TooYoung, Unsound, prune
from fhir_gateway.access.seal import Head, Key
from fhir_gateway.access.seal_check import Verdict, check
from fhir_gateway.gateway import Gateway
from fhir_gateway.housekeeping import keep_sealing
from fhir_gateway.settings import Settings
from fhir_gateway.store import audit_rows
from fhir_gateway.store.database import Database, DriverError, Session
from tests import databases
from tests.settled import settle

NOW = 1_800_000_000_000_000
OLD = int(datetime(2017, 5, 1, tzinfo=UTC).timestamp()) * 1_000_000
EIGHT_YEARS_ON = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp()) * 1_000_000


@dataclass(frozen=True)
class World:
    """A database with ten rows in three seals, and one row that waits."""

    database: Database
    key: Key

    def check(self, *heads: Head) -> Verdict:
        return self.database.read(lambda session: check(session, self.key, heads))

    @contextmanager
    def tampered(self, *commands: str) -> Iterator[Session]:
        """The database as somebody leaves it who may do everything but has no key; afterwards it is as before."""
        with undone(self.database) as session:
            for command in (*_unguarded(session.dialect), *commands):
                session.command(command)
            yield session


class _Undone(Exception):
    pass


@contextmanager
def undone(database: Database) -> Iterator[Session]:
    """A transaction of which nothing stays."""
    with suppress(_Undone), database.writing() as session:
        yield session
        raise _Undone


def _unguarded(dialect: str) -> Sequence[str]:
    for_all = "" if dialect == "sqlite" else " ON {table}"
    names = ("{table}_stands", "{table}_is_not_changed" if dialect == "sqlite" else "{table}_is_not_emptied")
    tables = ("audit", "audit_subject", "audit_seal", "audit_tombstone")
    return [f"DROP TRIGGER {name}{for_all}".format(table=table) for table in tables for name in names]


def access(n: int, at: int = OLD) -> Access:
    what, people = f"Goal/{n}", (f"person-{n}", "shared")
    return Access(
        at=at + n, client="c", action="R", subtype="read", what=what, status=200, request=f"r{n}", people=people
    )


@pytest.fixture(scope="module", params=databases.KINDS)
def world(
    request: pytest.FixtureRequest, migrate: databases.Migrate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with databases.fresh(request.param, migrate) as url:
        database = Database(url)
        key = Key.open(tmp_path_factory.mktemp("key") / "audit.key")
        database.write(lambda session: audit.write_all(session, [access(n) for n in range(10)]))
        settle(database)
        seal.seal_all(database, key, NOW, limit=4)
        database.write(lambda session: audit.write(session, access(99)))
        settle(database)
        yield World(database, key)
        database.close()


def test_an_audit_that_nobody_touched_is_sound(world: World) -> None:
    assert world.check() == Verdict(seals=3, rows=10, pruned=0, unsealed=1, faults=())


@pytest.mark.requirement("S64")
@pytest.mark.parametrize(
    ("commands", "fault"),
    [
        (["UPDATE audit SET what = 'Goal/999' WHERE request = 'r5'"], "seal 2: row 6 was changed"),
        (["UPDATE audit_subject SET person = 'other' WHERE person = 'person-5'"], "seal 2: row 6 was changed"),
        (["DELETE FROM audit WHERE request = 'r5'"], "seal 2: a row is missing before row 7"),
        (["DELETE FROM audit WHERE request = 'r7'"], "seal 2: rows are missing after row 7"),
        (["DELETE FROM audit_subject WHERE person = 'person-0'"], "seal 1: row 1 was changed"),
        (
            [
                "UPDATE audit SET seq = 1000 WHERE seq = 6",
                "UPDATE audit SET seq = 6 WHERE seq = 7",
                "UPDATE audit SET seq = 7 WHERE seq = 1000",
            ],
            "seal 2: row 6 was changed",
        ),
        (
            [
                """INSERT INTO audit (seq, xact, at, client, action, what, status, request)
                SELECT 0, xact, at, client, action, what, status, request FROM audit WHERE seq = 1"""
            ],
            "seal 1: row 0 was added",
        ),
        (["DELETE FROM audit_seal WHERE n = 2"], "seal 2 is missing"),
        (["UPDATE audit_seal SET at = at + 1 WHERE n = 2"], "seal 2 is not as it was made"),
        (["UPDATE audit_seal SET marks = (SELECT marks FROM audit_seal WHERE n = 1) WHERE n = 2"], "seal 2 is not"),
    ],
)
def test_whatever_is_done_to_a_row_or_a_seal_is_named(world: World, commands: list[str], fault: str) -> None:
    with world.tampered(*commands) as session:
        found = check(session, world.key, ()).faults
    assert found
    assert found[0].startswith(fault), found


@pytest.mark.requirement("S64")
def test_a_tail_cut_off_with_its_seals_is_found_by_the_head_beside_the_key(world: World) -> None:
    commands = ["DELETE FROM audit WHERE seq > 8", "DELETE FROM audit_seal WHERE n = 3"]
    remembered = world.key.remembered()
    assert remembered is not None
    with world.tampered(*commands) as session:
        assert check(session, world.key, ()).faults == ()
        (fault,) = check(session, world.key, (remembered,)).faults
    assert fault == "the audit ends at seal 2, and seal 3 was taken: its end is cut off"


@pytest.mark.requirement("S64")
def test_rewriting_from_a_row_on_without_the_key_is_found(world: World) -> None:
    forger = replace(world.key, secret=b"x" * 32)
    with world.tampered("UPDATE audit SET client = 'another' WHERE seq = 6", "DELETE FROM audit_seal WHERE n > 1") as s:
        while seal.take(s, forger, NOW, 4):
            pass
        assert check(s, world.key, ()).faults == ("seal 2 is not as it was made",)


def test_rewriting_with_a_stolen_key_is_found_by_a_head_told_elsewhere(world: World) -> None:
    remembered = world.key.remembered()
    assert remembered is not None
    with world.tampered("UPDATE audit SET client = 'another' WHERE seq = 6", "DELETE FROM audit_seal WHERE n > 1") as s:
        while seal.take(s, world.key, NOW, 4):
            pass
        assert check(s, world.key, ()).faults == ()
        assert "written anew" in check(s, world.key, (remembered,)).faults[0]


@pytest.mark.requirement("S64")
@pytest.mark.parametrize("table", ["audit", "audit_subject", "audit_seal"])
@pytest.mark.parametrize("command", ["UPDATE {table} SET {column} = 1", "DELETE FROM {table}"])
def test_the_database_itself_refuses_to_change_or_forget_a_row(world: World, table: str, command: str) -> None:
    column = {"audit": "status", "audit_subject": "position", "audit_seal": "rows"}[table]
    with pytest.raises(DriverError, match="only added to"), world.database.writing() as session:
        session.command(command.format(table=table, column=column))


def test_two_sealers_leave_one_chain(world: World) -> None:
    """The second finds the first at it on PostgreSQL, and waits for it on SQLite."""
    if world.database.dialect == "sqlite":
        return
    other = Database(str(world.database.url.render_as_string(hide_password=False)))
    with undone(world.database) as session:
        assert seal.take(session, world.key, NOW) is not None
        assert other.write(lambda second: seal.take(second, world.key, NOW)) is None
    other.close()


def test_a_row_that_an_open_transaction_may_still_precede_is_not_sealed_yet(world: World) -> None:
    if world.database.dialect == "sqlite":
        return
    other = Database(str(world.database.url.render_as_string(hide_password=False)))
    with undone(other) as slow:
        audit.write(slow, access(100))
        slow.settle()
        world.database.write(lambda session: audit.write(session, access(101)))
        after = (audit_rows.last_seal(slow) or pytest.fail("there are seals")).place
        waiting = world.database.read(lambda session: audit_rows.unsealed(session, after, 10))
        assert len(waiting) == 1
    other.close()


def test_what_is_past_its_time_goes_and_leaves_a_tombstone(world: World) -> None:
    with world.tampered() as session:
        stone = prune(session, world.key, date(2018, 1, 1), EIGHT_YEARS_ON)
        assert stone is not None
        assert (stone.first, stone.last, stone.rows, stone.people) == (1, 3, 10, 20)
        found = check(session, world.key, ())
    assert (found.faults, found.rows, found.pruned) == ((), 0, 10)


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("UPDATE audit_tombstone SET rows = 9", "the tombstone of seals 1 to 3 is not as it was made"),
        ("DELETE FROM audit_tombstone", "seal 1: rows are missing after row none"),
    ],
)
def test_a_tombstone_cannot_be_made_up(world: World, command: str, fault: str) -> None:
    with world.tampered() as session:
        prune(session, world.key, date(2018, 1, 1), EIGHT_YEARS_ON)
        session.command(command)
        assert check(session, world.key, ()).faults[0] == fault


def test_nothing_younger_than_eight_years_is_taken_away(world: World) -> None:
    with pytest.raises(TooYoung, match="2018-05-01"), world.database.writing() as session:
        prune(session, world.key, date(2018, 5, 2), EIGHT_YEARS_ON)
    with world.tampered() as session:
        assert prune(session, world.key, date(2016, 1, 1), EIGHT_YEARS_ON) is None


def test_nothing_is_taken_away_from_an_audit_that_is_not_sound(world: World) -> None:
    with world.tampered("UPDATE audit SET what = '' WHERE seq = 1") as session, pytest.raises(Unsound, match="row 1"):
        prune(session, world.key, date(2018, 1, 1), EIGHT_YEARS_ON)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    assert Key.open(path) == Key.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Key.open(path).secret.hex() not in repr(Key.open(path))
    path.write_text("00" * 8)
    with pytest.raises(ValueError, match="no key of 32 bytes"):
        Key.open(path)


@pytest.mark.parametrize("text", ["", "3", "x:" + "0" * 64, "3:abc"])
def test_a_head_is_a_number_and_a_code(text: str) -> None:
    with pytest.raises(ValueError, match="number:code"):
        Head.parse(text)


def test_a_head_is_read_as_it_was_written() -> None:
    head = Head(3, "0" * 64)
    assert Head.parse(f"{head}\n") == head


def test_a_running_gateway_seals_by_itself_and_tells_the_head(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first round comes at the start, and makes the key."""
    settings = Settings(
        database_url=world.database.url.render_as_string(hide_password=False), audit_key_file=tmp_path / "first.key"
    )
    gateway = Gateway(settings, world.database)
    settle(world.database)
    caplog.set_level(logging.INFO, logger="fhir_gateway.audit")

    async def one_round() -> None:
        task = asyncio.create_task(keep_sealing(gateway))
        while "audit sealed, head 4:" not in caplog.text:
            await asyncio.sleep(0.005)
            assert not task.done()
        task.cancel()

    asyncio.run(asyncio.wait_for(one_round(), 10))
    assert (tmp_path / "first.head").read_text().startswith("4:")
    gateway.threads.shutdown()
