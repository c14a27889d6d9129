"""`python -m bench.access`: what the token check, the standing of the asker and the policy cost within a read.

In process, without HTTP, over the demonstration people; callers take turns in every round, so that a slow moment of the
machine falls on all of them alike. The shares are of the caller's own read.

Source: security requirements S22 and S33 (looked up anew for every request); shares, not times, are the result.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import Connection, insert

from auth import tokens
from auth.store import ACCOUNT, CLIENT, GRANT
from bench.stage import folder, server
from fhir_gateway.access.asker import asker_of
from fhir_gateway.demo.loader import load
from fhir_gateway.gateway import Caller, Gateway
from fhir_gateway.interactions.context import clock
from fhir_gateway.interactions.read import read
from fhir_gateway.settings import Settings
from fhir_gateway.store.migrate import upgrade
from mappings.registry import TYPES

ROUNDS: Final = 9
TIMES: Final = 200
DAY_S: Final = 24 * 3600
AIM: Final = ("Claim", "janice-budget")
CALLERS: Final[tuple[tuple[str, str, str | None, str | None], ...]] = (
    ("custodian", "custodian", None, None),
    ("ICB system", "icb", "exampleshire-icb", None),
    ("person's app", "person", None, "Patient/janice"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians in microseconds. token: believing it. standing: who asks, now. whole: the read with both."""

    kind: str
    caller: str
    token: float
    standing: float
    whole: float

    @property
    def rest(self) -> float:
        """The policy's clause, the statement and the view."""
        return self.whole - self.token - self.standing


def measured(kind: str, gateway: Gateway) -> Iterator[Cost]:
    """Each caller's costs over one database."""
    known = {name: _issued(gateway, role, body, user) for name, role, body, user in CALLERS}
    rounds: dict[str, list[tuple[float, float, float]]] = {name: [] for name in known}
    for _ in range(ROUNDS):
        for name, token in known.items():
            rounds[name].append(_round(gateway, f"Bearer {token}"))
    for name, found in rounds.items():
        token, standing, whole = (statistics.median(column) for column in zip(*found, strict=True))
        yield Cost(kind, name, token, standing, whole)


def _round(gateway: Gateway, header: str) -> tuple[float, float, float]:
    caller, now = Caller(header, "bench"), clock()
    database = gateway.database
    principal = database.read(lambda session: gateway.principal(session, header, now))
    return (
        _timed(lambda: database.read(lambda session: gateway.principal(session, header, now))),
        _timed(lambda: database.read(lambda session: asker_of(session, principal, now))),
        _timed(lambda: database.read(lambda s: read(gateway.context(s, caller), TYPES[AIM[0]], AIM[1]))),
    )


def _timed(work: Callable[[], object]) -> float:
    """Microseconds of one call."""
    work()
    begun = time.perf_counter()
    for _ in range(TIMES):
        work()
    return (time.perf_counter() - begun) / TIMES * 1e6


def _issued(gateway: Gateway, role: str, organisation: str | None, fhir_user: str | None) -> str:
    return gateway.database.write(lambda session: _token(session.core, role, organisation, fhir_user))


def _token(conn: Connection, role: str, organisation: str | None, fhir_user: str | None) -> str:
    """A token of a caller in a role; of somebody who logged in where there is a user."""
    now, name = clock(), f"bench-{role}"
    conn.execute(
        insert(CLIENT).values(
            client_id=name,
            name=name,
            status="active",
            scope="system/*.rs",
            aud="either",
            created_at=now,
            role=None if fhir_user else role,
            organisation=organisation,
        )
    )
    if fhir_user is None:
        return tokens.issue(conn, name, "system/*.rs", now, DAY_S).access_token
    conn.execute(insert(ACCOUNT).values(account_id=name, status="active", created_at=now))
    granted = {"grant_id": name, "client_id": name, "account_id": name, "scope": "patient/*.rs", "role": role}
    times = {"auth_time": now, "created_at": now, "expires_at": now + DAY_S * 1_000_000}
    about = {"fhir_user": fhir_user, "patient": fhir_user.partition("/")[2], "context": json.dumps({}), "offline": True}
    conn.execute(insert(GRANT).values(**granted, **times, **about))
    return tokens.issue(conn, name, "patient/*.rs", now, DAY_S, grant_id=name).access_token


def told(found: Sequence[Cost]) -> str:
    """The table."""
    lines = ["| database | caller | token check | standing | policy and read | whole, us | token check, share |"]
    lines.append("|---|---|---|---|---|---|---|")
    lines += [
        f"| {one.kind} | {one.caller} | {one.token:.0f} | {one.standing:.0f} | {one.rest:.0f} | {one.whole:.0f} "
        f"| {one.token / one.whole:.0%} |"
        for one in found
    ]
    return "\n".join(lines) + "\n"


@contextmanager
def filled(kind: str, place: Path) -> Iterator[Gateway]:
    """The demonstration people in a database of their own."""
    url = f"sqlite:///{place / 'access.sqlite3'}" if kind == "sqlite" else _postgresql(place)
    upgrade(url)
    gateway = Gateway(Settings(database_url=url, secret_file=place / "key", clock=False))
    try:
        load(gateway)
        yield gateway
    finally:
        gateway.close()


def _postgresql(place: Path) -> str:
    postgres = server(place)
    with psycopg.connect(postgres.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE access")
    return postgres.url("access")


def main() -> int:
    """Measure and print."""
    found: list[Cost] = []
    for kind in ("sqlite", "postgresql"):
        with folder() as place, filled(kind, place) as gateway:
            found += measured(kind, gateway)
    sys.stdout.write(told(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
