"""Key sets clients publish at a URL: fetched rarely, cached as they ask, kept while they are away.

A copy is fresh for as long as the client's `Cache-Control` says, within 1 minute and 24 hours. A stale copy or an
unknown kid leads to one fetch, at most one a minute; a failed fetch leaves the last good copy in use for a day.

Source: SMART App Launch 2.2, client-confidential-asymmetric (JWKS caching); RFC 9111.
"""

import asyncio
import logging
from typing import Final

from sqlalchemy import Connection, insert, select, update

from auth.config import AuthConfig
from auth.errors import AuthError, RegistrationRefused
from auth.jose import PublicKey, parse_jwks
from auth.outgoing import TOTAL_S, Fetched, FetchRefused
from auth.store import JWKS_CACHE

MICROSECONDS: Final = 1_000_000
SHORTEST: Final = 60 * MICROSECONDS
LONGEST: Final = 24 * 3600 * MICROSECONDS
UNSAID: Final = 300 * MICROSECONDS  # when the client's answer does not say how long it may be kept
RETRY: Final = 60 * MICROSECONDS
FLIGHT: Final = int(TOTAL_S) * MICROSECONDS
WAITS: Final = 12
WAIT_S: Final = 0.25

log: Final = logging.getLogger("auth")


class KeysNeeded(AuthError):
    """The keys at `url` must be fetched before this request can be judged; nothing was written."""

    def __init__(self, url: str) -> None:
        super().__init__("the client's keys must be fetched first")
        self.url = url


def cached(conn: Connection, url: str, kid: str, now: int) -> tuple[PublicKey, ...]:
    """The keys a client publishes at `url`, from the cache.

    Raises KeysNeeded when a fetch is due, or when no usable copy names `kid`: a fetch may be under way.
    """
    row = conn.execute(select(JWKS_CACHE).where(JWKS_CACHE.c.url == url)).first()
    if row is None or (now >= row.expires_at and now >= row.tried_at + RETRY):
        raise KeysNeeded(url)
    keys = last_good(conn, url, now)
    if all(key.kid != kid for key in keys):
        raise KeysNeeded(url)
    return keys


def last_good(conn: Connection, url: str, now: int) -> tuple[PublicKey, ...]:
    """The last good copy, none when there is none of the last 24 hours."""
    row = conn.execute(select(JWKS_CACHE.c.body, JWKS_CACHE.c.fetched_at).where(JWKS_CACHE.c.url == url)).first()
    if row is None or row.body is None or now >= row.fetched_at + LONGEST:
        return ()
    return parse_jwks(row.body)


class JwksFetcher:
    """Fetches key sets into the cache, one flight a URL."""

    def __init__(self, config: AuthConfig) -> None:
        self._config = config
        self._flights: dict[str, asyncio.Task[None]] = {}

    async def refresh(self, url: str) -> None:
        """Fetch and keep the keys at `url`; callers that come meanwhile wait for the same fetch."""
        flight = self._flights.get(url)
        if flight is None:
            flight = asyncio.create_task(self._refresh(url))
            self._flights[url] = flight
            flight.add_done_callback(lambda _: self._flights.pop(url, None))
        await asyncio.shield(flight)

    async def _refresh(self, url: str) -> None:
        asked_at = self._config.clock()
        if not await self._config.run(lambda conn: _claim(conn, url, asked_at)):
            await self._wait_for_other(url)
            return
        try:
            fetched = await asyncio.to_thread(self._config.fetch, url, allow_loopback=self._config.allow_loopback_jwks)
            parse_jwks(fetched.body.decode())
        except (FetchRefused, RegistrationRefused, UnicodeDecodeError) as error:
            log.warning("a registered JWKS URL gave no usable keys: %s", type(error).__name__)
            return
        await self._config.run(lambda conn: _keep(conn, url, fetched, asked_at))

    async def _wait_for_other(self, url: str) -> None:
        """Another process may be fetching: give it a moment, rather than refuse a client that just rotated."""
        for _ in range(WAITS):
            if not await self._config.run(lambda conn: _under_way(conn, url, self._config.clock())):
                return
            await asyncio.sleep(WAIT_S)


def _under_way(conn: Connection, url: str, now: int) -> bool:
    """True while the last attempt has brought no copy and may still do so."""
    row = conn.execute(select(JWKS_CACHE).where(JWKS_CACHE.c.url == url)).one()
    return bool(row.fetched_at != row.tried_at and now < row.tried_at + FLIGHT)


def _claim(conn: Connection, url: str, now: int) -> bool:
    """Note an attempt; False when another one, here or in another process, was made within the minute."""
    due = (JWKS_CACHE.c.url == url) & (JWKS_CACHE.c.tried_at <= now - RETRY)
    if conn.execute(update(JWKS_CACHE).where(due).values(tried_at=now)).rowcount:
        return True
    if conn.execute(select(JWKS_CACHE.c.url).where(JWKS_CACHE.c.url == url)).first():
        return False
    conn.execute(insert(JWKS_CACHE).values(url=url, tried_at=now, expires_at=now))
    return True


def _keep(conn: Connection, url: str, fetched: Fetched, now: int) -> None:
    """Store a good copy."""
    allowed = UNSAID if fetched.max_age is None else fetched.max_age * MICROSECONDS
    expires_at = now + min(max(allowed, SHORTEST), LONGEST)
    kept = {"body": fetched.body.decode(), "fetched_at": now, "expires_at": expires_at}
    conn.execute(update(JWKS_CACHE).where(JWKS_CACHE.c.url == url).values(kept))
