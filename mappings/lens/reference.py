"""References: their syntax, and whether they point to a type the element allows.

Source: FHIR R4 references.html (literal, logical, contained; ref-1), http.html#trules for conditional ones.
"""

import re
from typing import Any, Final

from mappings import definitions
from mappings.lens.document import Json
from mappings.lens.fault import Faults, Rule, Scope, meaning, shape
from mappings.lens.primitives import string

Targets = frozenset[str]

_PROFILE: Final = "http://hl7.org/fhir/StructureDefinition/"
_ID: Final = r"[A-Za-z0-9.\-]{1,64}"
_TAIL: Final = rf"([A-Z][A-Za-z]+)/{_ID}(?:/_history/{_ID})?(?:#\S*)?"
_relative: Final = re.compile(_TAIL).fullmatch
_rest: Final = re.compile(rf"https?://[^\s/?#]+(?:/[^\s?#]*)?/{_TAIL}").fullmatch
_absolute: Final = re.compile(r"https?://[^\s/?#]\S*").fullmatch
# published examples fill a urn:uuid with letters that are no hexadecimal digits: kept, since it is never looked up
_urn: Final = re.compile(
    r"urn:uuid:[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}|urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+"
).fullmatch
_conditional: Final = re.compile(r"([A-Z][A-Za-z]+)\?\S+").fullmatch
_SYNTAX: Final = (
    "a reference is Type/id, an http(s), urn:uuid or urn:oid address, or # and the id of a contained resource"
)
_CONTENT: Final = ("reference", "identifier", "display", "extension", "_reference", "_display")


def rule(targets: tuple[str, ...], element: Rule) -> Rule:
    """A judge of references to `targets`; `element` judges the object itself."""
    known = definitions.resource_types()
    allowed = frozenset(targets) if targets and "Resource" not in targets else known

    def judge(node: Json, scope: Scope) -> Faults | None:
        if type(node) is dict and type(text := node.get("reference")) is str and _only_named(node, scope):
            match = _relative(text)
            if match is not None and match[1] in allowed:
                scope.named.append(text)
                return None
        faults = element(node, scope) or []
        if type(node) is dict and node:
            faults = faults + _faults(node, allowed, scope)
        return faults or None

    return judge


def _only_named(node: dict[str, Any], scope: Scope) -> bool:
    """True for the usual reference: nothing beside the address but a display that is in order."""
    if len(node) == 1:
        return True
    return len(node) == 2 and "display" in node and string(node["display"], scope) is None  # noqa: PLR2004 - and a display


def _faults(node: dict[str, Any], allowed: Targets, scope: Scope) -> Faults:
    """What is wrong beyond the types of the elements."""
    if not any(name in node for name in _CONTENT):
        return shape("a Reference has a reference, an identifier or a display", "required")
    named = _named_type(node.get("type"))
    faults = _literal(node.get("reference"), allowed, named, scope)
    if named and named not in allowed:
        faults += [fault.under(".type") for fault in meaning(_wrong_target(named, allowed), "value")]
    return faults


def _named_type(value: Json) -> str:
    """The resource type that `Reference.type` names, empty when it names none."""
    name = value.removeprefix(_PROFILE) if type(value) is str else ""
    return name if name in definitions.resource_types() else ""


def _literal(text: Json, allowed: Targets, named: str, scope: Scope) -> Faults:
    if type(text) is not str or not text.strip() or text == "#":
        return []
    faults = _contained(text, allowed, named, scope) if text[0] == "#" else _address(text, allowed, named, scope)
    return [fault.under(".reference") for fault in faults]


def _contained(text: str, allowed: Targets, named: str, scope: Scope) -> Faults:
    found = scope.contained.get(text[1:])
    if found is None:
        return meaning("there is no contained resource with this id (ref-1)")
    return _target(found, allowed, named)


def _address(text: str, allowed: Targets, named: str, scope: Scope) -> Faults:
    match = _relative(text)
    if match is not None:
        scope.named.append(text)
    elif scope.conditional:
        match = _conditional(text)
    if match is None:
        match = _rest(text)
        if match is None or match[1] not in definitions.resource_types():
            return [] if _absolute(text) or _urn(text) else shape(_SYNTAX, "value")
    if match[1] not in definitions.resource_types():
        return meaning("the reference names no resource type of R4", "value")
    return _target(match[1], allowed, named)


def _target(found: str, allowed: Targets, named: str) -> Faults:
    if found not in allowed:
        return meaning(_wrong_target(found, allowed), "value")
    if named and named != found:
        return meaning(f"the reference is to {found}, its type says {named}", "value")
    return []


def _wrong_target(found: str, allowed: Targets) -> str:
    return f"a reference to {found} is not allowed here, only to {', '.join(sorted(allowed))}"
