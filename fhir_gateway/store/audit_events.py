"""The audit as events, one for each person touched: a page of them newest first, one by its number, how many.

Source: IHE BALP (one AuditEvent for each patient); security reference, section 5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, select, tuple_

from auth.store import CLIENT
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import AUDIT, AUDIT_SUBJECT, HISTORY, RESOURCES

Place = tuple[int, int]  # seq, position
POSITION: Final = func.coalesce(AUDIT_SUBJECT.c.position, 0)
PERSON: Final = AUDIT_SUBJECT.c.person
ORGANIZATION: Final = RESOURCES["Organization"]
TASK: Final = RESOURCES["Task"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event about one person, or about nobody. at: microseconds; the rest as in the table."""

    seq: int
    at: int
    client: str
    fhir_user: str | None
    role: str | None
    organisation: str | None
    purpose: str | None
    action: str
    subtype: str
    what: str
    query: str | None
    status: int
    outcome: str | None
    request: str
    token: str | None
    gate: str | None
    address: str | None
    position: int
    person: str | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.seq, self.position


@dataclass(frozen=True, slots=True)
class Wanted:
    """Conditions on events, all of which must hold. params: values bound by name in them."""

    conditions: tuple[ColumnElement[bool], ...] = ()
    params: dict[str, Any] = field(default_factory=dict)

    def also(self, *conditions: ColumnElement[bool], **params: Any) -> "Wanted":
        """With further conditions."""
        return Wanted((*self.conditions, *conditions), {**self.params, **params})


_COLUMNS: Final = (
    *(AUDIT.c.seq, AUDIT.c.at, AUDIT.c.client, AUDIT.c.fhir_user, AUDIT.c.role, AUDIT.c.organisation, AUDIT.c.purpose),
    *(AUDIT.c.action, AUDIT.c.subtype, AUDIT.c.what, AUDIT.c.query, AUDIT.c.status, AUDIT.c.outcome, AUDIT.c.request),
    *(AUDIT.c.token, AUDIT.c.gate, AUDIT.c.address, POSITION, PERSON),
)
_JOINED: Final = AUDIT.outerjoin(AUDIT_SUBJECT, AUDIT_SUBJECT.c.seq == AUDIT.c.seq)


def page(session: Session, wanted: Wanted, after: Place | None, limit: int) -> list[Event]:
    """Events newest first, those after a place."""
    if after is not None:
        further = tuple_(AUDIT.c.seq, POSITION) < tuple_(bindparam("after_seq"), bindparam("after_position"))
        wanted = wanted.also(further, after_seq=after[0], after_position=after[1])
    query = select(*_COLUMNS).select_from(_JOINED).where(*wanted.conditions)
    query = query.order_by(AUDIT.c.seq.desc(), POSITION.desc()).limit(bindparam("limit"))
    return _of_own_gates(session, session.rows(Statement(query), wanted.params | {"limit": limit}))


def latest(session: Session, wanted: Wanted, before: int | None, limit: int) -> list[Event]:
    """Events by time, newest first, those before an instant.

    Times are whole milliseconds; here the last digits of the event's number follow, so that no two are alike.
    """
    moment = AUDIT.c.at + AUDIT.c.seq % literal(1000)
    if before is not None:
        wanted = wanted.also(bindparam("before") > moment, before=before)
    columns = [moment.label("moment") if column is AUDIT.c.at else column for column in _COLUMNS]
    query = select(*columns).select_from(_JOINED).where(*wanted.conditions)
    query = query.order_by(moment.desc(), POSITION.desc()).limit(bindparam("limit"))
    return _of_own_gates(session, session.rows(Statement(query), wanted.params | {"limit": limit}))


def at_place(session: Session, wanted: Wanted, place: Place) -> Event | None:
    """The event at a place, when the conditions hold for it."""
    here = and_(AUDIT.c.seq == bindparam("seq"), bindparam("position") == POSITION)
    query = select(*_COLUMNS).select_from(_JOINED).where(here, *wanted.conditions)
    found = _of_own_gates(
        session, session.rows(Statement(query), wanted.params | {"seq": place[0], "position": place[1]})
    )
    return found[0] if found else None


def _of_own_gates(session: Session, rows: Iterable[Sequence[Any]]) -> list[Event]:
    """The events of rows, without the reviews and concerns about others: one request may have touched many people."""
    found = [Event(*row) for row in rows]
    owners = _owners(session, {gate for one in found for gate in _gates(one)})
    own = ([gate for gate in _gates(one) if owners.get(gate, one.person) == one.person] for one in found)
    return [replace(one, gate=" ".join(gates) or None) for one, gates in zip(found, own, strict=True)]


def _gates(one: Event) -> list[str]:
    return (one.gate or "").split()


def _owners(session: Session, gates: Iterable[str]) -> dict[str, str]:
    """Whom each review or concern is about, as it stands or as it was when it was deleted."""
    ids = {one.removeprefix("Task/") for one in gates}
    standing = _names(session, TASK.c.id, TASK.c.person, ids)
    found = _names(session, HISTORY.c.id, HISTORY.c.person, ids - standing.keys()) | standing
    return {f"Task/{id_}": person for id_, person in found.items()}


def count(session: Session, wanted: Wanted) -> int:
    """How many events there are."""
    query = select(func.count()).select_from(_JOINED).where(*wanted.conditions)
    return int((session.row(Statement(query), wanted.params) or (0,))[0])


def organisation_names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """The names of bodies, by id."""
    return _names(session, ORGANIZATION.c.id, ORGANIZATION.c.r_name, ids)


def client_names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """The names clients are registered under, by id."""
    return _names(session, CLIENT.c.client_id, CLIENT.c.name, ids)


def _names(session: Session, key: Any, name: Any, ids: Iterable[str | None]) -> dict[str, str]:
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    query = select(key, name).where(key.in_([bindparam(f"i{n}") for n in range(len(wanted))]))
    rows: Sequence[Any] = session.rows(Statement(query), {f"i{n}": one for n, one in enumerate(wanted)})
    return {row[0]: row[1] for row in rows if row[1]}
