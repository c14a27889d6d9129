"""Sets the demonstration up in a folder and serves it on this machine alone.

Source: design section 7.
"""

import socket
import sys
from pathlib import Path
from typing import Any, Final

from alembic.util import CommandError
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from auth import keys
from fhir_gateway.demo import audited, credentials, patient_app, users
from fhir_gateway.demo.loader import load
from fhir_gateway.gateway import Gateway
from fhir_gateway.interactions.context import clock
from fhir_gateway.server import serve
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.web import patient_app as web_app

HOST: Final = "127.0.0.1"
DATABASE: Final = "phb-gateway.sqlite3"
AUDIT_KEY: Final = "audit.key"
SECRET: Final = "secret.key"  # noqa: S105 - the name of a file
PROGRAM: Final = "phb-gateway"


class CannotStart(RuntimeError):
    """The demonstration cannot run here; the message says why in one line."""


def run(port: int, folder: Path = credentials.FOLDER) -> None:
    """Set up and serve until told to stop. Raises CannotStart."""
    _free(port)
    settings = settings_of(folder, port)
    created = set_up(folder, settings)
    announce(Console(), settings, folder, created)
    serve(settings, HOST, port, workers=1)


def settings_of(folder: Path, port: int) -> Settings:
    """The settings of a demonstration: the embedded database, on loopback."""
    return Settings(
        database_url=f"sqlite:///{folder / DATABASE}",
        base_url=f"http://{HOST}:{port}",
        secret_file=folder / SECRET,
        audit_key_file=folder / AUDIT_KEY,
        host=HOST,
        port=port,
        patient_app=patient_app.CLIENT_ID,
        clock=False,  # its people stand at the day of their example
        log_level="WARNING",
    )


def set_up(folder: Path, settings: Settings) -> int:
    """Folder, schema, keys, clients and people, as far as they are missing; how many resources were created.

    Raises CannotStart.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        upgrade(settings.database_url)
        return _filled(folder, settings)
    except OSError as error:
        raise CannotStart(f"{error.filename or folder.absolute()}: {error.strerror}") from error
    except (CommandError, DBAPIError) as error:
        raise CannotStart(
            f"the database in {folder} does not fit this program: remove {folder} and start again"
        ) from error


def _filled(folder: Path, settings: Settings) -> int:
    gateway = Gateway(settings)
    try:
        register(gateway.database, folder, settings)
        created = load(gateway)
        gateway.database.write(lambda session: audited.engage(session, clock()))
        return created
    finally:
        gateway.close()


def register(database: Database, folder: Path, settings: Settings) -> None:
    """The server's signing keys, and the clients with theirs."""
    sealer = keys.Sealer.open(settings.secret_file)

    def work(session: Session) -> None:
        keys.ensure(session.core, sealer, clock())
        scopes = credentials.registered_scopes(session.core)
        before = credentials.known_users(folder)
        content = credentials.prepared(folder, settings, scopes=scopes)
        credentials.register(session.core, content, clock())
        patient_app.register(session.core, settings, clock())
        users.register(session.core, content["users"], before, clock())

    database.write(work)


def announce(console: Console, settings: Settings, folder: Path, created: int) -> None:
    """Where everything is, and three lines to try."""
    base, program = settings.fhir_base, _program()
    janice = credentials.known_users(folder)["janice"]
    made = f"{created} resources created" if created else "everything was there already, nothing was changed"
    lines = (
        f"[bold]PHB gateway, demonstration[/bold] - invented people only ({made})",
        "",
        f"  Patient app  {web_app.redirect_uri(settings)}",
        f"               log in as {janice['username']}, password {janice['password']}",
        f"  FHIR         {base}",
        f"  API pages    {settings.base_url}/docs",
        f"  Readiness    {settings.base_url}/health/ready",
        f"  Credentials  {folder / credentials.FILE} (keys of the clients, all logins; for this machine only)",
        "",
        "Try, in a second terminal in this folder:",
        "",
        f"  TOKEN=$({program} token record-keeper)",
        f'  curl -s -H "Authorization: Bearer $TOKEN" {base}/Patient/janice',
        f'  curl -s -H "Authorization: Bearer $TOKEN" "{base}/Patient/janice/\\$statement?date=2025-09-30&_format=csv"',
        "",
        "Ctrl-C stops it; what you change stays in the folder until you remove it.",
    )
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, emoji=False)


def _program() -> str:
    """How this program was called, so that the lines can be pasted."""
    called: Any = sys.argv[0]
    return called if Path(called).name == PROGRAM else PROGRAM


def _free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotStart(
                f"port {port} cannot be used ({error.strerror}): choose another, PORT={port + 1}"
            ) from error
