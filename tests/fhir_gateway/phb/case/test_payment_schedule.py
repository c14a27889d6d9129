"""The payments an agreed budget still lacks: to whom, when, out of whose share; what is there stays."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.people import FILES
from fhir_gateway.phb.case.payment_schedule import missing
from fhir_gateway.phb.case_file import Filed
from mappings.lens import shape
from mappings.payment import PAYMENT, Payment
from tests.fhir_gateway.demo.people import PEOPLE
from tests.fhir_gateway.phb.rules.money_moved import instalment
from tests.fhir_gateway.phb.rules.money_world import (
    CONTINGENCY,
    HELD_BY_THIRD,
    SWIMMING,
    arrangement,
    budget,
    person,
    world,
)
from tests.fhir_gateway.phb.shelf import broken, case_file, filed

MADE_BY_SCHEDULE = {"instalment", "one-off", "client-contribution"}


def made(*standing: Filed[Any], budget_id: str = "budget", **known: Any) -> list[Payment]:
    """The payments that are missing beside what stands."""
    found = missing(case_file(*standing, **known), next(one for one in standing if one.id == budget_id))
    assert found.faults == ()
    return list(found.payments)


def faults(*standing: Filed[Any]) -> tuple[str, ...]:
    found = missing(case_file(*standing), next(one for one in standing if one.id == "budget"))
    assert bool(found.faults) != bool(found.payments)
    return found.faults


# --- the worked examples ----------------------------------------------------------------------------


def demonstrated(person_id: str) -> tuple[list[Filed[Any]], list[Filed[Any]]]:
    """Everything of one person but the payments a schedule makes, and those."""
    every = [filed(one.record, one.id) for one in FILES[person_id]]
    scheduled = [
        one for one in every if isinstance(one.record, Payment) and one.record.payment_kind in MADE_BY_SCHEDULE
    ]
    return [one for one in every if one not in scheduled], scheduled


def sums(payments: list[Payment]) -> dict[tuple[str, date | None], int]:
    """Pence by share and first day."""
    found: dict[tuple[str, date | None], int] = {}
    for one in payments:
        place = (one.insurance[0].coverage_id or "", one.start)
        found[place] = found.get(place, 0) + (one.total_pence or 0)
    return found


@pytest.mark.parametrize("person_id", PEOPLE)
def test_the_instalments_of_the_worked_examples_come_out_to_the_penny(person_id: str) -> None:
    around, scheduled = demonstrated(person_id)
    for one in around:
        if one.type == "Claim" and one.id.endswith("-budget"):
            mine = [pay.record for pay in scheduled if pay.record.pays_against_id == one.id]
            again = missing(case_file(*around, *scheduled, person=one.record.person_id), one)
            fresh = made(*around, budget_id=one.id, person=one.record.person_id, today=one.record.created)
            assert sums(fresh) == sums(mine)
            for record in fresh:
                shape.judge(PAYMENT.to_fhir(record, {"resourceType": "Claim"}), expected_type="Claim")
            assert (again.payments, again.faults) == ((), ())


# --- what a payment says ----------------------------------------------------------------------------


def test_each_month_of_the_budget_has_an_instalment_that_keeps_the_rules() -> None:
    found = made(*world())
    first, second, *_ = found
    assert [one.start for one in found] == [date(2025, 4, 1), *(one.start for one in found[1:])]
    assert (len(found), first.total_pence, second.total_pence) == (12, 16_000, 10_000)
    assert (first.due_on, first.end, first.instalment_no) == (date(2025, 4, 1), date(2025, 4, 30), 1)
    assert (first.payee, first.payee_kind, first.provider, first.insurer_id) == (
        "Patient/pat",
        "subscriber",
        "Organization/icb",
        "icb",
    )
    assert [(one.budget_line, one.amount_pence) for one in first.lines] == [(None, 10_000), (3, 6_000)]
    assert {one.management_option for one in first.lines} == {"direct-payment"}
    assert {one.payment_status for one in found} == {"scheduled"}
    standing = [filed(one, f"pay-{at}") for at, one in enumerate(found)]
    assert [broken(one.record, *world(*standing), id=one.id) for one in standing] == [set()] * 12


def test_a_managed_account_is_paid_to_its_holder() -> None:
    managed = arrangement(account_kind="managed-account", owner="keeper", undertaking_signed_on=date(2025, 3, 1))
    assert {(one.payee, one.payee_kind) for one in made(*world(managed))} == {("Organization/keeper", "provider")}


def test_money_held_by_a_third_party_is_paid_to_it() -> None:
    third = arrangement(management_option="third-party", owner="holder", recipient=None, account_kind=None)
    found = made(*world(third, budget(HELD_BY_THIRD)))
    assert {one.payee for one in found} == {"Organization/holder"}
    assert {one.lines[0].management_option for one in found} == {"third-party"}


def test_the_account_of_the_day_is_paid() -> None:
    old = arrangement(end=date(2025, 6, 30))
    new = replace(
        old, id="later", record=replace(old.record, recipient="RelatedPerson/deputy", start=date(2025, 7, 1), end=None)
    )
    payees = [one.payee for one in made(*world(old, new, budget(SWIMMING, account=None)))]
    assert payees == ["Patient/pat"] * 3 + ["RelatedPerson/deputy"] * 9


def test_contingency_on_request_is_in_no_instalment_and_a_four_week_account_in_four_week_blocks() -> None:
    asked = arrangement(contingency_funding="on-request", interval="four-weekly")
    found = made(*world(asked, budget(SWIMMING, CONTINGENCY)))
    assert (len(found), sum(one.total_pence or 0 for one in found)) == (14, 120_000)


def test_a_one_off_budget_is_paid_at_once() -> None:
    (one,) = made(*world(budget(SWIMMING, budget_kind="one-off")))
    assert (one.payment_kind, one.start, one.end, one.total_pence, one.instalment_no) == (
        "one-off",
        date(2025, 4, 1),
        date(2026, 3, 31),
        120_000,
        None,
    )


# --- what is there ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["scheduled", "due", "paid", "cancelled", "on-hold"])
def test_an_instalment_that_is_there_stays_whatever_became_of_it(status: str) -> None:
    there = filed(instalment(3, payment_status=status, total_pence=9_000), "there")
    found = made(*world(there))
    assert len(found) == 11
    assert date(2025, 6, 1) not in {one.start for one in found}


def test_an_instalment_of_another_share_or_kind_is_not_taken_for_it() -> None:
    other = filed(instalment(3, payment_kind="one-off"), "other")
    assert len(made(*world(other))) == 12


def test_nothing_is_scheduled_for_days_after_a_death() -> None:
    found = made(*world(person(death_date=date(2025, 7, 15))))
    assert [one.start for one in found] == [date(2025, 4, 1), date(2025, 5, 1), date(2025, 6, 1)]


# --- what cannot be scheduled -----------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "submitted", "superseded", "closed", None])
def test_a_budget_that_is_not_agreed_has_no_payments(status: str | None) -> None:
    assert "neither agreed nor active" in faults(*world(budget(budget_status=status)))[0]


def test_without_an_account_in_force_nobody_could_be_paid() -> None:
    (says,) = faults(*world(arrangement(status="unknown")))[:1]
    assert says == "no arrangement of the kind `direct-payment` that says who is paid is in force on 2025-04-01"
    assert len(faults(*world(arrangement(end=date(2025, 12, 31))))) == 3
    assert len(faults(*world(arrangement(recipient=None)))) == 12


def test_a_budget_that_does_not_say_who_pays_has_no_payments() -> None:
    assert faults(*world(without=("nhs",))) == (
        "the records do not say what each funder pays of each line; add the split or the funders' answers",
    )


def test_a_share_that_names_no_body_has_no_payments() -> None:
    nobody = next(one for one in world() if one.id == "nhs" and one.type == "Coverage")
    assert "names no body that pays" in faults(*world(replace(nobody, record=replace(nobody.record, funder=None))))[0]


def test_the_arrangement_that_names_the_share_comes_first() -> None:
    mine = arrangement(recipient="RelatedPerson/deputy")
    other = replace(mine, id="aaa", record=replace(mine.record, coverage_ids=("other",), recipient="Patient/pat"))
    found = made(*world(mine, other, budget(SWIMMING, account=None)))
    assert {one.payee for one in found} == {"RelatedPerson/deputy"}
