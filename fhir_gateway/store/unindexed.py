"""A table as a search already narrowed by a person or an identifier should see it.

SQLite keeps no statistics of what a condition leaves; between an index on a person and one on a status it may take
the status. A `+` before a column takes its index off the table. PostgreSQL knows better by itself and sees the
columns as they are.

Source: sqlite.org optoverview.html, "disqualifying WHERE clause terms using unary +"; bench/results.md.
"""

from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class Unindexed(ColumnElement[Any]):
    """A column whose indexes SQLite is not to use."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.type = column.type


@compiles(Unindexed)
def _plain(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.column, **options)


@compiles(Unindexed, "sqlite")
def _with_plus(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.column, **options)}"


class Narrowed:
    """Stands where a table stands; its search columns have no index."""

    def __init__(self, table: Table) -> None:
        self.c = _Columns(table)


class _Columns:
    def __init__(self, table: Table) -> None:
        self._table = table

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        column = self._table.c[name]
        return Unindexed(column) if name.startswith("q_") else column

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        return self[name]
