"""A pause holds direct payments back and lets them go on afterwards; pay runs on in hospital (R104, R105)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed, Written
from fhir_gateway.phb.effects import EFFECTS
from fhir_gateway.phb.effects.effect import Consequence
from mappings.payment import Payment, PaymentLine
from tests.fhir_gateway.phb.rules.money_dealings import decision, suspension
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice
from tests.fhir_gateway.phb.rules.money_world import CONTINGENCY, SWIMMING, WAGES, budget, person, world
from tests.fhir_gateway.phb.shelf import TODAY, broken, case_file, filed

PAUSE = decision("pause", "suspension")
TO_COME = tuple(filed(instalment(no), f"pay-{no:02}") for no in range(3, 6))  # June, July, August
JULY = {"started_on": date(2025, 6, 20), "ended_on": date(2025, 7, 31)}
HOSPITAL = suspension(reason="hospital-admission", **JULY)
MIXED = budget(WAGES, replace(SWIMMING, line_no=2, rate_pence=5_000, amount_pence=60_000), replace(CONTINGENCY))


def following(new: Filed[Any], *standing: Filed[Any], today: date = TODAY, previous: Any = None) -> list[Consequence]:
    around = tuple(one for one in world(PAUSE, *standing) if (one.type, one.id) != (new.type, new.id))
    case = case_file(*around, new, today=today)
    written = Written(new.type, new.id, 1, new.record, previous)
    found = [made_of for one in EFFECTS if isinstance(new.record, one.on) for made_of in one.follow(written, case)]
    return [one for one in found if isinstance(one.record, Payment)]


def states(found: list[Consequence]) -> dict[str, str | None]:
    return {one.id: one.record.payment_status for one in found}


def on_hold(no: int, id: str = "suspension") -> Payment:  # noqa: A002
    return instalment(no, payment_status="on-hold", suspension_id=id, hold_reason="Payments are paused")


# --- held back --------------------------------------------------------------------------------------


def test_what_is_due_in_a_pause_is_held_back() -> None:
    (found,) = following(suspension(**JULY), *TO_COME[1:])
    assert (found.id, found.rule, found.record) == ("pay-04", "R105", on_hold(4))
    assert broken(found.record, *world(PAUSE, suspension(**JULY)), previous=instalment(4), id="pay-04") == set()


def test_a_pause_without_an_end_holds_everything_to_come_and_what_was_not_paid_in_time() -> None:
    late = filed(instalment(2, payment_status="due"), "pay-02")
    assert states(following(suspension(), late, *TO_COME, today=date(2025, 6, 2))) == dict.fromkeys(
        ["pay-02", "pay-03", "pay-04", "pay-05"], "on-hold"
    )


def test_what_was_due_before_is_held_back_once_the_pause_has_begun() -> None:
    late = filed(instalment(3), "pay-03")
    assert following(suspension(), late) == []
    assert states(following(suspension(), late, today=date(2025, 6, 2))) == {"pay-03": "on-hold"}


@pytest.mark.parametrize("status", ["draft", "requested", "rejected", "cancelled", "entered-in-error"])
def test_a_pause_that_is_only_asked_for_holds_nothing(status: str) -> None:
    assert following(suspension(status=status), *TO_COME) == []


def test_a_pause_that_is_over_holds_nothing() -> None:
    over = suspension(started_on=date(2025, 5, 1), ended_on=TODAY)
    assert following(over, *TO_COME, filed(instalment(2, payment_status="due"), "pay-02")) == []


@pytest.mark.parametrize("status", ["authorised", "paid", "failed", "cancelled", "on-hold"])
def test_money_on_its_way_is_not_held_back(status: str) -> None:
    assert following(suspension(), filed(instalment(4, payment_status=status), "pay")) == []


def test_money_that_is_no_direct_payment_runs_on() -> None:
    assert following(suspension(), filed(invoice(due_on=date(2025, 7, 1)), "bill")) == []
    contribution = instalment(4, payment_kind="client-contribution")
    assert following(suspension(), filed(contribution, "own")) == []


# --- in hospital ------------------------------------------------------------------------------------


def test_a_pause_in_hospital_holds_money_without_pay_in_it_whole() -> None:
    (found,) = following(HOSPITAL, *TO_COME)
    assert (found.id, found.rule, found.record.payment_status) == ("pay-04", "R104", "on-hold")


def test_a_pause_in_hospital_leaves_pay_alone() -> None:
    assert following(HOSPITAL, *TO_COME, budget(WAGES)) == []


def test_a_pause_in_hospital_splits_off_the_pay_and_holds_back_the_rest() -> None:
    july = instalment(4, total_pence=15_000, lines=(made(PaymentLine, sequence=1, amount_pence=15_000),))
    runs, held = following(HOSPITAL, MIXED, filed(july, "pay-04"))
    assert (runs.id, runs.record.payment_status, runs.record.total_pence) == ("pay-04", "scheduled", 10_000)
    assert [(one.category, one.budget_line) for one in runs.record.lines] == [("personal-assistant-wages", 1)]
    assert (held.id, held.record.payment_status, held.record.total_pence) == ("", "on-hold", 5_000)
    assert [(one.category, one.sequence) for one in held.record.lines] == [("exercise-and-activity", 1)]
    standing = world(PAUSE, HOSPITAL, MIXED, filed(runs.record, "pay-04"), filed(held.record, "rest"))
    assert broken(runs.record, *standing, previous=july, id="pay-04") == set()
    assert broken(held.record, *standing, id="rest") == set()


def test_what_was_split_is_not_split_again() -> None:
    july = instalment(4, total_pence=15_000, lines=())
    runs, held = following(HOSPITAL, MIXED, filed(july, "pay-04"))
    assert following(HOSPITAL, MIXED, filed(runs.record, "pay-04"), filed(held.record, "rest")) == []


def test_lines_that_say_what_they_are_for_are_taken_at_their_word() -> None:
    lines = (
        made(PaymentLine, sequence=1, category="employer-pension", amount_pence=700),
        made(PaymentLine, sequence=2, budget_line=2, amount_pence=300),
    )
    runs, held = following(HOSPITAL, MIXED, filed(instalment(4, lines=lines, total_pence=1_000), "pay-04"))
    assert (runs.record.total_pence, held.record.total_pence) == (700, 300)


def test_a_pause_in_hospital_holds_back_nothing_of_a_budget_that_is_not_known() -> None:
    unknown = instalment(4, pays_against_id=None, lines=())
    (found,) = following(HOSPITAL, filed(unknown, "pay"))
    assert found.record.payment_status == "on-hold"


# --- afterwards -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known", [{"started_on": date(2025, 4, 20), "ended_on": TODAY}, {"status": "cancelled"}, {"status": "rejected"}]
)
def test_when_a_pause_is_over_payments_are_due_or_wait_for_their_day(known: dict[str, Any]) -> None:
    held = tuple(filed(on_hold(no), f"pay-{no:02}") for no in range(2, 5))
    found = following(suspension(**known), *held)
    assert states(found) == {"pay-02": "due", "pay-03": "due", "pay-04": "scheduled"}
    assert {(one.record.suspension_id, one.record.hold_reason) for one in found} == {(None, None)}
    standing = world(PAUSE, suspension(**known))
    assert [broken(one.record, *standing, previous=on_hold(int(one.id[-2:])), id=one.id) for one in found] == [
        set()
    ] * 3


def test_a_pause_that_ends_earlier_than_planned_lets_later_payments_wait_for_their_day() -> None:
    shorter = suspension(started_on=date(2025, 5, 20), ended_on=date(2025, 6, 30))
    held = tuple(filed(on_hold(no), f"pay-{no:02}") for no in range(3, 5))
    assert states(following(shorter, *held)) == {"pay-04": "scheduled"}


def test_what_another_pause_holds_stays_on_hold_under_that_one() -> None:
    other = replace(suspension(), id="other")
    (found,) = following(suspension(status="cancelled"), other, filed(on_hold(4), "pay-04"))
    assert (found.record.payment_status, found.record.suspension_id) == ("on-hold", "other")
    assert following(suspension(status="cancelled"), filed(on_hold(4, "other"), "pay-04"), other) == []


def test_what_will_not_be_paid_any_more_is_called_off_when_the_pause_ends() -> None:
    died = person(death_date=date(2025, 6, 10))
    (found,) = following(suspension(status="cancelled"), died, filed(on_hold(4), "pay-04"))
    assert (found.rule, found.record.payment_status) == ("R114", "cancelled")


def test_one_that_a_client_holds_is_not_due_before_its_day() -> None:
    early = {"previous": on_hold(4), "id": "pay-04"}
    assert broken(instalment(4, payment_status="scheduled"), *world(), **early) == set()
    assert broken(instalment(3, payment_status="scheduled"), *world(), previous=on_hold(3), id="pay-03") == {"R94"}


def test_a_penny_goes_to_one_line_alone() -> None:
    penny = instalment(4, total_pence=1, lines=())
    assert following(HOSPITAL, MIXED, filed(penny, "pay-04")) == []
