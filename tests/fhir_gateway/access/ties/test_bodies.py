"""Who answers for a case, on which days, and who acts for them: before, at and after a transfer or delegation."""

from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.access.ties.tie import FIRST, LAST
from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.change import Transfer
from mappings.episode_of_care import Delegation
from tests.fhir_gateway.access.ties.worked_out import days_of, held_by, ties
from tests.fhir_gateway.phb.people_paid import the_case
from tests.fhir_gateway.phb.shelf import PERSON, filed

A, B, C = "Organization/a", "Organization/b", "Organization/c"
MOVED, AGAIN = date(2025, 4, 1), date(2026, 1, 1)
DAY = timedelta(days=1)


def case(body: str, id_: str = "case", **known: Any) -> Filed[Any]:
    return filed(the_case(responsible_body=body.removeprefix("Organization/"), **known), id_)


def transfer(giver: str, taker: str, day: date | None = MOVED, id_: str = "move", **known: Any) -> Filed[Transfer]:
    usual = {
        "person_id": PERSON,
        "intent": "order",
        "status": "completed",
        "transfer_status": "effective",
        "started_on": day,
    }
    return filed(made(Transfer, **usual | {"requester": giver, "owner": taker} | known), id_)


def test_the_body_of_a_case_answers_for_all_of_it() -> None:
    (found,) = ties("responsible", case(A))
    assert (found.who, found.source, found.start, found.end) == (A, "EpisodeOfCare/case", FIRST, LAST)


def test_a_case_without_a_body_or_in_error_ties_nobody() -> None:
    assert ties("responsible", filed(the_case(responsible_body=None), "case")) == []
    assert ties("responsible", case(A, status="entered-in-error")) == []


def test_the_sending_icb_keeps_its_own_period_and_the_other_begins_with_the_day() -> None:
    assert days_of("responsible", case(B), transfer(A, B)) == [(A, FIRST, MOVED - DAY), (B, MOVED, LAST)]


def test_the_sending_icb_keeps_the_days_it_still_funds() -> None:
    later = MOVED + 29 * DAY
    assert days_of("responsible", case(B), transfer(A, B, funded_until=later))[0] == (A, FIRST, later)


@pytest.mark.parametrize("state", ["proposed", "accepted", "refused", "cancelled", None])
def test_a_transfer_that_has_not_taken_effect_moves_nothing(state: str | None) -> None:
    assert days_of("responsible", case(A), transfer(A, B, transfer_status=state)) == [(A, FIRST, LAST)]


@pytest.mark.parametrize("known", [{"started_on": None}, {"requester": "Practitioner/x"}, {"owner": None}])
def test_a_transfer_that_does_not_say_who_or_when_moves_nothing(known: dict[str, Any]) -> None:
    assert days_of("responsible", case(A), transfer(A, B, **known)) == [(A, FIRST, LAST)]


def test_a_second_transfer_leaves_the_middle_its_days() -> None:
    moves = transfer(A, B), transfer(B, C, AGAIN, "next")
    expected = [(A, FIRST, MOVED - DAY), (B, MOVED, AGAIN - DAY), (C, AGAIN, LAST)]
    assert days_of("responsible", case(C), *moves) == expected


def test_a_person_who_moves_back_comes_back_to_the_first() -> None:
    moves = transfer(A, B), transfer(B, A, AGAIN, "back")
    found = sorted(days_of("responsible", case(A), *moves), key=lambda one: one[1])
    assert found == [(A, FIRST, MOVED - DAY), (B, MOVED, AGAIN - DAY), (A, AGAIN, LAST)]


def test_a_closed_case_of_the_sender_opens_nothing_beyond_its_days() -> None:
    old = case(A, "old", state="ended", status="finished", closed_on=date(2024, 1, 1))
    assert days_of("responsible", old, case(B), transfer(A, B)) == [(A, FIRST, MOVED - DAY), (B, MOVED, LAST)]


def test_a_closed_case_ends_where_another_body_opens_the_next() -> None:
    old = case(A, "old", state="ended", status="finished", opened_on=date(2020, 1, 1), closed_on=date(2023, 6, 1))
    new = case(B, "new", opened_on=date(2024, 1, 6))
    assert days_of("responsible", old, new) == [(A, FIRST, date(2024, 1, 5)), (B, FIRST, LAST)]
    assert days_of("responsible", old) == [(A, FIRST, LAST)], "nobody came after"
    still_open = case(A, "old", opened_on=date(2020, 1, 1))
    assert (A, FIRST, LAST) in days_of("responsible", still_open, new)


# --- delegates --------------------------------------------------------------------------------------


def delegation(start: date | None, end: date | None, to: str = "x") -> Delegation:
    return made(Delegation, delegate=to, functions="all", start=start, end=end)


def test_a_delegate_is_tied_from_the_first_day_to_the_last() -> None:
    first, last = date(2025, 2, 1), date(2025, 2, 28)
    acting = case(A, delegations=(delegation(first, last),))
    found = {day: held_by("delegate", day, acting) for day in (first - DAY, first, last, last + DAY)}
    assert found == {first - DAY: set(), first: {"Organization/x"}, last: {"Organization/x"}, last + DAY: set()}


def test_a_delegate_asked_twice_is_not_tied_in_between() -> None:
    first, second = delegation(None, date(2025, 2, 1)), delegation(date(2025, 4, 1), None)
    acting = case(A, delegations=(first, second))
    assert [held_by("delegate", date(2025, month, 10), acting) != set() for month in (1, 3, 5)] == [True, False, True]


def test_a_delegation_ends_with_its_case() -> None:
    over = case(A, state="ended", status="finished", delegations=(delegation(None, None),))
    assert ties("delegate", over) == []
    assert ties("delegate", case(A, delegations=(made(Delegation, delegate=None),))) == []
