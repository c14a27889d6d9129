"""The OAuth endpoints, as Starlette routes: token, introspect, revoke, jwks and the discovery documents.

Source: RFC 6749 sections 4.4 and 5; RFC 7662; RFC 7009; SMART App Launch 2.2, backend-services.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth import assertion, discovery, keys, tokens
from auth.clients import Client
from auth.config import AuthConfig
from auth.errors import InvalidClient, OAuthError, Unauthorized
from auth.forms import read_form
from auth.jwks import JwksFetcher, KeysNeeded
from auth.scopes import narrow

__all__ = ["AuthConfig", "routes"]

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
OPEN_TO_ALL: Final = {"Access-Control-Allow-Origin": "*"}
METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PURGE_EVERY: Final = 60 * tokens.MICROSECONDS

log: Final = logging.getLogger("auth")


def routes(config: AuthConfig) -> list[Route]:
    """Every route of this package, at the paths its own documents name."""
    service = _Service(config)
    path = urlsplit(config.token_endpoint).path.rpartition("/")[0]
    smart, server = discovery.smart_configuration(config), discovery.authorization_server(config)
    return [
        Route(f"{path}/token", _post_only(service.token), methods=METHODS),
        Route(f"{path}/introspect", _post_only(service.introspect), methods=METHODS),
        Route(f"{path}/revoke", _post_only(service.revoke), methods=METHODS),
        Route(f"{path}/jwks", service.jwks, methods=["GET"]),
        Route(f"{config.fhir_path}/.well-known/smart-configuration", _document(smart), methods=["GET"]),
        Route(discovery.authorization_server_path(config), _document(server), methods=["GET"]),
    ]


class _Service:
    """The endpoints over one configuration."""

    def __init__(self, config: AuthConfig) -> None:
        self._config = config
        self._fetcher = JwksFetcher(config)
        self._audience = assertion.Audience(token_endpoint=config.token_endpoint, issuer=config.issuer)
        self._purged_at = 0

    async def token(self, request: Request) -> Response:
        """RFC 6749 section 4.4: an access token for the client itself."""
        form = await read_form(request)
        grant_type = form.get("grant_type")
        if grant_type is None:
            raise OAuthError("invalid_request", "grant_type is missing")
        if grant_type != "client_credentials":
            raise OAuthError("unsupported_grant_type", "only client_credentials is supported")

        def grant(conn: Connection, client: Client, now: int) -> tokens.IssuedToken:
            # NHS clients send no scope: they are given what they registered
            scope = narrow(form.get("scope", client.scope), client.scope, self._config.supported_types)
            if not scope:
                raise OAuthError("invalid_scope", "none of the scopes asked for is registered for this client")
            return tokens.issue(conn, client.client_id, scope, now, self._config.token_lifetime_s)

        issued = await self._authenticated(request, form, grant)
        body = {"access_token": issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in}
        return JSONResponse({**body, "scope": issued.scope}, background=self._housekeeping())

    async def introspect(self, request: Request) -> Response:
        """RFC 7662, for the asker's own tokens: anybody else's is as good as unknown."""
        form = await read_form(request)
        token = _needed(form, "token")

        def look(conn: Connection, client_id: str, now: int) -> dict[str, Any]:
            found = tokens.introspect(conn, token, client_id, now)
            ours = {"iss": self._config.issuer, "aud": self._config.fhir_base}
            return {"active": False} if found is None else {**found, **ours}

        def by_bearer(conn: Connection) -> dict[str, Any]:
            now = self._config.clock()
            return look(conn, tokens.verify(conn, tokens.authorization_of(request.headers.raw), now).client_id, now)

        if "client_assertion" in form or "client_assertion_type" in form:
            return JSONResponse(
                await self._authenticated(request, form, lambda conn, client, now: look(conn, client.client_id, now))
            )
        return JSONResponse(await self._config.run(by_bearer))

    async def revoke(self, request: Request) -> Response:
        """RFC 7009: 200 once it is durable, for unknown tokens alike."""
        form = await read_form(request)
        token = _needed(form, "token")
        await self._authenticated(
            request, form, lambda conn, client, now: tokens.revoke(conn, token, client.client_id, now)
        )
        return Response(status_code=200)

    async def jwks(self, _request: Request) -> Response:
        """The server's public keys."""
        found = await self._config.run(lambda conn: keys.public_jwks(conn, self._config.clock()))
        headers = {**OPEN_TO_ALL, "Cache-Control": f"public, max-age={keys.CACHE_S}"}
        return JSONResponse(found, headers=headers)

    async def _authenticated(
        self, request: Request, form: Mapping[str, str], work: Callable[[Connection, Client, int], T]
    ) -> T:
        """What `work` makes of the authenticated client, in the same transaction that spends the jti."""
        now = self._config.clock()
        claimed = assertion.read(_assertion_text(request, form), self._audience, now)
        if form.get("client_id", claimed.client_id) != claimed.client_id:
            raise InvalidClient("client_id is not the one of the assertion")

        def once(conn: Connection, *, final: bool = False) -> T:
            return work(conn, assertion.authenticate(conn, claimed, self._audience, now, final=final), now)

        try:
            return await self._config.run(once)
        except KeysNeeded as needed:
            await self._fetcher.refresh(needed.url)
            return await self._config.run(lambda conn: once(conn, final=True))

    def _housekeeping(self) -> BackgroundTask | None:
        """At most once a minute: forget what has long expired, after the answer has left."""
        now = self._config.clock()
        if now < self._purged_at + PURGE_EVERY:
            return None
        self._purged_at = now
        return BackgroundTask(self._purge, now)

    async def _purge(self, now: int) -> None:
        try:
            await self._config.run(lambda conn: assertion.purge(conn, now) + tokens.purge(conn, now))
        except SQLAlchemyError as error:
            log.warning("expired tokens could not be purged: %s", type(error).__name__)


def _assertion_text(request: Request, form: Mapping[str, str]) -> str:
    """The assertion of a request that authenticates in this one way and no other."""
    scheme = request.headers.get("authorization", "").partition(" ")[0]
    if scheme or "client_secret" in form:
        challenge = f'{scheme.capitalize()} realm="token"' if scheme.lower() in ("basic", "bearer") else None
        status = 401 if challenge else 400
        raise OAuthError("invalid_client", "only private_key_jwt is supported", status=status, challenge=challenge)
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_client", f"client_assertion_type must be {ASSERTION_TYPE}")
    return _needed(form, "client_assertion")


def _needed(form: Mapping[str, str], name: str) -> str:
    if name not in form:
        raise OAuthError("invalid_request", f"{name} is missing")
    return form[name]


def _post_only(endpoint: Endpoint) -> Endpoint:
    """Answers refusals in OAuth's own format, and forbids caching of every answer."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        response = await _answered(endpoint, request)
        response.headers.update(NO_STORE)
        return response

    return answer


async def _answered(endpoint: Endpoint, request: Request) -> Response:
    if request.method != "POST":
        return _refusal(OAuthError("invalid_request", "only POST is supported", status=405))
    try:
        return await endpoint(request)
    except OAuthError as error:
        log.info("refused at %s: %s", request.scope["path"], error.error)
        return _refusal(error)
    except Unauthorized as error:
        challenge = error.www_authenticate
        return _refusal(OAuthError(error.error or "invalid_client", error.description, status=401, challenge=challenge))
    except SQLAlchemyError as error:
        # the class alone: the text and the trace of a database error can hold values
        log.error("the store failed: %s", type(error).__name__)  # noqa: TRY400
        return _refusal(OAuthError("temporarily_unavailable", "try again shortly", status=503))


def _refusal(error: OAuthError) -> Response:
    headers = {"WWW-Authenticate": error.challenge} if error.challenge else {}
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "POST"
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, status_code=error.status, headers=headers)


def _document(content: Mapping[str, Any]) -> Endpoint:
    """A fixed public document: JSON whatever Accept says."""

    async def answer(_request: Request) -> Response:
        return JSONResponse(content, headers={**OPEN_TO_ALL, "Cache-Control": "public, max-age=300"})

    return answer
