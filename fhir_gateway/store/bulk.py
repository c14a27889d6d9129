"""Many new resources at once: rows derived elsewhere go in by executemany or, on PostgreSQL, by COPY.

The rows are those of `records.write`: current row, record lists, search values and a change row for each.

Source: design decision 5; PostgreSQL manual, COPY; shares of each step in bench/results.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Table, bindparam, func, insert, literal_column, select
from sqlalchemy.dialects import sqlite

from fhir_gateway.store import records, search
from fhir_gateway.store.database import Session
from fhir_gateway.store.records import Change, Stored
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import CHANGE, HISTORY, RESOURCES, ROWS, SEARCH_VALUE
from mappings.lens.query import EVERYTHING
from mappings.registry import TYPES

Values = tuple[Any, ...]
Pair = tuple[str, str]
LOOKED_UP: Final = 512
TABLES: Final = {table.name: table for table in (*RESOURCES.values(), *ROWS.values(), SEARCH_VALUE, HISTORY, CHANGE)}
COLUMNS: Final = {
    name: tuple(column.name for column in table.columns if column.name != "seq") for name, table in TABLES.items()
}
KIND, TEXT = 4, 5  # places in a row of a resource
_POSITIONAL: Final = sqlite.dialect(paramstyle="qmark")
_MAIN: Final = {name: itemgetter(*COLUMNS[table.name]) for name, table in RESOURCES.items()}
_BESIDE: Final[dict[Statement, tuple[str, Callable[[dict[str, Any]], Values]]]] = {
    statement: (table.name, itemgetter(*COLUMNS[table.name]))
    for statement, table in (
        (records.INSERT_VALUES, SEARCH_VALUE),
        *((records.INSERT_ROWS[key], table) for key, table in ROWS.items()),
    )
}


def rows_of(change: Change) -> tuple[Values, list[tuple[str, Values]]]:
    """The row of a resource's own table, its text at TEXT, and those beside it, each with its table."""
    beside = []
    for statement, params in records.derived_rows(change):
        table, values = _BESIDE[statement]
        beside.append((table, values(params)))
    return _MAIN[change.new.type](records.main_row(change)), beside


def insert_rows(session: Session, batch: Mapping[str, Sequence[Values]]) -> None:
    """Put rows into their tables, given by name; values stand in the order of COLUMNS."""
    for name, rows in batch.items():
        if session.dialect == "sqlite":
            session.driver.executemany(_insert(name), rows)
        else:
            _copy(session, name, rows)


def _copy(session: Session, name: str, rows: Sequence[Values]) -> None:
    with session.driver.cursor() as cursor, cursor.copy(_copy_statement(name)) as copy:
        for row in rows:
            copy.write_row(row)


_STATEMENTS: dict[str, Any] = {}


def _insert(name: str) -> str:
    if name not in _STATEMENTS:
        compiled = insert(TABLES[name]).compile(dialect=_POSITIONAL, column_keys=COLUMNS[name])
        _STATEMENTS[name] = str(compiled)
    return str(_STATEMENTS[name])


def _copy_statement(name: str) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[name]))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), columns)


_XACT: Final = Statement(select(literal_column(records.COMMIT_ORDER)))


def transaction_of(session: Session) -> int:
    """What change rows keep of the writing transaction, so that the feed has commit order; 0 on SQLite."""
    if session.dialect == "sqlite":
        return 0
    row = session.row(_XACT, {})
    return int(row[0]) if row else 0


# --- looking many up --------------------------------------------------------------------------------


def current(session: Session, resource_type: str, ids: Sequence[str]) -> dict[str, Stored]:
    """The current versions of those ids that are live, by id."""
    found: dict[str, Stored] = {}
    for some in cut(ids):
        for row in session.rows(*search.fetch(resource_type, some, EVERYTHING)):
            found[row[0]] = Stored(resource_type, row[0], row[1], row[2], bytes(row[3]))
    return found


def live(session: Session, pairs: Iterable[Pair]) -> set[Pair]:
    """Which of the (type, id) pairs are live resources."""
    found: set[Pair] = set()
    for name, ids in _by_type(pairs).items():
        table = RESOURCES[name]
        for some in cut(ids):
            rows = session.rows(_ids(table, len(some)), {f"i{n}": one for n, one in enumerate(some)})
            found.update((name, row[0]) for row in rows)
    return found


def graves(session: Session, resource_type: str, ids: Sequence[str]) -> dict[str, int]:
    """The last version of those ids that were deleted or replaced."""
    found: dict[str, int] = {}
    for some in cut(ids):
        params = {f"i{n}": one for n, one in enumerate(some)} | {"type": resource_type}
        found.update((row[0], row[1]) for row in session.rows(_last(len(some)), params))
    return found


def _by_type(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, one in pairs:
        if name in TYPES:
            found.setdefault(name, []).append(one)
    return found


def cut(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Pieces whose sizes are few, so that statements are: powers of two, the last id repeated to fill one up."""
    for start in range(0, len(ids), LOOKED_UP):
        some = list(ids[start : start + LOOKED_UP])
        yield some + [some[-1]] * ((1 << (len(some) - 1).bit_length()) - len(some))


def _ids(table: Table, size: int) -> Statement:
    wanted: list[Any] = [bindparam(f"i{n}") for n in range(size)]
    return search.cached(
        ("bulk.live", table.name, size), lambda: Statement(select(table.c.id).where(table.c.id.in_(wanted)))
    )


def _last(size: int) -> Statement:
    wanted: list[Any] = [bindparam(f"i{n}") for n in range(size)]
    query = (
        select(HISTORY.c.id, func.max(HISTORY.c.version))
        .where(HISTORY.c.type == bindparam("type"), HISTORY.c.id.in_(wanted))
        .group_by(HISTORY.c.id)
    )
    return search.cached(("bulk.last", size), lambda: Statement(query))


def sums(session: Session, resource_type: str, column: str, ids: Sequence[str]) -> list[tuple[str, int | None, bytes]]:
    """Id, one record column in pence, and text of those resources."""
    table = RESOURCES[resource_type]
    found: dict[str, tuple[str, int | None, bytes]] = {}
    for some in cut(ids):
        wanted: list[Any] = [bindparam(f"i{n}") for n in range(len(some))]
        query = select(table.c.id, table.c[column], table.c.text).where(table.c.id.in_(wanted))
        statement = search.cached(("bulk.sums", table.name, column, len(some)), lambda query=query: Statement(query))  # type: ignore[misc]
        rows = session.rows(statement, {f"i{n}": one for n, one in enumerate(some)})
        found.update((row[0], (row[0], row[1], bytes(row[2]))) for row in rows)
    return list(found.values())
