"""Migrations: the migrated schema is the declared one, and no other schema is served."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from auth.store import METADATA as AUTH
from fhir_gateway.app import create_app
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import WrongSchema, expected, is_current, require_current, upgrade
from fhir_gateway.store.tables import METADATA, SECRET
from tests import databases


@pytest.mark.requirement("S51")
def test_the_migrated_schema_is_the_declared_one(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, [METADATA, AUTH])  # type: ignore[arg-type]
    database.close()
    assert found == []


@pytest.mark.requirement("S51")
def test_upgrading_again_changes_nothing(database_url: str) -> None:
    def secret() -> bytes:
        database = Database(database_url)
        with database.engine.connect() as connection:
            found = bytes(connection.execute(SECRET.select()).one().value)
        database.close()
        return found

    before = secret()
    upgrade(database_url)
    assert secret() == before
    assert len(before) == 32


@pytest.mark.requirement("S51")
@pytest.mark.parametrize("revision", ["0000", "9999", None])
def test_a_schema_of_another_revision_is_not_served(database_url: str, revision: str | None) -> None:
    database = Database(database_url)
    assert is_current(database)
    text = (
        "DELETE FROM alembic_version" if revision is None else f"UPDATE alembic_version SET version_num = '{revision}'"  # noqa: S608 - text of the test
    )
    database.write(lambda session: session.command(text))
    assert not is_current(database)
    with pytest.raises(WrongSchema, match="phb-gateway migrate"):
        require_current(database)
    with pytest.raises(WrongSchema):
        create_app(Settings(database_url=database_url), database)
    database.close()


@pytest.mark.parametrize("kind", databases.KINDS)
def test_an_empty_database_is_not_served(kind: str) -> None:
    with databases.fresh(kind) as url:
        database = Database(url)
        with pytest.raises(WrongSchema):
            require_current(database)
        database.close()


def test_there_is_one_newest_revision() -> None:
    folder = Path(__file__).parents[3] / "fhir_gateway" / "store" / "migrations" / "versions"
    assert f"{expected()}_" in max(path.name for path in folder.glob("*.py"))
