"""Pausing payments, and what a stay in hospital does not do: R104, R105."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects import EFFECTS
from fhir_gateway.phb.rules.suspensions import working_days_after
from mappings.encounter import HospitalStay
from mappings.payment import PaymentLine
from tests.fhir_gateway.phb.rules.money_dealings import COORDINATOR, SELF, decision, suspension, talk
from tests.fhir_gateway.phb.rules.money_moved import instalment
from tests.fhir_gateway.phb.rules.money_world import WAGES, budget, party, person, world
from tests.fhir_gateway.phb.shelf import PERSON, Shelf, broken, filed, issues, warned

PAUSE = decision("pause", "suspension")
HOSPITAL = suspension(reason="hospital-admission")


def around(*changed: Filed[Any], without: tuple[str, ...] = ()) -> tuple[Filed[Any], ...]:
    return world(PAUSE, *changed, without=without)


# --- R104 -------------------------------------------------------------------------------------------


def test_r104_holds_when_both_conversations_and_the_care_meanwhile_are_there() -> None:
    assert broken(HOSPITAL.record, *around()) == set()


@pytest.mark.parametrize("words", [None, "", "  "])
def test_r104_breaks_when_nothing_is_said_about_care_meanwhile(words: str | None) -> None:
    assert broken(replace(HOSPITAL.record, description=words), *around()) == {"R104"}
    assert broken(suspension(description=words).record, *around()) == set()


@pytest.mark.parametrize("name", ["discussion_person_id", "discussion_coordinator_id"])
def test_r104_breaks_when_a_conversation_is_missing(name: str) -> None:
    for named in (None, "elsewhere"):
        assert "R104" in broken(suspension(reason="hospital-admission", **{name: named}).record, *around())


def test_r104_breaks_when_wages_are_held_back_because_of_the_stay() -> None:
    held = instalment(3, payment_status="on-hold", suspension_id="suspension")
    assert broken(held, *around(HOSPITAL, budget(WAGES)), previous=instalment(3)) == {"R104"}
    assert broken(replace(held, lines=()), *around(HOSPITAL, budget(WAGES)), previous=instalment(3)) == {"R104"}


def test_r104_holds_for_the_rest_of_the_money_and_for_other_pauses() -> None:
    rest = made(PaymentLine, sequence=1, category="therapy", amount_pence=10_000)
    held = instalment(3, payment_status="on-hold", suspension_id="suspension")
    assert broken(held, *around(HOSPITAL), previous=instalment(3)) == set()
    assert broken(replace(held, lines=(rest,)), *around(HOSPITAL, budget(WAGES)), previous=instalment(3)) == set()
    assert broken(held, *around(suspension(), budget(WAGES)), previous=instalment(3)) == set()


def test_r104_holds_that_a_stay_in_hospital_changes_no_payment() -> None:
    stay = made(
        HospitalStay, person_id=PERSON, status="in-progress", admitted_on=date(2025, 5, 30), expected_return=True
    )
    written = Written("Encounter", "stay", 1, stay)
    standing = world(filed(instalment(3), "pay"), filed(stay, "stay"))
    assert broken(stay, *standing) == set()
    case = CaseFile(Shelf(standing), PERSON, date(2025, 6, 1))
    assert [list(one.follow(written, case)) for one in EFFECTS if issubclass(HospitalStay, one.on)] == []
    assert broken(instalment(3, payment_status="on-hold"), *standing, previous=instalment(3)) == {"R105"}


# --- R105: the suspension ---------------------------------------------------------------------------


def test_r105_holds_when_decision_and_conversations_are_there() -> None:
    assert broken(suspension().record, *around()) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"based_on": ()},
        {"based_on": ("Task/elsewhere",)},
        {"based_on": ("Task/stop",)},
        {"based_on": ("Task/no",)},
        {"discussion_person_id": None},
        {"discussion_coordinator_id": None},
        {"discussion_person_id": "talk-coordinator"},
        {"discussion_coordinator_id": "talk-person"},
        {"started_on": date(2025, 4, 30)},
        {"discussion_person_id": "undated"},
    ],
    ids=[
        "no decision",
        "unknown decision",
        "another decision",
        "declined",
        "person not asked",
        "coordinator not asked",
        "person was not there",
        "coordinator was not there",
        "talked about afterwards",
        "no day",
    ],
)
def test_r105_breaks_when_one_thing_is_missing(known: dict[str, Any]) -> None:
    others = (decision("stop", "stop"), decision("no", "suspension", outcome="declined", alternatives="None"))
    undated = talk("undated", sent_on=None)
    assert broken(suspension(**known).record, *around(*others, undated)) == {"R105"}


@pytest.mark.parametrize("status", ["draft", "requested", "rejected", "cancelled", "entered-in-error"])
def test_r105_holds_while_a_pause_is_only_asked_for(status: str) -> None:
    empty = suspension(status=status, based_on=(), discussion_person_id=None).record
    assert broken(empty, *around()) == set()


def test_r105_holds_when_one_conversation_was_with_both() -> None:
    both = talk("both", recipients=(SELF, COORDINATOR))
    named = suspension(discussion_person_id="both", discussion_coordinator_id="both").record
    assert broken(named, *around(both)) == set()


def test_r105_holds_when_the_representative_was_spoken_with_and_breaks_for_a_friend() -> None:
    people = (party("deputy", "deputy"), party("friend", "friend"))
    for who, numbers in (("deputy", set()), ("friend", {"R105"})):
        spoken = talk("talk-person", recipients=(f"RelatedPerson/{who}",))
        assert broken(suspension().record, *around(spoken, *people)) == numbers


def test_r105_holds_for_the_coordinator_by_worker_as_well_as_by_role() -> None:
    by_worker = talk("talk-coordinator", recipients=("Practitioner/mira",), sender=SELF)
    assert broken(suspension().record, *around(by_worker)) == set()
    any_worker = talk("talk-coordinator", recipients=("Practitioner/other",), sender=SELF)
    assert broken(suspension().record, *around(any_worker)) == {"R105"}
    assert broken(suspension().record, *around(any_worker, without=("case",))) == set()


# Monday 2 June 2025 and five working days: Monday 9 June.
OFFENCE = {"reason": "suspected-offence"}


@pytest.mark.parametrize(("day", "numbers"), [(date(2025, 6, 9), set()), (date(2025, 6, 10), {"R105"})])
def test_r105_of_a_suspected_offence_breaks_when_the_person_hears_later_than_five_working_days(
    day: date, numbers: set[str]
) -> None:
    later = talk("talk-person", on=day, sender=SELF)
    assert broken(suspension(**OFFENCE).record, *around(later)) == numbers
    assert broken(suspension().record, *around(later)) == {"R105"}


@pytest.mark.parametrize(
    ("today", "errors", "warnings"), [(date(2025, 6, 9), set(), {"R105"}), (date(2025, 6, 10), {"R105"}, set())]
)
def test_r105_warns_until_the_conversation_about_a_suspected_offence_is_overdue(
    today: date, errors: set[str], warnings: set[str]
) -> None:
    unheard = suspension(**OFFENCE, discussion_person_id=None).record
    assert broken(unheard, *around(), today=today) == errors
    assert warned(unheard, *around(), today=today) == warnings


def test_working_days_leave_out_weekends() -> None:
    assert working_days_after(date(2025, 6, 6), 1) == date(2025, 6, 9)
    assert working_days_after(date(2025, 6, 7), 5) == date(2025, 6, 13)
    assert working_days_after(date(2025, 6, 2), 0) == date(2025, 6, 2)


# --- R105: the payment held back --------------------------------------------------------------------


@pytest.mark.parametrize(
    "paused",
    [
        (),
        (suspension(status="requested"),),
        (suspension(started_on=date(2025, 6, 2), ended_on=date(2025, 6, 30)),),
    ],
    ids=["nothing paused", "only asked for", "over by then"],
)
def test_r105_breaks_when_a_payment_is_held_back_without_a_pause(paused: tuple[Filed[Any], ...]) -> None:
    held = instalment(4, payment_status="on-hold")
    assert broken(held, *around(*paused), previous=instalment(4)) == {"R105"}


@pytest.mark.parametrize("named", [None, "suspension"])
@pytest.mark.parametrize("no", [3, 4])
def test_r105_holds_when_a_payment_is_held_back_under_a_pause(named: str | None, no: int) -> None:
    held = instalment(no, payment_status="on-hold", suspension_id=named)
    assert broken(held, *around(suspension()), previous=instalment(no, payment_status="due")) == set()


def test_r105_breaks_when_the_pause_that_is_named_is_not_there() -> None:
    held = instalment(4, payment_status="on-hold", suspension_id="elsewhere")
    assert broken(held, *around(suspension()), previous=instalment(4)) == {"R105"}


def test_r105_holds_for_a_later_change_of_a_payment_already_held_back() -> None:
    held = instalment(4, payment_status="on-hold")
    assert broken(replace(held, hold_reason="asked for"), *around(), previous=held) == set()


def test_r105_says_who_has_to_be_spoken_with_and_by_when() -> None:
    (found,) = issues(suspension(discussion_coordinator_id=None).record, *around())
    assert "care coordinator, held by 2025-06-02" in found.diagnostics
    assert found.expression == "Task.input"


def test_after_a_death_the_estate_speaks() -> None:
    died = person(deceased=True, death_date=date(2025, 4, 20))
    estate = party("son", "estate-representative")
    with_son = talk("talk-person", recipients=("RelatedPerson/son",))
    assert "R105" not in broken(suspension().record, *around(died, estate, with_son))
    assert "R105" in broken(suspension().record, *around(died, estate))
