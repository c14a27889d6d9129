"""A Query is a value: the parsed form of a search, of a person's own rows, of a scope filter, of a permit.

`parse` makes one from parameters, `matches` says what it means, the store's SQL says it faster; a law keeps
the two equal.

Source: FHIR R4 search.html (parameter types, prefixes, modifiers, chaining).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.mapping import ResourceType
from mappings.lens.search import KEPT, SearchParam, Value, folded, implied, span

MAX_ALTERNATIVES: Final = 500
MAX_RANGES: Final = 100
MAX_VALUE: Final = 2048
_ESCAPE: Final = re.compile(r"\\([,|$\\])")
PREFIXES: Final = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
MODIFIERS: Final[dict[str, tuple[str, ...]]] = {
    "token": ("not", "missing"),
    "string": ("exact", "contains", "missing"),
    "reference": ("identifier", "missing"),
    "date": ("missing",),
    "uri": ("missing", "below"),
}
Registry = Mapping[str, ResourceType]


@dataclass(frozen=True, slots=True)
class Operand:
    """One alternative of a test: what `Value` holds, a date prefix, and whether a token's system is asked for."""

    text: str = ""
    system: str | None = None
    prefix: str = "eq"
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Test:
    """`param[:modifier]=operand,operand`: true when any operand fits any value."""

    param: SearchParam
    modifier: str
    operands: tuple[Operand, ...]
    __test__ = False


@dataclass(frozen=True, slots=True)
class Chain:
    """`param:target.inner`: true when a referenced resource of type `target` passes `inner`."""

    param: SearchParam
    target: str
    inner: "Clause"


@dataclass(frozen=True, slots=True)
class Has:
    """`_has:source:param:inner`: true when a resource of type `source` refers here and passes `inner`."""

    source: str
    param: SearchParam
    inner: "Clause"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one of the alternatives is; with none, false."""

    alternatives: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every clause is; with none, true."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A condition that a store alone can judge: it is about more than the resource says of itself."""


Clause = Test | Chain | Has | AnyOf | AllOf | Opaque
EVERYTHING: Final = AllOf(())
NOTHING: Final = AnyOf(())


@dataclass(frozen=True, slots=True)
class Query:
    """Which resources of one type: those for which `where` is true."""

    resource_type: str
    where: Clause = EVERYTHING


# --- parsing ----------------------------------------------------------------------------------------


def parse_clause(registry: Registry, resource_type: str, name: str, text: str) -> Clause:
    """The clause of one parameter. Raises BadRequest naming what is allowed."""
    if name.startswith("_has:"):
        return _parse_has(registry, resource_type, name, text)
    head, dot, rest = name.partition(".")
    base, _, modifier = head.partition(":")
    param = param_of(registry, resource_type, base)
    if dot:
        return _parse_chain(registry, param, modifier, rest, text)
    return Test(param, *_tested(param, modifier, text))


def param_of(registry: Registry, resource_type: str, name: str) -> SearchParam:
    """A declared parameter of a type. Raises BadRequest listing those there are."""
    known = registry[resource_type].params
    if name not in known:
        allowed = ", ".join(sorted(known))
        raise BadRequest(Issue("not-supported", f"{resource_type} has no search parameter {name!r}; it has {allowed}"))
    return known[name]


def _parse_has(registry: Registry, resource_type: str, name: str, text: str) -> Has:
    pieces = name.split(":", 3)
    if len(pieces) != 4 or not pieces[3]:  # noqa: PLR2004
        raise BadRequest("_has is written _has:Type:reference:parameter")
    _, source, link, rest = pieces
    if source not in registry:
        raise BadRequest(Issue("not-supported", f"{source!r} is no type of this gateway"))
    param = param_of(registry, source, link)
    if resource_type not in param.targets:
        raise BadRequest(f"{source}.{link} does not refer to {resource_type}")
    if "." in rest or rest.startswith("_has"):
        raise BadRequest("one level of chaining is supported")
    return Has(source, param, parse_clause(registry, source, rest, text))


def _parse_chain(registry: Registry, param: SearchParam, modifier: str, rest: str, text: str) -> Clause:
    if param.kind != "reference":
        raise BadRequest(f"{param.name} is no reference and cannot be chained")
    if "." in rest or rest.startswith("_has"):
        raise BadRequest("one level of chaining is supported")
    targets = (modifier,) if modifier else tuple(one for one in param.targets if one in registry)
    if modifier and modifier not in param.targets:
        raise BadRequest(f"{param.name} refers to {', '.join(param.targets)}")
    base = rest.partition(":")[0]
    able = tuple(one for one in targets if one in registry and base in registry[one].params)
    if not able:
        raise BadRequest(f"none of {', '.join(targets)} has a search parameter {base!r}")
    chains = tuple(Chain(param, one, parse_clause(registry, one, rest, text)) for one in able)
    return chains[0] if len(chains) == 1 else AnyOf(chains)


def _tested(param: SearchParam, modifier: str, text: str) -> tuple[str, tuple[Operand, ...]]:
    if modifier == "missing":
        if text not in ("true", "false"):
            raise BadRequest(f"{param.name}:missing is true or false")
        return modifier, (Operand(text),)
    if param.kind == "reference" and modifier in param.targets:
        return "", tuple(_typed(param, modifier, unescaped(one)) for one in split_values(text))
    if modifier and modifier not in MODIFIERS[param.kind]:
        allowed = (*MODIFIERS[param.kind], *param.targets)
        raise BadRequest(Issue("not-supported", f"{param.name} takes the modifiers {', '.join(allowed)}"))
    pieces = split_values(text)
    if len(pieces) > MAX_RANGES and param.kind in ("date", "string", "uri"):
        raise BadRequest(Issue("too-costly", f"{param.name} takes at most {MAX_RANGES} values"))
    return modifier, tuple(_operand(param, modifier, one) for one in pieces)


def split_values(text: str) -> list[str]:
    r"""The alternatives of a value, still escaped: parted at commas, `\,` is no such comma.

    Raises BadRequest when one is empty or too long, or there are too many.
    """
    if "\x00" in text:
        raise BadRequest("a NUL character is not allowed")
    pieces = _parted(text, ",")
    if not all(pieces):
        raise BadRequest("a search value is empty")
    if len(pieces) > MAX_ALTERNATIVES or max(map(len, pieces)) > MAX_VALUE:
        bounds = f"at most {MAX_ALTERNATIVES} values of {MAX_VALUE} characters"
        raise BadRequest(Issue("too-costly", f"a parameter takes {bounds}"))
    return pieces


def _parted(text: str, mark: str) -> list[str]:
    """The text parted at every `mark` that no backslash escapes."""
    pieces, escaped = [""], False
    for char in text:
        if char == mark and not escaped:
            pieces.append("")
        else:
            pieces[-1] += char
        escaped = char == "\\" and not escaped
    return pieces


def unescaped(text: str) -> str:
    r"""The text meant by a search value: `\,` is a comma, and so for `|`, `$` and the backslash."""
    return _ESCAPE.sub(r"\1", text)


def _typed(param: SearchParam, target: str, text: str) -> Operand:
    if "/" not in text:
        return Operand(f"{target}/{text}")
    if f"/{target}/" not in f"/{text}":
        raise BadRequest(f"{param.name}:{target} wants a {target}")
    return Operand(text.partition("/_history/")[0])


def _operand(param: SearchParam, modifier: str, escaped: str) -> Operand:
    if param.kind == "token" or modifier == "identifier":
        *systems, code = _parted(escaped, "|")
        return Operand(unescaped(code)[:KEPT], unescaped("|".join(systems))[:KEPT] if systems else None)
    text = unescaped(escaped)
    if param.kind == "date":
        return _date_operand(param, text)
    if param.kind == "string" and not folded(text):
        raise BadRequest("a search value is empty")
    if param.kind == "string":
        return Operand((text if modifier == "exact" else folded(text))[:KEPT])
    if param.kind == "reference":
        return Operand(text.partition("/_history/")[0][:KEPT])
    return Operand(text[:KEPT])


def _date_operand(param: SearchParam, text: str) -> Operand:
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    try:
        low, high = span(rest.replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise BadRequest(Issue("value", f"{param.name} wants a date such as ge2026-04-01")) from error
    return Operand(prefix=prefix, low=low, high=high)


# --- meaning ----------------------------------------------------------------------------------------

Follow = Callable[[str], Tree | None]
Referrers = Callable[[str], Iterable[Tree]]


def matches(clause: Clause, tree: Tree, follow: Follow, referrers: Referrers) -> bool:
    """The pure meaning of a clause for one resource.

    follow: a resource by `Type/id`, or None. referrers: every resource of a type. Raises TypeError for what only a
    store can judge.
    """
    if isinstance(clause, Opaque):
        raise TypeError(f"{type(clause).__name__} says nothing of a resource by itself")
    if isinstance(clause, AllOf):
        return all(matches(one, tree, follow, referrers) for one in clause.clauses)
    if isinstance(clause, AnyOf):
        return any(matches(one, tree, follow, referrers) for one in clause.alternatives)
    if isinstance(clause, Test):
        return passes(clause, tree)
    if isinstance(clause, Chain):
        aims = [value.text for value in clause.param.values(tree) if value.text.startswith(f"{clause.target}/")]
        reached = [found for found in map(follow, aims) if found is not None]
        return any(matches(clause.inner, one, follow, referrers) for one in reached)
    here = f"{tree['resourceType']}/{tree['id']}"
    pointing = (one for one in referrers(clause.source) if here in {v.text for v in clause.param.values(one)})
    return any(matches(clause.inner, one, follow, referrers) for one in pointing)


def passes(test: Test, tree: Tree) -> bool:
    """Whether a resource passes one test."""
    found = list(test.param.identifiers(tree) if test.modifier == "identifier" else test.param.values(tree))
    if test.modifier == "missing":
        return (not found) == (test.operands[0].text == "true")
    hit = any(fits(test, operand, value) for operand in test.operands for value in found)
    return not hit if test.modifier == "not" else hit


def fits(test: Test, operand: Operand, value: Value) -> bool:
    """Whether one value fits one operand."""
    kind = test.param.kind
    if kind == "token" or test.modifier == "identifier":
        same_system = operand.system is None or (
            implied(operand.system) if value.system is None else operand.system == value.system
        )
        return same_system and (operand.text in ("", value.text) if operand.system else operand.text == value.text)
    if kind == "date":
        return date_fits(operand, value)
    if kind == "string":
        return _string_fits(test.modifier, operand, value)
    if kind == "reference":
        return value.text in reference_forms(test.param, operand)
    return value.text.startswith(operand.text) if test.modifier == "below" else value.text == operand.text


def reference_forms(param: SearchParam, operand: Operand) -> Sequence[str]:
    """The stored texts a reference operand may mean: a bare id stands for each target type."""
    if "/" in operand.text or ":" in operand.text:
        return (operand.text,)
    return tuple(f"{target}/{operand.text}" for target in param.targets)


def _string_fits(modifier: str, operand: Operand, value: Value) -> bool:
    if modifier == "exact":
        return value.system == operand.text
    return operand.text in value.text if modifier == "contains" else value.text.startswith(operand.text)


def date_fits(operand: Operand, value: Value) -> bool:
    """FHIR's date comparison on ranges: eq means the value lies within the asked range."""
    low, high, start, end = operand.low, operand.high, value.low, value.high
    return {
        "eq": lambda: low <= start and end <= high,
        "ne": lambda: not (low <= start and end <= high),
        "gt": lambda: end > high,
        "lt": lambda: start < low,
        "ge": lambda: end > high or (low <= start and end <= high),
        "le": lambda: start < low or (low <= start and end <= high),
        "sa": lambda: start > high,
        "eb": lambda: end < low,
        "ap": lambda: start <= high and end >= low,
    }[operand.prefix]()
