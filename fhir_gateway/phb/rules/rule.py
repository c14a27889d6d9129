"""A rule is one function that yields what is wrong; its number finds severity, words and source in the catalogue.

Source: domain.md section 4; style section 5.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.catalogue import CATALOGUE

ERROR: Final = "error"
WARNING: Final = "warning"
WRITE: Final = "write"
DELETE: Final = "delete"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. says: the fault and what would mend it, never a person's data.

    element: path below the resource, such as `item[0].net`. severity: where it is not the rule's own.
    """

    says: str
    element: str = ""
    severity: str = ""


Check = Callable[[Written[Any], CaseFile], Iterator[Finding]]
C = TypeVar("C", bound=Callable[..., Iterator[Finding]])


@dataclass(frozen=True, slots=True)
class Rule:
    """One check of a numbered rule. on: the record classes it looks at. when: `write` or `delete`.

    softer: for which records a fault is a warning only, as with a plan that is still a draft.
    """

    number: str
    on: tuple[type[Any], ...]
    check: Check
    when: str = WRITE
    softer: Callable[[Any], bool] | None = None

    def severity_of(self, record: Any, finding: Finding) -> str:
        """`error` or `warning` for this finding about this record."""
        if finding.severity:
            return finding.severity
        if self.softer is not None and self.softer(record):
            return WARNING
        return CATALOGUE[self.number].severity


_RULES: list[Rule] = []


def rule(
    number: str,
    *,
    on: type[Any] | tuple[type[Any], ...],
    when: str = WRITE,
    softer: Callable[[Any], bool] | None = None,
) -> Callable[[C], C]:
    """Enters a check under its number. Raises KeyError for a number the catalogue does not have."""
    CATALOGUE[number]

    def enter(check: C) -> C:
        _RULES.append(Rule(number, on if isinstance(on, tuple) else (on,), check, when, softer))
        return check

    return enter


def entered() -> tuple[Rule, ...]:
    """Every check, in the order of the modules that hold them."""
    return tuple(_RULES)
