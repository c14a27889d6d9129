"""The command line: `phb-gateway serve demo token migrate load reconcile tick verify client key openapi`.

Source: design section 7.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from auth import keys
from auth.errors import AuthError
from fhir_gateway import cli_access, cli_audit, cli_clients, cli_users
from fhir_gateway.access import audit
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Busy, Database
from fhir_gateway.store.migrate import WrongSchema, require_current, upgrade
from mappings.lens.errors import FhirError

T = TypeVar("T")
APP: Final = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The PHB gateway: personal health budgets over FHIR R4."
)
KEY: Final = typer.Typer(no_args_is_help=True, help="The server's own signing keys.")
cli_clients.mount(APP)
APP.add_typer(KEY, name="key")
cli_access.mount(APP)
cli_audit.mount(APP)
cli_users.mount(APP)
OUT: Final = Console()
ERR: Final = Console(stderr=True)


def main() -> None:
    """Run the command line; a refusal is one line on stderr and exit code 1."""
    try:
        APP()
    except ValidationError as error:
        first = error.errors()[0]
        _refused(f"PHB_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except Busy:
        _refused("the database cannot be had")
    except DBAPIError as error:
        _refused(f"the database cannot be had ({type(error.orig).__name__})")
    except OSError as error:
        _refused(f"{error.filename or 'a file'}: {error.strerror}")
    except (AuthError, FhirError, WrongSchema, SQLAlchemyError, ValueError) as error:
        _refused(str(error).partition("\n")[0])


def _refused(reason: str) -> NoReturn:
    ERR.print(f"[red]phb-gateway:[/red] {escape(reason)}", highlight=False, soft_wrap=True)
    sys.exit(1)


@APP.command()
def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on (PHB_HOST)")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on (PHB_PORT)", min=1, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="processes (PHB_WORKERS)")] = None,
) -> None:
    """Serve the gateway."""
    from fhir_gateway.server import serve as run

    settings = Settings()
    _current(settings)
    run(settings, host or settings.host, port or settings.port, workers or settings.workers)


@APP.command()
def demo(port: Annotated[int, typer.Option(min=1, max=65535, help="port to listen on")] = 8000) -> None:
    """Set up the demonstration people in an embedded database and serve them."""
    from fhir_gateway.demo.start import CannotStart, run

    try:
        run(port)
    except CannotStart as error:
        _refused(str(error))


@APP.command()
def token(name: Annotated[str, typer.Argument(help="a client of the demonstration, such as council-sync")]) -> None:
    """Print an access token of a demonstration client, got by a signed assertion."""
    from fhir_gateway.demo.credentials import FOLDER
    from fhir_gateway.demo.token import Refused
    from fhir_gateway.demo.token import token as ask

    try:
        OUT.print(ask(name, FOLDER), highlight=False, markup=False, soft_wrap=True)
    except Refused as error:
        _refused(str(error))


@APP.command()
def migrate() -> None:
    """Bring the database to the schema this program expects."""
    settings = Settings()
    upgrade(settings.database_url)
    cli_access.tie_everybody(settings)
    OUT.print("the database schema is up to date")


@APP.command()
def load(
    paths: Annotated[
        list[Path], typer.Argument(help="FHIR JSON, Bundles, NDJSON (also .gz), payment lists in CSV, folders")
    ],
    column_map: Annotated[
        str | None, typer.Option("--map", help="column map of payment lists: a shipped name or a TOML file")
    ] = None,
    report: Annotated[Path, typer.Option(help="where refused rows are written")] = Path("load-report.csv"),
    processes: Annotated[int, typer.Option(help="processes that judge and derive; 0 chooses")] = 0,
) -> None:
    """Load files; rows that are refused go to the report, the rest is stored, and loading twice changes nothing."""
    from fhir_gateway.sync.load import load as run

    settings = Settings()
    _current(settings)
    refused = run(settings, paths, column_map=column_map, report=report, processes=processes, console=OUT)
    raise typer.Exit(2 if refused else 0)


@APP.command()
def reconcile(
    payment_list: Annotated[Path, typer.Argument(help="a funder's payment list in CSV")],
    column_map: Annotated[
        str | None,
        typer.Option("--map", help="its column map: a shipped name or a TOML file; by file name if left out"),
    ] = None,
    funder: Annotated[str | None, typer.Option(help="id of the Organization, where the list does not name it")] = None,
    out: Annotated[Path, typer.Option(help="where the verdict of every row is written")] = Path("reconciliation.csv"),
    report: Annotated[Path, typer.Option(help="where refused rows are written")] = Path("load-report.csv"),
) -> None:
    """Load a payment list and hold it against the funder's ledger, row by row; exit code 2 unless all of it agrees."""
    from fhir_gateway.sync.reconcile import Files
    from fhir_gateway.sync.reconcile import reconcile as run

    settings = Settings()
    _current(settings).close()
    files = Files(out=out, report=report)
    agrees = run(settings, payment_list, column_map=column_map, funder=funder, files=files, console=OUT)
    raise typer.Exit(0 if agrees else 2)


@APP.command()
def tick(
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="up to this day; today")] = None,
) -> None:
    """Do what is due by a day, as a running gateway does each hour: payments, transfers, overdue reviews."""
    from fhir_gateway.gateway import Gateway
    from fhir_gateway.sync.clock import tick as run

    settings = Settings()
    gateway = Gateway(settings, _current(settings))
    try:
        done = run(gateway, day.date() if day else None)
    finally:
        gateway.close()
    OUT.print(
        f"{done.payments} payments, {done.transfers} transfers, {done.flagged} records flagged; "
        f"{len(done.refused)} left as they are",
        highlight=False,
    )
    for one in done.refused:
        OUT.print(f"{one.reference}: {', '.join(one.rules)}", highlight=False)


@APP.command()
def verify() -> None:
    """Derive every record again from its stored text and report any difference."""
    from fhir_gateway.store.verify import verify as run

    settings = Settings()
    _current(settings)
    raise typer.Exit(run(settings, OUT))


@APP.command()
def openapi() -> None:
    """Print the OpenAPI description."""
    from fhir_gateway.http.openapi import openapi as described

    sys.stdout.write(json.dumps(described(Settings().base_url), indent=1, ensure_ascii=False) + "\n")


# --- keys -------------------------------------------------------------------------------------------


@KEY.command("rotate")
def key_rotate(
    emergency: Annotated[bool, typer.Option("--emergency", help="replace the active keys at once")] = False,  # noqa: FBT002
) -> None:
    """Publish the next signing keys and promote the published ones."""
    settings = Settings()
    sealer = keys.Sealer.open(settings.secret_file)
    for one in _with(settings, lambda conn: _rotated(conn, sealer, emergency=emergency)):
        OUT.print(str(one), highlight=False)


def _rotated(conn: Any, sealer: keys.Sealer, *, emergency: bool) -> list[keys.Rotation]:
    audit.note(conn, "key", "done", client_id="operator")
    return keys.rotate(conn, sealer, clock(), emergency=emergency)


def _with(settings: Settings, work: Any) -> Any:
    database = _current(settings)
    try:
        return database.write(lambda session: work(session.core))
    finally:
        database.close()


def _current(settings: Settings) -> Database:
    database = Database(settings.database_url)
    require_current(database)
    return database
