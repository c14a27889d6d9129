"""The rows of the audit in the order they are sealed: commit order, none that an open transaction might still precede.

Source: security requirement S64; PostgreSQL pg_snapshot_xmin.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import Select, bindparam, delete, func, insert, literal_column, select, text, tuple_

from fhir_gateway.store.changes import OPEN_TRANSACTIONS
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import AUDIT, AUDIT_PRUNING, AUDIT_SEAL, AUDIT_SUBJECT, AUDIT_TOMBSTONE

Place = tuple[int, int]  # xact, seq
START: Final[Place] = (-1, -1)
MARK: Final = 8  # bytes of a row's hash that are kept beside its seal
LOCK: Final = 0x5048425F5345414C  # any number that nothing else of this database locks
# What a row's hash covers, in this order: names are only ever added at the end, and then as of a later seal.
HASHED: Final = (
    *("xact", "seq", "at", "client", "account", "fhir_user", "role", "organisation", "purpose", "action", "subtype"),
    *("what", "query", "status", "outcome", "request", "token", "gate", "address"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the audit with the people it touched, as far as a seal sees it. digest: SHA-256."""

    place: Place
    at: int
    people: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A row of `audit_seal`."""

    n: int
    at: int
    xact: int
    seq: int
    rows: int
    people: int
    newest: int
    hash: str
    marks: bytes
    mac: str

    @property
    def place(self) -> Place:
        """The last row it covers."""
        return self.xact, self.seq


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A row of `audit_tombstone`."""

    first: int
    last: int
    at: int
    rows: int
    people: int
    mac: str


_place: Final = tuple_(AUDIT.c.xact, AUDIT.c.seq)
_AFTER: Final = _place > tuple_(bindparam("x"), bindparam("s"))
_UP_TO: Final = _place <= tuple_(bindparam("last_x"), bindparam("last_s"))
_NEXT: Final[Select[Any]] = (
    select(*(AUDIT.c[name] for name in HASHED)).where(_AFTER).order_by(AUDIT.c.xact, AUDIT.c.seq).limit(bindparam("n"))
)
NEXT: Final = {
    "sqlite": Statement(_NEXT),
    "postgresql": Statement(_NEXT.where(AUDIT.c.xact < literal_column(OPEN_TRANSACTIONS))),
}
WITHIN: Final = Statement(_NEXT.where(_UP_TO))
PEOPLE: Final = Statement(
    select(AUDIT_SUBJECT.c.seq, AUDIT_SUBJECT.c.person)
    .where(AUDIT_SUBJECT.c.seq.between(bindparam("low"), bindparam("high")))
    .order_by(AUDIT_SUBJECT.c.seq, AUDIT_SUBJECT.c.position)
)
COUNT: Final = Statement(select(func.count()).select_from(AUDIT).where(_AFTER))
LEFT: Final = Statement(select(func.count()).select_from(AUDIT).where(_AFTER, _UP_TO))
SEALS: Final = Statement(select(*AUDIT_SEAL.columns).order_by(AUDIT_SEAL.c.n))
LAST_SEAL: Final = Statement(select(*AUDIT_SEAL.columns).order_by(AUDIT_SEAL.c.n.desc()).limit(1))
TOMBSTONES: Final = Statement(select(*AUDIT_TOMBSTONE.columns).order_by(AUDIT_TOMBSTONE.c.first))
ADD_SEAL: Final = Statement(insert(AUDIT_SEAL), [column.name for column in AUDIT_SEAL.columns])
ADD_TOMBSTONE: Final = Statement(insert(AUDIT_TOMBSTONE), [column.name for column in AUDIT_TOMBSTONE.columns])
ALONE: Final = Statement(text("SELECT pg_try_advisory_xact_lock(:lock)"))
PRUNING: Final = Statement(insert(AUDIT_PRUNING), ["at"])
PRUNED: Final = Statement(delete(AUDIT_PRUNING))
FORGET: Final = Statement(delete(AUDIT).where(_UP_TO))
FORGET_PEOPLE: Final = Statement(
    delete(AUDIT_SUBJECT).where(AUDIT_SUBJECT.c.seq.in_(select(AUDIT.c.seq).where(_UP_TO)))
)


def alone(session: Session) -> bool:
    """Whether no other worker seals just now; holds until the transaction ends. SQLite has one writer anyhow."""
    return session.dialect == "sqlite" or bool((session.row(ALONE, {"lock": LOCK}) or (False,))[0])


def unsealed(session: Session, after: Place, limit: int) -> list[Row]:
    """Rows after a place that nothing can come before any more, at most `limit`."""
    return _rows(session, session.rows(NEXT[session.dialect], {"x": after[0], "s": after[1], "n": limit}))


def covered(session: Session, after: Place, last: Place, limit: int) -> list[Row]:
    """Rows after a place, up to and with `last`, at most `limit`."""
    return _rows(session, session.rows(WITHIN, _between(after, last) | {"n": limit}))


def count_after(session: Session, after: Place) -> int:
    """How many rows stand after a place."""
    return int((session.row(COUNT, {"x": after[0], "s": after[1]}) or (0,))[0])


def left(session: Session, after: Place, last: Place) -> int:
    """How many rows stand after a place, up to and with `last`."""
    return int((session.row(LEFT, _between(after, last)) or (0,))[0])


def _between(after: Place, last: Place) -> dict[str, int]:
    return {"x": after[0], "s": after[1], "last_x": last[0], "last_s": last[1]}


def seals(session: Session) -> list[Seal]:
    """Every seal, in order."""
    return [_seal(row) for row in session.rows(SEALS, {})]


def last_seal(session: Session) -> Seal | None:
    """The newest seal."""
    row = session.row(LAST_SEAL, {})
    return _seal(row) if row else None


def add_seal(session: Session, seal: Seal) -> None:
    """Store a seal."""
    session.run(ADD_SEAL, {column.name: getattr(seal, column.name) for column in AUDIT_SEAL.columns})


def tombstones(session: Session) -> list[Tombstone]:
    """Every tombstone, in order."""
    names = [column.name for column in AUDIT_TOMBSTONE.columns]
    return [Tombstone(**dict(zip(names, row, strict=True))) for row in session.rows(TOMBSTONES, {})]


def bury(session: Session, last: Place, stone: Tombstone) -> None:
    """Take away every row up to and with `last`, and leave a tombstone."""
    upto = {"last_x": last[0], "last_s": last[1]}
    session.run(PRUNING, {"at": stone.at})
    session.run(FORGET_PEOPLE, upto)
    session.run(FORGET, upto)
    session.run(PRUNED, {})
    session.run(ADD_TOMBSTONE, {column.name: getattr(stone, column.name) for column in AUDIT_TOMBSTONE.columns})


def _seal(row: Sequence[Any]) -> Seal:
    values = dict(zip((column.name for column in AUDIT_SEAL.columns), row, strict=True))
    return Seal(**values | {"marks": bytes(values["marks"])})


def _rows(session: Session, found: Sequence[Sequence[Any]]) -> list[Row]:
    people: dict[int, list[str]] = {}
    if found:
        seqs = [row[1] for row in found]
        for seq, person in session.rows(PEOPLE, {"low": min(seqs), "high": max(seqs)}):
            people.setdefault(seq, []).append(person)
    return list(_digested(found, people))


def _digested(found: Sequence[Sequence[Any]], people: dict[int, list[str]]) -> Iterator[Row]:
    for row in found:
        about = people.get(row[1], [])
        digest = sha256(msgspec.json.encode([*row, about])).digest()
        yield Row((row[0], row[1]), row[2], len(about), digest)
