"""What the gateway itself publishes, read-only: code lists, the rules as a CodeSystem, its operations.

Source: FHIR R4 codesystem.html, valueset.html; domain code lists in docs/terminology.md.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from fhir_gateway.errors import NotFound
from fhir_gateway.http.device import devices
from fhir_gateway.interactions import bundles
from fhir_gateway.interactions.context import Reply
from fhir_gateway.interactions.operations.definitions import definitions
from fhir_gateway.interactions.parameters import Pairs, written
from fhir_gateway.phb.measures.published import measures
from fhir_gateway.phb.rules.code_system import rule_code_systems
from fhir_gateway.store.records import Stored
from mappings import audit_event
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue
from mappings.terminology.resources import code_systems, value_sets

Publish = Callable[[], Iterable[Tree]]
PUBLISHED: Final[dict[str, tuple[Publish, ...]]] = {
    "CodeSystem": (code_systems, rule_code_systems, audit_event.code_systems),
    "ValueSet": (value_sets,),
    "OperationDefinition": (definitions,),
    "Device": (devices,),
    "Measure": (measures,),
}
TYPES: Final = tuple(PUBLISHED)
PARAMETERS: Final = ("_id", "url", "name", "status", "version")


@lru_cache(maxsize=1)
def _resources() -> dict[str, dict[str, tuple[Tree, bytes]]]:
    made = {name: [tree for publish in some for tree in publish()] for name, some in PUBLISHED.items()}
    return {name: {one["id"]: (one, document.encode(one)) for one in some} for name, some in made.items()}


def answer(base: str, parts: Sequence[str], pairs: Pairs) -> Reply:
    """Read or search of a code list. Raises NotFound, BadRequest."""
    known = _resources()[parts[0]]
    if len(parts) == 1:
        return _search(base, parts[0], known, pairs)
    if len(parts) > 2 or parts[1] not in known:  # noqa: PLR2004
        raise NotFound(Issue("not-found", f"{'/'.join(parts)} is not known"))
    return Reply(status=200, body=known[parts[1]][1])


def _search(base: str, name: str, known: dict[str, tuple[Tree, bytes]], pairs: Pairs) -> Reply:
    asked = [(key, value) for key, value in pairs if key not in ("_format", "_pretty", "_count")]
    unknown = [key for key, _ in asked if key not in PARAMETERS]
    if unknown:
        raise BadRequest(Issue("not-supported", f"{name} is searched by {', '.join(PARAMETERS)}"))
    found = [one for one in known.values() if all(_fits(one[0], key, value) for key, value in asked)]
    entries = [bundles.match(base, Stored(name, tree["id"], 1, 0, None), text, "match") for tree, text in found]
    query = written(asked)
    links = [("self", f"{base}/{name}" + (f"?{query}" if query else ""))]
    return Reply(status=200, body=bundles.searchset(links, len(found), entries))


def _fits(tree: Tree, key: str, value: str) -> bool:
    if key == "name":
        return str(tree.get("name", "")).lower().startswith(value.lower())
    return str(tree.get("id" if key == "_id" else key)) in value.split(",")
