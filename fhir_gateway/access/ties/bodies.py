"""The bodies that answer for a case: each while it did, and those that act for them while their delegation runs.

On a transfer the sending ICB keeps what is dated in its own period, which a tie in the past opens for reading alone.

Source: domain.md 2.1 (PhbCase), 4 L; security.md section 4 (ICB finance, tenancy); rules R3, R152, R153.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.access.ties.tie import FIRST, LAST, Tie, held, window
from fhir_gateway.phb.case.bodies import is_open, open_cases
from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case.transfers import MOVED
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.periods import day_before
from mappings.change import Transfer
from mappings.episode_of_care import PhbCase

RESPONSIBLE: Final = "responsible"
DELEGATE: Final = "delegate"
BODY: Final = "Organization"


def responsible(case: CaseFile) -> Iterator[Tie]:
    """Whoever answers for a case, and whoever did until it was handed over."""
    moves = _moves(case)
    for one in moves:
        sender, day = str(one.record.requester), _day(one)
        ends = max(day_before(day), one.record.funded_until or FIRST)
        earlier = [other for other in moves if _day(other) < day]
        yield Tie(kind=RESPONSIBLE, who=sender, source=one.reference, start=_from(earlier, sender), end=ends)
    for filed in case.all(PhbCase):
        body = f"{BODY}/{filed.record.responsible_body}"
        if filed.record.responsible_body and not _is_handed_over(moves, body):
            start, end = _from(moves, body), _last(case, filed.record)
            yield Tie(kind=RESPONSIBLE, who=body, source=filed.reference, start=start, end=end)


def _moves(case: CaseFile) -> list[Filed[Transfer]]:
    """The transfers that took effect, earliest first."""
    found = [one for one in case.all(Transfer) if one.record.transfer_status in MOVED and one.record.started_on]
    named = [one for one in found if type_of(one.record.requester) == BODY and type_of(one.record.owner) == BODY]
    return sorted(named, key=lambda one: (_day(one), one.id))


def _day(one: Filed[Transfer]) -> date:
    return one.record.started_on or FIRST


def _from(moves: list[Filed[Transfer]], body: str) -> date:
    """The day a body took the person over, the last time it did."""
    return max((_day(one) for one in moves if one.record.owner == body), default=FIRST)


def _is_handed_over(moves: list[Filed[Transfer]], body: str) -> bool:
    """Whether a body has handed the person on since."""
    return any(one.record.requester == body and _day(one) >= _from(moves, body) for one in moves)


def _last(case: CaseFile, one: PhbCase) -> date:
    """The last day of a case's records: of one that is closed the day before another body opens the next."""
    others = (other.record for other in case.all(PhbCase) if other.record.responsible_body != one.responsible_body)
    later = [other.opened_on for other in others if other.opened_on and other.opened_on > (one.opened_on or FIRST)]
    if is_open(one) or not later:
        return LAST
    return max(day_before(min(later)), one.closed_on or FIRST)


def delegates(case: CaseFile) -> Iterator[Tie]:
    """Whoever carries out functions of the responsible body in an open case, while that is agreed."""
    for filed in open_cases(case):
        for body in dict.fromkeys(one.delegate for one in filed.record.delegations if one.delegate):
            running = [window(one.start, one.end) for one in filed.record.delegations if one.delegate == body]
            yield from held(DELEGATE, f"{BODY}/{body}", filed.reference, running)
