"""`_summary` and `_elements`: parts of a resource, marked SUBSETTED.

Source: FHIR R4 search.html#summary, #elements.
"""

from dataclasses import dataclass
from typing import Final

from fhir_gateway.store.records import Stored
from mappings.definitions import mandatory_elements, summary_elements
from mappings.lens import document
from mappings.lens.document import Tree

SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}
ALWAYS: Final = ("resourceType", "id", "meta")


@dataclass(frozen=True, slots=True)
class Trim:
    """What to leave of a resource: `_summary` (true, text, data, false) and the root elements asked for."""

    summary: str = "false"
    elements: tuple[str, ...] = ()


def trimmed(stored: Stored, trim: Trim) -> bytes:
    """The text of a version with only the elements asked for; mandatory ones stay."""
    tree = document.parse(stored.text or b"{}")
    kept = {name: value for name, value in tree.items() if _kept(stored.type, trim, name.lstrip("_"))}
    meta = dict(kept.get("meta") or {})
    kept["meta"] = meta | {"tag": [*meta.get("tag", ()), SUBSETTED]}
    return document.encode(_ordered(kept))


def _kept(resource_type: str, trim: Trim, name: str) -> bool:
    if name in ALWAYS or name in mandatory_elements(resource_type):
        return True
    if trim.elements:
        return name in {one.removeprefix(f"{resource_type}.") for one in trim.elements}
    if trim.summary == "data":
        return name != "text"
    return name == "text" if trim.summary == "text" else name in summary_elements(resource_type)


def _ordered(tree: Tree) -> Tree:
    head = {name: tree[name] for name in ALWAYS if name in tree}
    return head | tree
