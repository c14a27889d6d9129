"""A fault found while judging a tree: what is wrong, and the way to it, written from the inside out.

A judge of a part does not know where the part lies. It names the fault; each level above puts its own step in front.
A tree without faults thus costs no paths.

Source: FHIR R4 operationoutcome.html (issue type, expression).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mappings.lens.document import Json
from mappings.lens.errors import Issue

LIMIT: Final = 50

_NAME_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    code: FHIR issue type. meaning: True for 422, False for a fault of shape (400). path: such as `.item[0].net`.
    """

    code: str
    text: str
    meaning: bool = False
    path: str = ""

    def under(self, step: str) -> "Fault":
        """The same fault seen from one level up."""
        return Fault(self.code, self.text, self.meaning, step + self.path)

    def issue(self, root: str) -> Issue:
        """The fault as an issue of a resource of type `root`."""
        return Issue(self.code, self.text, root + self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a judge must know of the resource around an element.

    contained: resource type by id of the contained resources. conditional: references such as
    `Patient?identifier=x` are allowed. entries: resources inside Bundles and Parameters are judged too.
    named: gathers the relative references met, which somebody must look up.
    """

    contained: dict[str, str] = field(default_factory=dict)
    conditional: bool = False
    entries: bool = True
    named: list[str] = field(default_factory=list)


Faults = list[Fault]
Rule = Callable[[Json, Scope], Faults | None]
"""A judge of one value: None when it is good."""


def shape(text: str, code: str = "structure") -> Faults:
    """One fault of shape, as a list."""
    return [Fault(code, text)]


def meaning(text: str, code: str = "invariant") -> Faults:
    """One fault of meaning, as a list."""
    return [Fault(code, text, meaning=True)]


def step(name: str) -> str:
    """The path step to an element; a name no specification would have is cut and cleaned."""
    return "." + "".join(c if c.isprintable() else "?" for c in name[:_NAME_LENGTH])


def kind(value: Json) -> str:
    """What a JSON value is, for messages."""
    if value is None:
        return "null"
    names: dict[type, str] = {bool: "a boolean", str: "a string", list: "an array", dict: "an object"}
    return names.get(type(value), "a number")
