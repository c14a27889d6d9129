"""A case file for tests of the rules: records in a dictionary, and what the rules find in one of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, TypeVar

from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules.judge import judged
from fhir_gateway.phb.rules.rule import WRITE
from fhir_gateway.store.facts import MAPPING_OF
from mappings.lens.errors import Issue

R = TypeVar("R")
PERSON: Final = "pat"
TODAY: Final = date(2025, 6, 1)


def filed(record: R, id: str = "x", version: int = 1) -> Filed[R]:  # noqa: A002
    """The record as it stands in the store."""
    return Filed(MAPPING_OF[type(record)].resource_type, id, version, record)


class Shelf:
    """Records that stand already. Implements `phb.case_file.Source`."""

    def __init__(self, records: Iterable[Filed[Any]]) -> None:
        self._records = tuple(sorted(records, key=lambda one: one.id))

    def of_person(self, kind: type[R], person: str) -> tuple[Filed[R], ...]:
        return tuple(one for one in self._records if type(one.record) is kind and person_of(one) == person)

    def where(self, kind: type[R], field: str, value: str | int) -> tuple[Filed[R], ...]:
        return tuple(one for one in self._records if type(one.record) is kind and getattr(one.record, field) == value)

    def named(self, resource_type: str, id: str) -> Filed[Any] | None:  # noqa: A002
        return next((one for one in self._records if (one.type, one.id) == (resource_type, id)), None)


def person_of(one: Filed[Any]) -> str:
    """Whose record it is."""
    return one.id if one.type == "Patient" else str(getattr(one.record, "person_id", ""))


def case_file(*standing: Filed[Any], person: str = PERSON, today: date = TODAY) -> CaseFile:
    return CaseFile(Shelf(standing), person, today)


def issues(
    record: Any,
    *standing: Filed[Any],
    id: str = "x",  # noqa: A002
    previous: Any = None,
    today: date = TODAY,
    when: str = WRITE,
) -> list[Issue]:
    """What the rules find in `record`, written beside what stands; it stands itself by then, as in the store."""
    own = filed(record, id)
    person = person_of(own)
    others = [one for one in standing if (one.type, one.id) != (own.type, own.id)]
    written = Written(own.type, own.id, 2 if previous is not None else 1, record, previous)
    return list(judged(written, case_file(*others, own, person=person, today=today), when))


def broken(record: Any, *standing: Filed[Any], **known: Any) -> set[str]:
    """Numbers of the rules that refuse it."""
    return {one.details for one in issues(record, *standing, **known) if one.severity == "error"}


def warned(record: Any, *standing: Filed[Any], **known: Any) -> set[str]:
    """Numbers of the rules that warn of it."""
    return {one.details for one in issues(record, *standing, **known) if one.severity == "warning"}
