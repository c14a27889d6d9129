"""Where an issuer is spoken to: pinned in the allow-list, or told by its metadata within bounds.

The document must name the very issuer it was fetched for, and only hosts the allow-list names. It is kept for an
hour; after a failure it is asked for again a minute later.

Source: OpenID Connect Discovery 1.0 section 4.3; RFC 9207 section 3; security requirement S28.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from auth.config import AuthConfig
from auth.issuers.id_token import TokenRefused
from auth.issuers.settings import Endpoints, Issuer
from auth.jose import strict_object
from auth.outgoing import FetchRefused, check_url

PATH: Final = "/.well-known/openid-configuration"
MICROSECONDS: Final = 1_000_000
KEPT: Final = 3600 * MICROSECONDS
RETRY: Final = 60 * MICROSECONDS


class IssuerAway(TokenRefused):
    """The issuer could not be reached, or did not answer as issuers do; trying later may help."""


class MetadataFetcher:
    """The endpoints of issuers, one fetch at a time."""

    def __init__(self, config: AuthConfig) -> None:
        self._config = config
        self._known: dict[str, tuple[int, Endpoints | None]] = {}
        self._lock = asyncio.Lock()

    async def endpoints(self, issuer: Issuer) -> Endpoints:
        """Where this issuer is spoken to. Raises IssuerAway."""
        if issuer.endpoints is not None:
            return issuer.endpoints
        async with self._lock:
            now = self._config.clock()
            until, found = self._known.get(issuer.id, (0, None))
            if now >= until:
                found = await self._fetched(issuer)
                self._known[issuer.id] = (now + (KEPT if found else RETRY), found)
        if found is None:
            raise IssuerAway("the issuer's metadata cannot be used")
        return found

    async def _fetched(self, issuer: Issuer) -> Endpoints | None:
        allow_loopback = self._config.allow_loopback_jwks
        try:
            answer = await asyncio.to_thread(self._config.fetch, issuer.iss + PATH, allow_loopback=allow_loopback)
            return judged(issuer, strict_object(answer.body), allow_loopback=allow_loopback)
        except (FetchRefused, TokenRefused, ValueError):
            return None


def judged(issuer: Issuer, document: Mapping[str, Any], *, allow_loopback: bool = False) -> Endpoints:
    """The endpoints a metadata document tells. Raises TokenRefused: another issuer, or a host that is not listed."""
    if document.get("issuer") != issuer.iss:
        raise TokenRefused("the metadata is another issuer's")

    def url(name: str, hosts: tuple[str, ...] = issuer.hosts) -> str:
        value = document.get(name)
        if not isinstance(value, str) or check_url(value, allow_loopback=allow_loopback).netloc not in hosts:
            raise TokenRefused(f"the metadata's {name} is not at a listed host")
        return value

    return Endpoints(
        authorization=url("authorization_endpoint", issuer.hosts[:1]),
        token=url("token_endpoint"),
        userinfo=url("userinfo_endpoint") if "userinfo_endpoint" in document else "",
        jwks=url("jwks_uri"),
        response_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )
