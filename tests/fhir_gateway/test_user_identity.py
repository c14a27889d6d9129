"""The command that says which identity elsewhere opens an account."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from auth.store import EXTERNAL_IDENTITY
from fhir_gateway.cli_users import USER
from fhir_gateway.store.database import Database
from tests import databases


@pytest.fixture
def database(migrate: databases.Migrate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with databases.fresh("sqlite", migrate) as url:
        monkeypatch.setenv("PHB_DATABASE_URL", url)
        database = Database(url)
        yield database
        database.close()


def test_an_operator_says_which_identity_opens_an_account_once(database: Database) -> None:
    run = CliRunner().invoke
    assert run(USER, ["add", "r.marsh", "--without-password"]).exit_code == 0
    told = run(USER, ["identity", "r.marsh", "https://login.example", "worker-1"])
    assert (told.exit_code, told.output) == (0, "user r.marsh is known to https://login.example\n")
    (row,) = database.read(lambda session: session.core.execute(select(EXTERNAL_IDENTITY)).all())
    assert (row.issuer, row.subject) == ("https://login.example", "worker-1")
    again = run(USER, ["identity", "r.marsh", "https://login.example", "worker-1"])
    assert "already" in str(again.exception)
    assert "no such active user" in str(run(USER, ["identity", "nobody", "https://login.example", "x"]).exception)
