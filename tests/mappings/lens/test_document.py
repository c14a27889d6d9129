"""Exact JSON: every token that came is the token that goes, and what cannot be kept is refused."""

import contextlib
import json
from decimal import Decimal
from typing import Any, Final

import jiter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.lens import document
from mappings.lens.errors import BadRequest

NUMBERS: Final = (
    *("105.00", "0.10", "42.256500", "12345678901234567.10", "12345678901234567", "1E3", "1e+3", "1.5E-7", "0"),
    *("-0", "-0.0", "-0e1", "-12.50", "0.30000000000000004", "9007199254740993", "-1"),
)


@pytest.mark.parametrize("text", NUMBERS)
def test_number_text_is_kept(text: str) -> None:
    data = f'{{"a":{text},"b":[{text},{{"c":{text}}}]}}'.encode()
    assert document.encode(document.parse(data)) == data


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_has_its_exact_value(text: str) -> None:
    node: Any = document.parse(f'{{"a":{text}}}'.encode())["a"]
    assert document.is_number(node)
    assert document.decimal_of(node) == Decimal(text)


def test_a_minus_zero_inside_a_string_is_no_number() -> None:
    data = b'{"a":"x, -0","b":[ -0 ],"c":-0}'
    assert document.encode(document.parse(data)) == data.replace(b" -0 ]", b"-0]")


def test_only_numbers_are_numbers() -> None:
    others: list[Any] = [True, False, None, "1", [], {}]
    assert not any(map(document.is_number, others))


def test_key_order_and_nulls_beside_extensions_are_kept() -> None:
    data = b'{"z":1,"a":{"given":[null,"x"],"_given":[{"id":"1"},null]},"m":[]}'
    assert document.encode(document.parse(data)) == data


def test_text_is_kept_as_it_reads() -> None:
    data = '{"a":"2024-01-01T10:00:00.1200+00:00","b":"\\u00e9 é 😀 \\n","c":"\\ud83d\\ude00"}'.encode()
    assert json.loads(document.encode(document.parse(data))) == json.loads(data)


def test_blanks_between_tokens_go() -> None:
    assert document.encode(document.parse(b' { "a" : [ 1 , 2.0 ] } \n')) == b'{"a":[1,2.0]}'


def refusal(data: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        document.parse(data)
    return caught.value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a":1,"a":2}', 'duplicate key "a"'),
        (b'{"b":{"a":1,"a":1}}', 'duplicate key "a"'),
        (b'{"a":-0,"a":1}', 'duplicate key "a"'),
        (b'{"a":NaN}', "line 1 column"),
        (b'{"a":Infinity}', "line 1 column"),
        (b'{"a":-Infinity}', "line 1 column"),
        (b'{"a":"\\ud800"}', "line 1 column"),
        (b'{"a":"\xff"}', "line 1 column"),
        (b'{"a":1,}', "trailing comma"),
        (b'{"a":01}', "line 1 column"),
        (b'{"a":1.}', "line 1 column"),
        (b'{"a":.5}', "line 1 column"),
        (b'{"a":+1}', "line 1 column"),
        (b"{'a':1}", "line 1 column"),
        (b'{"a":1} x', "trailing characters"),
        (b'{"a":"\x01"}', "line 1 column"),
        (b"\xef\xbb\xbf{}", "line 1 column"),
        (b"", "line 1 column"),
        (b"{", "line 1 column"),
        (b"[]", "an object is expected"),
        (b'"text"', "an object is expected"),
        (b"null", "an object is expected"),
        (b'{"a":1' + b"0" * 5000 + b"}", "out of range"),
        (b'{"a":-0,"b":1' + b"0" * 5000 + b"}", "out of range"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "recursion limit"),
    ],
)
def test_what_is_no_exact_json_object_is_refused_naming_the_place(data: bytes, words: str) -> None:
    assert words.replace("an object", "object") in str(refusal(data))


def test_a_nul_is_refused_where_it_is() -> None:
    assert refusal(b'{"a":{"b":["x","\\u0000"]}}').issues[0].expression == "a.b[1]"
    assert "in a name" in str(refusal(b'{"a":{"\\u0000":1}}'))


def test_text_that_only_looks_like_an_escaped_nul_passes() -> None:
    data = b'{"a":"\\\\u0000"}'
    assert document.encode(document.parse(data)) == data


def nested(levels: int) -> bytes:
    """An object with arrays in it, `levels` deep in all."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_nesting_is_bounded() -> None:
    assert document.parse(nested(document.MAX_DEPTH))
    error = refusal(nested(document.MAX_DEPTH + 1))
    assert "nested deeper than 64" in str(error)
    assert error.issues[0].code == "too-costly"
    assert error.issues[0].expression == "a" + "[0]" * 63


@pytest.mark.parametrize(
    ("text", "sane"),
    [
        ("1", True),
        ("9" * 40, True),
        ("9" * 41, False),
        ("-" + "9" * 39, True),
        ("0." + "1" * 38, True),
        ("0." + "1" * 39, False),
        ("1e64", True),
        ("1E-64", True),
        ("1e65", False),
        ("1e-999999999", False),
        ("1e400", False),
    ],
)
def test_a_number_nobody_means_is_not_sane(text: str, *, sane: bool) -> None:
    assert document.sane_number(document.parse(f'{{"a":{text}}}'.encode())["a"]) is sane


def test_only_json_can_be_encoded() -> None:
    with pytest.raises(TypeError, match="is no JSON value"):
        document.encode({"a": object()})


def test_every_node_is_walked_with_its_path() -> None:
    paths = [(path, depth) for path, _, depth in document.walk({"a": [{"b": 1}], "c": None})]
    assert paths == [("", 1), ("a", 2), ("a[0]", 3), ("a[0].b", 4), ("c", 2)]


number_text = st.one_of(
    st.integers(min_value=-(10**30), max_value=10**30).map(str),
    st.from_regex(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{1,15}([eE][+-]?[0-9]{1,2})?", fullmatch=True),
)
text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
leaf = st.one_of(st.none(), st.booleans(), text, number_text.map(lambda t: jiter.LosslessFloat(t.encode())))
tree = st.dictionaries(
    text,
    st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=20
    ),
    max_size=5,
)


@given(tree)
def test_what_was_written_is_read_and_written_again_the_same(made: dict[str, Any]) -> None:
    data = document.encode(made)
    again = document.parse(data)
    assert document.encode(again) == data
    assert list(again) == list(made)


@given(number_text)
def test_any_number_keeps_its_text(number: str) -> None:
    data = f'{{"a":{number}}}'.encode()
    assert document.encode(document.parse(data)) == data


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with contextlib.suppress(BadRequest):
        document.parse(data)
