"""A database with the tables of `auth` and nothing else, and a server over it with one client registered."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from auth import clients
from tests import databases
from tests.auth.builders import NOW, Server, fill, opened, registration


@pytest.fixture(scope="session")
def migrate() -> databases.Migrate:
    return fill


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """On SQLite and on PostgreSQL."""
    with opened(database_url) as engine:
        yield engine


@pytest.fixture
def server(engine: Engine) -> Server:
    server = Server(engine)
    server.write(lambda conn: clients.add(conn, registration(), NOW))
    return server
