"""Who may read which events of the audit, and whether all of each.

custodian: every event. privacy-officer: those by or about its own body. auditor: those about the people and days of
its engagements. person and representative: those about the person, less the search text, the token and the names of
staff (R139, S65). Nobody else, and nobody may write.

Source: security reference, sections 4 and 5; rules R135 and R139.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, literal, not_, or_, select

from auth.scopes import Scope
from fhir_gateway.access.asker import WHOLE_RECORD, Asker
from fhir_gateway.errors import Forbidden
from fhir_gateway.london import begins
from fhir_gateway.store.audit_events import PERSON, Wanted
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import AUDIT, RESOURCES, TIE
from fhir_gateway.store.ties import day_of
from mappings.lens.errors import Issue

TYPE: Final = "AuditEvent"
TASK: Final = RESOURCES["Task"]
CASE_KINDS: Final = ("responsible", "delegate", "funder")
NEVER: Final = literal(1) == literal(0)
ENGAGED: Final = Statement(
    select(TIE.c.start, TIE.c.end)
    .where(TIE.c.kind == "engagement", TIE.c.who == bindparam("who"))
    .where(TIE.c.since <= bindparam("now"), TIE.c.until > bindparam("now"))
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Reach:
    """The events somebody may read. reduced: less what is nobody's business but the privacy officer's."""

    wanted: Wanted
    reduced: bool = False


def reach(session: Session, asker: Asker, action: str) -> Reach:
    """What an asker may read of the audit. action: r or s. Raises Forbidden."""
    granted = [one for one in asker.principal.scopes.grants(TYPE, action) if _counts(asker, one)]
    if not granted:
        raise Forbidden(Issue("forbidden", f"no granted scope allows '{action}' on {TYPE}"))
    found = ROLES.get(asker.role)
    if found is None:
        raise Forbidden(Issue("forbidden", f"nothing lets this caller do '{action}' on {TYPE}"))
    made = found(session, asker)
    if all(one.context == "patient" for one in granted):
        return Reach(made.wanted.also(bindparam("launched") == PERSON, launched=asker.patient or ""), made.reduced)
    return made


def _counts(asker: Asker, scope: Scope) -> bool:
    """A system speaks for itself alone; a scope with parameters has no rows to hold them against."""
    return not scope.params and (scope.context == "system") == asker.principal.for_itself


def about(person: str, day: date) -> Wanted:
    """The events about a person that the person may know of on a day."""
    return Wanted((bindparam("me") == PERSON, _told()), {"me": person, "day": day.isoformat()})


def _told() -> ColumnElement[bool]:
    """Whether the person may know: not while a decision delays telling them of the concern behind it (R135).

    The delay ends when they are told, and at the latest with the concern's own last day.
    """
    waits = and_(
        or_(TASK.c.r_person_informed_on.is_(None), TASK.c.r_person_informed_on > bindparam("day")),
        or_(TASK.c.r_ended_on.is_(None), bindparam("day") <= TASK.c.r_ended_on),
    )
    named = (literal(" ") + AUDIT.c.gate + literal(" ")).like(literal("% Task/") + TASK.c.id + literal(" %"))
    behind = select(literal(1)).where(TASK.c.person == PERSON, TASK.c.kind == "concern", waits, named)
    return or_(AUDIT.c.gate.is_(None), not_(behind.exists()))


def _tied(*kinds: str) -> ColumnElement[bool]:
    """Whether the event's person is tied to `who` now."""
    here = and_(TIE.c.person == PERSON, TIE.c.who == bindparam("who"), or_(*(TIE.c.kind == one for one in kinds)))
    return select(literal(1)).where(here, TIE.c.since <= bindparam("now"), TIE.c.until > bindparam("now")).exists()


def _everything(_: Session, __: Asker) -> Reach:
    return Reach(Wanted())


def _own_body(_: Session, asker: Asker) -> Reach:
    body = asker.principal.organisation or ""
    ours = or_(AUDIT.c.organisation == bindparam("body"), _tied(*CASE_KINDS))
    return Reach(Wanted((ours,), {"body": body, "who": f"Organization/{body}", "now": asker.now}))


def _engaged(session: Session, asker: Asker) -> Reach:
    """Events about people in the sample, of the days the engagement covers."""
    params = {"who": f"Organization/{asker.principal.organisation or ''}", "now": asker.now}
    windows = [(day_of(row[0]), day_of(row[1])) for row in session.rows(ENGAGED, params)]
    conditions = [
        and_(
            AUDIT.c.at >= begins(first),
            AUDIT.c.at < _after(last),
            _tied_for(f"first{n}", f"last{n}"),
        )
        for n, (first, last) in enumerate(windows)
    ]
    days = {f"first{n}": first.isoformat() for n, (first, _) in enumerate(windows)}
    days |= {f"last{n}": last.isoformat() for n, (_, last) in enumerate(windows)}
    return Reach(Wanted((or_(NEVER, *conditions),), params | days if windows else {}))


def _after(last: date) -> int:
    """The first instant after a day; of the last day there is, none."""
    return begins(last + timedelta(days=1)) if last < date.max else 2**63 - 1


def _tied_for(first: str, last: str) -> ColumnElement[bool]:
    here = and_(TIE.c.person == PERSON, TIE.c.kind == "engagement", TIE.c.who == bindparam("who"))
    days = and_(TIE.c.start == bindparam(first), TIE.c.end == bindparam(last))
    return (
        select(literal(1)).where(here, days, TIE.c.since <= bindparam("now"), TIE.c.until > bindparam("now")).exists()
    )


def _own(_: Session, asker: Asker) -> Reach:
    """The asker's own, or of the one they act for; that the tie still holds was seen when the token was admitted."""
    if asker.patient is None:
        raise Forbidden(Issue("forbidden", "nobody's record is this caller's own"))
    return Reach(about(asker.patient, asker.day), reduced=True)


ROLES: Final[dict[str, Callable[[Session, Asker], Reach]]] = {
    WHOLE_RECORD: _everything,
    "privacy-officer": _own_body,
    "auditor": _engaged,
    "person": _own,
    "representative": _own,
}
