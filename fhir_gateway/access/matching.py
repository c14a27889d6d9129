"""Whose record another issuer's verified claims speak of: an exact match with one live record, or nobody's.

Source: security requirement S29; domain.md 2.1 (Person, CareCoordinator); UK Core identifiers.
"""

import json
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from auth.issuers.federation import Matched
from auth.issuers.identity import Worker
from fhir_gateway.london import today
from fhir_gateway.store.rows import BODIES
from fhir_gateway.store.tables import CHANGE, RESOURCES, SEARCH_VALUE, TIE
from mappings.namespaces import NHS_NUMBER, ODS_CODE
from mappings.practitioner_role import SDS_ROLE_PROFILE

CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
RESTRICTED: Final = frozenset({"R", "V"})
# what a worker's role in the record makes them in the access policy; for any other an operator links the account
ROLE_OF: Final = {"care-coordinator": "coordinator"}
AT_MOST: Final = 2  # more than one match is as good as none


def match_person(conn: Connection, nhs_number: str, birth_date: date) -> str | None:
    """The one person with this NHS number and birth date, as `Patient/x`.

    None where there is none, where two records that are not inactive carry the number, and for a record of somebody
    who died, that was replaced by another, or that is restricted. What a body brought and no body answers for does not
    count: a number that is none of theirs shuts nobody out, and lets nobody in.
    """
    found = _with_identifier(conn, "Patient", NHS_NUMBER, nhs_number, ~_only_brought())
    if len(found) != 1 or not _is_open(found[0]):
        return None
    (person,) = found
    if (person.r_nhs_number, person.r_birth_date) != (nhs_number, birth_date):
        return None
    return None if person.r_deceased or person.r_death_date else f"Patient/{person.id}"


def match_worker(conn: Connection, worker: Worker, now: int) -> Matched | None:
    """The one active role with this registered id, in the active body of this ODS code. now: microseconds.

    None also for a role that has not begun or has ended, and for one an operator has to link.
    """
    found = _with_identifier(conn, "PractitionerRole", SDS_ROLE_PROFILE, worker.role_id)
    if len(found) != 1 or not _holds(found[0], today(now)):
        return None
    (role,) = found
    bodies = _with_identifier(conn, "Organization", ODS_CODE, worker.ods_code)
    if role.r_sds_role_profile_id != worker.role_id or [one.id for one in bodies] != [role.r_organisation]:
        return None
    kinds = {ROLE_OF[code] for code in json.loads(role.r_roles or "[]") if code in ROLE_OF}
    if len(kinds) != 1:
        return None
    return Matched(fhir_user=f"PractitionerRole/{role.id}", role=kinds.pop(), organisation=bodies[0].id)


def _only_brought() -> ColumnElement[bool]:
    """Whether a body was the first to record a person, and none is tied to them."""
    person = RESOURCES["Patient"].c.id
    first = (CHANGE.c.type == "Patient") & (CHANGE.c.id == person) & (CHANGE.c.version == 1)
    brought = select(CHANGE.c.seq).where(first, CHANGE.c.organisation.is_not(None)).exists()
    tied = select(TIE.c.person).where(TIE.c.person == person, TIE.c.kind.in_(BODIES)).exists()
    return and_(brought, ~tied)


def _with_identifier(
    conn: Connection, resource_type: str, system: str, value: str, *conditions: ColumnElement[bool]
) -> list[Row[Any]]:
    """The records that are not inactive and carry this identifier, two at most."""
    table, term = RESOURCES[resource_type], SEARCH_VALUE.c
    carries = (term.key == f"{resource_type}.identifier") & (term.value == value) & (term.system == system)
    known = select(term.id).where(carries)
    live = or_(table.c.r_active.is_(None), table.c.r_active.is_(True))
    return list(conn.execute(select(table).where(table.c.id.in_(known), live, *conditions).limit(AT_MOST)))


def _is_open(row: Row[Any]) -> bool:
    """Whether a record is neither restricted nor replaced by another."""
    tree = json.loads(row.text)
    labels = tree.get("meta", {}).get("security", [])
    if any(one.get("system") == CONFIDENTIALITY and one.get("code") in RESTRICTED for one in labels):
        return False
    return all(one.get("type") != "replaced-by" for one in tree.get("link", []))


def _holds(role: Row[Any], day: date) -> bool:
    begun = role.r_start is None or role.r_start <= day
    return begun and (role.r_end is None or role.r_end >= day)
