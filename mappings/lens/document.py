"""Exact JSON: what was sent is what is kept, token for token.

Numbers stay the sender's text (`105.00`, `1E3`, 17 digits), keys keep their order. Refused, naming the
place: duplicate keys, NaN and infinities, lone surrogates, NUL, nesting over 64, numbers beyond sane size.

Source: FHIR R4 json.html; RFC 8259; measured traps of JSON parsers in docs/adr/0002.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import jiter
import msgspec

from mappings.lens.errors import BadRequest, Issue

Json = Any  # dict[str, Json] | list[Json] | str | bool | None | int | LosslessFloat
Tree = dict[str, Any]

MAX_DEPTH: Final = 64
MAX_NUMBER: Final = 40
MAX_EXPONENT: Final = 64
_CONTAINERS: Final = (dict, list)
_MINUS_ZERO: Final = re.compile(rb"-0(?<=[:,\[\s]-0)(?![.\deE])")  # literal first: quick to search


def parse(data: bytes) -> Tree:
    """The JSON object in `data`.

    Raises BadRequest naming line and column, or the element, of the first fault.
    """
    try:
        parsed: Json = jiter.from_json(
            data, float_mode="lossless-float", catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys"
        )
    except ValueError as error:
        raise BadRequest(Issue("structure", f"not valid JSON: {error}")) from error
    if type(parsed) is not dict:
        raise BadRequest(Issue("structure", "a JSON object is expected"))
    tree: Tree = _with_minus_zero(data) if _MINUS_ZERO.search(data) else parsed
    _refuse_what_json_allows(tree, data)
    return tree


def encode(tree: Json) -> bytes:
    """Compact UTF-8 JSON of a tree, number text and key order as they came."""
    return _ENCODER.encode(tree)


def decimal_of(number: Json) -> Decimal:
    """The exact value of a number node."""
    return Decimal(bytes(number).decode()) if isinstance(number, jiter.LosslessFloat) else Decimal(number)


def is_number(node: Json) -> bool:
    """True for a number node; a JSON boolean is none."""
    kind = type(node)
    return kind is int or kind is jiter.LosslessFloat


def _raw_number(node: object) -> msgspec.Raw:
    if isinstance(node, jiter.LosslessFloat):
        return msgspec.Raw(bytes(node))
    raise TypeError(f"{type(node).__name__} is no JSON value")


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_raw_number)


def _with_minus_zero(data: bytes) -> Tree:
    """The rare document with an integer `-0`, whose sign the fast parser drops."""
    tree: Tree = json.loads(data, parse_int=_whole, parse_float=_fraction)
    return tree


def _whole(text: str) -> Json:
    return _fraction(text) if text == "-0" else int(text)


def _fraction(text: str) -> Json:
    return jiter.LosslessFloat(text.encode())


def _refuse_what_json_allows(tree: Tree, data: bytes) -> None:
    if b"\\u0000" in data:
        _refuse_nul(tree)
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH:  # fewer brackets cannot nest that deep
        _refuse_depth(tree)


def _refuse_depth(tree: Tree) -> None:
    level: list[Json] = [tree]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return
    place = next(path for path, node, depth in walk(tree) if depth > MAX_DEPTH)
    raise BadRequest(Issue("too-costly", f"nested deeper than {MAX_DEPTH} levels", place))


def _refuse_nul(tree: Tree) -> None:
    for path, node, _ in walk(tree):
        if type(node) is str and "\x00" in node:
            raise BadRequest(Issue("value", "a NUL character is not allowed", path))
        if type(node) is dict and any("\x00" in key for key in node):
            raise BadRequest(Issue("value", "a NUL character is not allowed in a name", path))


def walk(node: Json, path: str = "", depth: int = 1) -> Iterator[tuple[str, Json, int]]:
    """Every node under `node` with its element path and depth, parents first."""
    yield path, node, depth
    if type(node) is dict:
        for key, child in node.items():
            yield from walk(child, f"{path}.{key}" if path else key, depth + 1)
    elif type(node) is list:
        for position, child in enumerate(node):
            yield from walk(child, f"{path}[{position}]", depth + 1)


def sane_number(node: Json) -> bool:
    """False for a number too long or too large to be a quantity anybody means."""
    if not isinstance(node, jiter.LosslessFloat):
        return -(10**MAX_NUMBER) < node < 10**MAX_NUMBER and len(str(node)) <= MAX_NUMBER
    text = bytes(node).decode()
    if len(text) > MAX_NUMBER:
        return False
    _, _, exponent = text.lower().partition("e")
    return not exponent or abs(int(exponent)) <= MAX_EXPONENT
