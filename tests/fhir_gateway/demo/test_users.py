"""The people who can log in to the demonstration, and the app they use there."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from auth import accounts, clients, passwords
from auth.accounts import Account
from fhir_gateway.access import people
from fhir_gateway.demo import patient_app, users
from fhir_gateway.demo.users import USERS
from fhir_gateway.settings import Settings
from tests.auth import memory
from tests.auth.builders import NOW

OWN = "a password of my own"


@pytest.fixture
def conn() -> Iterator[Connection]:
    with memory.connection() as made:
        yield made


def started(conn: Connection, known: dict[str, Any]) -> dict[str, Any]:
    """The users of the credentials after one start. known: those of the credentials before."""
    found = users.prepared(known)
    users.register(conn, found, known, NOW)
    return found


def account(conn: Connection, name: str) -> Account:
    found = accounts.find(conn, name)
    assert found is not None
    return found


def logs_in(conn: Connection, name: str, password: str) -> bool:
    return passwords.matches(account(conn, name).password_hash, password)


def test_everybody_of_the_file_can_log_in_as_who_they_are(conn: Connection) -> None:
    found = started(conn, {})
    for one in USERS:
        assert logs_in(conn, found[one.name]["username"], found[one.name]["password"])
        (link,) = accounts.links_of(conn, account(conn, one.name).account_id)
        assert (link.fhir_user, link.role, link.organisation) == (one.who, one.role, one.organisation)


def test_a_second_start_keeps_the_passwords_and_makes_no_second_account(conn: Connection) -> None:
    found = started(conn, {})
    assert started(conn, found) == found
    assert len(accounts.all_accounts(conn)) == len(USERS)


def test_whoever_chose_another_password_keeps_it(conn: Connection) -> None:
    found = started(conn, {})
    accounts.set_password(conn, account(conn, "janice"), OWN, NOW)
    started(conn, found)
    assert logs_in(conn, "janice", OWN)


def test_lost_credentials_give_new_passwords_but_open_nothing_that_was_closed(conn: Connection) -> None:
    before = started(conn, {})["janice"]["password"]
    accounts.close(conn, account(conn, "jackie").account_id, NOW)
    after = started(conn, {})["janice"]["password"]
    assert (logs_in(conn, "janice", before), logs_in(conn, "janice", after)) == (False, True)
    assert [one.username for one in accounts.all_accounts(conn) if one.status == "closed"] == ["jackie"]


def test_passwords_may_be_chosen_and_differ() -> None:
    made = {users.new_password() for _ in range(50)}
    assert len(made) == 50
    for one in made:
        passwords.check(one, "janice")


def test_the_app_is_registered_where_it_is_served(conn: Connection) -> None:
    for port in (8000, 8001):
        patient_app.register(conn, Settings(base_url=f"http://127.0.0.1:{port}"), NOW)
    app = clients.find(conn, "patient-app")
    assert app is not None
    page = "http://127.0.0.1:8001/app/"
    assert (app.kind, app.redirects, app.launch_uri) == ("public", (page, "http://127.0.0.1:8765/callback"), page)


def test_the_roles_are_known_to_the_policy() -> None:
    assert all(people.role_scopes(one.role) != people.role_scopes("nobody") for one in USERS)
