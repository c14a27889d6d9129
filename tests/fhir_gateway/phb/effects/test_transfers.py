"""What follows from a transfer between ICBs: T19 to T21."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed, Written
from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.effects.transfers import (
    a_transfer_that_is_off_changes_nothing,
    an_accepted_transfer_begins,
    the_case_is_handed_over,
)
from fhir_gateway.phb.records import made
from mappings.care_team import Team
from mappings.change import Transfer
from mappings.episode_of_care import PhbCase
from mappings.review import Review
from tests.fhir_gateway.phb.moves import at
from tests.fhir_gateway.phb.shelf import TODAY, broken, case_file, filed
from tests.fhir_gateway.phb.whole_case import budget, plan, standing
from tests.fhir_gateway.phb.whole_people import COORDINATOR, SELF, body, role, share, team

NEW = "PractitionerRole/ines"
LATER = date(2025, 7, 1)
RUNNING = filed(at("active"), "case")
MOVING = filed(at("transferring"), "case")
JOINT = (
    body("new-icb"),
    body("council", "local-authority"),
    share("council", "la-adult-social-care", "council", order=2),
    role("ines", organisation="new-icb"),
    team((COORDINATOR, "icb"), (COORDINATOR, "council")),
    filed(plan(plan_status="active"), "plan"),
    filed(budget(budget_status="active"), "budget"),
)


def transfer(**known: Any) -> Transfer:
    """Accepted, with all that it needs to take effect."""
    usual: dict[str, Any] = {
        "status": "accepted",
        "intent": "order",
        "transfer_status": "accepted",
        "requester": "Organization/icb",
        "owner": "Organization/new-icb",
        "started_on": TODAY,
        "reason": "moved-home",
        "person_informed_on": date(2025, 4, 1),
        "accepted_by": NEW,
        "accepted_on": date(2025, 5, 1),
        "new_coordinator": NEW,
        "funded_until": date(2025, 5, 31),
        "balance_pence": 123_456,
        "balance_carried_pence": 123_456,
        "balance_returned_pence": 0,
        "first_review_due": date(2025, 8, 29),
    }
    return made(Transfer, person_id="pat", **usual | known)


def follows(effect: Any, record: Transfer, *around: Filed[Any], previous: Transfer | None = None) -> Any:
    changed = filed(record, "move")
    case = case_file(*standing(*JOINT, *around, changed))
    return tuple(effect(Written("Task", "move", 2, record, previous), case))


def only(found: tuple[Consequence, ...], kind: type[Any]) -> Any:
    (one,) = (one.record for one in found if isinstance(one.record, kind))
    return one


# --- T19 --------------------------------------------------------------------------------------------


def test_a_case_is_being_transferred_from_acceptance_to_the_day() -> None:
    (found,) = follows(an_accepted_transfer_begins, transfer(started_on=LATER, funded_until=date(2025, 6, 30)), RUNNING)
    assert (found.record.state, found.record.status, found.rule) == ("transferring", "active", "T19")
    assert found.record.responsible_body == "icb"


@pytest.mark.parametrize("state", ["under-review", "suspended", "planning", "transferring"])
def test_only_an_active_case_is_being_transferred(state: str) -> None:
    record = transfer(started_on=LATER, funded_until=date(2025, 6, 30))
    assert follows(an_accepted_transfer_begins, record, filed(at(state), "case")) == ()


def test_a_transfer_accepted_before_does_not_move_the_case_again() -> None:
    record = transfer(started_on=LATER, funded_until=date(2025, 6, 30))
    assert follows(an_accepted_transfer_begins, record, RUNNING, previous=record) == ()


# --- T20 --------------------------------------------------------------------------------------------


def test_one_whose_day_has_come_takes_effect_at_once() -> None:
    (found,) = follows(an_accepted_transfer_begins, transfer(), RUNNING)
    assert found.record == transfer(transfer_status="effective")
    assert (found.id, found.rule) == ("move", "T20")


@pytest.mark.parametrize(
    "known",
    [{"balance_returned_pence": 1}, {"balance_pence": None}, {"first_review_due": date(2025, 9, 2)}],
    ids=["R154 a penny out", "R154 no balance", "R153 too late"],
)
def test_one_that_may_not_take_effect_yet_stays_accepted_and_the_case_is_moving(known: dict[str, Any]) -> None:
    (found,) = follows(an_accepted_transfer_begins, transfer(**known), RUNNING)
    assert (found.id, found.record.state) == ("case", "transferring")


@pytest.mark.parametrize("known", [{"status": "entered-in-error"}, {"transfer_status": "proposed"}])
def test_nothing_follows_from_one_not_accepted(known: dict[str, Any]) -> None:
    assert follows(an_accepted_transfer_begins, transfer(**known), RUNNING) == ()


EFFECTIVE = transfer(transfer_status="effective")


def test_the_receiving_icb_answers_for_the_case_from_the_day() -> None:
    found = follows(the_case_is_handed_over, EFFECTIVE, MOVING, previous=transfer())
    case = only(found, PhbCase)
    assert (case.state, case.status) == ("active", "active")
    assert (case.responsible_body, case.care_coordinator) == ("new-icb", NEW)


def test_the_new_coordinator_acts_for_every_funder_but_the_sending_icb() -> None:
    rows = only(follows(the_case_is_handed_over, EFFECTIVE, MOVING, previous=transfer()), Team).participants
    assert [(one.member, one.on_behalf_of, one.end) for one in rows] == [
        (COORDINATOR, "icb", date(2025, 5, 31)),
        (COORDINATOR, "council", date(2025, 5, 31)),
        (NEW, "new-icb", None),
        (NEW, "council", None),
    ]


def test_the_receiving_icb_reviews_the_plan_that_stays_in_force() -> None:
    review = only(follows(the_case_is_handed_over, EFFECTIVE, MOVING, previous=transfer()), Review)
    assert (review.review_kind, review.respond_by, review.about) == ("transfer", date(2025, 8, 29), "CarePlan/plan")
    assert (review.owner, review.participants) == (NEW, (SELF, NEW))


def test_plan_and_budget_are_not_touched() -> None:
    found = follows(the_case_is_handed_over, EFFECTIVE, MOVING, previous=transfer())
    assert {type(one.record) for one in found} == {PhbCase, Team, Review}


def test_what_follows_breaks_no_rule() -> None:
    found = follows(the_case_is_handed_over, EFFECTIVE, MOVING, previous=transfer())
    now = (filed(EFFECTIVE, "move"), filed(only(found, PhbCase), "case"), filed(only(found, Team), "team"))
    assert broken(now[1].record, *standing(*JOINT, *now), id="case", previous=MOVING.record) == set()
    assert broken(only(found, Review), *standing(*JOINT, *now), id="review") == set()


def test_a_case_that_is_not_moving_changes_hands_in_its_own_state() -> None:
    found = follows(the_case_is_handed_over, EFFECTIVE, filed(at("under-review"), "case"), previous=transfer())
    case = only(found, PhbCase)
    assert (case.state, case.responsible_body) == ("under-review", "new-icb")


def test_a_case_another_body_answers_for_and_one_handed_over_before_stay() -> None:
    other = filed(at("active", responsible_body="third-icb"), "case")
    assert follows(the_case_is_handed_over, EFFECTIVE, other, previous=transfer()) == ()
    done = transfer(transfer_status="completed")
    assert follows(the_case_is_handed_over, done, MOVING, previous=EFFECTIVE) == ()


def test_no_second_first_review_is_scheduled() -> None:
    review = only(follows(the_case_is_handed_over, EFFECTIVE, MOVING, previous=transfer()), Review)
    found = follows(the_case_is_handed_over, EFFECTIVE, MOVING, filed(review, "there"), previous=transfer())
    assert not any(isinstance(one.record, Review) for one in found)


def test_a_team_that_is_not_known_here_is_left_to_whoever_keeps_it() -> None:
    elsewhere = filed(at("transferring", care_teams=("unknown",)), "case")
    found = follows(the_case_is_handed_over, EFFECTIVE, elsewhere, previous=transfer())
    assert {type(one.record) for one in found} == {PhbCase, Review}


@pytest.mark.parametrize("known", [{"owner": "https://elsewhere.example/Organization/1"}, {"new_coordinator": None}])
def test_nothing_is_handed_over_to_nobody(known: dict[str, Any]) -> None:
    bare = transfer(transfer_status="effective", **known)
    assert follows(the_case_is_handed_over, bare, MOVING, previous=transfer()) == ()


# --- T21 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["refused", "cancelled"])
def test_a_transfer_that_is_off_leaves_the_case_active_where_it_is(status: str) -> None:
    off = transfer(transfer_status=status, description="The person stays")
    (found,) = follows(a_transfer_that_is_off_changes_nothing, off, MOVING, previous=transfer())
    assert found.record == replace(MOVING.record, state="active")
    assert found.rule == "T21"


def test_a_transfer_that_is_off_for_no_reason_or_of_a_case_not_moving_changes_nothing() -> None:
    effect = a_transfer_that_is_off_changes_nothing
    assert follows(effect, transfer(transfer_status="refused"), MOVING, previous=transfer()) == ()
    off = transfer(transfer_status="refused", description="Not resident")
    assert follows(effect, off, RUNNING, previous=transfer()) == ()
    assert follows(effect, off, MOVING, previous=off) == ()
