"""Rules R63 to R67, R70, R73, R74: what the money may be for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.exclusion_words import WORDS, suggested
from fhir_gateway.phb.rules.catalogue import CATALOGUE
from mappings.budget import BudgetLine
from mappings.terminology import EXCLUSION_CATEGORY, LINE_CATEGORY, MANAGEMENT_OPTION
from tests.fhir_gateway.phb.budgets import BUDGET, around, budget, estimate, indicative, line, spent
from tests.fhir_gateway.phb.shelf import broken, filed, issues, warned

AROUND = (*around("nhs-other"), estimate())
ACTIVE = filed(budget(budget_status="active"), BUDGET)


def refused(*lines: BudgetLine, **known: Any) -> set[str]:
    return broken(budget(*lines, **known), *AROUND, id=BUDGET)


def flagged(*lines: BudgetLine, **known: Any) -> set[str]:
    return warned(budget(*lines, **known), *AROUND, id=BUDGET)


# --- R63: excluded uses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("exclusion", EXCLUSION_CATEGORY)
def test_r63_breaks_when_a_line_has_an_exclusion_code(exclusion: str) -> None:
    assert refused(line(exclusion=exclusion)) == {"R63"}


@pytest.mark.parametrize("option", ["notional", "third-party"])
@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_r63_breaks_under_every_option_and_in_a_draft(option: str, status: str) -> None:
    assert "R63" in refused(line(exclusion="alcohol", management_option=option), budget_status=status)


def test_r63_breaks_in_an_estimate_as_well() -> None:
    assert broken(indicative(line(exclusion="gambling")), *AROUND, id="ind") == {"R63"}


def test_r63_names_the_line_and_no_words_of_it() -> None:
    (found,) = issues(budget(line(exclusion="alcohol", description="Beer")), *AROUND, id=BUDGET)
    assert found.expression == "Claim.item[0].modifier"
    assert "Beer" not in found.diagnostics


def test_r63_holds_for_a_line_without_exclusion_code() -> None:
    assert refused(line()) == set()


def test_r63_holds_for_a_budget_that_was_declined() -> None:
    assert "R63" not in refused(line(exclusion="alcohol"), budget_status="declined")


# --- R64 and R66: what was spent all the same -----------------------------------------------------------


def entry_warned(record: Any, *more: Any, **known: Any) -> set[str]:
    return warned(record, *AROUND, ACTIVE, *more, id="ent", **known)


def test_r64_warns_of_money_spent_on_an_excluded_use() -> None:
    assert entry_warned(spent(row={"exclusion": "alcohol"})) == {"R64"}


def test_r64_accepts_the_entry() -> None:
    assert broken(spent(row={"exclusion": "alcohol"}), *AROUND, ACTIVE, id="ent") == set()


def test_r64_holds_for_money_spent_on_a_line_of_the_plan() -> None:
    assert entry_warned(spent()) == set()


@pytest.mark.parametrize("number", [None, 2])
def test_r66_warns_of_money_spent_on_no_line_of_the_plan(number: int | None) -> None:
    assert entry_warned(spent(number)) == {"R66"}


def test_r66_warns_of_an_entry_that_names_no_item() -> None:
    assert entry_warned(spent(lines=())) == {"R66"}


@pytest.mark.parametrize("status", ["draft", "submitted", "declined"])
def test_r66_warns_of_money_spent_under_a_budget_that_was_never_in_force(status: str) -> None:
    known = filed(budget(budget_status=status), BUDGET)
    assert warned(spent(), *AROUND, known, id="ent") == {"R66"}


def test_r66_warns_where_no_budget_was_in_force_on_the_day() -> None:
    assert warned(spent(pays_against_id=None), *AROUND, id="ent") == {"R66"}


@pytest.mark.parametrize("status", ["active", "agreed", "superseded", "closed"])
def test_r66_holds_for_a_line_of_a_budget_that_is_or_was_in_force(status: str) -> None:
    assert warned(spent(), *AROUND, filed(budget(budget_status=status), BUDGET), id="ent") == set()


def test_r66_holds_for_the_budget_of_the_day_where_none_is_named() -> None:
    assert entry_warned(spent(pays_against_id=None)) == set()


def test_r66_takes_a_line_of_a_budget_it_does_not_know_at_its_word() -> None:
    assert warned(spent(pays_against_id="elsewhere"), *AROUND, id="ent") == set()


def test_r66_holds_for_an_entry_that_was_looked_into_and_accepted() -> None:
    queried = spent(None, expenditure_status="queried")
    assert entry_warned(spent(None, expenditure_status="accepted"), previous=queried) == set()


def test_r66_holds_for_an_entry_that_was_cancelled() -> None:
    assert entry_warned(spent(None, status="cancelled")) == set()


# --- R65: words -----------------------------------------------------------------------------------------


def test_r65_warns_of_words_that_suggest_an_excluded_use() -> None:
    assert flagged(line(description="Wine and cheese evenings")) == {"R65"}


def test_r65_warns_in_the_ledger_too() -> None:
    assert entry_warned(spent(row={"description": "Cigarettes"})) == {"R65"}


def test_r65_never_refuses() -> None:
    assert refused(line(description="Lottery tickets")) == set()


def test_r65_holds_for_a_line_that_has_its_code() -> None:
    assert entry_warned(spent(row={"description": "Cigarettes", "exclusion": "tobacco"})) == {"R64"}


@pytest.mark.parametrize("words", ["Ginger tea group", "Swine show outing", "Sailing", "", None])
def test_r65_holds_for_words_that_only_look_alike(words: str | None) -> None:
    assert flagged(line(description=words)) == set()


@pytest.mark.parametrize("category", WORDS)
def test_every_list_of_words_is_of_a_code_there_is(category: str) -> None:
    assert category in EXCLUSION_CATEGORY
    assert all(suggested(f"The {word} of May") == category for word in WORDS[category])


@given(st.text())
def test_any_words_suggest_a_known_use_or_none(words: str) -> None:
    assert suggested(words) in {None, *EXCLUSION_CATEGORY}


# --- R67: unusual is no reason --------------------------------------------------------------------------


@pytest.mark.parametrize("category", sorted(set(LINE_CATEGORY) - {"contingency"}))
def test_r67_accepts_every_category_that_serves_an_outcome(category: str) -> None:
    assert refused(line(category=category)) == set()


@pytest.mark.parametrize("words", ["Gym", "Assistance dog", "Massage", "Sailing with friends"])
def test_r67_accepts_what_is_no_traditional_service(words: str) -> None:
    assert refused(line(category="other-agreed", description=words)) == set()
    assert CATALOGUE["R67"].place == "accepts"


# --- R70, R73, R74: wages and contingency ---------------------------------------------------------------

COSTS = (
    "employer-national-insurance",
    "employer-pension",
    "employer-insurance",
    "training",
    "pa-holiday-cover",
)


def wages(**known: Any) -> BudgetLine:
    return line(**{"category": "personal-assistant-wages", "description": "Assistant"} | known)


def costs(*categories: str, amount: int = 10_000) -> tuple[BudgetLine, ...]:
    return tuple(line(at, category=one, amount_pence=amount) for at, one in enumerate(categories, start=2))


def spare(number: int = 9, **known: Any) -> BudgetLine:
    return line(number, **{"category": "contingency", "description": "Spare", "flags": ("contingency",)} | known)


@pytest.mark.parametrize("missing", COSTS)
def test_r70_warns_of_wages_without_one_of_their_costs(missing: str) -> None:
    assert flagged(wages(), *costs(*(one for one in COSTS if one != missing)), spare()) == {"R70"}


def test_r70_holds_with_a_line_for_each_cost() -> None:
    assert flagged(wages(), *costs(*COSTS), spare()) == set()


def test_r70_takes_a_line_of_nothing_as_a_waiver() -> None:
    assert flagged(wages(), *costs(*COSTS, amount=0), spare()) == set()


def test_r70_takes_emergency_cover_for_cover() -> None:
    assert flagged(wages(), *costs(*COSTS[:4], "emergency-cover"), spare()) == set()


def test_r70_holds_for_a_draft_and_without_wages() -> None:
    assert flagged(wages(), budget_status="draft") == set()
    assert flagged(line()) == set()


def direct(*lines: BudgetLine, **known: Any) -> set[str]:
    """What is flagged of an estimate: rules on direct payments look at the budget that follows it."""
    return warned(indicative(*lines, **known), *AROUND, id="ind")


def test_r73_warns_of_direct_wages_without_contingency() -> None:
    assert direct(wages(management_option="direct-payment"), *costs(*COSTS)) == {"R73"}


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        ((wages(management_option="direct-payment"), *costs(*COSTS), spare()), {}),
        ((wages(), *costs(*COSTS)), {}),
        ((wages(management_option="direct-payment"), *costs(*COSTS)), {"budget_kind": "one-off"}),
    ],
    ids=["with contingency", "held notionally", "a one-off"],
)
def test_r73_holds_with_contingency_held_notionally_or_for_a_one_off(
    lines: tuple[BudgetLine, ...], known: dict[str, Any]
) -> None:
    assert direct(*lines, **known) == set()


@pytest.mark.parametrize(
    "faulty",
    [spare(2, flags=()), line(2, category="training", flags=("contingency",))],
    ids=["without the flag", "hidden in another line"],
)
def test_r74_breaks_when_contingency_is_no_marked_line_of_its_own(faulty: BudgetLine) -> None:
    assert refused(line(), faulty) == {"R74"}


def test_r74_warns_of_it_in_a_draft() -> None:
    record = budget(line(), spare(2, flags=()), budget_status="draft")
    assert broken(record, *AROUND, id=BUDGET) == set()
    assert "R74" in warned(record, *AROUND, id=BUDGET)


def test_r74_holds_for_a_marked_line() -> None:
    assert refused(line(), spare(2)) == set()


@pytest.mark.parametrize("option", MANAGEMENT_OPTION)
def test_every_rule_here_bears_a_budget_of_which_little_is_known(option: str) -> None:
    bare = line(category=None, description=None, amount_pence=None, rate_pence=None, management_option=option)
    assert isinstance(issues(budget(bare, total_pence=None, insurance=()), id=BUDGET), list)
