"""Golden pairs: a record as JSON, and the FHIR form it must have, found by folder.

`tests/golden/<Type>/<case>.record.json` says `{"kind": "need", "record": {...}}`; a field left out is None, or
empty where it is a list. Days are ISO dates, decimals are text.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

import msgspec

from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.mapping import Mapping
from mappings.registry import TYPES

FOLDER: Final = Path(__file__).parent
MAPPINGS: Final[dict[str, Mapping[Any]]] = {one.kind: one for kind in TYPES.values() for one in kind.mappings}
_READ: Final[dict[Any, Any]] = {date: date.fromisoformat, datetime: datetime.fromisoformat, Decimal: Decimal}


@dataclass(frozen=True, slots=True)
class Pair:
    """One case of one type. name: such as `Goal/full`."""

    name: str

    @property
    def mapping(self) -> Mapping[Any]:
        return MAPPINGS[self._said["kind"]]

    @property
    def record(self) -> Any:
        return record_of(self.mapping.record, self._said["record"])

    @property
    def text(self) -> bytes:
        return self._fhir.read_bytes()

    @property
    def tree(self) -> Tree:
        return document.parse(self.text)

    def rewrite(self) -> None:
        """Writes the FHIR side anew."""
        compact = document.encode(self.mapping.to_fhir(self.record))
        self._fhir.write_bytes(msgspec.json.format(compact, indent=2) + b"\n")

    @property
    def _said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((FOLDER / f"{self.name}.record.json").read_text("utf-8"))
        return said

    @property
    def _fhir(self) -> Path:
        return FOLDER / f"{self.name}.fhir.json"


PAIRS: Final = tuple(
    Pair(f"{path.parent.name}/{path.name.removesuffix('.record.json')}")
    for path in sorted(FOLDER.glob("*/*.record.json"))
)


def record_of(record: type[Any], said: dict[str, Any]) -> Any:
    """A record from its JSON form. Raises KeyError for a field the record does not have."""
    hints = get_type_hints(record)
    for name in said:
        hints[name]
    return record(**{name: _value(hint, said.get(name)) for name, hint in hints.items()})


def _value(hint: Any, said: Any) -> Any:
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], one) for one in said or ())
    if said is None:
        return None
    plain = next(one for one in (*get_args(hint), hint) if one is not type(None))
    if is_dataclass(plain):
        return record_of(cast("type[Any]", plain), said)
    return _READ.get(plain, plain)(said)


def empty_fields(record: Any, name: str = "") -> Iterator[str]:
    """The fields that say nothing, those of rows included; a field any row fills is filled."""
    for one in fields(record):
        value = getattr(record, one.name)
        at = f"{name}.{one.name}".lstrip(".")
        if value is None or value == ():
            yield at
        elif isinstance(value, tuple) and is_dataclass(value[0]):
            yield from set.intersection(*(set(empty_fields(row, at)) for row in value))
