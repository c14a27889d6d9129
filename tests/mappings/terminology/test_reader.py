from typing import Any

import pytest

from mappings.terminology import reader
from mappings.terminology.code_list import Code, CodeList

TABLE: dict[str, Any] = {"title": "Colour", "definition": "A colour.", "source": ["PROJECT"]}


def one(codes: object, **more: object) -> CodeList:
    (code_list,) = reader.section_lists({"colour": TABLE | {"codes": codes} | more})
    return code_list


@pytest.mark.parametrize(
    ("code", "display"),
    [
        ("spouse-or-civil-partner", "Spouse or civil partner"),
        ("chc-checklist", "CHC checklist"),
        ("ehc-needs-assessment", "EHC needs assessment"),
        ("dbs-certificate", "DBS certificate"),
        ("no-change", "No change"),
    ],
)
def test_a_display_is_made_from_the_code(code: str, display: str) -> None:
    assert reader.display_of(code) == display


def test_an_array_of_codes_needs_no_more() -> None:
    assert one(["red", "dark-blue"]).codes == (Code("red", "Red"), Code("dark-blue", "Dark blue"))


def test_a_text_is_the_definition_of_its_code() -> None:
    assert one({"red": "Like blood"}).codes == (Code("red", "Red", "Like blood"),)


def test_a_table_gives_display_definition_and_properties() -> None:
    entry = {"display": "Deep red", "definition": "Like blood", "warm": True}
    red = one({"red": entry}, properties={"warm": "Whether it is warm"})["red"]
    assert (red.display, red.definition, dict(red.properties)) == ("Deep red", "Like blood", {"warm": True})


def test_a_list_without_a_system_is_the_projects_own() -> None:
    assert one(["red"]).name == "phb-colour"
    assert one(["red"]).own


def test_a_list_with_a_system_keeps_its_plain_name() -> None:
    foreign = one(["red"], system="http://terminology.hl7.org/CodeSystem/colour")
    assert (foreign.name, foreign.system) == ("colour", "http://terminology.hl7.org/CodeSystem/colour")


def test_a_list_written_in_two_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "SECTIONS", ("plan", "plan"))
    with pytest.raises(ValueError, match="phb-assessment-kind: the list appears twice"):
        reader.read_lists()
