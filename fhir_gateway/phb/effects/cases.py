"""What follows from a change of a case's status: the history of its statuses, where the client does not keep it.

Source: domain.md 5.1; FHIR R4 episodeofcare.html (statusHistory).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.history import with_change
from fhir_gateway.phb.case.states import ways
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from mappings.episode_of_care import PhbCase

STATES: Final = "R161"


@effect(on=PhbCase)
def status_history_is_kept(new: Written[PhbCase], case: CaseFile) -> Iterator[Consequence]:
    """The status that ended gets its last day, and the new one its first."""
    before, now = new.previous, new.record
    if before is None or now.status == WITHDRAWN:
        return
    spans = with_change(before, now, case.today)
    if spans != now.status_history:
        yield Consequence(
            record=replace(now, status_history=spans),
            why=f"the case was {before.status} and is {now.status} from {case.today}",
            rule=next((one.number for one in ways(before.state, now.state)), STATES),
            id=new.id,
        )
