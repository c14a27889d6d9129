"""Small valid resources, one argument away from every invalid one."""

from typing import Any, Final

from mappings.namespaces import code_system
from mappings.registry import TYPES
from tests.golden.pairs import PAIRS

Json = Any
NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
LOCAL: Final = "https://council.example/id"


def _with(tree: Json, changes: Json) -> Json:
    return {name: value for name, value in {**tree, **changes}.items() if value is not None}


def patient(**changes: Json) -> Json:
    return _with({"resourceType": "Patient", "active": True}, changes)


def organization(**changes: Json) -> Json:
    return _with({"resourceType": "Organization", "name": "Example Council"}, changes)


def plan(subject: str, **changes: Json) -> Json:
    """A care and support plan."""
    kind = {"system": code_system("phb-plan-kind"), "code": "personalised-care-and-support-plan"}
    tree = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "category": [{"coding": [kind]}],
        "title": "A plan",
        "subject": {"reference": subject},
    }
    return _with(tree, changes)


def goal(subject: str, **changes: Json) -> Json:
    """An outcome."""
    tree = {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "category": [{"coding": [{"system": code_system("phb-outcome-kind"), "code": "social-care"}]}],
        "description": {"text": "To see my friends"},
        "subject": {"reference": subject},
    }
    return _with(tree, changes)


def foreign_plan(subject: str, **changes: Json) -> Json:
    """A CarePlan that is no PHB record."""
    tree = {"resourceType": "CarePlan", "status": "active", "intent": "order", "subject": {"reference": subject}}
    return _with(tree, changes)


def coverage(person: str, payor: str, **changes: Json) -> Json:
    """A funder's share: a resource that carries money."""
    kind = {"system": code_system("phb-funding-stream"), "code": "nhs-other", "display": "NHS other"}
    tree = {
        "resourceType": "Coverage",
        "status": "active",
        "type": {"coding": [kind]},
        "beneficiary": {"reference": person},
        "payor": [{"reference": payor}],
    }
    return _with(tree, changes)


def identifier(value: str, system: str = LOCAL) -> list[Json]:
    return [{"system": system, "value": value}]


def golden(name: str) -> Json:
    """The FHIR side of a golden pair, such as `Goal/full`."""
    return next(pair for pair in PAIRS if pair.name == name).tree


def typed(resource_type: str, person: str, other: str = "") -> Json:
    """A minimal resource of any type, on this person; `other`: an Organization its references may name."""
    pair = next(pair for pair in PAIRS if pair.name.startswith(f"{resource_type}/") and "minimal" in pair.name)
    return _aimed(pair.tree, person, other)


def _aimed(node: Json, person: str, other: str) -> Json:
    """Every literal reference made to name something that is there."""
    if isinstance(node, list):
        return [_aimed(one, person, other) for one in node]
    if not isinstance(node, dict):
        return node
    literal = node.get("reference")
    if isinstance(literal, str):
        aim = person if literal.startswith("Patient/") else other if literal.startswith("Organization/") else ""
        return {"reference": aim} if aim else {"display": "somebody"}
    return {name: _aimed(child, person, other) for name, child in node.items()}


ALL: Final = tuple(TYPES)
