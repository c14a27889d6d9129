"""The whole gateway with another issuer: the button on the login page, the record found, the page of the person."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from auth import csrf
from auth.issuers.section import IssuersRefused
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import Settings
from mappings.namespaces import NHS_NUMBER as NHS_NUMBER_SYSTEM
from tests import databases
from tests.auth.builders import Clock, key
from tests.auth.issuers.conftest import NHS_LOGIN, PARTY
from tests.auth.issuers.fake_issuer import BORN, NHS_NUMBER, FakeIssuer, serving
from tests.fhir_gateway.api import BASE, Api, Loop, opened
from tests.fhir_gateway.trees import patient

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": BASE}


@pytest.fixture(scope="module")
def issuer() -> Iterator[FakeIssuer]:
    with serving() as issuer:
        issuer.party = type(key("rsa")).import_key(key("rsa", PARTY).as_dict(private=False))  # type: ignore[assignment]
        issuer.clock = Clock(clock())
        yield issuer


@pytest.fixture(scope="module")
def listed(issuer: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("listed")
    (folder / "party.pem").write_bytes(key("rsa", PARTY).as_pem(private=True))
    (folder / "issuers.toml").write_text(NHS_LOGIN.replace("{url}", issuer.url))
    return folder / "issuers.toml"


@pytest.fixture
def api(loop: Loop, migrate: databases.Migrate, listed: Path) -> Iterator[Api]:
    with (
        databases.fresh("sqlite", migrate) as url,
        opened(url, loop, issuers_file=listed, allow_loopback_jwks=True) as api,
    ):
        yield api


def went(api: Api, issuer: FakeIssuer) -> httpx.Response:
    """The browser goes from the login page to the issuer and back."""
    stranger = api.stranger()
    page = stranger.get("/login?then=/apps")
    assert "Log in with NHS login" in page.text
    assert issuer.url in page.headers["content-security-policy"]
    cookie = page.headers["set-cookie"].partition(";")[0]
    (field,) = set(re.findall(r'name="csrf" value="([^"]+)"', page.text))
    body = str(httpx.QueryParams({csrf.FIELD: field, "then": "/apps"}))
    browser = replace(stranger, headers={"Cookie": cookie, **FORM})
    begun = browser.request("POST", "/login/with/nhs-login", body)
    assert begun.status_code == 303, begun.text
    browser = replace(stranger, headers={"Cookie": begun.headers["set-cookie"].partition(";")[0]})
    return browser.get(issuer.log_in(begun.headers["location"]))


def test_a_person_nhs_login_knows_sees_their_own_page(api: Api, issuer: FakeIssuer) -> None:
    api.made(patient(identifier=[{"system": NHS_NUMBER_SYSTEM, "value": NHS_NUMBER}], birthDate=BORN))
    back = went(api, issuer)
    assert (back.status_code, back.headers["location"]) == (303, "/apps")
    cookie = back.headers.get_list("set-cookie")[0].partition(";")[0]
    page = replace(api.stranger(), headers={"Cookie": cookie}).get("/apps")
    assert page.status_code == 200
    assert back.headers["cache-control"] == "no-store"


@pytest.mark.requirement("S29")
def test_whoever_has_no_record_here_is_told_so_and_the_refusal_is_on_record(api: Api, issuer: FakeIssuer) -> None:
    back = went(api, issuer)
    assert back.status_code == 403
    assert "We could not find a record for you" in back.text
    rows = api.write(lambda conn: conn.exec_driver_sql("SELECT subtype, outcome FROM audit").fetchall())
    assert ("login", "refused") in [tuple(row) for row in rows]


def test_a_wrong_file_of_issuers_stops_the_start(loop: Loop, migrate: databases.Migrate, tmp_path: Path) -> None:
    wrong = tmp_path / "issuers.toml"
    wrong.write_text("[[issuer]]\n")
    assert Settings(issuers_file=wrong).issuers_file == wrong
    with (
        databases.fresh("sqlite", migrate) as url,
        pytest.raises(IssuersRefused, match=r"issuers\.toml, line 1: profile"),
        opened(url, loop, issuers_file=wrong),
    ):
        pass
