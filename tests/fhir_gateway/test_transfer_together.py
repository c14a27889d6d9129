"""A person moves to another ICB, over HTTP: no day without funding, no penny lost, plan and budget in force."""

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway import london
from fhir_gateway.demo.entry import entry
from fhir_gateway.interactions.context import clock
from fhir_gateway.phb.records import made
from fhir_gateway.sync.clock import tick
from mappings.change import TRANSFER, Transfer
from mappings.organization import Organisation
from mappings.practitioner_role import CareCoordinator
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.running_world import broken, change, put, record_at, running
from tests.fhir_gateway.stocked import put as put_in
from tests.fhir_gateway.submitted_world import COORDINATOR, PERSON, invoice, tree

NEW = "PractitionerRole/ines"
MOVES = date(2025, 11, 1)
NEVER_YET = date(2999, 11, 1)
BALANCE = 123_457
PLACES = ("CarePlan/plan", "Claim/budget")


def transfer(**known: Any) -> Transfer:
    """Accepted by the receiving ICB, with all that it needs to take effect."""
    usual: dict[str, Any] = {
        "status": "accepted",
        "intent": "order",
        "transfer_status": "accepted",
        "requester": "Organization/icb",
        "owner": "Organization/new-icb",
        "requested_on": date(2025, 9, 1),
        "started_on": MOVES,
        "reason": "moved-home",
        "person_informed_on": date(2025, 9, 10),
        "accepted_by": NEW,
        "accepted_on": date(2025, 10, 1),
        "new_coordinator": NEW,
        "funded_until": date(2025, 10, 31),
        "balance_pence": BALANCE,
        "balance_carried_pence": BALANCE - 7,
        "balance_returned_pence": 7,
        "first_review_due": date(2026, 1, 31),
    }
    return made(Transfer, person_id=PERSON, **usual | known)


def far(**known: Any) -> Transfer:
    """The same with its day still to come."""
    ahead = {
        "started_on": NEVER_YET,
        "funded_until": date(2999, 10, 31),
        "first_review_due": date(3000, 1, 31),
    }
    return transfer(**ahead | known)


def both_icbs(api: Api) -> None:
    """The running case, and the ICB the person moves to, with its coordinator."""
    running(api)
    icb = made(Organisation, name="The other ICB", ods_code="QYY", roles=("funder",), funder_kind="nhs-icb")
    role = made(CareCoordinator, active=True, practitioner="worker", organisation="new-icb")
    put(api, {"Organization/new-icb": icb, NEW: role})


def moving(api: Api, record: Transfer) -> Any:
    return api.put("Task/move", tree(record, "move"))


def where_it_is(api: Api) -> tuple[str, str | None, str | None]:
    """State, responsible body and coordinator of the case."""
    case = record_at(api, "EpisodeOfCare/case")
    return case.state, case.responsible_body, case.care_coordinator


AT_HOME = ("active", "icb", COORDINATOR)
MOVED = ("active", "new-icb", NEW)


def test_until_the_day_the_case_is_moving_and_the_sending_icb_answers(api: Api) -> None:
    both_icbs(api)
    assert moving(api, far()).status_code == 201
    assert where_it_is(api) == ("transferring", "icb", COORDINATOR)


def test_when_the_day_has_come_the_receiving_icb_answers_with_its_own_coordinator(api: Api) -> None:
    both_icbs(api)
    before = [api.get(place).content for place in PLACES]
    assert moving(api, transfer()).status_code == 201
    assert record_at(api, "Task/move").transfer_status == "effective"
    assert where_it_is(api) == MOVED
    assert [api.get(place).content for place in PLACES] == before


def test_the_coordinator_of_the_team_changes_without_a_day_between(api: Api) -> None:
    both_icbs(api)
    moving(api, transfer())
    rows = record_at(api, "CareTeam/team").participants
    assert [(one.member, one.on_behalf_of, one.start, one.end) for one in rows] == [
        (COORDINATOR, "icb", None, date(2025, 10, 31)),
        (COORDINATOR, "council", None, date(2025, 10, 31)),
        (NEW, "new-icb", MOVES, None),
        (NEW, "council", MOVES, None),
    ]


def test_the_receiving_icb_holds_its_first_review_within_three_months(api: Api) -> None:
    both_icbs(api)
    moving(api, transfer())
    (review,) = api.entries(f"Task?patient={PERSON}&code=transfer&owner={NEW}")
    assert review["resource"]["focus"] == {"reference": "CarePlan/plan"}
    assert review["resource"]["restriction"]["period"]["end"] == "2026-01-31"


def test_the_history_of_the_case_still_shows_who_answered_before(api: Api) -> None:
    both_icbs(api)
    moving(api, transfer())
    old = api.get("EpisodeOfCare/case/_history/1").json()
    assert old["managingOrganization"] == {"reference": "Organization/icb"}
    (told,) = api.entries("Provenance?agent=Device/phb-gateway&target=EpisodeOfCare/case")
    assert told["resource"]["entity"][0]["what"] == {"reference": "Task/move"}


def test_money_is_drawn_from_the_same_budget_afterwards(api: Api) -> None:
    both_icbs(api)
    moving(api, transfer())
    known: dict[str, Any] = {
        "start": date(2025, 11, 1),
        "end": date(2025, 11, 30),
        "due_on": date(2025, 12, 1),
        "created": date(2025, 11, 2),
        "received_on": date(2025, 11, 2),
        "insurer_id": "new-icb",
    }
    assert api.post("Claim/$submit", invoice(**known)).status_code == 200


@pytest.mark.parametrize(
    "known",
    [{"balance_returned_pence": 8}, {"balance_carried_pence": BALANCE - 8}, {"balance_pence": None}],
)
def test_a_balance_a_penny_out_moves_nothing(api: Api, known: dict[str, Any]) -> None:
    both_icbs(api)
    assert moving(api, transfer(**known)).status_code == 201
    assert record_at(api, "Task/move").transfer_status == "accepted"
    assert where_it_is(api) == ("transferring", "icb", COORDINATOR)
    assert broken(change(api, "Task/move", transfer_status="effective")) == {"R154"}
    right = {"balance_pence": BALANCE, "balance_carried_pence": BALANCE - 7, "balance_returned_pence": 7}
    assert change(api, "Task/move", **right).status_code == 200
    assert where_it_is(api) == MOVED


def test_a_day_without_funding_is_refused_and_nothing_stored(api: Api) -> None:
    both_icbs(api)
    assert broken(moving(api, transfer(funded_until=date(2025, 10, 30)))) == {"R152"}
    assert api.get("Task/move").status_code == 404
    assert where_it_is(api) == AT_HOME


@pytest.mark.parametrize("status", ["refused", "cancelled"])
def test_one_that_is_refused_or_cancelled_changes_nothing(api: Api, status: str) -> None:
    both_icbs(api)
    moving(api, far())
    off = change(api, "Task/move", transfer_status=status, description="The person stays")
    assert off.status_code == 200
    assert where_it_is(api) == AT_HOME
    assert api.entries(f"Task?patient={PERSON}&code=transfer&owner={NEW}") == []


def test_before_the_receiving_icb_has_reviewed_them_plan_and_budget_do_not_end(api: Api) -> None:
    both_icbs(api)
    today = london.today(clock())
    just_now = {
        "started_on": today,
        "funded_until": today - timedelta(days=1),
        "first_review_due": today + timedelta(days=60),
    }
    assert moving(api, transfer(**just_now)).status_code == 201
    assert where_it_is(api) == MOVED
    assert broken(change(api, "CarePlan/plan", plan_status="ended", status="completed")) == {"R153"}
    assert broken(change(api, "Claim/budget", budget_status="closed")) == {"R153"}


def test_the_clock_hands_over_on_the_day_what_was_accepted_before(api: Api) -> None:
    both_icbs(api)
    put_in(api.gateway, [entry("move", TRANSFER, **_fields(transfer()))])
    assert where_it_is(api) == AT_HOME
    assert tick(api.gateway).transfers == 1
    assert record_at(api, "Task/move").transfer_status == "effective"
    assert where_it_is(api) == MOVED
    assert tick(api.gateway).transfers == 0


def test_the_clock_leaves_a_transfer_that_may_not_take_effect_and_says_by_which_rule(api: Api) -> None:
    both_icbs(api)
    assert moving(api, transfer(balance_carried_pence=BALANCE)).status_code == 201
    done = tick(api.gateway)
    assert [(one.reference, one.rules) for one in done.refused] == [("Task/move", ("R154",))]
    assert where_it_is(api) == ("transferring", "icb", COORDINATOR)


def _fields(record: Transfer) -> dict[str, Any]:
    return {one.name: getattr(record, one.name) for one in fields(record)}
