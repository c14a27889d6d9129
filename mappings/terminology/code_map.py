"""How codes of two systems relate: `CodeMap` is exact both ways, `Projection` is many to one. Checked when made.

Source: FHIR R4 conceptmap.html (equivalent, narrower); the required status value sets of the types named.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from mappings.terminology.code_list import CodeList

CARE_PLAN_STATUS: Final = "http://hl7.org/fhir/request-status"
EPISODE_STATUS: Final = "http://hl7.org/fhir/episode-of-care-status"
CLAIM_STATUS: Final = "http://hl7.org/fhir/fm-status"
TASK_STATUS: Final = "http://hl7.org/fhir/task-status"

REQUIRED_CODES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        CARE_PLAN_STATUS: frozenset(
            {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
        ),
        EPISODE_STATUS: frozenset(
            {"planned", "waitlist", "active", "onhold", "finished", "cancelled", "entered-in-error"}
        ),
        CLAIM_STATUS: frozenset({"active", "cancelled", "draft", "entered-in-error"}),
        TASK_STATUS: frozenset(
            {
                "draft",
                "requested",
                "received",
                "accepted",
                "rejected",
                "ready",
                "cancelled",
                "in-progress",
                "on-hold",
                "failed",
                "completed",
                "entered-in-error",
            }
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMap:
    """Exact equivalents, one to one, between a list and codes of another system.

    exact: project code to the other code. narrower: other codes that are only read, because writing them
    would say more than the record knows (`MTH` is read as `parent`). A code in neither keeps its own coding.
    Raises ValueError for an unknown project code, a code given twice, or one outside a required value set.
    """

    codes: CodeList
    system: str
    exact: Mapping[str, str] = field(hash=False)
    narrower: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    _back: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        back = {other: code for code, other in self.exact.items()}
        object.__setattr__(self, "_back", MappingProxyType({**self.narrower, **back}))
        _refuse(self.codes, self._faults())

    def _faults(self) -> Iterator[str]:
        if len(self._back) != len(self.exact) + len(self.narrower):
            yield f"two codes meet in one code of {self.system}"
        yield from _unknown(self.codes, (*self.exact, *self.narrower.values()))
        yield from _not_required(self.system, self.exact.values())

    @property
    def total(self) -> bool:
        """True when every code of the list has an exact equivalent."""
        return self.exact.keys() == set(self.codes)

    def to_other(self, code: str) -> str | None:
        """The other system's code, None when there is no exact one."""
        return self.exact.get(code)

    def from_other(self, other: str) -> str | None:
        """The project code that holds whenever `other` does, None when there is none."""
        return self._back.get(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The coarse status a state is shown as. Every state has one; several states may share it.

    table: state to the statuses that agree with it, the one we write first.
    Raises ValueError for a state left out or unknown, or a status outside the required value set.
    """

    codes: CodeList
    system: str
    table: Mapping[str, tuple[str, ...]] = field(hash=False)

    def __post_init__(self) -> None:
        _refuse(self.codes, self._faults())

    def _faults(self) -> Iterator[str]:
        for code in self.codes:
            if not self.table.get(code):
                yield f"{code!r} has no status of {self.system}"
        yield from _unknown(self.codes, self.table)
        yield from _not_required(self.system, (status for statuses in self.table.values() for status in statuses))

    def project(self, code: str) -> str:
        """The status written for a state; KeyError for an unknown state."""
        return self.table[code][0]

    def agrees(self, code: str, status: str) -> bool:
        """True when a document may give `status` beside the state `code`."""
        return status in self.table[code]

    def states(self, status: str) -> tuple[str, ...]:
        """The states a status may stand for, in the order of the list."""
        return tuple(code for code in self.codes if status in self.table[code])


def _refuse(codes: CodeList, faults: Iterator[str]) -> None:
    for fault in faults:
        raise ValueError(f"{codes.name}: {fault}")


def _unknown(codes: CodeList, used: Iterable[str]) -> Iterator[str]:
    yield from (f"{code!r} is not in the list" for code in used if code not in codes)


def _not_required(system: str, used: Iterable[str]) -> Iterator[str]:
    required = REQUIRED_CODES.get(system)
    if required is not None:
        yield from (f"{code!r} is no code of {system}" for code in used if code not in required)
