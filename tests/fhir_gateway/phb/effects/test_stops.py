"""What a stop, a death and a new budget version call off; what was paid, and pay, stays (R99, R113, R114)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case.called_off import called_off
from fhir_gateway.phb.case_file import Filed, Written
from fhir_gateway.phb.effects import EFFECTS
from fhir_gateway.phb.effects.effect import Consequence
from mappings.payment import Payment
from tests.fhir_gateway.phb.rules.money_dealings import decision, notice
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice, payment
from tests.fhir_gateway.phb.rules.money_world import HELD_BY_THIRD, SWIMMING, WAGES, budget, person, world
from tests.fhir_gateway.phb.shelf import broken, case_file, filed

TO_COME = tuple(filed(instalment(no), f"pay-{no:02}") for no in range(3, 6))  # June, July, August
JULY = date(2025, 7, 1)
STOP = decision("stop", "stop", started_on=JULY, ended_on=None, stop_reason="person-choice", needs_continue=False)
TOLD = notice("told", "stop", effective_on=JULY, based_on=("Task/stop",))
CALLED_OFF = {"R99", "R113", "R114"}


def following(new: Filed[Any], *standing: Filed[Any], previous: Any = None) -> list[Consequence]:
    """What is called off when a record is written beside what stands."""
    around = tuple(one for one in world(*standing) if (one.type, one.id) != (new.type, new.id))
    case = case_file(*around, new)
    written = Written(new.type, new.id, 1, new.record, previous)
    found = [made for one in EFFECTS if isinstance(new.record, one.on) for made in one.follow(written, case)]
    return [one for one in found if one.rule in CALLED_OFF]


def ids(found: list[Consequence]) -> list[str]:
    assert {one.record.payment_status for one in found} <= {"cancelled"}
    return [one.id for one in found]


# --- a stop -----------------------------------------------------------------------------------------


def test_a_stop_calls_off_the_instalments_from_its_day() -> None:
    found = following(STOP, *TO_COME)
    assert ids(found) == ["pay-04", "pay-05"]
    assert {one.rule for one in found} == {"R113"}
    assert "2025-07-01" in found[0].why


def test_what_is_called_off_keeps_the_rules_also_when_it_was_due_or_on_hold() -> None:
    for status in ("scheduled", "due", "on-hold"):
        before = instalment(4, payment_status=status)
        (one,) = following(STOP, filed(before, "pay-04"))
        assert broken(one.record, *world(STOP), previous=before, id="pay-04") == set()


def test_the_notice_says_the_day_and_may_come_later() -> None:
    undated = replace(STOP, record=replace(STOP.record, started_on=None, ended_on=None))
    assert ids(following(undated, *TO_COME)) == []
    assert ids(following(TOLD, undated, *TO_COME)) == ["pay-04", "pay-05"]
    august = replace(TOLD, record=replace(TOLD.record, effective_on=date(2025, 8, 1)))
    assert ids(following(august, STOP, *TO_COME)) == ["pay-05"]
    named = replace(STOP, record=replace(STOP.record, notice_id="told"))
    assert ids(following(replace(august, record=replace(august.record, based_on=())), named, *TO_COME)) == ["pay-05"]


def test_without_a_notice_the_direct_payment_stops_the_day_it_is_decided() -> None:
    decided = replace(STOP, record=replace(STOP.record, started_on=date(2025, 6, 2), ended_on=date(2025, 7, 2)))
    assert ids(following(decided, *TO_COME)) == ["pay-05"]


@pytest.mark.parametrize(
    "known",
    [
        {"outcome": "declined"},
        {"decision_subject": "suspension"},
        {"status": "cancelled"},
        {"outcome": None, "decision_status": "requested"},
    ],
)
def test_a_stop_that_was_not_decided_calls_nothing_off(known: dict[str, Any]) -> None:
    assert following(replace(STOP, record=replace(STOP.record, **known)), *TO_COME) == []


@pytest.mark.parametrize("status", ["authorised", "paid", "failed", "cancelled"])
def test_money_on_its_way_is_not_called_off(status: str) -> None:
    assert following(STOP, filed(instalment(4, payment_status=status), "pay")) == []


def test_a_stop_leaves_other_money_alone() -> None:
    third = budget(HELD_BY_THIRD)
    assert following(STOP, third, filed(instalment(4, payee="Organization/holder", lines=()), "pay")) == []
    assert following(STOP, filed(invoice(start=JULY, end=date(2025, 7, 31)), "bill")) == []


def test_a_stop_calls_off_what_the_person_was_to_pay_into_the_account() -> None:
    own = payment(payment_kind="client-contribution", start=JULY, end=date(2025, 7, 31), lines=())
    assert ids(following(STOP, budget(SWIMMING), filed(own, "own"))) == ["own"]
    both = budget(SWIMMING, replace(HELD_BY_THIRD, line_no=2))
    assert following(STOP, both, filed(own, "own")) == []


def test_a_direct_payment_that_is_arranged_afresh_is_not_called_off() -> None:
    afresh = filed(instalment(5, created=date(2025, 7, 20)), "afresh")
    assert following(STOP, afresh) == []


# --- a death ----------------------------------------------------------------------------------------

DIED = person(death_date=date(2025, 6, 10))


def test_a_death_calls_off_what_covers_days_after_it() -> None:
    found = following(DIED, *TO_COME, previous=person().record)
    assert ids(found) == ["pay-03", "pay-04", "pay-05"]
    assert {one.rule for one in found} == {"R114"}


def test_a_death_leaves_days_before_it_pay_and_other_payments() -> None:
    may = filed(instalment(2), "pay-02")
    assert following(DIED, may, filed(invoice(start=JULY, end=date(2025, 7, 31)), "bill")) == []
    assert following(DIED, *TO_COME, budget(WAGES)) == []


def test_a_death_that_was_known_calls_nothing_off_again() -> None:
    assert following(DIED, *TO_COME, previous=replace(DIED.record, active=False)) == []
    assert following(person(), *TO_COME) == []


# --- a new version ----------------------------------------------------------------------------------


def second(**known: Any) -> Filed[Any]:
    usual: dict[str, Any] = {"version": 2, "supersedes_id": "budget", "start": JULY}
    return replace(budget(SWIMMING, **usual | known), id="budget-2")


def test_a_new_version_calls_off_what_the_first_was_to_pay_for_its_days() -> None:
    found = following(second(), *TO_COME)
    assert ids(found) == ["pay-04", "pay-05"]
    assert {one.rule for one in found} == {"R99"}


@pytest.mark.parametrize(
    "known", [{"budget_status": "draft"}, {"budget_status": "submitted"}, {"supersedes_id": None}, {"start": None}]
)
def test_a_version_that_is_not_agreed_or_replaces_nothing_calls_nothing_off(known: dict[str, Any]) -> None:
    assert following(second(**known), *TO_COME) == []


def test_a_version_that_says_nothing_new_is_not_looked_at_again() -> None:
    assert following(second(), *TO_COME, previous=second(total_pence=1).record) == []


def test_what_the_new_version_pays_itself_is_not_called_off() -> None:
    assert following(second(), filed(instalment(4, pays_against_id="budget-2"), "pay")) == []
    assert following(second(), filed(invoice(start=JULY, end=date(2025, 7, 31)), "bill")) == []


def test_a_payment_without_days_or_that_is_a_draft_is_left_alone() -> None:
    bare = instalment(4, start=None, end=None, due_on=None)
    case = case_file(*world(STOP, second(), DIED))
    assert called_off(bare, case) is None
    assert called_off(instalment(4, status="draft"), case) is None
    assert isinstance(bare, Payment)


def test_a_notice_of_something_else_says_nothing_of_the_stop() -> None:
    other = notice("other", "stop", effective_on=date(2025, 8, 1), based_on=("Task/elsewhere",))
    assert ids(following(STOP, other, *TO_COME)) == ["pay-04", "pay-05"]
    assert following(notice("cut", "reduction"), STOP, *TO_COME) == []
