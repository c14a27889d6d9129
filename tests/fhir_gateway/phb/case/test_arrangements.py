"""Consents and agreements as a payment on a day rests on them."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case.arrangements import TO_BE_PAID, arrangements_on, consents_on, holds, signed_agreement
from fhir_gateway.phb.case.conversations import is_coordinator
from tests.fhir_gateway.phb.rules.money_dealings import COORDINATOR
from tests.fhir_gateway.phb.rules.money_world import agreement, arrangement, budget, consent, world
from tests.fhir_gateway.phb.shelf import case_file, filed

DAY = date(2025, 5, 1)


@pytest.mark.parametrize(
    ("known", "is_held"),
    [
        ({}, True),
        ({"given_on": DAY, "holds_from": DAY}, True),
        ({"given_on": date(2025, 5, 2)}, False),
        ({"holds_from": date(2025, 5, 2)}, False),
        ({"withdrawn_on": DAY}, True),
        ({"withdrawn_on": date(2025, 4, 30)}, False),
        ({"status": "inactive"}, False),
        ({"status": "inactive", "withdrawn_on": date(2025, 6, 1)}, True),
        ({"status": "rejected"}, False),
    ],
)
def test_a_consent_holds_from_the_day_it_is_given_to_the_day_it_is_withdrawn(
    known: dict[str, Any], *, is_held: bool
) -> None:
    assert holds(consent(**known).record, DAY) is is_held
    assert bool(consents_on(case_file(consent(**known)), TO_BE_PAID, DAY)) is is_held


def test_a_consent_to_something_else_is_none_to_be_paid() -> None:
    assert consents_on(case_file(consent(consent_subject="share-record")), TO_BE_PAID, DAY) == ()


def test_the_account_that_a_budget_names_goes_before_the_others() -> None:
    named, other = arrangement(), filed(arrangement(account_kind="prepaid-card").record, "other")
    case = case_file(named, other)
    assert arrangements_on(case, "direct-payment", DAY, budget().record) == (named.record,)
    assert len(arrangements_on(case, "direct-payment", DAY)) == 2
    assert len(arrangements_on(case, "direct-payment", DAY, budget(account="elsewhere").record)) == 2
    assert arrangements_on(case, "notional", DAY, budget().record) == ()


@pytest.mark.parametrize(
    ("known", "in_force"),
    [
        ({"status": "inactive", "end": DAY}, 1),
        ({"status": "inactive"}, 0),
        ({"status": "on-hold"}, 1),
        ({"status": "unknown"}, 0),
        ({"end": date(2025, 4, 30)}, 0),
    ],
)
def test_an_account_that_was_closed_counts_for_the_days_it_was_open(known: dict[str, Any], in_force: int) -> None:
    assert len(arrangements_on(case_file(arrangement(**known)), "direct-payment", DAY)) == in_force


def test_an_agreement_needs_both_sides_and_its_day() -> None:
    assert signed_agreement(case_file(agreement()), DAY) is not None
    assert signed_agreement(case_file(agreement()), date(2025, 3, 31)) is None
    assert signed_agreement(case_file(agreement(signers=())), DAY) is None


def test_a_coordinator_is_a_worker() -> None:
    case = case_file(*world())
    assert is_coordinator(case, COORDINATOR)
    assert not is_coordinator(case, None)
    assert not is_coordinator(case, "Patient/pat")
