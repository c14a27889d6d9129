"""The operations in the OpenAPI description: GET where nothing changes, POST for all, parameters as declared.

Source: FHIR R4 operations.html; OpenAPI 3.1.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from fhir_gateway.interactions.operations import OPERATIONS
from fhir_gateway.interactions.operations.operation import JSON, Operation, Parameter
from fhir_gateway.settings import FHIR_PATH

Tree = dict[str, Any]
SCHEMAS: Final[dict[str, Tree]] = {
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
}


def schemas() -> set[str]:
    """Names of the schemas the operations need beside those of the types."""
    return {"Parameters", *(one.returns for one in OPERATIONS), *(name for one in OPERATIONS for name in one.body)}


def paths(read_errors: dict[str, Tree], write_errors: dict[str, Tree], id_: Tree) -> Iterator[tuple[str, Tree]]:
    """Each address with what may be asked there. errors: the refusals of readers and writers; id_: the path's id."""
    for operation in OPERATIONS:
        errors = read_errors | write_errors
        for name, of_resource in product(operation.types, operation.places):
            path = f"{FHIR_PATH}/{name}/{'{id}/' if of_resource else ''}{operation.name}"
            shared = [id_] if of_resource else []
            asked = {"post": _posted(operation, shared, errors)}
            if not operation.writes:
                asked["get"] = _asked(operation, shared, read_errors)
            yield path, asked


def _asked(operation: Operation, shared: list[Tree], errors: dict[str, Tree]) -> Tree:
    parameters = [*shared, *(_parameter(one) for one in operation.parameters)]
    return _described(operation, errors) | ({"parameters": parameters} if parameters else {})


def _posted(operation: Operation, shared: list[Tree], errors: dict[str, Tree]) -> Tree:
    names = [*operation.body, "Parameters"]
    schema = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    body = {"required": bool(operation.body), "content": {JSON: {"schema": schema}}}
    return _described(operation, errors) | {"requestBody": body} | ({"parameters": shared} if shared else {})


def _described(operation: Operation, errors: dict[str, Tree]) -> Tree:
    content: Tree = {one: {"schema": {"type": "string"}} for one in operation.formats if one != JSON}
    content[JSON] = {"schema": _returned(operation)}
    answer = {"description": operation.title, "content": content}
    return {
        "summary": operation.title,
        "description": operation.says,
        "responses": dict(sorted({"200": answer, **errors}.items())),
    }


def _returned(operation: Operation) -> Tree:
    """What comes back; asked of the type too, it may be several together."""
    names = dict.fromkeys((operation.returns, *(("Bundle",) if operation.of_type_too else ())))
    schemas = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def _parameter(one: Parameter) -> Tree:
    schema = SCHEMAS.get(one.type, {"type": "string"})
    if one.codes:
        schema = {"enum": list(one.codes)}
    return {"name": one.name, "in": "query", "required": one.min > 0, "description": one.says, "schema": schema}
