"""The one place that turns a Query into SQL.

A clause becomes a plan: its shape (what the SQL text depends on), its values, and how to build the SQL. The
statement of a shape is built and compiled once. Lists are tested by IN over an index, never by a plain join.

Source: design decision 3; law in tests/laws: the SQL answer equals `query.matches`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from fhir_gateway.store.plan import Binds, Plan
from fhir_gateway.store.rows import Person, Row
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES, SEARCH_VALUE, person_params, q_name, single_params
from fhir_gateway.store.unindexed import Narrowed
from mappings.lens.query import AllOf, AnyOf, Chain, Clause, Has, Operand, Test, reference_forms
from mappings.lens.search import EARLIEST, SearchParam, implied
from mappings.registry import TYPES

LAST_CHARACTER: Final = "\U0010ffff"
FIRST_SURROGATE: Final = 0xD800
AFTER_SURROGATES: Final = 0xE000
MILLISECOND_REST: Final = 999  # microseconds: a stored instant stands for its whole millisecond
PERSON: Final = {name: frozenset(p.name for p in person_params(resource)) for name, resource in TYPES.items()}
SINGLE: Final = {name: frozenset(p.name for p in single_params(resource)) for name, resource in TYPES.items()}


@dataclass(frozen=True, slots=True)
class SortKey:
    """One `_sort` key: the parameter's name, and whether it descends."""

    name: str
    descending: bool


EQUAL: Final = ("=",)
NEWEST_FIRST: Final = (SortKey("_lastUpdated", descending=True),)


def plan(resource_type: str, clause: Clause) -> Plan:
    """The plan of a clause on one type."""
    if isinstance(clause, AllOf):
        return _joined(and_, true, "all", [plan(resource_type, one) for one in clause.clauses])
    if isinstance(clause, AnyOf):
        return _joined(or_, false, "any", [plan(resource_type, one) for one in clause.alternatives])
    if isinstance(clause, Chain):
        return _chain(resource_type, clause)
    if isinstance(clause, Has):
        return _has(resource_type, clause)
    if isinstance(clause, Row):
        return clause.planned(resource_type, plan)
    return _test(resource_type, clause)


def _joined(join: Any, empty: Any, name: str, plans: Sequence[Plan]) -> Plan:
    def build(binds: Binds, table: Table) -> ColumnElement[bool]:
        parts = [one.build(binds, table) for one in plans]
        return join(*parts) if parts else empty()  # type: ignore[no-any-return]

    values = tuple(value for one in plans for value in one.values)
    return Plan((name, *(one.shape for one in plans)), values, build)


# --- tests ------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _test(resource_type: str, test: Test) -> Plan:
    param = test.param
    if param.name == "_id":
        return _on_columns(test, _operand_plan, lambda table: (table.c.id,))
    if param.name == "_lastUpdated":
        return _on_columns(test, _instant_operand, lambda table: (table.c.updated, table.c.updated))
    if param.name in PERSON[resource_type] and test.modifier != "identifier":
        return _on_columns(test, _person_operand, lambda table: (table.c.person,))
    if param.name in SINGLE[resource_type] and test.modifier != "identifier":
        return _on_columns(test, _operand_plan, lambda table: _columns(table, param, test.modifier))
    return _on_values(resource_type, test)


def _columns(table: Table, param: SearchParam, modifier: str) -> tuple[ColumnElement[Any], ...]:
    name = q_name(param)
    if param.kind == "date":
        return table.c[f"{name}_low"], table.c[f"{name}_high"]
    return (table.c[f"{name}_exact" if modifier == "exact" else name],)


OperandPlan = tuple[
    tuple[Any, ...], tuple[Any, ...], Callable[[Binds, Sequence[ColumnElement[Any]]], ColumnElement[bool]]
]


def _on_columns(test: Test, operand_plan: Any, columns: Callable[[Table], Sequence[ColumnElement[Any]]]) -> Plan:
    head = ("columns", test.param.name, test.modifier)
    if test.modifier == "missing":
        absent = test.operands[0].text == "true"
        return Plan(
            (*head, absent), (), lambda _, table: _null(columns(table)) if absent else not_(_null(columns(table)))
        )
    operands = _gathered([operand_plan(test, one) for one in test.operands])

    def build(binds: Binds, table: Table) -> ColumnElement[bool]:
        on = columns(table)
        hit = or_(*(make(binds, on) for _, _, make in operands))
        return or_(on[0].is_(None), not_(hit)) if test.modifier == "not" else hit

    return Plan((*head, *(shape for shape, _, _ in operands)), tuple(v for _, vs, _ in operands for v in vs), build)


def _gathered(operands: Sequence[OperandPlan]) -> list[OperandPlan]:
    """The operands, those that ask for equality made one IN, padded so that few shapes arise."""
    values = [value for shape, some, _ in operands if shape == EQUAL for value in some]
    rest = [one for one in operands if one[0] != EQUAL]
    return rest if not values else [_one_of(values), *rest]


def _one_of(values: Sequence[Any]) -> OperandPlan:
    if len(values) == 1:
        return EQUAL, tuple(values), lambda binds, on: on[0] == next(binds)
    size = 1 << (len(values) - 1).bit_length()
    padded = (*values, *[values[0]] * (size - len(values)))
    return ("in", size), padded, lambda binds, on: on[0].in_([next(binds) for _ in range(size)])


def _null(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return columns[0].is_(None)


def _person_operand(test: Test, operand: Operand) -> OperandPlan:
    ids = [form.partition("/")[2] for form in reference_forms(test.param, operand) if form.startswith("Patient/")]
    if not ids:
        return ("never",), (), lambda _, __: false()
    return _equal(ids[0])


def _operand_plan(test: Test, operand: Operand) -> OperandPlan:
    kind = test.param.kind
    if kind == "token":
        return _token_operand(operand)
    if kind == "date":
        return _date_operand(operand)
    if kind == "string":
        return _string_operand(test.modifier, operand)
    if kind == "reference":
        return EQUAL, tuple(reference_forms(test.param, operand)), lambda binds, on: on[0] == next(binds)
    return _prefix(operand.text) if test.modifier == "below" else _equal(operand.text)


def _equal(text: str) -> OperandPlan:
    return EQUAL, (text,), lambda binds, on: on[0] == next(binds)


def _prefix(text: str) -> OperandPlan:
    end = _past(text)
    if end is None:
        return ("^-",), (text,), lambda binds, on: on[0] >= next(binds)
    return ("^",), (text, end), lambda binds, on: and_(on[0] >= next(binds), on[0] < next(binds))


def _past(text: str) -> str | None:
    """The least text after everything that begins with `text`; None when nothing is."""
    head = text.rstrip(LAST_CHARACTER)
    if not head:
        return None
    following = ord(head[-1]) + 1
    return head[:-1] + chr(AFTER_SURROGATES if following == FIRST_SURROGATE else following)


def _token_operand(operand: Operand) -> OperandPlan:
    if operand.system is not None and not implied(operand.system):
        return ("never",), (), lambda _, __: false()
    if operand.system and not operand.text:
        return ("any",), (), lambda _, on: on[0].is_not(None)
    return _equal(operand.text)


def _string_operand(modifier: str, operand: Operand) -> OperandPlan:
    if modifier == "exact":
        return _equal(operand.text)
    if modifier == "contains":
        escaped = operand.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return ("like",), (f"%{escaped}%",), lambda binds, on: on[0].like(next(binds), escape="\\")
    return _prefix(operand.text)


def _instant_operand(_: Test, operand: Operand) -> OperandPlan:
    return _date_operand(operand, MILLISECOND_REST)


def _date_operand(operand: Operand, rest: int = 0) -> OperandPlan:
    """rest: how far a value's end lies beyond its column; taken off the bounds, so that an index still serves."""
    low, high = operand.low, operand.high
    low_end, high_end = low - rest, high - rest
    within: Callable[..., Any] = lambda binds, on: and_(on[0] >= next(binds), on[1] <= next(binds))  # noqa: E731
    forms: dict[str, tuple[tuple[int, ...], Callable[..., Any]]] = {
        "eq": ((low, high_end), within),
        "ne": ((low, high_end), lambda binds, on: not_(within(binds, on))),
        "gt": ((high_end,), lambda binds, on: on[1] > next(binds)),
        "lt": ((low,), lambda binds, on: on[0] < next(binds)),
        "ge": ((high_end, low, high_end), lambda binds, on: or_(on[1] > next(binds), within(binds, on))),
        "le": ((low, low, high_end), lambda binds, on: or_(on[0] < next(binds), within(binds, on))),
        "sa": ((high,), lambda binds, on: on[0] > next(binds)),
        "eb": ((low_end,), lambda binds, on: on[1] < next(binds)),
        "ap": ((high, low_end), lambda binds, on: and_(on[0] <= next(binds), on[1] >= next(binds))),
    }
    values, make = forms[operand.prefix]
    return (operand.prefix,), values, make


# --- values in the shared table ---------------------------------------------------------------------


def _on_values(resource_type: str, test: Test) -> Plan:
    key = f"{resource_type}.{test.param.name}"
    if test.modifier == "identifier":
        key += ":identifier"
    head = ("values", key, test.modifier)
    if test.modifier == "missing":
        absent = test.operands[0].text == "true"
        return Plan(
            (*head, absent), (key,), lambda binds, table: _held(table, (SEARCH_VALUE.c.key == next(binds),), not absent)
        )
    operands = _gathered([_value_operand(test, one) for one in test.operands])
    on = _value_columns(test)

    def build(binds: Binds, table: Table) -> ColumnElement[bool]:
        conditions = (SEARCH_VALUE.c.key == next(binds), or_(*(make(binds, on) for _, _, make in operands)))
        return _held(table, conditions, test.modifier != "not")

    values = (key, *(value for _, some, _ in operands for value in some))
    return Plan((*head, *(shape for shape, _, _ in operands)), values, build)


def _held(table: Table, conditions: Sequence[ColumnElement[bool]], held: bool) -> ColumnElement[bool]:  # noqa: FBT001
    ids = select(SEARCH_VALUE.c.id).where(*conditions)
    return table.c.id.in_(ids) if held else table.c.id.not_in(ids)


def _value_operand(test: Test, operand: Operand) -> OperandPlan:
    if test.param.kind == "token" or test.modifier == "identifier":
        return _system_operand(operand)
    return _operand_plan(test, operand)


def _value_columns(test: Test) -> tuple[ColumnElement[Any], ...]:
    columns = SEARCH_VALUE.c
    if test.param.kind == "date":
        return columns.low, columns.high
    return (columns.system if test.modifier == "exact" else columns.value,)


def _system_operand(operand: Operand) -> OperandPlan:
    columns = SEARCH_VALUE.c
    if operand.system is None:
        return _equal(operand.text)
    own = implied(operand.system)

    def of_system(binds: Binds) -> ColumnElement[bool]:
        named = columns.system == next(binds)
        return or_(named, columns.system.is_(None)) if own else named

    if operand.system and not operand.text:
        return ("system", own), (operand.system,), lambda binds, _: of_system(binds)
    both = (operand.text, operand.system)
    return ("both", own), both, lambda binds, _: and_(columns.value == next(binds), of_system(binds))


# --- chains -----------------------------------------------------------------------------------------


def _chain(resource_type: str, chain: Chain) -> Plan:
    inner = plan(chain.target, chain.inner)
    target = RESOURCES[chain.target]

    def build(binds: Binds, table: Table) -> ColumnElement[bool]:
        aim = target.alias()
        if chain.param.name in PERSON[resource_type]:
            people = table.c.person.in_(select(aim.c.id).where(inner.build(binds, aim)))  # type: ignore[arg-type]
            return people if chain.target == "Patient" else false()
        named = _named(chain.target, aim.c.id)
        if chain.param.name in SINGLE[resource_type]:
            return table.c[q_name(chain.param)].in_(select(named).where(inner.build(binds, aim)))  # type: ignore[arg-type]
        key = SEARCH_VALUE.c.key == next(binds)
        aims = select(named).where(inner.build(binds, aim))  # type: ignore[arg-type]
        return table.c.id.in_(select(SEARCH_VALUE.c.id).where(key, SEARCH_VALUE.c.value.in_(aims)))

    shared = chain.param.name not in SINGLE[resource_type] | PERSON[resource_type]
    keys = (f"{resource_type}.{chain.param.name}",) if shared else ()
    return Plan(("chain", chain.param.name, chain.target, inner.shape), (*keys, *inner.values), build)


def _named(resource_type: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return literal_column(f"'{resource_type}/'").concat(column)


def _has(resource_type: str, has: Has) -> Plan:
    inner = plan(has.source, has.inner)
    source = RESOURCES[has.source]

    def build(binds: Binds, table: Table) -> ColumnElement[bool]:
        from_ = source.alias()
        if has.param.name in PERSON[has.source]:
            people = table.c.id.in_(select(from_.c.person).where(inner.build(binds, from_)))  # type: ignore[arg-type]
            return people if resource_type == "Patient" else false()
        if has.param.name in SINGLE[has.source]:
            column = from_.c[q_name(has.param)]
            return _bare(table, resource_type, column, (inner.build(binds, from_),))  # type: ignore[arg-type]
        key = SEARCH_VALUE.c.key == next(binds)
        sources = select(from_.c.id).where(inner.build(binds, from_))  # type: ignore[arg-type]
        return _bare(table, resource_type, SEARCH_VALUE.c.value, (key, SEARCH_VALUE.c.id.in_(sources)))

    shared = has.param.name not in SINGLE[has.source] | PERSON[has.source]
    keys = (f"{has.source}.{has.param.name}",) if shared else ()
    return Plan(("has", has.source, has.param.name, inner.shape), (*keys, *inner.values), build)


def _bare(table: Table, resource_type: str, column: Any, conditions: Sequence[Any]) -> ColumnElement[bool]:
    head = f"{resource_type}/"
    named = and_(column >= head, column < head + LAST_CHARACTER)
    return table.c.id.in_(select(func.substr(column, len(head) + 1)).where(named, *conditions))


# --- statements -------------------------------------------------------------------------------------

_STATEMENTS: dict[tuple[Any, ...], Statement] = {}
MAX_STATEMENTS: Final = 2000


def cached(key: tuple[Any, ...], make: Callable[[], Statement]) -> Statement:
    """The statement of a shape, made once."""
    found = _STATEMENTS.get(key)
    if found is None:
        if len(_STATEMENTS) >= MAX_STATEMENTS:
            _STATEMENTS.clear()
        found = _STATEMENTS[key] = make()
    return found


def named_binds() -> Binds:
    """A place for each value of a statement's plans, in order."""
    number = 0
    while True:
        yield bindparam(f"v{number}")
        number += 1


def params_of(*made: Plan) -> dict[str, Any]:
    """The values of a statement's plans, by place."""
    return {f"v{number}": value for number, value in enumerate(value for one in made for value in one.values)}


NO_RANK: Final = Plan((), (), lambda _, __: false())


def _ranked(resource_type: str, ranks: Sequence[Clause]) -> Plan:
    """The number of the first clause a row passes, as a column instead of a condition."""
    if not ranks:
        return NO_RANK
    plans = [plan(resource_type, one) for one in ranks]

    def build(binds: Binds, table: Table) -> ColumnElement[Any]:
        numbered: list[Any] = [(one.build(binds, table), literal_column(str(at))) for at, one in enumerate(plans)]
        return case(*numbered, else_=literal_column(str(len(plans))))

    values = tuple(value for one in plans for value in one.values)
    return Plan(("ranked", *(one.shape for one in plans)), values, build)


def _order(sort: Sequence[SortKey]) -> tuple[Any, ...]:
    return tuple((one.name, one.descending) for one in sort)


Page = tuple[Statement, dict[str, Any]]


Ranks = Sequence[Clause]
FOUND: Final = ("id", "version", "updated", "text", "person")


def page(
    resource_type: str,
    where: Clause,
    sort: Sequence[SortKey],
    after: Sequence[Any] | None,
    limit: int,
    ranks: Ranks = (),
) -> Page:
    """The statement and parameters of one page: the columns of `FOUND`, the sort keys, then the rank if any.

    after: the sort keys and id of the last row of the page before; None for the first page. ranks: the rank of a row
    is the number of the first of these clauses that admits it.
    """
    made, ranked = plan(resource_type, where), _ranked(resource_type, ranks)
    key = ("page", resource_type, made.shape, ranked.shape, _order(sort), after is None)
    seen = _seen(resource_type, where)
    statement = cached(key, lambda: _page_statement(resource_type, (made, ranked), sort, seen, later=after is not None))
    params = params_of(made, ranked) | {"limit": limit}
    if after is not None:
        params |= {f"k{position}": value for position, value in enumerate(after)}
    return statement, params


def _seen(resource_type: str, where: Clause) -> Any:
    """The type's table, its search columns without their indexes when something narrower leads."""
    table = RESOURCES[resource_type]
    return Narrowed(table) if _narrow(resource_type, where) else table


def _narrow(resource_type: str, where: Clause) -> bool:
    """Whether a clause leaves few rows by itself: one person's, or those of one of the shared values."""
    if isinstance(where, AllOf):
        return any(_narrow(resource_type, one) for one in where.clauses)
    if isinstance(where, Person):
        return True
    if not isinstance(where, Test) or where.modifier not in ("", "identifier"):
        return False
    return where.param.name in PERSON[resource_type] or where.param.name == "identifier"


def _page_statement(
    resource_type: str, made: tuple[Plan, Plan], sort: Sequence[SortKey], seen: Any, *, later: bool
) -> Statement:
    """made: which rows, and their rank."""
    table = RESOURCES[resource_type]
    keys = [_sort_column(resource_type, table, one) for one in sort]
    descending = [*(one.descending for one in sort), sort[-1].descending]
    binds = named_binds()
    where = made[0].build(binds, seen)
    labelled = (k.label(f"s{n}") for n, k in enumerate(keys))
    query = select(*_found(table), *labelled, *_rank(made[1], binds, table)).where(where)
    if later:
        query = query.where(_beyond([*keys, table.c.id], descending))
    order = [key.desc() if down else key.asc() for key, down in zip([*keys, table.c.id], descending, strict=True)]
    return Statement(query.order_by(*order).limit(bindparam("limit")))


def _beyond(keys: Sequence[ColumnElement[Any]], descending: Sequence[bool]) -> ColumnElement[bool]:
    binds: list[Any] = [bindparam(f"k{position}") for position in range(len(keys))]
    if len(set(descending)) == 1:
        left, right = tuple_(*keys), tuple_(*binds)
        return left < right if descending[0] else left > right
    alternatives = []
    for position, key in enumerate(keys):
        equal = [keys[n] == binds[n] for n in range(position)]
        beyond = key < binds[position] if descending[position] else key > binds[position]
        alternatives.append(and_(*equal, beyond))
    return or_(*alternatives)


def sortable(resource_type: str) -> tuple[str, ...]:
    """The parameters `_sort` takes: those a column answers."""
    return ("_id", "_lastUpdated", *sorted(SINGLE[resource_type]))


def _sort_column(resource_type: str, table: Table, key: SortKey) -> ColumnElement[Any]:
    if key.name == "_lastUpdated":
        return table.c.updated
    if key.name == "_id":
        return table.c.id
    param = TYPES[resource_type].params[key.name]
    if param.kind == "date":
        return func.coalesce(table.c[f"{q_name(param)}_{'high' if key.descending else 'low'}"], EARLIEST)
    return func.coalesce(table.c[q_name(param)], "")


def count(resource_type: str, where: Clause) -> Page:
    """The statement and parameters of an exact count."""
    made = plan(resource_type, where)
    table, seen = RESOURCES[resource_type], _seen(resource_type, where)
    statement = cached(
        ("count", resource_type, made.shape),
        lambda: Statement(select(func.count()).select_from(table).where(made.build(named_binds(), seen))),
    )
    return statement, params_of(made)


def _found(table: Table) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in FOUND]


def _rank(ranked: Plan, binds: Binds, table: Table) -> list[ColumnElement[Any]]:
    return [ranked.build(binds, table).label("rank")] if ranked.shape else []


def fetch(resource_type: str, ids: Sequence[str], permit: Clause, ranks: Ranks = ()) -> Page:
    """The statement and parameters of the permitted resources with the given ids: as `page` has them, without keys."""
    made, ranked = plan(resource_type, permit), _ranked(resource_type, ranks)
    size = max(1, 1 << (len(ids) - 1).bit_length()) if ids else 1
    padded = [*ids, *([ids[0] if ids else ""] * (size - len(ids)))]
    key = ("fetch", resource_type, made.shape, ranked.shape, size)
    statement = cached(key, lambda: _fetch_statement(resource_type, made, ranked, size))
    return statement, params_of(made, ranked) | {f"i{n}": one for n, one in enumerate(padded)}


def _fetch_statement(resource_type: str, made: Plan, ranked: Plan, size: int) -> Statement:
    table, binds = RESOURCES[resource_type], named_binds()
    wanted = table.c.id.in_([bindparam(f"i{n}") for n in range(size)])
    where = made.build(binds, table)
    return Statement(select(*_found(table), *_rank(ranked, binds, table)).where(where, wanted))


def ids(resource_type: str, wanted: Sequence[str], permit: Clause) -> Page:
    """The statement and parameters of those of the wanted ids that are permitted."""
    made = plan(resource_type, permit)
    size = max(1, 1 << (len(wanted) - 1).bit_length()) if wanted else 1
    padded = [*wanted, *([wanted[0] if wanted else ""] * (size - len(wanted)))]
    statement = cached(("ids", resource_type, made.shape, size), lambda: _ids_statement(resource_type, made, size))
    return statement, params_of(made) | {f"i{n}": one for n, one in enumerate(padded)}


def _ids_statement(resource_type: str, made: Plan, size: int) -> Statement:
    table = RESOURCES[resource_type]
    wanted = table.c.id.in_([bindparam(f"i{n}") for n in range(size)])
    return Statement(select(table.c.id).where(made.build(named_binds(), table), wanted))


def aims(resource_type: str, param: SearchParam, ids: Sequence[str]) -> Page:
    """The statement and parameters of what the given resources refer to by one parameter: reference texts."""
    size = max(1, 1 << (len(ids) - 1).bit_length()) if ids else 1
    padded = [*ids, *([ids[0] if ids else ""] * (size - len(ids)))]
    statement = cached(("aims", resource_type, param.name, size), lambda: _aims_statement(resource_type, param, size))
    return statement, {f"i{n}": one for n, one in enumerate(padded)}


def _aims_statement(resource_type: str, param: SearchParam, size: int) -> Statement:
    binds: list[Any] = [bindparam(f"i{n}") for n in range(size)]
    table = RESOURCES[resource_type]
    if param.name in PERSON[resource_type]:
        return Statement(select(_named("Patient", table.c.person)).where(table.c.id.in_(binds)))
    if param.name in SINGLE[resource_type]:
        column = table.c[q_name(param)]
        return Statement(select(column).where(table.c.id.in_(binds), column.is_not(None)))
    key = SEARCH_VALUE.c.key == f"{resource_type}.{param.name}"
    return Statement(select(SEARCH_VALUE.c.value).where(key, SEARCH_VALUE.c.id.in_(binds)))


def refers(param: SearchParam, aims: Sequence[str]) -> Clause:
    """The clause true for resources whose reference `param` names one of the `aims` (`Type/id`)."""
    return Test(param, "", tuple(Operand(one) for one in aims))
