"""Emergency access: one member of staff, one case, sixty minutes; an alert until the privacy officer has reviewed it.

Source: security.md section 4 (emergency access); docs/adr/0007.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Final

from sqlalchemy import bindparam, insert, or_, select, update

from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.store import ties
from fhir_gateway.store.database import Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import EMERGENCY, TIE

KIND: Final = "emergency"
MINUTE: Final = 60 * 1_000_000
LASTS: Final = 60 * MINUTE
REVIEWED_WITHIN: Final = 5 * 24 * 60 * MINUTE
OF_THE_CASE: Final = ("responsible", "delegate", "funder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """One opening. who: such as `PractitionerRole/x`. reason: a code. words: why. Instants in microseconds.

    told_at: when the person was told. reviewed_at, reviewed_by: by the privacy officer of `organisation`.
    """

    emergency_id: str
    person: str
    who: str
    organisation: str
    client: str
    request: str
    reason: str
    words: str
    started: int
    until: int
    told_at: int | None = None
    reviewed_at: int | None = None
    reviewed_by: str | None = None

    def tie(self) -> Tie:
        """The tie it makes to the person."""
        return Tie(kind=KIND, who=self.who, source=self.emergency_id, since=self.started, until=self.until)

    def is_overdue(self, now: int) -> bool:
        """Whether nobody has reviewed it in time."""
        return self.reviewed_at is None and now - self.started > REVIEWED_WITHIN


NAMES: Final = tuple(one.name for one in fields(Emergency))
INSERT: Final = Statement(insert(EMERGENCY), NAMES)
ALL: Final = Statement(select(*(EMERGENCY.c[one] for one in NAMES)).order_by(EMERGENCY.c.started.desc()))
_UNSEEN: Final = EMERGENCY.c.reviewed_at.is_(None)
REVIEW: Final = Statement(
    update(EMERGENCY)
    .where(EMERGENCY.c.emergency_id == bindparam("of"), _UNSEEN)
    .values(reviewed_at=bindparam("now"), reviewed_by=bindparam("by"))
)
TELL: Final = Statement(
    update(EMERGENCY)
    .where(EMERGENCY.c.emergency_id == bindparam("of"), EMERGENCY.c.told_at.is_(None))
    .values(told_at=bindparam("now"))
)
BODY_OF_THE_CASE: Final = Statement(
    select(TIE.c.kind)
    .where(
        TIE.c.person == bindparam("of"),
        or_(*(TIE.c.kind == bindparam(f"kind_{one}", one) for one in OF_THE_CASE)),
        TIE.c.who == bindparam("body"),
        TIE.c.start <= bindparam("day"),
        TIE.c.end >= bindparam("day"),
        TIE.c.since <= bindparam("now"),
        TIE.c.until > bindparam("now"),
    )
    .limit(1)
)


def is_of_the_case(session: Session, person: str, organisation: str, now: int, day: str) -> bool:
    """Whether a body answers or pays for the case of a person now. day: ISO, that of `now`."""
    asked = {"of": person, "body": f"Organization/{organisation}", "now": now, "day": day}
    return session.row(BODY_OF_THE_CASE, asked) is not None


def begin(session: Session, one: Emergency) -> None:
    """Open the case and leave the alert."""
    session.run(INSERT, dict(zip(NAMES, astuple(one), strict=True)))
    ties.put(session, one.person, [one.tie()])


def every(session: Session) -> list[Emergency]:
    """Every opening there was, newest first."""
    return [Emergency(**dict(zip(NAMES, row, strict=True))) for row in session.rows(ALL, {})]


def review(session: Session, emergency_id: str, by: str, now: int) -> bool:
    """The privacy officer has looked at it. Whether it was still waiting for that."""
    return session.run(REVIEW, {"of": emergency_id, "by": by, "now": now}) == 1


def tell(session: Session, emergency_id: str, now: int) -> bool:
    """The person was told. Whether they had not been."""
    return session.run(TELL, {"of": emergency_id, "now": now}) == 1


def tied(found: Sequence[Emergency]) -> Iterator[tuple[str, Tie]]:
    """Person and tie of each."""
    return ((one.person, one.tie()) for one in found)
