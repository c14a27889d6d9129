"""From which state to which a transfer, a concern and a second look may move; what has ended stays ended.

What is entered for the first time may be in any state: its history happened elsewhere.

Source: domain.md 5.3 (Appeal, Transfer, Concern).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.change import Concern, Transfer
from mappings.decision import Appeal
from mappings.terminology import APPEAL_STATUS, CONCERN_STATUS

Moves = Mapping[str, tuple[str, ...]]

ELEMENT: Final = "businessStatus"
TRANSFER: Final[Moves] = {
    "proposed": ("accepted", "refused", "cancelled"),
    "accepted": ("effective", "refused", "cancelled"),  # T21: the receiving body may still say no
    "effective": ("completed",),
    "refused": (),
    "completed": (),
    "cancelled": (),
}


def _onward(states: tuple[str, ...]) -> Moves:
    """Each state to any later one: a step may be left out where it is recorded afterwards."""
    return {one: states[at + 1 :] for at, one in enumerate(states)}


CONCERN: Final = _onward(tuple(CONCERN_STATUS))
APPEAL: Final = _onward(tuple(APPEAL_STATUS))


def _refused(before: str | None, after: str | None, moves: Moves) -> Iterator[Finding]:
    if before is None or before == after or after in moves[before]:
        return
    following = ", ".join(f"`{one}`" for one in moves[before]) or "nothing"
    yield Finding(f"it does not go from `{before}` to `{after or 'no state'}`: after that comes {following}", ELEMENT)


@rule("R152", on=Transfer)
def a_transfer_moves_step_by_step(new: Written[Transfer], _case: CaseFile) -> Iterator[Finding]:
    """Proposed, accepted or refused, effective, completed; refused or called off only before it takes effect."""
    if new.previous is not None and WITHDRAWN not in {new.previous.status, new.record.status}:
        yield from _refused(new.previous.transfer_status, new.record.transfer_status, TRANSFER)


@rule("R135", on=Concern)
def a_concern_moves_on(new: Written[Concern], _case: CaseFile) -> Iterator[Finding]:
    """Raised, coordinator asked, person informed, looked into, closed: it never goes back."""
    if new.previous is not None and WITHDRAWN not in {new.previous.status, new.record.status}:
        yield from _refused(new.previous.concern_status, new.record.concern_status, CONCERN)


@rule("R148", on=Appeal)
def a_second_look_moves_on(new: Written[Appeal], _case: CaseFile) -> Iterator[Finding]:
    """Lodged, in progress, closed: what is closed is not opened again."""
    if new.previous is not None and WITHDRAWN not in {new.previous.status, new.record.status}:
        yield from _refused(new.previous.appeal_status, new.record.appeal_status, APPEAL)
