"""An app, a person who is logged in, and the steps from one to the other's records, one argument from each fault."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc.jwk import RSAKey
from sqlalchemy import Connection, insert

from auth import accounts, clients, codes, consent, launches, sessions
from auth.clients import Registration
from auth.launches import LaunchContext
from auth.seams import Choice
from auth.sessions import LoginSession
from auth.store import SIGNING_KEY
from auth.tokens import digest
from tests import databases
from tests.auth.builders import ISSUER, NOW, SEALER, Server, fill, key, opened, public, registration

FHIR: Final = f"{ISSUER}/fhir"
REDIRECT: Final = "https://app.example/callback"
APP_ORIGIN: Final = "https://app.example"
VERIFIER: Final = "0f8fad5b-d9cb-469f-a165-70867728950e-7c9e6679-7425-40de-944b-e07fc1f90ae7"
SCOPE: Final = "openid fhirUser launch/patient offline_access patient/Patient.rs patient/Claim.rs"
REGISTERED: Final = (
    "openid fhirUser profile launch launch/patient offline_access online_access patient/*.cruds user/*.rs"
)
SECRET: Final = "s" * 43
JANICE: Final = Choice(
    link_id="link-janice",
    fhir_user="Patient/janice",
    role="person",
    organisation=None,
    patient="janice",
    label="Janice",
)
DYLAN: Final = Choice(
    link_id="link-dylan",
    fhir_user="RelatedPerson/janice-for-dylan",
    role="representative",
    organisation=None,
    patient="dylan",
    label="Dylan",
)
STAFF: Final = Choice(
    link_id="link-staff",
    fhir_user="PractitionerRole/cora",
    role="coordinator",
    organisation="icb",
    patient=None,
    label="Care coordinator",
)


def app(**changes: Any) -> Registration:
    """A public app on the web."""
    usual: dict[str, Any] = {
        "client_id": "patient-app",
        "name": "My budget",
        "kind": "public",
        "scope": REGISTERED,
        "redirect_uris": json.dumps([REDIRECT]),
        "origins": json.dumps([APP_ORIGIN]),
        "launch_uri": "https://app.example/launch",
    }
    return Registration(**(usual | changes))


def with_secret(**changes: Any) -> Registration:
    """A confidential app that proves itself by a secret."""
    return app(**({"client_id": "secret-app", "kind": "confidential", "secret_digest": digest(SECRET)} | changes))


def with_keys(**changes: Any) -> Registration:
    """A confidential app that proves itself by keys."""
    usual = {"client_id": "key-app", "kind": "confidential", "jwks": public(key("rsa"), key("ec"))}
    return app(**(usual | changes))


@cache
def _signing_key() -> RSAKey:
    return RSAKey.generate_key(2048)


def sign_with_a_small_key(conn: Connection) -> None:
    """What `keys.ensure` would make, without the seconds that takes."""
    own = _signing_key()
    member = {**own.as_dict(private=False), "kid": own.thumbprint(), "use": "sig", "alg": "RS256"}
    conn.execute(
        insert(SIGNING_KEY).values(
            kid=own.thumbprint(),
            use="sig",
            alg="RS256",
            state="active",
            public_jwk=json.dumps(member),
            sealed=SEALER.seal(json.dumps(own.as_dict(private=True))),
            created_at=NOW,
        )
    )


@dataclass
class AppServer(Server):
    """The server with an account logged in. login: who is at the browser. noted: what was put on record."""

    login: LoginSession | None = None
    choices: tuple[Choice, ...] = (JANICE,)
    holds: bool = True
    role_scopes: str = "patient/*.cruds user/*.cruds"
    noted: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seams = {
            "session": lambda _conn, _request, _now: self.login,
            "people": lambda _conn, _account, _now: self.choices,
            "still_holds": lambda _conn, principal, _now: self.holds or principal.for_itself,
            "role_scopes": lambda _role: self.role_scopes,
            "note": self._note,
        }

    def _note(self, _conn: Connection, kind: str, outcome: str, /, **about: Any) -> None:
        self.noted.append((kind, outcome, about))

    def log_in(self, username: str = "janice") -> LoginSession:
        """A new login of an account, made when there is none."""

        def work(conn: Connection) -> LoginSession:
            found = accounts.find(conn, username) or accounts.create(conn, username, None, self.clock())
            return sessions.begin(conn, found.account_id, self.clock())[1]

        self.login = self.write(work)
        return self.login

    # --- the steps

    def params(self, **changes: Any) -> dict[str, str]:
        """A valid authorization request; None leaves a parameter out."""
        usual = {
            "response_type": "code",
            "client_id": "patient-app",
            "redirect_uri": REDIRECT,
            "scope": SCOPE,
            "state": "a state/with+odd=characters&%",
            "aud": FHIR,
            "code_challenge": codes.challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def authorize(self, **changes: Any) -> httpx.Response:
        return self.send("GET", "/oauth2/authorize", params=self.params(**changes))

    def handle(self, **changes: Any) -> str:
        """The handle of a request that waits for a decision."""
        reply = self.authorize(**changes)
        assert reply.status_code == 303, reply.text
        assert reply.headers["location"].startswith("/oauth2/consent?"), reply.headers["location"]
        return query(reply.headers["location"])["request"]

    def allow(self, handle: str, *ticked: str, choice: Choice = JANICE) -> dict[str, str]:
        """What the app is told once the person allowed; ticked: everything when left out."""
        assert self.login is not None
        login, now = self.login, self.clock()

        def work(conn: Connection) -> str:
            asked = consent.ask(self.config, conn, handle, login.account_id, now)
            assert asked is not None
            everything = [scope.text for scope in asked.resources] + [asked.refresh or ""]
            picked = (choice.link_id, choice.patient)
            return consent.grant(self.config, conn, handle, login, ticked or everything, picked, now)

        return query(self.write(work))

    def code(self, **changes: Any) -> str:
        return self.allow(self.handle(**changes))["code"]

    def redeem(self, code: str, /, **changes: Any) -> httpx.Response:
        """The token request of a code; None leaves a parameter out."""
        headers = changes.pop("headers", {})
        usual = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": "patient-app",
            "code_verifier": VERIFIER,
        }
        form = {name: value for name, value in (usual | changes).items() if value is not None}
        return self.send("POST", "/oauth2/token", data=form, headers=headers)

    def tokens(self, **changes: Any) -> dict[str, Any]:
        """The answer to a whole round."""
        reply = self.redeem(self.code(**changes))
        assert reply.status_code == 200, reply.text
        body: dict[str, Any] = reply.json()
        return body

    def refresh(self, token: str, **changes: Any) -> httpx.Response:
        usual = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "patient-app"}
        form = {name: value for name, value in (usual | changes).items() if value is not None}
        return self.send("POST", "/oauth2/token", data=form)

    def introspected(self, token: str) -> dict[str, Any]:
        """What a resource server is told of a token."""
        reply = self.post("/oauth2/introspect", data={"token": token, **self.proof()})
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def is_good(self, token: str) -> bool:
        """Whether a token works at an endpoint that takes it."""
        reply = self.send("GET", "/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code in (200, 401)
        return reply.status_code == 200


@contextmanager
def app_server(url: str) -> Iterator[AppServer]:
    """The server over a filled database: a public app, two confidential ones, a resource server, a login."""
    with opened(url) as engine:
        server = AppServer(engine)
        for one in (app(), with_secret(), with_keys(), registration(may_introspect=True)):
            server.write(lambda conn, one=one: clients.add(conn, one, NOW))  # type: ignore[misc]
        server.write(sign_with_a_small_key)
        server.log_in()
        yield server


@contextmanager
def on_sqlite() -> Iterator[AppServer]:
    """The same on a database of its own."""
    with databases.fresh("sqlite", fill) as url, app_server(url) as server:
        yield server


def launch(server: AppServer, patient: str | None = "janice") -> str:
    """The handle of a launch of the public app for whoever is logged in."""
    login = server.login
    assert login is not None
    context = LaunchContext(patient=patient, need_patient_banner=False, fhir_context=({"reference": "CarePlan/plan"},))

    def made(conn: Connection) -> str:
        client = clients.find(conn, "patient-app")
        assert client is not None
        return launches.create(conn, client, login.account_id, context, server.clock())

    return server.write(made)


def basic(name: str, secret: str) -> dict[str, str]:
    """The header of a client that proves itself by its secret."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def query(address: str) -> dict[str, str]:
    """The parameters of an address, each once."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def sent_back(reply: httpx.Response) -> dict[str, str]:
    """The parameters of an answer sent to the app."""
    assert reply.status_code == 303, reply.text
    assert reply.headers["location"].startswith(f"{REDIRECT}?"), reply.headers["location"]
    return query(reply.headers["location"])
