"""The care coordinators of a case: the one it names, and those of its teams, each as they are named.

Whether a role is still held is not said here: it is looked up for whoever asks, at every request.

Source: domain.md 2.1 (CareCoordinator), 8.3 (CareTeam.participant); security.md section 4; rules R56, R62.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.access.ties.tie import Tie, held, window
from fhir_gateway.phb.case.bodies import open_cases
from fhir_gateway.phb.case.coordination import COORDINATOR as IN_THE_ROLE
from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.care_team import Participant, Team
from mappings.episode_of_care import STAFF

COORDINATOR: Final = "coordinator"
OVER: Final = frozenset({"inactive", "entered-in-error"})


def coordinators(case: CaseFile) -> Iterator[Tie]:
    """Whoever an open case or one of its teams names, now or from a day on."""
    cases = open_cases(case)
    for one in cases:
        if type_of(one.record.care_coordinator) in STAFF:
            yield Tie(kind=COORDINATOR, who=str(one.record.care_coordinator), source=one.reference)
    named = {id_ for one in cases for id_ in one.record.care_teams}
    for team in case.all(Team) if named else ():
        if team.id in named and team.record.status not in OVER:
            yield from _of_team(team)


def _of_team(team: Filed[Team]) -> Iterator[Tie]:
    rows = [one for one in team.record.participants if IN_THE_ROLE in one.roles and type_of(one.member) in STAFF]
    for member in dict.fromkeys(one.member for one in rows):
        yield from held(COORDINATOR, str(member), team.reference, [_days(one) for one in rows if one.member == member])


def _days(one: Participant) -> tuple[int, int]:
    return window(one.start, one.end)
