"""Reads the code lists from `data/*.toml`, the one place they are written down.

A table per list: title, definition, source, and `codes`, either an array of codes or a table. In the table a code
has its definition as text, or `display`, `definition` and its properties. A display not given is made from the code.
"""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from mappings import namespaces
from mappings.terminology.code_list import Code, CodeList

SECTIONS: Final = ("people", "plan", "money", "review", "gateway", "hl7")
_UPPER: Final = frozenset({"cqc", "chc", "dbs", "ehc", "gp", "icb", "nhs", "pa", "phb"})


def read_lists() -> dict[str, CodeList]:
    """Every list by name, in the order of the files; ValueError names the first fault."""
    lists: dict[str, CodeList] = {}
    for section in SECTIONS:
        for code_list in section_lists(_table(section)):
            if code_list.name in lists:
                raise ValueError(f"{code_list.name}: the list appears twice")
            lists[code_list.name] = code_list
    return lists


def read_sources() -> dict[str, str]:
    """The title of each document a list may cite, by key."""
    return _table("sources")


def section_lists(section: Mapping[str, Any]) -> Iterator[CodeList]:
    """The lists of one file."""
    for key, table in section.items():
        yield _code_list(key, table)


def display_of(code: str) -> str:
    """Plain words made from a code: `chc-checklist` is "CHC checklist"."""
    words = [word.upper() if word in _UPPER else word for word in code.split("-")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("mappings.terminology").joinpath("data", f"{name}.toml").read_text("utf-8"))


def _code_list(key: str, table: Mapping[str, Any]) -> CodeList:
    name = key if "system" in table else f"phb-{key}"
    return CodeList(
        name=name,
        system=table.get("system", namespaces.code_system(name)),
        title=table["title"],
        definition=table["definition"],
        sources=tuple(table["source"]),
        properties=MappingProxyType(dict(table.get("properties", {}))),
        codes=tuple(_codes(table["codes"])),
    )


def _codes(codes: list[str] | Mapping[str, Any]) -> Iterator[Code]:
    if isinstance(codes, list):
        yield from (Code(code, display_of(code)) for code in codes)
    else:
        yield from (_code(code, entry) for code, entry in codes.items())


def _code(code: str, entry: str | Mapping[str, Any]) -> Code:
    if isinstance(entry, str):
        return Code(code, display_of(code), entry)
    properties = dict(entry)
    display, definition = properties.pop("display", display_of(code)), properties.pop("definition", "")
    return Code(code, display, definition, MappingProxyType(properties))
