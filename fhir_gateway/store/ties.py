"""The ties of a person as they are stored: read back, replaced where they differ, worked out again for everybody.

Source: docs/adr/0007; store.tables.TIE.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select

from fhir_gateway.access.ties.derivation import KINDS, derived
from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.phb.case_file import CaseFile, Source
from fhir_gateway.store import records
from fhir_gateway.store.database import Database, Row, Session
from fhir_gateway.store.facts import FactsOfMany
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES, TIE

ANY_DAY: Final = date.min  # a case file is of a day, and no tie depends on it
PAGE: Final = 200
COLUMNS: Final = ("kind", "who", "source", "start", "end", "since", "until")
KEY: Final = ("person", "kind", "who", "source", "start")
OF_PERSON: Final = Statement(select(*(TIE.c[one] for one in COLUMNS)).where(TIE.c.person == bindparam("of")))
INSERT: Final = Statement(insert(TIE), [column.name for column in TIE.columns])
DELETE: Final = Statement(delete(TIE).where(*(TIE.c[one] == bindparam(f"key_{one}") for one in KEY)))
IN_FORCE: Final = Statement(
    select(TIE.c.kind)
    .where(
        TIE.c.person == bindparam("of"),
        TIE.c.kind == bindparam("of_kind"),
        TIE.c.who == bindparam("held_by"),
        TIE.c.since <= bindparam("now"),
        TIE.c.until > bindparam("now"),
    )
    .limit(1)
)
ANY: Final = Statement(select(TIE.c.person).limit(1))
PATIENT: Final = RESOURCES["Patient"]
PEOPLE: Final = Statement(
    select(PATIENT.c.id).where(PATIENT.c.id > bindparam("after")).order_by(PATIENT.c.id).limit(PAGE)
)


def stored(session: Session, person: str) -> frozenset[Tie]:
    """Every tie of one person."""
    return frozenset(_tie(row) for row in session.rows(OF_PERSON, {"of": person}))


def in_force(session: Session, person: str, kind: str, who: str, now: int) -> bool:
    """Whether somebody is tied to a person in this way at an instant, in microseconds."""
    asked = {"of": person, "of_kind": kind, "held_by": who, "now": now}
    return session.row(IN_FORCE, asked) is not None


def replace(session: Session, person: str, kinds: frozenset[str], ties: Iterable[Tie]) -> None:
    """Make `ties` the person's ties of these kinds; what stands already is left alone."""
    wanted, found = frozenset(ties), frozenset(one for one in stored(session, person) if one.kind in kinds)
    session.many(DELETE, [{f"key_{key}": value for key, value in _key(person, one)} for one in sorted(found - wanted)])
    put(session, person, wanted - found)


def put(session: Session, person: str, ties: Iterable[Tie]) -> None:
    """Add ties of a person that are not there yet."""
    session.many(INSERT, [{"person": person, **_values(one)} for one in sorted(ties)])


def refresh(session: Session, facts: Source, person: str, kinds: Iterable[str] = KINDS) -> None:
    """Work a person's ties of these kinds out again, from records that `facts` answers for, and store what differs."""
    wanted = frozenset(kinds)
    replace(session, person, wanted, derived(CaseFile(facts, person, ANY_DAY), wanted))


def any_stored(session: Session) -> bool:
    """Whether anybody is tied to anybody."""
    return session.row(ANY, {}) is not None


def rebuild(database: Database) -> int:
    """Work the ties of every person out again; how many people there are."""
    count, after = 0, ""
    while people := database.write(lambda session: _rebuilt(session, after)):  # noqa: B023 - done before the next
        count, after = count + len(people), people[-1]
    return count


def _rebuilt(session: Session, after: str) -> list[str]:
    people = next(pages(session, after), [])
    records.hold_people(session, people)
    facts = FactsOfMany(session, people)
    for one in people:
        refresh(session, facts, one)
    return people


def pages(session: Session, after: str = "") -> Iterator[list[str]]:
    """Every person's id, a page at a time, in order."""
    while people := [str(row[0]) for row in session.rows(PEOPLE, {"after": after})]:
        yield people
        after = people[-1]


# --- rows -------------------------------------------------------------------------------------------


def _tie(row: Row) -> Tie:
    kind, who, source, start, end, since, until = row
    return Tie(kind=kind, who=who, source=source, start=day_of(start), end=day_of(end), since=since, until=until)


def day_of(value: Any) -> date:
    """A day as either database gives it."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _values(one: Tie) -> dict[str, Any]:
    return {name: records.column_value(getattr(one, name)) for name in COLUMNS}


def _key(person: str, one: Tie) -> Sequence[tuple[str, Any]]:
    values = {"person": person, **_values(one)}
    return [(name, values[name]) for name in KEY]
