"""Rules R85 to R87: everything adds up to the penny."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.budget import AGREED, BudgetLine
from mappings.claim_response import FunderAnswer
from mappings.lens.errors import FhirError
from mappings.terminology import MANAGEMENT_OPTION
from tests.fhir_gateway.phb.budgets import (
    AMOUNT,
    BUDGET,
    OWN,
    answer,
    around,
    budget,
    decision,
    estimate,
    indicative,
    joint,
    line,
    weights,
)
from tests.fhir_gateway.phb.shelf import broken, filed, issues, warned

NHS = ("nhs-other",)
TWO = ("nhs-other", "la-adult-social-care")
HALVES = joint(5_000, 5_000, amount_pence=24_999, rate_pence=24_999)


def refused(*lines: BudgetLine, streams: tuple[str, ...] = NHS, **known: Any) -> set[str]:
    return broken(budget(*lines, streams=streams, **known), *around(*streams), estimate(streams=streams), id=BUDGET)


# --- R85: lines and total -------------------------------------------------------------------------------


@pytest.mark.parametrize("difference", [-1, 1])
def test_r85_breaks_when_the_total_is_a_penny_off(difference: int) -> None:
    assert "R85" in refused(total_pence=AMOUNT + difference)
    assert refused(total_pence=AMOUNT + 1) == {"R85"}


def test_r85_breaks_in_an_estimate_that_was_shared() -> None:
    assert broken(indicative(total_pence=AMOUNT + 1), *around(*NHS), id="ind") == {"R85"}


def test_r85_names_both_sums() -> None:
    record = budget(total_pence=AMOUNT + 1)
    (found,) = [one for one in issues(record, *around(*NHS), estimate(), id=BUDGET) if one.severity == "error"]
    assert "1,200.01" in found.diagnostics
    assert "1,200.00" in found.diagnostics
    assert found.expression == "Claim.total"


def test_r85_warns_only_while_the_budget_is_a_draft() -> None:
    record = budget(total_pence=AMOUNT + 1, budget_status="draft")
    assert broken(record, *around(*NHS), estimate(), id=BUDGET) == set()
    assert "R85" in warned(record, *around(*NHS), estimate(), id=BUDGET)


def test_r85_breaks_when_total_or_amount_is_missing() -> None:
    assert refused(total_pence=None) == {"R85"}
    assert refused(line(amount_pence=None, rate_pence=None), total_pence=0) == {"R85"}


def test_r85_holds_for_an_estimate_that_gives_no_total_yet() -> None:
    assert broken(indicative(line(amount_pence=None), total_pence=None), *around(*NHS), id="ind") == set()


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.integers(-2, 2))
def test_r85_holds_just_when_the_lines_come_to_the_total(amounts: list[int], difference: int) -> None:
    lines = [line(at, amount_pence=one, frequency=None) for at, one in enumerate(amounts, start=1)]
    found = refused(*lines, total_pence=max(0, sum(amounts) + difference))
    assert ("R85" in found) == (max(0, sum(amounts) + difference) != sum(amounts))


# --- R85: a line and its terms --------------------------------------------------------------------------

TERMS = [
    ({"frequency": "weekly", "rate_pence": 50_000}, 2_607_143),
    ({"frequency": "annual", "rate_pence": 300_000, "start": date(2025, 10, 1)}, 149_589),
    ({"frequency": "monthly", "rate_pence": 2_250}, 27_000),
    ({"frequency": "per-unit", "rate_pence": 4_800, "quantity": Decimal(40), "unit": "session"}, 192_000),
    ({"frequency": "weekly", "rate_pence": 1_385, "quantity": Decimal(5), "unit": "hour"}, 361_089),
    ({"frequency": "one-off", "rate_pence": 16_500, "profile": "on-date", "on_date": date(2025, 4, 1)}, 16_500),
]


@pytest.mark.parametrize(("terms", "amount"), TERMS)
def test_r85_breaks_when_a_line_is_a_penny_off_what_its_terms_come_to(terms: dict[str, Any], amount: int) -> None:
    assert refused(line(**terms, amount_pence=amount)) == set()
    assert refused(line(**terms, amount_pence=amount + 1)) == {"R85"}


def test_r85_says_what_the_line_should_be() -> None:
    record = budget(line(frequency="weekly", rate_pence=50_000, amount_pence=2_600_000))
    (found,) = [one for one in issues(record, *around(*NHS), estimate(), id=BUDGET) if one.severity == "error"]
    assert "26,071.43" in found.diagnostics
    assert found.expression == "Claim.item[0].net"


@pytest.mark.parametrize(
    "unsaid",
    [
        {"frequency": None},
        {"rate_pence": None},
        {"frequency": "per-unit"},
        {"start": date(2025, 6, 2), "on_date": date(2025, 6, 1)},
    ],
    ids=["no frequency", "no rate", "no quantity", "days that fit no line"],
)
def test_r85_holds_for_a_line_whose_cost_its_terms_do_not_say(unsaid: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"rate_pence": 1, "frequency": "weekly"}
    assert refused(line(**usual | unsaid)) == set()


def test_r85_leaves_the_coarse_lines_of_an_estimate_alone() -> None:
    assert broken(indicative(line(rate_pence=1)), *around(*NHS), id="ind") == set()


@pytest.mark.parametrize(
    "days",
    [{"start": date(2025, 3, 31)}, {"end": date(2026, 4, 1)}, {"on_date": date(2026, 4, 1), "profile": "on-date"}],
)
def test_r85_breaks_when_a_line_is_for_days_outside_the_budget(days: dict[str, Any]) -> None:
    assert refused(line(frequency=None, **days)) == {"R85"}


# --- R85: shares ----------------------------------------------------------------------------------------


def answering(given_now: FunderAnswer, *others: FunderAnswer, lines: tuple[BudgetLine, ...] = (HALVES,)) -> set[str]:
    return broken(given_now, *case_of(*others, lines=lines), id="now")


def case_of(
    *others: FunderAnswer, lines: tuple[BudgetLine, ...] = (HALVES,), streams: tuple[str, ...] = TWO
) -> tuple[Any, ...]:
    before = (filed(one, f"before-{at}") for at, one in enumerate(others))
    return (*around(*streams), estimate(streams=streams), filed(budget(*lines, streams=streams), BUDGET), *before)


def test_r85_breaks_when_the_shares_are_a_penny_more_or_less_than_the_line() -> None:
    assert answering(answer("council", 12_500), answer("icb", 12_500)) == {"R85"}
    assert answering(answer("council", 12_498), answer("icb", 12_500)) == {"R85"}


def test_r85_holds_when_the_shares_are_the_line() -> None:
    assert answering(answer("council", 12_499), answer("icb", 12_500)) == set()


def test_r85_waits_until_every_funder_has_answered() -> None:
    assert answering(answer("icb", 12_500)) == set()


def test_r85_lets_a_funder_decline_or_approve_a_part() -> None:
    declined = replace(answer("council", 0).lines[0], decision="declined")
    part = replace(answer("council", 9_000).lines[0], decision="approved-in-part")
    assert answering(answer("council", 0, lines=(declined,)), answer("icb", 12_500)) == set()
    assert answering(answer("council", 9_000, lines=(part,)), answer("icb", 12_500)) == set()


def test_r85_breaks_when_a_funders_lines_are_not_its_total() -> None:
    assert answering(answer("icb", 12_500, total_pence=12_499)) == {"R85"}


def test_r85_breaks_when_a_body_answers_that_pays_no_share() -> None:
    assert answering(answer("grant", 100)) == {"R85"}


def test_r85_breaks_when_an_answer_names_a_line_the_budget_does_not_have() -> None:
    assert answering(answer("icb", None, 0)) == {"R85"}


def test_r85_warns_when_a_share_is_not_what_the_split_gives() -> None:
    assert warned(answer("icb", 12_499), *case_of(), id="now") == {"R85"}
    assert warned(answer("icb", 12_500), *case_of(), id="now") == set()


def test_r85_leaves_out_what_the_person_pays() -> None:
    streams = ("nhs-wheelchair", OWN)
    fixed: dict[str, Any] = {"split_method": "fixed-amount", "weights": weights(0, 35_000, unit="amount_pence")[1:]}
    riser = line(2, category="wheelchair-upgrade", assessed_need_element=False, amount_pence=35_000, **fixed)
    known = case_of(lines=(line(), riser), streams=streams)
    assert broken(answer("icb", AMOUNT), *known, id="now") == set()
    assert broken(answer("icb", AMOUNT, 1), *known, id="now") == {"R85"}


def agreeing(*answers: FunderAnswer) -> set[str]:
    record = budget(HALVES, streams=TWO, budget_status="agreed")
    both = (filed(decision(one), f"dec-{one}") for one in ("icb", "council"))
    return broken(record, *case_of(*answers), *both, id=BUDGET)


def test_r85_breaks_when_a_budget_is_agreed_whose_shares_do_not_add_up() -> None:
    assert agreeing(answer("icb", 12_500), answer("council", 12_498)) == {"R85"}


def test_r85_holds_when_a_budget_is_agreed_whose_shares_add_up() -> None:
    assert agreeing(answer("icb", 12_500), answer("council", 12_499)) == set()
    assert agreeing() == set()


def test_r85_leaves_a_line_out_that_has_no_amount_to_share() -> None:
    lines = (HALVES, replace(HALVES, line_no=2, amount_pence=None))
    assert answering(answer("icb", 12_500, 7), lines=lines) == set()


def test_r85_leaves_answers_to_payments_and_to_unknown_budgets_alone() -> None:
    assert answering(answer("icb", 1, use="claim", claim_type="phb-payment")) == set()
    assert broken(answer("icb", 1, claim_id="elsewhere"), *around(*TWO), id="now") == set()


# --- R86: weights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("bps", [(5_000, 4_999), (5_000, 5_001), (10_000, 1), (0, 0)])
def test_r86_breaks_when_the_percentages_are_not_the_whole(bps: tuple[int, ...]) -> None:
    assert refused(joint(*bps), streams=TWO) == {"R86"}


def test_r86_breaks_when_a_line_has_no_weights_at_all() -> None:
    assert refused(joint(), streams=TWO) == {"R86"}


def test_r86_names_the_sum_of_the_weights() -> None:
    record = budget(joint(5_000, 4_999), streams=TWO)
    found = [one for one in issues(record, *around(*TWO), estimate(streams=TWO), id=BUDGET) if one.details == "R86"]
    assert "9999 basis points" in found[0].diagnostics
    assert found[0].expression == "Claim.item[0].extension"


def test_r86_holds_for_other_ways_to_split() -> None:
    assert refused(joint(split_method="hours", weights=weights(300, 120, unit="minutes")), streams=TWO) == set()


@given(st.integers(0, 10_000))
def test_r86_holds_for_any_percentages_that_are_the_whole(nhs: int) -> None:
    assert refused(joint(nhs, 10_000 - nhs), streams=TWO) == set()


def test_r85_breaks_when_a_weight_is_for_a_funder_the_budget_does_not_have() -> None:
    stranger = replace(weights(0)[0], insurance_sequence=3)
    assert refused(joint(weights=(*weights(5_000, 5_000), stranger)), streams=TWO) == {"R85"}


# --- R87: ways to hold the money ------------------------------------------------------------------------


def test_r87_breaks_when_a_line_says_no_option() -> None:
    assert refused(line(management_option=None)) == {"R87"}


def test_r87_breaks_when_a_line_says_two_options() -> None:
    tree = AGREED.to_fhir(budget())
    both = {"coding": [{"system": MANAGEMENT_OPTION.system, "code": "direct-payment"}]}
    tree["item"][0]["modifier"].append(both)
    with pytest.raises(FhirError) as refusal:
        AGREED.from_fhir(tree)
    assert [(one.details, one.expression) for one in refusal.value.issues] == [("R87", "Claim.item[0].modifier")]


def test_r87_holds_for_a_mix_of_options_on_different_lines() -> None:
    assert refused(line(), line(2, management_option="third-party")) == set()


def test_r87_accepts_an_estimate_that_does_not_say_yet() -> None:
    assert broken(indicative(line(management_option=None)), *around(*NHS), id="ind") == set()


def test_r85_breaks_when_lines_or_shares_have_one_number_or_a_share_is_there_twice() -> None:
    whole = budget(HALVES, streams=TWO)
    first, second = whole.insurance
    around_it = (*around(*TWO), estimate(streams=TWO))
    assert "R85" not in broken(whole, *around_it, id=BUDGET)
    for rows in ((first, replace(second, sequence=1)), (first, second, replace(first, sequence=3))):
        assert "R85" in broken(replace(whole, insurance=rows), *around_it, id=BUDGET)
    twice = replace(whole, lines=(*whole.lines, *whole.lines), total_pence=2 * 24_999)
    assert "item" in {one.expression.partition(".")[2] for one in issues(twice, *around_it, id=BUDGET)}
