from pathlib import Path

from mappings.terminology import LISTS, document


def test_the_committed_page_is_up_to_date() -> None:
    assert document.PAGE.read_text("utf-8") == document.page()


def test_every_code_is_on_the_page() -> None:
    page = document.page()
    for codes in LISTS.values():
        assert f"## {codes.name}\n" in page
        assert all(f"| `{code}` |" in page for code in codes)


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    document.main(tmp_path / "terminology.md")
    assert (tmp_path / "terminology.md").read_text("utf-8") == document.page()
