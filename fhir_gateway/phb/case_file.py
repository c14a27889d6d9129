"""What the rules and the statement may look at: the records of one person, fetched when first asked for.

The store answers through a `Source`; a test answers with a dictionary.

Source: design section 3 (phb is pure), style section 3 (store.facts -> phb.rules).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase

R = TypeVar("R")
FEW: Final[frozenset[type[Any]]] = frozenset({AgreedBudget, FunderContribution, PhbCase, SupportPlan})
WITHDRAWN = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Filed(Generic[R]):
    """A record and where it stands: FHIR type, id and version of its resource."""

    type: str
    id: str
    version: int
    record: R

    @property
    def reference(self) -> str:
        """`Type/id`."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True)
class Written(Filed[R]):
    """A record being written. previous: the same kind of record in the version it replaces, None when it is new."""

    previous: R | None = None

    def changed(self, field: str) -> bool:
        """Whether the record is new or `field` says something else than before."""
        return self.previous is None or getattr(self.previous, field) != getattr(self.record, field)


class Source(Protocol):
    """Who answers for the records there are, those just written included."""

    def of_person(self, kind: type[R], person: str) -> tuple[Filed[R], ...]:
        """Every record of one kind about one person, oldest id first."""

    def where(self, kind: type[R], field: str, value: str | int) -> tuple[Filed[R], ...]:
        """Every record of one kind with `value` in one of its scalar fields, whoever it is about."""

    def named(self, resource_type: str, id: str) -> Filed[Any] | None:  # noqa: A002
        """The record of one resource, whatever its kind; None when it is unknown or no record of ours."""


class CaseFile:
    """The records around a person's case. person: id of the Patient, empty for bodies and workers."""

    def __init__(self, source: Source, person: str, today: date) -> None:
        self._source = source
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._seen: dict[str | None, Filed[Any]] = {}
        self.person = person
        self.today = today

    def all(self, kind: type[R]) -> tuple[Filed[R], ...]:
        """Every record of one kind about this person, but for those entered in error."""
        found = self._once(("all", kind), lambda: self._standing(self._source.of_person(kind, self.person)))
        return cast("tuple[Filed[R], ...]", found)

    def where(self, kind: type[R], field: str, value: str | int) -> tuple[Filed[R], ...]:
        """Every record of one kind with this value in a scalar field, of any person, but for those in error."""
        found = self._once(
            ("where", kind, field, value), lambda: self._standing(self._source.where(kind, field, value))
        )
        return cast("tuple[Filed[R], ...]", found)

    def filed(self, reference: str | None) -> Filed[Any] | None:
        """What `Type/id` names, whatever its kind."""
        if reference in self._seen:
            return self._seen[reference]
        resource_type, _, id_ = (reference or "").partition("/")
        if not id_:
            return None
        found = self._once(("named", resource_type, id_), lambda: self._source.named(resource_type, id_))
        return cast("Filed[Any] | None", found)

    def get(self, kind: type[R], reference: str | None) -> R | None:
        """The record `Type/id` names, if it is of this kind."""
        if kind in FEW and reference not in self._seen:
            self.all(kind)  # it is asked for anyhow
        found = self.filed(reference)
        return found.record if found is not None and isinstance(found.record, kind) else None

    def once(self, name: str, make: Callable[[], R]) -> R:
        """`make()`, kept under a name for the rules that ask again."""
        return cast("R", self._once(("once", name), make))

    def _standing(self, found: Iterable[Filed[Any]]) -> tuple[Filed[Any], ...]:
        """Those that are not in error; each is known by its reference from then on."""
        every = tuple(found)
        self._seen.update((one.reference, one) for one in every)
        return tuple(one for one in every if not is_withdrawn(one.record))

    def _once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def is_withdrawn(record: Any) -> bool:
    """Whether a record says that it was entered in error: no rule looks at it, none counts it."""
    return getattr(record, "status", None) == WITHDRAWN
