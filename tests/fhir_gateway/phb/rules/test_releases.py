"""What must be in place before money is authorised, and what a death changes: R94, R114."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.claim_response import FunderAnswer
from mappings.contract import AgreementSigner
from mappings.payment import PaymentLine
from tests.fhir_gateway.phb.rules.money_dealings import SELF, repayment_notice
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice
from tests.fhir_gateway.phb.rules.money_world import (
    HELD_BY_THIRD,
    WAGES,
    agreement,
    arrangement,
    budget,
    party,
    person,
    plan,
    world,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues

DUE = instalment(2, payment_status="due")
AUTHORISED = instalment(2, payment_status="authorised")


def released(*changed: Filed[Any], without: tuple[str, ...] = (), **known: Any) -> set[str]:
    """The rules that refuse the step from `due` to `authorised`."""
    return broken(replace(AUTHORISED, **known), *world(*changed, without=without), previous=replace(DUE, **known))


# --- R94 --------------------------------------------------------------------------------------------


def test_r94_holds_when_everything_is_in_place() -> None:
    assert released() == set()


@pytest.mark.parametrize(
    "changed",
    [
        agreement(SELF),
        agreement("Organization/icb"),
        agreement(status="offered"),
        agreement(start=date(2025, 6, 1)),
        agreement(end=date(2025, 4, 30)),
        arrangement(account_approved_on=None),
        arrangement(account_approved_on=date(2025, 5, 2)),
        arrangement(start=date(2025, 5, 2)),
        arrangement(management_option="notional", recipient=None),
        budget(budget_status="submitted"),
        budget(budget_status="superseded"),
        plan(plan_status="draft"),
        plan(plan_status="ended"),
    ],
    ids=[
        "only the person signed",
        "only the body signed",
        "offered",
        "agreement later",
        "agreement over",
        "account not approved",
        "approved too late",
        "account later",
        "no such account",
        "budget submitted",
        "budget replaced",
        "plan a draft",
        "plan ended",
    ],
)
def test_r94_breaks_when_one_thing_is_not_in_place(changed: Filed[Any]) -> None:
    assert released(changed) == {"R94"}


@pytest.mark.parametrize("missing", ["agreement", "account", "plan"])
def test_r94_breaks_when_one_thing_is_not_there(missing: str) -> None:
    assert released(without=(missing,)) == {"R94"}


def test_r94_breaks_when_there_is_no_consent() -> None:
    assert "R94" in released(without=("consent",))


@pytest.mark.parametrize("named", [None, "elsewhere"])
def test_r94_breaks_when_no_budget_is_known(named: str | None) -> None:
    assert released(pays_against_id=named) == {"R94"}


def test_r94_breaks_when_the_signature_came_after_the_day_it_is_due() -> None:
    late = datetime(2025, 5, 2, 9, tzinfo=UTC)
    parties = (SELF, "Organization/icb")
    signed = agreement(
        signers=tuple(made(AgreementSigner, party=one, signed_by=one, signed_at=late) for one in parties)
    )
    assert released(signed) == {"R94"}


def test_r94_holds_for_a_single_payment_without_an_approved_account() -> None:
    once = {"payment_kind": "one-off", "start": None, "end": None, "instalment_no": None}
    assert released(without=("account",), **once) == set()
    assert released(budget(budget_kind="one-off"), without=("account",)) == set()


def test_r94_holds_for_money_of_a_third_party_without_agreement_and_account() -> None:
    held = budget(HELD_BY_THIRD)
    paid = {"payee": "Organization/holder"}
    assert released(held, without=("agreement", "account", "consent"), **paid) == set()
    assert released(held, plan(plan_status="draft"), without=("agreement", "account"), **paid) == {"R94"}


@pytest.mark.parametrize("status", ["scheduled", "due", "on-hold", "cancelled", None])
def test_r94_holds_for_what_is_not_authorised(status: str | None) -> None:
    assert "R94" not in broken(instalment(2, payment_status=status), *world(without=("plan", "agreement")))


def test_r94_holds_for_a_draft_and_for_an_invoice() -> None:
    nothing = world(without=("agreement", "account", "plan"))
    assert broken(replace(AUTHORISED, status="draft"), *nothing) == set()
    assert broken(invoice(payment_status="authorised"), *nothing) == set()


def test_r94_accepts_what_was_paid_under_a_version_since_replaced() -> None:
    old = world(budget(budget_status="superseded"), plan(plan_status="superseded"))
    assert broken(instalment(2, payment_status="paid"), *old) == set()


def test_r94_holds_for_a_later_change_of_what_was_paid() -> None:
    paid = instalment(2, payment_status="paid")
    changed = replace(paid, paid_on=date(2025, 5, 1))
    assert broken(changed, *world(plan(plan_status="ended"), without=("agreement",)), previous=paid) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"payment_kind": "refund-to-person"},
        {"status": "draft"},
        {"status": "entered-in-error"},
        {"pays_against_id": "elsewhere"},
    ],
)
def test_r94_breaks_when_what_was_paid_as_something_else_becomes_a_payment(known: dict[str, Any]) -> None:
    paid = instalment(2, payment_status="paid")
    around = world(without=("agreement",))
    assert broken(paid, *around, previous=replace(paid, **known)) == {"R94"}


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error"])
def test_r94_breaks_when_fhir_says_that_the_budget_is_not_in_force(status: str) -> None:
    assert broken(AUTHORISED, *world(budget(status=status)), previous=DUE) == {"R94"}


def test_r94_says_what_would_satisfy_it() -> None:
    found = issues(AUTHORISED, *world(without=("agreement",)), previous=DUE)
    assert [one.details for one in found] == ["R94"]
    assert "signed by both sides" in found[0].diagnostics


# --- R114 -------------------------------------------------------------------------------------------

DIED = person(deceased=True, death_date=date(2025, 5, 20))


@pytest.mark.parametrize("known", [{}, {"start": date(2025, 5, 25)}, {"end": None, "start": date(2025, 5, 21)}])
def test_r114_breaks_when_days_after_the_death_are_paid(known: dict[str, Any]) -> None:
    after = {"due_on": date(2025, 5, 25), "payment_status": "paid"} | known
    assert broken(instalment(2, **after), *world(DIED)) == {"R114"}


def test_r114_breaks_when_it_is_authorised_after_the_death() -> None:
    assert released(DIED) == {"R114"}


@pytest.mark.parametrize(
    "known",
    [
        {"payment_status": "paid"},
        {"payment_status": "paid", "paid_on": date(2025, 5, 20)},
        {"payment_status": "authorised", "end": date(2025, 5, 20)},
        {"payment_status": "due"},
    ],
    ids=["paid in advance", "paid on the day", "covers no later day", "not paid"],
)
def test_r114_holds_for_what_was_paid_before_or_covers_no_later_day(known: dict[str, Any]) -> None:
    assert broken(instalment(2, **known), *world(DIED)) == set()


def test_r114_holds_for_wages_that_are_owed() -> None:
    wages = made(PaymentLine, sequence=1, budget_line=1, description="Pay and notice", amount_pence=10_000)
    late = instalment(2, payment_status="paid", due_on=date(2025, 6, 1), lines=(wages,))
    assert "R114" not in broken(late, *world(DIED, budget(WAGES)))
    assert "R114" in broken(late, *world(DIED))


@pytest.mark.parametrize(("day", "numbers"), [(date(2025, 5, 20), set()), (date(2025, 5, 21), {"R114"})])
def test_r114_breaks_when_a_funder_settles_days_after_the_death(day: date, numbers: set[str]) -> None:
    settled = made(
        FunderAnswer,
        person_id=PERSON,
        status="active",
        claim_type="phb-payment",
        use="claim",
        outcome="complete",
        funder_id="icb",
        claim_id="pay",
        paid_on=day,
        paid_pence=10_000,
    )
    assert broken(settled, *world(DIED, filed(DUE, "pay"))) == numbers


def test_r114_breaks_when_a_notice_after_the_death_does_not_go_to_the_estate() -> None:
    son = party("son", "estate-representative")
    late = repayment_notice(sent_on=date(2025, 6, 1)).record
    assert broken(late, *world(DIED, son)) == {"R114"}
    assert broken(replace(late, recipients=("RelatedPerson/son",)), *world(DIED, son)) == set()
    assert broken(replace(late, recipients=("RelatedPerson/son",)), *world(DIED, party("son", "friend"))) == {"R114"}


def test_r114_holds_for_notices_sent_while_the_person_lived() -> None:
    assert broken(repayment_notice().record, *world(DIED)) == set()
    assert broken(repayment_notice(sent_on=date(2025, 6, 1)).record, *world()) == set()
