"""What changed, in order: the history of one resource, of a type, of everything, and the change feed.

Each write has one `change` row. The feed reads them in commit order and stops at the oldest transaction
still open, so a row that commits late is never skipped.

Source: FHIR R4 http.html#history; PostgreSQL pg_snapshot_xmin; docs/change-feed.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, or_, select, tuple_

from fhir_gateway.store import search
from fhir_gateway.store.database import Session
from fhir_gateway.store.plan import Binds, Plan
from fhir_gateway.store.rows import there
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import CHANGE, HISTORY, RESOURCES
from mappings.lens.query import EVERYTHING, Clause

Key = tuple[str, str, int]
CHUNK: Final = 128
OPEN_TRANSACTIONS: Final = "CAST(pg_snapshot_xmin(pg_current_snapshot())::text AS bigint)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: its place in commit order, what was done, and the text it left (None for a deletion)."""

    xact: int
    seq: int
    type: str
    id: str
    version: int
    method: str
    updated: int
    person: str | None
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody sees of a type's history: versions of what stands in `rows`, deletions of what lay in `buried`."""

    type: str
    rows: Clause
    buried: Clause


@dataclass(frozen=True, slots=True)
class Scope:
    """Which changes: of one type, of one resource of it, of the listed types, within times (microseconds).

    reaches: where only some rows of each type are seen.
    """

    types: tuple[str, ...]
    id: str | None = None
    since: int | None = None
    at: tuple[int, int] | None = None
    reaches: tuple[Reach, ...] = ()


_COLUMNS: Final = (
    CHANGE.c.xact,
    CHANGE.c.seq,
    CHANGE.c.type,
    CHANGE.c.id,
    CHANGE.c.version,
    CHANGE.c.method,
    CHANGE.c.updated,
    CHANGE.c.person,
)


def newest(session: Session, scope: Scope, before: tuple[int, int] | None, limit: int) -> list[Entry]:
    """Changes newest first, those before (updated, seq)."""
    query = _scoped(scope)
    params = _params(scope) | {"limit": limit}
    if before is not None:
        query = query.where(tuple_(CHANGE.c.updated, CHANGE.c.seq) < tuple_(bindparam("u"), bindparam("s")))
        params |= {"u": before[0], "s": before[1]}
    query = query.order_by(CHANGE.c.updated.desc(), CHANGE.c.seq.desc()).limit(bindparam("limit"))
    statement = search.cached(("newest", _shape(scope), before is None), lambda: Statement(query))
    return _with_texts(session, session.rows(statement, params))


def committed(session: Session, scope: Scope, after: tuple[int, int], limit: int) -> list[Entry]:
    """Changes in commit order, those after (xact, seq), none that an open transaction might still precede."""
    query = _scoped(scope).where(tuple_(CHANGE.c.xact, CHANGE.c.seq) > tuple_(bindparam("x"), bindparam("s")))
    if session.dialect == "postgresql":
        query = query.where(CHANGE.c.xact < literal_column(OPEN_TRANSACTIONS))
    query = query.order_by(CHANGE.c.xact, CHANGE.c.seq).limit(bindparam("limit"))
    statement = search.cached(("committed", session.dialect, _shape(scope)), lambda: Statement(query))
    return _with_texts(
        session, session.rows(statement, _params(scope) | {"x": after[0], "s": after[1], "limit": limit})
    )


def total(session: Session, scope: Scope) -> int:
    """How many changes there are."""
    query = select(func.count()).select_from(CHANGE).where(*_conditions(scope))
    statement = search.cached(("changes", _shape(scope)), lambda: Statement(query))
    row = session.row(statement, _params(scope))
    return int(row[0]) if row else 0


def _shape(scope: Scope) -> tuple[Any, ...]:
    reached = tuple((one.type, *(plan.shape for plan in _plans(one))) for one in scope.reaches)
    return (len(scope.types), scope.id is None, scope.since is None, scope.at is None, reached)


def _plans(reach: Reach) -> tuple[Plan, Plan]:
    return search.plan(reach.type, reach.rows), search.plan(reach.type, reach.buried)


def _reached(scope: Scope) -> ColumnElement[bool]:
    """What is seen: of a record that stands, the versions about the same person; else its end."""
    binds = search.named_binds()
    return or_(*(_of_type(one, binds) for one in scope.reaches))


def _of_type(reach: Reach, binds: Binds) -> ColumnElement[bool]:
    rows, buried = _plans(reach)
    table, grave = RESOURCES[reach.type].alias(), HISTORY.alias()
    same = and_(table.c.id == CHANGE.c.id, CHANGE.c.person.is_not_distinct_from(table.c.person))
    standing = there(table, same, rows.build(binds, table))  # type: ignore[arg-type]
    ended = and_(grave.c.type == CHANGE.c.type, grave.c.id == CHANGE.c.id, grave.c.version == CHANGE.c.version)
    gone = there(grave, ended, grave.c.text.is_(None), buried.build(binds, grave))  # type: ignore[arg-type]
    method = CHANGE.c.method == literal_column("'DELETE'")
    name = CHANGE.c.type == literal_column(f"'{reach.type}'")
    return and_(name, or_(standing, and_(method, gone)))


def _scoped(scope: Scope) -> Select[Any]:
    return select(*_COLUMNS).where(*_conditions(scope))


def _conditions(scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [CHANGE.c.type.in_([bindparam(f"t{n}") for n in range(len(scope.types))])]
    if scope.id is not None:
        found.append(CHANGE.c.id == bindparam("id"))
    if scope.since is not None:
        found.append(CHANGE.c.updated >= bindparam("since"))
    if scope.at is not None:
        found.append(_current_during())
    if scope.reaches:
        found.append(_reached(scope))
    return found


def _current_during() -> ColumnElement[bool]:
    """Versions that were current at some time within `low`..`high`."""
    later = CHANGE.alias()
    replaced = select(later.c.seq).where(
        later.c.type == CHANGE.c.type,
        later.c.id == CHANGE.c.id,
        later.c.version == CHANGE.c.version + 1,
        later.c.updated <= bindparam("low"),
    )
    return and_(CHANGE.c.updated <= bindparam("high"), or_(CHANGE.c.updated >= bindparam("low"), ~replaced.exists()))


def _params(scope: Scope) -> dict[str, Any]:
    params: dict[str, Any] = {f"t{n}": name for n, name in enumerate(scope.types)}
    params |= search.params_of(*(plan for one in scope.reaches for plan in _plans(one)))
    if scope.id is not None:
        params["id"] = scope.id
    if scope.since is not None:
        params["since"] = scope.since
    if scope.at is not None:
        params |= {"low": scope.at[0], "high": scope.at[1]}
    return params


# --- texts ------------------------------------------------------------------------------------------


def _with_texts(session: Session, rows: Sequence[Sequence[Any]]) -> list[Entry]:
    """One statement for replaced versions and one for each type among the current ones."""
    wanted = [(row[2], row[3], row[4]) for row in rows if row[5] != "DELETE"]
    texts = _history_texts(session, wanted)
    texts |= _current_texts(session, [one for one in wanted if one not in texts])
    # a version replaced between the two looks has moved to history meanwhile
    texts |= _history_texts(session, [one for one in wanted if one not in texts])
    return [Entry(*[*row, texts.get((row[2], row[3], row[4]))]) for row in rows]


def _current_texts(session: Session, wanted: Sequence[Key]) -> dict[Key, bytes]:
    by_type: dict[str, set[str]] = {}
    for resource_type, id_, _ in wanted:
        by_type.setdefault(resource_type, set()).add(id_)
    found = {}
    for resource_type, ids in by_type.items():
        for id_, version, _, text, _ in session.rows(*search.fetch(resource_type, sorted(ids), EVERYTHING)):
            found[resource_type, id_, version] = bytes(text)
    return found


def _history_texts(session: Session, wanted: Sequence[Key]) -> dict[Key, bytes]:
    found = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        size = 1 << (len(chunk) - 1).bit_length()
        padded = [*chunk, *([chunk[0]] * (size - len(chunk)))]
        params = {f"{name}{n}": part for n, one in enumerate(padded) for name, part in zip("tiv", one, strict=True)}
        statement = search.cached(("texts", size), lambda size=size: _texts_statement(size))  # type: ignore[misc]
        for resource_type, id_, version, text in session.rows(statement, params):
            if text is not None:
                found[resource_type, id_, version] = bytes(text)
    return found


def _texts_statement(size: int) -> Statement:
    keys = tuple_(HISTORY.c.type, HISTORY.c.id, HISTORY.c.version)
    wanted = [tuple_(bindparam(f"t{n}"), bindparam(f"i{n}"), bindparam(f"v{n}")) for n in range(size)]
    columns = (HISTORY.c.type, HISTORY.c.id, HISTORY.c.version, HISTORY.c.text)
    return Statement(select(*columns).where(or_(*(keys == one for one in wanted))))
