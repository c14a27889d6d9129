"""Records of every mapping, and the foreign things a resource may carry beside them, for Hypothesis.

A record's strategy follows from its mapping: the lens of a field says which values it takes, R4's definition of
the element says which must be there, which exclude each other and which text is allowed.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, get_args, get_origin, get_type_hints

import jiter
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mappings import definitions
from mappings.definitions import Element
from mappings.lens import document
from mappings.lens.document import Json, Tree
from mappings.lens.lens import (
    Code,
    Coded,
    Concept,
    Each,
    Inside,
    Leaf,
    NhsNumber,
    Reference,
    Rows,
    Shape,
    SystemCode,
    placed,
)
from mappings.lens.mapping import Mapping
from mappings.nhs_number import with_check_digit

Values = dict[str, Any]
Strategy = SearchStrategy[Any]

IDS: Final = st.from_regex(r"[A-Za-z0-9\-.]{1,12}", fullmatch=True)
CODES: Final = st.from_regex(r"[a-z]{1,6}(-[a-z0-9]{1,4})?", fullmatch=True)
ADDRESSES: Final = IDS.map("https://elsewhere.example/{}".format)
WORDS: Final = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
TEXTS: Final[dict[str, Strategy]] = {
    "code": CODES,
    "id": IDS,
    "uri": ADDRESSES,
    "url": ADDRESSES,
    "canonical": ADDRESSES,
    "mimetypes": st.sampled_from(["application/pdf", "text/csv", "image/png"]),
    "xhtml": CODES.map('<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'.format),
    "base64Binary": st.binary(min_size=1, max_size=9).map(lambda data: base64.b64encode(data).decode()),
}
WHOLE: Final = {"positiveInt": 1, "unsignedInt": 0, "integer": -(2**31)}
NHS_NUMBERS: Final = st.integers(0, 99_999).map(lambda n: with_check_digit(f"9990{n:05d}")).filter(bool)
PLAIN: Final[dict[Any, Strategy]] = {
    bool: st.booleans(),
    int: st.integers(-(10**9), 10**12),
    date: st.dates(date(1, 1, 1), date(9999, 12, 31)),
    datetime: st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    Decimal: st.decimals(-(10**9), 10**9, allow_nan=False, places=4),
}


_MADE: Final[dict[str, Strategy]] = {}


def records(mapping: Mapping[Any]) -> Strategy:
    """Records of a mapping, each of which has a valid FHIR form but for the invariants between elements."""
    if mapping.kind not in _MADE:
        _MADE[mapping.kind] = _records(mapping.record, mapping.shape, mapping.resource_type)
    return _MADE[mapping.kind]


def _records(record: type[Any], shape: Shape, base: str) -> Strategy:
    found = {lens.field: (path, lens) for path, lens in placed(shape, base) if isinstance(lens, Leaf | Rows)}
    hints = get_type_hints(record)
    needed = set(_needed(base, {name: path for name, (path, _) in found.items()}))
    values = {name: _values(lens, path, hints[name], name in needed) for name, (path, lens) in found.items()}
    tidy = _tidier({name: path for name, (path, _) in found.items()})
    return st.tuples(st.fixed_dictionaries(values), st.integers(0, 5)).map(lambda drawn: record(**tidy(*drawn)))


def _values(lens: Leaf | Rows, path: str, hint: Any, needed: bool) -> Strategy:  # noqa: FBT001
    if isinstance(lens, Rows):
        rows = _records(lens.row, lens.shape, path).filter(_says_something)
        return st.lists(rows, min_size=int(needed), max_size=2).map(tuple)
    if isinstance(lens, Each):
        item = _one(lens.item, path, get_args(hint)[0])
        return st.lists(item, min_size=int(needed), max_size=2).map(tuple)
    optional = type(None) in get_args(hint) and not needed
    one = _one(lens, path, hint)
    return st.none() | one if optional else one


def _one(lens: Leaf, path: str, hint: Any) -> Strategy:
    if isinstance(lens, Inside):
        return _one(lens.inner, f"{path}.{lens.name}", hint)
    if isinstance(lens, Code | Concept | Coded):
        return st.sampled_from(list(lens.list))
    if isinstance(lens, SystemCode):
        return st.sampled_from(lens.list) if lens.list else CODES
    if isinstance(lens, NhsNumber):
        return NHS_NUMBERS
    if isinstance(lens, Reference):
        return _references(lens.to)
    return _plain(path, hint)


def _plain(path: str, hint: Any) -> Strategy:
    plain = next((one for one in get_args(hint) if one is not type(None)), hint) if get_origin(hint) else hint
    plain = next((one for one in get_args(plain) if one is not type(None)), plain)
    element = [one for _, one in steps(path)][-1]
    code = element.types[0]
    if plain is str:
        return TEXTS.get(element.value_set, TEXTS.get(code, WORDS))
    return st.integers(WHOLE[code], 2**31 - 1) if code in WHOLE else PLAIN[plain]


def _references(to: tuple[str, ...]) -> Strategy:
    local = IDS if len(to) == 1 else st.builds("{}/{}".format, st.sampled_from(to), IDS)
    absolute = st.builds("https://elsewhere.example/{}/{}".format, st.sampled_from(to), IDS)
    return local | absolute | IDS.map("https://elsewhere.example/numbers|{}".format)


def _says_something(row: Any) -> bool:
    return any(getattr(row, one.name) not in {None, ()} for one in fields(row))


# --- what R4 says of the elements -------------------------------------------------------------------


def steps(path: str) -> Iterator[tuple[str, Element]]:
    """Each element on the way of a lens path, with the path that leads to it; choices under their stem."""
    type_name, *names = path.split(".")
    at = type_name
    for name in names:
        element = definitions.element(type_name, name.partition("~")[0])
        assert element is not None, f"{path} is no path of R4"
        yield f"{at}.{element.choice or name}", element
        at, type_name = f"{at}.{name}", element.types[0]


def _below(base: str, path: str) -> Iterator[tuple[str, Element]]:
    """The elements of a lens path that lie below the record's or the row's own element."""
    return (step for at, step in enumerate(steps(path)) if at >= base.count("."))


def _needed(base: str, paths: dict[str, str]) -> Iterator[str]:
    """One field for each element that R4 demands."""
    seen: set[str] = set()
    for name, path in paths.items():
        demanded = {at for at, element in _below(base, path) if element.min}
        if demanded - seen:
            yield name
        seen |= demanded


def _tidier(paths: dict[str, str]) -> Callable[[Values, int], Values]:
    """Makes values agree with each other: one of each choice, periods that do not end before they start."""
    choices: dict[str, dict[str, list[str]]] = {}
    periods: dict[str, dict[str, str]] = {}
    for name, path in paths.items():
        for at, element in steps(path):
            if element.choice:
                choices.setdefault(at, {}).setdefault(element.name, []).append(name)
        head, _, last = path.rpartition(".")
        if last in {"start", "end"}:
            periods.setdefault(head, {})[last] = name

    def tidy(values: Values, turn: int) -> Values:
        for names in choices.values():
            _keep_one(values, names, turn)
        for ends in periods.values():
            _order(values, ends)
        return values

    return tidy


def _keep_one(values: Values, names: dict[str, list[str]], turn: int) -> None:
    given = [one for one, its in names.items() if any(values[name] not in {None, ()} for name in its)]
    kept = given[turn % len(given)] if given else ""
    for one in given:
        for name in names[one] if one != kept else ():
            values[name] = () if isinstance(values[name], tuple) else None


def _order(values: Values, ends: dict[str, str]) -> None:
    if len(ends) == 2 and None not in (pair := [values[ends["start"]], values[ends["end"]]]):
        values[ends["start"]], values[ends["end"]] = sorted(pair)


# --- what others put beside a record ----------------------------------------------------------------

EXTENSION: Final = {"url": "https://elsewhere.example/kept", "valueDecimal": jiter.LosslessFloat(b"105.00")}
CODING: Final = {"system": "https://elsewhere.example/codes", "code": "kept", "userSelected": True}
NARRATIVE: Final = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">kept</div>'}
CONTAINED: Final = {"resourceType": "Organization", "id": "kept", "name": "Kept"}
BESIDE: Final = {"language": "en-GB", "text": NARRATIVE, "contained": [CONTAINED]}
NOT_PRIMITIVES: Final = {"resourceType", "id", "url", "div"}
Act = Callable[[], None]


@st.composite
def decorated(draw: DrawFn, tree: Tree) -> Tree:
    """`tree` with things in it that no lens names; what it had stays as it is, in the same order."""
    copy = document.parse(document.encode(tree))
    acts = [*_beside(copy), *_acts(copy, within_extension=False)]
    for at in draw(st.lists(st.sampled_from(range(len(acts))), max_size=6, unique=True)):
        acts[at]()
    return copy


def _beside(root: Tree) -> Iterator[Act]:
    yield from (lambda name=name, value=value: root.setdefault(name, value) for name, value in BESIDE.items())


def _acts(node: Json, *, within_extension: bool) -> Iterator[Act]:
    if type(node) is list:
        for item in node:
            yield from _acts(item, within_extension=within_extension)
    if type(node) is not dict:
        return
    if not within_extension or "extension" in node:
        yield lambda: node.__setitem__("extension", [*node.get("extension", []), EXTENSION])
    if "coding" in node:
        yield lambda: node["coding"].append(CODING)
    for name, child in tuple(node.items()):
        if name not in NOT_PRIMITIVES and (sibling := _sibling(child)) is not None:
            yield lambda name=name, sibling=sibling: node.__setitem__(f"_{name}", sibling)  # type: ignore[misc]
        yield from _acts(child, within_extension=name == "extension")


def _sibling(child: Json) -> Json:
    """What may stand under `_name` beside a primitive or an array of them; None for anything else."""
    if type(child) is list:
        plain = all(type(item) not in {dict, list} for item in child)
        return [{"extension": [EXTENSION]}, *([None] * (len(child) - 1))] if plain else None
    return None if type(child) is dict else {"extension": [EXTENSION]}
