"""Audit engagements: which body may look at the money of which people, over which days, and until when.

Each makes one tie of kind `engagement` for each person sampled. Days are inclusive, instants microseconds.

Source: security.md section 4 (auditor); docs/adr/0007.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.store import bulk, ties
from fhir_gateway.store.database import Row, Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import ENGAGEMENT, TIE

KIND: Final = "engagement"
INSERT: Final = Statement(insert(ENGAGEMENT), [column.name for column in ENGAGEMENT.columns])
ALL: Final = Statement(select(ENGAGEMENT).order_by(ENGAGEMENT.c.since, ENGAGEMENT.c.engagement_id))
END: Final = Statement(
    update(ENGAGEMENT)
    .where(ENGAGEMENT.c.engagement_id == bindparam("of"), ENGAGEMENT.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
UNTIE: Final = Statement(delete(TIE).where(TIE.c.kind == bindparam("of_kind"), TIE.c.source == bindparam("of")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """One engagement. organisation: id of the auditing body. people: ids. ended_at: None while nobody ended it."""

    engagement_id: str
    organisation: str
    people: tuple[str, ...]
    start: date
    end: date
    since: int
    until: int
    ended_at: int | None = None

    def tie(self) -> Tie:
        """The tie it makes to each person of its sample."""
        return Tie(
            kind=KIND,
            who=f"Organization/{self.organisation}",
            source=self.engagement_id,
            start=self.start,
            end=self.end,
            since=self.since,
            until=self.until,
        )


def add(session: Session, one: Engagement) -> None:
    """Begin an engagement. Raises ValueError for an empty one, and for a body or person not known here."""
    if not one.people or one.start > one.end or one.since >= one.until:
        raise ValueError("an engagement needs people, days in order, and an end that is still to come")
    wanted = {("Organization", one.organisation), *(("Patient", person) for person in one.people)}
    missing = sorted(wanted - bulk.live(session, wanted))
    if missing:
        raise ValueError(f"{'/'.join(missing[0])} is not known here")
    session.run(INSERT, _values(one))
    for person in one.people:
        ties.put(session, person, [one.tie()])


def end(session: Session, engagement_id: str, now: int) -> bool:
    """End an engagement: it opens nothing from now on. Whether there was one to end."""
    session.run(UNTIE, {"of_kind": KIND, "of": engagement_id})
    return session.run(END, {"of": engagement_id, "now": now}) == 1


def every(session: Session) -> list[Engagement]:
    """Every engagement, ended ones included, in the order they began."""
    return [_engagement(row) for row in session.rows(ALL, {})]


def tied(found: Sequence[Engagement]) -> Iterator[tuple[str, Tie]]:
    """Person and tie of each that nobody ended."""
    return ((person, one.tie()) for one in found if one.ended_at is None for person in one.people)


def _values(one: Engagement) -> dict[str, Any]:
    days = {"start": one.start.isoformat(), "end": one.end.isoformat()}
    return {
        "engagement_id": one.engagement_id,
        "organisation": one.organisation,
        "people": json.dumps(sorted(set(one.people))),
        **days,
        "since": one.since,
        "until": one.until,
        "ended_at": one.ended_at,
    }


def _engagement(row: Row) -> Engagement:
    id_, organisation, people, start, last, since, until, ended_at = row
    return Engagement(
        engagement_id=id_,
        organisation=organisation,
        people=tuple(json.loads(people)),
        start=ties.day_of(start),
        end=ties.day_of(last),
        since=since,
        until=until,
        ended_at=ended_at,
    )
