"""Records read back from their columns: what the rules and operations may ask of the store.

One query for the records of a kind, their lists with them; no resource is parsed.

Source: design decision 1 (columns beside the text); style section 3 (store.facts).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar, cast

from sqlalchemy import ColumnElement, Table, Text, bindparam, func, select
from sqlalchemy import cast as sql_cast

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.store import bulk, search
from fhir_gateway.store.database import Session
from fhir_gateway.store.layout import MAPPING_OF, PERSON, Layout, layout_of, layout_of_type
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES, ROWS
from mappings.registry import TYPES

__all__ = ["MAPPING_OF", "Facts", "FactsOfMany"]

R = TypeVar("R")
Pick = Callable[[Table], ColumnElement[bool]]
# A list as JSON text: rows of position and values.
LISTED: Final[dict[str, Callable[[Sequence[Any]], ColumnElement[Any]]]] = {
    "sqlite": lambda columns: func.json_group_array(func.json_array(*columns)),
    "postgresql": lambda columns: sql_cast(func.json_agg(func.json_build_array(*columns)), Text),
}


class Facts:
    """The records of one database as an open session sees them. Implements `phb.case_file.Source`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_person(self, kind: type[R], person: str) -> tuple[Filed[R], ...]:
        """Every record of one kind about one person, oldest id first."""
        return self._of(kind, "person", lambda table: table.c.person == bindparam("value"), {"value": person})

    def where(self, kind: type[R], field: str, value: str | int) -> tuple[Filed[R], ...]:
        """Every record of one kind with `value` in one of its scalar fields; `tables.FACT_INDEXES` has those asked."""
        return self._of(kind, field, lambda table: table.c[f"r_{field}"] == bindparam("value"), {"value": value})

    def some(self, kind: type[R], ids: Sequence[str]) -> tuple[Filed[R], ...]:
        """The records of one kind among these ids."""
        return self._of(kind, f"{len(ids)} id", lambda table: table.c.id.in_(_places(ids)), _values(ids))

    def named(self, resource_type: str, id: str) -> Filed[Any] | None:  # noqa: A002
        """The record of one resource, whatever its kind."""
        if resource_type not in RESOURCES:
            return None
        layout = layout_of_type(resource_type)
        statement = self._statement(layout, "id", lambda table: table.c.id == bindparam("value"))
        row = self._session.row(statement, {"value": id})
        return None if row is None else layout.filed(row)

    def _of(self, kind: type[R], by: str, pick: Pick, params: dict[str, Any]) -> tuple[Filed[R], ...]:
        layout = layout_of(kind)
        statement = self._statement(layout, by, lambda table: (table.c.kind == bindparam("kind")) & pick(table))
        rows = self._session.rows(statement, {"kind": MAPPING_OF[kind].kind, **params})
        return tuple(cast("Filed[R]", layout.filed(row)) for row in rows)

    def _statement(self, layout: Layout, by: str, pick: Pick) -> Statement:
        dialect = self._session.dialect
        key = ("facts", dialect, layout.type, *layout.kinds, by)
        return search.cached(key, lambda: _statement(layout, dialect, pick))


class FactsOfMany(Facts):
    """The same where many people are looked at in turn: what is asked about one of them is read for all at once.

    It holds for as long as no record is written.
    """

    def __init__(self, session: Session, people: Iterable[str]) -> None:
        super().__init__(session)
        self._people = frozenset(people)
        self._of_type: dict[str, dict[str | None, list[Filed[Any]]]] = {}
        self._known: dict[tuple[str, str], Filed[Any] | None] = {}

    def of_person(self, kind: type[R], person: str) -> tuple[Filed[R], ...]:
        """Every record of one kind about one person, oldest id first."""
        if person not in self._people:
            return super().of_person(kind, person)
        records = self._records(MAPPING_OF[kind].resource_type).get(person, ())
        return tuple(one for one in records if type(one.record) is kind)

    def named(self, resource_type: str, id: str) -> Filed[Any] | None:  # noqa: A002
        """The record of one resource, whatever its kind."""
        key = resource_type, id
        if key not in self._known and resource_type in TYPES and TYPES[resource_type].compartment:
            self._records(resource_type)
        if key not in self._known:
            self._known[key] = super().named(resource_type, id)
        return self._known[key]

    def _records(self, resource_type: str) -> dict[str | None, list[Filed[Any]]]:
        """Every record of a type about these people, by person."""
        if resource_type not in self._of_type:
            found = self._of_type[resource_type] = {}
            for some in bulk.cut(sorted(self._people)):
                for person, one in self._of_some(resource_type, some):
                    found.setdefault(person, []).append(one)
                    self._known[resource_type, one.id] = one
        return self._of_type[resource_type]

    def _of_some(self, resource_type: str, people: Sequence[str]) -> Iterator[tuple[str, Filed[Any]]]:
        layout = layout_of_type(resource_type)
        by = f"{len(people)} person"
        statement = self._statement(layout, by, lambda table: table.c.person.in_(_places(people)))
        for row in self._session.rows(statement, _values(people)):
            filed = layout.filed(row)
            if filed is not None:
                yield row[PERSON], filed


def _places(values: Sequence[str]) -> list[Any]:
    return [bindparam(f"i{n}") for n in range(len(values))]


def _values(values: Sequence[str]) -> dict[str, Any]:
    return {f"i{n}": one for n, one in enumerate(values)}


def _statement(layout: Layout, dialect: str, pick: Pick) -> Statement:
    """Kind, id, version, person, scalars and lists of the records picked, by id."""
    table = RESOURCES[layout.type]
    head = (table.c.kind, table.c.id, table.c.version, table.c.person)
    scalars = (table.c[f"r_{name}"] for name in layout.scalars)
    lists = (_list(table, ROWS[layout.type, name], names, dialect) for name, names in layout.lists.items())
    return Statement(select(*head, *scalars, *lists).where(pick(table)).order_by(table.c.id))


def _list(table: Table, rows: Table, names: Sequence[str], dialect: str) -> ColumnElement[Any]:
    listed = LISTED[dialect]((rows.c.position, *(rows.c[f"r_{name}"] for name in names)))
    return select(listed).where(rows.c.id == table.c.id).correlate(table).scalar_subquery()
