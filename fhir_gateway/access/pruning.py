"""Retention of the audit: rows that are past their time go, and a tombstone with their number stays in the chain.

Source: security reference, section 5 (retention: as long as the record it speaks of, and not less than 8 years).
"""

from datetime import date
from itertools import takewhile
from typing import Final

from fhir_gateway.access import audit
from fhir_gateway.access.seal import Key, stone_of
from fhir_gateway.access.seal_check import check
from fhir_gateway.london import begins, today
from fhir_gateway.store import audit_rows
from fhir_gateway.store.audit_rows import Tombstone
from fhir_gateway.store.database import Session

YEARS: Final = 8


class TooYoung(ValueError):
    """Rows are to be kept longer."""


class Unsound(ValueError):
    """The audit is not as it was sealed: nothing is taken away from it."""


def prune(session: Session, key: Key, before: date, now: int) -> Tombstone | None:
    """Take away the sealed rows that are older than a day; None when there are none.

    A seal goes as a whole, once its newest row is old enough. Raises TooYoung, Unsound.
    """
    latest = years_before(today(now), YEARS)
    if before > latest:
        raise TooYoung(f"the audit is kept {YEARS} years: nothing from {latest} on can be taken away")
    if faults := check(session, key, ()).faults:
        raise Unsound(f"the audit is not as it was sealed: {faults[0]}")
    gone = {n for stone in audit_rows.tombstones(session) for n in range(stone.first, stone.last + 1)}
    standing = [seal for seal in audit_rows.seals(session) if seal.n not in gone]
    old = list(takewhile(lambda seal: seal.newest < begins(before), standing))
    if not old:
        return None
    stone = stone_of(key, old, now)
    audit_rows.bury(session, old[-1].place, stone)
    audit.note(session.core, "prune", "done", client_id="operator")
    return stone


def years_before(day: date, years: int) -> date:
    """The same day some years ago; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
