"""The command line of people who log in."""

import re
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from auth import accounts, passwords
from auth.accounts import Account, AccountRefused, Link
from fhir_gateway.cli_users import USER, check_role
from fhir_gateway.store.database import Database
from tests import databases

PASSWORD = "three green bicycles"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, migrate: databases.Migrate) -> Iterator[Database]:
    monkeypatch.setattr(passwords, "hashed", lambda password: f"hash of {password}")
    monkeypatch.setenv("COLUMNS", "300")
    with databases.fresh("sqlite", migrate) as url:
        monkeypatch.setenv("PHB_DATABASE_URL", url)
        opened = Database(url)
        yield opened
        opened.close()


def run(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(USER, list(words), input=text)


def account(database: Database, name: str = "janice") -> Account:
    found = database.read(lambda session: accounts.find(session.core, name))
    assert found is not None
    return found


def links(database: Database) -> list[Link]:
    return database.read(lambda session: accounts.links_of(session.core, account(database).account_id))


def test_a_user_is_added_linked_listed_unlinked_and_closed(database: Database) -> None:
    added = run("add", "Janice", text=f"{PASSWORD}\n")
    assert added.exit_code == 0, added.output
    assert account(database).password_hash == f"hash of {PASSWORD}"
    assert PASSWORD not in added.output
    assert run("link", "janice", "Patient/x", "--role", "person").exit_code == 0
    (link,) = links(database)
    listed = run("list").output
    for words in ("janice", "active", link.link_id, "Patient/x", "person"):
        assert words in listed
    assert run("unlink", link.link_id).exit_code == 0
    assert links(database) == []
    assert run("password", "janice", text="four blue tandems\n").exit_code == 0
    assert account(database).password_hash == "hash of four blue tandems"
    assert run("close", "janice").exit_code == 0
    assert account(database).status == "closed"
    noted = database.read(lambda session: session.driver.execute("SELECT what FROM audit ORDER BY seq").fetchall())
    assert [what for (what,) in noted] == ["account", "link", "link", "password", "account"]


def test_what_cannot_be_is_refused_and_changes_nothing(database: Database) -> None:
    assert isinstance(run("add", "janice", text="short\n").exception, passwords.PasswordRefused)
    assert run("add", "janice", "--without-password").exit_code == 0
    for words in (
        ("add", "JANICE", "--without-password"),
        ("link", "nobody", "Patient/x", "--role", "person"),
        ("link", "janice", "Patient/x", "--role", "custodian"),
        ("unlink", "nothing"),
        ("close", "nobody"),
    ):
        assert isinstance(run(*words).exception, AccountRefused)
    assert links(database) == []


@pytest.mark.parametrize(
    ("who", "role", "organisation", "fault"),
    [
        ("Patient/x", "king", None, "role: one of"),
        ("Patient/x", "custodian", "o", "role: one of"),
        ("Patient/x", "representative", None, "representative is for a RelatedPerson"),
        ("RelatedPerson/x", "person", None, "person is for a Patient"),
        ("Patient/x", "icb", "o", "icb is for a PractitionerRole or Practitioner"),
        ("PractitionerRole/x", "icb", None, "of an organisation"),
        ("Patient/x", "person", "o", "of no organisation"),
    ],
)
def test_a_role_fits_who_somebody_is(who: str, role: str, organisation: str | None, fault: str) -> None:
    with pytest.raises(AccountRefused, match=re.escape(fault)):
        check_role(who, role, organisation)


@pytest.mark.parametrize(
    ("who", "role", "organisation"),
    [
        ("Patient/x", "person", None),
        ("RelatedPerson/x", "nominee", None),
        ("PractitionerRole/x", "coordinator", "o"),
        ("Practitioner/x", "auditor", "o"),
    ],
)
def test_persons_have_no_organisation_and_staff_have_one(who: str, role: str, organisation: str | None) -> None:
    check_role(who, role, organisation)
