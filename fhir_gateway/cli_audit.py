"""The command line of the audit: `phb-gateway audit seal|verify|head|prune`.

Source: security requirement S64; security reference, section 5.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, TypeVar

import typer
from rich.console import Console

from fhir_gateway.access import seal
from fhir_gateway.access.pruning import prune
from fhir_gateway.access.seal import Head, Key
from fhir_gateway.access.seal_check import check
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import Settings
from fhir_gateway.store import audit_rows
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import require_current

T = TypeVar("T")
AUDIT: Final = typer.Typer(no_args_is_help=True, help="The record of who looked: its seals, its check, its retention.")
OUT: Final = Console()
SHOWN: Final = 20


def mount(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(AUDIT, name="audit")


@AUDIT.command("seal")
def audit_seal() -> None:
    """Seal what waits, as a running gateway does each minute."""
    made = _with(lambda database, key: seal.seal_all(database, key, clock()))
    _say(f"{len(made)} seals over {sum(one.rows for one in made)} rows")


@AUDIT.command("verify")
def audit_verify(
    head: Annotated[
        list[str] | None, typer.Option(help="a head that was told elsewhere, number:code; may be given again")
    ] = None,
) -> None:
    """Hold the audit against its seals; exit code 1 when a row or seal is not as it was."""
    told = [Head.parse(one) for one in head or ()]

    def work(database: Database, key: Key) -> int:
        heads = [*told, *filter(None, [key.remembered()])]
        found = database.read(lambda session: check(session, key, heads))
        for fault in found.faults[:SHOWN]:
            _say(fault)
        state = "the audit is as it was sealed" if not found.faults else "the audit is NOT as it was sealed"
        _say(f"{state}: {found.seals} seals, {found.rows} rows, {found.pruned} pruned, {found.unsealed} not sealed yet")
        return 1 if found.faults else 0

    raise typer.Exit(_with(work))


@AUDIT.command("head")
def audit_head() -> None:
    """Print the newest seal, to be kept in a second place."""
    last = _with(lambda database, _: database.read(audit_rows.last_seal))
    _say(str(Head(last.n, last.mac)) if last else "nothing is sealed yet")


@AUDIT.command("prune")
def audit_prune(
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="rows of days before this one go")],
) -> None:
    """Take away rows that are past their time, eight years at the least, and leave a tombstone."""
    stone = _with(lambda database, key: database.write(lambda session: prune(session, key, before.date(), clock())))
    _say(f"seals {stone.first} to {stone.last}: {stone.rows} rows are gone" if stone else "nothing is old enough")


def _with(work: Callable[[Database, Key], T]) -> T:
    settings = Settings()
    database = Database(settings.database_url)
    require_current(database)
    try:
        return work(database, Key.open(settings.audit_key_file))
    finally:
        database.close()


def _say(line: str) -> None:
    OUT.print(line, highlight=False, markup=False, soft_wrap=True)
