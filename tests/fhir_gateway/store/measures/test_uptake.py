"""K1 to K8 over people put together by hand."""

from datetime import date
from fractions import Fraction

import pytest

from fhir_gateway.demo.entry import Entry
from fhir_gateway.gateway import Gateway
from tests.fhir_gateway.store.measures.world import (
    CHC,
    DIRECT,
    ICB,
    NOTIONAL,
    OTHER,
    THIRD,
    agreed,
    case,
    counts,
    cover,
    holder,
    insured,
    line,
    outcomes,
    person,
    result,
    strata,
)

WHEELCHAIR = "nhs-wheelchair"


# --- K1, K2: who holds a budget ---------------------------------------------------------------------


def test_a_budget_that_ended_in_the_year_counts_year_to_date_and_not_on_the_last_day(gateway: Gateway) -> None:
    here, gone = holder("a"), holder("b", end=date(2025, 6, 30), budget_status="closed")
    assert counts(gateway, "K1", here, gone) == (2, None)
    assert counts(gateway, "K2") == (1, None)


def test_a_budget_that_ended_before_april_does_not_count(gateway: Gateway) -> None:
    assert counts(gateway, "K1", holder("a", start=date(2024, 4, 1), end=date(2025, 3, 31)))[0] == 0


def test_a_budget_that_starts_after_the_period_does_not_count(gateway: Gateway) -> None:
    assert counts(gateway, "K1", holder("a", start=date(2026, 1, 1)))[0] == 0


@pytest.mark.parametrize("status", ["draft", "submitted", "agreed", "declined"])
def test_a_budget_that_was_never_active_is_not_in_place(gateway: Gateway, status: str) -> None:
    assert counts(gateway, "K1", holder("a", budget_status=status))[0] == 0


def test_a_budget_entered_in_error_is_not_in_place(gateway: Gateway) -> None:
    assert counts(gateway, "K1", holder("a", status="entered-in-error"))[0] == 0


def test_two_versions_and_two_cases_of_one_person_are_one_holder(gateway: Gateway) -> None:
    first = agreed("a", id="a-1", end=date(2025, 9, 30), budget_status="superseded")
    second = agreed("a", id="a-2", start=date(2025, 10, 1), supersedes_id="a-1")
    once = case("a", id="a-once", budget_kind="one-off")
    chair = agreed("a", id="a-3", budget_kind="one-off")
    assert counts(gateway, "K1", person("a"), case("a"), first, second, once, chair)[0] == 1


def test_a_version_is_in_place_until_the_day_before_the_next_one(gateway: Gateway) -> None:
    first = agreed("a", id="a-1", budget_status="superseded")
    second = agreed("a", id="a-2", start=date(2025, 9, 1), end=date(2025, 12, 30), supersedes_id="a-1")
    assert counts(gateway, "K2", person("a"), case("a"), first, second)[0] == 0


def test_nobody_holds_a_budget_after_death_or_after_the_case_was_closed(gateway: Gateway) -> None:
    dead = (person("a", death_date=date(2025, 12, 1)), case("a"), agreed("a"))
    ended = (person("b"), case("b", closed_on=date(2025, 12, 30)), agreed("b"))
    assert counts(gateway, "K2", dead, ended)[0] == 0
    assert counts(gateway, "K1")[0] == 2


def test_a_report_for_one_body_counts_its_cases_alone(gateway: Gateway) -> None:
    everybody = [*holder("a"), *holder("b", responsible_body=OTHER), *holder("c", responsible_body=OTHER)]
    assert counts(gateway, "K1", everybody, reporter=OTHER)[0] == 2
    assert counts(gateway, "K1", reporter=ICB)[0] == 1
    assert counts(gateway, "K1", reporter="nobody")[0] == 0


# --- K3 to K5 ---------------------------------------------------------------------------------------


def test_a_case_starts_once_whatever_the_number_of_its_versions(gateway: Gateway) -> None:
    new = holder("a", start=date(2025, 10, 1))
    renewed = (
        person("b"),
        case("b"),
        agreed("b", id="b-1", end=date(2025, 10, 14), budget_status="superseded"),
        agreed("b", id="b-2", start=date(2025, 10, 15), supersedes_id="b-1"),
    )
    assert counts(gateway, "K3", new, renewed)[0] == 1


def test_holders_are_broken_down_by_group_and_age_each_as_a_part_of_all(gateway: Gateway) -> None:
    adults = [*holder("a", group=CHC), *holder("b", group=CHC, born=date(2007, 12, 31))]
    children = [
        *holder("c", group="ehc-plan", born=date(2008, 1, 1)),
        *holder("d", group="ehc-plan", born=date(2020, 1, 1)),
    ]
    (found,) = outcomes(gateway, "K4", adults, children)
    assert strata(found, "eligibility-group") == {CHC: (2, 4), "ehc-plan": (2, 4)}
    assert strata(found, "age") == {"adult": (2, 4), "child": (2, 4)}
    assert strata(found, "eligibility-group-and-age") == {f"{CHC} adult": (2, 4), "ehc-plan child": (2, 4)}


def test_a_mixed_case_counts_once_and_as_direct_payment_first(gateway: Gateway) -> None:
    every = [*holder("a", NOTIONAL, DIRECT), *holder("b", NOTIONAL, THIRD), *holder("c"), *holder("d", THIRD, DIRECT)]
    (found,) = outcomes(gateway, "K5", every)
    assert strata(found, "management-option") == {DIRECT: (2, 4), THIRD: (1, 4), NOTIONAL: (1, 4)}
    assert strata(found, "mix") == {"mixed": (3, 4), "single": (1, 4)}


def test_a_person_without_a_case_is_counted_with_what_is_not_known(gateway: Gateway) -> None:
    (found,) = outcomes(gateway, "K4", entry_without_case())
    assert strata(found, "eligibility-group-and-age") == {"not-known not-known": (1, 1)}


def entry_without_case() -> tuple[Entry, ...]:
    return person("a", birth_date=None), agreed("a")


# --- K6 ---------------------------------------------------------------------------------------------


def _people(*options: tuple[str, ...], group: str = CHC, prefix: str = "p") -> list[Entry]:
    return [one for at, some in enumerate(options) for one in holder(f"{prefix}{at}", *some, group=group)]


def test_five_of_eight_budgets_are_held_outside_once_wheelchairs_are_left_out(gateway: Gateway) -> None:
    """domain.md 7, K6 test: 62.5 %."""
    chairs = _people(*[(NOTIONAL,)] * 4, group=WHEELCHAIR, prefix="w")
    others = _people(*[(DIRECT,)] * 3, (NOTIONAL, DIRECT), (THIRD,), *[(NOTIONAL,)] * 3)
    assert result(gateway, "K6", chairs, others).score == Fraction("62.5")
    assert counts(gateway, "K6") == (5, 8)


def test_one_of_eight_budgets_is_an_eighth(gateway: Gateway) -> None:
    found = result(gateway, "K6", _people((DIRECT,), *[(NOTIONAL,)] * 7))
    assert (found.numerator, found.denominator, found.score) == (1, 8, Fraction("12.5"))


def test_a_share_of_nothing_has_no_score(gateway: Gateway) -> None:
    assert result(gateway, "K6").score is None


# --- K7, K8 -----------------------------------------------------------------------------------------


def test_reach_is_those_with_a_budget_among_those_with_a_right_to_one(gateway: Gateway) -> None:
    have = holder("a", group=CHC)
    have_not = (person("b"), case("b", group="section-117-aftercare", state="planning"))
    not_found = (person("c"), case("c", group=CHC, state="enquiry"))
    closed = (person("d"), case("d", group=CHC, closed_on=date(2025, 9, 30)))
    no_right = holder("e", group="mental-health")
    assert counts(gateway, "K7", have, have_not, not_found, closed, no_right) == (1, 2)


def test_a_case_is_integrated_when_two_public_bodies_pay(gateway: Gateway) -> None:
    nhs, council = cover("a", "nhs-other", ICB), cover("a", "la-adult-social-care", "council")
    both = (person("a"), case("a"), agreed("a", line(), insurance=insured(nhs, council)), nhs, council)
    one, own = cover("b", "nhs-other", ICB), cover("b", "person-contribution", "own")
    alone = (person("b"), case("b"), agreed("b", line(), insurance=insured(one, own)), one, own)
    twice, again = cover("c", "nhs-other", ICB), cover("c", "nhs-one-off", ICB)
    same = (person("c"), case("c"), agreed("c", line(), insurance=insured(twice, again)), twice, again)
    assert counts(gateway, "K8", both, alone, same) == (1, 3)
