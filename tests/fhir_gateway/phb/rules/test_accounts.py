"""The account that holds a direct payment: R95, R96, R97."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mappings.account import PaymentArrangement
from tests.fhir_gateway.phb.rules.money_dealings import SELF
from tests.fhir_gateway.phb.rules.money_moved import instalment, insured, payment, spent
from tests.fhir_gateway.phb.rules.money_world import SWIMMING, agreement, arrangement, budget, line, share, world
from tests.fhir_gateway.phb.shelf import broken, filed, warned

# --- R95 --------------------------------------------------------------------------------------------

OWN = arrangement(account_kind="recipient-own-account", account_approved_on=None)
SINGLE = budget(SWIMMING, budget_kind="one-off")


def once(**known: Any) -> Any:
    usual: dict[str, Any] = {"payment_kind": "one-off", "payment_status": "paid", "paid_on": date(2025, 5, 1)}
    return payment(**usual | known)


def test_r95_breaks_when_the_own_account_serves_an_ongoing_budget() -> None:
    assert broken(OWN.record, *world()) == {"R95"}
    assert broken(OWN.record, *world(without=("budget",))) == {"R95"}


def test_r95_holds_for_the_own_account_of_a_one_off_budget() -> None:
    assert broken(OWN.record, *world(SINGLE), id="account") == set()
    assert broken(replace(OWN.record, status="inactive"), *world()) == set()
    assert broken(arrangement().record, *world()) == set()


def test_r95_holds_for_one_single_payment() -> None:
    assert broken(once(), *world(SINGLE, OWN)) == set()


def test_r95_breaks_when_what_goes_into_the_own_account_is_an_instalment() -> None:
    assert broken(instalment(2), *world(SINGLE, OWN)) == {"R95"}


@pytest.mark.parametrize(("items", "numbers"), [(5, set()), (6, {"R95"})])
def test_r95_breaks_when_it_is_for_more_than_five_things(items: int, numbers: set[str]) -> None:
    bought = replace(once().lines[0], amount_pence=1_000)
    several = tuple(replace(bought, sequence=at) for at in range(1, items + 1))
    assert broken(once(lines=several, total_pence=items * 1_000), *world(SINGLE, OWN)) == numbers


@pytest.mark.parametrize(
    ("day", "numbers"),
    [(date(2025, 4, 1), {"R95"}), (date(2026, 3, 31), {"R95"}), (date(2025, 3, 31), set()), (date(2026, 4, 1), set())],
)
def test_r95_breaks_when_another_direct_payment_falls_in_the_same_financial_year(day: date, numbers: set[str]) -> None:
    other = filed(once(paid_on=None, due_on=day, payment_status="scheduled"), "other")
    assert broken(once(), *world(SINGLE, OWN, other)) == numbers


def test_r95_holds_when_the_other_payment_was_called_off_or_is_notional() -> None:
    off = filed(once(payment_status="cancelled", paid_on=None), "off")
    bill = filed(payment(payment_kind="invoice", payee="Organization/physio"), "bill")
    assert broken(once(), *world(SINGLE, OWN, off, bill)) == set()


# --- R96 --------------------------------------------------------------------------------------------

GIFT = share("gift", "charity-or-other", "Organization/charity", 4)
COUNCIL = share("la", "la-adult-social-care", "Organization/council", 2)
WITH_COUNCIL = budget(line(1, need_type="social-care"), insurance=insured("la"))


def from_council(**known: Any) -> Any:
    return instalment(2, insurance=insured("la"), insurer_id="council", **known)


def test_r96_warns_when_private_money_goes_into_the_account() -> None:
    gift = instalment(2, insurance=insured("gift"))
    assert "R96" in warned(gift, *world(GIFT))
    assert "R96" in warned(gift, *world(GIFT, arrangement(other_public_money=("charity-or-other",))))


def test_r96_warns_of_public_money_that_is_not_listed() -> None:
    assert warned(from_council(), *world(COUNCIL, WITH_COUNCIL)) == {"R96"}


def test_r96_holds_for_listed_public_money_and_for_the_nhs() -> None:
    listed = arrangement(other_public_money=("la-adult-social-care",))
    assert warned(from_council(), *world(COUNCIL, WITH_COUNCIL, listed)) == set()
    assert warned(instalment(2), *world()) == set()


def test_r96_holds_for_the_persons_own_contribution() -> None:
    own = share("own", "person-contribution", SELF, 9)
    assert "R96" not in warned(payment(payment_kind="client-contribution", insurance=insured("own")), *world(own))


def test_r96_warns_when_private_money_is_spent_from_the_account() -> None:
    assert warned(spent(500, "recorded", insurance=insured("gift")).record, *world(GIFT)) == {"R96"}
    assert warned(spent(500, "recorded").record, *world(GIFT)) == set()


def test_r96_holds_where_there_is_no_dedicated_account() -> None:
    gift = spent(500, "recorded", insurance=insured("gift")).record
    assert warned(gift, *world(GIFT, without=("account",))) == set()
    assert warned(gift, *world(GIFT, OWN, SINGLE)) == set()


# --- R97 --------------------------------------------------------------------------------------------


def managed(**known: Any) -> PaymentArrangement:
    usual: dict[str, Any] = {
        "account_kind": "managed-account",
        "owner": "keeper",
        "undertaking_signed_on": date(2025, 3, 28),
    }
    return arrangement(**usual | known).record


def test_r97_holds_when_holder_undertaking_and_signature_are_there() -> None:
    assert broken(managed(), *world()) == set()


@pytest.mark.parametrize("missing", ["owner", "undertaking_signed_on", "agreement_id"])
def test_r97_breaks_when_one_of_them_is_missing(missing: str) -> None:
    assert broken(managed(**{missing: None}), *world()) == {"R97"}


@pytest.mark.parametrize(
    "signed",
    [agreement("RelatedPerson/friend", "Organization/icb"), agreement(status="offered")],
    ids=["somebody else signed", "not concluded"],
)
def test_r97_breaks_when_the_budget_holder_did_not_sign(signed: Any) -> None:
    assert broken(managed(), *world(signed)) == {"R97"}


def test_r97_holds_for_other_accounts_and_for_one_not_in_use_yet() -> None:
    assert broken(arrangement(undertaking_signed_on=None).record, *world()) == set()
    assert broken(managed(owner=None, status="on-hold"), *world()) == set()


def test_r97_holds_when_the_recipient_holds_the_budget_and_signs() -> None:
    mother = "RelatedPerson/mother"
    assert "R97" not in broken(managed(recipient=mother), *world(agreement(mother, "Organization/icb")))
    assert "R97" in broken(managed(recipient=mother), *world())
