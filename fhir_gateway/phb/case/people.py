"""The person and those who act around them: age, representatives, nominees, relatives.

Source: domain.md 2.1 (Person, Party), 3.1 (party-role, relationship); DPR13 regs 2 and 4 to 6.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.patient import Person
from mappings.related_person import Party
from mappings.terminology import CLOSE_FAMILY, REPRESENTATIVE_ROLES

CHILD_UNTIL: Final = 16  # years; a child in the sense of the regulations is younger
COUPLE: Final = frozenset({"spouse-or-civil-partner", "partner"})
NOMINEE: Final = "nominee"


def themselves(case: CaseFile) -> str:
    """Reference to the person."""
    return f"Patient/{case.person}"


def born_on(case: CaseFile) -> date | None:
    """The person's birth date, None while it is unknown."""
    person = case.get(Person, themselves(case))
    return person.birth_date if person is not None else None


def birthday(born: date, years: int) -> date:
    """The day somebody reaches an age; one born on 29 February does so on 1 March where there is no such day."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def reaches(case: CaseFile, years: int) -> date | None:
    """The day the person reaches an age, None while the birth date is unknown."""
    born = born_on(case)
    return birthday(born, years) if born is not None else None


# --- those around the person ------------------------------------------------------------------------


def party(case: CaseFile, reference: str | None) -> Party | None:
    """The party that `RelatedPerson/id` names."""
    return case.get(Party, reference) if (reference or "").startswith("RelatedPerson/") else None


def represents(one: Party) -> bool:
    """Whether the party has authority to act for a child or for a person who lacks capacity."""
    return not REPRESENTATIVE_ROLES.isdisjoint(one.roles)


def acts_on(one: Party, day: date) -> bool:
    """Whether the party acts on a day."""
    return one.active is not False and runs_on(one.start, one.end, day)


def representatives(case: CaseFile) -> tuple[Filed[Party], ...]:
    """Everybody who has, or had, authority to act for the person."""
    return tuple(one for one in case.all(Party) if represents(one.record))


def close(one: Party) -> bool:
    """Whether the party is close family or a friend of the person."""
    return one.relationship in CLOSE_FAMILY or one.relationship == "friend" or "friend" in one.roles
