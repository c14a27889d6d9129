"""A client of the application, without a network: the requests a test writes, sent on one event loop."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

import httpx
from sqlalchemy import Connection

from auth import clients, tokens
from auth.clients import Registration
from fhir_gateway.app import create_app
from fhir_gateway.gateway import Gateway
from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import Settings
from mappings.lens import document
from tests.auth.builders import key, public

T = TypeVar("T")
Json = Any
BASE: Final = "http://gateway.test"
FHIR: Final = f"{BASE}/fhir"
EVERYTHING: Final = "system/*.cruds"
FHIR_JSON: Final = "application/fhir+json"
CLIENT: Final = "council-sync"


class Loop:
    """An event loop in a thread of its own, for as long as the tests run."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it went over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Api:
    """A client of one application. token: sent with every request, None for a stranger."""

    app: Any
    gateway: Gateway
    loop: Loop
    http: httpx.AsyncClient
    token: str | None = None
    client_id: str = CLIENT
    headers: dict[str, str] = field(default_factory=dict)

    # --- who asks

    def write(self, work: Callable[[Connection], T]) -> T:
        found: T = self.gateway.database.write(lambda session: work(session.core))
        return found

    def client(self, scope: str = EVERYTHING, client_id: str = CLIENT) -> "Api":
        """The same application, asked by a client with these scopes."""

        def issued(conn: Connection) -> str:
            if clients.find(conn, client_id) is None:
                registered = Registration(
                    client_id=client_id,
                    name=client_id,
                    scope=EVERYTHING,
                    jwks=public(key("ec"), key("rsa")),
                    role="custodian",
                )
                clients.add(conn, registered, clock())
            return tokens.issue(conn, client_id, scope, clock()).access_token

        return replace(self, token=self.write(issued), client_id=client_id)

    def stranger(self) -> "Api":
        return replace(self, token=None)

    def sending(self, **headers: str) -> "Api":
        """The same client, with these headers (`If_Match` for If-Match) on every request."""
        return replace(self, headers={**self.headers, **_named(headers)})

    # --- what is asked

    def request(self, method: str, path: str, body: Json = None, **headers: str) -> httpx.Response:
        """path: under the FHIR base, or absolute. body: a tree, text or bytes. headers: `If_Match` for If-Match."""
        return self.loop.run(self._request(method, path, body, headers))

    def many(self, requests: list[tuple[str, str, Json, dict[str, str]]]) -> list[httpx.Response]:
        """All at once."""

        async def send() -> list[httpx.Response]:
            return await asyncio.gather(*(self._request(*one) for one in requests))

        return self.loop.run(send())

    async def _request(self, method: str, path: str, body: Json, headers: dict[str, str]) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content = body if body is None or isinstance(body, bytes | str) else document.encode(body)
        if content is not None:
            sent["Content-Type"] = FHIR_JSON
        url = path if path.startswith(("http:", "/")) else f"/fhir/{path}"
        return await self.http.request(
            method, url, content=content, headers={**sent, **self.headers, **_named(headers)}
        )

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, **headers)

    def head(self, path: str, **headers: str) -> httpx.Response:
        return self.request("HEAD", path, **headers)

    def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return self.request("POST", path, body, **headers)

    def put(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return self.request("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self.request("DELETE", path, **headers)

    def bundle(self, *entries: Json, kind: str = "transaction", **headers: str) -> httpx.Response:
        """A Bundle of these entries posted to the base."""
        bundle = {"resourceType": "Bundle", "type": kind} | ({"entry": list(entries)} if entries else {})
        return self.post("/fhir", bundle, **headers)

    def form(self, path: str, query: str, **headers: str) -> httpx.Response:
        return self.post(path, query, Content_Type="application/x-www-form-urlencoded", **headers)

    def raw(self, method: str, path: bytes, query: bytes = b"", body: bytes = b"", **headers: str) -> Raw:
        """A request no well-behaved client could write."""
        known = {"authorization": f"Bearer {self.token}"} if self.token else {}
        sent = {"content-type": FHIR_JSON, **known, **_named(headers)}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": unquote(path.decode("utf-8", "replace")),  # as servers hand it on
            "raw_path": path,
            "root_path": "",
            "query_string": query,
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()],
            "server": ("gateway.test", 80),
            "client": ("127.0.0.1", 1),
        }
        return self.loop.run(self._raw(scope, body))

    async def _raw(self, scope: dict[str, Any], body: bytes) -> Raw:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        headers = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Raw(sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent[1:]))

    # --- what a test needs often

    def made(self, resource: Json, **headers: str) -> Json:
        """The resource as stored after a create."""
        tree = json.loads(resource) if isinstance(resource, bytes | str) else resource
        reply = self.post(tree["resourceType"], resource, **headers)
        assert reply.status_code == 201, reply.text
        return reply.json()

    def person(self, **elements: Json) -> str:
        """`Patient/[id]` of a new person."""
        return f"Patient/{self.made({'resourceType': 'Patient', 'active': True, **elements})['id']}"

    def found(self, query: str) -> list[str]:
        """Ids of the matches of a search, every page followed."""
        return [one["resource"]["id"] for one in self.entries(query) if one["search"]["mode"] == "match"]

    def entries(self, query: str) -> list[Json]:
        return [entry for page in self.pages(query) for entry in page.get("entry", [])]

    def pages(self, query: str) -> Iterator[Json]:
        following: str | None = query
        while following:
            reply = self.get(following)
            assert reply.status_code == 200, reply.text
            yield reply.json()
            following = link(reply.json(), "next")

    def changes(self) -> int:
        """How many changes the database holds."""
        row = self.gateway.database.read(
            lambda session: session.driver.execute("SELECT count(*) FROM change").fetchone()
        )
        return int(row[0])


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def link(bundle: Json, relation: str) -> str | None:
    """One link of a Bundle."""
    found = [one["url"] for one in bundle.get("link", []) if one["relation"] == relation]
    return str(found[0]) if found else None


def path_of(location: str) -> str:
    """What stands after the FHIR base in an absolute address."""
    return urlsplit(location).path.removeprefix("/fhir/")


def refused(reply: httpx.Response, status: int, *, code: str | None = None, expression: str | None = None) -> Json:
    """The OperationOutcome of a refusal, checked; its first issue is returned."""
    assert reply.status_code == status, f"{reply.status_code}: {reply.text}"
    assert reply.headers["content-type"].startswith(FHIR_JSON)
    outcome = reply.json()
    assert outcome["resourceType"] == "OperationOutcome"
    for issue in outcome["issue"]:
        assert issue["severity"] in ("fatal", "error")
        assert issue["code"]
        assert issue["diagnostics"]
    if code is not None:
        assert outcome["issue"][0]["code"] == code
    if expression is not None:
        assert expression in [one for issue in outcome["issue"] for one in issue.get("expression", [])], outcome
    return outcome["issue"][0]


@contextmanager
def opened(url: str, loop: Loop, **settings: Any) -> Iterator[Api]:
    """An application over the database at `url`, asked by a client that may do everything."""
    chosen = Settings(database_url=url, base_url=BASE, secret_file=Path("unused.key"), **settings)
    app = create_app(chosen)
    gateway: Gateway = app.gateway
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    try:
        yield Api(app, gateway, loop, http).client()
    finally:
        loop.run(http.aclose())
        gateway.close()
