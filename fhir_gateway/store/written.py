"""Who wrote which version, as far as no Provenance is stored that says so: read from the change rows.

Source: rule R159; store.tables.CHANGE.
"""

from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import CHANGE

COLUMNS: Final = (
    *("seq", "type", "id", "version", "method", "updated", "client", "request"),
    *("role", "organisation", "fhir_user", "purpose", "origin", "person"),
)
_told: Final = (CHANGE.c.origin != "consequence", CHANGE.c.type != "Provenance")
_ALL: Final[Select[Any]] = select(*(CHANGE.c[name] for name in COLUMNS)).where(*_told)
OF_RECORD: Final = Statement(
    _ALL.where(CHANGE.c.type == bindparam("type"), CHANGE.c.id == bindparam("id"))
    .order_by(CHANGE.c.version.desc())
    .limit(bindparam("limit"))
)
ONE: Final = Statement(_ALL.where(CHANGE.c.seq == bindparam("seq")))


def of_record(session: Session, resource_type: str, id_: str, limit: int) -> list[dict[str, Any]]:
    """The changes of a record, newest first, as columns by name."""
    rows = session.rows(OF_RECORD, {"type": resource_type, "id": id_, "limit": limit})
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def one(session: Session, seq: int) -> dict[str, Any] | None:
    """One change by its number, as columns by name."""
    row = session.row(ONE, {"seq": seq})
    return dict(zip(COLUMNS, row, strict=True)) if row else None
