"""What the mappings of people and plans refuse, what they take for ours, and what they leave alone."""

from typing import Any

import pytest

from mappings import care_plan, condition, episode_of_care, goal, patient
from mappings.lens.errors import Unprocessable
from mappings.lens.mapping import ResourceType
from mappings.namespaces import NHS_NUMBER
from mappings.terminology import OUTCOME_KIND, PLAN_KIND
from tests.golden.pairs import Pair

MARKED = [
    (episode_of_care.TYPE, "EpisodeOfCare/minimal", "extension"),
    (condition.TYPE, "Condition/minimal", "extension"),
    (care_plan.TYPE, "CarePlan/minimal", "category"),
    (goal.TYPE, "Goal/minimal", "category"),
]


def refusals(kind: ResourceType, tree: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(Unprocessable) as refusal:
        kind.derive(tree)
    return [(one.code, one.expression, one.details) for one in refusal.value.issues]


@pytest.mark.parametrize("number", ["9990000019", "999000001", "999 000 0018"])
def test_a_wrong_nhs_number_is_refused_without_repeating_it(number: str) -> None:
    tree = {"resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": number}]}
    assert refusals(patient.TYPE, tree) == [("value", "Patient.identifier[0].value", "R1")]
    with pytest.raises(Unprocessable) as refusal:
        patient.TYPE.derive(tree)
    assert number not in str(refusal.value)


def test_a_name_no_longer_in_use_is_not_the_persons_name() -> None:
    names = [{"use": "maiden", "family": "Before"}, {"use": "nickname", "given": ["Jackie"]}, {"family": "Now"}]
    _, person = patient.TYPE.derive({"resourceType": "Patient", "name": names})
    assert (person.family, person.preferred_name) == ("Now", "Jackie")


@pytest.mark.parametrize(("kind", "name", "mark"), MARKED, ids=[name for _, name, _ in MARKED])
def test_a_resource_without_the_mark_is_not_ours(kind: ResourceType, name: str, mark: str) -> None:
    tree = Pair(name).tree
    assert kind.derive(tree)[0] != ""
    assert kind.derive({key: value for key, value in tree.items() if key != mark}) == ("", None)


def test_a_contingency_plan_is_another_kind_of_plan() -> None:
    tree = {**Pair("CarePlan/minimal").tree, "category": [{"coding": [PLAN_KIND.coding("contingency")]}]}
    assert care_plan.TYPE.derive(tree) == ("", None)


def test_a_misspelt_plan_kind_is_refused_and_not_taken_for_anothers() -> None:
    coding = {"system": PLAN_KIND.system, "code": "personalized-care-and-support-plan"}
    tree = {**Pair("CarePlan/minimal").tree, "category": [{"text": "A plan"}, {"coding": [coding]}]}
    assert refusals(care_plan.TYPE, tree) == [("code-invalid", "CarePlan.category[1]", "R160")]


def test_a_misspelt_outcome_kind_is_refused() -> None:
    tree = {**Pair("Goal/minimal").tree, "category": [{"coding": [{"system": OUTCOME_KIND.system, "code": "helth"}]}]}
    assert refusals(goal.TYPE, tree) == [("code-invalid", "Goal.category", "R160")]


def test_a_plan_of_another_intent_is_refused() -> None:
    tree = {**Pair("CarePlan/minimal").tree, "intent": "order"}
    assert refusals(care_plan.TYPE, tree) == [("value", "CarePlan.intent", "")]


def test_a_plan_without_its_kind_is_given_it_beside_the_other_categories() -> None:
    record = Pair("CarePlan/minimal").record
    other = {"text": "A plan"}
    written = care_plan.MAPPING.to_fhir(record, onto={"resourceType": "CarePlan", "category": [other]})
    assert written["category"] == [other, {"coding": [PLAN_KIND.coding("personalised-care-and-support-plan")]}]


def test_a_need_without_a_diagnosis_is_a_need() -> None:
    """Rule R10."""
    tree = Pair("Condition/minimal").tree
    assert "code" not in tree
    assert condition.TYPE.derive(tree)[0] == "need"
