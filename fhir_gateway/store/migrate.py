"""Schema revisions: upgrade a database, and refuse to serve one that is not at the expected revision.

Source: Alembic; security requirement S51.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from fhir_gateway.store.database import Database
from fhir_gateway.store.tables import SECRET

FOLDER: Final = Path(__file__).parent / "migrations"
SECRET_LENGTH: Final = 32


class WrongSchema(RuntimeError):
    """The database's schema is not the one this program knows."""


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest revision, and give it its secrets."""
    database = Database(url)
    try:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        _give_secrets(database)
    finally:
        database.close()


def _give_secrets(database: Database) -> None:
    with database.engine.connect() as connection:
        if connection.execute(SECRET.select().where(SECRET.c.name == "cursor")).first() is None:
            connection.execute(SECRET.insert().values(name="cursor", value=os.urandom(SECRET_LENGTH)))


def is_current(database: Database) -> bool:
    """Whether the schema is at the newest revision."""
    with database.reading() as session:
        found = MigrationContext.configure(session.core).get_current_revision()
    return found == expected()


def require_current(database: Database) -> None:
    """Raises WrongSchema, saying what to do."""
    if not is_current(database):
        raise WrongSchema("the database schema is not at the expected revision: run `phb-gateway migrate`")


@lru_cache(maxsize=1)
def expected() -> str | None:
    """The newest revision there is; read once, for a probe asks often."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config).get_current_head()
