"""What a lens is: it reads one element into a record field and puts it back, touching nothing else.

A lens has `get` (element -> field) and `put` (field -> element). Putting back what was read returns the
element itself, so what no lens names stays in place. A lens never guesses: an unknown code or a wrong
form becomes an `Issue` that names the element.

Source: design decision 2; laws in tests/laws.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from mappings.lens.document import Json
from mappings.lens.errors import Issue

Values = Mapping[str, Any]
_TWIN: Final = re.compile(r"~\d+")


Place = str | tuple["Place", str | int]
"""Where a lens looks: a root, or a place and one step on; written out only when there is a fault to name."""


def path_of(place: Place) -> str:
    """The element path of a place, such as `Claim.item[0].net`."""
    if isinstance(place, str):
        return place
    before, step = place
    return f"{path_of(before)}[{step}]" if isinstance(step, int) else f"{path_of(before)}.{step}"


class Misfit(Exception):
    """An element's content cannot be the field's value. rule: the domain rule it breaks, such as `R1`."""

    def __init__(self, code: str, diagnostics: str, rule: str = "") -> None:
        self.issue_code = code
        self.rule = rule
        super().__init__(diagnostics)


@dataclass(slots=True)
class Reading:
    """What the lenses have read so far: field values, and the faults met on the way.

    A field whose element was refused has no value, not even None.
    """

    values: dict[str, Any] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


class Lens:
    """One part of a mapping. `node` is the JSON at its place, None when absent."""

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        """Put what `node` says into `reading`."""
        raise NotImplementedError

    def put(self, node: Json, values: Values) -> Json:
        """`node` changed to say `values`; `node` itself when it says so already; None to leave it out."""
        raise NotImplementedError

    def tells(self, node: Json) -> bool:  # noqa: ARG002 - the lenses that mark a kind look at it
        """False when `node` shows that the resource is no record of this kind."""
        return True

    def leaves(self, path: str) -> "Iterator[tuple[str, Lens]]":
        """Every leaf lens under this one, with its element path; `~1` tells lenses on one element apart."""
        yield path, self

    def without(self, path: str, here: str) -> "Lens | None":
        """This lens less the leaf at `path`; None when it is that leaf."""
        return None if path == here else self


@dataclass(frozen=True)
class Leaf(Lens):
    """A lens on one value: `decode` reads it, `encode` writes it."""

    field: str = ""

    def decode(self, node: Json) -> Any:
        """The field's value in `node`; raises Misfit."""
        raise NotImplementedError

    def encode(self, value: Any) -> Json:
        """The JSON of a value that is not None."""
        raise NotImplementedError

    def refreshed(self, node: Json, value: Any) -> Json:  # noqa: ARG002 - the lenses that keep a part look at it
        """`node` changed to hold `value`, keeping what else it holds."""
        return self.encode(value)

    def cleared(self, node: Json) -> Json:  # noqa: ARG002 - the same
        """What is left of `node` once it holds no value; None when it goes whole."""
        return None

    def get(self, node: Json, reading: Reading, place: Place) -> None:
        if node is None:
            reading.values[self.field] = None
            return
        try:
            reading.values[self.field] = self.decode(node)
        except Misfit as misfit:
            reading.issues.append(Issue(misfit.issue_code, str(misfit), path_of(place), details=misfit.rule))

    def put(self, node: Json, values: Values) -> Json:
        return self.written(node, values[self.field])

    def written(self, node: Json, value: Any) -> Json:
        """`node` if it holds `value` already, else a node that does."""
        if node is None:
            return None if value is None else self.encode(value)
        if self.decode(node) == value:
            return node
        return self.cleared(node) if value is None else self.refreshed(node, value)


# --- records ----------------------------------------------------------------------------------------


def built(record: type[Any], reading: Reading, place: Place, lens: Lens) -> Any:
    """The record of what `lens` read; None when a field was refused or, with an Issue, a required one is absent."""
    values = reading.values
    missing = [name for name in required_fields(record) if name in values and values[name] is None]
    if missing:
        path = path_of(place)
        texts = ((f"{name.replace('_', ' ')} is missing", _place(lens, name, path)) for name in missing)
        reading.issues += [Issue("required", text, at) for text, at in texts]
    if missing or len(values) != len(record.__dataclass_fields__):
        return None
    return record(**values)


def _place(lens: Lens, name: str, path: str) -> str:
    """The element path of a field, for an Issue."""
    found = next((place for place, leaf in lens.leaves(path) if getattr(leaf, "field", "") == name), path)
    return element_path(found)


def element_path(leaf_path: str) -> str:
    """The path of a leaf without the marks that tell twins apart."""
    return _TWIN.sub("", leaf_path)


_REQUIRED: dict[type[Any], tuple[str, ...]] = {}


def required_fields(record: type[Any]) -> tuple[str, ...]:
    """Names of the fields whose type does not admit None."""
    if record not in _REQUIRED:
        _REQUIRED[record] = tuple(one.name for one in fields(record) if "None" not in str(one.type))
    return _REQUIRED[record]


def values_of(record: Any) -> dict[str, Any]:
    """The fields of a record by name, not deep."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
