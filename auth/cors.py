"""Which pages of other origins may call: those of registered apps, never with cookies; public documents are for all.

Source: Fetch standard, CORS protocol; SMART App Launch 2.2, conformance (CORS); security requirement S69.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from auth import clients
from auth.config import AuthConfig
from auth.errors import OAuthError
from auth.tokens import MICROSECONDS

OPEN_TO_ALL: Final = {"Access-Control-Allow-Origin": "*"}
KEPT: Final = 10 * MICROSECONDS
PREFLIGHT_KEPT_S: Final = 600
VARY: Final = {"Vary": "Origin"}


class Origins:
    """The registered origins, read at most every ten seconds."""

    def __init__(self, config: AuthConfig) -> None:
        self._config = config
        self._known: frozenset[str] = frozenset()
        self._read_at: int | None = None

    async def known(self, origin: str) -> bool:
        """Whether an active client registered this origin; False too while the store cannot say."""
        now = self._config.clock()
        if self._read_at is None or not 0 <= now - self._read_at < KEPT:
            try:
                self._known = await self._config.run(clients.origins)
            except (OAuthError, SQLAlchemyError):
                return False
            self._read_at = now
        return origin in self._known

    async def allow(self, origin: str | None) -> dict[str, str]:
        """The headers that let a page of this origin read an answer; none but `Vary` where it may not."""
        if origin is None or not await self.known(origin):
            return VARY
        return {**VARY, "Access-Control-Allow-Origin": origin}


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks if it may ask."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight(methods: str, headers: str) -> dict[str, str]:
    """What a page may send, beside the headers of `Origins.allow`."""
    return {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": headers,
        "Access-Control-Max-Age": str(PREFLIGHT_KEPT_S),
    }
