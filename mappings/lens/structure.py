"""Lenses on fixed content and on objects: they lead to the values and keep whatever lies beside them.

Source: FHIR R4 json.html (`_field` siblings).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mappings.lens.base import Leaf, Lens, Place, Reading, Values, path_of
from mappings.lens.document import Json, Tree
from mappings.lens.errors import Issue

# --- fixed content ----------------------------------------------------------------------------------


Matcher = Callable[[Json], bool]


def covers(node: Json, template: Json) -> bool:
    """Whether `node` holds everything `template` holds; lists in any order."""
    return matcher(template)(node)


def matcher(template: Json) -> Matcher:
    """`covers` for one template, worked out once."""
    if type(template) is dict:
        return _object_matcher(template)
    if type(template) is list:
        wanted = [matcher(one) for one in template]
        return lambda node: type(node) is list and all(any(map(one, node)) for one in wanted)
    return lambda node: bool(node == template)


def _object_matcher(template: Tree) -> Matcher:
    if len(template) == 1:
        ((name, value),) = template.items()
        if type(value) is str:
            return lambda node: type(node) is dict and node.get(name) == value
        inner = matcher(value)
        return lambda node: type(node) is dict and inner(node.get(name))
    parts = [(name, matcher(value)) for name, value in template.items()]
    return lambda node: type(node) is dict and all(match(node.get(name)) for name, match in parts)


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

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        if not self._covers(node):
            reading.issues.append(Issue("value", f"{shown(self.value)} is expected here", path_of(place)))

    def put(self, node: Json, values: Values) -> Json:  # noqa: ARG002 - it is no field's value
        return node if self._covers(node) else filled(self.value)

    def tells(self, node: Json) -> bool:
        return not self.marks or self._covers(node)

    @cached_property
    def _covers(self) -> Matcher:
        return matcher(self.value)


@dataclass(frozen=True)
class Present(Leaf):
    """Whether a list holds an element that covers `template`."""

    template: Json = None

    def decode(self, node: Json) -> bool:
        return any(covers(item, self.template) for item in node or ())

    def get(self, node: Json, reading: Reading, place: Place) -> None:  # noqa: ARG002 - nothing is refused here
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

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        if not node:
            if self._blank is not None:
                reading.values.update(self._blank)
                return
            node = {}
        find = node.get
        for name, lens in self.parts:
            lens.get(find(name), reading, (place, name))

    @cached_property
    def _blank(self) -> dict[str, Any] | None:
        """What an absent object reads as; None when its absence is a fault."""
        reading = Reading()
        for name, lens in self.parts:
            lens.get(None, reading, name)
        return None if reading.issues else reading.values

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

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        for lens in self.parts:
            lens.get(node, reading, place)

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
