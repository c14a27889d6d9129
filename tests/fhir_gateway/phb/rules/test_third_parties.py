"""Group B, on third parties that hold the money: each rule is broken alone, and kept."""

from dataclasses import replace
from typing import Any

import pytest

from mappings.account import PaymentArrangement
from tests.fhir_gateway.phb.people_paid import MOTHER, SELF, account, body, breaks, council, flags, icb, share, the_case
from tests.fhir_gateway.phb.shelf import filed

CASE = filed(the_case(), "case")
HOLDER = body("holder", roles=("third-party-holder",), provider_kind="voluntary-organisation")


def held_by(owner: str | None = "holder", **known: Any) -> PaymentArrangement:
    """Money that a third party holds."""
    return account(**{"management_option": "third-party", "owner": owner, "recipient": None} | known)


# --- R28 --------------------------------------------------------------------------------------------


def test_r28_breaks_when_the_responsible_body_holds_the_money() -> None:
    assert breaks(held_by("icb"), CASE, icb()) == {"R28"}


@pytest.mark.parametrize("recipient", [SELF, MOTHER])
def test_r28_breaks_when_the_money_goes_to_the_persons_side(recipient: str) -> None:
    assert breaks(held_by(recipient=recipient), CASE, HOLDER) == {"R28"}


@pytest.mark.parametrize("stream", ["la-adult-social-care", "la-section-117", "education-high-needs"])
def test_r28_breaks_when_a_council_that_pays_holds_the_money(stream: str) -> None:
    assert breaks(held_by("council"), CASE, icb(), council(), filed(share(stream, "council"), "share")) == {"R28"}


def test_r28_holds_for_an_independent_body_and_a_council_that_does_not_pay() -> None:
    standing = (CASE, icb(), HOLDER, council(), filed(share("la-adult-social-care", "council"), "share"))
    assert breaks(held_by(), *standing) == set()
    assert breaks(held_by("council"), CASE, icb(), council()) == set()
    assert breaks(held_by(None), *standing) == set()


def test_r28_holds_before_the_arrangement_is_in_use_and_for_other_options() -> None:
    assert breaks(held_by("icb", status="inactive"), CASE, icb()) == set()
    assert breaks(held_by("icb", management_option="notional"), CASE, icb()) == set()


def test_r28_accepts_an_unrelated_change_of_an_old_arrangement() -> None:
    old = held_by("icb")
    assert breaks(replace(old, account_ref="another"), CASE, icb(), previous=old) == set()


# --- R29 --------------------------------------------------------------------------------------------


def trust(**known: Any) -> Any:
    return body("holder", roles=("third-party-holder",), provider_kind="nhs-provider", **known)


@pytest.mark.parametrize("said", [None, " "])
def test_r29_breaks_for_an_nhs_provider_that_says_nothing_of_its_conflict(said: str | None) -> None:
    assert breaks(held_by(), CASE, trust(conflict_of_interest=said)) == {"R29"}


def test_r29_holds_once_it_is_handled_and_for_other_providers() -> None:
    assert breaks(held_by(), CASE, trust(conflict_of_interest="A separate team, with its own board")) == set()
    assert breaks(held_by(), CASE, HOLDER) == set()
    assert breaks(held_by(status="inactive"), CASE, trust()) == set()


def test_r29_warns_on_the_body_itself() -> None:
    assert flags(trust().record, id="holder") == {"R29"}
    assert flags(trust(conflict_of_interest="A separate team").record, id="holder") == set()
    assert flags(replace(trust().record, roles=("provider",)), id="holder") == set()
