"""Whether what would follow from a write would stand by the rules, found out before it is written.

What the gateway would do next must not refuse what came in: where it may not be done yet, it is left undone.

Source: domain.md 5.2 (guards of the transitions the gateway makes itself).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.proposed import Proposed
from fhir_gateway.phb.rules.judge import judged
from mappings.registry import TYPES

R = TypeVar("R")
TYPE_OF: Final[dict[type[Any], str]] = {one.record: name for name, kind in TYPES.items() for one in kind.mappings}


class _Standing:
    """The records of a case file. Implements `phb.case_file.Source`."""

    def __init__(self, case: CaseFile) -> None:
        self._case = case

    def of_person(self, kind: type[R], person: str) -> tuple[Filed[R], ...]:
        return self._case.all(kind) if person == self._case.person else ()

    def where(self, kind: type[R], field: str, value: str | int) -> tuple[Filed[R], ...]:
        return self._case.where(kind, field, value)

    def named(self, resource_type: str, id: str) -> Filed[Any] | None:  # noqa: A002
        return self._case.filed(f"{resource_type}/{id}")


def would_stand(found: Sequence[Consequence], case: CaseFile) -> bool:
    """Whether no rule would refuse any of the consequences, were all of them written."""
    written = [_written(at, one, case) for at, one in enumerate(found)]
    then = supposed(case, written)
    return not any(issue.severity == "error" for one in written for issue in judged(one, then))


def supposed(case: CaseFile, written: Iterable[Filed[Any]]) -> CaseFile:
    """The case file as it would be with these records in place of those of their type and id, or beside them."""
    return CaseFile(Proposed(_Standing(case), tuple(written)), case.person, case.today)


def _written(at: int, one: Consequence, case: CaseFile) -> Written[Any]:
    kind = TYPE_OF[type(one.record)]
    standing = case.filed(f"{kind}/{one.id}") if one.id else None
    if standing is None:
        return Written(kind, one.id or f"new-{at}", 1, one.record)
    previous = standing.record if type(standing.record) is type(one.record) else None
    return Written(kind, one.id, standing.version + 1, one.record, previous)
