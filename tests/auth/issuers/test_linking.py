"""Whose account an identity opens: known by (iss, sub), linked once by what the issuer verified."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from auth import accounts
from auth.accounts import AccountRefused
from auth.issuers.federation import Federation, Matched
from auth.issuers.identity import Identity, Worker
from auth.issuers.linking import Opened, know, open_account
from auth.store import ACCOUNT, ACCOUNT_LINK, EXTERNAL_IDENTITY
from tests.auth.builders import NOW, Server, opened
from tests.auth.issuers.conftest import CIS2, NHS_LOGIN, PATIENT, ROLE, loaded
from tests.auth.issuers.fake_issuer import BORN, NHS_NUMBER

URL = "https://login.example"
COUNCIL = (
    CIS2.replace('"cis2"\niss', '"oidc"\nuse = "staff"\niss')
    + """
[issuer.require]
acr = "2"
[issuer.claims]
{claims}
"""
)
OTHER_ROLE = Matched(fhir_user="PractitionerRole/other", role="coordinator", organisation="council")
PEOPLE = Federation(match_person=lambda _conn, _number, _born: PATIENT)
NOBODY = Federation()


def staff(matched: Matched | None) -> Federation:
    return Federation(match_worker=lambda _conn, _worker, _now: matched)


def person(folder: Path, subject: str = "person-1", **claims: str) -> Identity:
    issuer = loaded(folder, NHS_LOGIN, URL)
    told = {"nhs_number": NHS_NUMBER, "birthdate": BORN, **claims}
    return Identity(issuer=issuer, subject=subject, acr=None, amr=(), auth_time=None, claims=told)


def worker(folder: Path) -> Identity:
    told = {"selected_roleid": "555", "nhsid_nrbac_roles": [{"person_roleid": "555", "org_code": "QXX"}]}
    issuer = loaded(folder, CIS2, URL)
    return Identity(issuer=issuer, subject="worker-1", acr=None, amr=(), auth_time=None, claims=told)


@pytest.fixture
def server(engine: Engine) -> Server:
    return Server(engine)


def opens(server: Server, known: Identity, federation: Federation) -> str | None:
    found = server.write(lambda conn: open_account(conn, known, federation, NOW))
    return found.account_id if found else None


def links(server: Server, account_id: str | None) -> list[str]:
    return [one.fhir_user for one in server.write(lambda conn: accounts.links_of(conn, account_id or ""))]


def test_an_identity_opens_its_account_whatever_else_its_issuer_says_later(server: Server, folder: Path) -> None:
    first = opens(server, person(folder), PEOPLE)
    assert first is not None
    moved = Federation(match_person=lambda _conn, _number, _born: "Patient/somebody-else")
    assert opens(server, person(folder), moved) == first
    assert opens(server, person(folder), NOBODY) == first
    assert links(server, first) == [PATIENT]


def test_another_subject_of_the_issuer_is_another_account(server: Server, folder: Path) -> None:
    assert opens(server, person(folder), PEOPLE) != opens(server, person(folder, "person-2"), PEOPLE)


@pytest.mark.requirement("S28")
def test_an_email_links_nobody(server: Server, folder: Path) -> None:
    """S28, S29: what anybody can claim is no identity."""
    server.write(lambda conn: accounts.create(conn, "janice@example.org", None, NOW))
    known = person(folder, email="janice@example.org", email_verified="true", birthdate="")
    assert opens(server, known, PEOPLE) is None
    assert server.write(lambda conn: conn.execute(select(EXTERNAL_IDENTITY)).first()) is None


def test_a_closed_account_opens_no_more_and_no_other_is_made(server: Server, folder: Path) -> None:
    account_id = opens(server, person(folder), PEOPLE)
    assert account_id is not None
    server.write(lambda conn: accounts.close(conn, account_id, NOW))
    assert opens(server, person(folder), PEOPLE) is None
    assert server.write(lambda conn: conn.execute(select(func.count()).select_from(ACCOUNT)).scalar_one()) == 1


def test_a_worker_s_account_gains_the_role_they_come_in(server: Server, folder: Path) -> None:
    first = opens(server, worker(folder), staff(ROLE))
    assert opens(server, worker(folder), staff(ROLE)) == first
    assert opens(server, worker(folder), staff(OTHER_ROLE)) == first
    assert sorted(links(server, first)) == ["PractitionerRole/marsh", "PractitionerRole/other"]


def test_a_provider_may_tell_the_role_and_its_body_in_plain_claims(server: Server, folder: Path) -> None:
    plain = COUNCIL.replace("{claims}", 'worker = "role"\norganisation = "ods"')
    issuer = loaded(folder, plain, URL)
    told: dict[str, object] = {"role": "555", "ods": "QXX"}
    known = Identity(issuer=issuer, subject="w", acr=None, amr=(), auth_time=None, claims=told)
    assert known.worker == Worker(role_id="555", ods_code="QXX")
    for wrong in ({"role": "5 5"}, {"ods": "Q'X"}, {"ods": ["QXX"]}, {"role": None}):
        assert replace(known, claims={**told, **wrong}).worker is None
    assert opens(server, known, staff(ROLE)) is not None


def test_a_link_an_operator_ended_is_not_made_again(server: Server, folder: Path) -> None:
    account_id = opens(server, worker(folder), staff(ROLE))
    server.write(lambda conn: conn.execute(update(ACCOUNT_LINK).values(ended_at=NOW)))
    assert opens(server, worker(folder), staff(ROLE)) == account_id
    assert links(server, account_id) == []


def test_an_operator_may_say_whose_identity_it_is(server: Server, folder: Path) -> None:
    account = server.write(lambda conn: accounts.create(conn, "finance", None, NOW))
    server.write(lambda conn: know(conn, URL, "worker-1", account.account_id, NOW))
    assert opens(server, worker(folder), staff(None)) == account.account_id
    with pytest.raises(AccountRefused, match="already"):
        server.write(lambda conn: know(conn, URL, "worker-1", account.account_id, NOW))


def test_of_logins_for_the_first_time_at_once_all_open_one_account(database_url: str, folder: Path) -> None:
    known = person(folder)
    with opened(database_url) as engine:
        server = Server(engine)

        async def rush() -> list[Opened | None]:
            return await asyncio.gather(
                *(server.run(lambda conn: open_account(conn, known, PEOPLE, NOW)) for _ in range(8))
            )

        found = asyncio.run(rush())
        assert len({one.account_id for one in found if one is not None}) == 1
        assert None not in found
        for table in (ACCOUNT, ACCOUNT_LINK, EXTERNAL_IDENTITY):
            count = select(func.count()).select_from(table)
            assert server.write(lambda conn, wanted=count: conn.execute(wanted).scalar_one()) == 1  # type: ignore[misc]
