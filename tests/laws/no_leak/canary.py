"""Canaries: words, ids, numbers and dates planted in the records, each known again wherever it comes out.

A planted word is `zq` and five digits. Besides these, an NHS number, a birth date of the last century and a sum of
money with odd pence tell whose record they are from.

Source: security.md section 4, the no-leak law (world).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mappings.lens import document

Json = Any
WORD: Final = re.compile(r"zq\d{5}")
MARK: Final = re.compile(r"zq\d{5}|999\d{7}|19\d\d-[01]\d-[0-3]\d")
SUM: Final = re.compile(r"(?<![\d.:-])\d{2,}\.\d[1-9](?![\d.])")
FREE: Final = frozenset(
    {"text", "title", "description", "valueString", "name", "family", "given", "line", "disposition", "div", "detail"}
)
SHARED: Final = frozenset({"preAuthRef"})
OURS: Final = "https://phb-gateway.example/"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a canary stands: the record's `Type/id` and the element's path, such as `item[0].net.value`."""

    place: str
    path: str


class Planter:
    """Gives every free text, id and own identifier of some resources a word of its own.

    seed: where the words begin, so that two worlds share none.
    """

    def __init__(self, seed: int = 0) -> None:
        self._next = seed
        self.names: dict[str, str] = {}  # `Type/slug` to the place with a canary in it
        self._shared: dict[str, str] = {}

    def word(self) -> str:
        """The next canary."""
        self._next += 1
        return f"zq{self._next:05d}"

    def named(self, place: str) -> str:
        """The place with a canary in its id: `Type/slug-zq00001`, the same each time."""
        if place not in self.names:
            self.names[place] = f"{place}-{self.word()}"
        return self.names[place]

    def planted(self, trees: Mapping[str, Json]) -> dict[str, Json]:
        """Resources by the place they had, under new ids and with canaries in them; references follow."""
        for place in trees:
            self.named(place)
        return {self.named(place): self._resource(place, tree) for place, tree in trees.items()}

    def _resource(self, place: str, tree: Json) -> Json:
        grown = self._grown(tree, "", own=False)
        return {**grown, "id": self.named(place).partition("/")[2]}

    def _grown(self, node: Json, key: str, *, own: bool) -> Json:
        if isinstance(node, dict):
            return self._element(node)
        if isinstance(node, list):
            return [self._grown(one, key, own=own) for one in node]
        return self._leaf(node, key, own=own) if isinstance(node, str) else node

    def _element(self, node: Json) -> Json:
        own = str(node.get("system", "")).startswith(OURS) and "code" not in node
        return {key: self._grown(one, key, own=own and key == "value") for key, one in node.items()}

    def _leaf(self, text: str, key: str, *, own: bool) -> str:
        if text in self.names:
            return self.names[text]
        if key in SHARED or (own and len(text) > 1):  # the number of a version stays
            return self._shared.setdefault(text, f"{text}-{self.word()}")
        if key not in FREE or text.startswith("http"):
            return text
        return _marked(text, self.word())


def _marked(text: str, word: str) -> str:
    return text.replace("</p>", f" {word}</p>") if text.startswith("<div") else f"{text} {word}"


def spots_of(place: str, tree: Json) -> Iterator[tuple[str, Spot]]:
    """Every canary in a resource, with where it stands."""
    for path, node, _ in document.walk(tree):
        for mark in marks_in_leaf(node):
            yield mark, Spot(place, path)


def marks_in_leaf(node: Json) -> Iterator[str]:
    """The canaries in one value."""
    if isinstance(node, str):
        yield from MARK.findall(node)
    elif document.is_number(node):
        yield from SUM.findall(str(document.decimal_of(node)))


def marks_in(text: str) -> frozenset[str]:
    """The canaries in an answer."""
    return frozenset(MARK.findall(text)) | frozenset(SUM.findall(text))


def index(trees: Mapping[str, Json]) -> dict[str, frozenset[Spot]]:
    """Where each canary stands, over all resources."""
    found: defaultdict[str, set[Spot]] = defaultdict(set)
    for place, tree in trees.items():
        for mark, spot in spots_of(place, tree):
            found[mark].add(spot)
    return {mark: frozenset(spots) for mark, spots in found.items()}


def words(texts: Iterable[str]) -> frozenset[str]:
    """The planted words in some texts."""
    return frozenset(word for text in texts for word in WORD.findall(text))
