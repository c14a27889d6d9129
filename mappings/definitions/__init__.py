"""What FHIR R4 4.0.1 says of every type: elements, cardinalities, types, targets, codes, summary flags.

The table is `r4.json`, written from HL7's files by `build.py` and read at first use.

Source: https://hl7.org/fhir/R4/downloads.html; structuredefinition.html; elementdefinition.html.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FHIR_VERSION: Final = "4.0.1"

_TABLE: Final = Path(__file__).with_name("r4.json")


@dataclass(frozen=True, slots=True)
class Element:
    """One element under its JSON name; an element with a choice of types has one `Element` a type.

    name: JSON name such as `patient` or `valueQuantity`. min: 0 or 1. max: None when it repeats without end.
    types: type codes; a backbone element is its own type, named by its path (`Claim.item`).
    targets: resource types a Reference may point to; `Resource` for any, empty when it is no Reference.
    value_set: the required binding, HL7's page name or a URL; empty when there is none.
    choice: `value` for the choice `value[x]`, else empty. comparator: False for a Quantity that must not have one.
    """

    name: str
    min: int
    max: int | None
    types: tuple[str, ...]
    targets: tuple[str, ...] = ()
    value_set: str = ""
    choice: str = ""
    is_modifier: bool = False
    is_summary: bool = False
    comparator: bool = True

    @property
    def repeats(self) -> bool:
        """True when its JSON form is an array."""
        return self.max != 1


@dataclass(frozen=True, slots=True)
class Definition:
    """One type. kind: resource, complex-type, backbone or abstract. elements: by JSON name, inherited ones first."""

    name: str
    kind: str
    base: str
    elements: Mapping[str, Element]

    @property
    def choices(self) -> dict[str, frozenset[str]]:
        """The JSON names of each choice of types, by its stem."""
        stems = dict.fromkeys(each.choice for each in self.elements.values() if each.choice)
        return {stem: frozenset(e.name for e in self.elements.values() if e.choice == stem) for stem in stems}


@cache
def definition(type_name: str) -> Definition:
    """The definition of `Claim`, `Claim.item`, `Money` ...

    Raises KeyError for a name that R4 does not define, and for a primitive type.
    """
    entry = _table()["types"][type_name]
    inherited = definition(entry["base"]).elements if entry["base"] else {}
    own = {each.name: each for row in entry["elements"] for each in _elements(*row)}
    return Definition(type_name, entry["kind"], entry["base"], MappingProxyType({**inherited, **own}))


def element(type_name: str, name: str) -> Element | None:
    """The element with JSON name `name` of a type, None when the type has none."""
    return definition(type_name).elements.get(name)


@cache
def resource_types() -> frozenset[str]:
    """The names of all resource types that can be sent: the abstract two are not among them."""
    return frozenset(name for name, entry in _table()["types"].items() if entry["kind"] == "resource")


@cache
def primitives() -> Mapping[str, str]:
    """Every primitive type with HL7's regular expression."""
    return MappingProxyType(_table()["primitives"])


def codes(value_set: str) -> Mapping[str, tuple[str, ...]] | None:
    """Codes by system of a value set that a required binding names; None when no list can give them."""
    systems = _table()["codes"].get(value_set)
    return None if systems is None else {system: tuple(members) for system, members in systems.items()}


def narrative_names() -> tuple[frozenset[str], frozenset[str]]:
    """The XHTML elements and the attributes a narrative may have (invariant txt-1)."""
    narrative = _table()["narrative"]
    return frozenset(narrative["elements"]), frozenset(narrative["attributes"])


@cache
def path_types(type_name: str, path: str) -> tuple[str, ...]:
    """The type codes at a dotted path: `("Reference",)` for Claim, `patient`.

    A choice is named by its JSON name (`servicedDate`) or by its stem (`serviced`), which gives all its types.
    Empty when there is no such path.
    """
    return tuple(dict.fromkeys(code for each in _last(type_name, path) for code in each.types))


@cache
def is_list_path(type_name: str, path: str) -> bool:
    """True when any step of a dotted JSON path repeats, so that it can name more than one value."""
    steps = path.split(".")
    return any(each.repeats for length in range(len(steps)) for each in _last(type_name, ".".join(steps[: length + 1])))


@cache
def path_targets(type_name: str, path: str) -> tuple[str, ...]:
    """The resource types a Reference at a dotted path may point to."""
    return tuple(dict.fromkeys(target for each in _last(type_name, path) for target in each.targets))


@cache
def summary_elements(type_name: str) -> tuple[str, ...]:
    """JSON names of the top-level elements that `_summary=true` keeps."""
    return tuple(each.name for each in definition(type_name).elements.values() if each.is_summary)


@cache
def mandatory_elements(type_name: str) -> tuple[str, ...]:
    """JSON names of the top-level elements with a minimum of one; of a choice, all its names."""
    return tuple(each.name for each in definition(type_name).elements.values() if each.min)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table


def _elements(name: str, minimum: int, maximum: int | str, types: list[str], *more: Any) -> Iterator[Element]:
    """What one row of the table says; `more` may be cut off at its end: targets, value set, flags."""
    ends: list[Any] = [(), "", ""]
    targets, value_set, flags = [*more, *ends[len(more) :]]
    whole = Element(
        name=name,
        min=minimum,
        max=None if isinstance(maximum, str) else maximum,
        types=tuple(types),
        targets=tuple(targets),
        value_set=value_set,
        is_modifier="m" in flags,
        is_summary="s" in flags,
        comparator="q" not in flags or "Quantity" not in types,
    )
    if not name.endswith("[x]"):
        yield whole
        return
    stem = name.removesuffix("[x]")
    for code in types:
        yield replace(
            whole,
            name=stem + code[0].upper() + code[1:],
            types=(code,),
            targets=whole.targets if code == "Reference" else (),
            choice=stem,
            comparator=whole.comparator or code != "Quantity",
        )


def _last(type_name: str, path: str) -> list[Element]:
    """The elements the last step of a path names."""
    here = [type_name]
    found: list[Element] = []
    for step in path.split("."):
        found = [
            each
            for name in here
            if name in _table()["types"]
            for each in definition(name).elements.values()
            if step in {each.name, each.choice}
        ]
        here = [code for each in found for code in each.types]
    return found
