"""Client libraries nobody here wrote log a person in: an OAuth client, and an OpenID client that trusts discovery."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from authlib.integrations.base_client import BaseApp, OAuth2Mixin, OAuthError, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from sqlalchemy import Connection

from auth import accounts, clients
from auth.clients import Registration
from fhir_gateway.interactions.context import clock
from fhir_gateway.store.database import Database
from tests.fhir_gateway.web.browser import Page
from tests.journeys.conftest import Server

PASSWORD: Final = "three green bicycles"
REDIRECT: Final = "https://app.example/callback"
APP: Final = "budget-app"
SITE: Final = "advice-site"
SCOPE: Final = "openid fhirUser launch/patient offline_access patient/Patient.rs patient/Goal.rs"
JSON: Final = {"Content-Type": "application/fhir+json"}


@dataclass
class Visitor:
    """Somebody at a browser without JavaScript, as far as logging in and allowing takes it."""

    root: str
    name: str
    cookies: dict[str, str] = field(default_factory=dict)

    def allows(self, address: str, *without: str) -> str:
        """From the address an app sent them to, to the address they are sent back to."""
        page = self.follow(self.get(address))
        if any(form.action == "/login" for form in page.forms):
            login = page.form("/login")
            page = self.follow(self.post("/login", login.fields | {"username": self.name, "password": PASSWORD}))
        consent = page.form("/oauth2/consent")
        ticked = {name: value for name, value in consent.fields.items() if value not in without}
        return self.post("/oauth2/consent", ticked | {"decision": "allow"}).location

    def follow(self, page: Page) -> Page:
        """To where our own redirects lead."""
        while page.status == 303:
            page = self.get(page.location)
        assert page.status == 200, page.text
        return page

    def get(self, address: str) -> Page:
        return self._asked("GET", address, None)

    def post(self, address: str, fields: dict[str, str]) -> Page:
        return self._asked("POST", address, fields)

    def _asked(self, method: str, address: str, fields: dict[str, str] | None) -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Origin": "null", "Sec-Fetch-Site": "same-origin"} if fields is not None else {}
        reply = httpx.request(method, urljoin(self.root, address), data=fields, headers=headers)
        self.cookies |= dict(reply.cookies)
        return Page(reply)


@dataclass(frozen=True)
class Place:
    """A gateway with a person who can log in, an app and a site that are registered."""

    server: Server
    person: str
    name: str
    secret: str

    @property
    def wellknown(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.server.base}/.well-known/smart-configuration").json()
        return found

    def visitor(self) -> Visitor:
        return Visitor(self.server.root, self.name)


@pytest.fixture(scope="module")
def place(server_on: Callable[[str], Server]) -> Place:
    server = server_on("sqlite")
    bearer = {"Authorization": f"Bearer {server.token()}"}
    patient = {"resourceType": "Patient", "active": True, "name": [{"family": "Invented", "given": ["Ada"]}]}
    made = httpx.post(f"{server.base}/Patient", json=patient, headers=bearer | JSON)
    assert made.status_code == 201, made.text
    person, (secret, digest) = made.json()["id"], clients.new_secret()
    database = Database(server.url)

    def registered(conn: Connection) -> None:
        account = accounts.create(conn, f"ada-{person}", PASSWORD, clock())
        accounts.link(conn, account.account_id, f"Patient/{person}", "person", clock())
        app = Registration(
            client_id=APP, name="Budget app", kind="public", scope=SCOPE, redirect_uris=json.dumps([REDIRECT])
        )
        clients.add(conn, app, clock())
        site = replace(app, client_id=SITE, name="Advice site", kind="confidential", secret_digest=digest)
        clients.add(conn, site, clock())

    database.write(lambda session: registered(session.core))
    database.close()
    return Place(server, person, f"ada-{person}", secret)


@pytest.fixture
def app(place: Place) -> Iterator[OAuth2Session]:
    """Authlib's OAuth client, as a public app uses it."""
    with OAuth2Session(
        APP,
        scope=SCOPE,
        redirect_uri=REDIRECT,
        token_endpoint=place.wellknown["token_endpoint"],
        token_endpoint_auth_method="none",
        revocation_endpoint_auth_method="none",
        code_challenge_method="S256",
    ) as made:
        yield made


def granted(place: Place, app: OAuth2Session, *without: str) -> dict[str, Any]:
    """The token response after the person logged in and allowed the app what it asked, but for some scopes."""
    verifier = "v" * 64
    address, _ = app.create_authorization_url(
        place.wellknown["authorization_endpoint"], code_verifier=verifier, aud=place.server.base
    )
    back = place.visitor().allows(address, *without)
    assert back.startswith(f"{REDIRECT}?")
    assert parse_qs(urlsplit(back).query)["iss"] == [place.server.root]
    found: dict[str, Any] = app.fetch_token(
        place.wellknown["token_endpoint"], authorization_response=back, code_verifier=verifier
    )
    return found


def test_an_oauth_client_reads_the_record_of_whoever_logged_in(place: Place, app: OAuth2Session) -> None:
    token = granted(place, app)
    assert (token["token_type"], token["patient"]) == ("Bearer", place.person)
    read = app.get(f"{place.server.base}/Patient/{place.person}")
    assert (read.status_code, read.json()["name"][0]["family"]) == (200, "Invented")
    assert app.get(f"{place.server.base}/Goal?patient={place.person}").json()["type"] == "searchset"
    assert app.get(f"{place.server.base}/Claim?patient={place.person}").status_code == 403


def test_a_scope_that_was_unticked_is_not_granted(place: Place, app: OAuth2Session) -> None:
    token = granted(place, app, "patient/Goal.rs")
    assert token["scope"].split() == SCOPE.replace(" patient/Goal.rs", "").split()
    assert app.get(f"{place.server.base}/Goal?patient={place.person}").status_code == 403


def test_a_refresh_token_is_used_once_and_a_second_use_ends_the_grant(place: Place, app: OAuth2Session) -> None:
    first = granted(place, app)
    endpoint = place.wellknown["token_endpoint"]
    second = dict(app.refresh_token(endpoint, refresh_token=first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    patient = f"{place.server.base}/Patient/{place.person}"
    assert app.get(patient).status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh_token(endpoint, refresh_token=first["refresh_token"])
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert httpx.get(patient, headers=bearer).status_code == 401


def test_a_grant_that_is_given_back_opens_nothing(place: Place, app: OAuth2Session) -> None:
    token = granted(place, app)
    app.revoke_token(place.wellknown["revocation_endpoint"], token=token["refresh_token"])
    assert app.get(f"{place.server.base}/Patient/{place.person}").status_code == 401
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.refresh_token(place.wellknown["token_endpoint"], refresh_token=token["refresh_token"])


def test_an_app_is_stopped_on_the_page_of_apps(place: Place, app: OAuth2Session) -> None:
    granted(place, app)
    visitor = place.visitor()
    login = visitor.get("/login").form("/login")
    visitor.post("/login", login.fields | {"username": place.name, "password": PASSWORD})
    for form in [one for one in visitor.get("/apps").forms if one.action == "/apps/stop"]:
        assert visitor.post("/apps/stop", form.fields).status == 303
    assert app.get(f"{place.server.base}/Patient/{place.person}").status_code == 401


class OpenIdClient(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc] # Authlib ships no types
    """Authlib's OpenID client as its web integrations put it together, without a web framework."""

    client_cls = OAuth2Session


def test_an_openid_client_finds_all_it_needs_by_discovery_and_believes_the_id_token(place: Place) -> None:
    """OpenID Connect Discovery 1.0; the library checks signature, iss, aud, exp, nonce and at_hash."""
    client = OpenIdClient(
        None,
        client_id=SITE,
        client_secret=place.secret,
        server_metadata_url=f"{place.server.root}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid fhirUser", "code_challenge_method": "S256"},
    )
    asked = client.create_authorization_url(REDIRECT, aud=place.server.base)
    back = place.visitor().allows(asked["url"])
    answer = parse_qs(urlsplit(back).query)
    assert answer["state"] == [asked["state"]]
    token = client.fetch_access_token(REDIRECT, code=answer["code"][0], code_verifier=asked["code_verifier"])
    person = client.parse_id_token(token, nonce=asked["nonce"])
    assert person["fhirUser"] == f"{place.server.base}/Patient/{place.person}"
    assert (person["iss"], person["aud"]) == (place.server.root, SITE)
    assert client.userinfo(token=token)["sub"] == person["sub"]
