"""Every rule over what is written: all faults at once, so that a client learns them in one answer.

Source: style section 5 (the third judge); domain.md section 4.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any, Final

from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules import RULES
from fhir_gateway.phb.rules.rule import WRITE, Finding, Rule
from mappings.lens.errors import Issue

CODE: Final = "business-rule"


@cache
def rules_on(kind: type[Any], when: str = WRITE) -> tuple[Rule, ...]:
    """The checks that look at a kind of record."""
    return tuple(one for one in RULES if one.when == when and issubclass(kind, one.on))


def judged(written: Written[Any], case: CaseFile, when: str = WRITE) -> Iterator[Issue]:
    """What the rules find in one record, errors and warnings."""
    for rule in rules_on(type(written.record), when):  # type: ignore[arg-type]
        for finding in rule.check(written, case):
            yield _issue(rule, written, finding, rule.severity_of(written.record, finding))


def held(numbers: Collection[str], subjects: Iterable[Written[Any]], case: CaseFile) -> Iterator[Issue]:
    """What certain rules find in records that stand already, each fault an error: the guards of a transition."""
    for subject in subjects:
        for rule in rules_on(type(subject.record)):  # type: ignore[arg-type]
            if rule.number in numbers:
                for finding in rule.check(subject, case):
                    if finding.severity != "warning":
                        yield _issue(rule, subject, finding, "error")


def _issue(rule: Rule, written: Written[Any], finding: Finding, severity: str) -> Issue:
    element = f"{written.type}.{finding.element}" if finding.element else written.type
    return Issue(CODE, finding.says, element, severity, rule.number)
