"""Group B, on bars and suitability: each rule is broken alone, and kept."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings.budget import IndicativeBudget
from tests.fhir_gateway.phb.people_paid import (
    MOTHER,
    account,
    bar,
    breaks,
    budget,
    decision,
    flags,
    line,
    mother,
    own,
    payment,
    person,
)
from tests.fhir_gateway.phb.shelf import PERSON, filed

BARRED = filed(bar(), "bar")


# --- R14 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["submitted", "agreed", "active"])
def test_r14_breaks_for_a_direct_line_under_a_bar(status: str) -> None:
    assert breaks(budget(line(), line(2, "notional"), budget_status=status), *own(), BARRED) == {"R14"}


def test_r14_breaks_for_a_shared_estimate_and_warns_of_a_draft() -> None:
    estimate = made(IndicativeBudget, person_id=PERSON, status="active", budget_status="shared", lines=(line(),))
    assert breaks(estimate, BARRED) == {"R14"}
    draft = replace(estimate, budget_status="draft")
    assert (breaks(draft, BARRED), flags(draft, BARRED)) == (set(), {"R14"})


def test_r14_breaks_for_an_account_whoever_receives_the_money() -> None:
    assert breaks(account(), *own(), BARRED) == {"R14"}
    assert breaks(account(recipient=MOTHER), *own(), filed(mother(), "mother"), BARRED) == {"R14"}


@pytest.mark.parametrize(
    "record",
    [
        budget(line(option="notional"), line(2, "third-party")),
        budget(line(end=date(2025, 4, 30))),
        budget(line(start=date(2026, 1, 1))),
        budget(line(on_date=date(2026, 1, 1))),
        budget(budget_status="closed"),
        account(management_option="third-party", recipient=None),
        account(end=date(2025, 4, 30)),
    ],
)
def test_r14_holds_for_other_options_and_other_days(record: Any) -> None:
    assert breaks(record, *own(), BARRED) == set()


@pytest.mark.parametrize(
    "known", [{"value": "not-barred"}, {"value": None}, {"observation_status": "entered-in-error"}]
)
def test_r14_holds_where_no_bar_stands(known: dict[str, Any]) -> None:
    assert breaks(budget(), *own(), filed(bar(**known), "bar")) == set()


def test_r14_accepts_the_end_of_a_budget_that_ran_when_the_bar_came() -> None:
    old = budget()
    assert breaks(replace(old, difference_reason="Words put right"), *own(), BARRED, previous=old) == set()
    assert breaks(replace(old, budget_status="closed"), *own(), BARRED, previous=old) == set()


# --- R15 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("due_on", [date(2025, 5, 1), date(2025, 12, 31)])
def test_r15_breaks_for_an_instalment_due_under_a_bar(due_on: date) -> None:
    assert breaks(payment(due_on=due_on), *own(), BARRED) == {"R15"}


@pytest.mark.parametrize("due_on", [date(2025, 4, 30), date(2026, 1, 1)])
def test_r15_holds_before_and_after_the_bar(due_on: date) -> None:
    assert breaks(payment(due_on=due_on), *own(), BARRED) == set()


@pytest.mark.parametrize("running", [account(), budget()])
def test_r15_warns_of_a_bar_while_a_direct_payment_runs(running: Any) -> None:
    standing = (*own(), filed(running, "running"))
    assert (breaks(bar(), *standing), flags(bar(), *standing)) == (set(), {"R15"})


@pytest.mark.parametrize(
    ("known", "warned_of"),
    [
        ({"needs_continue": True, "replacement_option": "notional"}, set()),
        ({"needs_continue": False}, set()),
        ({"needs_continue": True}, {"R15"}),
        ({"needs_continue": False, "outcome": "declined"}, {"R15"}),
        ({"needs_continue": False, "ended_on": date(2025, 4, 30)}, {"R15"}),
    ],
)
def test_r15_holds_once_a_stop_with_its_replacement_is_decided(known: dict[str, Any], warned_of: set[str]) -> None:
    stop = decision("stop", **{"ended_on": date(2025, 5, 1)} | known)
    assert flags(bar(), *own(), filed(account(), "account"), filed(stop, "stop")) == warned_of


def test_r15_holds_for_a_bar_on_somebody_without_a_direct_payment() -> None:
    assert flags(bar(), *own(), filed(budget(line(option="notional")), "budget")) == set()
    assert flags(bar(), *own(), filed(account(end=date(2025, 4, 30)), "account")) == set()
    assert flags(bar(), *own(), filed(account(end=date(2025, 5, 1)), "account")) == {"R15"}
    assert flags(bar(value="not-barred"), *own(), filed(account(), "account")) == set()


# --- R16 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known",
    [
        {"suitability_appropriate": False},
        {"suitability_appropriate": None},
        {"suitability_value_for_money": False},
        {"suitability_value_for_money": None},
        {"suitability_reasons": None},
        {"suitability_reasons": " "},
        {"suitability_on": None},
        {"suitability_by": None},
        {"suitability_by": "Organization/icb"},
    ],
)
def test_r16_breaks_for_an_account_that_nobody_found_suitable(known: dict[str, Any]) -> None:
    assert breaks(account(**known), *own()) == {"R16"}


def test_r16_holds_for_a_suitable_one_and_for_one_not_yet_in_use() -> None:
    assert breaks(account(suitability_by="Practitioner/worker"), *own()) == set()
    assert breaks(account(status="inactive", suitability_appropriate=None), *own()) == set()
    assert breaks(account(management_option="notional", suitability_by=None), *own()) == set()


# --- budgets that give FHIR's coarse status alone ---------------------------------------------------


def test_r11_and_r14_break_for_an_active_claim_that_gives_no_exact_status() -> None:
    plain = budget(budget_status=None)
    assert breaks(plain, person()) == {"R11"}
    assert breaks(plain, *own(), BARRED) == {"R14"}
    assert breaks(replace(plain, status="draft"), person(), BARRED) == set()
