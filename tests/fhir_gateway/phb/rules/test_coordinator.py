"""One care coordinator for the whole case: R62."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings.care_team import Participant
from mappings.episode_of_care import PhbCase
from mappings.terminology import CASE_STATE
from tests.fhir_gateway.phb.shelf import broken, filed
from tests.fhir_gateway.phb.whole_case import phb_case, standing
from tests.fhir_gateway.phb.whole_people import body, role, share, team

BARE = ("enquiry", "ended", "not-proceeding")
# Waiting and organising ask for more than a coordinator: R161.
ALONE = tuple(one for one in CASE_STATE if one not in {*BARE, "awaiting-decision", "organising"})


def in_state(state: str, **known: Any) -> PhbCase:
    return phb_case(state=state, status=str(CASE_STATE.property_of(state, "episode_status")), **known)


@pytest.mark.parametrize("state", ALONE)
def test_r62_breaks_when_nobody_coordinates(state: str) -> None:
    assert broken(in_state(state, care_coordinator=None), *standing(), id="case") == {"R62"}


@pytest.mark.parametrize("state", ["awaiting-decision", "organising"])
def test_r62_breaks_when_nobody_coordinates_while_the_decision_is_made(state: str) -> None:
    assert "R62" in broken(in_state(state, care_coordinator=None), *standing(), id="case")


@pytest.mark.parametrize("state", BARE)
def test_r62_holds_before_assessment_and_after_the_end(state: str) -> None:
    assert broken(in_state(state, care_coordinator=None), *standing(), id="case") == set()


@pytest.mark.parametrize("known", [{"active": False}, {"end": date(2025, 5, 31)}])
def test_r62_breaks_when_the_coordinator_is_no_longer_at_work(known: dict[str, Any]) -> None:
    assert broken(phb_case(), *standing(role(**known)), id="case") == {"R62"}


def test_r62_breaks_when_there_are_two_coordinators() -> None:
    two = team(("PractitionerRole/mira", "icb"), ("PractitionerRole/ola", "icb"))
    assert broken(phb_case(), *standing(two, role("ola")), id="case") == {"R62"}


COUNCIL = (share("council", "la-adult-social-care", "council"), body("council", "local-authority"))


def test_r62_breaks_when_the_coordinator_does_not_act_for_a_funder() -> None:
    assert broken(phb_case(), *standing(*COUNCIL), id="case") == {"R62"}


def test_r62_holds_when_one_coordinator_acts_for_all() -> None:
    both = team(("PractitionerRole/mira", "icb"), ("PractitionerRole/mira", "council"))
    assert broken(phb_case(), *standing(both, *COUNCIL), id="case") == set()
    assert broken(phb_case(care_teams=()), *standing(), id="case") == set()
    health = made(Participant, roles=("health-contact",), member="PractitionerRole/ola")
    with_nurse = replace(team().record, participants=(*team().record.participants, health))
    assert broken(phb_case(), *standing(filed(with_nurse, "team")), id="case") == set()


def test_r62_holds_when_something_else_of_an_old_case_changes() -> None:
    old = phb_case(care_coordinator=None)
    changed = phb_case(care_coordinator=None, support_offered=("advocacy",))
    assert broken(changed, *standing(), id="case", previous=old) == set()
