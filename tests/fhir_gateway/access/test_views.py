"""What a view leaves of a resource, and what may be asked of it (S39)."""

import json
from typing import Any, Final

import pytest

from fhir_gateway.access.policy import VIEWS
from fhir_gateway.access.views import WHOLE, Beholder, View
from mappings.definitions import mandatory_elements
from mappings.lens import document
from mappings.namespaces import extension_url
from mappings.registry import TYPES
from tests.golden.pairs import PAIRS

Json = Any
NOBODY: Final = Beholder()
TYPE_OF: Final = {
    "unaddressed": "Patient",
    "named": "Patient",
    "own-place": "Group",
    "pool-outline": "Group",
    "case-outline": "EpisodeOfCare",
    "plan-outline": "CarePlan",
    "share-outline": "Coverage",
    "share-reference": "Coverage",
    "status-only": "Claim",
    "answer-outcome": "ClaimResponse",
    "answer-to-provider": "ClaimResponse",
    "review-outline": "Task",
    "decision-outcome": "Task",
    "concern-outline": "Task",
    "bar-flag": "Observation",
    "account-outline": "Account",
    "work": "Practitioner",
}


def full(resource_type: str) -> list[Json]:
    """Stored resources of a type, with much in them."""
    trees = [json.loads(json.dumps(one.tree, default=str)) for one in PAIRS if one.name.startswith(f"{resource_type}/")]
    meta = {"versionId": "1", "lastUpdated": "2026-01-01T00:00:00.000Z", "source": "urn:x", "tag": [{"code": "R99"}]}
    return [{**one, "id": "x", "meta": meta, "text": {"status": "generated", "div": "<div/>"}} for one in trees]


def seen(view: View, tree: Json, beholder: Beholder = NOBODY) -> Json:
    found: Json = json.loads(view.of(document.encode(tree), beholder))
    return found


def test_the_whole_is_the_stored_bytes() -> None:
    text = document.encode(full("Claim")[0])
    assert WHOLE.of(text, NOBODY) is text
    assert VIEWS["whole"].whole


@pytest.mark.parametrize(("name", "resource_type"), TYPE_OF.items())
def test_a_view_leaves_what_it_names_and_is_marked(name: str, resource_type: str) -> None:
    view = VIEWS[name]
    for tree in full(resource_type):
        left = seen(view, tree)
        assert left["meta"]["tag"][0]["code"] == "SUBSETTED"
        assert "source" not in left["meta"]
        assert "text" not in left
        masked = set(mandatory_elements(resource_type)) | {f"_{one}" for one in mandatory_elements(resource_type)}
        for element in left.keys() - {"resourceType", "id", "meta", "extension"}:
            assert element in view.names or view.but or element in masked, element
        urls = {one["url"] for one in left.get("extension", ())}
        assert view.but or urls <= {extension_url(one.removeprefix("extension:")) for one in view.names}


@pytest.mark.parametrize(("name", "resource_type"), TYPE_OF.items())
def test_s39_what_a_view_takes_away_is_not_asked_about(name: str, resource_type: str) -> None:
    """A parameter that may be asked reads the same from what is shown as from the whole."""
    view = VIEWS[name]
    for param in TYPES[resource_type].params.values():
        if view.tells(param) and param.name != "_lastUpdated":
            for tree in full(resource_type):
                assert set(param.values(tree)) == set(param.values(seen(view, tree))), param.name


def test_what_fhir_demands_is_there_as_masked() -> None:
    for tree in full("Claim"):
        left = seen(VIEWS["status-only"], tree)
        assert left["provider"] == {"extension": [{"url": MASK, "valueCode": "masked"}]}
        assert left["insurance"] == [{"extension": [{"url": MASK, "valueCode": "masked"}]}]
    for tree in full("Coverage"):
        assert seen(VIEWS["share-reference"], tree)["payor"] == [{"extension": [{"url": MASK, "valueCode": "masked"}]}]


MASK: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def test_of_a_pool_the_person_sees_their_own_place() -> None:
    tree = {
        "resourceType": "Group",
        "id": "x",
        "meta": {},
        "type": "person",
        "actual": True,
        "member": [{"entity": {"reference": f"Patient/{one}"}} for one in ("a", "b")],
    }
    left = seen(VIEWS["own-place"], tree, Beholder(person="Patient/b"))
    assert left["member"] == [{"entity": {"reference": "Patient/b"}}]
    assert "member" not in seen(VIEWS["own-place"], tree, Beholder(person="Patient/c"))


def test_a_worker_is_reached_at_work_alone() -> None:
    telecom = [{"system": "phone", "value": "1", "use": "home"}, {"system": "phone", "value": "2", "use": "work"}]
    tree = {"resourceType": "Practitioner", "id": "x", "meta": {}, "telecom": telecom, "birthDate": "1980-01-01"}
    left = seen(VIEWS["work"], tree)
    assert [one["value"] for one in left["telecom"]] == ["2"]
    assert "birthDate" not in left


def test_of_a_decision_the_outcome_is_told_and_not_why() -> None:
    outputs = [
        {"type": {"coding": [{"code": "outcome"}]}, "valueCodeableConcept": {"coding": [{"code": "approved"}]}},
        {"type": {"coding": [{"code": "alternatives"}]}, "valueString": "because"},
    ]
    tree = {"resourceType": "Task", "id": "x", "meta": {}, "status": "completed", "intent": "order", "output": outputs}
    left = seen(VIEWS["decision-outcome"], {**tree, "statusReason": {"text": "because"}})
    assert "because" not in json.dumps(left)
    assert len(left["output"]) == 1


BUDGET: Final = {
    "resourceType": "Claim",
    "id": "x",
    "meta": {},
    "status": "active",
    "careTeam": [
        {"sequence": 1, "provider": {"reference": "Organization/mine"}},
        {"sequence": 2, "provider": {"reference": "Organization/other"}},
    ],
    "insurance": [
        {"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/lead"}, "preAuthRef": ["secret"]},
        {"sequence": 2, "focal": False, "coverage": {"reference": "Coverage/second"}},
    ],
    "supportingInfo": [{"sequence": 1, "valueReference": {"reference": "Goal/a"}}, {"sequence": 2, "valueString": "b"}],
    "item": [
        {
            "sequence": 1,
            "careTeamSequence": [1, 2],
            "informationSequence": [1],
            "modifier": [{"coding": [{"code": "direct-payment"}]}],
            "extension": [{"url": "weight"}],
            "net": {"value": 1},
        },
        {"sequence": 2, "careTeamSequence": [2], "modifier": [{"coding": [{"code": "third-party"}]}]},
    ],
    "total": {"value": 9},
}


@pytest.mark.parametrize(
    ("name", "lines"), [("lines-of-provider", [1]), ("lines-of-direct-payment", [1]), ("lines-of-third-party", [2])]
)
def test_a_budget_is_cut_to_the_lines_that_concern_the_asker(name: str, lines: list[int]) -> None:
    left = seen(VIEWS[name], BUDGET, Beholder(references=("Organization/mine",)))
    assert [one["sequence"] for one in left["item"]] == lines
    assert not {"total"} & left.keys()
    assert not any("extension" in one for one in left["item"])
    assert left["insurance"] == [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/lead"}}]


def test_a_provider_sees_no_other_provider() -> None:
    left = seen(VIEWS["lines-of-provider"], BUDGET, Beholder(references=("Organization/mine",)))
    assert [one["sequence"] for one in left["careTeam"]] == [1]
    assert left["item"][0]["careTeamSequence"] == [1]
    assert [one["sequence"] for one in left["supportingInfo"]] == [1]
