"""What the tests of loading share: files written, a load run, and what the database then holds."""

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import func, select

from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database
from fhir_gateway.store.tables import CHANGE, HISTORY, RESOURCES
from fhir_gateway.sync.column_map import ColumnMap, parse
from fhir_gateway.sync.load import load
from fhir_gateway.sync.payment_list import Row, Rows, read, resource_of
from mappings.namespaces import code_system

SAMPLES = Path(__file__).parents[2] / "samples" / "payment-lists"
CORPUS = Path(__file__).parents[3].parent / "shared" / "samples"
MAP = """
name = "example"
title = "An example list"
files = ["example*.csv"]

[body]
ods_code = "93C"
name = "An example body"

[date]
column = "Day"
formats = ["%d/%m/%Y", "%m/%d/%Y"]

[amount]
column = "Amount"

[text]
payee = "Payee"
description = "What"
reference = "Number"
"""
HEADINGS = "Day,Payee,What,Number,Amount\n"


def a_map(*changes: tuple[str, str]) -> ColumnMap:
    """The example map with some text replaced."""
    text = MAP
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text, "example.toml")


def rows_of(text: str | bytes, column_map: ColumnMap | None = None, headings: str = HEADINGS) -> list[tuple[Rows, Row]]:
    """Every row of a list."""
    data = headings.encode() + (text.encode() if isinstance(text, str) else text)
    return [(rows, row) for rows in read(io.BytesIO(data), "example.csv", column_map or a_map()) for row in rows.rows]


def refusals_of(text: str | bytes, column_map: ColumnMap | None = None) -> list[tuple[int, str, str]]:
    """Line, column and reason of every fault."""
    return [
        (row.line, fault.column, str(fault))
        for rows, row in rows_of(text, column_map)
        for fault in resource_of("example.csv", rows, row)[2]
    ]


def amounts_of(text: str | bytes, column_map: ColumnMap | None = None) -> list[Decimal | None]:
    """The amount of every row, in pounds."""
    return [resource_of("example.csv", rows, row)[1] for rows, row in rows_of(text, column_map)]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A load that is over."""

    refused: int
    said: str
    report: list[dict[str, str]]


class Loads:
    """A database and a folder of files to load into it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def write(self, name: str, content: bytes | str | Any) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    def __call__(self, *paths: Path, **options: Any) -> Loaded:
        report, said = self.folder.parent / "report.csv", io.StringIO()
        console = Console(file=said, width=1000)
        found = list(paths) or [self.folder]
        options = {"processes": 1, **options}
        refused = load(Settings(database_url=self.url), found, report=report, console=console, **options)
        with report.open(encoding="utf-8", newline="") as file:
            return Loaded(refused, said.getvalue(), list(csv.DictReader(file)))

    def query(self, statement: Any) -> list[Any]:
        database = Database(self.url)
        try:
            with database.engine.connect() as connection:
                return list(connection.execute(statement))
        finally:
            database.close()

    def stored(self, resource_type: str) -> dict[str, tuple[int, bytes]]:
        """Version and text by id."""
        table = RESOURCES[resource_type]
        rows = self.query(select(table.c.id, table.c.version, table.c.text))
        return {row[0]: (row[1], bytes(row[2])) for row in rows}

    def everything(self) -> list[Any]:
        """Counts of changes, history and of each type: equal when nothing was written."""
        tables = (CHANGE, HISTORY, *RESOURCES.values())
        return [self.query(select(func.count()).select_from(table))[0][0] for table in tables]


def patient(id: str, **more: Any) -> Any:  # noqa: A002
    return {"resourceType": "Patient", "id": id, "active": True, **more}


def goal(id: str, person: str, text: str = "walk the dog") -> Any:  # noqa: A002
    kind = {"system": "http://example.org/kinds", "code": "other"}
    return {
        "resourceType": "Goal",
        "id": id,
        "lifecycleStatus": "active",
        "category": [{"coding": [kind]}],
        "description": {"text": text},
        "subject": {"reference": person},
    }


def plan(id: str, person: str, **more: Any) -> Any:  # noqa: A002
    kind = {"system": code_system("phb-plan-kind"), "code": "personalised-care-and-support-plan"}
    return {
        "resourceType": "CarePlan",
        "id": id,
        "status": "active",
        "intent": "plan",
        "category": [{"coding": [kind]}],
        "subject": {"reference": person},
        **more,
    }


def ndjson(*resources: Any) -> str:
    return "".join(json.dumps(one) + "\n" for one in resources)


def bundle(*entries: Any) -> Any:
    return {"resourceType": "Bundle", "type": "collection", "entry": list(entries)}
