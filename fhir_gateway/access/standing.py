"""What a grant rests on, looked up at every request: a tie to the person, or a role that is still held.

Source: security requirement S22; security.md section 4 (representative: ended by a birthday, capacity, revocation or
death); docs/adr/0007.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, or_, select

from auth.errors import Unauthorized
from auth.principal import Principal
from auth.tokens import UNKNOWN
from fhir_gateway.store import ties
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import RESOURCES

# Who asks about one person, by the kind of tie that takes
TIED: Final = {"person": "self", "representative": "representative", "nominee": "nominee"}
COORDINATOR: Final = "coordinator"
STAFF: Final = frozenset(
    {COORDINATOR, "icb", "council", "provider", "holder", "auditor", "privacy-officer", "operator"}
)
ROLE: Final = RESOURCES["PractitionerRole"]
PRACTITIONER: Final = "Practitioner"


def patient_of(principal: Principal) -> str | None:
    """Id of the person a grant is about: of the launch, or whoever asks about themselves."""
    if principal.patient is None and principal.role == "person":
        return (principal.fhir_user or "").removeprefix("Patient/") or None
    return principal.patient


def references(session: Session, principal: Principal, now: int, day: date) -> tuple[str, ...]:
    """The references ties of this principal are held under. Raises Unauthorized when it stands on nothing any more."""
    body = f"Organization/{principal.organisation}" if principal.organisation else ""
    if principal.for_itself:
        return (body,) if body else ()
    if principal.role in TIED:
        return _tied(session, principal, now)
    if principal.role not in STAFF:
        raise Unauthorized(UNKNOWN)
    names = at_work(session, principal.fhir_user, principal.organisation, day)
    if not names:
        raise Unauthorized(UNKNOWN)
    return names if principal.role == COORDINATOR else (body, *names)


def _tied(session: Session, principal: Principal, now: int) -> tuple[str, ...]:
    who, patient = principal.fhir_user, patient_of(principal)
    if who is None or patient is None or not ties.in_force(session, patient, TIED[principal.role or ""], who, now):
        raise Unauthorized(UNKNOWN)
    return (who,)


# --- staff ------------------------------------------------------------------------------------------


def at_work(session: Session, fhir_user: str | None, organisation: str | None, day: date) -> tuple[str, ...]:
    """A worker and the roles held in a body, by any of which a case may name them; nothing while none is."""
    kind, _, id_ = (fhir_user or "").partition("/")
    if kind not in {PRACTITIONER, "PractitionerRole"} or organisation is None:
        return ()
    statement, of = (BY_WORKER, fhir_user) if kind == PRACTITIONER else (BY_ROLE, id_)
    rows = session.rows(statement, {"of": of, "body": organisation, "day": day.isoformat()})
    workers = dict.fromkeys(f"{PRACTITIONER}/{worker}" for _, worker in rows if worker)
    return (*(f"PractitionerRole/{role}" for role, _ in rows), *workers)


def _held(column: ColumnElement[Any]) -> Statement:
    """The roles of a body that are held on a day, by their own id or by whose they are."""
    active = ROLE.c.r_active.is_not(False)
    begun = or_(ROLE.c.r_start.is_(None), ROLE.c.r_start <= bindparam("day"))
    not_over = or_(ROLE.c.r_end.is_(None), ROLE.c.r_end >= bindparam("day"))
    of_body = ROLE.c.r_organisation == bindparam("body")
    mine = column == bindparam("of")
    return Statement(select(ROLE.c.id, ROLE.c.r_practitioner).where(mine, of_body, active, begun, not_over))


BY_ROLE: Final = _held(ROLE.c.id)
BY_WORKER: Final = _held(ROLE.c.q_practitioner)
