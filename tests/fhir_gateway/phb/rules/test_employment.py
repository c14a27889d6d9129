"""Group B, on employment: each rule is broken alone, and kept."""

from dataclasses import replace
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings.budget import BudgetProvider
from mappings.employment import Employment
from tests.fhir_gateway.phb.people_paid import (
    MOTHER,
    SELF,
    START,
    account,
    body,
    breaks,
    budget,
    decision,
    flags,
    line,
    mother,
    nominee,
    own,
    share,
)
from tests.fhir_gateway.phb.shelf import PERSON, filed


def job(**known: Any) -> Employment:
    """A signed contract of an assistant."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "executed",
        "start": START,
        "employer": SELF,
        "employee": "assistant",
        "stream": "nhs-other",
        "family_member": False,
    }
    return made(Employment, **usual | known)


# --- R20 --------------------------------------------------------------------------------------------

ACCOUNT = filed(account(), "account")
NOMINEES = filed(account(recipient=MOTHER), "account")


def test_r20_breaks_when_another_than_the_recipient_employs_under_nhs_money() -> None:
    assert breaks(job(), NOMINEES) == {"R20"}
    assert breaks(job(employer=MOTHER), ACCOUNT) == {"R20"}


def test_r20_holds_when_the_recipient_employs() -> None:
    assert breaks(job(), ACCOUNT) == set()
    assert breaks(job(employer=MOTHER), NOMINEES) == set()


def test_r20_reads_the_shares_where_the_contract_names_no_stream() -> None:
    nhs, council = filed(share("nhs-chc", "icb"), "nhs"), filed(share("la-adult-social-care", "council"), "council")
    assert breaks(job(stream=None), NOMINEES, nhs) == {"R20"}
    assert breaks(job(stream=None), NOMINEES, nhs, council) == set()
    assert breaks(job(stream=None), NOMINEES) == set()


def test_r20_holds_without_a_known_recipient_and_before_signing() -> None:
    assert breaks(job()) == set()
    assert breaks(job(status="negotiable"), NOMINEES) == set()


@pytest.mark.parametrize(
    ("roles", "broken_ones"),
    [
        (("la-nominated-person",), {"R20"}),
        (("la-authorised-person",), set()),
        (("la-nominated-person", "la-authorised-person"), set()),
    ],
)
def test_r20_breaks_when_a_nominated_person_employs_under_council_money(
    roles: tuple[str, ...], broken_ones: set[str]
) -> None:
    record = job(employer=MOTHER, stream="la-adult-social-care")
    assert breaks(record, filed(mother(roles=roles), "mother")) == broken_ones


def test_r20_accepts_a_new_wage_under_an_old_contract() -> None:
    old = job()
    assert breaks(replace(old, hourly_rate_pence=1_300), NOMINEES, previous=old) == set()


# --- R21 --------------------------------------------------------------------------------------------

HOLDER = body("accounts", roles=("managed-account-holder",))


def test_r21_warns_when_the_holder_of_a_managed_account_employs() -> None:
    managed = filed(account(owner="accounts", account_kind="managed-account"), "account")
    record = job(employer="Organization/accounts")
    assert (breaks(record, managed), flags(record, managed)) == (set(), {"R21"})
    assert (breaks(record, HOLDER), flags(record, HOLDER)) == (set(), {"R21"})


def test_r21_holds_for_the_person_and_for_a_body_that_arranges_care() -> None:
    assert flags(job(), HOLDER) == set()
    both = body("accounts", roles=("managed-account-holder", "third-party-holder"))
    assert flags(job(employer="Organization/accounts"), both) == set()
    assert flags(job(employer="Organization/agency"), HOLDER) == set()


# --- R22 --------------------------------------------------------------------------------------------

MIXED = filed(
    budget(line(1, "third-party", category="personal-assistant-wages"), line(2, "direct-payment", category="training")),
    "budget",
)


@pytest.mark.parametrize("employer", [SELF, MOTHER])
@pytest.mark.parametrize("lines", [(1,), (1, 2), ()])
def test_r22_breaks_when_the_person_or_family_employs_for_a_third_partys_line(
    employer: str, lines: tuple[int, ...]
) -> None:
    assert breaks(job(employer=employer, on_cost_lines=lines), MIXED) == {"R22"}


def test_r22_holds_for_the_third_party_itself_and_for_other_lines() -> None:
    assert breaks(job(employer="Organization/third", on_cost_lines=(1,)), MIXED) == set()
    assert breaks(job(on_cost_lines=(2,)), MIXED) == set()
    assert breaks(job(on_cost_lines=(7,)), MIXED) == set()
    assert breaks(job(on_cost_lines=(1,))) == set()
    assert breaks(job(status="terminated", on_cost_lines=(1,)), MIXED) == set()


def test_r22_holds_outside_the_budget_in_force() -> None:
    closed = filed(replace(MIXED.record, budget_status="closed"), "budget")
    assert breaks(job(on_cost_lines=(1,)), closed) == set()


# --- R26 --------------------------------------------------------------------------------------------

DAUGHTER = job(family_member=True)


def test_r26_breaks_when_a_relative_is_employed_without_a_decision() -> None:
    assert breaks(DAUGHTER) == {"R26"}


@pytest.mark.parametrize(
    "known",
    [
        {"outcome": "declined"},
        {"outcome": None},
        {"rationale": None},
        {"rationale": " "},
        {"decision_subject": "nominee"},
        {"status": "cancelled"},
    ],
)
def test_r26_breaks_for_a_decision_that_does_not_allow_it(known: dict[str, Any]) -> None:
    found = filed(replace(decision("family-payment"), **known), "family")
    assert breaks(replace(DAUGHTER, family_decision_id="family"), found) == {"R26"}


def test_r26_breaks_for_a_decision_about_somebody_else() -> None:
    found = filed(decision("family-payment", about="Contract/other"), "family")
    assert breaks(DAUGHTER, found) == {"R26"}


@pytest.mark.parametrize("about", [None, "Contract/x", "Claim/budget"])
def test_r26_holds_with_an_approved_decision_and_its_reasons(about: str | None) -> None:
    found = filed(decision("family-payment", about=about), "family")
    assert breaks(DAUGHTER, found) == set()
    assert breaks(replace(DAUGHTER, family_decision_id="family"), found) == set()


def test_r26_holds_for_an_assistant_who_is_no_relative_and_before_signing() -> None:
    assert breaks(job()) == set()
    assert breaks(job(family_member=None)) == set()
    assert breaks(replace(DAUGHTER, status="offered")) == set()


def test_r26_breaks_for_a_line_that_names_the_relative_as_its_provider() -> None:
    provider = made(BudgetProvider, sequence=1, provider="Practitioner/assistant")
    record = budget(line(), line(2, provider_sequences=(1,)), providers=(provider,))
    family = filed(decision("family-payment"), "family")
    assert breaks(record, *own(), filed(DAUGHTER, "job")) == {"R26"}
    assert breaks(record, *own(), filed(DAUGHTER, "job"), family) == set()
    assert breaks(record, *own(), filed(job(), "job")) == set()
    assert breaks(replace(record, budget_status="draft"), *own(), filed(DAUGHTER, "job")) == set()
    assert breaks(record, *own(), filed(nominee(), "mother")) == set()


def test_r26_looks_again_when_the_family_tie_is_recorded_and_not_at_other_changes() -> None:
    assert breaks(DAUGHTER, previous=job()) == {"R26"}
    assert breaks(replace(DAUGHTER, hourly_rate_pence=1_300), previous=DAUGHTER) == set()
