"""An application over a migrated database of each kind, emptied for each test, and a client that may do everything."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from auth.store import METADATA as AUTH
from fhir_gateway.gateway import Gateway
from fhir_gateway.store.database import Session
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.store.tables import AUDIT_PRUNING, METADATA, SECRET
from tests import databases
from tests.fhir_gateway.api import Api, Loop, opened


@pytest.fixture(scope="session")
def migrate() -> databases.Migrate:
    return upgrade


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def api_on(loop: Loop, migrate: databases.Migrate) -> Iterator[Callable[[str], Api]]:
    """One application for each kind of database, for as long as the tests of one process run."""
    with ExitStack() as stack:

        @cache
        def made(kind: str) -> Api:
            return stack.enter_context(opened(stack.enter_context(databases.fresh(kind, migrate)), loop))

        yield made


@pytest.fixture
def api(database_kind: str, api_on: Callable[[str], Api]) -> Api:
    """On SQLite and on PostgreSQL, with nothing in the database."""
    api = api_on(database_kind)
    api.gateway.database.write(_emptied)
    return api.client()


def _emptied(session: Session) -> None:
    session._behind_wall()  # not as whoever asked last on this connection
    session.command("INSERT INTO audit_pruning VALUES (0)")  # lets the audit go
    for table in (*reversed(METADATA.sorted_tables), *reversed(AUTH.sorted_tables)):
        if table not in (SECRET, AUDIT_PRUNING):
            session.command(f'DELETE FROM "{table.name}"')  # noqa: S608 - our own tables' names
    session.command("DELETE FROM audit_pruning")


@pytest.fixture
def gateway(api: Api) -> Gateway:
    return api.gateway
