"""The way the money is held changes no NHS amount: R39."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mappings.budget import AgreedBudget, SplitWeight
from mappings.claim_parts import ClaimCoverage
from tests.fhir_gateway.phb.shelf import filed, warned
from tests.fhir_gateway.phb.whole_case import START, budget, line, standing
from tests.fhir_gateway.phb.whole_people import body, share

BEFORE = filed(budget(budget_status="superseded"), "before")


def later(*lines: Any, **known: Any) -> AgreedBudget:
    return budget(*lines, version=2, supersedes_id="before", budget_status="draft", difference_reason="Dearer", **known)


def cheaper(**known: Any) -> Any:
    return line(**{"management_option": "direct-payment", "rate_pence": 9_000, "amount_pence": 108_000, **known})


def test_r39_warns_when_only_the_option_changed_and_the_amount_with_it() -> None:
    assert warned(later(cheaper()), *standing(BEFORE)) == {"R39"}


@pytest.mark.parametrize(
    "known",
    [
        {"management_option": "notional"},
        {"amount_pence": 120_000},
        {"quantity": Decimal(2)},
        {"frequency": "weekly"},
        {"start": date(2025, 8, 1)},
    ],
    ids=["same option", "same amount", "other quantity", "other frequency", "fewer days"],
)
def test_r39_holds_when_something_else_changed_too_or_nothing(known: dict[str, Any]) -> None:
    assert warned(later(cheaper(**known)), *standing(BEFORE)) == set()


@pytest.mark.parametrize("category", ["payroll-service", "managed-account-fee", "personal-assistant-wages"])
def test_r39_holds_when_costs_of_employment_or_fees_come_with_it(category: str) -> None:
    fee = line(line_no=2, category=category, need_sequences=(), goal_sequences=())
    assert "R39" not in warned(later(cheaper(), fee), *standing(BEFORE))


def test_r39_holds_when_the_version_before_is_not_known_or_has_no_such_line() -> None:
    assert warned(later(cheaper()), *standing()) == set()
    unlinked = filed(replace(BEFORE.record, needs=()), "before")
    assert warned(later(cheaper()), *standing(unlinked)) == set()


def test_r39_compares_whole_lines_when_the_funders_are_not_known() -> None:
    assert warned(later(cheaper()), *standing(BEFORE, without=("nhs",))) == {"R39"}


def test_r39_looks_at_what_the_nhs_pays_and_no_other() -> None:
    both = (
        ClaimCoverage(sequence=1, focal=True, coverage_id="nhs", preauth_refs=(), answer_id=None),
        ClaimCoverage(sequence=2, focal=False, coverage_id="council", preauth_refs=(), answer_id=None),
    )
    council = share("council", "la-adult-social-care", "council", order=2)
    known = {"need_type": "joint", "split_method": "fixed-amount", "start": START}
    fixed = (SplitWeight(insurance_sequence=1, bps=None, amount_pence=50_000, minutes=None),)
    old = filed(budget(line(**known, weights=fixed), insurance=both, budget_status="superseded"), "before")
    around = standing(old, council, body("council", "local-authority"))
    assert warned(later(cheaper(**known, weights=fixed), insurance=both), *around) == set()
    dearer = (replace(fixed[0], amount_pence=60_000),)
    assert warned(later(cheaper(**known, weights=dearer), insurance=both), *around) == {"R39"}
