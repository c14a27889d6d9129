"""The table of the case's states: T1 to T24 as domain.md 5.2 has them."""

from typing import Final

import pytest

from fhir_gateway.phb.case.states import TRANSITIONS, numbered, status_of, ways, ways_from
from fhir_gateway.phb.rules.catalogue import CATALOGUE
from mappings.terminology import CASE_STATE

ACTORS: Final = frozenset({"P", "R", "CC", "AS", "DM", "FO", "TP", "SYS"})
PATHS: Final = """
T1 - enquiry
T2 enquiry assessing
T3 assessing budget-setting
T4 enquiry planning
T5 budget-setting planning
T6 planning budget-setting
T7 planning awaiting-decision
T8 awaiting-decision planning
T9 awaiting-decision organising
T10 awaiting-decision not-proceeding
T11 organising active
T12 active under-review
T13 under-review active
T14 under-review planning
T15 under-review assessing
T16 active,under-review suspended
T17 suspended active
T18 active active
T19 active transferring
T20 transferring active
T21 transferring active
T22 enquiry,assessing,budget-setting,planning,awaiting-decision not-proceeding
T23 active,under-review,suspended ended
T24 ended active
"""


@pytest.mark.parametrize("row", PATHS.split("\n")[1:-1])
def test_a_transition_leads_where_the_specification_says(row: str) -> None:
    number, start, to = row.split()
    found = numbered(number)
    assert (",".join(found.start) or "-", found.to) == (start, to)


def test_there_are_twenty_four_and_no_more() -> None:
    assert [one.number for one in TRANSITIONS] == [f"T{number}" for number in range(1, 25)]


def test_every_transition_names_states_actors_and_rules_there_are() -> None:
    for one in TRANSITIONS:
        assert {one.to, *one.start} <= set(CASE_STATE)
        assert set(one.who) <= ACTORS
        assert one.who
        assert {CATALOGUE[number].severity for number in one.rules} <= {"error"}, "a warning holds nothing up"
        assert bool(one.rules) is bool(one.about)


def test_every_transition_but_the_first_asks_for_something() -> None:
    assert all(one.rules or one.checks for one in TRANSITIONS)


def test_every_state_can_be_reached_and_all_but_one_can_be_left() -> None:
    assert {one.to for one in TRANSITIONS} == set(CASE_STATE)
    assert [one for one in CASE_STATE if not ways_from(one)] == ["not-proceeding"]


def test_two_ways_may_lead_from_one_state_to_another() -> None:
    assert [one.number for one in ways("transferring", "active")] == ["T20", "T21"]
    assert [one.number for one in ways("awaiting-decision", "not-proceeding")] == ["T10", "T22"]
    assert ways("enquiry", "organising") == ()


@pytest.mark.parametrize(
    ("state", "status"),
    [
        *(("enquiry", "planned"), ("assessing", "planned"), ("budget-setting", "planned"), ("planning", "planned")),
        *(("awaiting-decision", "waitlist"), ("organising", "active"), ("active", "active")),
        *(("under-review", "active"), ("suspended", "onhold"), ("transferring", "active")),
        *(("ended", "finished"), ("not-proceeding", "cancelled")),
    ],
)
def test_a_state_shows_as_a_status_of_the_episode(state: str, status: str) -> None:
    assert status_of(state) == status
