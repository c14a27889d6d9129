"""Who was spoken with: the person or whoever speaks for them, and the care coordinator.

Source: domain.md 2.1 (Party), 2.6 (Discussion); rules R105, R106.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case.people import party, themselves
from fhir_gateway.phb.case_file import CaseFile
from mappings.communication import Discussion
from mappings.episode_of_care import PhbCase
from mappings.patient import Person
from mappings.practitioner_role import CareCoordinator
from mappings.terminology import REPRESENTATIVE_ROLES

ESTATE: Final = frozenset({"estate-representative"})
WORKERS: Final = ("Practitioner/", "PractitionerRole/")


def death_of(case: CaseFile) -> date | None:
    """The day the person died; None while they live, or where it is not known."""
    person = case.get(Person, themselves(case))
    return person.death_date if person is not None else None


def people_of(talk: Discussion) -> tuple[str, ...]:
    """References to everybody who took part."""
    return (*talk.recipients, *((talk.sender,) if talk.sender else ()))


def was_with_person(case: CaseFile, talk: Discussion) -> bool:
    """Whether the person took part, or a representative; for one who had died, whoever stands for the estate."""
    people, died = people_of(talk), death_of(case)
    if died is not None and talk.sent_on is not None and talk.sent_on > died:
        return any(acts_as(case, one, ESTATE) for one in people)
    return themselves(case) in people or any(acts_as(case, one, REPRESENTATIVE_ROLES) for one in people)


def acts_as(case: CaseFile, reference: str, roles: frozenset[str]) -> bool:
    """Whether a reference names somebody around the person in one of the roles."""
    found = party(case, reference)
    return found is not None and found.person_id == case.person and not roles.isdisjoint(found.roles)


def was_with_coordinator(case: CaseFile, talk: Discussion) -> bool:
    """Whether the care coordinator took part; any worker where the case names no coordinator."""
    return any(is_coordinator(case, one) for one in people_of(talk))


def is_coordinator(case: CaseFile, reference: str | None) -> bool:
    """Whether a reference names the care coordinator of the person's case, as worker or in a role."""
    if reference is None or not reference.startswith(WORKERS):
        return False
    named = {one.record.care_coordinator for one in case.all(PhbCase)} - {None}
    return not named or any(one is not None and _same_worker(case, one, reference) for one in named)


def _same_worker(case: CaseFile, one: str, other: str) -> bool:
    return one == other or worker_of(case, one) == worker_of(case, other)


def worker_of(case: CaseFile, reference: str) -> str:
    """The Practitioner behind a role; the reference itself where it is none, or not known."""
    role = case.get(CareCoordinator, reference)
    return f"Practitioner/{role.practitioner}" if role is not None and role.practitioner else reference
