"""Lenses on lists: one element told from its like, every element, rows; the others stay in their places.

Source: FHIR R4 json.html (arrays), extensibility.html.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from mappings.lens.base import Leaf, Lens, Misfit, Place, Reading, Values, built, path_of, values_of
from mappings.lens.document import Json
from mappings.lens.errors import Issue
from mappings.lens.structure import Matcher, Several, Shape, covers, filled, matcher, shown
from mappings.lens.values import Concept, coding_of
from mappings.terminology.code_list import CodeList

# --- one element of a list --------------------------------------------------------------------------


@dataclass(frozen=True)
class Pick(Lens):
    """The one element of a list that covers `template`, seen through `shape`; the others are kept."""

    template: Json
    shape: Shape
    marks: bool = False
    always: bool = False

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        position = self._find(node)
        if position is None and self.always and not self.marks:
            reading.issues.append(Issue("required", f"{shown(self.template)} is expected here", path_of(place)))
        self.shape.get(None if position is None else node[position], reading, (place, position or 0))

    def put(self, node: Json, values: Values) -> Json:
        position = self._find(node)
        if position is None:
            return self._added(node, values)
        before = node[position]
        after = self.shape.put(before, values)
        return node if after is before else self._replaced(node, position, after)

    def _added(self, node: Json, values: Values) -> Json:
        if not self.always and self.shape.put(None, values) is None:
            return node
        return [*(node or ()), self.shape.put(filled(self.template), values)]

    def _replaced(self, node: Json, position: int, after: Json) -> Json:
        emptied = not self.always and all(after.get(name) is None for name, _ in self.shape.parts)
        return [*node[:position], *(() if emptied else (after,)), *node[position + 1 :]] or None

    def _find(self, node: Json) -> int | None:
        if not node:
            return None
        covered = self._covers
        for position, item in enumerate(node):
            if covered(item):
                return position
        return None

    @cached_property
    def _covers(self) -> Matcher:
        return matcher(self.template)

    def tells(self, node: Json) -> bool:
        return not self.marks or self._find(node) is not None

    def leaves(self, path: str) -> Iterator[tuple[str, Lens]]:
        yield from self.shape.leaves(path)
        if self.always or not self.shape.parts:
            yield path, self

    def without(self, path: str, here: str) -> Lens | None:
        return None if path == here else replace(self, shape=self.shape.without(path, here))


@dataclass(frozen=True)
class First(Lens):
    """The first element of a list, seen through an inner lens; the rest is kept.

    but: templates of elements passed over, such as names no longer in use. Without a value, all that are not go.
    """

    inner: Lens
    but: tuple[Json, ...] = ()

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        position = self._find(node)
        self.inner.get(None if position is None else node[position], reading, (place, position or 0))

    def put(self, node: Json, values: Values) -> Json:
        position = self._find(node)
        before = None if position is None else node[position]
        after = self.inner.put(before, values)
        if after is before:
            return node
        if after is None:
            return [item for item in node if self._passed(item)] or None
        if position is None:
            return [after, *(node or ())]
        return [*node[:position], after, *node[position + 1 :]]

    def _find(self, node: Json) -> int | None:
        return next((at for at, item in enumerate(node or ()) if not self._passed(item)), None)

    def _passed(self, item: Json) -> bool:
        return item is None or any(covers(item, template) for template in self.but)

    def tells(self, node: Json) -> bool:
        position = self._find(node)
        return self.inner.tells(None if position is None else node[position])

    def leaves(self, path: str) -> Iterator[tuple[str, Lens]]:
        yield from self.inner.leaves(path)

    def without(self, path: str, here: str) -> Lens | None:
        inner = self.inner.without(path, here)
        return None if inner is None else replace(self, inner=inner)


@dataclass(frozen=True)
class Coded(Leaf):
    """The code of one closed list among the CodeableConcepts of a list element.

    alone: the rule by which there may be no second code of the list; empty where the first one counts.
    """

    list: CodeList = field(default=None)  # type: ignore[assignment]
    marks: bool = False
    alone: str = ""

    def decode(self, node: Json) -> str | None:
        if self.alone and len(self._codes(node)) > 1:
            raise Misfit("invariant", f"more than one code of {self.list.name}; exactly one is expected", self.alone)
        position = self._find(node)
        return None if position is None else self._concept.decode(node[position])

    def encode(self, value: str) -> Json:
        return [self._concept.encode(value)]

    def written(self, node: Json, value: Any) -> Json:
        position = self._find(node)
        before = None if position is None else node[position]
        after = self._concept.written(before, value)
        if after is before:
            return node
        if position is None:
            return [*(node or ()), after]
        return [*node[:position], *(() if after is None else (after,)), *node[position + 1 :]] or None

    def tells(self, node: Json) -> bool:
        return not self.marks or self._find(node) is not None

    @cached_property
    def _concept(self) -> Concept:
        return Concept("", self.list)

    def _codes(self, node: Json) -> set[Any]:
        codings = [coding for concept in node or () for coding in concept.get("coding", ())]
        return {coding.get("code") for coding in codings if coding.get("system") == self.list.system}

    def _find(self, node: Json) -> int | None:
        for position, concept in enumerate(node or ()):
            if coding_of(concept, self.list.system) is not None:
                return position
        return None


# --- every element of a list ------------------------------------------------------------------------


@dataclass(frozen=True)
class Inside(Leaf):
    """An item of `Each`: the value at element `name` of an object that covers `template`; other objects have none."""

    name: str = ""
    inner: Leaf = field(default=None)  # type: ignore[assignment]
    template: Json = None

    def decode(self, node: Json) -> Any:
        if self.name not in node or not covers(node, self.template or {}):
            return None
        return self.inner.decode(node[self.name])

    def encode(self, value: Any) -> Json:
        return {**filled(self.template or {}), self.name: self.inner.encode(value)}


@dataclass(frozen=True)
class Each(Leaf):
    """A list of values, each through the item lens; an item the lens cannot see is left out of the field."""

    item: Leaf = field(default=None)  # type: ignore[assignment]

    def decode(self, node: Json) -> tuple[Any, ...]:
        found = (self.item.decode(item) for item in node or () if item is not None)
        return tuple(value for value in found if value is not None)

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        super().get(node or (), reading, place)

    def written(self, node: Json, value: Any) -> Json:
        if self.decode(node) == value:
            return node
        held: dict[Any, list[Json]] = {}
        for item in node or ():
            held.setdefault(None if item is None else self.item.decode(item), []).append(item)
        unseen = held.pop(None, [])
        chosen = [held[one].pop(0) if held.get(one) else self.item.encode(one) for one in value]
        spare = (self.item.cleared(item) for items in held.values() for item in items)
        return [*(item for item in (*unseen, *spare) if item is not None), *chosen] or None


@dataclass(frozen=True)
class Rows(Lens):
    """A list of elements as a tuple of row records, in order; with `among`, only those that cover it."""

    field: str
    row: type[Any]
    shape: Shape
    among: Json = None

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        rows = []
        for position, item in enumerate(node or ()):
            if not self._ours(item):
                continue
            inner = Reading(issues=reading.issues)
            at = (place, position)
            self.shape.get(item, inner, at)
            made = built(self.row, inner, at, self.shape)
            if made is not None:
                rows.append(made)
        reading.values[self.field] = tuple(rows)

    def put(self, node: Json, values: Values) -> Json:
        rows = iter(values[self.field])
        items = node or []
        result = []
        for item in items:
            if not self._ours(item):
                result.append(item)
            elif (row := next(rows, None)) is not None:
                result.append(self.shape.put(item, values_of(row)))
        result += [self.shape.put(filled(self.among), values_of(row)) for row in rows]
        same = len(result) == len(items) and all(new is old for new, old in zip(result, items, strict=True))
        return node if same else ([item for item in result if item is not None] or None)

    def _ours(self, item: Json) -> bool:
        return self.among is None or self._covers(item)

    @cached_property
    def _covers(self) -> Matcher:
        return matcher(self.among)

    def leaves(self, path: str) -> Iterator[tuple[str, Lens]]:
        yield from self.shape.leaves(path)

    def without(self, path: str, here: str) -> Lens:
        return replace(self, shape=self.shape.without(path, here))


# --- which fields a lens fills ----------------------------------------------------------------------


def placed(lens: Lens, path: str) -> Iterator[tuple[str, Lens]]:
    """Each lens on a value, a fixed element or rows, with its element path; rows are not gone into."""
    if isinstance(lens, Shape):
        for name, part in lens.parts:
            yield from placed(part, f"{path}.{name}")
    elif isinstance(lens, Several):
        for position, part in enumerate(lens.parts):
            yield from placed(part, f"{path}~{position}")
    elif isinstance(lens, Pick) and lens.shape.parts:
        yield from placed(lens.shape, path)
    elif isinstance(lens, First):
        yield from placed(lens.inner, path)
    else:
        yield path, lens


def fields_of(lens: Lens) -> Iterator[tuple[str, Leaf | Rows]]:
    """Each field under a lens with the lens that fills it."""
    for _, leaf in placed(lens, ""):
        if isinstance(leaf, Leaf | Rows):
            yield leaf.field, leaf
