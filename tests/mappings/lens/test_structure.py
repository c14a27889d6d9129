"""Lenses on objects and lists: they find their element, and leave the others where they are."""

from dataclasses import dataclass
from typing import Any

import pytest

from mappings.lens.errors import Unprocessable
from mappings.lens.lens import (
    Lens,
    Reading,
    code,
    coded_as,
    const,
    contains,
    each,
    first,
    has,
    inside,
    pick,
    placed,
    reference,
    required_fields,
    rows,
    shape,
    text,
)
from mappings.lens.mapping import mapping
from mappings.terminology import CASE_STATE, PLAN_KIND

OTHER = {"system": "other", "value": "kept"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    value: str
    note: str | None


def read(lens: Lens, node: Any) -> dict[str, Any]:
    reading = Reading()
    lens.get(node, reading, "X")
    assert reading.issues == []
    return reading.values


def issues(lens: Lens, node: Any) -> list[tuple[str, str]]:
    reading = Reading()
    lens.get(node, reading, "X")
    return [(issue.code, issue.expression) for issue in reading.issues]


def test_a_fixed_value_is_asked_for_and_written() -> None:
    assert issues(const("plan"), "order") == [("value", "X")]
    assert issues(const("plan"), "plan") == []
    assert const("plan").put(None, {}) == "plan"


def test_a_marking_value_tells_the_kind() -> None:
    assert not const("plan", marks=True).tells("order")
    assert const("plan").tells("order")


def test_a_list_must_hold_its_fixed_element() -> None:
    lens = contains({"code": "a"})
    assert issues(lens, [{"code": "b"}]) == [("required", "X")]
    assert lens.put([{"code": "b"}], {}) == [{"code": "b"}, {"code": "a"}]


def test_a_marking_element_is_found_by_code_whatever_its_display() -> None:
    lens = contains(coded_as(PLAN_KIND, "contingency"), marks=True)
    assert lens.tells([{"coding": [{**PLAN_KIND.coding("contingency"), "display": "Plan B"}]}])
    assert not lens.tells(None)


def test_whether_a_list_holds_an_element_is_a_field() -> None:
    lens = has("flag", {"code": "a"})
    node = [{"code": "b"}, {"code": "a", "more": 1}]
    assert read(lens, node) == {"flag": True}
    assert read(lens, None) == {"flag": False}
    assert lens.put(node, {"flag": True}) is node
    assert lens.put(node, {"flag": False}) == [{"code": "b"}]
    assert lens.put(None, {"flag": True}) == [{"code": "a"}]
    assert lens.put([{"code": "a"}], {"flag": False}) is None


def test_an_element_that_goes_takes_its_sibling() -> None:
    lens = shape({"title": text("title")})
    node = {"title": "a", "_title": {"id": "t"}, "kept": 1}
    assert lens.put(node, {"title": None}) == {"kept": 1}
    assert lens.put(node, {"title": "b"}) == {"title": "b", "_title": {"id": "t"}, "kept": 1}


def test_an_array_that_changes_takes_its_siblings() -> None:
    lens = shape({"given": each("given", text(""))})
    node = {"given": [None, "A"], "_given": [{"id": "g"}, None]}
    assert read(lens, node) == {"given": ("A",)}
    assert lens.put(node, {"given": ("A",)}) is node
    assert lens.put(node, {"given": ("B",)}) == {"given": ["B"]}


def test_an_object_left_with_nothing_goes() -> None:
    assert shape({"period": {"start": text("start")}}).put({"period": {"start": "a"}}, {"start": None}) is None


def test_one_of_a_list_is_changed_and_the_others_stay() -> None:
    lens = pick({"system": "s"}, {"value": text("value")})
    assert lens.put([OTHER, {"system": "s", "value": "a", "use": "old"}], {"value": "b"}) == [
        OTHER,
        {"system": "s", "value": "b", "use": "old"},
    ]
    assert lens.put([OTHER, {"system": "s", "value": "a"}], {"value": None}) == [OTHER]
    assert lens.put([OTHER], {"value": "a"}) == [OTHER, {"system": "s", "value": "a"}]
    assert lens.put([OTHER], {"value": None}) == [OTHER]


def test_the_first_passes_over_what_it_is_told_to() -> None:
    lens = first({"text": text("name")}, but=({"use": "old"},))
    old, now, later = {"use": "old", "text": "A"}, {"text": "B"}, {"text": "C"}
    assert read(lens, [old, now, later]) == {"name": "B"}
    assert lens.put([old, now, later], {"name": "D"}) == [old, {"text": "D"}, later]
    assert lens.put([old], {"name": "D"}) == [{"text": "D"}, old]
    assert lens.put([old, now, later], {"name": None}) == [old]
    assert lens.put(None, {"name": None}) is None
    assert lens.tells([old])


def test_items_a_lens_cannot_see_stay_before_the_new_ones() -> None:
    lens = each("ids", reference(to="Goal"))
    shown = {"display": "a goal told on the telephone"}
    node = [{"reference": "Goal/a", "display": "A"}, shown]
    assert read(lens, node) == {"ids": ("a",)}
    assert lens.put(node, {"ids": ("b", "a")}) == [
        shown,
        {"reference": "Goal/b"},
        {"reference": "Goal/a", "display": "A"},
    ]
    assert lens.put([shown], {"ids": ()}) == [shown]


def test_values_inside_objects_are_read_from_those_that_cover_the_template() -> None:
    lens = each("states", inside("valueCode", code("", CASE_STATE), among={"url": "u"}))
    other = {"url": "v", "valueCode": "bogus"}
    assert read(lens, [other, {"url": "u", "valueCode": "active"}, {"url": "u"}]) == {"states": ("active",)}
    assert lens.put([other], {"states": ("ended",)}) == [other, {"url": "u", "valueCode": "ended"}]


def test_rows_among_others_keep_the_others_in_place() -> None:
    lens = rows("rows", Row, {"value": text("value"), "note": text("note")}, among={"system": "s"})
    node = [{"system": "s", "value": "a", "id": "1"}, OTHER, {"system": "s", "value": "b"}]
    a, b, c = (Row(value=value, note=None) for value in "abc")
    assert read(lens, node) == {"rows": (a, b)}
    assert lens.put(node, {"rows": (a, b)}) is node
    assert lens.put(node, {"rows": (c,)}) == [{"system": "s", "value": "c", "id": "1"}, OTHER]
    assert lens.put([OTHER], {"rows": (a,)}) == [OTHER, {"system": "s", "value": "a"}]
    assert lens.put([{"system": "s", "value": "a"}], {"rows": ()}) is None


def test_a_fault_in_a_row_names_its_own_position() -> None:
    lens = rows("rows", Row, {"value": text("value"), "note": text("note")}, among={"system": "s"})
    assert issues(lens, [OTHER, {"system": "s"}]) == [("required", "X[1].value")]


def test_rows_have_one_lens_for_each_field() -> None:
    with pytest.raises(ValueError, match="Row"):
        rows("rows", Row, {"value": text("value")})


def test_a_record_has_one_lens_for_each_field() -> None:
    with pytest.raises(ValueError, match="Row"):
        mapping("Basic", Row, "row", {"value": text("value"), "note": text("note"), "again": text("note")})


def test_a_refused_code_is_one_fault_and_not_also_missing() -> None:
    made = mapping("Basic", Row, "row", {"value": code("value", CASE_STATE), "note": text("note")})
    with pytest.raises(Unprocessable) as refusal:
        made.from_fhir({"resourceType": "Basic", "value": "bogus"})
    assert [(one.code, one.expression, one.details) for one in refusal.value.issues] == [
        ("code-invalid", "Basic.value", "R160")
    ]


def test_a_missing_field_is_named_by_its_element() -> None:
    made = mapping(
        "Basic", Row, "row", {"extension": (pick({"url": "u"}, {"valueString": text("value")}),), "note": text("note")}
    )
    with pytest.raises(Unprocessable) as refusal:
        made.from_fhir({"resourceType": "Basic"})
    assert [one.expression for one in refusal.value.issues] == ["Basic.extension.valueString"]


def test_every_place_of_a_mapping_is_listed_once() -> None:
    lens = shape(
        {"name": (first({"text": text("name")}), pick({"use": "n"}, {"text": text("nick")})), "kind": const("k")}
    )
    assert [path for path, _ in placed(lens, "X")] == ["X.name~0.text", "X.name~1.text", "X.kind"]


def test_a_field_that_admits_none_is_not_required() -> None:
    assert required_fields(Row) == ("value",)
