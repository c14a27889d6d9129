"""The endpoints that programs call, over one configuration: token, introspect, revoke, userinfo and the key set.

Source: RFC 6749 section 5; RFC 7662; RFC 7009; OpenID Connect Core 1.0 section 5.3.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from auth import client_authentication, granting, housekeeping, id_tokens, introspection, keys, tokens
from auth.app_scopes import parse
from auth.assertion import Audience
from auth.client_authentication import Claim, Named
from auth.clients import Client
from auth.config import AuthConfig
from auth.cors import OPEN_TO_ALL
from auth.errors import OAuthError, Unauthorized
from auth.forms import read_form
from auth.granting import needed
from auth.jwks import JwksFetcher, KeysNeeded
from auth.seams import TokenRequest
from auth.store import ACCESS_TOKEN

T = TypeVar("T")
Work = Callable[[Connection, Client, int, frozenset[str]], T]

PURGE_EVERY: Final = 60 * tokens.MICROSECONDS

log: Final = logging.getLogger("auth")


class Service:
    """The endpoints over one configuration."""

    def __init__(self, config: AuthConfig) -> None:
        self._config = config
        self._fetcher = JwksFetcher(config)
        self._audience = Audience(token_endpoint=config.token_endpoint, issuer=config.issuer)
        self._handlers = granting.handlers(config)
        self._purged_at = 0

    async def token(self, request: Request) -> Response:
        """RFC 6749 section 5: whatever the grant_type brings."""
        form = await read_form(request)
        grant_type = needed(form, "grant_type")
        handler = self._handlers.get(grant_type)
        if handler is None:
            raise OAuthError("unsupported_grant_type", f"grant_type must be one of {', '.join(self._handlers)}")

        def grant(conn: Connection, client: Client, now: int, fetched: frozenset[str]) -> dict[str, Any] | OAuthError:
            asked = TokenRequest(conn=conn, client=client, form=form, now=now, config=self._config, fetched=fetched)
            return handler(asked)

        kind = "refresh" if grant_type == "refresh_token" else "token"
        body = await self._authenticated(request, form, kind, grant)
        if isinstance(body, OAuthError):  # returned, not raised: what it ended is ended
            raise body
        return JSONResponse(body, background=self._housekeeping())

    async def introspect(self, request: Request) -> Response:
        """RFC 7662: asked by a proved client, or with a bearer token of its own."""
        form = await read_form(request)
        token = needed(form, "token")
        header = tokens.authorization_of(request.headers.raw)
        if "client_assertion" in form or "client_assertion_type" in form or _is_basic(header):
            return JSONResponse(
                await self._authenticated(
                    request,
                    form,
                    "introspection",
                    lambda conn, client, now, _: introspection.introspect(self._config, conn, client, token, now),
                )
            )

        def by_bearer(conn: Connection) -> dict[str, Any]:
            now = self._config.clock()
            principal = introspection.admitted(self._config, conn, tokens.digest_of(header), now)
            asker = introspection.asker_of(conn, principal)
            return introspection.introspect(self._config, conn, asker, token, now)

        return JSONResponse(await self._config.run(by_bearer))

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: 200 once it is durable, for unknown tokens alike."""
        form = await read_form(request)
        token = needed(form, "token")
        await self._authenticated(
            request,
            form,
            "revocation",
            lambda conn, client, now, _: introspection.revoke(self._config, conn, client, token, now),
        )
        return Response(status_code=200)

    async def userinfo(self, request: Request) -> Response:
        """OpenID Connect Core 1.0 section 5.3: who granted the bearer token."""
        digest = tokens.digest_of(tokens.authorization_of(request.headers.raw))

        def told(conn: Connection) -> dict[str, Any]:
            principal = introspection.admitted(self._config, conn, digest, self._config.clock())
            scope = conn.execute(select(ACCESS_TOKEN.c.scope).where(ACCESS_TOKEN.c.digest == digest)).scalar_one()
            if principal.account_id is None or "openid" not in parse(scope).words:
                raise OAuthError("insufficient_scope", "the scope openid is needed", status=403, challenge=NO_OPENID)
            return id_tokens.person(self._config, principal.account_id, principal.fhir_user, scope)

        return JSONResponse(await self._config.run(told))

    async def jwks(self, _request: Request) -> Response:
        """The server's public keys."""
        found = await self._config.run(lambda conn: id_tokens.ensure_keys(self._config, conn, self._config.clock()))
        return JSONResponse(found, headers={**OPEN_TO_ALL, "Cache-Control": f"public, max-age={keys.CACHE_S}"})

    async def _authenticated(self, request: Request, form: Mapping[str, str], kind: str, work: Work[T]) -> T:
        """What `work` makes of the proved client, in the same transaction that spends its proof."""
        header = tokens.authorization_of(request.headers.raw)
        now = self._config.clock()
        claim = client_authentication.read(header, form, self._audience, now)
        if kind == "introspection" and isinstance(claim, Named):
            raise Unauthorized("a client with a proof is needed", error=None)
        try:
            return await self._with_keys(claim, now, work)
        except _Refused as refused:
            who, error = refused.client_id, refused.error
            await self._config.run(lambda conn: self._config.note(conn, kind, error.error, client_id=who))
            raise error from None

    async def _with_keys(self, claim: Claim, now: int, work: Work[T]) -> T:
        """`work` once the key sets it turns out to need are fetched, each at most once."""
        fetched: frozenset[str] = frozenset()

        def once(conn: Connection) -> T:
            client = client_authentication.authenticate(conn, claim, self._audience, now, final=bool(fetched))
            try:
                return work(conn, client, now, fetched)
            except OAuthError as error:
                raise _Refused(client.client_id, error) from error

        while True:
            try:
                return await self._config.run(once)
            except KeysNeeded as needed_keys:
                if needed_keys.url in fetched:
                    raise OAuthError("temporarily_unavailable", "keys cannot be had", status=503) from needed_keys
                await self._fetcher.refresh(needed_keys.url)
                fetched |= {needed_keys.url}

    def _housekeeping(self) -> BackgroundTask | None:
        """At most once a minute: forget what has long expired, after the answer has left."""
        now = self._config.clock()
        if now < self._purged_at + PURGE_EVERY:
            return None
        self._purged_at = now
        return BackgroundTask(self._purge, now)

    async def _purge(self, now: int) -> None:
        try:
            await self._config.run(lambda conn: housekeeping.purge(conn, now))
        except (OAuthError, SQLAlchemyError) as error:
            log.warning("expired tokens could not be purged: %s", type(error).__name__)


NO_OPENID: Final = 'Bearer realm="fhir", error="insufficient_scope", scope="openid"'


class _Refused(Exception):
    """A proved client was refused; what it did is undone, that it was refused is still to be put on record."""

    def __init__(self, client_id: str, error: OAuthError) -> None:
        super().__init__(error.error)
        self.client_id = client_id
        self.error = error


def _is_basic(header: str | None) -> bool:
    return header is not None and header[:6].lower() == "basic "
