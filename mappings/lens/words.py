"""The words a mapping is written in: each makes a lens.

A declaration is a dictionary in the shape of the JSON: nested dictionaries are objects, a tuple is several
lenses on one element.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from mappings import namespaces
from mappings.lens.base import Leaf, Lens
from mappings.lens.document import Json, Tree
from mappings.lens.lists import Coded, Each, First, Inside, Pick, Rows, fields_of
from mappings.lens.structure import Const, Present, Several, Shape
from mappings.lens.values import (
    Code,
    Concept,
    Count,
    Day,
    Flag,
    Moment,
    NhsNumber,
    Number,
    Pence,
    PenceQuantity,
    Reference,
    SystemCode,
    Text,
)
from mappings.terminology.code_list import CodeList

ShapeSpec = dict[str, Any]


def shape(spec: ShapeSpec) -> Shape:
    """The object lens of a declaration."""
    return Shape(tuple((name, _lens(part)) for name, part in spec.items()))


def _lens(part: Any) -> Lens:
    if isinstance(part, dict):
        return shape(part)
    made: Lens = Several(tuple(_lens(one) for one in part)) if isinstance(part, tuple) else part
    return made


text: Callable[[str], Text] = Text
flag: Callable[[str], Flag] = Flag
count: Callable[[str], Count] = Count
number: Callable[[str], Number] = Number
day: Callable[[str], Day] = Day
moment: Callable[[str], Moment] = Moment
pence: Callable[[str], Pence] = Pence
pence_quantity: Callable[[str], PenceQuantity] = PenceQuantity


def code(name: str, codes: CodeList | tuple[str, ...]) -> Code:
    """A code of a closed list; inside `each` it needs no name."""
    return Code(name, codes)


def concept(name: str, codes: CodeList, *, marks: bool = False) -> Concept:
    """The project's code in a CodeableConcept; with `marks` its presence tells the record kind."""
    return Concept(name, codes, marks)


def coded(name: str, codes: CodeList, *, marks: bool = False, alone: str = "") -> Coded:
    """The project's code among a list of CodeableConcepts; with `marks` its presence tells the record kind.

    alone: the rule that refuses a second code of the list.
    """
    return Coded(name, codes, marks, alone)


def all_coded(name: str, codes: CodeList) -> Each:
    """Every code of one list among a list of CodeableConcepts."""
    return Each(name, Concept("", codes))


def reference(name: str = "", *, to: str | tuple[str, ...]) -> Reference:
    """A reference to one of the types `to`."""
    return Reference(name, (to,) if isinstance(to, str) else to)


def each(name: str, item: Leaf) -> Each:
    """A list of values."""
    return Each(name, item)


def inside(name: str, inner: Leaf, *, among: Json = None) -> Inside:
    """An item of `each`: the value at one element of an object; with `among`, of those objects that cover it."""
    return Inside("", name, inner, among)


def rows(name: str, row: type[Any], spec: ShapeSpec, *, among: Json = None) -> Rows:
    """A list of elements as row records; with `among`, of those that cover it. Every field has one lens."""
    made = Rows(name, row, shape(spec), among)
    named = sorted(one for one, _ in fields_of(made.shape))
    if named != sorted(one.name for one in fields(row)):
        raise ValueError(f"{row.__name__}: fields and lenses differ: {named}")
    return made


def first(part: Any, *, but: tuple[Json, ...] = ()) -> First:
    """The first element of a list, passing over those that cover a template of `but`."""
    return First(_lens(part), but)


def const(value: Json, *, marks: bool = False) -> Const:
    """A fixed value."""
    return Const(value, marks)


def contains(template: Json, *, marks: bool = False) -> Pick:
    """A list that holds a fixed element."""
    return Pick(template, Shape(()), marks, always=True)


def has(name: str, template: Json) -> Present:
    """A boolean field: whether a list holds a fixed element."""
    return Present(name, template)


def pick(template: Json, spec: ShapeSpec, *, marks: bool = False) -> Pick:
    """The element of a list that covers `template`; with `marks` its presence tells the record kind."""
    return Pick(template, shape(spec), marks)


def coded_as(codes: CodeList, value: str) -> Tree:
    """The CodeableConcept of one code, as a template."""
    return {"coding": [{"system": codes.system, "code": value}]}


def code_in(name: str, system: str, codes: tuple[str, ...] = ()) -> SystemCode:
    """The code of one system in a CodeableConcept, of a list that is not ours; without `codes` any code."""
    return SystemCode(name, system, codes)


def period(start: str, end: str) -> Shape:
    """A Period as two days, both inclusive."""
    return shape({"start": Day(start), "end": Day(end)})


def identifier(name: str, system: str) -> Pick:
    """The identifier of one system, by its value."""
    return pick({"system": system}, {"value": Text(name)})


def nhs_number(name: str) -> Pick:
    """The NHS number among the identifiers; one with a wrong check digit is refused (R1)."""
    return pick({"system": namespaces.NHS_NUMBER}, {"value": NhsNumber(name)})


def of_extension(name: str) -> Tree:
    """What every use of one of the project's extensions covers."""
    return {"url": namespaces.extension_url(name)}


def extension(name: str, spec: ShapeSpec, *, marks: bool = False) -> Pick:
    """One of the project's extensions; with `marks` its presence tells the record kind."""
    return pick(of_extension(name), spec, marks=marks)


def part(name: str, spec: ShapeSpec) -> Pick:
    """A part of a complex extension."""
    return pick({"url": name}, spec)


def parts(**specs: ShapeSpec) -> ShapeSpec:
    """The parts of a complex extension, by the url each has inside it."""
    return {"extension": tuple(part(name, spec) for name, spec in specs.items())}
