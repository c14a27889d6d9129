"""Connections and transactions on SQLite and PostgreSQL: the same statements run on both.

SQLite: WAL, synchronous FULL, one writer at a time behind a process lock and a file lock, BEGIN IMMEDIATE.
PostgreSQL: psycopg with binary results, READ COMMITTED. Each thread holds one connection.

Source: docs/adr/0004; sqlite.org wal.html (the checkpoint fault mended in 3.51.3).
"""

import fcntl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from fhir_gateway.store.statement import Statement

T = TypeVar("T")
ASKER_ROLE: Final = "phb_asker"  # owns no table; row security holds it to the people `phb.who` is tied to
UNKNOWN: Final = "?"
# A plan made once for everybody guesses badly how many rows a tie leaves: a page took sixty times as long (measured).
RAISE_WALL: Final = (
    "SELECT set_config('role', $1, false), set_config('phb.who', $2, false), "
    "set_config('plan_cache_mode', CASE WHEN $1 = 'none' THEN 'auto' ELSE 'force_custom_plan' END, false)"
)
Row = Sequence[Any]
Params = Mapping[str, Any]
SAFE_SQLITE: Final = (3, 51, 3)
LOCK_WAIT_S: Final = 10.0
LOCK_POLL_S: Final = 0.001
RETRIES: Final = 5
SQLITE_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "temp_store=MEMORY",
    "cache_size=-65536",
    "wal_autocheckpoint=4000",
)
PG_OPTIONS: Final = (
    "-c statement_timeout=30000 -c lock_timeout=10000 -c default_transaction_isolation=read\\ committed -c jit=off"
)
PREPARE_AFTER: Final = 3  # uses of a statement on one connection; planning costs PostgreSQL more than running here
PREPARED: Final = 256  # statements kept on one connection
DriverError: Final = (sqlite3.Error, psycopg.Error)
UniqueViolation: Final = (sqlite3.IntegrityError, psycopg.errors.UniqueViolation)
Unavailable: Final = (sqlite3.OperationalError, psycopg.OperationalError, psycopg.InterfaceError)
_RETRYABLE: Final = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


class Busy(Exception):
    """The database could not be had in time; try again later."""


class Lost(Busy):
    """The connection is gone; another may serve."""


Transient: Final = (Busy, *Unavailable, *_RETRYABLE, *UniqueViolation)


class Session:
    """One connection in use: runs prepared statements on the driver's cursor. `core` is its SQLAlchemy form."""

    __slots__ = ("_cursor", "_pipeline", "_stands", "_wall", "core", "dialect", "driver")

    def __init__(self, core: Connection) -> None:
        self.core = core
        driver: Any = core.connection.driver_connection
        self.driver = driver
        self.dialect: str = core.dialect.name
        if self.dialect != "sqlite":
            driver.prepared_max = PREPARED
        self._cursor = driver.cursor if self.dialect == "sqlite" else partial(psycopg.RawCursor, driver)
        self._pipeline: Any = None
        self._wall: str | None = None
        self._stands: str | None = None

    def wall(self, who: str | None) -> None:
        """From here on show only the rows of people `who` is tied to: references joined by commas.

        None: the gateway's own work, as at the start of every use. On PostgreSQL row security holds what the access
        policy already put into the statement, so that one wall may fail; SQLite has no such thing.
        """
        self._wall = who

    def _raise_wall(self) -> None:
        role, who = (ASKER_ROLE, self._wall) if self._wall is not None else ("none", "")
        cursor = self._cursor()
        cursor.execute(RAISE_WALL, (role, who))
        cursor.close()
        self._stands = self._wall

    def forget_wall(self) -> None:
        """After a rollback, which takes back what was set in the transaction: set it anew before anything is read."""
        self._stands = UNKNOWN

    def rows(self, statement: Statement, params: Params) -> list[Row]:
        """Every row of a query."""
        self.settle()
        cursor = self._run(statement, params)
        found: list[Row] = cursor.fetchall()
        cursor.close()
        return found

    def row(self, statement: Statement, params: Params) -> Row | None:
        """The first row of a query."""
        self.settle()
        cursor = self._run(statement, params)
        found: Row | None = cursor.fetchone()
        cursor.close()
        return found

    def run(self, statement: Statement, params: Params) -> int:
        """The number of rows an INSERT, UPDATE or DELETE touched."""
        cursor = self._run(statement, params)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def many(self, statement: Statement, params: Sequence[Params]) -> None:
        """The statement once for each set of parameters."""
        if len(params) == 1:
            self.run(statement, params[0])
            return
        if not params:
            return
        self._behind_wall()
        sql, ordered = statement.sql(self.dialect)
        cursor = self._cursor()
        cursor.executemany(sql, [ordered(one) for one in params])
        cursor.close()

    def _behind_wall(self) -> None:
        if self._stands != self._wall and self.dialect != "sqlite":
            self._raise_wall()

    def _run(self, statement: Statement, params: Params) -> Any:
        self._behind_wall()
        sql, ordered = statement.sql(self.dialect)
        cursor = self._cursor()
        if self.dialect == "sqlite":
            cursor.execute(sql, ordered(params))
        else:
            cursor.execute(sql, ordered(params), binary=True)
        return cursor

    def defer(self) -> None:
        """Until something is read or the transaction ends, send statements without waiting for each.

        PostgreSQL's pipeline mode. What is sent so is not prepared: of a pipeline that is given up the driver would
        believe statements prepared that never were.
        """
        if self.dialect != "sqlite" and self._pipeline is None:
            self.driver.prepare_threshold = None
            self._pipeline = self.driver.pipeline()
            self._pipeline.__enter__()

    @property
    def deferred(self) -> bool:
        """Whether statements were sent that nobody has waited for."""
        return self._pipeline is not None

    def lost(self) -> bool:
        """Whether the connection itself is gone."""
        return self.dialect != "sqlite" and bool(self.driver.closed or self.driver.broken)

    def settle(self, error: BaseException | None = None) -> None:
        """Wait for what was sent; raises what the database found wrong, unless `error` says so already."""
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.__exit__(type(error) if error else None, error, None)
            self.driver.prepare_threshold = PREPARE_AFTER

    def command(self, sql: str) -> None:
        """A bare command such as COMMIT."""
        self.driver.execute(sql)


class Database:
    """One database, by its URL (`sqlite:///file.db`, `postgresql+psycopg://...`)."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self.engine = _engine(url)
        self._held = threading.local()
        self._all: list[Session] = []
        self._guard = threading.Lock()
        self._writer = _FileLock(self.url.database) if self.dialect == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """This thread's connection, every statement on its own."""
        session = self._session()
        session.wall(None)
        try:
            yield session
        except Unavailable as error:
            raise self._busy(session) from error

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        if self._writer is None:
            yield from self._transaction("BEGIN")
            return
        with self._writer:
            yield from self._transaction("BEGIN IMMEDIATE")

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """One unchanging view of the database, for reading only."""
        session = self._session()
        session.wall(None)
        session.command("BEGIN" if self.dialect == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield session
        finally:
            session.command("ROLLBACK")
            session.forget_wall()

    def _begun(self, begin: str) -> Session:
        """This thread's connection in a new transaction; a fresh one where the old had gone away meanwhile."""
        session = self._session()
        try:
            session.command(begin)
        except Unavailable as error:
            if not isinstance(self._busy(session), Lost):
                raise Busy from error
            session = self._session()
            session.command(begin)
        session.wall(None)
        return session

    def _busy(self, session: Session) -> Busy:
        """What to raise when the database did not answer; a connection that is gone is given up."""
        if not session.lost():
            return Busy()
        self._discard(session)
        return Lost()

    def _transaction(self, begin: str) -> Iterator[Session]:
        try:
            session = self._begun(begin)
        except Unavailable as error:
            raise Busy from error
        try:
            yield session
            session.command("COMMIT")
            session.settle()
        except _RETRYABLE as error:
            self._rolled_back(session, error)
            raise
        except Unavailable as error:
            self._rolled_back(session, error)
            raise Busy from error
        except BaseException as error:
            self._rolled_back(session, error)
            raise

    def _rolled_back(self, session: Session, error: BaseException) -> None:
        deferred = session.deferred
        try:
            session.settle(error)
            session.command("ROLLBACK")
        except DriverError:
            deferred = True
        session.forget_wall()
        # statements prepared in a pipeline that was aborted are not there, though the driver thinks so
        if deferred:
            self._discard(session)

    def write(self, job: Callable[[Session], T]) -> T:
        """`job(session)` in one transaction, again when PostgreSQL asks for it or a unique key was taken meanwhile."""
        for attempt in range(RETRIES):
            try:
                with self.writing() as session:
                    return job(session)
            except (*_RETRYABLE, *UniqueViolation):
                if attempt == RETRIES - 1:
                    raise
                time.sleep(0.005 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def read(self, job: Callable[[Session], T]) -> T:
        """`job(session)` on this thread's connection, once more when the connection was lost."""
        try:
            with self.reading() as session:
                return job(session)
        except Lost:
            with self.reading() as session:
                return job(session)

    def _session(self) -> Session:
        session: Session | None = getattr(self._held, "session", None)
        if session is None or session.core.closed:
            session = self._held.session = Session(self._connected())
            with self._guard:
                self._all.append(session)
        return session

    def _connected(self) -> Connection:
        try:
            return self.engine.connect()
        except DBAPIError as error:
            raise Busy from error

    def _discard(self, session: Session) -> None:
        self._held.session = None
        with self._guard:
            if session in self._all:
                self._all.remove(session)
        session.core.invalidate()
        session.core.close()

    def close(self) -> None:
        """Close every thread's connection."""
        with self._guard:
            sessions, self._all = self._all, []
        for session in sessions:
            session.core.close()
        self.engine.dispose()
        if self._writer is not None:
            self._writer.close()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"options": PG_OPTIONS, "connect_timeout": 10, "prepare_threshold": PREPARE_AFTER},
    )


def _sqlite_engine(url: str) -> Engine:
    if sqlite3.sqlite_version_info < SAFE_SQLITE:
        raise RuntimeError(f"SQLite {sqlite3.sqlite_version} may corrupt a WAL database; 3.51.3 or later is needed")
    path = make_url(url).database or ":memory:"

    def connect() -> Any:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    return create_engine(
        url, module=sqlite3, creator=connect, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
    )


class _FileLock:
    """One writer at a time, in this process and among processes on one file."""

    def __init__(self, database: str | None) -> None:
        self._threads = threading.Lock()
        self._file = Path(f"{database}.lock").open("a") if database and database != ":memory:" else None  # noqa: SIM115

    def __enter__(self) -> None:
        if not self._threads.acquire(timeout=LOCK_WAIT_S):
            raise Busy
        try:
            self._lock_file()
        except BaseException:
            self._threads.release()
            raise

    def _lock_file(self) -> None:
        deadline = time.monotonic() + LOCK_WAIT_S
        while self._file is not None:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy from None
                time.sleep(LOCK_POLL_S)
            else:
                return

    def __exit__(self, *_: object) -> None:
        try:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Give the lock file back."""
        if self._file is not None:
            self._file.close()
