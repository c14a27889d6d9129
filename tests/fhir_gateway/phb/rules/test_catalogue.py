"""The catalogue is whole: every number, with words, a source, code where it acts on a write, and tests both ways."""

import re
from typing import Any, Final

import pytest

from fhir_gateway import rule_table
from fhir_gateway.phb.rules import RULES
from fhir_gateway.phb.rules.catalogue import CATALOGUE, Entry, setting, version
from fhir_gateway.phb.rules.code_system import rule_code_systems
from fhir_gateway.rule_table import PAGE, page
from mappings.lens import shape

COUNT: Final = 168
BROKEN: Final = re.compile(r"test_r\d+_(breaks|warns)_\w+")
HELD: Final = re.compile(r"test_r\d+_(holds|accepts)_\w+")
TESTS: Final = rule_table.tests_of()
ENFORCED: Final = tuple(one for one in CATALOGUE.values() if one.place in ("write", "mapping"))


def ident(entry: Entry) -> str:
    return entry.number


def test_every_number_is_there_once() -> None:
    assert list(CATALOGUE) == [f"R{number}" for number in range(1, COUNT + 1)]


def test_every_rule_that_acts_on_a_write_has_a_function() -> None:
    entered = {one.number for one in RULES}
    assert [one.number for one in CATALOGUE.values() if one.place == "write" and one.number not in entered] == []


@pytest.mark.parametrize("entry", ENFORCED, ids=ident)
def test_a_test_breaks_it_alone_and_one_satisfies_it(entry: Entry) -> None:
    names = TESTS.get(entry.number, [])
    assert [name for name in names if BROKEN.fullmatch(name)], f"{entry.number} has no test that breaks it"
    assert [name for name in names if HELD.fullmatch(name)], f"{entry.number} has no test that satisfies it"


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=ident)
def test_a_rule_says_what_it_asks_and_where_it_comes_from(entry: Entry) -> None:
    assert entry.says.endswith((".", "!", "?"))
    assert entry.source or entry.recalled
    assert not any("(r)" in one for one in entry.source)
    assert entry.place in ("write", "mapping", "accepts") or entry.note, "a seam says what holds it"


def test_the_page_of_the_docs_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "make docs"


def test_the_rules_are_served_as_a_code_system() -> None:
    (tree,) = rule_code_systems()
    shape.judge(tree, expected_type="CodeSystem")
    assert [one["code"] for one in tree["concept"]] == list(CATALOGUE)
    assert tree["version"] == version()


def test_what_was_written_from_memory_is_not_quoted_with_a_source() -> None:
    (tree,) = rule_code_systems()
    recalled = {one.number for one in CATALOGUE.values() if one.recalled}
    quoted = {one["code"]: [part for part in one["property"] if part["code"] == "source"] for one in tree["concept"]}
    assert recalled
    assert all(not quoted[number] for number in recalled)


def test_one_edit_changes_the_version_the_page_and_the_code_system(monkeypatch: pytest.MonkeyPatch) -> None:
    before, entry = version(), CATALOGUE["R73"]
    changed: dict[str, Any] = {
        **CATALOGUE,
        "R73": Entry(number="R73", group=entry.group, severity="error", says="Said otherwise.", source=entry.source),
    }
    for module in ("catalogue", "code_system"):
        monkeypatch.setattr(f"fhir_gateway.phb.rules.{module}.CATALOGUE", changed)
    monkeypatch.setattr("fhir_gateway.rule_table.CATALOGUE", changed)
    assert version() != before
    assert "Said otherwise." in page()
    (tree,) = rule_code_systems()
    assert next(one for one in tree["concept"] if one["code"] == "R73")["definition"] == "Said otherwise."


def test_thresholds_are_settings_of_the_catalogue() -> None:
    assert setting("R122", "days") == 14
    with pytest.raises(KeyError):
        setting("R122", "years")
