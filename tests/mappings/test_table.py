"""The committed mapping tables say what the declarations say."""

from pathlib import Path

import pytest

from mappings import table
from mappings.lens.lens import Lens, placed
from mappings.registry import TYPES


def test_the_committed_pages_are_up_to_date() -> None:
    committed = {path.name: path.read_text("utf-8") for path in table.FOLDER.glob("*.md")}
    assert committed == table.pages()


@pytest.mark.parametrize("name", TYPES)
def test_every_field_and_parameter_is_on_the_page(name: str) -> None:
    page = table.pages()[f"{name}.md"]
    for mapping in TYPES[name].mappings:
        fields = [getattr(lens, "field", "") for _, lens in placed(mapping.shape, name)]
        assert all(f"`{field}`" in page or f"`{field}[]." in page for field in fields if field)
    assert all(f"| `{param.name}` | {param.kind} |" in page for param in TYPES[name].search)


def test_the_pages_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    table.main(tmp_path / "mapping")
    assert {path.name for path in (tmp_path / "mapping").iterdir()} == set(table.pages())


def test_a_lens_without_words_is_noticed() -> None:
    with pytest.raises(TypeError, match="has no words"):
        table.holds(Lens())
