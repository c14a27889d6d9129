"""Writes `docs/terminology.md`, every code list as a table: `python -m mappings.terminology.document`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mappings.terminology import LISTS
from mappings.terminology.code_list import Code, CodeList, Property
from mappings.terminology.code_map import CodeMap, Projection
from mappings.terminology.crosswalk import CROSSWALKS
from mappings.terminology.reader import read_sources

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "terminology.md"


def page() -> str:
    """The whole page in Markdown."""
    return "\n".join([*_opening(), *_lists(), *_crosswalks(), *_sources()])


def main(path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(page(), "utf-8")


def _opening() -> Iterator[str]:
    yield "# Code lists"
    yield ""
    yield "Generated from `mappings/terminology/data` by `python -m mappings.terminology.document`; do not edit."
    yield "Codes never change meaning, and a retired code stays readable. A list is closed unless it has `other`."
    yield ""


def _lists() -> Iterator[str]:
    for codes in LISTS.values():
        yield from _list(codes)


def _list(codes: CodeList) -> Iterator[str]:
    yield f"## {codes.name}"
    yield ""
    yield f"{codes.definition} {'Closed' if codes.closed else 'Open: has `other`'}, {len(codes)} codes."
    yield f"System `{codes.system}`. Source: {'; '.join(codes.sources)}."
    yield ""
    yield from (f"- `{name}`: {text}" for name, text in codes.properties.items())
    if codes.properties:
        yield ""
    yield from _table("Code", "Display", "Definition", *(f"`{name}`" for name in codes.properties))
    yield from (_row(*_cells(codes, code)) for code in codes.codes)
    yield ""


def _cells(codes: CodeList, code: Code) -> Iterator[str]:
    yield from (f"`{code.code}`", code.display, code.definition)
    yield from (_shown(code.properties.get(name)) for name in codes.properties)


def _shown(value: Property | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _crosswalks() -> Iterator[str]:
    yield "# Equivalents"
    yield ""
    yield "What is read is taken as the project code; only what is written is sent. Codes left out have no equivalent."
    yield ""
    for crosswalk in CROSSWALKS:
        yield f"## {crosswalk.codes.name} to {crosswalk.system}"
        yield ""
        yield from _table("Code", "Written", "Also read")
        yield from (_row(f"`{code}`", _codes(written), _codes(read)) for code, written, read in _equivalents(crosswalk))
        yield ""


def _equivalents(crosswalk: CodeMap | Projection) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    for code in crosswalk.codes:
        if isinstance(crosswalk, Projection):
            first, *others = crosswalk.table[code]
            yield code, (first,), tuple(others)
        else:
            exact = crosswalk.to_other(code)
            narrower = tuple(other for other, read_as in crosswalk.narrower.items() if read_as == code)
            if exact or narrower:
                yield code, (exact,) if exact else (), narrower


def _sources() -> Iterator[str]:
    yield "# Sources"
    yield ""
    yield from _table("Key", "Document")
    yield from (_row(key, title) for key, title in read_sources().items())
    yield ""


def _codes(codes: tuple[str, ...]) -> str:
    return ", ".join(f"`{code}`" for code in codes)


def _table(*heads: str) -> Iterator[str]:
    yield _row(*heads)
    yield _row(*("---" for _ in heads))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
