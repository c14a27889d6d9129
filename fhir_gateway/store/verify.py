"""`phb-gateway verify`: every record derived again from its stored text, and compared with its columns.

Source: design decision 1: the text is the record's FHIR form, the columns a view of it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from rich.console import Console
from sqlalchemy import and_, bindparam, func, select, true

from fhir_gateway.settings import Settings
from fhir_gateway.store import records, tie_check
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.records import Change, Stored
from fhir_gateway.store.search import LAST_CHARACTER
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES, ROWS, SEARCH_VALUE, row_tables
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import FhirError, Issue
from mappings.lens.mapping import ResourceType
from mappings.lens.search import span
from mappings.registry import TYPES

PAGE: Final = 500
SHOWN: Final = 50
Row = dict[str, Any]


def verify(settings: Settings, console: Console) -> int:
    """Print every difference (the first 50) and the count of each type; 0 when there is none, 1 otherwise."""
    database = Database(settings.database_url)
    found = 0
    try:
        with database.snapshot() as session:
            for resource in TYPES.values():
                count, differences = _verified(session, resource)
                for line in differences[: max(0, SHOWN - found)]:
                    console.print(line, highlight=False, markup=False)
                found += len(differences)
                if count or differences:
                    console.print(f"{resource.name}: {count} verified, {len(differences)} differ", highlight=False)
            untied = list(tie_check.differences(session))
            for line in untied[: max(0, SHOWN - found)]:
                console.print(line, highlight=False, markup=False)
            found += len(untied)
    finally:
        database.close()
    console.print("every record agrees with its text" if not found else f"{found} differences", highlight=False)
    return 1 if found else 0


def _verified(session: Session, resource: ResourceType) -> tuple[int, list[str]]:
    count = 0
    differences = list(_left_over(session, resource))
    for rows in _pages(session, resource.name):
        count += len(rows)
        beside = _beside(session, resource, [row["id"] for row in rows])
        for row in rows:
            differences += [f"{resource.name}/{row['id']}: {one}" for one in _compared(resource, row, beside)]
    return count, differences


def _left_over(session: Session, resource: ResourceType) -> Iterator[str]:
    """Rows beside resources that are not there."""
    name, key = resource.name, SEARCH_VALUE.c.key
    values = and_(key > f"{name}.", key < f"{name}.{LAST_CHARACTER}")
    for table, mine in [(SEARCH_VALUE, values), *((ROWS[name, one], true()) for one in row_tables(resource))]:
        orphans = select(func.count()).select_from(table).where(mine, table.c.id.not_in(select(RESOURCES[name].c.id)))
        row = session.row(Statement(orphans), {})
        if row and row[0]:
            yield f"{name}: {row[0]} rows of {table.name} belong to nothing"


def _pages(session: Session, resource_type: str) -> Iterator[list[Row]]:
    table = RESOURCES[resource_type]
    names = [column.name for column in table.columns]
    statement = Statement(select(table).where(table.c.id > bindparam("after")).order_by(table.c.id).limit(PAGE))
    after = ""
    while rows := [dict(zip(names, row, strict=True)) for row in session.rows(statement, {"after": after})]:
        yield rows
        after = rows[-1]["id"]


def _beside(session: Session, resource: ResourceType, ids: Sequence[str]) -> dict[str, Counter[tuple[Any, ...]]]:
    """The rows in child tables and shared search values, by resource id."""
    found: dict[str, Counter[tuple[Any, ...]]] = {one: Counter() for one in ids}
    tables = [(name, ROWS[resource.name, name]) for name in row_tables(resource)]
    for name, table in [*tables, ("", SEARCH_VALUE)]:
        wanted = table.c.id.in_([bindparam(f"i{n}") for n in range(len(ids))])
        columns = [column.name for column in table.columns]
        for row in session.rows(Statement(select(table).where(wanted)), {f"i{n}": one for n, one in enumerate(ids)}):
            values = dict(zip(columns, row, strict=True))
            if name or str(values["key"]).startswith(f"{resource.name}."):
                found[values["id"]][_frozen(name, values)] += 1
    return found


def _frozen(name: str, values: Row) -> tuple[Any, ...]:
    return (name, *((key, _plain(value)) for key, value in sorted(values.items())))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else bool(value) if isinstance(value, bool) else value


def _compared(resource: ResourceType, row: Row, beside: dict[str, Counter[tuple[Any, ...]]]) -> Iterator[str]:
    try:
        tree = document.parse(bytes(row["text"]))
        kind, record = resource.derive(tree)
    except FhirError as error:
        yield f"its text is no longer understood: {error}"
        return
    person = resource.subject_of(tree)
    new = Stored(resource.name, tree.get("id", ""), *_version_of(tree), bytes(row["text"]))
    change = Change(new, "PUT", tree, kind, record, person if not isinstance(person, Issue) else None, None)
    for name, value in records.main_row(change).items():
        if name != "text" and _plain(row[name]) != value:
            yield f"column {name} differs from the text"
    yield from _compared_rows(change, beside[row["id"]])


def _version_of(tree: Tree) -> tuple[int, int]:
    """Version and time of change as the text says them; zeros where it says none."""
    meta = tree.get("meta", {})
    try:
        return int(meta["versionId"]), span(meta["lastUpdated"])[0]
    except (KeyError, ValueError):
        return 0, 0


def _compared_rows(change: Change, stored: Counter[tuple[Any, ...]]) -> Iterator[str]:
    names = {records.INSERT_ROWS[change.new.type, name]: name for name in row_tables(TYPES[change.new.type])}
    derived = Counter(_frozen(names.get(statement, ""), params) for statement, params in records.derived_rows(change))
    if derived != stored:
        yield "rows beside it differ from the text"
