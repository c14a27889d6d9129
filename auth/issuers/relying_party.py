"""Our side of a login elsewhere: the address people are sent to, and the code made good for a proved identity.

Source: OpenID Connect Core 1.0 section 3.1; RFC 7636; RFC 7523 section 2.2; security requirement S28.
"""

import asyncio
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256 as digest_of
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwt

from auth import jwks
from auth.config import AuthConfig
from auth.issuers.id_token import MICROSECONDS, Expected, Token, TokenRefused, check_at_hash, prove, read
from auth.issuers.identity import Identity, identity
from auth.issuers.metadata import IssuerAway
from auth.issuers.settings import Endpoints, Issuer
from auth.jose import strict_object
from auth.jwks import JwksFetcher, KeysNeeded
from auth.outgoing import Fetched, FetchRefused, send_form

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_S: Final = 60
MAX_ACCESS_TOKEN: Final = 16_384

Send = Callable[..., Fetched]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """One login under way: what only we and the issuer know of it."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)

    @classmethod
    def fresh(cls) -> "Begun":
        """Three secrets of 256 random bits."""
        return cls(state=_secret(), nonce=_secret(), code_verifier=_secret())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came back with the browser, and what we kept. since: as in Expected."""

    code: str = field(repr=False)
    since: int | None
    nonce_digest: str
    code_verifier: str = field(repr=False)


def authorization_url(issuer: Issuer, endpoints: Endpoints, begun: Begun, redirect_uri: str) -> str:
    """Where the browser goes."""
    challenge = urlsafe_b64encode(digest_of(begun.code_verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": issuer.client_id,
        "redirect_uri": redirect_uri,
        "scope": issuer.scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "vtr": json.dumps(issuer.vtr, separators=(",", ":")) if issuer.vtr else "",
        "acr_values": " ".join(issuer.acr_values),
        "max_age": str(issuer.max_age) if issuer.max_age else "",
        "prompt": "" if issuer.sso else "login",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return endpoints.authorization + ("&" if "?" in endpoints.authorization else "?") + query


class RelyingParty:
    """Makes codes good. send: the outgoing client for forms (blocking; run in a thread)."""

    def __init__(self, config: AuthConfig, send: Send = send_form) -> None:
        self._config = config
        self._send = send
        self._fetcher = JwksFetcher(config)

    async def identity(self, issuer: Issuer, endpoints: Endpoints, answered: Answered, redirect_uri: str) -> Identity:
        """Whom the code stands for. Raises TokenRefused; IssuerAway when the issuer cannot be reached."""
        tokens = await self._redeemed(issuer, endpoints, answered, redirect_uri)
        access_token = _access_token(tokens)
        wanted = Expected(
            audience=issuer.client_id,
            jwks=endpoints.jwks,
            nonce_digest=answered.nonce_digest,
            since=answered.since,
        )
        token = await self._proved(issuer, tokens.get("id_token"), wanted)
        check_at_hash(token, access_token, needed=issuer.at_hash)
        return identity(issuer, token, await self._userinfo(endpoints, access_token))

    async def _redeemed(
        self, issuer: Issuer, endpoints: Endpoints, answered: Answered, redirect_uri: str
    ) -> Mapping[str, Any]:
        audience = endpoints.token if issuer.assertion_aud == "token-endpoint" else issuer.iss
        form = {
            "grant_type": "authorization_code",
            "code": answered.code,
            "redirect_uri": redirect_uri,
            "code_verifier": answered.code_verifier,
            "client_id": issuer.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": _assertion(issuer, audience, self._config.clock()),
        }
        return await self._spoken(self._send, endpoints.token, form)

    async def _proved(self, issuer: Issuer, text: object, wanted: Expected) -> Token:
        """The id_token, held against the issuer's keys, which are fetched where need be."""
        now = self._config.clock()
        if not isinstance(text, str):
            raise TokenRefused("no id_token came")
        token = read(text, issuer, wanted, now)
        try:
            keys = await self._config.run(lambda conn: jwks.cached(conn, wanted.jwks, token.kid, now))
        except KeysNeeded:
            await self._fetcher.refresh(wanted.jwks)
            keys = await self._config.run(lambda conn: jwks.last_good(conn, wanted.jwks, now))
        prove(token, keys)
        return token

    async def _userinfo(self, endpoints: Endpoints, access_token: str) -> Mapping[str, Any] | None:
        if not endpoints.userinfo:
            return None
        return await self._spoken(self._config.fetch, endpoints.userinfo, bearer=access_token)

    async def _spoken(self, call: Send, *told: Any, **named: Any) -> Mapping[str, Any]:
        """The JSON object an endpoint answers with."""
        allow_loopback = self._config.allow_loopback_jwks
        try:
            answer = await asyncio.to_thread(call, *told, allow_loopback=allow_loopback, **named)
            return strict_object(answer.body)
        except (FetchRefused, ValueError):
            raise IssuerAway("the issuer did not answer as issuers do") from None


def _assertion(issuer: Issuer, audience: str, now: int) -> str:
    """Our proof, for one use within a minute."""
    if issuer.key is None:
        raise TokenRefused("nobody is sent to this issuer")
    header = {"alg": issuer.key.alg, "kid": issuer.key.kid, "typ": "JWT"}
    now_s = now // MICROSECONDS
    claims = {
        "iss": issuer.client_id,
        "sub": issuer.client_id,
        "aud": audience,
        "jti": _secret(),
        "iat": now_s,
        "exp": now_s + ASSERTION_S,
    }
    return jwt.encode(header, claims, issuer.key.key, algorithms=[issuer.key.alg])


def _access_token(tokens: Mapping[str, Any]) -> str:
    found, kind = tokens.get("access_token"), tokens.get("token_type")
    if not isinstance(found, str) or not 0 < len(found) <= MAX_ACCESS_TOKEN or not found.isascii():
        raise TokenRefused("no access token came")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenRefused("the access token is of an unknown type")
    return found


def _secret() -> str:
    return secrets.token_urlsafe(32)
