"""The search parameters of AuditEvent, each a condition on the rows of the audit.

Source: FHIR R4 auditevent.html#search.
"""

import re
from collections.abc import Callable
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, or_, true

from fhir_gateway.store.audit_events import PERSON, POSITION, Place, Wanted
from fhir_gateway.store.tables import AUDIT
from mappings.audit_event import (
    AUTHENTICATION,
    DCM,
    GATEWAY,
    INTERACTION,
    INTERACTIONS,
    MINOR,
    OUR_EVENT,
    OUR_ROLE,
    REST,
    SERIOUS,
    TYPE_SYSTEM,
)
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.search import span

Made = tuple[ColumnElement[bool], dict[str, str | int]]
NEVER: Final = ~true()
OUTCOMES: Final = {"0": AUDIT.c.status < MINOR, "4": AUDIT.c.status.between(MINOR, SERIOUS - 1)}
SYSTEMS: Final = {"subtype": (INTERACTION, OUR_EVENT), "agent-role": (OUR_ROLE,)}
ACTION_SYSTEM: Final = "http://hl7.org/fhir/audit-event-action"
OUTCOME_SYSTEM: Final = "http://hl7.org/fhir/audit-event-outcome"
ID: Final = re.compile(r"([1-9][0-9]{0,17})-([0-9]{1,8})", re.ASCII)
VALUES: Final = 50  # of one parameter


def condition(wanted: Wanted, number: int, name: str, value: str, *, reduced: bool) -> Wanted:
    """What is wanted, and that a parameter has a value, or one of several parted by commas. Raises BadRequest.

    reduced: for somebody who is not shown the names of staff, and so may not ask for them.
    """
    if name == "agent" and reduced:
        raise BadRequest(Issue("not-supported", "agent cannot be searched by where the names of staff are not shown"))
    values = value.split(",")
    if len(values) > VALUES or not value.isprintable():
        raise BadRequest(Issue("value", f"{name} takes at most {VALUES} values, of printable characters"))
    made = [PARAMETERS[name](f"p{number}_{n}", one) for n, one in enumerate(values)]
    params = {key: bound for _, some in made for key, bound in some.items()}
    return wanted.also(or_(*(clause for clause, _ in made)), **params)


def place_of(text: str) -> Place | None:
    """Where the event with an id stands; None for what is no id of ours."""
    found = ID.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _id(bind: str, value: str) -> Made:
    place = place_of(value)
    if place is None:
        return NEVER, {}
    here = and_(AUDIT.c.seq == bindparam(f"{bind}s"), bindparam(f"{bind}p") == POSITION)
    return here, {f"{bind}s": place[0], f"{bind}p": place[1]}


def _date(bind: str, value: str) -> Made:
    prefix, text = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    try:
        low, high = span(text.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise BadRequest(Issue("value", "date is a day or an instant, such as ge2026-04-01")) from error
    if prefix not in DATES:
        raise BadRequest(Issue("not-supported", f"date takes {', '.join(DATES)}"))
    clause, bound = DATES[prefix](f"{bind}l", f"{bind}h")
    return clause, {name: low if name.endswith("l") else high for name in bound}


Dated = tuple[ColumnElement[bool], tuple[str, ...]]
DATES: Final[dict[str, Callable[[str, str], Dated]]] = {
    "eq": lambda low, high: (AUDIT.c.at.between(bindparam(low), bindparam(high)), (low, high)),
    "ge": lambda low, _: (bindparam(low) <= AUDIT.c.at, (low,)),
    "gt": lambda _, high: (bindparam(high) < AUDIT.c.at, (high,)),
    "sa": lambda _, high: (bindparam(high) < AUDIT.c.at, (high,)),
    "le": lambda _, high: (bindparam(high) >= AUDIT.c.at, (high,)),
    "lt": lambda low, _: (bindparam(low) > AUDIT.c.at, (low,)),
    "eb": lambda low, _: (bindparam(low) > AUDIT.c.at, (low,)),
}


def _patient(bind: str, value: str) -> Made:
    return bindparam(bind) == PERSON, {bind: value.removeprefix("Patient/")}


def _agent(bind: str, value: str) -> Made:
    if value == GATEWAY["reference"]:
        return true(), {}
    kind, _, id_ = value.partition("/")
    if kind == "Organization":
        return and_(AUDIT.c.organisation == bindparam(bind), AUDIT.c.fhir_user.is_(None)), {bind: id_}
    return AUDIT.c.fhir_user == bindparam(bind), {bind: value}


def _altid(bind: str, value: str) -> Made:
    return AUDIT.c.client == bindparam(bind), {bind: value.rpartition("|")[2]}


def _coded(name: str, column: ColumnElement[str]) -> Callable[[str, str], Made]:
    """A token whose code stands in a column, its system one of ours or left out."""

    def made(bind: str, value: str) -> Made:
        system, bar, code = value.rpartition("|")
        if bar and system not in SYSTEMS[name]:
            return NEVER, {}
        if bar and name == "subtype" and (system == INTERACTION) != (code in INTERACTIONS):
            return NEVER, {}
        return column == bindparam(bind), {bind: code}

    return made


def _action(bind: str, value: str) -> Made:
    system, _, code = value.rpartition("|")
    return (AUDIT.c.action == bindparam(bind), {bind: code}) if system in ("", ACTION_SYSTEM) else (NEVER, {})


def _outcome(_: str, value: str) -> Made:
    system, _bar, code = value.rpartition("|")
    if system not in ("", OUTCOME_SYSTEM):
        return NEVER, {}
    return (AUDIT.c.status >= SERIOUS) if code == "8" else OUTCOMES.get(code, NEVER), {}


def _type(bind: str, value: str) -> Made:
    """FHIR's own interactions are one type, everything else is the other."""
    del bind
    rest = or_(*(AUDIT.c.subtype == one for one in INTERACTIONS))
    if value in (REST, f"{TYPE_SYSTEM}|{REST}"):
        return rest, {}
    return (~rest, {}) if value in (AUTHENTICATION, f"{DCM}|{AUTHENTICATION}") else (NEVER, {})


def _entity(bind: str, value: str) -> Made:
    """The person, the record, or any version of it, or the review or concern that opened it."""
    below = and_(bindparam(f"{bind}f") <= AUDIT.c.what, bindparam(f"{bind}t") > AUDIT.c.what)
    gate = (AUDIT.c.gate + " ").like(bindparam(f"{bind}g"))
    person = bindparam(f"{bind}p") == PERSON
    found = or_(AUDIT.c.what == bindparam(bind), below, gate, person)
    plain = value.replace("%", "").replace("_", "")
    return found, {
        bind: value,
        f"{bind}f": f"{value}/",
        f"{bind}t": f"{value}0",
        f"{bind}g": f"%{plain} %" if plain.startswith("Task/") and plain == value else "",
        f"{bind}p": value.removeprefix("Patient/") if value.startswith("Patient/") else "",
    }


PARAMETERS: Final[dict[str, Callable[[str, str], Made]]] = {
    "_id": _id,
    "patient": _patient,
    "date": _date,
    "agent": _agent,
    "agent-role": _coded("agent-role", AUDIT.c.role),
    "altid": _altid,
    "type": _type,
    "subtype": _coded("subtype", AUDIT.c.subtype),
    "action": _action,
    "outcome": _outcome,
    "entity": _entity,
}
KINDS: Final = {"date": "date", "patient": "reference", "agent": "reference", "entity": "reference"}
