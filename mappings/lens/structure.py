"""Lenses on fixed content and on objects: they lead to the values and keep whatever lies beside them.

Source: FHIR R4 json.html (`_field` siblings).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mappings.lens.base import Leaf, Lens, Reading, Values
from mappings.lens.document import Json, Tree
from mappings.lens.errors import Issue

# --- fixed content ----------------------------------------------------------------------------------


def covers(node: Json, template: Json) -> bool:
    """Whether `node` holds everything `template` holds; lists in any order."""
    if type(template) is dict:
        return type(node) is dict and _covers_object(node, template)
    if type(template) is list:
        return type(node) is list and all(any(covers(item, wanted) for item in node) for wanted in template)
    return bool(node == template)


def _covers_object(node: Tree, template: Tree) -> bool:
    for key, value in template.items():
        there = node.get(key)
        if there != value if type(value) is str else not covers(there, value):
            return False
    return True


def filled(template: Json) -> Json:
    """A fresh copy of a template."""
    if type(template) is dict:
        return {key: filled(value) for key, value in template.items()}
    return [filled(item) for item in template] if type(template) is list else template


def shown(template: Json) -> str:
    """A template in a message: its code where it has one."""
    if type(template) is not dict:
        return f"`{template}`"
    coding = template.get("coding", [template])[0]
    return f"`{coding.get('code', coding)}`"


@dataclass(frozen=True)
class Const(Lens):
    """A fixed value. With `marks` it tells the record kind; without, another value is refused."""

    value: Json
    marks: bool = False

    def get(self, node: Json, reading: Reading, path: str) -> None:
        if not covers(node, self.value):
            reading.issues.append(Issue("value", f"{shown(self.value)} is expected here", path))

    def put(self, node: Json, values: Values) -> Json:  # noqa: ARG002 - it is no field's value
        return node if covers(node, self.value) else filled(self.value)

    def tells(self, node: Json) -> bool:
        return not self.marks or covers(node, self.value)


@dataclass(frozen=True)
class Present(Leaf):
    """Whether a list holds an element that covers `template`."""

    template: Json = None

    def decode(self, node: Json) -> bool:
        return any(covers(item, self.template) for item in node or ())

    def get(self, node: Json, reading: Reading, path: str) -> None:  # noqa: ARG002 - nothing is refused here
        reading.values[self.field] = self.decode(node)

    def written(self, node: Json, value: Any) -> Json:
        if self.decode(node) == bool(value):
            return node
        if value:
            return [*(node or ()), filled(self.template)]
        return [item for item in node if not covers(item, self.template)] or None


# --- objects ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape(Lens):
    """An object with lenses at some of its elements; the others are kept as they stand.

    A primitive that goes, and an array of primitives that changes, takes its `_name` sibling along.
    """

    parts: tuple[tuple[str, Lens], ...]

    def get(self, node: Json, reading: Reading, path: str) -> None:
        known = node or {}
        for name, lens in self.parts:
            lens.get(known.get(name), reading, f"{path}.{name}")

    def put(self, node: Json, values: Values) -> Json:
        result = dict(node) if node else {}
        changed = False
        for name, lens in self.parts:
            before = result.get(name)
            after = lens.put(before, values)
            if after is before:
                continue
            changed = True
            if after is None:
                del result[name]
            else:
                result[name] = after
            if after is None or type(before) is list:
                result.pop(f"_{name}", None)
        return (result or None) if changed else node

    def tells(self, node: Json) -> bool:
        known = node or {}
        return all(lens.tells(known.get(name)) for name, lens in self.parts)

    def leaves(self, path: str) -> Iterator[tuple[str, Lens]]:
        for name, lens in self.parts:
            yield from lens.leaves(f"{path}.{name}")

    def without(self, path: str, here: str) -> "Shape":
        kept = ((name, lens.without(path, f"{here}.{name}")) for name, lens in self.parts)
        return Shape(tuple((name, lens) for name, lens in kept if lens is not None))


@dataclass(frozen=True)
class Several(Lens):
    """More than one lens on the same element, put one after the other."""

    parts: tuple[Lens, ...]

    def get(self, node: Json, reading: Reading, path: str) -> None:
        for lens in self.parts:
            lens.get(node, reading, path)

    def put(self, node: Json, values: Values) -> Json:
        for lens in self.parts:
            node = lens.put(node, values)
        return node

    def tells(self, node: Json) -> bool:
        return all(lens.tells(node) for lens in self.parts)

    def leaves(self, path: str) -> Iterator[tuple[str, Lens]]:
        for position, lens in enumerate(self.parts):
            yield from lens.leaves(f"{path}~{position}")

    def without(self, path: str, here: str) -> Lens:
        kept = (lens.without(path, f"{here}~{position}") for position, lens in enumerate(self.parts))
        return Several(tuple(lens for lens in kept if lens is not None))
