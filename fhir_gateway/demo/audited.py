"""The audit of the demonstration: its auditors may look at the money of a sample of its people, and at no other.

Source: security.md section 4 (auditor).
"""

from datetime import date
from typing import Final

from fhir_gateway.demo.case import AUDITORS
from fhir_gateway.interactions.context import new_id
from fhir_gateway.london import today
from fhir_gateway.store import bulk, engagements
from fhir_gateway.store.database import Session
from fhir_gateway.store.engagements import Engagement

YEAR: Final = 365 * 24 * 60 * 60 * 1_000_000  # microseconds
FIRST_DAY: Final = date(2024, 4, 1)
SAMPLE: Final = ("janice", "keir", "rowan")


def engage(session: Session, now: int) -> None:
    """Begin the engagement, for a year, unless there is one going on; about those who are still there."""
    mine = [one for one in engagements.every(session) if one.organisation == AUDITORS]
    if any(one.ended_at is None and one.until > now for one in mine):
        return
    live = bulk.live(session, {("Organization", AUDITORS), *(("Patient", name) for name in SAMPLE)})
    people = tuple(name for name in SAMPLE if ("Patient", name) in live)
    if people and ("Organization", AUDITORS) in live:
        engagements.add(session, _engagement(people, now))


def _engagement(people: tuple[str, ...], now: int) -> Engagement:
    return Engagement(
        engagement_id=new_id(),
        organisation=AUDITORS,
        people=people,
        start=FIRST_DAY,
        end=today(now + YEAR),
        since=now,
        until=now + YEAR,
    )
