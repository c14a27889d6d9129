"""How kinds of records lie in the columns of a type, and how a row of them becomes a record again.

A list of a record lies in a table of its own; it comes with the record's row, as JSON text.

Source: design decision 1 (columns beside the text); docs/adr/0004.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.store.database import Row
from mappings.lens.lens import Rows
from mappings.lens.mapping import Mapping
from mappings.lens.search import EPOCH
from mappings.registry import TYPES

Read = Callable[[Any], Any]
Places = tuple[tuple[str, int, Read | None], ...]
HEAD: Final = 4  # kind, id, version and person come first in a row
PERSON: Final = 3
NOTHING: Final = frozenset({"", "[]"})

MAPPING_OF: Final[dict[type[Any], Mapping[Any]]] = {
    mapping.record: mapping for resource in TYPES.values() for mapping in resource.mappings
}


@dataclass(frozen=True, slots=True)
class _Form:
    """A class and where the values of its fields stand in a row, each with what turns it back into the value."""

    made: type[Any]
    places: Places


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of record: its scalar fields, and its lists by name, place and form."""

    form: _Form
    lists: tuple[tuple[str, int, _Form], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Kinds of one type read together. A row has HEAD, the scalars, then each list.

    lists: each with the fields of its rows.
    """

    type: str
    kinds: dict[str, _Kind]
    scalars: tuple[str, ...]
    lists: dict[str, tuple[str, ...]]

    def filed(self, row: Row) -> Filed[Any] | None:
        """The record of a row; None when it is of no kind of ours."""
        kind = self.kinds.get(row[0])
        return None if kind is None else Filed(self.type, row[1], row[2], _record(kind, row))


def layout_of(kind: type[Any]) -> Layout:
    """How one kind of record lies in the tables. Raises KeyError for a class that is no kind of record."""
    mapping = MAPPING_OF[kind]
    return _layout(mapping.resource_type, (mapping.kind,))


def layout_of_type(resource_type: str) -> Layout:
    """How every kind of a type lies in the tables."""
    return _layout(resource_type, tuple(one.kind for one in TYPES[resource_type].mappings))


@cache
def _layout(resource_type: str, kinds: tuple[str, ...]) -> Layout:
    mappings = [one for one in TYPES[resource_type].mappings if one.kind in kinds]
    scalars = tuple(dict.fromkeys(name for one in mappings for name in _scalars(one)))
    lists: dict[str, tuple[str, ...]] = {}
    for mapping in mappings:
        for name, row in _rows(mapping).items():
            lists[name] = tuple(dict.fromkeys((*lists.get(name, ()), *(one.name for one in fields(row)))))
    return Layout(resource_type, {one.kind: _kind(one, scalars, lists) for one in mappings}, scalars, lists)


def _kind(mapping: Mapping[Any], scalars: Sequence[str], lists: dict[str, tuple[str, ...]]) -> _Kind:
    own = frozenset(_scalars(mapping))
    form = _form(mapping.record, {name: HEAD + at for at, name in enumerate(scalars) if name in own})
    found = []
    for at, (name, row) in enumerate(lists.items()):
        if name in _rows(mapping):
            places = {one: place for place, one in enumerate(row, start=1)}  # the position in the list comes first
            found.append((name, HEAD + len(scalars) + at, _form(_rows(mapping)[name], places)))
    return _Kind(form, tuple(found))


def _scalars(mapping: Mapping[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(mapping.record) if one.name not in _rows(mapping))


def _rows(mapping: Mapping[Any]) -> dict[str, type[Any]]:
    """The lists of a kind, each with the class of its rows."""
    return {name: lens.row for name, lens in mapping.field_lenses.items() if isinstance(lens, Rows)}


def _form(made: type[Any], places: dict[str, int]) -> _Form:
    hints = get_type_hints(made)
    own = (one.name for one in fields(made) if one.name in places)
    return _Form(made, tuple((name, places[name], _reader(hints[name])) for name in own))


# --- rows -------------------------------------------------------------------------------------------


def _record(kind: _Kind, row: Row) -> Any:
    return kind.form.made(**_known(kind.form, row), **{name: _listed(form, row[at]) for name, at, form in kind.lists})


def _listed(form: _Form, text: str | None) -> tuple[Any, ...]:
    if text is None or text in NOTHING:
        return ()
    return tuple(form.made(**_known(form, row)) for row in sorted(_json(text)))


def _known(form: _Form, row: Row) -> dict[str, Any]:
    return {name: row[at] if read is None else read(row[at]) for name, at, read in form.places}


_json: Final = msgspec.json.Decoder(list[list[Any]]).decode


def _reader(hint: Any) -> Read | None:
    """What turns a column's value back into a field's; None where it is the value already."""
    if get_origin(hint) is tuple:
        decode = msgspec.json.Decoder(hint).decode
        return lambda value: () if value is None or value in NOTHING else decode(value)
    plain = next((one for one in get_args(hint) if one is not NoneType), hint)
    return _SCALARS.get(plain)


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if type(value) is str else value


def _instant(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


def _bool(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


_SCALARS: Final[dict[Any, Read]] = {bool: _bool, date: _date, datetime: _instant, Decimal: _decimal}
