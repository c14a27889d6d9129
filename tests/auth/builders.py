"""Valid requests, one argument away from every invalid one; keys made for the run, an app over a fresh database."""

import asyncio
import json
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar

import httpx
from cryptography.fernet import Fernet
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool
from starlette.applications import Starlette

from auth.clients import Registration
from auth.config import AuthConfig
from auth.endpoints import routes
from auth.keys import Sealer
from auth.outgoing import Fetched, FetchRefused
from auth.store import METADATA

T = TypeVar("T")
Key = RSAKey | ECKey

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
NOW: Final = 1_800_000_000 * SECOND
ISSUER: Final = "https://gateway.example"
TOKEN_URL: Final = f"{ISSUER}/oauth2/token"
JWT_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALG_OF: Final = {"rsa": "RS384", "ec": "ES384"}
SEAL_KEY: Final = Fernet.generate_key()
SEALER: Final = Sealer(Fernet(SEAL_KEY))


def engine_for(url: str) -> Engine:
    """An engine whose transactions take the write lock at once, as the service's do."""
    if not url.startswith("sqlite"):
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    engine = create_engine(url, module=sqlite, poolclass=NullPool, connect_args={"timeout": 30}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")  # no power cut is tested here
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def fill(url: str) -> None:
    """What a database of these tests starts with: the tables."""
    engine = engine_for(url)
    METADATA.create_all(engine)
    engine.dispose()


def key(name: str = "rsa", number: int = 1) -> Key:
    """A private key of the run; `number` tells several apart."""
    return _made(name, f"{name}-{number}")


@cache
def _made(name: str, kid: str) -> Key:
    if name == "rsa":
        return RSAKey.generate_key(2048, parameters={"kid": kid})
    return ECKey.generate_key("P-384", parameters={"kid": kid})


def public(*keys: Key, **members: Any) -> str:
    """The JWKS a client would register."""
    return json.dumps({"keys": [{**each.as_dict(private=False), **members} for each in keys]})


def registration(**changes: Any) -> Registration:
    """A client with both kinds of key inline."""
    usual: dict[str, Any] = {
        "client_id": "council-sync",
        "name": "Council",
        "scope": "system/Patient.rs system/Claim.cruds",
        "jwks": public(key("rsa"), key("ec")),
    }
    return Registration(**(usual | changes))


@dataclass
class Clock:
    """The time a test says it is, in microseconds."""

    now: int = NOW

    def __call__(self) -> int:
        return self.now

    def advance(self, microseconds: int) -> None:
        self.now += microseconds


def claims(clock: Clock, **changes: Any) -> dict[str, Any]:
    """The claims of a valid assertion: as the public test kits send them, without iat and nbf. None leaves one out."""
    usual = {
        "iss": "council-sync",
        "sub": "council-sync",
        "aud": TOKEN_URL,
        "exp": clock() // SECOND + 300,
        "jti": uuid.uuid4().hex,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


class Lenient(jws.JWSRegistry):
    """Signs faulty headers: they are the point."""

    def check_header(self, header: dict[str, Any]) -> None:
        pass


def signed(
    payload: dict[str, Any] | bytes,
    *,
    signing: Key | OctKey | None = None,
    alg: str = "RS384",
    **header: Any,
) -> str:
    """A compact JWS; a header given as None is left out."""
    by = signing or key("rsa")
    kid = by.kid if isinstance(by, RSAKey | ECKey) else "rsa-1"
    protected = {"alg": alg, "kid": kid, "typ": "JWT"} | header
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    registry = Lenient(algorithms=[alg])
    kept = {name: value for name, value in protected.items() if value is not None}
    return jws.serialize_compact(kept, content, by, registry=registry)


@dataclass
class Publisher:
    """A client's web server: what it answers, and how often it was asked."""

    body: str = ""
    max_age: int | None = None
    fails: bool = False
    asked: int = 0
    seen: list[str] = field(default_factory=list)

    def __call__(self, url: str, *, allow_loopback: bool) -> Fetched:
        assert not allow_loopback
        self.asked += 1
        self.seen.append(url)
        if self.fails:
            raise FetchRefused
        return Fetched(self.body.encode(), self.max_age)


@dataclass
class Server:
    """The routes over a database, and the ways a client uses them."""

    engine: Engine
    clock: Clock = field(default_factory=Clock)
    publisher: Publisher = field(default_factory=Publisher)
    issuer: str = ISSUER
    seams: dict[str, Any] = field(default_factory=dict)

    def write(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as conn:
            return work(conn)

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self.write, work)

    @property
    def config(self) -> AuthConfig:
        return AuthConfig(
            issuer=self.issuer,
            fhir_base=f"{self.issuer}/fhir",
            fhir_path="/fhir",
            token_endpoint=f"{self.issuer}/oauth2/token",
            run=self.run,
            clock=self.clock,
            supported_types=("Patient", "Claim"),
            sealer=lambda: SEALER,
            fetch=self.publisher,
            **self.seams,
        )

    def many(self, *requests: dict[str, Any]) -> list[httpx.Response]:
        """Send requests at once to one app."""

        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(Starlette(routes=routes(self.config)))
            async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
                return await asyncio.gather(*(client.request(**request) for request in requests))

        work: Coroutine[Any, Any, list[httpx.Response]] = send()
        return asyncio.run(work)

    def send(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        return self.many({"method": method, "url": url, **arguments})[0]

    def form(self, **changes: Any) -> dict[str, Any]:
        """The form of a valid token request; None leaves a parameter out."""
        usual = {"grant_type": "client_credentials", "scope": "system/Patient.rs", **self.proof()}
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def proof(self, **changes: Any) -> dict[str, str]:
        """Client authentication, its claims changed as asked."""
        return {"client_assertion_type": JWT_BEARER, "client_assertion": signed(claims(self.clock, **changes))}

    def post(self, path: str = "/oauth2/token", data: dict[str, Any] | None = None, **arguments: Any) -> httpx.Response:
        return self.send("POST", path, data=self.form() if data is None else data, **arguments)

    def token(self, **changes: Any) -> str:
        reply = self.post(data=self.form(**changes))
        assert reply.status_code == 200, reply.text
        return str(reply.json()["access_token"])


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine, closed afterwards."""
    engine = engine_for(url)
    yield engine
    engine.dispose()
