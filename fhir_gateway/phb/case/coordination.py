"""The care coordinator of a case, and for which funders they act.

Source: domain.md 2.1 (PhbCase, CareCoordinator), 8.3 (CareTeam.participant); rules R56, R62.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from fhir_gateway.phb.case.bodies import shares
from fhir_gateway.phb.case.conversations import worker_of
from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.transfers import handed_over
from fhir_gateway.phb.case_file import CaseFile
from mappings.care_team import Participant, Team
from mappings.practitioner_role import CareCoordinator

COORDINATOR: Final = "care-coordinator"


def coordinating(case: CaseFile, team_ids: Iterable[str]) -> Iterator[Participant]:
    """Those who coordinate today in any of the teams; one row for each funder they act for."""
    for id_ in team_ids:
        team = case.get(Team, f"CareTeam/{id_}")
        for one in team.participants if team is not None else ():
            if COORDINATOR in one.roles and one.member and runs_on(None, one.end, case.today):
                yield one


def workers(case: CaseFile, team_ids: Iterable[str]) -> frozenset[str]:
    """References to the workers who coordinate in the teams, each once whatever their roles."""
    return frozenset(worker_of(case, one.member) for one in coordinating(case, team_ids) if one.member)


def is_at_work(case: CaseFile, coordinator: str) -> bool:
    """Whether nothing known says that the role has ended."""
    role = case.get(CareCoordinator, coordinator)
    return role is None or (role.active is not False and runs_on(None, role.end, case.today))


def acts_for(case: CaseFile, coordinator: str, team_ids: Iterable[str]) -> frozenset[str]:
    """Ids of the bodies a coordinator acts for: their own, and those the teams name."""
    role, worker = case.get(CareCoordinator, coordinator), worker_of(case, coordinator)
    own = {role.organisation} if role is not None else set()
    named = {one.on_behalf_of for one in coordinating(case, team_ids) if worker_of(case, one.member or "") == worker}
    return frozenset(one for one in own | named if one)


def public_funders(case: CaseFile) -> frozenset[str]:
    """References to the bodies whose shares are in force; of an ICB that handed the person over no more."""
    paying = frozenset(one.funder for one in shares(case) if one.funder and one.funder.startswith("Organization/"))
    return paying - handed_over(case, case.today)


def funders_left_out(case: CaseFile, coordinator: str, team_ids: Iterable[str]) -> frozenset[str]:
    """References to the bodies with a share in force for which the coordinator does not act."""
    covered = {literal("Organization", one) for one in acts_for(case, coordinator, tuple(team_ids))}
    return frozenset(one for one in public_funders(case) if one not in covered)
