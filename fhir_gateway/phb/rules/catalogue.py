"""The catalogue of rules: number, severity, words, source and where each acts, read from the `.toml` files here.

One edit there changes what is refused, the rule table of the docs and the CodeSystem `phb-rule`.

Source: domain.md section 4; severity and thresholds may change, numbers never.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

HERE: Final = Path(__file__).parent
SEVERITIES: Final = frozenset({"error", "warning"})
PLACES: Final = frozenset({"write", "mapping", "operation", "measure", "access", "accepts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One rule as the catalogue has it.

    group: letter and title of its section. place: what applies it: `write` (on every write of a record), `mapping`
    (reading the resource), `operation`, `measure`, `access` (who may see what), or `accepts` (it forbids a refusal).
    recalled: written from memory of its source, so never shown as the law. settings: its thresholds by name.
    """

    number: str
    group: str
    severity: str
    says: str
    source: tuple[str, ...]
    place: str = "write"
    recalled: bool = False
    note: str = ""
    settings: Mapping[str, int] = field(default_factory=dict)

    @property
    def order(self) -> int:
        """What it is sorted by."""
        return int(self.number[1:])


def _read(path: Path) -> list[Entry]:
    tree = tomllib.loads(path.read_text("utf-8"))
    group = tree.pop("group")
    return [_entry(number, group, one) for number, one in tree.items()]


def _entry(number: str, group: str, tree: dict[str, Any]) -> Entry:
    entry = Entry(number=number, group=group, **tree | {"source": tuple(tree["source"])})
    if entry.severity not in SEVERITIES or entry.place not in PLACES or not entry.says:
        raise ValueError(f"{number}: the catalogue entry is not in order")
    return entry


def _all() -> dict[str, Entry]:
    found = sorted((one for path in sorted(HERE.glob("*.toml")) for one in _read(path)), key=lambda one: one.order)
    numbers = [one.number for one in found]
    if len(set(numbers)) != len(numbers):
        raise ValueError("a rule number stands in the catalogue twice")
    return {one.number: one for one in found}


CATALOGUE: Final[Mapping[str, Entry]] = MappingProxyType(_all())


def version() -> str:
    """What the catalogue says now, as twelve hex digits; a statement quotes it."""
    said = "\n".join(
        f"{one.number}|{one.severity}|{one.says}|{sorted(one.settings.items())}" for one in CATALOGUE.values()
    )
    return sha256(said.encode()).hexdigest()[:12]


def setting(number: str, name: str) -> int:
    """A threshold of a rule: days, pence or per cent, as its name says. Raises KeyError."""
    return CATALOGUE[number].settings[name]
