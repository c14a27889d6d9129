"""Core statements compiled once for each database and run on the driver's own cursor.

Statements are written in SQLAlchemy Core; running the compiled text directly saves most of what a Core
execution costs on a keyed read (docs/adr/0004). Parameters are str, int, bool, bytes or None.

Source: measured shares in bench/results.md.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

Params = Mapping[str, Any]
Values = tuple[Any, ...]
PLAIN: Final = frozenset({str, int, bool, bytes})
DIALECTS: Final[dict[str, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.psycopg.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
}


class Statement:
    """One statement; `columns` names the columns an INSERT or UPDATE sets from parameters."""

    __slots__ = ("_compiled", "clause", "columns")

    def __init__(self, clause: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self.clause = clause
        self.columns = columns
        self._compiled: dict[str, tuple[str, Callable[[Params], Values]]] = {}

    def sql(self, dialect: str) -> tuple[str, Callable[[Params], Values]]:
        """The text for a database, and what puts named parameters into the order of its places."""
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = self._made(dialect)
        return found

    def _made(self, dialect: str) -> tuple[str, Callable[[Params], Values]]:
        compiled = self.clause.compile(dialect=DIALECTS[dialect], column_keys=self.columns)
        names = compiled.positiontup or []  # type: ignore[attr-defined]
        fixed = {name: value for name, value in compiled.params.items() if type(value) in PLAIN}
        return str(compiled), _taker(names, {name: fixed[name] for name in names if name in fixed})


def _taker(names: Sequence[str], fixed: Params) -> Callable[[Params], Values]:
    """Named values to a tuple in the order of `names`; `fixed` are those the statement itself brings."""
    if fixed:
        return lambda params: tuple([params[name] if name in params else fixed[name] for name in names])
    if len(names) > 1:
        return itemgetter(*names)
    return lambda params: tuple([params[name] for name in names])
