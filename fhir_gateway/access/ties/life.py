"""The person's own tie, and how long they live: every power over a record ends with the life it rests on.

Source: security.md section 4 (person, representative: not ended by death); domain.md 2.1 (Person).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.access.ties.tie import AT_ALL_TIMES, Tie, Window, before
from fhir_gateway.phb.case.people import themselves
from fhir_gateway.phb.case_file import CaseFile
from mappings.patient import Person

SELF: Final = "self"


def own(case: CaseFile) -> Iterator[Tie]:
    """The person is tied to themselves for as long as they live."""
    if case.get(Person, themselves(case)) is not None:
        since, until = lifetime(case)
        yield Tie(kind=SELF, who=themselves(case), source=themselves(case), since=since, until=until)


def lifetime(case: CaseFile) -> Window:
    """The instants before the day of death; none at all where a death is known and its day is not."""
    person = case.get(Person, themselves(case))
    if person is not None and person.death_date is None and person.deceased:
        return (0, 0)
    return AT_ALL_TIMES if person is None else before(person.death_date)
