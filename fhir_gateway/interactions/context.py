"""What an interaction is given, and what it gives back."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from auth.principal import Principal
from fhir_gateway.access.asker import Asker
from fhir_gateway.access.touched import Touched
from fhir_gateway.interactions.cursor import Cursors
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.records import Actor, Stored
from mappings.lens.errors import Issue

MILLISECOND: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one request. Sizes in bytes, the rest in pieces."""

    resource: int = 2 * 1024 * 1024
    bundle: int = 20 * 1024 * 1024
    batch_entries: int = 10_000
    transaction_entries: int = 1_000
    page: int = 1_000
    page_default: int = 20
    includes: int = 1_000
    parameters: int = 100
    values: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request: who asks, in which open session, at which instant. now: microseconds since 1970 UTC, whole ms."""

    principal: Principal
    asker: Asker
    session: Session
    database: Database
    now: int
    base: str
    request_id: str
    cursors: Cursors
    limits: Limits
    new_id: Callable[[], str]
    lenient: bool = False
    touched: Touched = field(default_factory=Touched)

    @contextmanager
    def by_itself(self) -> Iterator["Context"]:
        """The gateway's own work for this request: rules, consequences, ties; no row is closed to it."""
        self.session.wall(None)
        try:
            yield self if self.asker.sees_all else replace(self, asker=self.asker.by_itself())
        finally:
            self.session.wall(self.asker.wall)

    @property
    def actor(self) -> Actor:
        """Who a change is recorded under; without a token it is the gateway itself."""
        who = self.principal
        return Actor(
            who.client_id,
            self.request_id,
            role=who.role,
            organisation=who.organisation,
            fhir_user=who.fhir_user,
            purpose=who.purpose,
            origin="client" if who.token_digest else "gateway",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The outcome of an interaction. body: exact bytes. stored: the version it speaks of, for ETag and Location.

    warnings: what the rules say of an accepted write.
    """

    status: int
    body: bytes | None = None
    stored: Stored | None = None
    created: bool = False
    warnings: tuple[Issue, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


def clock() -> int:
    """Now, in microseconds since 1970 UTC, cut to the millisecond."""
    return time.time_ns() // 1_000_000 * MILLISECOND


def new_id() -> str:
    """A UUID version 7: time-ordered, so that inserts stay together in the index (RFC 9562)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        (milliseconds & (2**48 - 1)) << 80
        | 0x7 << 76
        | (random >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | random & (2**62 - 1)
    )
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=1024)
def instant(micros: int) -> str:
    """FHIR instant of microseconds since 1970 UTC, to the millisecond."""
    text = datetime.fromtimestamp(micros // MILLISECOND / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
