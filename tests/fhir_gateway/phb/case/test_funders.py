"""Who pays a budget and bears its lines."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.case.books import books_of
from fhir_gateway.phb.case.funders import (
    all_known,
    bearers,
    bodies,
    budget_answers,
    granted_by,
    own_part,
    payers,
    shares_of,
    streams_of,
    unanswered,
)
from mappings.budget import BudgetLine
from tests.fhir_gateway.phb.budgets import AMOUNT, BUDGET, OWN, answer, around, budget, joint, line, share, weights
from tests.fhir_gateway.phb.shelf import case_file, filed

NHS = "nhs-other"
COUNCIL = "la-adult-social-care"
TWO = (NHS, COUNCIL)


def borne_by(one: BudgetLine, *streams: str, group: str = "joint-funded-package") -> set[str]:
    case = case_file(*around(*streams, group=group))
    return set(streams_of(bearers(case, one, payers(case, budget(one, streams=streams)))))


def test_payers_stand_in_the_order_in_which_pennies_are_shared() -> None:
    last = filed(share(NHS, order=2), "cov-nhs-other")
    first = filed(share(COUNCIL, order=1), "cov-la-adult-social-care")
    found = payers(case_file(last, first), budget(streams=TWO))
    assert [(one.stream, one.sequence) for one in found] == [(COUNCIL, 2), (NHS, 1)]


def test_the_person_stands_last_where_no_place_is_said() -> None:
    standing = (filed(share(OWN), f"cov-{OWN}"), filed(share(NHS, order=1), "cov-nhs-other"))
    found = payers(case_file(*standing), budget(streams=(OWN, NHS)))
    assert [one.is_person for one in found] == [False, True]
    assert bodies(found) == {"icb"}


def test_nhs_council_education_others_and_the_person_stand_in_this_order_where_no_place_is_said() -> None:
    backwards = (OWN, "charity-or-other", "education-high-needs", COUNCIL, NHS)
    standing = tuple(filed(share(one), f"cov-{one}") for one in backwards)
    record = budget(streams=backwards)
    assert [one.stream for one in payers(case_file(*standing), record)] == [*reversed(backwards)]
    books = books_of(case_file(*standing), filed(record, BUDGET))
    assert books is not None
    assert [one.stream for one in books.funders] == [*reversed(backwards)]


def test_a_share_that_is_not_known_is_left_out() -> None:
    case = case_file(*around(NHS))
    record = budget(streams=TWO)
    found = payers(case, record)
    assert [one.stream for one in found] == [NHS]
    assert not all_known(record, found)
    assert payers(case, budget(insurance=())) == ()


@pytest.mark.parametrize(
    ("one", "borne"),
    [
        (line(), {NHS}),
        (line(need_type="social-care"), {COUNCIL}),
        (line(need_type="joint"), set()),
        (joint(10_000, 0), {NHS}),
        (joint(split_method="hours", weights=weights(0, 60, unit="minutes")), {COUNCIL}),
        (joint(split_method="fixed-amount", weights=weights(0, 500, unit="amount_pence")[1:]), {NHS, COUNCIL}),
        (joint(split_method="fixed-amount", weights=weights(0, AMOUNT, unit="amount_pence")[1:]), {COUNCIL}),
    ],
    ids=["health", "social care", "joint", "all by one", "hours", "fixed", "fixed in full"],
)
def test_a_line_is_borne_by_those_its_split_names(one: BudgetLine, borne: set[str]) -> None:
    assert borne_by(one, *TWO) == borne


def test_who_is_alone_bears_what_no_split_says() -> None:
    assert borne_by(line(need_type="joint"), "nhs-wheelchair") == {"nhs-wheelchair"}


def test_under_continuing_healthcare_the_nhs_bears_social_care() -> None:
    assert borne_by(line(need_type="social-care"), *TWO, group="adult-nhs-chc") == {NHS}


def test_shares_that_no_split_says_are_none() -> None:
    case = case_file(*around(*TWO))
    one = joint(5_000, 4_000)
    assert shares_of(case, one, payers(case, budget(one, streams=TWO))) is None


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_shares_are_the_line_to_the_penny(amount: int, bps: int) -> None:
    case = case_file(*around(NHS, OWN))
    one = joint(bps, 10_000 - bps, amount_pence=amount)
    found = payers(case, budget(one, streams=(NHS, OWN)))
    parts = shares_of(case, one, found)
    assert parts is not None
    assert sum(parts) == amount
    assert own_part(case, one, found) == parts[1]


def test_answers_are_added_up_and_those_missing_named() -> None:
    record = budget(joint(5_000, 5_000), streams=TWO)
    declined = answer("council", 10, lines=())
    standing: tuple[Any, ...] = (filed(answer("icb", 700), "one"), filed(answer("icb", 9, status="cancelled"), "off"))
    case = case_file(*around(*TWO), *standing, filed(record, BUDGET))
    given_now = budget_answers(case, BUDGET)
    assert granted_by(given_now, 1) == 700
    assert unanswered(record, payers(case, record), given_now) == {"council"}
    assert unanswered(record, payers(case, record), (*given_now, declined)) == frozenset()
