"""One way to ask the gateway something: the request it makes of a record.

Source: FHIR R4 http.html.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.laws.no_leak.world import Record, World

Json = Any
READ_ONLY: Final = frozenset(
    {"CodeSystem", "ValueSet", "OperationDefinition", "Device", "Measure"}
)  # published definitions: nobody's records
AUDIT: Final = "AuditEvent"
UNKNOWN_WORD: Final = "zq99999"
SOME_DAY: Final = "2025-04-01"
PAGE: Final = "_count=1000"
ROUND: Final = "_include:iterate=Claim:*&_include:iterate=Task:focus&_revinclude:iterate=Provenance:target"


class Unasked(Exception):
    """The server states something that no case here asks."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. body: a tree or a form."""

    method: str
    path: str
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """A way to ask. form: what is asked, as `read` or `include`. type: FHIR type, empty for the system.

    name: the parameter, inclusion or operation. aimed: the type of record it is aimed at. make: the request for one
    record of that type.
    """

    form: str
    type: str
    name: str
    aimed: str
    make: Callable[[World, Record], Request]
    writes: bool = False

    @property
    def label(self) -> str:
        """For people to read."""
        return " ".join(part for part in (self.type, self.form, self.name) if part)


Make = Callable[[World, Record], Request]


def get(path: str) -> Request:
    """A GET."""
    return Request("GET", path)


def at(path: str) -> Make:
    """A GET of a path in which `{place}` and `{id}` stand for the record's."""
    return lambda _, aim: get(path.format(place=aim.place, id=aim.id))
