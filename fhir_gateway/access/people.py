"""Whom an account may act as, for the page on which an app is allowed in, and the most that a role may be granted.

Source: SMART App Launch 2.2 (launch context); security requirement S14; security.md section 4 (SMART form).
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from auth.seams import Choice
from auth.store import ACCOUNT_LINK
from fhir_gateway.access import standing
from fhir_gateway.london import today
from fhir_gateway.store.database import Session
from fhir_gateway.store.tables import RESOURCES, TIE

PATIENT: Final = RESOURCES["Patient"]
ORGANIZATION: Final = RESOURCES["Organization"]
WORDS: Final = {
    "coordinator": "Care coordinator",
    "icb": "NHS finance staff",
    "council": "Council finance staff",
    "provider": "Provider",
    "holder": "Holder of the money",
    "auditor": "Auditor",
    "privacy-officer": "Privacy officer",
    "operator": "Operator",
}
READ: Final = "patient/*.rs"
# Reads all; keeps spending and its evidence; asks, answers and agrees.
ACTS: Final = (
    f"{READ} patient/Claim.cru patient/DocumentReference.cru patient/Communication.c patient/Task.c patient/Consent.cu"
)
SCOPES: Final = {
    "person": ACTS,
    "representative": ACTS,
    "nominee": f"{READ} patient/Claim.cru patient/DocumentReference.cru",
    "coordinator": "user/*.cruds",
    "icb": "user/*.cruds",
    "council": "user/*.cruds",
    "provider": "user/*.rs user/Claim.cru",
    "holder": "user/*.rs user/Claim.cru user/DocumentReference.cru",
    "auditor": "user/*.rs",
    "privacy-officer": "user/AuditEvent.rs user/Task.rs user/Provenance.rs",
}
IDENTITY: Final = "openid fhirUser profile launch launch/patient offline_access online_access"


def role_scopes(role: str) -> str:
    """The most an app may be granted by somebody in a role, as scope text; of records nothing for one that has none."""
    return f"{IDENTITY} {SCOPES.get(role, '')}".strip()


def choices(conn: Connection, account_id: str, now: int) -> tuple[Choice, ...]:
    """Whom an account may act as at an instant, in microseconds: only what still stands is offered."""
    mine = (ACCOUNT_LINK.c.account_id == account_id) & ACCOUNT_LINK.c.ended_at.is_(None)
    query = select(ACCOUNT_LINK).where(mine).order_by(ACCOUNT_LINK.c.created_at, ACCOUNT_LINK.c.link_id)
    links = conn.execute(query).mappings().all()
    return tuple(one for link in links for one in _of_link(conn, link, now))


def _of_link(conn: Connection, link: Any, now: int) -> Iterator[Choice]:
    if link["role"] in standing.TIED:
        asked = {"held_by": link["fhir_user"], "of_kind": standing.TIED[link["role"]], "now": now}
        for patient, name in conn.execute(TIED_TO, asked):
            yield _choice(link, patient, name or f"Patient/{patient}")
    elif link["role"] in WORDS and _stands(conn, link, now):
        body = conn.execute(BODY, {"of": link["organisation"]}).scalar()
        yield _choice(link, None, f"{WORDS[link['role']]}, {body or link['organisation']}")


def _stands(conn: Connection, link: Any, now: int) -> bool:
    """Whether the role behind a link of staff is held."""
    return bool(standing.at_work(Session(conn), link["fhir_user"], link["organisation"], today(now)))


def _choice(link: Any, patient: str | None, label: str) -> Choice:
    return Choice(
        link_id=link["link_id"],
        fhir_user=link["fhir_user"],
        role=link["role"],
        organisation=link["organisation"],
        patient=patient,
        label=label,
    )


# --- statements -------------------------------------------------------------------------------------


def _tied_to() -> Select[Any]:
    """The people somebody is tied to in one way now, by name."""
    in_force = (TIE.c.since <= bindparam("now")) & (TIE.c.until > bindparam("now"))
    mine = (TIE.c.who == bindparam("held_by")) & (TIE.c.kind == bindparam("of_kind"))
    query = select(PATIENT.c.id, PATIENT.c.r_name).join_from(TIE, PATIENT, TIE.c.person == PATIENT.c.id)
    return query.where(mine, in_force).distinct().order_by(PATIENT.c.id)


TIED_TO: Final = _tied_to()
BODY: Final = select(ORGANIZATION.c.r_name).where(ORGANIZATION.c.id == bindparam("of"))
