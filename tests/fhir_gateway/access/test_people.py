"""Whom an account may act as: only what stands now, under a name people know."""

from datetime import date

import pytest
from sqlalchemy import Connection, insert

from auth.scopes import ScopeSet
from auth.seams import Choice
from auth.store import ACCOUNT, ACCOUNT_LINK
from fhir_gateway.access.asker import ROLES
from fhir_gateway.access.people import choices, role_scopes
from fhir_gateway.demo.entry import made
from fhir_gateway.interactions.context import clock
from mappings.organization import Organisation
from mappings.patient import Person
from mappings.practitioner import Worker
from mappings.practitioner_role import CareCoordinator
from mappings.registry import TYPES
from tests.fhir_gateway.access.logged_in import changed, sent
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.phb.people_paid import MOTHER, mother, to_speak
from tests.fhir_gateway.phb.shelf import PERSON, filed

LINKS = {
    "self": ("Patient/mum", "person", None),
    "hers": (MOTHER, "representative", None),
    "work": ("PractitionerRole/role", "coordinator", "icb"),
    "none": ("PractitionerRole/role", "custodian", "icb"),
}


def account(api: Api) -> None:
    """A mother who has a budget of her own, acts for her child, and works for an ICB."""
    sent(
        api,
        filed(made(Person, active=True, name="Mum Example", birth_date=date(1990, 5, 4)), "mum"),
        filed(made(Person, active=True, name="Sam Example", birth_date=date(2020, 5, 4)), PERSON),
        filed(mother(roles=("parental-responsibility",)), "mother"),
        filed(to_speak(legal_basis="Her agreement"), "hers"),
        filed(made(Organisation, active=True, name="Example ICB"), "icb"),
        filed(made(Worker, active=True, name="Mum"), "mum-at-work"),
        filed(made(CareCoordinator, active=True, practitioner="mum-at-work", organisation="icb"), "role"),
    )
    api.write(_linked)


def _linked(conn: Connection) -> None:
    conn.execute(insert(ACCOUNT).values(account_id="acc", status="active", created_at=0))
    for at, (link, (who, role, organisation)) in enumerate(LINKS.items()):
        row = {"link_id": link, "account_id": "acc", "fhir_user": who, "role": role, "organisation": organisation}
        conn.execute(insert(ACCOUNT_LINK).values(**row, how="operator", created_at=at))


def offered(api: Api) -> list[Choice]:
    found: tuple[Choice, ...] = api.write(lambda conn: choices(conn, "acc", clock()))
    return list(found)


def shown(api: Api) -> list[tuple[str, str | None, str]]:
    return [(one.link_id, one.patient, one.label) for one in offered(api)]


def test_everything_an_account_stands_for_is_offered_by_name(api: Api) -> None:
    account(api)
    assert shown(api) == [
        ("self", "mum", "Mum Example"),
        ("hers", PERSON, "Sam Example"),
        ("work", None, "Care coordinator, Example ICB"),
    ]
    assert offered(api)[2].organisation == "icb"
    assert api.write(lambda conn: choices(conn, "nobody", clock())) == ()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_what_has_ended_is_offered_no_more(api: Api) -> None:
    account(api)
    changed(api, MOTHER, active=False)
    assert [one[0] for one in shown(api)] == ["self", "work"]
    changed(api, "PractitionerRole/role", active=False)
    assert [one[0] for one in shown(api)] == ["self"]
    changed(api, "Patient/mum", deceasedDateTime="2025-01-01")
    assert shown(api) == []
    changed(api, MOTHER, active=True)
    api.write(lambda conn: conn.execute(ACCOUNT_LINK.update().values(ended_at=1)))
    assert shown(api) == []


def test_each_role_has_its_most_and_one_without_records_none() -> None:
    types = {*TYPES, "AuditEvent", "*"}
    for role in ROLES:
        for scope in ScopeSet.parse(role_scopes(role)).scopes:
            assert scope.resource_type in types
            assert scope.context == ("patient" if role in {"person", "representative", "nominee"} else "user")
    assert not ScopeSet.parse(role_scopes("operator")).scopes
    assert not ScopeSet.parse(role_scopes("custodian")).scopes
    assert not any(set(one.actions) & set("cud") for one in ScopeSet.parse(role_scopes("auditor")).scopes)
