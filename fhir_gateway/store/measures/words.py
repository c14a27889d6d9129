"""SQL that reads differently on SQLite and on PostgreSQL: days as whole numbers, rounding, parts of an address.

A day is its number in the proleptic Gregorian calendar, as `date.toordinal` gives it, so that both databases count
days with plain whole numbers.

Source: sqlite.org lang_datefunc.html; PostgreSQL manual, 9.9 (dates) and 9.3 (div).
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from fhir_gateway.store.tables import TEXT

Sql = ColumnElement[Any]
FAR: Final = literal_column("3652059", Integer)  # 9999-12-31
ONE: Final = literal_column("1", Integer)
NONE: Final = literal_column("0", Integer)


class day(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it stands for
    """The number of a day; NULL of NULL."""

    type: TypeEngine[int] = Integer()
    inherit_cache = True


@compiles(day, "postgresql")
def _day_postgresql(element: day, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)} - DATE '0001-01-01' + 1)"


@compiles(day, "sqlite")
def _day_sqlite(element: day, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(julianday({compiler.process(element.clauses, **options)}) - 1721424.5 AS INTEGER)"


class months_after(FunctionElement[int]):  # noqa: N801
    """The number of the day so many months after a day, or of that month's last day: (day, months)."""

    type: TypeEngine[int] = Integer()
    inherit_cache = True


@compiles(months_after, "postgresql")
def _months_postgresql(element: months_after, compiler: SQLCompiler, **options: Any) -> str:
    start, months = (compiler.process(one, **options) for one in element.clauses)
    return f"(CAST({start} + make_interval(months => {months}) AS DATE) - DATE '0001-01-01' + 1)"


@compiles(months_after, "sqlite")
def _months_sqlite(element: months_after, compiler: SQLCompiler, **options: Any) -> str:
    start, months = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(julianday({start}, '+' || {months} || ' months', 'floor') - 1721424.5 AS INTEGER)"


class half_up(FunctionElement[int]):  # noqa: N801
    """A fraction of whole numbers, not below zero, rounded half up: (above, below)."""

    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


@compiles(half_up, "postgresql")
def _half_up_postgresql(element: half_up, compiler: SQLCompiler, **options: Any) -> str:
    above, below = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(div(2 * CAST({above} AS NUMERIC) + {below}, 2 * CAST({below} AS NUMERIC)) AS BIGINT)"


@compiles(half_up, "sqlite")
def _half_up_sqlite(element: half_up, compiler: SQLCompiler, **options: Any) -> str:
    above, below = (compiler.process(one, **options) for one in element.clauses)
    return f"((2 * ({above}) + {below}) / (2 * ({below})))"


class ten_thousandths(FunctionElement[int]):  # noqa: N801
    """A decimal kept as text, in whole ten-thousandths."""

    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


@compiles(ten_thousandths, "postgresql")
def _decimal_postgresql(element: ten_thousandths, compiler: SQLCompiler, **options: Any) -> str:
    return f"ROUND(CAST({compiler.process(element.clauses, **options)} AS NUMERIC) * 10000)"


@compiles(ten_thousandths, "sqlite")
def _decimal_sqlite(element: ten_thousandths, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(ROUND(CAST({compiler.process(element.clauses, **options)} AS REAL) * 10000) AS INTEGER)"


class id_in(FunctionElement[str]):  # noqa: N801
    """The id in an address such as `Claim/x` or `Claim/x/_history/1`."""

    type: TypeEngine[str] = TEXT
    inherit_cache = True


@compiles(id_in, "postgresql")
def _id_postgresql(element: id_in, compiler: SQLCompiler, **options: Any) -> str:
    return f"split_part({compiler.process(element.clauses, **options)}, '/', 2)"


@compiles(id_in, "sqlite")
def _id_sqlite(element: id_in, compiler: SQLCompiler, **options: Any) -> str:
    what = compiler.process(element.clauses, **options)
    rest = f"substr({what}, instr({what}, '/') + 1)"
    return f"substr({rest}, 1, instr({rest} || '/', '/') - 1)"


# --- the same on both -------------------------------------------------------------------------------


def one_of(column: Sql, codes: Sequence[str]) -> Sql:
    """Whether a column holds one of these codes."""
    return column.in_([literal(one, TEXT) for one in codes])


def is_code(column: Sql, code: str) -> Sql:
    """Whether a column holds this code."""
    return column == literal(code, TEXT)


def listed(column: Sql, code: str) -> Sql:
    """Whether a list of codes kept as JSON text holds this code."""
    return column.like(literal(f'%"{code}"%', TEXT))


def when(condition: Sql, then: Sql = ONE, otherwise: Sql | None = NONE) -> Sql:
    """One or the other; 1 or 0 unless said otherwise."""
    return case((condition, then), else_=otherwise)


def smaller(left: Sql, right: Sql) -> Sql:
    """The smaller of two; neither is NULL."""
    return case((left < right, left), else_=right)


def larger(left: Sql, right: Sql) -> Sql:
    """The larger of two; neither is NULL."""
    return case((left > right, left), else_=right)


def total(value: Sql) -> Sql:
    """A sum as a whole number; 0 of nothing."""
    return cast(func.coalesce(func.sum(value), 0), BigInteger)


def worked_out(found: CTE) -> CTE:
    """The same, worked out once: PostgreSQL would repeat its expressions wherever they are used."""
    return found.prefix_with("MATERIALIZED", dialect="postgresql")


def asked(name: str) -> Sql:
    """A day the caller gives, by its number."""
    return bindparam(name, type_=Integer)


def within(value: Sql) -> Sql:
    """Whether a day lies in the period."""
    return and_(value >= asked("start"), value <= asked("last"))
