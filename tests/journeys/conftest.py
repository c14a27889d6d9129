"""A real server process on loopback, and a registered client with its own key."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection

from auth import clients
from auth.clients import Registration
from fhir_gateway.interactions.context import clock
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import upgrade
from tests import databases
from tests.auth.builders import JWT_BEARER, SECOND, key, public, signed

READY_S = 60
CLIENT = "council-sync"


@dataclass(frozen=True)
class Server:
    """A running gateway. base: the FHIR base."""

    root: str
    url: str

    @property
    def base(self) -> str:
        return f"{self.root}/fhir"

    def token(self, scope: str = "system/*.cruds") -> str:
        """A token got the way a council system gets it: private_key_jwt at the token endpoint."""
        endpoint = f"{self.root}/oauth2/token"
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": JWT_BEARER,
            "client_assertion": signed(claims(endpoint), signing=key("ec"), alg="ES384"),
        }
        reply = httpx.post(endpoint, data=form)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["access_token"])


def claims(endpoint: str) -> dict[str, Any]:
    return {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": endpoint,
        "exp": clock() // SECOND + 240,
        "jti": uuid.uuid4().hex,
    }


@pytest.fixture(scope="session")
def migrate() -> databases.Migrate:
    return upgrade


@pytest.fixture(scope="session")
def server_on(
    migrate: databases.Migrate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Server]]:
    """One server for each kind of database, for as long as the tests of one process run."""
    with ExitStack() as stack:

        @cache
        def started(kind: str) -> Server:
            url = stack.enter_context(databases.fresh(kind, migrate))
            return stack.enter_context(serving(url, tmp_path_factory.mktemp(kind), workers=2))

        yield started


@pytest.fixture
def server(database_kind: str, server_on: Callable[[str], Server]) -> Server:
    """Two worker processes over one database."""
    return server_on(database_kind)


@contextmanager
def serving(url: str, folder: Path, workers: int) -> Iterator[Server]:
    """`phb-gateway serve` until the block ends."""
    register(url)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "PHB_DATABASE_URL": url,
        "PHB_BASE_URL": root,
        "PHB_SECRET_FILE": str(folder / "secret.key"),
        "PHB_AUDIT_KEY_FILE": str(folder / "audit.key"),
        "PHB_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-c", "from fhir_gateway.cli import main; main()", "serve"]
    process = subprocess.Popen([*command, "--port", str(port), "--workers", str(workers)], env=environment)
    with ExitStack() as stack:
        stack.callback(stop, process)
        wait_until(lambda: answers(f"{root}/health/ready"), process)
        yield Server(root, url)


def register(url: str) -> None:
    database = Database(url)

    def added(conn: Connection) -> None:
        keys = public(key("ec"))
        wanted = Registration(client_id=CLIENT, name=CLIENT, scope="system/*.cruds", jwks=keys, role="custodian")
        clients.add(conn, wanted, clock())

    try:
        database.write(lambda session: added(session.core))
    finally:
        database.close()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def wait_until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        if ready():
            return
        time.sleep(0.05)
    raise AssertionError("the server was not ready in time")


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
