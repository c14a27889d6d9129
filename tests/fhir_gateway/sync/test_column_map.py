from pathlib import Path

import pytest

from fhir_gateway.sync import column_map
from fhir_gateway.sync.column_map import UnusableMap
from tests.fhir_gateway.sync.builders import MAP, SAMPLES, a_map


def fault(*changes: tuple[str, str]) -> str:
    with pytest.raises(UnusableMap) as caught:
        a_map(*changes)
    return str(caught.value)


def test_every_shipped_map_is_named_as_its_file_is() -> None:
    assert [one.name for one in column_map.shipped()] == sorted(one.stem for one in column_map.FOLDER.glob("*.toml"))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.name)
def test_a_real_list_finds_its_map_by_name(path: Path) -> None:
    assert [one for one in column_map.shipped() if one.fits(path.name)] == [column_map.chosen(path.name)]


def test_a_file_no_map_was_made_for_finds_none() -> None:
    assert column_map.chosen("rochdale-2024-01.csv") is None


def test_a_shipped_map_is_had_by_its_name() -> None:
    assert column_map.named("leeds-spend").body.name_column == "BodyName"


def test_a_map_in_a_file_is_had_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(MAP)
    assert column_map.named(str(path)).name == "example"


def test_an_unknown_map_is_refused_naming_those_there_are() -> None:
    with pytest.raises(UnusableMap, match=r"there is no column map 'nothing'.*leeds-spend"):
        column_map.named("nothing")


def test_a_map_that_is_no_toml_is_refused() -> None:
    assert fault(('name = "example"', "name = ")).startswith("example.toml: not valid TOML: ")


def test_a_missing_table_is_named() -> None:
    assert (
        fault(('[date]\ncolumn = "Day"\nformats = ["%d/%m/%Y", "%m/%d/%Y"]\n', ""))
        == "example.toml: date: Field required"
    )


def test_an_unknown_word_is_named() -> None:
    assert "amount.colour: Extra inputs are not permitted" in fault(
        ('column = "Amount"', 'column = "Amount"\ncolour = "red"')
    )


@pytest.mark.parametrize("form", ["%d/%m", "%d/%m/%Y %H", "%d/%m/%Y/%y", "yesterday"])
def test_a_date_format_that_is_no_day_is_refused(form: str) -> None:
    assert "date.formats: " in fault(('"%m/%d/%Y"', f'"{form}"'))


@pytest.mark.parametrize(
    "said", ['debit = "Out"', 'column = "Amount"\ndebit = "Out"\ncredit = "In"', 'sign = "negate"']
)
def test_an_amount_stands_in_one_column_or_in_two(said: str) -> None:
    assert "amount: give column, or debit and credit, and not both" in fault(('column = "Amount"', said))


def test_a_body_has_a_name() -> None:
    assert "body: give name or name_column" in fault(('name = "An example body"', ""))


def test_a_rule_must_say_what_it_looks_for() -> None:
    assert "keep.0: give equals, contains or matches" in fault(("[text]", '[[keep]]\ncolumn = "What"\n\n[text]'))


def test_a_rule_with_a_broken_pattern_is_refused() -> None:
    rule = '[[drop]]\ncolumn = "What"\nmatches = "("\n\n[text]'
    assert "drop.0.matches: is no regular expression" in fault(("[text]", rule))


def test_fixed_columns_must_name_every_column_used() -> None:
    columns = 'columns = ["Day", "Amount"]\n\n[body]'
    assert "columns does not name Number, Payee, What" in fault(("[body]", columns))
