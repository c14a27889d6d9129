"""The gate to financial detail, and the coordinators it opens for beside the bodies of the case."""

from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.access.ties.tie import FIRST, LAST
from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.care_team import Participant, Team
from mappings.change import Concern, Transfer
from mappings.episode_of_care import Delegation
from mappings.review import Review, ReviewInput
from tests.fhir_gateway.access.ties.worked_out import days_of, held_by, ties
from tests.fhir_gateway.phb.people_paid import END, START, budget, decision, share, the_case
from tests.fhir_gateway.phb.shelf import PERSON, filed

DAY = timedelta(days=1)
ICB, COUNCIL, MIRA = "Organization/icb", "Organization/council", "PractitionerRole/mira"
HELD = date(2025, 6, 1)


def around(**known: Any) -> tuple[Filed[Any], ...]:
    """A case of an ICB and a council, with a coordinator."""
    case = the_case(care_coordinator=MIRA, **known)
    return filed(case, "case"), filed(share("la-adult-social-care", "council", start=START, end=END), "share")


def review(**known: Any) -> Filed[Review]:
    usual = {
        "person_id": PERSON,
        "intent": "order",
        "status": "in-progress",
        "review_kind": "annual",
        "review_status": "in-progress",
    }
    return filed(made(Review, **usual | {"started_on": HELD} | known), "review")


def concern(**known: Any) -> Filed[Concern]:
    usual = {
        "person_id": PERSON,
        "intent": "order",
        "status": "in-progress",
        "concern_kind": "other",
        "concern_status": "person-informed",
        "coordinator_asked_on": date(2025, 5, 1),
        "person_informed_on": date(2025, 5, 20),
    }
    return filed(made(Concern, **usual | known), "concern")


# --- reviews ----------------------------------------------------------------------------------------


def test_a_review_that_is_going_on_opens_for_the_bodies_and_the_coordinator() -> None:
    found = ties("gate", *around(), review())
    assert {(one.who, one.source) for one in found} == {(who, "Task/review") for who in (ICB, COUNCIL, MIRA)}


@pytest.mark.parametrize("state", ["scheduled", "notified", "completed", "declined", "cancelled"])
def test_a_review_that_is_not_going_on_opens_nothing(state: str) -> None:
    assert ties("gate", *around(), review(review_status=state)) == []
    assert ties("gate", *around(), review(status="entered-in-error")) == []
    assert ties("gate", *around()) == []


def test_a_review_opens_from_the_day_it_is_held() -> None:
    assert [bool(held_by("gate", day, *around(), review())) for day in (HELD - DAY, HELD)] == [False, True]


def test_a_review_of_a_budget_opens_the_days_of_that_budget_alone() -> None:
    under_review = filed(budget(start=START, end=END), "budget")
    found = days_of("gate", *around(), under_review, review(about="Claim/budget"))
    assert {one[1:] for one in found} == {(START, END)}
    assert {one[1:] for one in days_of("gate", *around(), review(about="EpisodeOfCare/case"))} == {(FIRST, LAST)}


@pytest.mark.parametrize(("named", "opened"), [((), True), ((COUNCIL,), True), ((ICB,), False), ((MIRA,), True)])
def test_a_review_held_for_one_body_opens_nothing_to_another_funder(named: tuple[str, ...], opened: bool) -> None:  # noqa: FBT001
    for held in (review(participants=named), review(inputs=tuple(made(ReviewInput, for_body=one) for one in named))):
        found = {one.who for one in ties("gate", *around(), held)}
        assert (COUNCIL in found, ICB in found) == (opened, True)


def test_a_body_that_handed_the_person_over_is_let_in_no_more() -> None:
    moved = made(
        Transfer,
        person_id=PERSON,
        intent="order",
        status="completed",
        transfer_status="completed",
        started_on=START,
        requester="Organization/before",
        owner=ICB,
    )
    found = {one.who for one in ties("gate", *around(), filed(moved, "move"), review())}
    assert "Organization/before" not in found
    assert ICB in found


def test_a_delegate_is_let_in_as_the_body_it_acts_for() -> None:
    acting = around(delegations=(made(Delegation, delegate="csu"),))
    assert "Organization/csu" in {one.who for one in ties("gate", *acting, review())}


# --- concerns ---------------------------------------------------------------------------------------


def test_a_concern_opens_everything_from_the_day_the_person_knows() -> None:
    found = [bool(held_by("gate", date(2025, 5, day), *around(), concern())) for day in (19, 20)]
    assert found == [False, True]
    assert {one[1:] for one in days_of("gate", *around(), concern())} == {(FIRST, LAST)}


@pytest.mark.parametrize(
    "known",
    [{"concern_status": "closed"}, {"person_informed_on": None}, {"coordinator_asked_on": None}],
)
def test_a_concern_that_is_closed_or_hidden_opens_nothing(known: dict[str, Any]) -> None:
    assert ties("gate", *around(), concern(**known)) == []


@pytest.mark.parametrize(
    ("kind", "outcome", "opened"),
    [("safeguarding", "approved", True), ("other", "approved", False), ("safeguarding", "declined", False)],
)
def test_telling_may_wait_by_decision_and_only_for_fraud_and_safeguarding(
    kind: str,
    outcome: str,
    opened: bool,  # noqa: FBT001
) -> None:
    waits = filed(decision("other", outcome=outcome), "wait")
    hidden = concern(concern_kind=kind, person_informed_on=None, delay_decision_id="wait")
    assert bool(ties("gate", *around(), waits, hidden)) is opened


def test_a_delay_ends_with_the_day_the_concern_names() -> None:
    last = date(2025, 6, 30)
    waits = filed(decision("other"), "wait")
    hidden = concern(concern_kind="safeguarding", person_informed_on=None, delay_decision_id="wait", respond_by=last)
    found = [bool(held_by("gate", day, *around(), waits, hidden)) for day in (last, last + DAY)]
    assert found == [True, False]


# --- coordinators -----------------------------------------------------------------------------------


def team(*rows: tuple[str, date | None, date | None], **known: Any) -> Filed[Team]:
    people = tuple(
        made(Participant, roles=("care-coordinator",), member=who, start=start, end=end) for who, start, end in rows
    )
    return filed(
        made(Team, **{"person_id": PERSON, "status": "active", "participants": people} | known),
        "team",
    )


def test_the_case_and_its_teams_name_the_coordinators() -> None:
    case = filed(the_case(care_coordinator=MIRA, care_teams=("team",)), "case")
    last = date(2025, 6, 30)
    named = team(("Practitioner/sam", None, last), ("RelatedPerson/mum", None, None))
    assert held_by("coordinator", last, case, named) == {MIRA, "Practitioner/sam"}
    assert held_by("coordinator", last + DAY, case, named) == {MIRA}
    assert held_by("coordinator", last, case, team(("Practitioner/sam", None, None), status="inactive")) == {MIRA}


def test_a_team_that_no_open_case_names_ties_nobody() -> None:
    named = team(("Practitioner/sam", None, None))
    assert ties("coordinator", filed(the_case(care_coordinator=None), "case"), named) == []
    over = filed(the_case(care_coordinator=MIRA, care_teams=("team",), state="ended", status="finished"), "case")
    assert ties("coordinator", over, named) == []
