"""Pooled money: R155 and R156."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.budget import AgreedBudget, BudgetLine
from mappings.consent import PhbConsent
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.group import Pool, PoolMember
from tests.fhir_gateway.phb.shelf import TODAY, broken, filed, warned

JOINED = date(2025, 4, 1)
LEFT = date(2025, 5, 31)
GIVES = {"ann": 50_000, "bob": 30_000, "cy": 20_000}


def member(who: str, **known: Any) -> PoolMember:
    usual: dict[str, Any] = {
        "member": f"Patient/{who}",
        "start": JOINED,
        "contribution_pence": GIVES[who],
        "consent_id": f"{who}-consent",
        "budget_id": f"{who}-budget",
        "line_no": 1,
    }
    return made(PoolMember, **usual | known)


def pool(*members: PoolMember, **known: Any) -> Pool:
    """A pool that runs, of three people unless others are given."""
    return made(Pool, **{"active": True, "members": members or tuple(member(one) for one in GIVES)} | known)


def consent(who: str, **known: Any) -> Filed[PhbConsent]:
    usual: dict[str, Any] = {"person_id": who, "status": "active", "consent_subject": "pool-funds"}
    return filed(made(PhbConsent, **usual | {"given_on": date(2025, 3, 1)} | known), f"{who}-consent")


def line(who: str, **known: Any) -> BudgetLine:
    usual: dict[str, Any] = {"line_no": 1, "amount_pence": GIVES[who], "goal_sequences": (1,)}
    return made(BudgetLine, **usual | known)


def budget(who: str, **known: Any) -> Filed[AgreedBudget]:
    usual: dict[str, Any] = {"person_id": who, "status": "draft", "lines": (line(who),)}
    return filed(made(AgreedBudget, **usual | known), f"{who}-budget")


def standing(*others: Filed[Any]) -> tuple[Filed[Any], ...]:
    """Consents and budgets of everybody, with `others` in the place of those of the same id."""
    usual = [one for who in GIVES for one in (consent(who), budget(who))]
    taken = {(one.type, one.id) for one in others}
    return (*others, *(one for one in usual if (one.type, one.id) not in taken))


def spent(who: str, pence: int, **known: Any) -> Filed[ExpenditureEntry]:
    bought = made(ExpenditureLine, sequence=1, budget_line=1, amount_pence=pence)
    usual: dict[str, Any] = {
        "person_id": who,
        "status": "active",
        "expenditure_status": "accepted",
        "pays_against_id": f"{who}-budget",
        "lines": (bought,),
    }
    return filed(made(ExpenditureEntry, **usual | known), f"{who}-{pence}")


def test_a_pool_in_order_breaks_nothing() -> None:
    assert (broken(pool(), *standing()), warned(pool(), *standing())) == (set(), set())


# --- R155 -------------------------------------------------------------------------------------------


def test_r155_breaks_when_one_member_is_alone() -> None:
    assert broken(pool(member("ann")), *standing()) == {"R155"}
    assert broken(pool(member("ann"), member("bob", end=LEFT)), *standing()) == {"R155"}


def test_r155_holds_for_two_members_one_of_whom_leaves_later() -> None:
    assert broken(pool(member("ann"), member("bob", end=TODAY)), *standing()) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"person_id": "bob"},
        {"status": "draft"},
        {"consent_subject": "share-record"},
        {"withdrawn_on": date(2025, 3, 31)},
    ],
)
def test_r155_breaks_when_a_consent_is_not_the_members_own_to_pooling(known: dict[str, Any]) -> None:
    assert broken(pool(), *standing(consent("ann", **known))) == {"R155"}


def test_r155_holds_for_a_consent_withdrawn_after_joining() -> None:
    assert broken(pool(), *standing(consent("ann", withdrawn_on=LEFT))) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"consent_id": None},
        {"budget_id": None},
        {"line_no": 2},
        {"line_no": None},
        {"contribution_pence": GIVES["ann"] + 1},
        {"contribution_pence": None},
    ],
)
def test_r155_breaks_when_a_member_gives_no_line_or_another_sum(known: dict[str, Any]) -> None:
    members = (member("ann", **known), member("bob"))
    assert broken(pool(*members), *standing()) == {"R155"}


def test_r155_breaks_when_the_line_has_no_outcome() -> None:
    assert broken(pool(), *standing(budget("ann", lines=(line("ann", goal_sequences=()),)))) == {"R155"}


@pytest.mark.parametrize("active", [False, None])
def test_r155_warns_of_a_pool_that_does_not_run(active: bool | None) -> None:  # noqa: FBT001 - the value under test
    empty = pool(member("ann", consent_id=None), active=active)
    assert (broken(empty, *standing()), warned(empty, *standing())) == (set(), {"R155"})


def of_r155(record: AgreedBudget, *others: Filed[Any]) -> set[str]:
    """Budgets have many rules of their own: whether this one is broken."""
    return broken(record, *others) & {"R155"}


@pytest.mark.parametrize("status", ["agreed", "active"])
def test_r155_breaks_when_a_budget_names_a_pool_of_others(status: str) -> None:
    mine = made(AgreedBudget, person_id="pat", status="active", budget_status=status, pool="p")
    theirs = filed(pool(), "p")
    assert of_r155(mine, theirs) == {"R155"}
    assert of_r155(replace(mine, person_id="ann"), theirs) == set()
    assert of_r155(replace(mine, budget_status="draft"), theirs) == set()
    assert of_r155(replace(mine, pool="https://elsewhere.example/Group/1"), theirs) == set()


@given(st.lists(st.integers(0, 10**7), min_size=3, max_size=3))
def test_r155_holds_whatever_each_gives_as_long_as_it_is_the_line(pence: list[int]) -> None:
    amounts = dict(zip(GIVES, pence, strict=True))
    members = tuple(member(who, contribution_pence=amount) for who, amount in amounts.items())
    budgets = tuple(budget(who, lines=(line(who, amount_pence=amount),)) for who, amount in amounts.items())
    assert broken(pool(*members), *standing(*budgets)) == set()


# --- R156 -------------------------------------------------------------------------------------------


def test_r156_breaks_when_a_member_gives_from_another_persons_budget() -> None:
    shared = (member("ann"), member("bob", budget_id="cy-budget", contribution_pence=GIVES["cy"]))
    assert broken(pool(*shared), *standing()) == {"R156"}


def test_r156_breaks_when_a_line_is_given_twice() -> None:
    twice = (member("ann"), member("ann"), member("bob"))
    assert broken(pool(*twice), *standing()) == {"R156"}


def test_r156_breaks_when_a_member_vanishes() -> None:
    assert broken(pool(member("ann"), member("bob")), *standing(), previous=pool()) == {"R156"}


def leaving(contribution: int) -> Pool:
    return pool(member("ann"), member("bob"), member("cy", end=LEFT, contribution_pence=contribution))


def test_r156_breaks_when_the_unspent_rest_stays_in_the_pool() -> None:
    used = (spent("cy", 12_000), spent("cy", 500, expenditure_status="disallowed"), spent("bob", 7_000))
    assert broken(leaving(GIVES["cy"]), *standing(), *used, previous=pool()) == {"R156"}
    assert broken(leaving(12_001), *standing(), *used, previous=pool()) == {"R156"}
    assert broken(leaving(12_000), *standing(), *used, previous=pool()) == set()


def test_r156_holds_when_a_pool_is_brought_in_or_written_again_after_somebody_left() -> None:
    assert broken(leaving(GIVES["cy"]), *standing()) == set()
    again = replace(leaving(12_000), purpose="A garden")
    assert broken(again, *standing(), previous=leaving(12_000)) == set()


def test_r156_breaks_when_one_leaves_with_money_and_no_budget_says_what_was_spent() -> None:
    gone = member("cy", end=LEFT, budget_id=None)
    assert broken(pool(member("ann"), member("bob"), gone), *standing(), previous=pool()) == {"R156"}
