"""How far a budget has come, which one is in force, and what a line costs."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case.budgets import budget_on, cost_of, is_draft, is_in_force, is_live, span_of, state_of
from tests.fhir_gateway.phb.budgets import BUDGET, budget, indicative, line
from tests.fhir_gateway.phb.shelf import case_file, filed


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (budget(budget_status="agreed"), "agreed"),
        (budget(budget_status=None, status="active"), "active"),
        (budget(budget_status=None, status="draft"), "draft"),
        (budget(budget_status=None, status="cancelled"), "superseded"),
        (indicative(budget_status=None), "shared"),
    ],
)
def test_the_state_is_the_exact_one_or_what_the_coarse_one_means(record: Any, state: str) -> None:
    assert state_of(record) == state


def test_a_budget_in_error_is_neither_live_nor_a_draft() -> None:
    record = budget(budget_status=None, status="entered-in-error")
    assert not is_live(record)
    assert not is_draft(record)
    assert not is_in_force(record)


def test_the_latest_version_whose_period_holds_the_day_is_in_force() -> None:
    old = filed(budget(budget_status="superseded"), "old")
    new = filed(budget(budget_status="active", version=2, start=date(2025, 10, 1)), BUDGET)
    case = case_file(old, new, filed(budget(version=3), "draft"))
    found = [budget_on(case, day) for day in (date(2025, 9, 30), date(2025, 10, 1), date(2027, 1, 1))]
    assert [one.id if one else None for one in found] == ["old", BUDGET, None]


def test_a_line_costs_what_its_terms_say_over_its_own_days() -> None:
    half = line(rate_pence=300_000, start=date(2025, 10, 1))
    assert cost_of(half, budget(half)) == 149_589


@pytest.mark.parametrize("known", [{"rate_pence": -1}, {"frequency": None}, {"start": date(2027, 1, 1)}])
def test_a_line_whose_terms_say_no_cost_has_none(known: dict[str, Any]) -> None:
    assert cost_of(line(**{"rate_pence": 1} | known), budget()) is None


def test_a_line_without_days_has_those_of_the_budget() -> None:
    whole, none = budget(), budget(start=None)
    assert (span := span_of(line(), whole)) is not None
    assert span.days == 365
    assert span_of(line(), none) is None
