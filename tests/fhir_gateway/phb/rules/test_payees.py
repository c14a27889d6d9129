"""To whom the money goes: R98."""

from dataclasses import replace
from typing import Any

import pytest

from tests.fhir_gateway.phb.rules.money_dealings import SELF, repayment_notice
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice, payment, recovery
from tests.fhir_gateway.phb.rules.money_world import HELD_BY_THIRD, arrangement, body, budget, party, plan, world
from tests.fhir_gateway.phb.shelf import broken, issues

OTHERS = (SELF, "Organization/icb", "Organization/holder", "RelatedPerson/friend")
FRIEND = party("friend", "friend")
MOTHER = party("mother", "parental-responsibility")


# --- a direct payment -------------------------------------------------------------------------------


@pytest.mark.parametrize("payee", ["Organization/physio", "Organization/keeper", "RelatedPerson/friend", "Patient/x"])
def test_r98_breaks_when_a_direct_payment_goes_to_anybody_but_its_recipient(payee: str) -> None:
    assert broken(instalment(2, payee=payee), *world(FRIEND)) == {"R98"}


def test_r98_holds_for_the_recipient_and_the_holder_of_a_managed_account() -> None:
    managed = arrangement(account_kind="managed-account", owner="keeper", recipient="RelatedPerson/mother")
    for payee in ("Organization/keeper", "RelatedPerson/mother"):
        assert "R98" not in broken(instalment(2, payee=payee), *world(managed, MOTHER))
    assert "R98" in broken(instalment(2), *world(managed, MOTHER))


@pytest.mark.parametrize(
    ("payee", "holds"),
    [
        (SELF, True),
        ("RelatedPerson/mother", True),
        ("Organization/keeper", True),
        ("Organization/unheard-of", True),
        ("RelatedPerson/friend", False),
        ("Organization/physio", False),
        ("Practitioner/rosa", False),
    ],
)
def test_r98_without_an_arrangement_holds_for_whoever_may_be_recipient(payee: str, *, holds: bool) -> None:
    found = broken(instalment(2, payee=payee), *world(FRIEND, MOTHER, without=("account",)))
    assert ("R98" in found) is not holds


# --- third party ------------------------------------------------------------------------------------

HELD = budget(HELD_BY_THIRD)


@pytest.mark.parametrize("payee", [SELF, "Organization/physio", "RelatedPerson/friend"])
def test_r98_breaks_when_third_party_money_goes_to_anybody_but_the_holder(payee: str) -> None:
    assert broken(instalment(2, payee=payee), *world(HELD, FRIEND)) == {"R98"}


def test_r98_holds_for_the_third_party_and_only_the_one_that_is_arranged() -> None:
    arranged = arrangement(management_option="third-party", account_kind=None, recipient=None, owner="trust")
    for payee, around in (("Organization/trust", world(HELD, arranged)), ("Organization/holder", world(HELD))):
        assert "R98" not in broken(instalment(2, payee=payee), *around)
    assert "R98" in broken(instalment(2, payee="Organization/holder"), *world(HELD, arranged))


# --- notional ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("payee", OTHERS)
def test_r98_breaks_when_notional_money_goes_to_anybody_but_the_provider(payee: str) -> None:
    assert broken(invoice(payee=payee), *world(FRIEND)) == {"R98"}


def test_r98_holds_for_the_provider_of_the_line_and_else_for_the_one_that_bills() -> None:
    assert broken(invoice(), *world()) == set()
    unnamed = replace(budget().record.lines[1], provider_sequences=())
    other = invoice(provider="Organization/other", payee="Organization/other")
    assert broken(other, *world(budget(unnamed))) == set()
    assert broken(other, *world()) == {"R98"}


def test_r98_takes_the_provider_as_payee_where_an_invoice_names_none() -> None:
    assert broken(invoice(payee=None, payment_status="paid"), *world()) == set()
    assert broken(invoice(payee=None, provider="Organization/other"), *world()) == {"R98"}


# --- who is not named -------------------------------------------------------------------------------


def test_r98_breaks_when_money_is_released_to_nobody() -> None:
    nobody = instalment(2, payee=None, payment_status="authorised")
    (found,) = issues(nobody, *world())
    assert (found.details, found.expression) == ("R98", "Claim.payee")
    assert "recipient of the direct payment" in found.diagnostics


def test_r98_holds_while_nobody_is_named_yet_and_where_the_option_is_not_known() -> None:
    assert broken(instalment(2, payee=None), *world()) == set()
    assert broken(instalment(2, payee="Organization/x", pays_against_id=None, lines=()), *world()) == set()


def test_r98_holds_for_a_later_change_of_something_else() -> None:
    odd = instalment(2, payee="Organization/physio")
    assert broken(replace(odd, due_on=None), *world(), previous=odd) == set()


# --- other kinds ------------------------------------------------------------------------------------

COUNCIL = body("council", "funder", funder_kind="local-authority")


@pytest.mark.parametrize(
    ("known", "right", "wrong"),
    [
        ({"payment_kind": "refund-to-person"}, SELF, "Organization/icb"),
        ({"payment_kind": "client-contribution"}, SELF, "Organization/physio"),
        ({"payment_kind": "client-contribution"}, "Organization/council", "Organization/icb"),
        ({"payment_kind": "reimbursement"}, SELF, "RelatedPerson/friend"),
        ({"payment_kind": "reimbursement"}, "RelatedPerson/mother", "Organization/physio"),
    ],
    ids=["refund", "contribution to the account", "contribution to the council", "reimbursement", "named by the plan"],
)
def test_r98_breaks_when_other_money_goes_where_it_does_not_belong(
    known: dict[str, Any], right: str, wrong: str
) -> None:
    around = world(FRIEND, MOTHER, COUNCIL, plan(involved=(SELF, "RelatedPerson/mother")))
    assert "R98" not in broken(payment(**known, payee=right), *around)
    assert "R98" in broken(payment(**known, payee=wrong), *around)


@pytest.mark.parametrize("payee", [SELF, "Organization/council"])
def test_r98_breaks_when_money_taken_back_goes_to_another_than_the_funder(payee: str) -> None:
    assert broken(recovery(), *world(repayment_notice())) == set()
    assert broken(recovery(payee=payee), *world(repayment_notice())) == {"R98"}
    assert broken(recovery(payee=payee, insurer_id=None), *world(repayment_notice())) == (
        {"R98"} if payee == SELF else set()
    )


def test_r98_holds_for_a_reimbursement_under_a_plan_that_is_not_known() -> None:
    assert (
        broken(payment(payment_kind="reimbursement", payee="RelatedPerson/friend"), *world(without=("plan",))) == set()
    )
