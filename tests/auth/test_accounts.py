"""Accounts and who they are in the record."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from auth import accounts, clients, grants, passwords, sessions
from auth.accounts import Account, AccountRefused
from auth.passwords import PasswordRefused
from tests.auth.builders import NOW, registration
from tests.auth.memory import connection, granted, lives

PASSWORD = "three green bicycles"


@pytest.fixture
def conn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setattr(passwords, "hashed", lambda password: f"hash of {password}")
    with connection() as conn:
        clients.add(conn, registration(), NOW)
        yield conn


@pytest.fixture
def janice(conn: Connection) -> Account:
    return accounts.create(conn, "Janice", PASSWORD, NOW)


def test_an_account_is_found_however_its_name_is_typed(conn: Connection, janice: Account) -> None:
    assert accounts.find(conn, " JANICE ") == janice == accounts.get(conn, janice.account_id)
    assert accounts.find(conn, "\uff2a\uff41\uff4e\uff49\uff43\uff45") == janice
    assert accounts.find(conn, "dylan") is None
    assert PASSWORD not in repr(janice)


@pytest.mark.parametrize("name", ["janice", " Janice", "JANICE"])
def test_a_name_is_had_by_one_account(conn: Connection, janice: Account, name: str) -> None:
    assert janice.username == "janice"
    with pytest.raises(AccountRefused, match="taken"):
        accounts.create(conn, name, PASSWORD, NOW)


@pytest.mark.parametrize("name", ["", "  ", "two words", "a\x00b", "tab\tbed", "x" * 255])
def test_a_name_nobody_could_type_is_refused(conn: Connection, name: str) -> None:
    with pytest.raises(AccountRefused, match="user name"):
        accounts.create(conn, name, PASSWORD, NOW)


def test_an_account_gets_no_weak_password(conn: Connection, janice: Account) -> None:
    with pytest.raises(PasswordRefused):
        accounts.create(conn, "dylan", "password1234", NOW)
    with pytest.raises(PasswordRefused):
        accounts.set_password(conn, janice, "i am janice!!", NOW)


def test_accounts_of_other_issuers_have_neither_name_nor_password(conn: Connection) -> None:
    made = [accounts.create(conn, None, None, NOW) for _ in range(2)]
    assert [one.username for one in accounts.all_accounts(conn)] == [None, None]
    assert made[0].account_id != made[1].account_id


def test_another_password_ends_every_login_but_the_one_that_set_it(conn: Connection, janice: Account) -> None:
    (first, kept), (second, _) = (sessions.begin(conn, janice.account_id, NOW) for _ in range(2))
    accounts.set_password(conn, janice, "four blue tandems", NOW, but=kept.digest)
    assert sessions.current(conn, first, NOW)
    assert sessions.current(conn, second, NOW) is None
    found = accounts.find(conn, "janice")
    assert found is not None
    assert found.password_hash == "hash of four blue tandems"


def test_a_link_says_who_an_account_is_until_it_ends(conn: Connection, janice: Account) -> None:
    link = accounts.link(conn, janice.account_id, "Patient/x", "person", NOW)
    assert accounts.links_of(conn, janice.account_id) == [link]
    with pytest.raises(AccountRefused, match="already"):
        accounts.link(conn, janice.account_id, "Patient/x", "person", NOW)
    accounts.end_link(conn, link.link_id, NOW)
    assert accounts.links_of(conn, janice.account_id) == []
    with pytest.raises(AccountRefused, match="no such link"):
        accounts.end_link(conn, link.link_id, NOW)


@pytest.mark.requirement("S22")
def test_ending_a_link_ends_what_rested_on_it_and_nothing_else(conn: Connection, janice: Account) -> None:
    """S22."""
    own = accounts.link(conn, janice.account_id, "Patient/x", "person", NOW)
    accounts.link(conn, janice.account_id, "RelatedPerson/y", "representative", NOW)
    _, session = sessions.begin(conn, janice.account_id, NOW)
    mine = granted(conn, session, "offline_access")
    other = granted(conn, session, "offline_access", fhir_user="RelatedPerson/y", role="representative")
    assert accounts.end_link(conn, own.link_id, NOW) == 1
    assert (lives(conn, mine, NOW), lives(conn, other, NOW)) == (False, True)


@pytest.mark.parametrize("who", ["", "x", "Patient/", "patient/x", "Patient/x/y", "https://a/Patient/x", "Patient/x y"])
def test_a_link_needs_a_reference(conn: Connection, janice: Account, who: str) -> None:
    with pytest.raises(AccountRefused, match="reference"):
        accounts.link(conn, janice.account_id, who, "person", NOW)


def test_a_closed_account_has_no_links_and_gets_none(conn: Connection, janice: Account) -> None:
    accounts.link(conn, janice.account_id, "Patient/x", "person", NOW)
    accounts.close(conn, janice.account_id, NOW)
    assert accounts.links_of(conn, janice.account_id) == []
    for again in (
        lambda: accounts.close(conn, janice.account_id, NOW),
        lambda: accounts.link(conn, janice.account_id, "Patient/x", "person", NOW),
    ):
        with pytest.raises(AccountRefused, match="no such active account"):
            again()
    assert grants.grants_of(conn, janice.account_id, NOW) == []
