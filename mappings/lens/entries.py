"""Lenses for what FHIR asks for and a record does not hold: the kind it is, defaults, made and numbered entries.

Source: FHIR R4 claim.html (sequence), task.html (input.type, output.type); design decision 2.
"""

import re
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from mappings.lens.base import Leaf, Lens, Misfit, Place, Reading, Values, path_of
from mappings.lens.document import Json, Tree
from mappings.lens.errors import Issue
from mappings.lens.lists import Pick
from mappings.lens.structure import filled
from mappings.lens.values import Concept, coding_of, list_name
from mappings.lens.words import ShapeSpec, pick, shape
from mappings.terminology.code_list import CodeList

_NUMERAL: Final = re.compile("0|-?[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Kind(Lens):
    """The one code of a closed list that tells the record kind, in a CodeableConcept.

    A code of the list's system that the list does not know is claimed too, so that it is refused and not
    taken for a foreign resource.
    """

    list: CodeList
    code: str

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        found = self._code(node)
        if found == self.code:
            return
        if found is None or found in self.list:
            reading.issues.append(Issue("value", f"`{self.code}` is expected here", path_of(place)))
        else:
            message = f"the code is not in {list_name(self.list)}"
            reading.issues.append(Issue("code-invalid", message, path_of(place), details="R160"))

    def put(self, node: Json, values: Values) -> Json:  # noqa: ARG002 - the kind is no field
        if self._code(node) == self.code:
            return node
        return Concept("", self.list).refreshed(node or {}, self.code)

    def tells(self, node: Json) -> bool:
        found = self._code(node)
        return found is not None and (found == self.code or found not in self.list)

    def _code(self, node: Json) -> str | None:
        coding = coding_of(node or {}, self.list.system)
        return None if coding is None else str(coding.get("code"))


@dataclass(frozen=True)
class KindAmong(Lens):
    """The same among the CodeableConcepts of a list: one of them has the code, or one that the list does not know."""

    one: Kind

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        position = self._find(node)
        self.one.get(None if position is None else node[position], reading, (place, position or 0))

    def put(self, node: Json, values: Values) -> Json:
        position = self._find(node)
        if position is None:
            return [*(node or ()), self.one.put(None, values)]
        after = self.one.put(node[position], values)
        return node if after is node[position] else [*node[:position], after, *node[position + 1 :]]

    def tells(self, node: Json) -> bool:
        return self._find(node) is not None

    def _find(self, node: Json) -> int | None:
        return next((at for at, concept in enumerate(node or ()) if self.one.tells(concept)), None)


@dataclass(frozen=True)
class Default(Lens):
    """An element FHIR asks for and the record does not hold: written when absent, any other value is kept.

    when: record fields of which one must have a value before it is written; always when there are none.
    """

    value: Json
    when: tuple[str, ...] = ()

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        """Nothing: the record has no field for it."""

    def put(self, node: Json, values: Values) -> Json:
        if node is not None or (self.when and all(_empty(values[name]) for name in self.when)):
            return node
        return filled(self.value)


def _empty(value: Any) -> bool:
    return value is None or value == ()


@dataclass(frozen=True)
class Entry(Pick):
    """The one element of a list that covers `template`; a new one starts as `made`.

    numbered: a new one gets the first free `sequence` of the list.
    """

    made: Json = None
    numbered: bool = False

    def _added(self, node: Json, values: Values) -> Json:
        if self.shape.put(None, values) is None:
            return node
        start = {**self._number(node), **filled(self.template if self.made is None else self.made)}
        return [*(node or ()), self.shape.put(start, values)]

    def _number(self, node: Json) -> Tree:
        taken = {item.get("sequence") for item in node or ()}
        return {"sequence": next(n for n in count(1) if n not in taken)} if self.numbered else {}


@dataclass(frozen=True)
class Numeral(Leaf):
    """A whole number kept as text, such as a version in an identifier; eighteen digits at most."""

    def decode(self, node: Json) -> int:
        if not _NUMERAL.fullmatch(node):
            raise Misfit("value", "a whole number is expected")
        return int(node)

    def encode(self, value: int) -> Json:
        return str(value)


# --- the words for them -----------------------------------------------------------------------------


def kind(codes: CodeList, value: str) -> Kind:
    """The code of a CodeableConcept that tells the record kind."""
    return Kind(codes, value)


def kind_among(codes: CodeList, value: str) -> KindAmong:
    """The code among a list of CodeableConcepts that tells the record kind."""
    return KindAmong(Kind(codes, value))


def default(value: Json, *when: str) -> Default:
    """A value written where FHIR asks for one and none was given; only beside one of the fields `when`."""
    return Default(value, when)


def numbered(template: Json, spec: ShapeSpec) -> Entry:
    """The element of a numbered list that covers `template`."""
    return Entry(template, shape(spec), numbered=True)


def valued(name: str, codes: CodeList, made: Json) -> Entry:
    """The code among inputs or outputs whose value is of one closed list; a new one starts as `made`."""
    template = {"valueCodeableConcept": {"coding": [{"system": codes.system}]}}
    return Entry(template, shape({"valueCodeableConcept": Concept(name, codes)}), made=made)


def version_number(name: str, system: str) -> Pick:
    """A whole number in the identifier of one system."""
    return pick({"system": system}, {"value": Numeral(name)})
