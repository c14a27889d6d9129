"""`phb-gateway reconcile`: a payment list loaded and held against the funder's ledger.

Source: docs/loading.md; interactions/operations/reconcile.py.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from fhir_gateway.interactions.operations.reconcile import BODY, reconciliation
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.reconciliation import VERDICTS, Reconciliation
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database
from fhir_gateway.sync import column_map as maps
from fhir_gateway.sync import payment_list, sources
from fhir_gateway.sync.column_map import ColumnMap, UnusableMap
from fhir_gateway.sync.load import load
from fhir_gateway.web import reconciliation_table

GZIPPED: Final = ".gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What is written. out: the verdict of every row; report: rows that could not be loaded."""

    out: Path
    report: Path


def reconcile(
    settings: Settings,
    path: Path,
    *,
    column_map: str | None,
    funder: str | None,
    files: Files,
    console: Console,
) -> bool:
    """Whether every row was loaded and has its match, and no payment is missing. funder: Organization id.

    Raises UnusableMap, NotFound.
    """
    name = path.name.removesuffix(GZIPPED)
    chosen = maps.named(column_map) if column_map is not None else maps.chosen(name)
    if chosen is None:
        raise UnusableMap("no column map fits this file: name one with --map")
    refused = load(settings, [path], column_map=column_map, report=files.report, console=console)
    found = _reconciled(settings, payment_list.list_id_of(chosen, name), _rows_of(path, chosen), funder)
    files.out.write_bytes(reconciliation_table.render(found))
    _tell(console, found, files.out)
    return found.agrees and not refused


def _rows_of(path: Path, chosen: ColumnMap) -> frozenset[str]:
    """Ids of the rows the file has now: the list may have been sent before with others."""
    name = path.name.removesuffix(GZIPPED)
    with sources.opened(path) as file:
        return frozenset(
            payment_list.id_of(name, chosen, row)
            for rows in payment_list.read(file, name, chosen)
            for row in rows.rows
            if payment_list.wanted(rows, row)
        )


def _reconciled(settings: Settings, list_id: str, rows: frozenset[str], funder: str | None) -> Reconciliation:
    reference = None if funder is None else BODY + funder.removeprefix(BODY)
    database = Database(settings.database_url)
    try:
        found: Reconciliation = database.read(lambda session: reconciliation(session, list_id, None, reference, rows))
    finally:
        database.close()
    return found


def _tell(console: Console, found: Reconciliation, out: Path) -> None:
    counts = ", ".join(f"{count} {verdict}" for verdict in VERDICTS if (count := found.count(verdict)))
    sums = f"listed GBP {pounds(found.listed)}, in the ledger GBP {pounds(found.paid)}"
    says = f"{counts}; {sums}, difference GBP {pounds(found.difference)}; {out} has every row"
    console.print(says, markup=False, highlight=False, soft_wrap=True)
