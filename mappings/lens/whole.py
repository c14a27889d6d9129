"""What an object must be as a whole: what is mandatory, one type of a choice, and the invariants.

Source: FHIR R4 formats.html#choice, element.html (ele-1), extensibility.html (ext-1), each type's constraints.
"""

from collections.abc import Callable, Iterator

from mappings.definitions import Definition
from mappings.lens.document import Json, Tree
from mappings.lens.fault import Fault, Faults, meaning, shape
from mappings.lens.invariants import INVARIANTS, Predicate

Check = Callable[[Tree], Faults | None]


def has_extension(extras: Json) -> bool:
    """True when the sibling of a primitive, or of an array of them, says something in its place."""
    return any(type(each) is dict and "extension" in each for each in (extras if type(extras) is list else [extras]))


def check(definition: Definition) -> Check:
    """All that holds for objects of one type beyond each element by itself."""
    mandatory = tuple(e.name for e in definition.elements.values() if e.min and not e.choice)
    checks = tuple(_checks(definition))
    is_element = definition.kind != "resource"

    def judge(node: Tree) -> Faults | None:
        faults: Faults | None = None
        for name in mandatory:
            if name not in node:
                faults = (faults or []) + _missing(name, node)
        if is_element and len(node) == 1 and "id" in node:
            faults = (faults or []) + shape("an element has more than an id (ele-1)")
        for more in checks:
            found = more(node)
            if found is not None:
                faults = (faults or []) + found
        return faults or None

    return judge


def _missing(name: str, node: Tree) -> Faults:
    """A mandatory element that is not there, not even by an extension that says why."""
    if has_extension(node.get(f"_{name}")):
        return []
    return [Fault("required", f"{name} is missing", path=f".{name}")]


def _checks(definition: Definition) -> Iterator[Check]:
    if definition.name == "Extension":
        yield _ext_1
    if definition.choices:
        yield _one_of_each_choice(definition)
    for key, holds, text in INVARIANTS.get(definition.name, ()):
        yield _invariant(key, holds, text)


def _one_of_each_choice(definition: Definition) -> Check:
    stem_of = {name: stem for stem, names in definition.choices.items() for name in names}
    stem_of |= {f"_{name}": stem for name, stem in stem_of.items()}
    needed = frozenset(element.choice for element in definition.elements.values() if element.min and element.choice)
    single = len(needed) <= 1 and needed in (frozenset(), frozenset(stem_of.values()))

    def judge(node: Tree) -> Faults | None:
        names = [name for name in node if name in stem_of]
        if len(names) == 1 and single:
            return None
        return _choice_faults(names, stem_of, needed) if names or needed else None

    return judge


def _choice_faults(names: list[str], stem_of: dict[str, str], needed: frozenset[str]) -> Faults | None:
    found = [stem_of[name] for name in {name.lstrip("_") for name in names}]
    twice = sorted({stem for stem in found if found.count(stem) > 1})
    faults = [Fault("structure", f"only one {stem}[x] is allowed", path=f".{stem}[x]") for stem in twice]
    absent = sorted(needed.difference(found))
    return faults + [Fault("required", f"{stem}[x] is missing", path=f".{stem}[x]") for stem in absent] or None


def _ext_1(node: Tree) -> Faults | None:
    if len(node) == 2 and "url" in node and "id" not in node and "_url" not in node:  # noqa: PLR2004 - url and one more
        return None
    has_value = any(name[:5] == "value" or name[:6] == "_value" for name in node)
    if has_value == ("extension" in node):
        return shape("an extension has either a value or extensions (ext-1)")
    return None


def _invariant(key: str, holds: Predicate, text: str) -> Check:
    def judge(node: Tree) -> Faults | None:
        return None if holds(node) else meaning(f"{text} ({key})")

    return judge
