"""What follows from money spent on an excluded use or outside the plan (R64, R66)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Written
from fhir_gateway.phb.effects import EFFECTS
from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.effects.spending import spending_outside_the_plan
from mappings.change import Concern
from mappings.expenditure import ExpenditureEntry
from tests.fhir_gateway.phb.budgets import BUDGET, around, budget, spent
from tests.fhir_gateway.phb.shelf import PERSON, broken, case_file, filed

AROUND = (*around("nhs-other"), filed(budget(budget_status="active"), BUDGET))


def follows(
    record: ExpenditureEntry, *standing: Any, previous: ExpenditureEntry | None = None
) -> tuple[Consequence, ...]:
    case = case_file(*AROUND, *standing, filed(record, "ent"), today=date(2025, 6, 1))
    return tuple(spending_outside_the_plan(Written("Claim", "ent", 1, record, previous), case))


def status_of(found: tuple[Consequence, ...]) -> list[str | None]:
    return [one.record.expenditure_status for one in found if isinstance(one.record, ExpenditureEntry)]


def concerns(found: tuple[Consequence, ...]) -> list[Concern]:
    return [one.record for one in found if isinstance(one.record, Concern)]


EXCLUDED = spent(row={"exclusion": "alcohol"})
OUTSIDE = spent(None)


@pytest.mark.parametrize(("entry", "status", "number"), [(EXCLUDED, "disallowed", "R64"), (OUTSIDE, "queried", "R66")])
def test_the_entry_is_replaced_by_one_of_the_status_the_rule_gives(
    entry: ExpenditureEntry, status: str, number: str
) -> None:
    replaced, opened = follows(entry)
    assert (replaced.id, replaced.rule, replaced.record) == ("ent", number, replace(entry, expenditure_status=status))
    assert (opened.id, opened.rule) == ("", number)


@pytest.mark.parametrize("entry", [EXCLUDED, OUTSIDE])
def test_a_concern_about_the_entry_is_opened(entry: ExpenditureEntry) -> None:
    (concern,) = concerns(follows(replace(entry, insurer_id="icb")))
    assert (concern.concern_kind, concern.concern_status) == ("spend-outside-plan", "raised")
    assert (concern.about, concern.person_id, concern.requested_on) == ("Claim/ent", PERSON, date(2025, 6, 1))
    assert concern.owner == "PractitionerRole/coordinator"
    assert concern.requester == "Organization/icb"


def test_the_concern_breaks_no_rule() -> None:
    (concern,) = concerns(follows(OUTSIDE))
    assert broken(concern, *AROUND, filed(OUTSIDE, "ent"), id="con") == set()


def test_the_concern_is_opened_once() -> None:
    (concern,) = concerns(follows(OUTSIDE))
    queried = replace(OUTSIDE, expenditure_status="queried")
    assert follows(queried, filed(concern, "con"), previous=OUTSIDE) == ()


def test_a_concern_about_another_entry_does_not_stand_in() -> None:
    (concern,) = concerns(follows(OUTSIDE))
    other = filed(replace(concern, about="Claim/other"), "con")
    assert len(concerns(follows(OUTSIDE, other))) == 1


def test_an_excluded_use_outside_the_plan_is_disallowed() -> None:
    assert status_of(follows(spent(None, row={"exclusion": "alcohol"}))) == ["disallowed"]


def test_an_entry_that_was_disallowed_already_stays_so() -> None:
    assert status_of(follows(spent(None, expenditure_status="disallowed"))) == []


def test_an_entry_that_comes_in_as_accepted_is_queried() -> None:
    assert status_of(follows(spent(None, expenditure_status="accepted"))) == ["queried"]


def test_an_entry_that_was_queried_may_be_accepted() -> None:
    queried = spent(None, expenditure_status="queried")
    assert follows(replace(queried, expenditure_status="accepted"), previous=queried) == ()


def test_an_excluded_use_cannot_be_accepted() -> None:
    before = replace(EXCLUDED, expenditure_status="queried")
    assert status_of(follows(replace(before, expenditure_status="accepted"), previous=before)) == ["disallowed"]


@pytest.mark.parametrize("entry", [spent(), spent(None, status="draft"), spent(None, status="cancelled")])
def test_nothing_follows_from_money_spent_by_the_plan(entry: ExpenditureEntry) -> None:
    assert follows(entry) == ()


def test_the_effect_is_entered() -> None:
    assert spending_outside_the_plan in {one.follow for one in EFFECTS if ExpenditureEntry in one.on}
