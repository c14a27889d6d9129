"""The demonstration people are complete, and records of the mappings."""

import re
from collections import Counter
from datetime import date
from typing import Any, Final

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.demo.people import FILES
from mappings.lens import document, shape
from mappings.nhs_number import is_nhs_number
from mappings.registry import TYPES
from mappings.review import Review
from mappings.terminology import AGREEMENT_STATEMENT, PLAN_SECTION
from tests.fhir_gateway.demo.people import EVERY, PEOPLE, of, texts_of

DIRECT_PAYMENTS: Final = ("jackie", "olive", "oscar", "keir", "rowan", "janice")
COMPLETE: Final = (
    *("person", "case", "care-team", "need", "outcome", "risk", "support-plan", "plan-narrative", "consent"),
    *("funder-contribution", "indicative-budget", "agreed-budget", "funder-answer", "payment", "decision", "review"),
)


@pytest.mark.parametrize("name", FILES)
def test_resources_are_well_shaped_and_read_back_as_the_records_they_were_made_from(name: str) -> None:
    for one in FILES[name]:
        tree = document.parse(document.encode(one.resource()))
        shape.judge(tree, expected_type=one.mapping.resource_type)
        assert TYPES[one.mapping.resource_type].derive(tree) == (one.mapping.kind, one.record), one.literal


def test_every_kind_of_record_occurs() -> None:
    known = {mapping.kind for resource in TYPES.values() for mapping in resource.mappings}
    assert {one.mapping.kind for one in EVERY} == known


def test_no_resource_is_there_twice() -> None:
    assert [pair for pair, count in Counter(one.pair for one in EVERY).items() if count > 1] == []


def test_every_resource_is_tagged_as_test_data() -> None:
    assert {one.resource()["meta"]["tag"][0]["code"] for one in EVERY} == {"HTEST"}


def test_what_was_spent_is_labelled_restricted() -> None:
    labelled = {one.mapping.kind for one in EVERY if "security" in one.resource()["meta"]}
    assert labelled == {"expenditure-entry"}
    assert all(one.record.confidential for one in EVERY if one.mapping.kind == "evidence")


def test_nhs_numbers_are_valid_different_and_of_the_test_range() -> None:
    numbers = [of(person, "person")[0].record.nhs_number for person in PEOPLE]
    assert len(set(numbers)) == len(PEOPLE)
    assert all(is_nhs_number(one) and one.startswith("999") for one in numbers)


def test_bodies_have_well_formed_codes_of_their_own_and_say_that_they_are_invented() -> None:
    bodies = [one.record for one in EVERY if one.mapping.kind == "organisation"]
    codes = [one.ods_code for one in bodies]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[A-Z0-9]{3,6}", code) for code in codes)
    assert all("(invented)" in one.name for one in bodies)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_case_is_complete(person: str) -> None:
    present = {one.mapping.kind for one in FILES[person]}
    assert set(COMPLETE) <= present
    assert present & {"notice", "discussion"}
    assert ("direct-payment-agreement" in present) is (person in DIRECT_PAYMENTS)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_plan_meets_all_nine_criteria(person: str) -> None:
    plan, narrative = of(person, "support-plan")[0].record, of(person, "plan-narrative")[0].record
    answered = {PLAN_SECTION.property_of(one.section, "criterion") for one in narrative.sections if one.div}
    missing = {name for name in PLAN_SECTION if PLAN_SECTION.property_of(name, "criterion")} - {
        one.section for one in narrative.sections
    }
    assert missing == set()
    assert {1, 2, 3, 4, 6, 9} <= answered
    assert plan.need_ids
    assert any(one.startswith("RiskAssessment/") for one in plan.supporting)
    assert plan.outcome_ids
    assert f"Claim/{person}-budget" in plan.supporting
    assert plan.actions
    assert all(one.performers and one.by_when for one in plan.actions)
    assert plan.author == of(person, "case")[0].record.care_coordinator
    assert plan.reviews


@pytest.mark.parametrize("person", PEOPLE)
def test_both_sides_agreed_every_statement(person: str) -> None:
    agreements = of(person, "support-plan")[0].record.agreements
    assert {one.statement for one in agreements if one.agreed and one.on and one.by} == set(AGREEMENT_STATEMENT)


@pytest.mark.parametrize("person", PEOPLE)
def test_every_outcome_leads_from_a_need_to_an_action_or_a_line(person: str) -> None:
    plan, budget = of(person, "support-plan")[0].record, of(person, "agreed-budget")[0].record
    acted = {goal for action in plan.actions for goal in action.outcome_ids}
    paid = {goal.goal_id for line in budget.lines for goal in budget.goals if goal.sequence in line.goal_sequences}
    assert set(plan.outcome_ids) == paid | (acted & set(plan.outcome_ids))
    assert all(one.record.needs for one in of(person, "outcome"))


@pytest.mark.parametrize("person", PEOPLE)
def test_each_funder_has_a_decision_by_one_of_its_own(person: str) -> None:
    bodies = {one.record.funder for one in of(person, "funder-contribution")} - {f"Patient/{person}"}
    roles = {one.literal: one.record.organisation for one in EVERY if one.mapping.kind == "care-coordinator"}
    decisions = [one.record for one in of(person, "decision") if one.record.decision_subject == "agreed-budget"]
    assert {f"Organization/{roles[one.owner]}" for one in decisions} == bodies
    for one in of(person, "decision"):
        assert one.record.rationale
        assert one.record.considered
        assert one.record.appeal_route


@pytest.mark.parametrize("person", PEOPLE)
def test_a_first_review_is_due_within_three_months_and_the_person_was_told_in_time(person: str) -> None:
    held = next(one.record for one in of(person, "review") if one.record.status == "completed")
    assert isinstance(held, Review)
    assert held.person_told_on is not None
    assert held.started_on is not None
    assert held.respond_by is not None
    assert (held.started_on - held.person_told_on).days >= 14
    assert held.started_on <= held.respond_by
    first = min(one.record.due_on for one in of(person, "payment"))
    assert held.respond_by <= _three_months_after(first)
    assert all((held.working, held.not_working, held.needs_change))


def _three_months_after(day: date) -> date:
    month = day.month + 3
    return day.replace(year=day.year + (month - 1) // 12, month=(month - 1) % 12 + 1)


def test_contact_details_belong_to_nobody() -> None:
    texts = [text for one in EVERY for text in texts_of(one.record)]
    assert all(text.endswith("example.org") for text in texts if "@" in text)
    assert all(text.startswith("01632 96") for text in texts if re.fullmatch(r"0\d{4} \d{6}", text))


def test_a_record_is_made_with_what_is_known_and_nothing_else() -> None:
    with pytest.raises(TypeError, match="status"):
        made(Review, person_id="jackie")
    with pytest.raises(TypeError, match="colour"):
        made(Review, **_enough(), colour="blue")


def _enough() -> dict[str, Any]:
    return {"person_id": "jackie", "status": "requested", "intent": "plan", "review_kind": "annual"}
