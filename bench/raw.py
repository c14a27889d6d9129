"""The raw driver writing the very rows the gateway writes for a resource: the ceiling of a create.

The rows come from the store itself, with the change and audit rows; the plain driver inserts them with one
transaction for each resource: on SQLite over one connection (WAL, synchronous FULL, as SQLite has one writer), on
PostgreSQL over as many connections as the gateway has threads, statements prepared.

Source: design decision 5; fhir_gateway.store.records.
"""

import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import make_url

from auth.principal import Principal
from auth.scopes import ScopeSet
from bench.client import Shot, read_shots
from fhir_gateway.access import audit
from fhir_gateway.access.audit import Access
from fhir_gateway.gateway import Caller, Gateway
from fhir_gateway.interactions import write
from fhir_gateway.interactions.context import Context, clock, new_id
from fhir_gateway.settings import Settings
from fhir_gateway.store import records
from fhir_gateway.store.database import SQLITE_PRAGMAS, Session
from fhir_gateway.store.statement import Statement
from mappings.lens import document
from mappings.registry import TYPES

Values = tuple[Any, ...]
Step = tuple[str, list[Values]]
REQUEST: Final = "00000000-0000-4000-8000-000000000000"
PLACEHOLDER: Final = "an id to come"


@dataclass(slots=True)
class Recorder:
    """Stands where a store session stands and keeps what it is told to run."""

    dialect: str
    steps: list[Step] = field(default_factory=list)

    def run(self, statement: Statement, params: dict[str, Any]) -> int:
        """One row."""
        self.many(statement, [params])
        return 1

    def many(self, statement: Statement, params: Sequence[dict[str, Any]]) -> None:
        """Rows of one statement."""
        if not params:
            return
        text, ordered = statement.sql(self.dialect)
        self.steps.append((text, [ordered(one) for one in params]))

    def defer(self) -> None:
        """Nothing is sent from here."""


def rows_of(gateway: Gateway, shots: Sequence[Shot]) -> list[list[Step]]:
    """What the store runs to create each resource, its id left open."""
    principal = Principal(client_id="bench", name="bench", scopes=ScopeSet.parse("system/*.cruds"), token_digest="")
    caller = Caller(None, REQUEST)

    def all_of(session: Session) -> list[list[Step]]:
        ctx = gateway.context_of(session, principal, caller, clock())
        return [_rows(ctx, shot) for shot in shots]

    found: list[list[Step]] = gateway.database.read(all_of)
    return found


def _rows(ctx: Context, shot: Shot) -> list[Step]:
    resource = TYPES[shot.target.rpartition("/")[2]]
    change = write.prepared_create(ctx, resource, PLACEHOLDER, document.parse(shot.body))
    recorder = Recorder(ctx.session.dialect)
    records.write(recorder, [change], ctx.actor)  # type: ignore[arg-type]
    access = Access(
        at=ctx.now,
        client=ctx.principal.client_id,
        action="C",
        subtype="create",
        what=resource.name,
        status=201,
        request=REQUEST,
        people=(change.person,) if change.person else (),
    )
    audit.write(recorder, access)  # type: ignore[arg-type]
    return recorder.steps


def with_id(steps: Sequence[Step], id_: str) -> list[Step]:
    """The rows of a resource under an id of their own, in the text of the resource too."""
    old, new = PLACEHOLDER.encode(), id_.encode()

    def changed(value: Any) -> Any:
        if value == PLACEHOLDER:
            return id_
        return value.replace(old, new, 1) if type(value) is bytes else value

    return [(text, [tuple(changed(value) for value in row) for row in rows]) for text, rows in steps]


class Raw:
    """The baseline on one database. connections: how many at once, on PostgreSQL."""

    def __init__(self, url: str, shots: Sequence[Shot], connections: int) -> None:
        self._url = url
        self._sqlite = url.startswith("sqlite")
        gateway = Gateway(Settings(database_url=url))
        self._rows = rows_of(gateway, shots)
        gateway.close()
        self._connections = 1 if self._sqlite else connections
        self._rate = 2_000.0

    @classmethod
    def read(cls, job: dict[str, Any]) -> "Raw":
        """The baseline that a job describes."""
        return cls(job["database"], read_shots(Path(job["shots"])), job["connections"])

    def run(self, seconds: float) -> dict[str, Any]:
        """Insert for so many seconds: resources, and the seconds they took. What is inserted is made beforehand."""
        want = round(self._rate * seconds * 1.5 / self._connections) + 100
        supplies = [list(self._supply(want, at)) for at in range(self._connections)]
        counts = [0] * self._connections
        gc.collect()
        gc.freeze()  # or the collector would walk the supplies again and again
        start = time.perf_counter()
        threads = [
            threading.Thread(target=self._work, args=(supply, start + seconds, counts, at))
            for at, supply in enumerate(supplies)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        elapsed = time.perf_counter() - start
        if sum(counts) == want * self._connections:
            self._rate *= 2
            return self.run(seconds)
        self._rate = max(self._rate, sum(counts) / elapsed)
        return {"requests": sum(counts), "seconds": elapsed}

    def _supply(self, size: int, at: int) -> Iterator[list[Step]]:
        for number in range(size):
            yield with_id(self._rows[(number + at) % len(self._rows)], new_id())

    def _work(self, supply: Sequence[list[Step]], end: float, counts: list[int], at: int) -> None:
        write_one, close = self._sqlite_writer() if self._sqlite else self._postgresql_writer()
        for done, steps in enumerate(supply, 1):
            write_one(steps)
            counts[at] = done
            if time.perf_counter() >= end:
                break
        close()

    def _sqlite_writer(self) -> tuple[Callable[[list[Step]], None], Callable[[], None]]:
        connection = sqlite3.connect(make_url(self._url).database, isolation_level=None, cached_statements=512)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

        def write_one(steps: list[Step]) -> None:
            connection.execute("BEGIN IMMEDIATE")
            for text, rows in steps:
                if len(rows) == 1:
                    connection.execute(text, rows[0])
                else:
                    connection.executemany(text, rows)
            connection.execute("COMMIT")

        return write_one, connection.close

    def _postgresql_writer(self) -> tuple[Callable[[list[Step]], None], Callable[[], None]]:
        connection = psycopg.connect(
            make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        cursor = psycopg.RawCursor(connection)

        def write_one(steps: list[Step]) -> None:
            cursor.execute("BEGIN")
            for text, rows in steps:
                if len(rows) == 1:
                    cursor.execute(text, rows[0], prepare=True)
                else:
                    cursor.executemany(text, rows)
            cursor.execute("COMMIT")

        return write_one, connection.close
