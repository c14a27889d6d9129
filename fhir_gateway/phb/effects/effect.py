"""An effect is one function: what follows, by the rules of the case, from a record that was written.

The gateway does it in the same transaction and says so in a Provenance.

Source: domain.md 5.2 (effects of the transitions), 5.3.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fhir_gateway.phb.case_file import CaseFile, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """A record to be written because of another. why: the reason in words; rule: its number or transition.

    id: of the resource it replaces; empty makes a new one. restricted: labelled so, as financial detail is.
    """

    record: Any
    why: str
    rule: str
    id: str = ""
    restricted: bool = False


Follow = Callable[[Written[Any], CaseFile], Iterator[Consequence]]
F = TypeVar("F", bound=Callable[..., Iterator[Consequence]])


@dataclass(frozen=True, slots=True)
class Effect:
    """One function and the record classes it follows."""

    on: tuple[type[Any], ...]
    follow: Follow


_EFFECTS: Final[list[Effect]] = []


def effect(*, on: type[Any] | tuple[type[Any], ...]) -> Callable[[F], F]:
    """Enters a function that says what follows when a record of these classes is written."""

    def enter(follow: F) -> F:
        _EFFECTS.append(Effect(on if isinstance(on, tuple) else (on,), follow))
        return follow

    return enter


def entered() -> tuple[Effect, ...]:
    """Every effect, in the order of the modules that hold them."""
    return tuple(_EFFECTS)
