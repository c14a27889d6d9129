"""Conditions on rows that no resource says of itself: whose record it is, of which kind, what its columns hold.

They are Query clauses like any other, so that one place turns them into SQL together with what was searched for.

Source: design decisions 3 and 4; security requirement S33.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, false, func, literal_column, not_, or_, select
from sqlalchemy.sql.expression import FromClause

from fhir_gateway.store.plan import Binds, Plan, Planner
from fhir_gateway.store.tables import CHANGE, RESOURCES, ROWS, SEARCH_VALUE, TIE
from mappings.lens.query import Clause, Opaque

Values = tuple[str, ...]
BODIES: Final = ("responsible", "delegate", "funder")  # kinds of tie by which a body answers or pays for somebody


@dataclass(frozen=True, slots=True)
class Row(Opaque):
    """A condition on the columns of a row, or on what is tied to it by them."""

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """The plan of this condition on one type. planner: plans the clauses it holds."""
        raise NotImplementedError


def person_of(resource_type: str, table: Table) -> ColumnElement[Any]:
    """The column that says whose row it is; a person is their own."""
    return table.c.id if resource_type == "Patient" else table.c.person


def one_of(column: ColumnElement[Any], binds: Binds, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column holds one of some values; false, and never null, where it holds nothing."""
    if not values:
        return false()
    places = [next(binds) for _ in values]
    return and_(column.is_not(None), column == places[0] if len(places) == 1 else column.in_(places))


def there(*froms_and_conditions: Any) -> ColumnElement[bool]:
    """Whether rows of some tables meet some conditions; every other table is the enclosing statement's."""
    froms = [one for one in froms_and_conditions if isinstance(one, FromClause)]
    conditions = [one for one in froms_and_conditions if not isinstance(one, FromClause)]
    return select(literal_column("1")).select_from(*froms).where(*conditions).correlate_except(*froms).exists()


@dataclass(frozen=True, slots=True)
class Person(Row):
    """The records of one person."""

    id: str

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the index on the person."""
        del planner
        build = lambda binds, table: person_of(resource_type, table) == next(binds)  # noqa: E731
        return Plan(("person",), (self.id,), build)


@dataclass(frozen=True, slots=True)
class Ids(Row):
    """The rows with some ids."""

    ids: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the key."""
        del resource_type, planner
        return Plan(("ids", len(self.ids)), self.ids, lambda binds, table: one_of(table.c.id, binds, self.ids))


@dataclass(frozen=True, slots=True)
class Own(Row):
    """A field that names the person the row is about."""

    field: str

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the field's column."""
        del planner

        def build(_: Binds, table: Table) -> ColumnElement[bool]:
            column = table.c[f"r_{self.field}"]
            person = literal_column("'Patient/'").concat(person_of(resource_type, table))
            return and_(column.is_not(None), column == person)

        return Plan(("own", self.field), (), build)


@dataclass(frozen=True, slots=True)
class Kinds(Row):
    """The records of some kinds; the empty kind is of what is no record of ours."""

    kinds: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the column `kind`."""
        del resource_type, planner
        build = lambda binds, table: one_of(table.c.kind, binds, self.kinds)  # noqa: E731
        return Plan(("kinds", len(self.kinds)), self.kinds, build)


@dataclass(frozen=True, slots=True)
class Holds(Row):
    """A field of the record, or of a row of one of its lists (`list.field`), holds one of some values."""

    field: str
    values: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the field's column."""
        del planner
        listed, _, name = self.field.rpartition(".")

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            if not listed:
                return one_of(table.c[f"r_{name}"], binds, self.values)
            rows = ROWS[resource_type, listed].alias()
            return there(rows, rows.c.id == table.c.id, one_of(rows.c[f"r_{name}"], binds, self.values))

        return Plan(("holds", self.field, len(self.values)), self.values, build)


@dataclass(frozen=True, slots=True)
class Names(Row):
    """A field that is a list of references names one of some values."""

    field: str
    values: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the list's JSON text."""
        del resource_type, planner

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            column = func.coalesce(table.c[f"r_{self.field}"], "")
            found = [column.like(next(binds), escape="\\") for _ in self.values]
            return or_(*found) if found else false()

        return Plan(("names", self.field, len(self.values)), tuple(map(_quoted, self.values)), build)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f'%"{escaped}"%'


@dataclass(frozen=True, slots=True)
class Labelled(Row):
    """The resource carries one of some security labels, by code."""

    codes: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the shared search values."""
        del planner
        values = (f"{resource_type}._security", *self.codes)

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            value = SEARCH_VALUE.c
            here = and_(value.key == next(binds), value.id == table.c.id)
            return there(SEARCH_VALUE, here, one_of(value.value, binds, self.codes))

        return Plan(("labelled", len(self.codes)), values, build)


@dataclass(frozen=True, slots=True)
class Not(Row):
    """The opposite of a condition on rows; a row that says nothing does not meet the condition."""

    clause: Row

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """The opposite plan."""
        inner = planner(resource_type, self.clause)

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            return not_(func.coalesce(inner.build(binds, table), false()))

        return Plan(("not", inner.shape), inner.values, build)


@dataclass(frozen=True, slots=True)
class OfBody(Row):
    """A field names one of some bodies, or somebody who has a role there."""

    field: str
    bodies: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the field's column, then the role's key."""
        del resource_type, planner
        head = "PractitionerRole/"

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            column, role = table.c[f"r_{self.field}"], RESOURCES["PractitionerRole"].alias()
            named = and_(column.like(f"{head}%"), role.c.id == func.substr(column, len(head) + 1))
            return or_(
                one_of(column, binds, self.bodies),
                there(role, named, one_of(role.c.r_organisation, binds, self.bodies)),
            )

        return Plan(("of body", self.field, len(self.bodies)), self.bodies * 2, build)


@dataclass(frozen=True, slots=True)
class IssuedBy(Row):
    """A row of a payment list that one of some bodies issued, named by id or by its ODS code."""

    bodies: Values
    system: str

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the issuer's column, then the bodies' codes."""
        del resource_type, planner

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            issuer, body = table.c.r_issuer, RESOURCES["Organization"].alias()
            named = one_of(issuer, binds, self.bodies)
            code = func.upper(body.c.r_ods_code) == func.upper(func.substr(issuer, len(self.system) + 2))
            coded = there(body, issuer.like(f"{self.system}|%"), code, one_of(body.c.id, binds, self.bodies))
            return or_(named, coded)

        return Plan(("issued", len(self.bodies)), self.bodies * 2, build)


@dataclass(frozen=True, slots=True)
class Brought(Row):
    """A person whom one of some bodies was the first to record, and to whom no body is tied so far."""

    bodies: Values

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the key of the changes and that of the ties."""
        del planner

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            first = and_(CHANGE.c.type == resource_type, CHANGE.c.id == table.c.id, CHANGE.c.version == 1)
            theirs = there(CHANGE, first, one_of(CHANGE.c.organisation, binds, self.bodies))
            tied = there(
                TIE, TIE.c.person == table.c.id, TIE.c.kind.in_([literal_column(f"'{one}'") for one in BODIES])
            )
            return and_(theirs, not_(tied))

        return Plan(("brought", len(self.bodies)), self.bodies, build)


@dataclass(frozen=True, slots=True)
class Reaches(Row):
    """Every reference of one search parameter names a resource that passes the clause of its type; there is one.

    param: whose values lie in the shared search values. A type without a clause is not reached.
    """

    param: str
    clauses: tuple[tuple[str, Clause], ...]

    def planned(self, resource_type: str, planner: Planner) -> Plan:
        """By the values of the row, then the key of each resource named."""
        inner = [(name, planner(name, clause)) for name, clause in self.clauses]
        key = f"{resource_type}.{self.param}"

        def build(binds: Binds, table: Table) -> ColumnElement[bool]:
            value = SEARCH_VALUE.alias()
            here = and_(value.c.key == next(binds), value.c.id == table.c.id)
            other = SEARCH_VALUE.alias()
            others = and_(other.c.key == next(binds), other.c.id == table.c.id)
            reached = [_reached(name, plan, binds, other) for name, plan in inner]
            return and_(there(value, here), ~there(other, others, not_(or_(false(), *reached))))

        values = (key, key, *(value for _, plan in inner for value in plan.values))
        return Plan(("reaches", self.param, *((name, plan.shape) for name, plan in inner)), values, build)


def _reached(name: str, plan: Plan, binds: Binds, value: Any) -> ColumnElement[bool]:
    aim = RESOURCES[name].alias()
    head = f"{name}/"
    named = and_(value.c.value.like(f"{head}%"), aim.c.id == func.substr(value.c.value, len(head) + 1))
    return there(aim, named, plan.build(binds, aim))  # type: ignore[arg-type]


def first_set(columns: Iterable[ColumnElement[Any]], last: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first of some columns that holds anything, else `last`."""
    return func.coalesce(*columns, last)
