"""A table of a TOML file, read member by member; whatever is wrong is refused with the line it stands on.

Source: TOML 1.0.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from auth.errors import AuthError

_HEADER: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"""\s*["']?([^"'=\s]+)["']?\s*=""")


class IssuersRefused(AuthError):
    """The file of issuers may not be used; the message names the line and the fault."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table. file: its name, for messages. line: of its header. lines: of its members, and of `inner.members`."""

    file: str
    table: Mapping[str, Any] = field(repr=False)
    line: int
    lines: Mapping[str, int] = field(repr=False)
    prefix: str = ""

    def refuse(self, key: str, fault: str) -> NoReturn:
        """Raises IssuersRefused at the line of a member, or of the header where there is none."""
        raise IssuersRefused(f"{self.file}, line {self.lines.get(self.prefix + key, self.line)}: {key}: {fault}")

    def only(self, known: Collection[str]) -> None:
        """Refuse members nobody reads: a misspelt one would be a check that is never made."""
        for key in self.table:
            if key not in known:
                self.refuse(key, "not known")

    def text(self, key: str, default: str | None = None) -> str:
        """Printable text, needed where there is no default."""
        value = self.table.get(key, default)
        if not isinstance(value, str) or not value.isprintable() or (not value and value != default):
            self.refuse(key, "printable text is needed")
        return value

    def words(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts, or one text."""
        value = self.table.get(key, default)
        found = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else (None,)
        if not all(isinstance(word, str) and word and word.isprintable() for word in found):
            self.refuse(key, "a list of texts is needed")
        return tuple(str(word) for word in found)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.table.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, "true or false is needed")
        return value

    def number(self, key: str, default: int) -> int:
        """A whole number, not below zero."""
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.refuse(key, "a whole number is needed")
        return value

    def inner(self, key: str) -> "Section":
        """A table inside this one, empty where there is none."""
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "a table is needed")
        return Section(self.file, value, self.lines.get(key, self.line), self.lines, f"{self.prefix}{key}.")


def sections(file: str, text: str, name: str) -> tuple[Section, ...]:
    """The tables `[[name]]` of a document that holds nothing else. Raises IssuersRefused."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise IssuersRefused(f"{file}: {error}") from None
    tables = document.pop(name, [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise IssuersRefused(f"{file}: only tables [[{name}]] are known")
    places = list(_places(text, name))
    if len(places) != len(tables):
        raise IssuersRefused(f"{file}: write each issuer as a table under [[{name}]]")
    return tuple(Section(file, table, line, lines) for table, (line, lines) in zip(tables, places, strict=True))


def _places(text: str, name: str) -> Iterator[tuple[int, dict[str, int]]]:
    """Of each table: the line of its header, and of its members."""
    found: list[tuple[int, dict[str, int]]] = []
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            inside = header[1].removeprefix(name).removeprefix(".")
            if not inside:
                found.append((number, {}))
            elif found:
                found[-1][1].setdefault(inside, number)
                inside += "."
        elif found and (key := _KEY.match(line)):
            found[-1][1].setdefault(inside + key[1], number)
    yield from found
