"""Which reviews and concerns hold the financial detail of a person open, and to whom.

Source: domain.md R134, R135, R139.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, literal_column, select

from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import TIE

KIND: Final[ColumnElement[str]] = literal_column("'gate'")


def open_to(session: Session, person: str, who: Sequence[str] | None, now: int) -> tuple[str, ...]:
    """The records that open it at an instant, in microseconds. who: to any of these references; None: to anybody."""
    if who is not None and not who:
        return ()
    params = {"person": person, "now": now} | {f"w{at}": one for at, one in enumerate(who or ())}
    return tuple(row[0] for row in session.rows(_statement(len(who or ())), params))


@cache
def _statement(names: int) -> Statement:
    now: Any = bindparam("now")
    query = select(TIE.c.source).distinct().order_by(TIE.c.source)
    query = query.where(TIE.c.person == bindparam("person"), TIE.c.kind == KIND, TIE.c.since <= now, TIE.c.until > now)
    return Statement(query.where(TIE.c.who.in_([bindparam(f"w{at}") for at in range(names)])) if names else query)
