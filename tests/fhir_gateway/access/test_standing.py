"""What a grant rests on is looked up at every request: each end of a power or a role ends living tokens at the next."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.interactions.context import clock
from fhir_gateway.london import begins, today
from fhir_gateway.phb.case_file import Filed
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.practitioner import Worker
from mappings.practitioner_role import CareCoordinator
from tests.fhir_gateway.access.logged_in import changed, logged_in, sent, tied
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.phb.people_paid import MOTHER, capacity, mother, nominee, to_speak
from tests.fhir_gateway.phb.shelf import PERSON, filed

DAY = timedelta(days=1)
ON_ONE = pytest.mark.parametrize("database_kind", ["sqlite"])  # which database it is makes no difference there
SELF = f"Patient/{PERSON}"
AGREES = filed(to_speak(legal_basis="Their agreement"), "hers")


def the_person(**known: Any) -> Filed[Any]:
    return filed(
        made(Person, **{"active": True, "name": "Sam Example", "birth_date": date(1980, 5, 4)} | known), PERSON
    )


def lacking() -> tuple[Filed[Any], ...]:
    lost = capacity("lacks-capacity", date(2025, 1, 15))
    return (
        the_person(),
        filed(mother(), "mother"),
        AGREES,
        filed(lost, "lost"),
    )


def represented(api: Api) -> Api:
    """An app of the mother, for an adult who lacks capacity."""
    sent(api, *lacking())
    return living(logged_in(api, "representative", MOTHER, patient=PERSON))


def living(app: Api) -> Api:
    assert not is_shut_out(app)
    return app


def is_shut_out(app: Api) -> bool:
    """Whether the token does not hold; what it may see is another matter."""
    reply = app.get(SELF)
    if reply.status_code == 401:
        assert 'error="invalid_token"' in reply.headers["www-authenticate"]
    return reply.status_code == 401


ENDS: dict[str, Callable[[Api], None]] = {
    "the power is revoked": lambda api: changed(api, MOTHER, active=False),
    "its last day is over": lambda api: changed(api, MOTHER, period={"end": str(today(clock()) - DAY)}),
    "it is of no authority": lambda api: changed(api, MOTHER, relationship=None),
    "the consent is withdrawn": lambda api: changed(api, "Consent/hers", status="inactive"),
    "capacity is back": lambda api: sent(api, filed(capacity("has-capacity", today(clock())), "back")),
    "the person has died": lambda api: changed(api, SELF, deceasedDateTime=str(today(clock()))),
    "the finding is deleted": lambda api: deleted(api, "Observation/lost"),
    "the party is deleted": lambda api: deleted(api, MOTHER),
}


def deleted(api: Api, reference: str) -> None:
    assert api.delete(reference).status_code == 204


@pytest.mark.requirement("S22")
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@ON_ONE
def test_a_representative_is_shut_out_at_the_next_request(api: Api, end: Callable[[Api], None]) -> None:
    app = represented(api)
    end(api)
    assert is_shut_out(app)
    assert tied(api, PERSON, "representative") == set()


@pytest.mark.requirement("S22")
def test_a_birthday_shuts_a_parent_out_though_nothing_is_written(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    day = today(clock()) + DAY
    born = date(day.year - 18, day.month, day.day) if (day.month, day.day) != (2, 29) else date(day.year - 18, 3, 1)
    parent = mother(roles=("parental-responsibility",))
    sent(
        api,
        the_person(birth_date=born),
        filed(parent, "mother"),
        AGREES,
    )
    app = living(logged_in(api, "representative", MOTHER, patient=PERSON))
    monkeypatch.setattr("fhir_gateway.gateway.clock", lambda: begins(born.replace(year=born.year + 18)) - 1_000)
    assert not is_shut_out(app)
    monkeypatch.setattr("fhir_gateway.gateway.clock", lambda: begins(born.replace(year=born.year + 18)))
    assert is_shut_out(app)


def test_a_person_reads_by_their_own_grant_until_they_die(api: Api) -> None:
    sent(api, the_person())
    apps = [living(logged_in(api, "person", SELF, patient=patient)) for patient in (PERSON, None)]
    changed(api, SELF, deceasedDateTime="2025-06-01")
    assert all(is_shut_out(app) for app in apps)


@pytest.mark.parametrize(
    ("role", "who", "patient"),
    [
        ("person", SELF, "another"),
        ("person", "Patient/another", PERSON),
        ("representative", SELF, PERSON),
        ("representative", MOTHER, None),
        ("nominee", MOTHER, PERSON),
        ("custodian", SELF, PERSON),
        ("", SELF, PERSON),
    ],
)
@ON_ONE
def test_a_grant_that_rests_on_no_tie_holds_nowhere(api: Api, role: str, who: str, patient: str | None) -> None:
    sent(api, *lacking())
    assert is_shut_out(logged_in(api, role, who, patient=patient, scope="patient/*.rs"))


@ON_ONE
def test_a_nominee_holds_while_the_nomination_does(api: Api) -> None:
    sent(api, the_person(), filed(nominee(), "mother"))
    app = living(logged_in(api, "nominee", MOTHER, patient=PERSON))
    changed(api, MOTHER, period={"end": "2025-12-31"})
    assert is_shut_out(app)


# --- staff ------------------------------------------------------------------------------------------


def staff(**known: Any) -> tuple[Filed[Any], ...]:
    role = made(CareCoordinator, **{"active": True, "practitioner": "mira", "organisation": "icb"} | known)
    bodies = [filed(made(Organisation, active=True, name=name), name) for name in ("icb", "council")]
    return *bodies, filed(made(Worker, active=True, name="Mira"), "mira"), filed(role, "role"), the_person()


@pytest.mark.requirement("S22")
@pytest.mark.parametrize("who", ["PractitionerRole/role", "Practitioner/mira"])
@pytest.mark.parametrize("role", ["coordinator", "council"])
def test_staff_hold_while_their_role_does(api: Api, who: str, role: str) -> None:
    sent(api, *staff())
    app = living(logged_in(api, role, who, organisation="icb"))
    changed(api, "PractitionerRole/role", active=False)
    assert is_shut_out(app)


@pytest.mark.parametrize(
    "known",
    [
        {"end": date(2025, 1, 1)},
        {"start": date(2999, 1, 1)},
        {"organisation": "council"},
        {"organisation": None},
    ],
)
@ON_ONE
def test_a_role_that_is_over_or_of_another_body_gives_nothing(api: Api, known: dict[str, Any]) -> None:
    sent(api, *staff(**known))
    assert is_shut_out(logged_in(api, "icb", "PractitionerRole/role", organisation="icb"))


@ON_ONE
def test_staff_of_no_body_or_no_role_are_nobody(api: Api) -> None:
    sent(api, *staff())
    assert is_shut_out(logged_in(api, "icb", "PractitionerRole/role"))
    assert is_shut_out(logged_in(api, "icb", "PractitionerRole/other", organisation="icb"))
    assert is_shut_out(logged_in(api, "icb", "RelatedPerson/role", organisation="icb"))
