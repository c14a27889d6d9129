"""Who a demonstration case is about: the person, the case with its choice of options, and the team.

Source: domain.md 2.1 (Person, PhbCase, CareCoordinator).
"""

from datetime import date, timedelta
from typing import Any, Final

from fhir_gateway.demo.case import ICB, Case
from fhir_gateway.demo.entry import Entry, entry, made
from mappings import care_team, episode_of_care, patient
from mappings.contact import Address, Telecom
from mappings.terminology import MANAGEMENT_OPTION

HEALTH_CONTACT: Final = "PractitionerRole/health-contact-sol"


def person(case: Case, *, prefix: str, name: tuple[str, str], nhs_number: str, street: str, **known: Any) -> Entry:
    """The person. name: given and family. street: an invented one in an invented town."""
    given, family = name
    return entry(
        case.id,
        patient.MAPPING,
        active=True,
        nhs_number=nhs_number,
        name=f"{given} {family}",
        given=(given,),
        family=family,
        prefix=(prefix,),
        addresses=(home(street),),
        telecoms=(phone(case.number), email(given)),
        communication_needs=(
            made(patient.CommunicationNeed, language="en-GB", format=case.format or None, preferred=True),
        ),
        general_practitioners=("Organization/exampleton-surgery",),
        **known,
    )


def home(street: str) -> Address:
    """A home in an invented town; the postcode area ZZ is in use nowhere."""
    return made(Address, use="home", lines=(street,), city="Exampleton", county="Exampleshire", postcode="ZZ9 1AA")


def phone(number: str) -> Telecom:
    """A number of the range that Ofcom keeps for drama."""
    return Telecom(system="phone", value=f"01632 96{number}", use="home")


def email(given: str) -> Telecom:
    """An address under example.org, which nobody has."""
    return Telecom(system="email", value=f"{given.lower()}@people.example.org", use="home")


def case_of(case: Case, *, group: str, opened_on: date, state: str = "active", **known: Any) -> Entry:
    """The case, its three options explained and one chosen freely."""
    explained = opened_on + timedelta(days=14)
    return entry(
        f"{case.id}-case",
        episode_of_care.MAPPING,
        person_id=case.id,
        case_number=f"CASE-{case.number}",
        status="finished" if state == "ended" else "active",
        state=state,
        group=group,
        budget_kind=case.budget_kind,
        responsible_body=ICB,
        care_coordinator=case.coordinator,
        care_teams=(f"{case.id}-team",),
        options_explained=tuple(
            made(episode_of_care.OptionExplained, option=option, on=explained, by=case.coordinator, format="plain-text")
            for option in MANAGEMENT_OPTION
        ),
        option_chosen_by=case.voice,
        option_chosen_on=explained + timedelta(days=7),
        option_free_choice=True,
        support_offered=("information-and-advice", "advocacy", "direct-payment-support"),
        opened_on=opened_on,
        status_history=_history(case, opened_on),
        **known,
    )


def _history(case: Case, opened_on: date) -> tuple[Any, ...]:
    asked, day = case.before(14), timedelta(days=1)
    spans = (
        ("planned", opened_on, asked - day),
        ("waitlist", asked, case.agreed_on - day),
        ("active", case.agreed_on, None),
    )
    return tuple(made(episode_of_care.StatusSpan, status=status, start=start, end=end) for status, start, end in spans)


def team(case: Case, *others: tuple[str, str]) -> Entry:
    """The care team: the person, the coordinator for each funder, the health contact, and (role, member) others."""
    coordinating = tuple(
        _member("care-coordinator", case.coordinator, case.agreed_on, f"{funder.body}") for funder in case.funders
    )
    rest = (("health-contact", HEALTH_CONTACT), *others)
    return entry(
        f"{case.id}-team",
        care_team.MAPPING,
        person_id=case.id,
        number=f"TEAM-{case.number}",
        status="active",
        name="The people around me",
        start=case.before(60),
        participants=(
            made(care_team.Participant, member=case.person),
            *coordinating,
            *(_member(role, member, case.agreed_on) for role, member in rest),
        ),
        organisations=(ICB,),
    )


def _member(role: str, member: str, start: date, behalf: str | None = None) -> Any:
    return made(care_team.Participant, roles=(role,), member=member, on_behalf_of=behalf, start=start)
