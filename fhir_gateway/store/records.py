"""Reading and writing records: the stored text, and the columns derived from it, in one place.

Everything here takes a Session that is already in its transaction.

Source: design decisions 1 and 5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, delete, insert, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from fhir_gateway.store import search
from fhir_gateway.store.database import Row, Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import (
    CHANGE,
    CONDITIONAL_KEY,
    HISTORY,
    RESOURCES,
    ROWS,
    SEARCH_VALUE,
    multi_params,
    q_name,
    record_columns,
    row_tables,
    single_params,
)
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.query import EVERYTHING, Clause
from mappings.lens.search import EPOCH, SearchParam
from mappings.registry import TYPES

PROBES: Final = 32
DIALECT_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a resource. updated: microseconds since 1970 UTC. text: exact bytes, None when deleted.

    person: id of the Patient whose record it is, where that was looked up.
    """

    type: str
    id: str
    version: int
    updated: int
    text: bytes | None
    person: str | None = field(default=None, compare=False, repr=False)


def stored_of(resource_type: str, row: Row) -> Stored:
    """A row of `search.page` or `search.fetch`: its first columns are those of `search.FOUND`."""
    return Stored(resource_type, row[0], row[1], row[2], bytes(row[3]), row[4])


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, kept with the change: client id and request id, and what the access policy knows of the caller.

    origin: what made the change: client, gateway, load, or consequence, which brings a Provenance of its own.
    """

    client: str
    request: str
    role: str | None = None
    organisation: str | None = None
    fhir_user: str | None = field(default=None, repr=False)
    purpose: str | None = None
    origin: str = "client"


@dataclass(frozen=True, slots=True)
class Change:
    """One write to be done. method: POST, PUT or DELETE. previous: the version it replaces."""

    new: Stored
    method: str
    tree: Tree | None
    kind: str
    record: Any
    person: str | None
    previous: Stored | None


# --- reading ----------------------------------------------------------------------------------------


def _get_statement(resource_type: str) -> Statement:
    table = RESOURCES[resource_type]
    columns = (table.c[name] for name in search.FOUND)
    return Statement(select(*columns).where(table.c.id == bindparam("id")))


GET: Final = {name: _get_statement(name) for name in TYPES}
LOCK: Final = {
    name: Statement(
        select(*(table.c[one] for one in search.FOUND)).where(table.c.id == bindparam("id")).with_for_update()
    )
    for name, table in RESOURCES.items()
}
LAST_VERSION: Final = Statement(
    select(HISTORY.c.version, HISTORY.c.updated, HISTORY.c.text.is_(None), HISTORY.c.person)
    .where(HISTORY.c.type == bindparam("type"), HISTORY.c.id == bindparam("id"))
    .order_by(HISTORY.c.version.desc())
    .limit(1)
)
OLD_VERSION: Final = Statement(
    select(HISTORY.c.version, HISTORY.c.updated, HISTORY.c.text, HISTORY.c.person).where(
        HISTORY.c.type == bindparam("type"), HISTORY.c.id == bindparam("id"), HISTORY.c.version == bindparam("version")
    )
)


def get(session: Session, resource_type: str, id: str, permit: Clause = EVERYTHING) -> Stored | None:  # noqa: A002
    """The current version, if there is one and `permit` admits it."""
    if permit is EVERYTHING:
        row = session.row(GET[resource_type], {"id": id})
        return None if row is None else stored_of(resource_type, row)
    rows = session.rows(*search.fetch(resource_type, (id,), permit))
    return stored_of(resource_type, rows[0]) if rows else None


def locked(session: Session, resource_type: str, id: str) -> Stored | None:  # noqa: A002
    """The current version, held against other writers until the transaction ends."""
    row = session.row(LOCK[resource_type], {"id": id})
    return None if row is None else stored_of(resource_type, row)


def admitted(session: Session, resource_type: str, ids: Sequence[str], permit: Clause) -> set[str]:
    """Which of the ids are live resources that `permit` admits."""
    return {row[0] for row in session.rows(*search.ids(resource_type, ids, permit))} if ids else set()


def tombstone(session: Session, resource_type: str, id: str) -> Stored | None:  # noqa: A002
    """The version that deleted a resource, if its last version is a deletion."""
    row = session.row(LAST_VERSION, {"type": resource_type, "id": id})
    return Stored(resource_type, id, row[0], row[1], None) if row is not None and row[2] else None


def old_version(session: Session, resource_type: str, id: str, version: int) -> Stored | None:  # noqa: A002
    """One replaced version, or deletion."""
    row = session.row(OLD_VERSION, {"type": resource_type, "id": id, "version": version})
    if row is None:
        return None
    return Stored(resource_type, id, row[0], row[1], None if row[2] is None else bytes(row[2]), row[3])


def existing(session: Session, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of the (type, id) pairs are live resources."""
    return set(owners(session, wanted))


def owners(session: Session, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Whose record each of the (type, id) pairs is that are live, in one statement for every 32.

    Empty for people, bodies and whatever else is no single person's record. A person found is held against
    deletion until the transaction ends.
    """
    pairs = sorted(set(wanted))
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(pairs), PROBES):
        chunk = pairs[start : start + PROBES]
        types = tuple(name for name, _ in chunk)
        statement = search.cached(("owners", types), lambda types=types: _owners_statement(types))  # type: ignore[misc]
        row = session.row(statement, {f"i{n}": id_ for n, (_, id_) in enumerate(chunk)})
        there = [(pair, one) for pair, one in zip(chunk, row or (), strict=True) if one]
        found |= {pair: one if isinstance(one, str) else "" for pair, one in there}
    return found


def _owners_statement(types: Sequence[str]) -> Statement:
    probes: list[Any] = [_probe(name, number).label(f"e{number}") for number, name in enumerate(types)]
    return Statement(select(*probes))


def _probe(resource_type: str, number: int) -> Any:
    """The person where it is a person's record, else whether it is there."""
    table = RESOURCES[resource_type]
    here = table.c.id == bindparam(f"i{number}")
    if resource_type == "Patient":
        person: Any = select(literal_column("1")).where(here)
        return person.with_for_update(read=True, key_share=True).scalar_subquery()
    if TYPES[resource_type].compartment:
        return select(table.c.person).where(here).scalar_subquery()
    return select(literal_column("1")).where(here).exists()


HAS_RECORDS: Final = Statement(
    select(
        *(
            select(literal_column("1")).where(table.c.person == bindparam("id")).exists()
            for name, table in RESOURCES.items()
            if TYPES[name].compartment
        )
    )
)
PERSON: Final = {
    name: Statement(select(table.c.person).where(table.c.id == bindparam("id"))) for name, table in RESOURCES.items()
}


def has_records(session: Session, person: str) -> bool:
    """Whether any record of this person is live."""
    return any(session.row(HAS_RECORDS, {"id": person}) or ())


def person_of(session: Session, resource_type: str, id: str) -> str | None:  # noqa: A002
    """Whose record a live resource is."""
    row = session.row(PERSON[resource_type], {"id": id})
    return row[0] if row else None


TAKE_KEY: Final = {
    name: Statement(
        dialect_insert(CONDITIONAL_KEY)
        .values(key=bindparam("key"), used=bindparam("used"))
        .on_conflict_do_update(index_elements=["key"], set_={"used": bindparam("used")})
    )
    for name, dialect_insert in DIALECT_INSERT.items()
}


def take_key(session: Session, key: str, now: int) -> None:
    """Hold a key until the transaction ends: another writer of the same key waits."""
    session.run(TAKE_KEY[session.dialect], {"key": key, "used": now})


HOLD_PERSON: Final = Statement(
    select(literal_column("1")).where(RESOURCES["Patient"].c.id == bindparam("id")).with_for_update(key_share=True)
)


def hold_people(session: Session, people: Iterable[str]) -> None:
    """Make other writers about these people wait until the transaction ends; on SQLite they wait anyhow.

    So that what a rule counts, such as money drawn from a budget, is counted by one writer at a time.
    """
    if session.dialect != "sqlite":
        for person in sorted(people):
            session.row(HOLD_PERSON, {"id": person})


# --- writing ----------------------------------------------------------------------------------------


def _columns_of(resource_type: str) -> list[str]:
    return [column.name for column in RESOURCES[resource_type].columns]


INSERT: Final = {name: Statement(insert(table), _columns_of(name)) for name, table in RESOURCES.items()}
UPDATE: Final = {
    name: Statement(
        update(table)
        .where(table.c.id == bindparam("key_id"))
        .values({column: bindparam(column) for column in _columns_of(name) if column != "id"})
    )
    for name, table in RESOURCES.items()
}
DELETE: Final = {
    name: Statement(delete(table).where(table.c.id == bindparam("id"))) for name, table in RESOURCES.items()
}
INSERT_ROWS: Final = {
    key: Statement(insert(table), [column.name for column in table.columns]) for key, table in ROWS.items()
}
DELETE_ROWS: Final = {key: Statement(delete(table).where(table.c.id == bindparam("id"))) for key, table in ROWS.items()}
INSERT_VALUES: Final = Statement(insert(SEARCH_VALUE), [column.name for column in SEARCH_VALUE.columns])
DELETE_VALUES: Final = {
    name: Statement(
        delete(SEARCH_VALUE).where(
            SEARCH_VALUE.c.id == bindparam("id"),
            SEARCH_VALUE.c.key > f"{name}.",
            SEARCH_VALUE.c.key < f"{name}.{search.LAST_CHARACTER}",
        )
    )
    for name in TYPES
}
DELETE_TAGS: Final = Statement(
    delete(SEARCH_VALUE).where(SEARCH_VALUE.c.id == bindparam("id"), SEARCH_VALUE.c.key == bindparam("key"))
)
INSERT_HISTORY: Final = Statement(insert(HISTORY), [column.name for column in HISTORY.columns])
ACTOR_COLUMNS: Final = ("client", "request", "role", "organisation", "fhir_user", "purpose", "origin")
CHANGE_COLUMNS: Final = ("type", "id", "version", "method", "updated", "person", *ACTOR_COLUMNS)
# Not below the writing transaction's own number, nor below that of any committed before this row was written:
# so whoever saw another's change sorts after it.
COMMIT_ORDER: Final = (
    "greatest(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)"
)
INSERT_CHANGE: Final = {
    "sqlite": Statement(
        insert(CHANGE).values({name: bindparam(name) for name in CHANGE_COLUMNS} | {"xact": literal_column("0")})
    ),
    "postgresql": Statement(
        insert(CHANGE).values(
            {name: bindparam(name) for name in CHANGE_COLUMNS} | {"xact": literal_column(COMMIT_ORDER)}
        )
    ),
}


def write(session: Session, changes: Sequence[Change], actor: Actor) -> None:
    """Write every change with its columns, history and change row; statements are grouped by table.

    What earlier versions left is cleared before anything is put in: the types share tables.
    """
    batch: dict[Statement, list[dict[str, Any]]] = {}
    steps = chain.from_iterable([*map(_superseded, changes), *(_statements(session, one, actor) for one in changes)])
    for statement, params in steps:
        batch.setdefault(statement, []).append(params)
    session.defer()
    for statement, many in batch.items():
        session.many(statement, many)


Step = tuple[Statement, dict[str, Any]]


def _superseded(change: Change) -> Iterable[Step]:
    """The version there was goes into the history, and its rows go."""
    previous = change.previous
    if previous is not None and previous.text is not None:
        yield INSERT_HISTORY, _history_row(previous, change.person)
        yield from _cleared(change.new.type, change.new.id)


def _statements(session: Session, change: Change, actor: Actor) -> Iterable[Step]:
    new, previous = change.new, change.previous
    resource_type = new.type
    if change.tree is None:
        yield DELETE[resource_type], {"id": new.id}
        yield INSERT_HISTORY, _history_row(new, change.person, _kind_of(previous))
    else:
        yield _main_row(change)
        yield from derived_rows(change)
    yield (
        INSERT_CHANGE[session.dialect],
        {
            "type": resource_type,
            "id": new.id,
            "version": new.version,
            "method": change.method,
            "updated": new.updated,
            "person": change.person,
            "client": actor.client,
            "request": actor.request,
            "role": actor.role,
            "organisation": actor.organisation,
            "fhir_user": actor.fhir_user,
            "purpose": actor.purpose,
            "origin": actor.origin,
        },
    )


def _main_row(change: Change) -> Step:
    row = main_row(change)
    if change.previous is not None and change.previous.text is not None:
        return UPDATE[change.new.type], {**{k: v for k, v in row.items() if k != "id"}, "key_id": change.new.id}
    return INSERT[change.new.type], row


def _kind_of(stored: Stored | None) -> str:
    """The kind of a version, the empty one for what is no record of ours."""
    mapping = TYPES[stored.type].mapping_of(document.parse(stored.text)) if stored and stored.text else None
    return mapping.kind if mapping else ""


def _history_row(stored: Stored, person: str | None, kind: str | None = None) -> dict[str, Any]:
    return {
        "kind": kind,
        "type": stored.type,
        "id": stored.id,
        "version": stored.version,
        "updated": stored.updated,
        "person": person,
        "text": stored.text,
    }


def _cleared(resource_type: str, id: str) -> Iterable[Step]:  # noqa: A002
    yield DELETE_VALUES[resource_type], {"id": id}
    for name in row_tables(TYPES[resource_type]):
        yield DELETE_ROWS[resource_type, name], {"id": id}


SET_TEXT: Final = {
    name: Statement(
        update(table).where(table.c.id == bindparam("key_id")).values(text=bindparam("text")), columns=["text"]
    )
    for name, table in RESOURCES.items()
}
TAG: Final = "_tag"


def retag(session: Session, change: Change) -> None:
    """Store a change again whose `meta.tag` alone is other than what was written."""
    new, tree = change.new, change.tree or {}
    session.run(SET_TEXT[new.type], {"key_id": new.id, "text": new.text})
    session.run(DELETE_TAGS, {"id": new.id, "key": f"{new.type}.{TAG}"})
    param = TYPES[new.type].params[TAG]
    session.many(INSERT_VALUES, list(_value_rows(new, TAG, param.kind, param.values(tree))))


# --- derived columns --------------------------------------------------------------------------------

ByRoot = dict[str, tuple[SearchParam, ...]]


def _by_root(params: Iterable[SearchParam]) -> ByRoot:
    """Parameters by the elements they look at, so that those of absent elements cost nothing."""
    found: ByRoot = {}
    for param in params:
        for root in {path.partition(".")[0].partition(":")[0] for path in param.paths}:
            found[root] = (*found.get(root, ()), param)
    return found


def _answered(by_root: ByRoot, tree: Tree) -> Iterable[SearchParam]:
    """The parameters some element of the tree may answer, each once."""
    return {id(param): param for root in tree for param in by_root.get(root, ())}.values()


_SINGLE: Final = {name: _by_root(single_params(resource)) for name, resource in TYPES.items()}
_MULTI: Final = {name: _by_root(multi_params(resource)) for name, resource in TYPES.items()}
_REFERENCES: Final = {
    name: _by_root(param for param in resource.search if param.kind == "reference") for name, resource in TYPES.items()
}
_EMPTY_MAIN: Final = {name: dict.fromkeys(_columns_of(name)) for name in TYPES}
_PLAIN: Final = frozenset({str, int, bool, type(None)})
_ROWS: Final = {name: tuple(row_tables(resource)) for name, resource in TYPES.items()}
_EMPTY_ROW: Final = {key: dict.fromkeys(column.name for column in table.columns) for key, table in ROWS.items()}


def main_row(change: Change) -> dict[str, Any]:
    """Every column of the resource's own table, in its order."""
    new, tree, record = change.new, change.tree or {}, change.record
    row: dict[str, Any] = {**_EMPTY_MAIN[new.type]}
    row.update(
        id=new.id, version=new.version, updated=new.updated, person=change.person, kind=change.kind, text=new.text
    )
    for name, column in _record_fields(new.type, type(record)) if record is not None else ():  # type: ignore[arg-type]
        value = getattr(record, name)
        row[column] = value if type(value) in _PLAIN else column_value(value)
    for param in _answered(_SINGLE[new.type], tree):
        row.update(_single_columns(param, tree))
    return row


@cache
def _record_fields(resource_type: str, record: type[Any]) -> tuple[tuple[str, str], ...]:
    """The fields of a kind of record that have a column, with the column."""
    columns = record_columns(TYPES[resource_type])
    return tuple((one.name, f"r_{one.name}") for one in fields(record) if one.name in columns)


def _single_columns(param: SearchParam, tree: Tree) -> dict[str, Any]:
    name = q_name(param)
    value = next(param.values(tree), None)
    if param.kind == "date":
        return {f"{name}_low": value and value.low, f"{name}_high": value and value.high}
    if param.kind == "string":
        return {name: value and value.text, f"{name}_exact": value and value.system}
    return {name: value and value.text}


def derived_rows(change: Change) -> Iterable[Step]:
    """The rows beside the resource's own: record lists and shared search values."""
    tree, new = change.tree or {}, change.new
    for name in _ROWS[new.type]:
        for position, row in enumerate(getattr(change.record, name, ())):
            yield INSERT_ROWS[new.type, name], {**_EMPTY_ROW[new.type, name], **_child_row(new.id, position, row)}
    for param in _answered(_MULTI[new.type], tree):
        for row in _value_rows(new, param.name, param.kind, param.values(tree)):
            yield INSERT_VALUES, row
    for param in _answered(_REFERENCES[new.type], tree):
        for row in _value_rows(new, f"{param.name}:identifier", "token", param.identifiers(tree)):
            yield INSERT_VALUES, row


def _child_row(id: str, position: int, row: Any) -> dict[str, Any]:  # noqa: A002
    child = {"id": id, "position": position}
    for name, column in _row_columns(type(row)):  # type: ignore[arg-type]
        value = getattr(row, name)
        child[column] = value if type(value) in _PLAIN else column_value(value)
    return child


@cache
def _row_columns(row: type[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, f"r_{one.name}") for one in fields(row))


def _value_rows(new: Stored, name: str, kind: str, values: Iterable[Any]) -> Iterable[dict[str, Any]]:
    dated = kind == "date"
    for value in dict.fromkeys(values):
        yield {
            "key": f"{new.type}.{name}",
            "id": new.id,
            "value": value.text,
            "system": value.system,
            "low": value.low if dated else None,
            "high": value.high if dated else None,
        }


def column_value(value: Any) -> Any:
    """A record field as a column holds it: days as ISO text, instants as microseconds, lists as JSON text."""
    kind = type(value)
    if value is None or kind in (str, int, bool):
        return value
    if kind is date:
        return value.isoformat()
    if kind is datetime:
        return (value - EPOCH) // (datetime.resolution)
    if kind is Decimal:
        return str(value)
    return msgspec.json.encode(value).decode()
