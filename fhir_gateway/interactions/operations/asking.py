"""From a request to an operation as it was asked for: parameters from the address or the body, media type.

Source: FHIR R4 operations.html#executing, parameters.html.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fhir_gateway.errors import NotAcceptable
from fhir_gateway.interactions.operations.operation import JSON, NAMES, Operation, Parameter
from fhir_gateway.interactions.parameters import Pairs
from mappings.lens import document, shape
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue

CONTROL: Final = ("_format", "_pretty")
JSON_NAMES: Final = ("application/json", "text/json", "*/*", "application/*")


def format_of(operation: Operation, pairs: Pairs, accept: str | None) -> str:
    """The media type to answer in. Raises NotAcceptable."""
    wanted = next((value for name, value in pairs if name == "_format"), None) or accept
    if not wanted:
        return operation.formats[0]
    for one in wanted.lower().split(","):
        name = one.partition(";")[0].strip().replace(" ", "+")
        found = NAMES.get(name, JSON if name in JSON_NAMES else name)
        if found in operation.formats:
            return found
    raise NotAcceptable(Issue("not-supported", f"{operation.name} answers in {', '.join(operation.formats)}"))


def body_of(operation: Operation, text: bytes) -> tuple[Tree | None, Pairs]:
    """What was posted: a resource the operation takes, or the pairs of a Parameters. Raises BadRequest."""
    if not text:
        return None, []
    tree = document.parse(text)
    kind = tree.get("resourceType")
    if kind == "Parameters":
        shape.judge(tree, expected_type="Parameters")
        return _resource_in(operation, tree), _pairs_in(operation, tree)
    if kind not in operation.body:
        taken = " or ".join((*operation.body, "Parameters"))
        raise BadRequest(Issue("value", f"{operation.name} takes {taken}", "resourceType"))
    return tree, []


def _resource_in(operation: Operation, tree: Tree) -> Tree | None:
    found = [
        one["resource"] for one in tree.get("parameter", ()) if one.get("name") == "resource" and "resource" in one
    ]
    if len(found) > 1 or any(one.get("resourceType") not in operation.body for one in found):
        raise BadRequest(Issue("value", "one resource this operation takes is expected", "Parameters.parameter"))
    return found[0] if found else None


def _pairs_in(operation: Operation, tree: Tree) -> Pairs:
    known = {one.name for one in operation.parameters}
    pairs: Pairs = []
    for at, one in enumerate(tree.get("parameter", ())):
        if one.get("name") == "resource" and operation.body:
            continue
        if one.get("name") not in known:
            raise BadRequest(Issue("not-supported", _takes(operation), f"Parameters.parameter[{at}].name"))
        pairs.append((one["name"], _value(one)))
    return pairs


def _value(parameter: Mapping[str, Any]) -> str:
    """The value of a parameter as its text."""
    found = next((value for name, value in parameter.items() if name.startswith("value")), "")
    if isinstance(found, dict):
        return str(found.get("reference", ""))
    return str(found).lower() if isinstance(found, bool) else str(found)


def checked(operation: Operation, pairs: Pairs) -> Pairs:
    """The pairs of an operation. Raises BadRequest for one it does not take, or that is missing."""
    known = {one.name: one for one in operation.parameters}
    asked = [(name, value) for name, value in pairs if name not in CONTROL]
    for name, value in asked:
        if name not in known:
            raise BadRequest(Issue("not-supported", _takes(operation), name))
        _coded(known[name], value)
    _complete(operation.parameters, [name for name, _ in asked])
    return asked


def _coded(parameter: Parameter, value: str) -> None:
    if parameter.codes and value not in parameter.codes:
        says = f"{parameter.name} is one of {', '.join(parameter.codes)}"
        raise BadRequest(Issue("value", says, parameter.name))


def _complete(parameters: Sequence[Parameter], given: Sequence[str]) -> None:
    for one in parameters:
        if given.count(one.name) < one.min:
            raise BadRequest(Issue("required", f"{one.name} is needed: {one.says}", one.name))
        if one.max == "1" and given.count(one.name) > 1:
            raise BadRequest(Issue("value", f"{one.name} is given more than once", one.name))


def _takes(operation: Operation) -> str:
    names = ", ".join(one.name for one in operation.parameters) or "no parameters"
    return f"{operation.name} takes {names}"
