"""Records as if they were written, so that the rules can say what they would find; nothing is.

Source: domain.md 8.2 (predetermination); design section 3 (phb is pure).
"""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from fhir_gateway.phb.case_file import Filed, Source

R = TypeVar("R")


class Proposed:
    """What another source knows, with some resources put in place and others left out. Implements `Source`.

    gone: type and id of each to leave out; what is put in place of a resource leaves out that one too.
    """

    def __init__(
        self, standing: Source, filed: Sequence[Filed[Any]] = (), gone: Collection[tuple[str, str]] = ()
    ) -> None:
        self._standing = standing
        self._filed = tuple(filed)
        self._gone = {*gone, *((one.type, one.id) for one in filed)}

    def of_person(self, kind: type[R], person: str) -> tuple[Filed[R], ...]:
        own = (one for one in self._of_kind(kind) if getattr(one.record, "person_id", None) == person)
        return self._sorted(self._standing.of_person(kind, person), own)

    def where(self, kind: type[R], field: str, value: str | int) -> tuple[Filed[R], ...]:
        own = (one for one in self._of_kind(kind) if getattr(one.record, field) == value)
        return self._sorted(self._standing.where(kind, field, value), own)

    def named(self, resource_type: str, id: str) -> Filed[Any] | None:  # noqa: A002
        place = (resource_type, id)
        own = next((one for one in self._filed if (one.type, one.id) == place), None)
        return own if own is not None or place in self._gone else self._standing.named(resource_type, id)

    def _of_kind(self, kind: type[R]) -> list[Filed[R]]:
        return [one for one in self._filed if type(one.record) is kind]

    def _sorted(self, standing: Collection[Filed[R]], own: Any) -> tuple[Filed[R], ...]:
        kept = [one for one in standing if (one.type, one.id) not in self._gone]
        return tuple(sorted([*kept, *own], key=lambda one: one.id))
