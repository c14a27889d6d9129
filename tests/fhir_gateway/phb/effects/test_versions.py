"""What follows when a version comes into force: T11, and the version before it superseded."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.case_file import Filed, Written
from fhir_gateway.phb.effects.versions import care_starts, the_version_before_is_superseded
from mappings.budget import AgreedBudget
from tests.fhir_gateway.phb.moves import at
from tests.fhir_gateway.phb.shelf import broken, case_file, filed
from tests.fhir_gateway.phb.whole_case import END, START, budget, plan, standing

AGREED = (filed(plan(plan_status="agreed"), "plan"), filed(budget(budget_status="agreed"), "budget"))
RUNNING = filed(at("active"), "case")


def follows(effect: Any, changed: Filed[Any], *around: Filed[Any], previous: Any = None, today: date = START) -> Any:
    case = case_file(*standing(*around, changed), today=today)
    return tuple(effect(Written(changed.type, changed.id, 2, changed.record, previous), case))


# --- T11 --------------------------------------------------------------------------------------------


def test_plan_and_budget_are_active_with_their_case() -> None:
    found = follows(care_starts, RUNNING, *AGREED, previous=at("organising"))
    assert {one.id: one.rule for one in found} == {"plan": "T11", "budget": "T11"}
    plan_now, budget_now = (one.record for one in found)
    assert (plan_now.plan_status, plan_now.status, budget_now.budget_status) == ("active", "active", "active")
    assert replace(budget_now, budget_status="agreed") == AGREED[1].record


def test_a_version_that_follows_one_in_force_waits_for_its_first_day() -> None:
    before = filed(plan(plan_status="active", end=date(2025, 9, 30)), "before")
    later = filed(plan(plan_status="agreed", replaces=("before",), start=date(2025, 8, 1)), "plan")
    early = follows(care_starts, RUNNING, later, AGREED[1], before, previous=at("organising"))
    assert [one.id for one in early] == ["budget"]
    in_time = follows(care_starts, RUNNING, later, AGREED[1], before, previous=at("organising"), today=date(2025, 8, 1))
    assert {one.id for one in in_time} == {"plan", "budget"}


def test_nothing_follows_a_case_that_was_not_being_organised() -> None:
    assert follows(care_starts, RUNNING, *AGREED, previous=at("under-review")) == ()
    assert follows(care_starts, RUNNING, *AGREED) == ()


# --- the version before -----------------------------------------------------------------------------


def version(**known: Any) -> AgreedBudget:
    usual: dict[str, Any] = {"budget_status": "active", "version": 2, "supersedes_id": "before"}
    return budget(**usual | {"start": date(2025, 10, 1)} | known)


FIRST = budget(budget_status="active")
MID_YEAR = date(2025, 10, 1)


def test_the_budget_before_is_superseded_and_nothing_else_about_it_changes() -> None:
    new = filed(version(), "budget")
    before = version(budget_status="agreed")
    (found,) = follows(the_version_before_is_superseded, new, filed(FIRST, "before"), previous=before, today=MID_YEAR)
    assert (found.id, found.record.budget_status, found.record.status) == ("before", "superseded", "cancelled")
    assert replace(found.record, budget_status="active", status="active") == FIRST


def test_the_plan_before_ends_the_day_before() -> None:
    first = plan(plan_status="active", status="active")
    new = filed(plan(plan_status="active", replaces=("before",), start=MID_YEAR), "plan")
    (found,) = follows(the_version_before_is_superseded, new, filed(first, "before"), today=MID_YEAR)
    assert (found.record.plan_status, found.record.status, found.record.end) == (
        "superseded",
        "revoked",
        date(2025, 9, 30),
    )
    assert replace(found.record, plan_status="active", status="active", end=END) == first


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_the_plan_before_never_lasts_longer_than_it_did_nor_ends_before_it_starts(start: date) -> None:
    first = filed(plan(plan_status="active"), "before")
    new = filed(plan(plan_status="active", replaces=("before",), start=start, end=None), "plan")
    (found,) = follows(the_version_before_is_superseded, new, first, today=date(2028, 1, 1))
    assert found.record.start <= found.record.end <= END


def test_what_is_superseded_breaks_no_rule() -> None:
    new = filed(version(), "budget")
    (found,) = follows(the_version_before_is_superseded, new, filed(FIRST, "before"), today=MID_YEAR)
    assert broken(found.record, *standing(new), id="before", previous=FIRST, today=MID_YEAR) == set()


def test_nothing_is_superseded_twice_nor_by_a_version_that_has_not_begun_or_is_only_agreed() -> None:
    old, gone = filed(FIRST, "before"), filed(replace(FIRST, budget_status="superseded"), "before")
    effect = the_version_before_is_superseded
    assert follows(effect, filed(version(), "budget"), gone, today=MID_YEAR) == ()
    assert follows(effect, filed(version(), "budget"), old, today=date(2025, 9, 30)) == ()
    assert follows(effect, filed(version(budget_status="agreed"), "budget"), old, today=MID_YEAR) == ()
    assert follows(effect, filed(version(), "budget"), old, previous=version(), today=MID_YEAR) == ()
    assert follows(effect, filed(version(supersedes_id=None), "budget"), old, today=MID_YEAR) == ()
    assert follows(effect, filed(version(supersedes_id="unknown"), "budget"), old, today=MID_YEAR) == ()
