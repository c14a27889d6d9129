"""The OperationDefinition of each operation, for serving.

Source: FHIR R4 operationdefinition.html.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.interactions.operations import OPERATIONS
from fhir_gateway.interactions.operations.operation import Operation, Parameter
from mappings.lens.document import Tree
from mappings.namespaces import NS

STATUS: Final = "active"


def canonical(operation: Operation) -> str:
    """The canonical URL of an operation's definition."""
    return f"{NS}/OperationDefinition/{ident(operation)}"


def ident(operation: Operation) -> str:
    """The id of its definition: the first type and the code."""
    return f"{operation.types[0]}-{operation.code}"


def definitions() -> Iterator[Tree]:
    """One for each operation."""
    return (_definition(one) for one in OPERATIONS)


def _definition(operation: Operation) -> Tree:
    return {
        "resourceType": "OperationDefinition",
        "id": ident(operation),
        "url": canonical(operation),
        "name": "".join(word.capitalize() for word in operation.code.split("-")),
        "title": operation.title,
        "status": STATUS,
        "kind": "operation",
        "publisher": "PHB gateway",
        "description": operation.says,
        "affectsState": operation.writes,
        "code": operation.code,
        "resource": list(operation.types),
        "system": False,
        "type": False in operation.places,
        "instance": True in operation.places,
        "parameter": [
            *(_resource(name) for name in operation.body[:1]),
            *(_in(one) for one in operation.parameters),
            {"name": "return", "use": "out", "min": 1, "max": "1", "type": operation.returns},
        ],
    }


def _resource(name: str) -> Tree:
    return {"name": "resource", "use": "in", "min": 0, "max": "1", "type": "Resource" if name != "Claim" else name}


def _in(one: Parameter) -> Tree:
    return {"name": one.name, "use": "in", "min": one.min, "max": one.max, "documentation": one.says, "type": one.type}
