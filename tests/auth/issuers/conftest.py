"""The fake issuer, our side of it over a fresh database, and a browser."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.pool import StaticPool
from starlette.applications import Starlette

from auth import csrf, outgoing, sessions
from auth.config import AuthConfig
from auth.issuers import login
from auth.issuers.federation import Federation, Matched
from auth.issuers.identity import Worker
from auth.issuers.settings import Issuer, load
from auth.store import ACCESS_TOKEN, ACCOUNT, EXTERNAL_IDENTITY, GRANT, METADATA, SESSION
from tests.auth.builders import ISSUER, Server, key
from tests.auth.issuers.fake_issuer import BORN, NHS_NUMBER, FakeIssuer, Lies, serving

PARTY: Final = 8  # which of the run's keys is ours
PATIENT: Final = "Patient/janice"
ROLE: Final = Matched(fhir_user="PractitionerRole/marsh", role="coordinator", organisation="icb")
PROOFS: Final = (ACCOUNT, EXTERNAL_IDENTITY, SESSION, GRANT, ACCESS_TOKEN)

NHS_LOGIN: Final = """
[[issuer]]
id = "nhs-login"
label = "NHS login"
profile = "nhs-login"
iss = "{url}"
client_id = "phb-gateway"
key_file = "party.pem"
authorization_endpoint = "{url}/authorize"
token_endpoint = "{url}/token"
userinfo_endpoint = "{url}/userinfo"
jwks_uri = "{url}/jwks"
at_hash = true
"""
CIS2: Final = """
[[issuer]]
id = "cis2"
label = "NHS CIS2"
profile = "cis2"
iss = "{url}"
client_id = "phb-gateway"
key_file = "party.pem"
key_alg = "RS512"
id_token_algs = ["RS512"]
authorization_endpoint = "{url}/authorize"
token_endpoint = "{url}/token"
userinfo_endpoint = "{url}/userinfo"
jwks_uri = "{url}/jwks"
"""


@dataclass
class Browser:
    """Keeps cookies, as a browser does."""

    cookies: dict[str, str] = field(default_factory=dict)

    def take(self, reply: httpx.Response) -> None:
        for line in reply.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if "Max-Age=0" in line:
                del self.cookies[name]


@dataclass
class Party:
    """Our side: the routes, a record with one person and one worker, and what a browser does with them."""

    server: Server
    fake: FakeIssuer
    issuer: Issuer
    browser: Browser = field(default_factory=Browser)
    people: dict[tuple[str, str], str] = field(default_factory=lambda: {(NHS_NUMBER, BORN): PATIENT})
    workers: dict[tuple[str, str], Matched] = field(default_factory=lambda: {("555", "QXX"): ROLE})
    notes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = Starlette(routes=login.routes(self.config, self.federation))

    @property
    def config(self) -> AuthConfig:
        def note(_conn: Connection, kind: str, outcome: str, /, **about: Any) -> None:
            self.notes.append((kind, outcome, about))

        return replace(self.server.config, fetch=outgoing.fetch, allow_loopback_jwks=True, note=note)

    @property
    def federation(self) -> Federation:
        def person(_conn: Connection, number: str, born: date) -> str | None:
            return self.people.get((number, born.isoformat()))

        def worker(_conn: Connection, one: Worker, _now: int) -> Matched | None:
            return self.workers.get((one.role_id, one.ods_code))

        return Federation(issuers=(self.issuer,), match_person=person, match_worker=worker)

    def many(self, *requests: tuple[str, str], **arguments: Any) -> list[httpx.Response]:
        """Requests of the browser, all at once."""

        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app)
            jar = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
            headers = {"Cookie": jar} if jar else {}
            async with httpx.AsyncClient(transport=transport, base_url=ISSUER, headers=headers) as client:
                return await asyncio.gather(*(client.request(*one, **arguments) for one in requests))

        return asyncio.run(send())

    def send(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        (reply,) = self.many((method, url), **arguments)
        self.browser.take(reply)
        return reply

    def begin(self, **changes: Any) -> httpx.Response:
        """The button on the login page is pressed; None leaves a field out."""
        cookie = self.browser.cookies.setdefault(csrf.COOKIE, csrf.new_cookie())
        form = {"then": "/oauth2/consent?request=abc", csrf.FIELD: csrf.of_cookie(cookie)} | changes
        data = {name: value for name, value in form.items() if value is not None}
        return self.send("POST", f"/login/with/{self.issuer.id}", data=data)

    def come_back(self, address: str) -> httpx.Response:
        return self.send("GET", address)

    def log_in(self) -> httpx.Response:
        """The whole way there and back."""
        begun = self.begin()
        assert begun.status_code == 303, begun.text
        return self.come_back(self.fake.log_in(begun.headers["location"]))

    def account(self) -> str | None:
        """Who is logged in at the browser."""
        cookie = self.browser.cookies.get(sessions.COOKIE)
        session = self.server.write(lambda conn: sessions.current(conn, cookie, self.server.clock()))
        return None if session is None else session.account_id

    def counts(self) -> list[int]:
        """How many accounts, identities, sessions, grants and tokens there are."""
        return self.server.write(
            lambda conn: [conn.execute(select(func.count()).select_from(table)).scalar_one() for table in PROOFS]
        )


@pytest.fixture(scope="session")
def memory() -> Iterator[Engine]:
    """A database in memory: most of these tests ask what is believed, not how it is stored."""
    engine = create_engine(
        "sqlite://",
        module=sqlite,
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(memory: Engine) -> Engine:
    """The same database, empty again."""
    with memory.begin() as conn:
        for table in reversed(METADATA.sorted_tables):
            conn.execute(table.delete())
    return memory


@pytest.fixture(scope="session")
def fake_issuer() -> Iterator[FakeIssuer]:
    with serving() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the key we prove ourselves with."""
    folder = tmp_path_factory.mktemp("issuers")
    (folder / "party.pem").write_bytes(key("rsa", PARTY).as_pem(private=True))
    return folder


@cache
def loaded(folder: Path, text: str, url: str) -> Issuer:
    (folder / "issuers.toml").write_text(text.replace("{url}", url))
    (issuer,) = load(folder / "issuers.toml", allow_loopback=True)
    return issuer


@pytest.fixture
def fake(fake_issuer: FakeIssuer) -> FakeIssuer:
    """The issuer, telling the truth again."""
    public = type(key("rsa")).import_key(key("rsa", PARTY).as_dict(private=False))
    fake_issuer.lies, fake_issuer.asked, fake_issuer.sent, fake_issuer.party = Lies(), [], {}, public  # type: ignore[assignment]
    return fake_issuer


def party_of(engine: Engine, fake: FakeIssuer, issuer: Issuer) -> Party:
    server = Server(engine)
    fake.clock = server.clock
    return Party(server, fake, issuer)


@pytest.fixture
def party(engine: Engine, fake: FakeIssuer, folder: Path) -> Party:
    """Our side, with NHS login."""
    return party_of(engine, fake, loaded(folder, NHS_LOGIN, fake.url))


@pytest.fixture
def at_work(engine: Engine, fake: FakeIssuer, folder: Path) -> Party:
    """Our side, with CIS2 and a care coordinator who proved herself with a smartcard."""
    role = {"person_roleid": "555", "org_code": "QXX"}
    fake.lies.claims = {"acr": "AAL3_ANY", "vot": None, "nhs_number": None, "birthdate": None, "amr": ["N3_SMARTCARD"]}
    fake.lies.userinfo = {"nhs_number": None, "selected_roleid": "555", "nhsid_nrbac_roles": [role]}
    return party_of(engine, fake, loaded(folder, CIS2, fake.url))
