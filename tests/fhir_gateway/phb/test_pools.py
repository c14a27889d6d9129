"""A shared cost: what each member of a pool bears, and what each has left (example 3, R155, R156)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.pools import Cost, entries, faults, shares, standings
from fhir_gateway.phb.records import made
from mappings.budget import AgreedBudget, BudgetLine
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.group import Pool, PoolMember
from tests.fhir_gateway.phb.shelf import TODAY, case_file, filed

FRIENDS = ("ann", "bob", "cy", "dee", "eve")
GIVEN = 40_000
SAILING = Cost(amount=185_001, spent_on=TODAY, payee="The sailing club", description="A weekend on the water")


def member(who: str, **known: Any) -> PoolMember:
    usual: dict[str, Any] = {
        "member": f"Patient/{who}",
        "start": date(2025, 4, 1),
        "contribution_pence": GIVEN,
        "budget_id": f"{who}-budget",
        "line_no": 1,
    }
    return made(PoolMember, **usual | known)


def pool(*members: PoolMember, **known: Any) -> Pool:
    return made(Pool, **{"active": True, "members": members or tuple(map(member, FRIENDS))} | known)


def budget(who: str, **known: Any) -> Filed[AgreedBudget]:
    line = made(BudgetLine, line_no=1, category="exercise-and-activity", amount_pence=GIVEN)
    usual: dict[str, Any] = {"person_id": who, "status": "active", "budget_status": "active", "lines": (line,)}
    return filed(made(AgreedBudget, **usual | known), f"{who}-budget")


def spent(who: str, pence: int, status: str = "accepted") -> Filed[ExpenditureEntry]:
    bought = made(ExpenditureLine, sequence=1, budget_line=1, amount_pence=pence)
    known: dict[str, Any] = {"person_id": who, "status": "active", "pays_against_id": f"{who}-budget"}
    return filed(made(ExpenditureEntry, expenditure_status=status, lines=(bought,), **known), f"{who}-{pence}")


def case(*others: Filed[Any]) -> Any:
    usual = [budget(one) for one in FRIENDS]
    taken = {one.id for one in others}
    return case_file(*others, *(one for one in usual if one.id not in taken), person="")


def wrong(record: Pool, *others: Filed[Any], cost: Cost = SAILING) -> list[tuple[str, str]]:
    """Rule and element of each fault."""
    known = case(*others)
    found = faults(record, standings(record, known, cost.spent_on), cost, known)
    return [(one.details, one.expression) for one in found]


def test_five_friends_share_a_weekend_of_sailing_to_the_penny() -> None:
    found = standings(pool(), case(), TODAY)
    assert shares(found, SAILING.amount) == (37_001, 37_000, 37_000, 37_000, 37_000)
    made_of = entries(found, SAILING, case())
    assert [(one.person_id, one.total_pence, one.pays_against_id) for one in made_of] == [
        ("ann", 37_001, "ann-budget"),
        *((who, 37_000, f"{who}-budget") for who in FRIENDS[1:]),
    ]
    assert {(one.lines[0].budget_line, one.lines[0].category) for one in made_of} == {(1, "exercise-and-activity")}


def test_what_is_left_goes_back_to_each_member() -> None:
    sailed = (spent("ann", 37_001), *(spent(who, 37_000) for who in FRIENDS[1:]))
    assert [one.left for one in standings(pool(), case(*sailed), TODAY)] == [2_999, 3_000, 3_000, 3_000, 3_000]
    assert [one.left for one in standings(pool(), case(spent("ann", 500, "disallowed")), TODAY)] == [GIVEN] * 5


def test_weights_count_where_every_member_has_one() -> None:
    two = (member("ann", weight=2), member("bob", weight=1))
    assert shares(standings(pool(*two), case(), TODAY), 300) == (200, 100)
    mixed = (member("ann", weight=2), member("bob"))
    assert shares(standings(pool(*mixed), case(), TODAY), 300) == (150, 150)
    bare = tuple(member(who, contribution_pence=None) for who in FRIENDS[:3])
    assert shares(standings(pool(*bare), case(), TODAY), 100) == (34, 33, 33)


def test_only_those_who_are_in_the_pool_on_the_day_share() -> None:
    members = (*map(member, FRIENDS[:3]), member("dee", end=date(2025, 5, 31)), member("eve", start=date(2025, 6, 2)))
    assert [one.place for one in standings(pool(*members), case(), TODAY)] == [0, 1, 2]


def test_a_cost_in_order_has_no_fault() -> None:
    assert wrong(pool()) == []


@pytest.mark.parametrize("known", [{"active": False}, {"active": None}, {"end": date(2025, 5, 31)}])
def test_a_pool_that_does_not_run_shares_nothing(known: dict[str, Any]) -> None:
    assert wrong(pool(**known)) == [("R155", "Group.active")]


def test_nobody_shares_alone() -> None:
    assert wrong(pool(member("ann"))) == [("R155", "Group.member")]


@pytest.mark.parametrize(
    "theirs",
    [
        budget("bob", budget_status="draft"),
        budget("bob", budget_status="superseded"),
        budget("bob", lines=()),
    ],
)
def test_a_member_whose_line_is_not_in_force_is_named(theirs: Filed[AgreedBudget]) -> None:
    assert wrong(pool(), theirs) == [("R155", "Group.member[1]")]
    assert wrong(pool(*map(member, FRIENDS[:3]), member("dee", budget_id=None)), cost=_cost(100)) == [
        ("R155", "Group.member[3]")
    ]


def test_nobody_spends_more_than_is_left_of_their_own() -> None:
    assert wrong(pool(), spent("cy", 3_001)) == [("R156", "Group.member[2]")]
    assert wrong(pool(), spent("cy", 3_000)) == []
    assert wrong(pool(), cost=_cost(200_001)) == [("R156", "Group.member[0]")]


def _cost(amount: int) -> Cost:
    return Cost(amount=amount, spent_on=TODAY, payee="A club", description="A day out")


@given(st.integers(1, 200_000), st.lists(st.integers(1, 100_000), min_size=2, max_size=5))
def test_the_entries_add_up_to_the_cost(amount: int, given: list[int]) -> None:
    members = tuple(member(who, contribution_pence=pence) for who, pence in zip(FRIENDS, given, strict=False))
    found = entries(standings(pool(*members), case(), TODAY), _cost(amount), case())
    assert sum(one.total_pence or 0 for one in found) == amount
    assert all(one.total_pence == one.lines[0].amount_pence for one in found)
