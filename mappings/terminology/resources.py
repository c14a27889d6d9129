"""The project's code lists as FHIR R4 CodeSystem and ValueSet resources, for serving and publishing.

Source: FHIR R4 codesystem.html, valueset.html.
"""

from collections.abc import Iterator
from typing import Any, Final

from mappings import namespaces
from mappings.terminology import LISTS
from mappings.terminology.code_list import Code, CodeList, Property

Tree = dict[str, Any]

VERSION: Final = "1.0.0"  # of every list together; raised when codes are added
PUBLISHER: Final = "PHB gateway"
_TYPES: Final[dict[type[Property], str]] = {bool: "boolean", int: "integer", str: "string"}


def code_systems() -> Iterator[Tree]:
    """A CodeSystem for each list the project publishes."""
    return (code_system(codes) for codes in LISTS.values() if codes.own)


def value_sets() -> Iterator[Tree]:
    """A ValueSet for each list the project publishes."""
    return (value_set(codes) for codes in LISTS.values() if codes.own)


def code_system(codes: CodeList) -> Tree:
    """The complete CodeSystem of a list; ValueError when HL7 publishes it, not we."""
    tree = _canonical("CodeSystem", codes, _own_system(codes)) | {
        "caseSensitive": True,
        "valueSet": namespaces.value_set(codes.name),
        "content": "complete",
        "count": len(codes),
    }
    if codes.properties:
        tree["property"] = [_definition(codes, name) for name in codes.properties]
    return tree | {"concept": [_concept(code) for code in codes.codes]}


def value_set(codes: CodeList) -> Tree:
    """The ValueSet holding every code of a list; ValueError when HL7 publishes it, not we."""
    system = _own_system(codes)
    return _canonical("ValueSet", codes, namespaces.value_set(codes.name)) | {
        "immutable": True,
        "compose": {"include": [{"system": system}]},
    }


def resource_name(codes: CodeList) -> str:
    """The name for programs: `phb-case-state` is `PhbCaseState`."""
    return "".join(word.capitalize() for word in codes.name.split("-"))


def _own_system(codes: CodeList) -> str:
    if not codes.own:
        raise ValueError(f"{codes.name} is published by {codes.system}")
    return codes.system


def _canonical(resource_type: str, codes: CodeList, url: str) -> Tree:
    return {
        "resourceType": resource_type,
        "id": codes.name,
        "url": url,
        "version": VERSION,
        "name": resource_name(codes),
        "title": codes.title,
        "status": "active",
        "experimental": False,
        "publisher": PUBLISHER,
        "description": codes.definition,
    }


def _definition(codes: CodeList, name: str) -> Tree:
    return {"code": name, "description": codes.properties[name], "type": _TYPES[codes.property_type(name)]}


def _concept(code: Code) -> Tree:
    tree: Tree = {"code": code.code, "display": code.display}
    if code.definition:
        tree["definition"] = code.definition
    if code.properties:
        tree["property"] = [_value(name, value) for name, value in code.properties.items()]
    return tree


def _value(name: str, value: Property) -> Tree:
    return {"code": name, f"value{_TYPES[type(value)].capitalize()}": value}
