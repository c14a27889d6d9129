"""R62: one care coordinator for the whole case, whoever pays.

Source: domain.md 4 E (R62), 5.1; S003, S004.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case import coordination
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.episode_of_care import PhbCase

COORDINATED: Final = frozenset(
    {
        *("assessing", "budget-setting", "planning", "awaiting-decision", "organising"),
        *("active", "under-review", "suspended", "transferring"),
    }
)
ELEMENT: Final = "careManager"


@rule("R62", on=PhbCase)
def case_has_one_coordinator(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """From assessment to transfer somebody at work coordinates, alone, for every funder."""
    record = new.record
    asked = any(new.changed(one) for one in ("state", "status", "care_coordinator", "care_teams"))
    if not asked or record.state not in COORDINATED or record.status == WITHDRAWN:
        return
    if record.care_coordinator is None:
        yield Finding("name the care coordinator", ELEMENT)
        return
    if not coordination.is_at_work(case, record.care_coordinator):
        yield Finding("the role of the care coordinator has ended: name one who is at work", ELEMENT)
    if len(coordination.workers(case, record.care_teams)) > 1:
        yield Finding("the care team has more than one care coordinator: leave one", "team")
    left_out = coordination.funders_left_out(case, record.care_coordinator, record.care_teams)
    for one in sorted(left_out):
        says = f"the care coordinator does not act for {one}, which pays a share"
        yield Finding(f"{says}: add them to the CareTeam on behalf of it", "team")
