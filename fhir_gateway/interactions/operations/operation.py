"""What an operation is: its name, where it is asked, what it takes, and the function that answers.

From one declaration come the route, the CapabilityStatement, the OperationDefinition and the OpenAPI path.

Source: FHIR R4 operations.html, operationdefinition.html.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.parameters import Pairs
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue

DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
JSON: Final = "application/fhir+json"
HTML: Final = "text/html"
CSV: Final = "text/csv"
NAMES: Final = {"json": JSON, "html": HTML, "csv": CSV}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an operation. type: a FHIR type. max: `1` or `*`. codes: where only these are taken."""

    name: str
    type: str
    says: str
    min: int = 0
    max: str = "1"
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An operation as it was asked for. id: of the resource, empty at type level. body: what was posted.

    wanted: the media type to answer in.
    """

    type: str
    id: str = ""
    pairs: Pairs
    body: Tree | None = None
    wanted: str = JSON

    def text(self, name: str) -> str | None:
        """The value of a parameter, None when it is not given. Raises BadRequest when it is given twice."""
        found = [value for key, value in self.pairs if key == name]
        if len(found) > 1:
            raise BadRequest(Issue("value", f"{name} is given more than once", name))
        return found[0] if found else None

    def day(self, name: str, default: date) -> date:
        """A parameter that is a day, `YYYY-MM-DD`. Raises BadRequest."""
        text = self.text(name)
        if text is None:
            return default
        if DAY.fullmatch(text):
            with suppress(ValueError):  # the 30th of February
                return date.fromisoformat(text)
        raise BadRequest(Issue("value", f"{name} must be a day, YYYY-MM-DD", name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation. types: where it is asked. instance: of one resource, else of the type. of_type_too: of both.

    writes: whether it may change anything, so that it is posted. body: types it takes as they are, besides a
    Parameters of its parameters. formats: media types it can answer in, the usual one first.
    """

    code: str
    types: tuple[str, ...]
    instance: bool
    writes: bool
    title: str
    says: str
    run: Callable[[Context, Asked], Reply]
    parameters: tuple[Parameter, ...] = ()
    body: tuple[str, ...] = ()
    formats: tuple[str, ...] = (JSON,)
    returns: str = "Bundle"
    of_type_too: bool = False

    @property
    def places(self) -> tuple[bool, ...]:
        """Where it is asked: True of a resource, False of a type."""
        return (True, False) if self.of_type_too else (self.instance,)

    @property
    def name(self) -> str:
        """`$code`, as it stands in an address."""
        return f"${self.code}"
