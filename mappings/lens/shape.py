"""The shape judge: whether a tree is a resource as R4 4.0.1 defines it.

One walk over the tree, driven by the definitions, finds every fault with its path. Each type is compiled at its
first use into a dictionary of small functions, one an element.

Source: FHIR R4 json.html, conformance-rules.html, datatypes.html, domainresource.html (dom-2, dom-4, dom-5),
extensibility.html (ext-1), element.html (ele-1); the definitions of 4.0.1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final, NoReturn

from mappings import definitions
from mappings.definitions import Definition, Element
from mappings.lens import primitives, reference, whole
from mappings.lens.document import Json, Tree
from mappings.lens.errors import BadRequest, Unprocessable
from mappings.lens.fault import LIMIT, Fault, Faults, Rule, Scope, kind, meaning, shape, step
from mappings.lens.narrative import narrative

_LISTED: Final = 24
_SIMPLE: Final = "SimpleQuantity"


def judge(
    tree: Tree, *, expected_type: str | None = None, conditional: bool = False, entries: bool = True
) -> tuple[str, ...]:
    """Accept a resource, or raise with all its faults, the first 50.

    expected_type: what the address says it is. conditional: allow references such as `Patient?identifier=x`, as
    transactions do. entries: False leaves the resources inside a Bundle or Parameters to the caller.

    Returns the relative references in it, such as `Patient/1`, for the caller to look up.
    Raises BadRequest when the shape is wrong, Unprocessable when only the meaning is.
    """
    scope = Scope(conditional=conditional, entries=entries)
    faults = _resource(tree, scope, expected_type)
    if faults:
        _refuse(faults, tree)
    return tuple(scope.named)


def _refuse(faults: Faults, tree: Tree) -> NoReturn:
    name = tree.get("resourceType")
    root = name if type(name) is str and name in definitions.resource_types() else "Resource"
    only_meaning = all(fault.meaning for fault in faults)
    shape_first = sorted(faults, key=lambda fault: fault.meaning)
    issues = [fault.issue(root) for fault in shape_first[:LIMIT]]
    raise (Unprocessable if only_meaning else BadRequest)(issues)


# resources


def _resource(node: Json, scope: Scope, expected_type: str | None = None) -> Faults | None:
    """A resource that stands for itself, with its own contained resources."""
    name = _type_of(node)
    if not isinstance(name, str):
        return name
    if expected_type is not None and name != expected_type:
        return [Fault("structure", f"a {expected_type} is expected, not a {name}", path=".resourceType")]
    if "contained" in node:
        contained = _contained_types(node["contained"])
        scope = replace(scope, contained=contained)
    elif scope.contained:
        scope = replace(scope, contained={})
    return _object(name)(node, scope)


def _type_of(node: Json) -> str | Faults:
    """The resource type, or what is wrong with it."""
    if type(node) is not dict:
        return shape(f"a resource is an object, not {kind(node)}")
    name = node.get("resourceType")
    if type(name) is str and name in definitions.resource_types():
        return name
    if name is None:
        return [Fault("required", "resourceType is missing", path=".resourceType")]
    return [Fault("structure", "there is no such resource type in R4", path=".resourceType")]


def _inner(node: Json, scope: Scope) -> Faults | None:
    """The resource of a Bundle entry or a parameter."""
    if scope.entries:
        return _resource(node, scope)
    name = _type_of(node)
    return None if isinstance(name, str) else name


def _contained(node: Json, scope: Scope) -> Faults | None:
    """A contained resource: it has an id, contains nothing and has no version of its own."""
    name = _type_of(node)
    if not isinstance(name, str):
        return name
    faults = (_object(name)(node, scope) or []) + list(_contained_faults(node))
    return faults or None


def _contained_faults(node: Tree) -> Iterator[Fault]:
    if "id" not in node:
        yield Fault("required", "a contained resource has an id", path=".id")
    if "contained" in node:
        yield Fault("invariant", "a contained resource contains no other (dom-2)", meaning=True, path=".contained")
    meta = node.get("meta")
    for name, key in (("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")):
        if type(meta) is dict and name in meta:
            text = f"a contained resource has no {name} ({key})"
            yield Fault("invariant", text, meaning=True, path=f".meta.{name}")


def _contained_types(contained: Json) -> dict[str, str]:
    """Resource type by id, of whatever is in order; the rest is refused where it stands."""
    return {
        node["id"]: node["resourceType"]
        for node in (contained if type(contained) is list else ())
        if type(node) is dict and type(node.get("id")) is str and type(node.get("resourceType")) is str
    }


def _distinct_ids(contained: Json) -> bool:
    if type(contained) is not list:
        return True
    ids = [node["id"] for node in contained if type(node) is dict and type(node.get("id")) is str]
    return len(ids) == len(set(ids))


# objects


@dataclass(frozen=True, slots=True)
class _Sibling:
    """What stands beside a primitive under its name with an underscore. one: judges one value of that primitive."""

    one: Rule
    repeats: bool


@dataclass(frozen=True, slots=True)
class _Table:
    """One type, compiled. rules: by JSON name. siblings: by JSON name with the underscore."""

    rules: dict[str, Rule] = field(default_factory=dict)
    siblings: dict[str, _Sibling] = field(default_factory=dict)


@cache
def _object(type_name: str) -> Rule:
    """The judge of one type. Its table is filled at first use, since types refer to each other in circles."""
    table = _Table()
    rules = table.rules
    rule_of = rules.get
    as_a_whole = whole.check(_definition(type_name))

    def judge_object(node: Json, scope: Scope) -> Faults | None:
        if type(node) is not dict or not node:
            return shape(_why_no_object(node))
        if not rules:
            _fill(table, type_name)
        faults: Faults | None = None
        for name, value in node.items():
            rule = rule_of(name)
            found = _unlisted(name, node, table, scope) if rule is None else rule(value, scope)
            if found is not None:
                faults = (faults or []) + _under(name, _unless_filled(name, node, table, scope, found))
                if len(faults) >= LIMIT:
                    return faults
        found = as_a_whole(node)
        return faults or found if found is None or faults is None else faults + found

    return judge_object


def _definition(type_name: str) -> Definition:
    return definitions.definition("Quantity" if type_name == _SIMPLE else type_name)


def _why_no_object(node: Json) -> str:
    if type(node) is list:
        return "a single object is expected, not an array"
    return "an object must not be empty" if type(node) is dict else f"an object is expected, not {kind(node)}"


def _under(name: str, faults: Faults) -> Faults:
    return [fault.under(step(name)) for fault in faults]


# names with an underscore: the id and extensions of a primitive


def _unlisted(name: str, node: Tree, table: _Table, scope: Scope) -> Faults | None:
    """A name that is no element: extensions of a primitive, or unknown."""
    sibling = table.siblings.get(name)
    if sibling is None:
        return shape(f"{step(name)[1:]} is not an element of this type")
    if not sibling.repeats:
        return _extras(node[name], scope, alone=name[1:] not in node)
    return _extras_array(node[name], node.get(name[1:]), scope)


def _extras_array(extras: Json, values: Json, scope: Scope) -> Faults | None:
    """An array in step with the array of values; null stands for none; nulls at the end may lack or be too many."""
    if type(extras) is not list or all(extra is None for extra in extras):
        return shape("an array as long as that of the values is expected")
    values = values if type(values) is list else [None] * len(extras)
    if any(extra is not None for extra in extras[len(values) :]):
        return shape("this array is as long as that of the values")
    found = [_position(value, extra, scope) for value, extra in zip(values, extras, strict=False)]
    return [fault.under(f"[{i}]") for i, faults in enumerate(found) for fault in faults or ()] or None


def _position(value: Json, extras: Json, scope: Scope) -> Faults | None:
    if extras is not None:
        return _extras(extras, scope, alone=value is None)
    return shape("there is neither a value nor an extension here") if value is None else None


def _extras(node: Json, scope: Scope, *, alone: bool) -> Faults | None:
    """The id and extensions of one primitive; `alone` when it has no value."""
    if alone and type(node) is dict and node and "extension" not in node:
        return shape("there is neither a value nor an extension here")
    if type(node) is dict and node.keys() == {"id"}:
        faults = primitives.string(node["id"], scope)
        return faults and _under("id", faults)
    return _object("Element")(node, scope)


def _unless_filled(name: str, node: Tree, table: _Table, scope: Scope, found: Faults) -> Faults:
    """Faults of an array of primitives, without those of a null in whose place an extension stands."""
    values, extras, sibling = node[name], node.get(f"_{name}"), table.siblings.get(f"_{name}")
    if sibling is None or not sibling.repeats or type(values) is not list or type(extras) is not list:
        return found
    filled = {i for i, (value, extra) in enumerate(zip(values, extras, strict=False)) if value is None and extra}
    judged = ((i, sibling.one(value, scope)) for i, value in enumerate(values) if i not in filled)
    return [fault.under(f"[{i}]") for i, faults in judged for fault in faults or ()]


# the table of one type


def _fill(table: _Table, type_name: str) -> None:
    """A judge for each element of a type."""
    definition = _definition(type_name)
    rules = {element.name: _rule(element, definition) for element in definition.elements.values()}
    if definition.kind == "resource":
        rules["resourceType"] = _judged_already
    if "contained" in rules:
        rules["contained"] = _distinct(rules["contained"])
    if type_name == _SIMPLE:
        rules["comparator"] = _no_comparator
    for element in definition.elements.values():
        if element.types[0] in definitions.primitives() and not _is_attribute(element, definition):
            table.siblings[f"_{element.name}"] = _Sibling(_primitive(element, definition), element.repeats)
    table.rules.update(rules)  # last: a table with rules is ready for other threads


def _is_attribute(element: Element, owner: Definition) -> bool:
    """True for the id of an element and the url of an extension: attributes in XML, so they carry no extensions."""
    return owner.kind != "resource" and (element.name == "id" or (owner.name, element.name) == ("Extension", "url"))


def _judged_already(_: Json, __: Scope) -> Faults | None:
    return None


def _no_comparator(_: Json, __: Scope) -> Faults | None:
    return meaning("a comparator is not allowed here (sqty-1)")


def _rule(element: Element, owner: Definition) -> Rule:
    is_primitive = element.types[0] in definitions.primitives()
    one = _primitive(element, owner) if is_primitive else _complex(element)
    return _many(one) if element.repeats else one


def _primitive(element: Element, owner: Definition) -> Rule:
    code = element.types[0]
    if code == "xhtml":
        return narrative
    if element.value_set == "mimetypes":
        return primitives.mime_type
    if element.name == "language" and owner.kind == "resource":
        return primitives.LANGUAGE
    systems = definitions.codes(element.value_set)
    if systems is None:
        return primitives.RULES[code]
    allowed = frozenset(member for members in systems.values() for member in members)
    return primitives.one_of(allowed, _not_allowed(element, allowed))


def _not_allowed(element: Element, allowed: frozenset[str]) -> str:
    """Names what a closed list allows: its codes, or the list when they are many."""
    if len(allowed) > _LISTED:
        return f"the code is not in the value set {element.value_set}"
    return f"the code is not one of {', '.join(sorted(allowed))}"


def _complex(element: Element) -> Rule:
    code = element.types[0]
    if code == "Reference":
        return reference.rule(element.targets, _object(code))
    if code == "Resource":
        return _contained if element.name == "contained" else _inner
    if code == "Quantity" and not element.comparator:
        return _object(_SIMPLE)
    systems = definitions.codes(element.value_set)
    return _object(code) if systems is None else _bound(_object(code), element, systems)


def _bound(concept: Rule, element: Element, systems: Mapping[str, tuple[str, ...]]) -> Rule:
    """A CodeableConcept with a coding out of a closed list."""
    allowed = {(system, code) for system, codes in systems.items() for code in codes}
    text = f"{_not_allowed(element, frozenset(code for _, code in allowed))} of {', '.join(systems)}"

    def judge_concept(node: Json, scope: Scope) -> Faults | None:
        faults = concept(node, scope)
        if faults is not None:
            return faults
        codings = ((coding.get("system"), coding.get("code")) for coding in node.get("coding", ()))
        good = any(pair in allowed for pair in codings) or ("coding" not in node and "extension" in node)
        return None if good else meaning(text, "code-invalid")

    return judge_concept


def _many(one: Rule) -> Rule:
    """An array of what `one` judges."""

    def judge_array(value: Json, scope: Scope) -> Faults | None:
        if type(value) is not list or not value:
            return shape("an array must not be empty" if value == [] else f"an array is expected, not {kind(value)}")
        faults: Faults | None = None
        for position, each in enumerate(value):
            found = one(each, scope)
            if found is not None:
                faults = (faults or []) + [fault.under(f"[{position}]") for fault in found]
                if len(faults) >= LIMIT:
                    break
        return faults

    return judge_array


def _distinct(many: Rule) -> Rule:
    """The array of contained resources, each with an id of its own."""

    def judge_contained(value: Json, scope: Scope) -> Faults | None:
        faults = many(value, scope)
        if _distinct_ids(value):
            return faults
        return (faults or []) + meaning("each contained resource has an id of its own", "duplicate")

    return judge_contained
