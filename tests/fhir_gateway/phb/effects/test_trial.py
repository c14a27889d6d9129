"""Whether what would follow stands by the rules, found out without writing it."""

from dataclasses import replace

from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.effects.trial import supposed, would_stand
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from tests.fhir_gateway.phb.shelf import case_file, filed
from tests.fhir_gateway.phb.whole_case import budget, plan, standing

AGREED = Consequence(record=plan(plan_status="agreed"), why="all agree", rule="T9", id="plan")


def test_what_breaks_no_rule_would_stand() -> None:
    assert would_stand((AGREED,), case_file(*standing()))


def test_what_skips_a_step_would_not() -> None:
    skipped = replace(AGREED, record=plan(plan_status="active"))
    assert not would_stand((skipped,), case_file(*standing()))


def test_a_new_record_is_judged_as_new() -> None:
    fresh = replace(AGREED, record=budget(version=2), id="")
    assert not would_stand((fresh,), case_file(*standing()))


def test_consequences_are_seen_by_each_other() -> None:
    unread = filed(plan(shared_with_person_on=None), "plan")
    case = case_file(*standing(unread))
    assert not would_stand((replace(AGREED, record=plan(plan_status="agreed", shared_with_person_on=None)),), case)
    assert would_stand((AGREED,), case)


def test_the_case_file_shows_what_is_supposed_and_all_else_as_it_stands() -> None:
    case = case_file(*standing())
    then = supposed(case, [filed(AGREED.record, "plan")])
    assert [one.record.plan_status for one in then.all(SupportPlan)] == ["agreed"]
    assert [one.record.plan_status for one in case.all(SupportPlan)] == ["submitted"]
    assert then.where(AgreedBudget, "plan_id", "plan") == case.where(AgreedBudget, "plan_id", "plan") != ()
    assert then.filed("CarePlan/plan") != case.filed("CarePlan/plan")
