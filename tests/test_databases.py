"""The databases the tests stand on: fresh, migrated once, gone afterwards, and never quietly missing."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Engine, NullPool, create_engine, text

from tests import databases


def engine_of(url: str) -> Engine:
    module = sqlite if url.startswith("sqlite") else None
    return create_engine(url, poolclass=NullPool, **({"module": module} if module else {}))


def tables_filled(url: str) -> None:
    with engine_of(url).begin() as connection:
        connection.execute(text("CREATE TABLE thing (name TEXT)"))
        connection.execute(text("INSERT INTO thing VALUES ('from the template')"))


def names_in(url: str) -> list[str]:
    with engine_of(url).connect() as connection:
        return list(connection.execute(text("SELECT name FROM thing ORDER BY name")).scalars())


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_begins_with_an_empty_database(database_url: str, turn: int) -> None:
    with engine_of(database_url).begin() as connection:
        connection.execute(text("CREATE TABLE only_once (turn BIGINT)"))
        connection.execute(text("INSERT INTO only_once VALUES (:turn)"), {"turn": turn})
        assert connection.execute(text("SELECT turn FROM only_once")).scalar_one() == turn


def test_a_template_is_migrated_once_and_copied_for_each_test(database_kind: str) -> None:
    calls: list[str] = []

    def migrate(url: str) -> None:
        calls.append(url)
        tables_filled(url)

    with databases.fresh(database_kind, migrate) as first, databases.fresh(database_kind, migrate) as second:
        with engine_of(first).begin() as connection:
            connection.execute(text("INSERT INTO thing VALUES ('a first test''s own')"))
        assert names_in(second) == ["from the template"]
    assert len(calls) == 1


def test_a_database_is_gone_after_its_test(database_kind: str) -> None:
    with databases.fresh(database_kind, tables_filled) as url:
        assert names_in(url) == ["from the template"]
    if database_kind == "sqlite":
        assert not Path(url.removeprefix("sqlite:///")).exists()
    else:
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(url.replace("+psycopg", ""))


def test_all_workers_share_one_server() -> None:
    assert databases.server_url() == databases.server_url()


def test_letters_beyond_ascii_have_a_lower_case_in_postgresql() -> None:
    with databases.fresh("postgresql") as url, engine_of(url).connect() as connection:
        assert connection.execute(text("SELECT lower('SIÂN')")).scalar_one() == "siân"


def test_a_durable_server_keeps_what_it_promised_through_a_crash() -> None:
    folder = databases.run_folder() / "durable"
    server = databases.PostgresServer.start(folder, durable=True)
    tables_filled(server.url())
    server.crash()
    server = databases.PostgresServer.start(folder, durable=True)
    try:
        assert names_in(server.url()) == ["from the template"]
    finally:
        server.stop()


def test_a_server_that_cannot_start_is_a_failure_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(databases.DatabaseUnavailable, match="PHB_TEST_DATABASE_URL"):
        databases.PostgresServer.start(tmp_path / "a-file" / "server")


def test_a_named_server_that_does_not_answer_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(databases.SERVER_SETTING, f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(databases.DatabaseUnavailable, match="does not answer"):
        databases.server_url()


def test_a_named_server_is_used_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(databases.SERVER_SETTING, databases.server_url().replace("+psycopg", ""))
    with databases.fresh("postgresql", tables_filled) as url:
        assert url.startswith("postgresql+psycopg://")
        assert names_in(url) == ["from the template"]


def test_a_run_that_is_killed_leaves_no_server(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "postgresql").mkdir(parents=True)
    ended = subprocess.Popen(["true"])
    ended.wait()
    with subprocess.Popen(["sleep", "60"]) as server:
        (run / "postgresql" / "postmaster.pid").write_text(f"{server.pid}\n")
        databases.guard(owner=ended.pid, folder=run)
        assert server.wait(timeout=10) == -signal.SIGQUIT
    assert within(10, lambda: not run.exists())


def test_a_run_inside_a_run_uses_its_folder() -> None:
    assert Path(os.environ[databases.RUN_SETTING]) == databases.run_folder()
