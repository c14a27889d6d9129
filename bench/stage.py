"""Where the bench plays: a temporary folder, the databases in it at each size, and a token to ask with.

The larger database is the smaller one, copied, with the rest loaded on top, so that both stand side by side and
can be measured in turn.

Source: PostgreSQL 18 manual, 18.6 and 22.3; sqlite.org backup.html.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import pysqlite3.dbapi2 as sqlite3
from psycopg import sql
from sqlalchemy import insert, make_url

from auth import tokens
from auth.principal import Principal
from auth.scopes import ScopeSet
from auth.store import CLIENT
from bench.load import Loaded, load
from bench.people import HELD, HOLDER, People
from fhir_gateway.gateway import Caller, Gateway
from fhir_gateway.interactions import write
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import Settings
from fhir_gateway.store import records
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.migrate import upgrade
from mappings.lens import document
from mappings.registry import TYPES
from tests.databases import PostgresServer, close_run, guard, open_run

SCOPE: Final = "system/*.cruds"
NO_KEYS: Final = '{"keys":[]}'  # the bench never asks the token endpoint
TOKEN_LIFE_S: Final = 6 * 3600
# What a production server of this memory would be given, and what keeps a run of minutes from measuring checkpoints.
SERVER_SETTINGS: Final = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "autovacuum": "on",
    "random_page_cost": "1.1",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One database, filled. scale: how many times the base population it holds. loaded: how its last file went in."""

    kind: str
    scale: int
    people: People
    url: str
    token: str
    loaded: Loaded


@contextmanager
def folder() -> Iterator[Path]:
    """A private temporary folder, removed at the end with any server in it, also when this process is killed."""
    found = open_run()
    guard(owner=os.getpid(), folder=found)
    try:
        yield found
    finally:
        close_run(found)


def server(place: Path) -> PostgresServer:
    """A PostgreSQL that keeps every promise, set up as in production. `folder` stops it."""
    where = place / "postgresql"
    started = PostgresServer.start(where, durable=True)
    with psycopg.connect(_libpq(started.url()), autocommit=True) as connection:
        for name, value in SERVER_SETTINGS.items():
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    started.stop()
    return PostgresServer.start(where, durable=True)


def stages(kind: str, place: Path, populations: Sequence[tuple[int, People]]) -> list[Stage]:
    """A filled database for each (scale, people), small to large, each holding what the one before holds."""
    found: list[Stage] = []
    postgres = server(place) if kind == "postgresql" else None
    for scale, people in populations:
        name = f"bench_{scale}"
        url = postgres.url(name) if postgres else f"sqlite:///{place / name}.sqlite3"
        if found:
            _copy(found[-1].url, url, postgres)
        else:
            _create(name, postgres)
            upgrade(url)
        first = found[-1].people.count if found else 0
        loaded = _filled(url, place / f"{name}.ndjson", people, first)
        if not found:
            _long_ledger(url, people)
        if postgres:
            _tidy(url)
        found.append(Stage(kind, scale, people, url, found[-1].token if found else _token(url), loaded))
    return found


def _filled(url: str, file: Path, people: People, first: int) -> Loaded:
    count = people.write(file, first)
    try:
        return load(url, file, count)
    finally:
        file.unlink()


def _long_ledger(url: str, people: People) -> None:
    """Thousands of payments for one person, as the write path leaves them: it would judge each against all of them."""
    gateway = Gateway(Settings(database_url=url))
    principal = Principal(client_id="bench", name="bench", scopes=ScopeSet.parse(SCOPE), token_digest="")

    def stored(session: Session) -> None:
        ctx = gateway.context_of(session, principal, Caller(None, "bench"), clock())
        trees = (document.parse(line.encode()) for line in people.ledger(HOLDER, HELD - 1))
        changes = [write.prepared_create(ctx, TYPES["Claim"], one["id"], one) for one in trees]
        records.write(session, changes, ctx.actor)

    gateway.database.write(stored)
    gateway.close()


def _create(name: str, postgres: PostgresServer | None) -> None:
    if postgres is None:
        return
    with psycopg.connect(_libpq(postgres.url()), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _copy(source: str, target: str, postgres: PostgresServer | None) -> None:
    """The database again under another name."""
    if postgres is None:
        _copy_file(make_url(source).database or "", make_url(target).database or "")
        return
    names = [sql.Identifier(make_url(one).database or "") for one in (target, source)]
    with psycopg.connect(_libpq(postgres.url()), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(*names))


def _copy_file(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(source, target)


def _tidy(url: str) -> None:
    """What autovacuum does by itself after a large load, done at once so that no round runs beside it."""
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _token(url: str) -> str:
    """An access token of a system client, as the token endpoint would write it but for its life."""
    now = clock()
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            client = {
                "client_id": "bench",
                "name": "bench",
                "status": "active",
                "scope": SCOPE,
                "aud": "either",
                "jwks": NO_KEYS,
            }
            connection.execute(insert(CLIENT).values(**client, created_at=now))
            issued = tokens.issue(connection, "bench", SCOPE, now, TOKEN_LIFE_S)
    finally:
        database.close()
    return issued.access_token
