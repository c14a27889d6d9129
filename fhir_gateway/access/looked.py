"""Who looked at a person's records, in plain words: for the person, and for those who act for them.

Source: security requirement S65; rules R135 (what is told later) and R139 (the review or concern behind a look).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from fhir_gateway.access import audit_reach
from fhir_gateway.london import today
from fhir_gateway.store import audit_events
from fhir_gateway.store.audit_events import Event
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES
from fhir_gateway.web.words import OF_A_PERSON
from mappings.audit_event import EVENTS, OPERATIONS, ROLES, done

TASK: Final = RESOURCES["Task"]
OWNER: Final = "the person's"
SYSTEM: Final = "A system"
REFUSED: Final = 400
REASONS: Final = {
    "TREAT": "care",
    "ETREAT": "care in an emergency",
    "HPAYMT": "paying",
    "HOPERAT": "running the service",
    "HSYSADMIN": "keeping the service running",
    "PATRQT": "the person asked",
    "PUBHLTH": "public health",
    "HACCRED": "an audit",
    "COC": "working together on care",
}
SAID_WHOLE: Final = frozenset({*EVENTS.values(), *OPERATIONS.values()})
LET_IN: Final = {"granted": "an app was let in", "denied": "an app was not let in"}


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody looked at, or changed, a person's records. at: microseconds, no two alike for one person.

    who: role or, of a system, its name. The rest is for people to read too.
    """

    at: int
    who: str
    organisation: str | None
    what: str
    why: str | None


def looked_at(session: Session, person_id: str, before: int | None, limit: int, now: int) -> list[Look]:
    """The latest looks at a person's records, those before an instant, newest first. now: microseconds."""
    wanted = audit_reach.about(person_id, today(now))
    found = audit_events.latest(session, wanted, before, limit)
    bodies = audit_events.organisation_names(session, (one.organisation for one in found))
    clients = audit_events.client_names(session, (one.client for one in found))
    kinds = _kinds(session, {gate for one in found for gate in (one.gate or "").split()})
    return [
        Look(one.at, _who(one, clients), bodies.get(one.organisation or ""), _what(one), _why(one, kinds))
        for one in found
    ]


def _who(one: Event, clients: dict[str, str]) -> str:
    """A person by their role; a system by the name it is registered under."""
    if one.fhir_user is None or one.role is None:
        return clients.get(one.client) or one.client or SYSTEM
    return ROLES.get(one.role, one.role)


def _what(one: Event) -> str:
    """What was done to what; of a refusal, that it was one."""
    if one.subtype == "consent" and one.outcome in LET_IN:
        return LET_IN[one.outcome]
    text = done(one.subtype, one.what)
    thing = "" if text in SAID_WHOLE else OF_A_PERSON.get(one.what.partition("/")[0], "").format(whose=OWNER)
    text = f"{text}: {thing}" if thing else text
    return f"{text} (refused)" if one.status >= REFUSED else text


def _why(one: Event, kinds: dict[str, str]) -> str | None:
    """The review or concern that opened it, else the purpose."""
    behind = [kinds.get(gate.removeprefix("Task/"), "a review or concern") for gate in (one.gate or "").split()]
    if behind:
        return " and ".join(dict.fromkeys(behind))
    return REASONS.get(one.purpose, one.purpose) if one.purpose else None


def _kinds(session: Session, gates: Iterable[str]) -> dict[str, str]:
    """What each gate is, in words, by the id of its Task."""
    ids = sorted(gate.removeprefix("Task/") for gate in gates)
    if not ids:
        return {}
    query = select(TASK.c.id, TASK.c.kind).where(TASK.c.id.in_([bindparam(f"i{n}") for n in range(len(ids))]))
    rows = session.rows(Statement(query), {f"i{n}": one for n, one in enumerate(ids)})
    return {row[0]: f"a {row[1]}" for row in rows}
