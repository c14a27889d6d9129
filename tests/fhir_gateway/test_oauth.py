"""An app, a person and the whole gateway: log in, allow, read one's own record, and what ends it ends it at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select

from auth import accounts, clients, codes, sessions
from auth.clients import Registration
from fhir_gateway.app import create_app
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import Settings
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.store.tables import AUDIT
from tests import databases
from tests.auth.apps import VERIFIER, query, sign_with_a_small_key
from tests.auth.builders import SEAL_KEY
from tests.fhir_gateway.api import BASE, FHIR, Api, Loop
from tests.fhir_gateway.web.browser import Form, Page

BACK: Final = "https://app.example/callback"
SCOPE: Final = "openid fhirUser launch/patient offline_access patient/Patient.rs patient/CarePlan.rs"
FORM: Final = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def api(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    secret: Path = tmp_path_factory.mktemp("key") / "seal.key"
    secret.write_bytes(SEAL_KEY)
    with databases.fresh("sqlite", upgrade) as url:
        app = create_app(Settings(database_url=url, base_url=BASE, secret_file=secret))
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
        api = Api(app, app.gateway, loop, http).client()
        api.write(sign_with_a_small_key)
        api.write(lambda conn: clients.add(conn, _app(), clock()))
        yield api
        loop.run(http.aclose())
        app.gateway.close()


def _app() -> Registration:
    return Registration(
        client_id="patient-app", name="My budget", kind="public", scope=SCOPE, redirect_uris=f'["{BACK}"]'
    )


class Person:
    """Somebody with a record, an account and a browser."""

    def __init__(self, api: Api, name: str) -> None:
        self.api = api
        self.patient = api.person().removeprefix("Patient/")
        self.account = api.write(lambda conn: accounts.create(conn, name, None, clock()))
        self.link = api.write(
            lambda conn: accounts.link(conn, self.account.account_id, f"Patient/{self.patient}", "person", clock())
        )
        cookie, self.session = api.write(lambda conn: sessions.begin(conn, self.account.account_id, clock()))
        self.cookie = f"{sessions.COOKIE}={cookie}"

    def asked(self) -> Form:
        """The form of the consent page of a new request."""
        params = {
            "response_type": "code",
            "client_id": "patient-app",
            "redirect_uri": BACK,
            "scope": SCOPE,
            "state": "s",
            "aud": FHIR,
            "code_challenge": codes.challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        reply = self.api.stranger().get(f"/oauth2/authorize?{urlencode(params)}", Cookie=self.cookie)
        page = Page(self.api.stranger().get(reply.headers["location"], Cookie=self.cookie))
        return page.form("/oauth2/consent")

    def tokens(self) -> dict[str, Any]:
        """What the app gets once the person allowed everything, by the form of the page."""
        form = self.asked()
        fields = urlencode({**form.fields, "decision": "allow"})
        reply = self.api.stranger().post(form.action, fields, **FORM, Origin=BASE, Cookie=self.cookie)
        assert reply.status_code == 303, reply.text
        code = query(reply.headers["location"])["code"]
        return self.redeemed(grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)

    def redeemed(self, **form: str) -> dict[str, Any]:
        reply = self.token_endpoint(**form)
        assert reply.status_code == 200, reply.text
        body: dict[str, Any] = reply.json()
        return body

    def token_endpoint(self, **form: str) -> httpx.Response:
        return self.api.stranger().post("/oauth2/token", urlencode({"client_id": "patient-app", **form}), **FORM)

    def reads(self, token: str, patient: str | None = None) -> int:
        reply = self.api.stranger().get(f"Patient/{patient or self.patient}", Authorization=f"Bearer {token}")
        return reply.status_code


@pytest.fixture
def janice(api: Api, request: pytest.FixtureRequest) -> Person:
    return Person(api, f"janice-{request.node.name}")


@pytest.mark.requirement("smart-2.2/no-script", "smart-2.2/patient-readable")
def test_a_person_lets_an_app_read_their_own_record_and_nobody_elses(api: Api, janice: Person) -> None:
    stranger = api.person().removeprefix("Patient/")
    body = janice.tokens()
    assert (body["patient"], body["scope"]) == (janice.patient, SCOPE)
    assert janice.reads(body["access_token"]) == 200
    assert janice.reads(body["access_token"], stranger) == janice.reads(body["access_token"], "unknown") == 404
    info = api.stranger().get("/oauth2/userinfo", Authorization=f"Bearer {body['access_token']}")
    assert info.json() == {"sub": janice.account.account_id, "fhirUser": f"{FHIR}/Patient/{janice.patient}"}
    later = janice.redeemed(grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert janice.reads(later["access_token"]) == 200


@pytest.mark.requirement("smart-2.2/revocation-by-person", "S22")
@pytest.mark.parametrize("end", ["link", "account", "revocation"])
def test_what_ends_a_grant_ends_it_at_the_next_request(api: Api, janice: Person, end: str) -> None:
    """S22: and the refresh token with it."""
    body = janice.tokens()
    if end == "link":
        api.write(lambda conn: accounts.end_link(conn, janice.link.link_id, clock()))
    if end == "account":
        api.write(lambda conn: accounts.close(conn, janice.account.account_id, clock()))
    if end == "revocation":
        form = urlencode({"client_id": "patient-app", "token": body["refresh_token"]})
        assert api.stranger().post("/oauth2/revoke", form, **FORM).status_code == 200
    assert janice.reads(body["access_token"]) == 401
    refreshed = janice.token_endpoint(grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert (refreshed.status_code, refreshed.json()["error"]) == (400, "invalid_grant")


@pytest.mark.requirement("S22")
def test_a_death_ends_what_the_person_granted(api: Api, janice: Person) -> None:
    """The verdict of the token endpoint is the API's."""
    body = janice.tokens()
    gone = {"resourceType": "Patient", "id": janice.patient, "active": True, "deceasedDateTime": "2026-01-01"}
    assert api.put(f"Patient/{janice.patient}", gone).status_code == 200
    assert janice.reads(body["access_token"]) == 401
    refreshed = janice.token_endpoint(grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


@pytest.mark.requirement("S63")
def test_every_step_is_on_record(api: Api, janice: Person) -> None:
    """S63: consent and token, with the account."""
    janice.tokens()
    mine = select(AUDIT.c.subtype, AUDIT.c.outcome).where(AUDIT.c.account == janice.account.account_id)
    rows = [tuple(row) for row in api.write(lambda conn: conn.execute(mine.order_by(AUDIT.c.seq)).all())]
    assert ("consent", "granted") in rows
    assert ("token", "issued") in rows
