"""The operations the gateway offers: one line each; routes, CapabilityStatement and OpenAPI follow from this list.

Source: FHIR R4 operations.html.
"""

from typing import Final

from fhir_gateway.access.table import check_operations
from fhir_gateway.interactions.operations.allocate_cost import ALLOCATE_COST
from fhir_gateway.interactions.operations.break_glass import BREAK_GLASS
from fhir_gateway.interactions.operations.check import CHECK
from fhir_gateway.interactions.operations.evaluate_measure import EVALUATE_MEASURE
from fhir_gateway.interactions.operations.explain import EXPLAIN
from fhir_gateway.interactions.operations.invoice_check import CONFIRM, QUERY
from fhir_gateway.interactions.operations.operation import Operation
from fhir_gateway.interactions.operations.reconcile import RECONCILE
from fhir_gateway.interactions.operations.schedule import SCHEDULE
from fhir_gateway.interactions.operations.statement import STATEMENT
from fhir_gateway.interactions.operations.submit import SUBMIT

OPERATIONS: Final[tuple[Operation, ...]] = (
    CHECK,
    SUBMIT,
    STATEMENT,
    EXPLAIN,
    EVALUATE_MEASURE,
    CONFIRM,
    QUERY,
    SCHEDULE,
    RECONCILE,
    ALLOCATE_COST,
    BREAK_GLASS,
)
BY_PLACE: Final[dict[tuple[str, str, bool], Operation]] = {
    (resource_type, one.name, place): one for one in OPERATIONS for resource_type in one.types for place in one.places
}

check_operations([one.code for one in OPERATIONS])


def operation_at(parts: tuple[str, ...]) -> Operation | None:
    """The operation an address names: `Type/$name` or `Type/id/$name`."""
    if len(parts) not in (2, 3) or not parts[-1].startswith("$"):
        return None
    return BY_PLACE.get((parts[0], parts[-1], len(parts) == 3))  # noqa: PLR2004


def of_type(resource_type: str) -> tuple[Operation, ...]:
    """The operations of a type."""
    return tuple(one for one in OPERATIONS if resource_type in one.types)
