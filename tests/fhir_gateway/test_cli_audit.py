"""`phb-gateway audit`: sealing, checking and showing the head from the command line (S64)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fhir_gateway.access import audit
from fhir_gateway.cli_audit import AUDIT
from fhir_gateway.store.database import Database
from tests import databases
from tests.fhir_gateway.test_audit_events import access


@pytest.fixture
def database(migrate: databases.Migrate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with databases.fresh("sqlite", migrate) as url:
        monkeypatch.setenv("PHB_DATABASE_URL", url)
        monkeypatch.setenv("PHB_AUDIT_KEY_FILE", str(tmp_path / "audit.key"))
        database = Database(url)
        yield database
        database.close()


def said(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(AUDIT, arguments)
    assert result.exit_code == code, result.output
    return result.output


def test_what_waits_is_sealed_and_found_sound(database: Database) -> None:
    assert said("head") == "nothing is sealed yet\n"
    database.write(lambda session: audit.write_all(session, [access(), access(people=("p",))]))
    assert said("seal") == "1 seals over 2 rows\n"
    head = said("head").strip()
    assert re.fullmatch(r"1:[0-9a-f]{64}", head)
    assert (
        said("verify", "--head", head) == "the audit is as it was sealed: 1 seals, 2 rows, 0 pruned, 0 not sealed yet\n"
    )
    assert said("seal") == "0 seals over 0 rows\n"


def test_a_changed_row_is_named_and_the_exit_code_says_so(database: Database) -> None:
    database.write(lambda session: audit.write(session, access()))
    said("seal")
    with database.writing() as session:
        session.command("DROP TRIGGER audit_is_not_changed")
        session.command("UPDATE audit SET client = 'another'")
    assert said("verify", code=1).startswith("seal 1: row 1 was changed\nthe audit is NOT as it was sealed")


def test_a_head_that_was_told_elsewhere_and_is_not_there_is_named(database: Database) -> None:
    database.write(lambda session: audit.write(session, access()))
    said("seal")
    assert "its end is cut off" in said("verify", "--head", f"7:{'0' * 64}", code=1)


def test_pruning_keeps_eight_years(database: Database) -> None:
    database.write(lambda session: audit.write(session, access()))
    said("seal")
    assert said("prune", "--before", "2010-01-01") == "nothing is old enough\n"
    result = CliRunner().invoke(AUDIT, ["prune", "--before", "2026-01-01"])
    assert "kept 8 years" in str(result.exception)
