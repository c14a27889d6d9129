"""Writes `docs/mapping`, a page for each resource type: `python -m mappings.table FOLDER`.

What each element holds and what may be asked of a type, read from the declarations and from nowhere else.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mappings.lens.document import Json
from mappings.lens.entries import Default, Entry, Kind, KindAmong, Numeral
from mappings.lens.lens import (
    Code,
    Coded,
    Concept,
    Const,
    Count,
    Day,
    Each,
    First,
    Flag,
    Inside,
    Lens,
    Moment,
    NhsNumber,
    Number,
    Pence,
    PenceQuantity,
    Pick,
    Present,
    Reference,
    Rows,
    Several,
    Shape,
    SystemCode,
    Text,
)
from mappings.lens.mapping import Mapping, ResourceType
from mappings.lens.structure import shown
from mappings.registry import TYPES
from mappings.terminology import RECORD_KIND
from mappings.terminology.code_list import CodeList

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "mapping"
PLAIN: Final[dict[type[Lens], str]] = {
    Text: "text",
    NhsNumber: "ten digits, modulus 11 (R1)",
    Flag: "true or false",
    Count: "whole number",
    Numeral: "whole number in text",
    Number: "decimal",
    Day: "day",
    Moment: "instant",
    Pence: "pence",
    PenceQuantity: "pence",
    Code: "code",
    Concept: "code in a concept",
    Coded: "code in one of the concepts",
    SystemCode: "code in a concept",
}


def main(folder: Path = FOLDER) -> None:
    """Writes every page, and an index, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """Text by file name."""
    made = {f"{kind.name}.md": "\n".join(_page(kind)) for kind in TYPES.values()}
    return {"README.md": "\n".join(_index()), **made}


def _index() -> Iterator[str]:
    yield "# Where each record is in FHIR"
    yield ""
    yield "Generated from `mappings/` by `python -m mappings.table docs/mapping`; do not edit."
    yield ""
    yield from _head("Record", "Resource type", "What it is")
    for kind in TYPES.values():
        for mapping in kind.mappings:
            said = RECORD_KIND[mapping.kind]
            yield _row(
                f"`{mapping.record.__name__}`", f"[{kind.name}]({kind.name}.md)", said.definition or said.display
            )
    yield ""


def _page(kind: ResourceType) -> Iterator[str]:
    yield f"# {kind.name}"
    yield ""
    yield "Generated from `mappings/` by `python -m mappings.table docs/mapping`; do not edit."
    yield f"{_whose(kind)} {_profile(kind)} An element not listed is kept as it was sent."
    yield ""
    for mapping in kind.mappings:
        yield from _mapping(mapping)
    yield from _search(kind)


def _whose(kind: ResourceType) -> str:
    return (
        f"It belongs to the person named by `{kind.compartment}`."
        if kind.compartment
        else "It belongs to no one person."
    )


def _profile(kind: ResourceType) -> str:
    return f"Follows `{kind.profile}`." if kind.profile else "UK Core has no profile of it."


def _mapping(mapping: Mapping[object]) -> Iterator[str]:
    yield f"## {RECORD_KIND.display(mapping.kind)}"
    yield ""
    yield f"Kind `{mapping.kind}`, record `{mapping.record.__name__}`."
    yield ""
    yield from _head("Element", "Field", "Holds", "Codes or types")
    yield from _places(mapping.shape, mapping.resource_type, "")
    yield ""


def _places(lens: Lens, path: str, rows: str) -> Iterator[str]:
    """A line for each value, fixed element and list under a lens; elements told apart are named by how."""
    if isinstance(lens, Shape):
        for name, part in lens.parts:
            yield from _places(part, f"{path}.{name}", rows)
    elif isinstance(lens, Several):
        for part in lens.parts:
            yield from _places(part, path, rows)
    elif isinstance(lens, First):
        yield from _places(lens.inner, path, rows)
    elif isinstance(lens, Pick) and lens.shape.parts:
        yield from _places(lens.shape, path + _slice(lens.template), rows)
    elif isinstance(lens, Rows):
        yield from _places(lens.shape, path + _slice(lens.among), f"{rows}{lens.field}[].")
    else:
        field = getattr(lens, "field", "")
        yield _row(f"`{path}`", f"`{rows}{field}`" if field else "", holds(lens), _codes(lens))


def _slice(template: Json) -> str:
    """How the elements that cover a template are named among their like: `:nhs-number`."""
    told = [template[key] for key in ("url", "system", "use") if key in (template or {})]
    return f":{told[0].rpartition('/')[2]}" if told else ""


def holds(lens: Lens) -> str:
    """What an element holds, in words."""
    if isinstance(lens, Each):
        return f"list: {holds(lens.item)}"
    if isinstance(lens, Inside):
        return f"`{lens.name}`: {holds(lens.inner)}"
    if isinstance(lens, Reference):
        return "reference"
    if isinstance(lens, Present):
        return f"whether there is {shown(lens.template)}"
    return PLAIN.get(type(lens)) or _fixed(lens)


def _fixed(lens: Lens) -> str:
    if isinstance(lens, Const):
        return f"always {shown(lens.value)}"
    if isinstance(lens, KindAmong):
        return f"one is `{lens.one.code}`, which tells the kind"
    if isinstance(lens, Kind):
        return f"`{lens.code}`, which tells the kind"
    if isinstance(lens, Default):
        return f"{shown(lens.value)} unless another is given"
    if isinstance(lens, Pick | Entry):
        return f"one is {shown(lens.template)}"
    raise TypeError(f"{type(lens).__name__} has no words")


def _codes(lens: Lens) -> str:
    lens = _innermost(lens)
    if isinstance(lens, Reference):
        return ", ".join(lens.to)
    if isinstance(lens, SystemCode):
        return f"`{lens.system}`"
    found = getattr(lens, "list", ())
    if isinstance(found, CodeList):
        return f"[{found.name}](../terminology.md#{found.name})"
    return ", ".join(f"`{code}`" for code in found)


def _innermost(lens: Lens) -> Lens:
    for name in ("item", "inner", "one"):
        lens = getattr(lens, name, lens)
    return lens


def _search(kind: ResourceType) -> Iterator[str]:
    yield "## Search parameters"
    yield ""
    yield from _head("Name", "Kind", "Elements", "Types")
    for param in kind.search:
        paths = ", ".join(f"`{path}`" for path in param.paths)
        yield _row(f"`{param.name}`", param.kind, paths, ", ".join(param.targets))
    yield ""


def _head(*heads: str) -> Iterator[str]:
    yield _row(*heads)
    yield _row(*("---" for _ in heads))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
