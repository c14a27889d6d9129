import re

import pytest
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.valueset import ValueSet

from mappings.lens import document
from mappings.terminology import CASE_STATE, GOAL_ACHIEVEMENT, LISTS, NEED_DOMAIN, CodeList, resources

OWN = [codes for codes in LISTS.values() if codes.own]


@pytest.mark.parametrize("codes", OWN, ids=lambda codes: codes.name)
def test_every_code_system_is_valid_and_complete(codes: CodeList) -> None:
    tree = resources.code_system(codes)
    CodeSystem.model_validate_json(document.encode(tree))
    assert (tree["url"], tree["content"], tree["caseSensitive"]) == (codes.system, "complete", True)
    assert [concept["code"] for concept in tree["concept"]] == list(codes)
    assert tree["count"] == len(tree["concept"])


@pytest.mark.parametrize("codes", OWN, ids=lambda codes: codes.name)
def test_every_value_set_is_valid_and_holds_the_whole_system(codes: CodeList) -> None:
    tree = resources.value_set(codes)
    ValueSet.model_validate_json(document.encode(tree))
    assert tree["compose"] == {"include": [{"system": codes.system}]}
    assert tree["immutable"] is True
    assert tree["url"] == resources.code_system(codes)["valueSet"]


@pytest.mark.parametrize("codes", OWN, ids=lambda codes: codes.name)
def test_every_name_is_one_programs_can_use(codes: CodeList) -> None:
    assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", resources.resource_name(codes))


def test_properties_are_declared_and_given_with_their_type() -> None:
    tree = resources.code_system(CASE_STATE)
    assert [(entry["code"], entry["type"]) for entry in tree["property"]] == [
        ("step", "integer"),
        ("episode_status", "string"),
    ]
    assert tree["concept"][0] == {
        "code": "enquiry",
        "display": "Enquiry",
        "definition": "Contact made; information, options and support offered",
        "property": [{"code": "step", "valueInteger": 1}, {"code": "episode_status", "valueString": "planned"}],
    }


def test_a_code_that_needs_no_more_has_no_more() -> None:
    tree = resources.code_system(NEED_DOMAIN)
    assert "property" not in tree
    assert tree["concept"][0] == {"code": "breathing", "display": "Breathing"}


def test_a_yes_or_no_is_a_boolean() -> None:
    tree = resources.code_system(LISTS["phb-eligibility-group"])
    assert tree["concept"][0]["property"] == [{"code": "right_to_have", "valueBoolean": True}]


def test_what_hl7_publishes_is_not_published_again() -> None:
    for build in (resources.code_system, resources.value_set):
        with pytest.raises(ValueError, match="goal-achievement is published by"):
            build(GOAL_ACHIEVEMENT)


def test_all_resources_have_their_own_address() -> None:
    trees = [*resources.code_systems(), *resources.value_sets()]
    assert len(trees) == 2 * len(OWN)
    assert len({tree["url"] for tree in trees}) == len(trees)
