"""What a new day does to a payment."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.due_payments import on_the_day
from fhir_gateway.phb.effects.effect import Consequence
from mappings.payment import Payment
from tests.fhir_gateway.phb.rules.money_dealings import suspension
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice
from tests.fhir_gateway.phb.rules.money_world import SWIMMING, WAGES, budget, person, world
from tests.fhir_gateway.phb.shelf import broken, case_file, filed

DUE_DAY = date(2025, 6, 1)


def after(payment: Payment, *standing: Filed[Any], today: date = DUE_DAY) -> list[Consequence]:
    one = filed(payment, "pay")
    return list(on_the_day(one, case_file(*world(*standing), one, today=today)))


def test_a_scheduled_payment_is_due_on_its_day() -> None:
    (found,) = after(instalment(3))
    assert (found.id, found.record) == ("pay", instalment(3, payment_status="due"))
    assert broken(found.record, *world(), previous=instalment(3), id="pay") == set()
    (found,) = after(invoice(payment_status="scheduled"))
    assert found.record.payment_status == "due"


@pytest.mark.parametrize(
    ("known", "today"),
    [
        ({}, date(2025, 5, 31)),
        ({"due_on": None}, DUE_DAY),
        ({"status": "draft"}, DUE_DAY),
        ({"payment_status": "due"}, DUE_DAY),
        ({"payment_status": "authorised"}, DUE_DAY),
        ({"payment_status": "cancelled"}, DUE_DAY),
        ({"payment_status": None}, DUE_DAY),
    ],
)
def test_every_other_payment_stays_as_it_is(known: dict[str, Any], today: date) -> None:
    assert after(instalment(3, **known), today=today) == []


def test_a_payment_that_is_not_to_be_made_is_called_off_on_its_day() -> None:
    (found,) = after(instalment(3), person(death_date=date(2025, 5, 20)))
    assert (found.rule, found.record.payment_status) == ("R114", "cancelled")


PAUSED = suspension(started_on=date(2025, 5, 20))
IN_HOSPITAL = suspension(started_on=date(2025, 5, 20), reason="hospital-admission")


@pytest.mark.parametrize("status", ["scheduled", "due"])
def test_a_payment_whose_day_comes_in_a_pause_is_held_back(status: str) -> None:
    (found,) = after(instalment(3, payment_status=status), PAUSED)
    assert (found.rule, found.record.payment_status, found.record.suspension_id) == ("R105", "on-hold", "suspension")


def test_pay_is_due_in_a_pause_for_a_stay_in_hospital_and_the_rest_is_held_back() -> None:
    mixed = budget(WAGES, replace(SWIMMING, line_no=2))
    paid, held = after(instalment(3, lines=(), total_pence=20_000), IN_HOSPITAL, mixed)
    assert (paid.record.payment_status, paid.record.total_pence) == ("due", 10_000)
    assert (held.record.payment_status, held.record.total_pence) == ("on-hold", 10_000)
    (alone,) = after(instalment(3, lines=()), IN_HOSPITAL, budget(WAGES))
    assert alone.record.payment_status == "due"
    assert after(instalment(3, lines=(), payment_status="due"), IN_HOSPITAL, budget(WAGES)) == []


def test_a_payment_on_hold_goes_on_the_day_the_pause_is_over() -> None:
    over = suspension(started_on=date(2025, 5, 20), ended_on=DUE_DAY)
    held = instalment(3, payment_status="on-hold", suspension_id="suspension")
    (found,) = after(held, over)
    assert found.record.payment_status == "due"
    assert after(held, over, today=date(2025, 5, 31)) == []
