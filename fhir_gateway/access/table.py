"""The access table: for each role and kind of record which rows, how much of them, and what may be done with them.

Read once, and held against the registry: a kind or role that stands nowhere stops the start (S32).

Source: access/table.toml; domain.md 8.8; security requirement S32.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fhir_gateway.access.asker import ROLES, WHOLE_RECORD
from fhir_gateway.access.views import WHOLE, View, view_of
from fhir_gateway.store.tied import Dates
from mappings.registry import TYPES

FILE: Final = Path(__file__).with_name("table.toml")
OTHER: Final = "other"  # what is no record of ours
LINE: Final = re.compile(r"([a-z0-9_ .=!@~-]+): ([a-z-]+) ([cruds]+)")
FIELD: Final = re.compile(r"([a-z_.]+)(!=|=|~|@)([a-z-]+)")
CHANGING: Final = frozenset("cud")
GATE: Final = "gate"
TABLE_ROLES: Final = tuple(role for role in ROLES if role != WHOLE_RECORD)
WORDS: Final = frozenset(
    {
        "everyone",
        "tied",
        "tied-now",
        "tied-ever",
        "brought",
        GATE,
        "shared",
        "emergency",
        "unrestricted",
        "me",
        "some-members",
        "every-member",
    }
    | {"targets", "issued", "own-lines", "funded", "direct-payment-lines", "third-party-lines"}
    | {"spent-direct-payment", "spent-third-party", "keeps-direct-payment", "keeps-third-party"}
)


class Incomplete(ValueError):
    """The table does not say something it must; the message names it."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one role may do with some rows of one kind. kind: as the column holds it, empty for `other`."""

    kind: str
    conditions: tuple[str, ...]
    view: View
    letters: frozenset[str]

    @property
    def gated(self) -> bool:
        """Whether it shows financial detail that a review or concern must open."""
        return GATE in self.conditions


Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The whole of it. lines: by role and type. dates: by type and kind. ties: kinds of tie by role."""

    lines: Mapping[tuple[str, str], Lines]
    dates: Mapping[tuple[str, str], Dates]
    ties: Mapping[str, tuple[str, ...]]
    views: Mapping[str, View]
    computed: Mapping[str, tuple[str, ...]]
    operations: Mapping[str, tuple[str, ...]]


def read(text: str) -> Table:
    """The table in a TOML text. Raises Incomplete naming what is missing or not known."""
    raw = tomllib.loads(text)
    views = {name: view_of(name, paths) for name, paths in raw["views"].items()}
    lines: dict[tuple[str, str], Lines] = {}
    for name, group in raw["group"].items():
        for role, kind, found in _lines(name, group, views):
            key = role, kind.partition("/")[0]
            lines[key] = (*lines.get(key, ()), *found)
    _check_kinds([kind for group in raw["group"].values() for kind in group["kinds"]])
    dates = {_split(kind): _dates(kind, one) for kind, one in raw["dates"].items()}
    listed = ({name: tuple(roles) for name, roles in raw[part].items()} for part in ("computed", "operations"))
    return Table(lines, dates, {role: tuple(kinds) for role, kinds in raw["ties"].items()}, views, *listed)


def _lines(name: str, group: Mapping[str, Any], views: Mapping[str, View]) -> Iterator[tuple[str, str, Lines]]:
    _check_roles(name, group)
    for kind in group["kinds"]:
        for role in TABLE_ROLES:
            yield role, kind, tuple(_line(kind, text, views) for text in group.get(role, ()))


def _line(kind: str, text: str, views: Mapping[str, View]) -> Line:
    found = LINE.fullmatch(text)
    if found is None or found[2] not in views:
        raise Incomplete(f"{kind}: {text!r} is not `conditions: view letters`")
    conditions, view, letters = tuple(found[1].split()), views[found[2]], frozenset(found[3])
    unknown = [one for one in conditions if one not in WORDS and not _is_field(kind, one)]
    if unknown:
        raise Incomplete(f"{kind}: there is no condition {unknown[0]!r}")
    if letters & CHANGING and view is not WHOLE and view.name != WHOLE.name:
        raise Incomplete(f"{kind}: whoever changes a record sees it whole, not {view.name}")
    return Line(_split(kind)[1], conditions, view, letters)


def _is_field(kind: str, condition: str) -> bool:
    """Whether a condition is about a field that this kind of record has."""
    found = FIELD.fullmatch(condition)
    return found is not None and found[1].partition(".")[0] in _fields(kind)


def _fields(kind: str) -> Collection[str]:
    resource_type, name = _split(kind)
    return next((one.field_lenses for one in TYPES[resource_type].mappings if one.kind == name), ())


def _dates(kind: str, said: Mapping[str, Any]) -> Dates:
    unknown = {*said["from"], *said["to"]} - set(_fields(kind))
    if unknown:
        raise Incomplete(f"{kind} has no field {min(unknown)!r} to say its days")
    return Dates(tuple(said["from"]), tuple(said["to"]))


def _split(kind: str) -> tuple[str, str]:
    resource_type, _, name = kind.partition("/")
    return resource_type, "" if name == OTHER else name


# --- nothing forgotten ------------------------------------------------------------------------------


def kinds() -> frozenset[str]:
    """Every kind of record there is, as the table names it."""
    named = {f"{name}/{one.kind}" for name, resource in TYPES.items() for one in resource.mappings}
    return frozenset(named | {f"{name}/{OTHER}" for name in TYPES})


def _check_kinds(listed: Collection[str]) -> None:
    wanted = kinds()
    missing, strange = sorted(wanted - set(listed)), sorted(set(listed) - wanted)
    if missing or strange or len(listed) != len(wanted):
        raise Incomplete(f"each kind stands in one group: missing {missing}, not known {strange}, or one stands twice")


def _check_roles(name: str, group: Mapping[str, Any]) -> None:
    said = [*group.get("none", ()), *(role for role in group if role not in ("none", "kinds"))]
    if sorted(said) != sorted(TABLE_ROLES):
        raise Incomplete(f"group {name}: each role has its lines or stands under `none`, and nobody else does")


def check_operations(codes: Collection[str], table: "Table | None" = None) -> None:
    """Raises Incomplete for an operation that no line of the table speaks of."""
    missing = set(codes) - (table or TABLE).operations.keys()
    if missing:
        raise Incomplete(f"the table says of nobody whether they may run {sorted(missing)}")


TABLE: Final = read(FILE.read_text())
