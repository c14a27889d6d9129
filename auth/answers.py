"""How the endpoints that programs call answer: OAuth's own format for refusals, nothing cached, CORS where it applies.

Source: RFC 6749 section 5.2; RFC 6750 section 3; security requirements S12, S62, S69.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from auth.cors import OPEN_TO_ALL, Origins, is_preflight, preflight
from auth.errors import OAuthError, Unauthorized

Endpoint = Callable[[Request], Awaitable[Response]]

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
CACHED: Final = {**OPEN_TO_ALL, "Cache-Control": "public, max-age=300"}
ALLOWED_HEADERS: Final = "Authorization, Content-Type, Accept"

log: Final = logging.getLogger("auth")


def answering(endpoint: Endpoint, methods: tuple[str, ...], origins: Origins | None = None) -> Endpoint:
    """An endpoint whose refusals are OAuth's own and whose answers nobody keeps. origins: for calls from pages."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        if origins is not None and is_preflight(request.method, request.headers):
            response = Response(status_code=204, headers=preflight(", ".join(methods), ALLOWED_HEADERS))
        else:
            response = await _answered(endpoint, request, methods)
        response.headers.update(NO_STORE)
        if origins is not None:
            response.headers.update(await origins.allow(request.headers.get("origin")))
        return response

    return answer


def document(content: Mapping[str, Any]) -> Endpoint:
    """A fixed public document: JSON whatever Accept says, for pages of every origin."""

    async def answer(request: Request) -> Response:
        if is_preflight(request.method, request.headers):
            return Response(status_code=204, headers={**OPEN_TO_ALL, **preflight("GET", ALLOWED_HEADERS)})
        return JSONResponse(content, headers=CACHED)

    return answer


def refusal(error: OAuthError, methods: tuple[str, ...] = ("POST",)) -> Response:
    """The answer to a refused request."""
    headers = {"WWW-Authenticate": error.challenge} if error.challenge else {}
    headers |= {405: {"Allow": ", ".join(methods)}, 503: {"Retry-After": "1"}}.get(error.status, {})
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, status_code=error.status, headers=headers)


async def _answered(endpoint: Endpoint, request: Request, methods: tuple[str, ...]) -> Response:
    if request.method not in methods:
        return refusal(OAuthError("invalid_request", f"only {' and '.join(methods)} is supported", status=405), methods)
    try:
        return await endpoint(request)
    except OAuthError as error:
        log.info("refused at %s: %s", request.scope["path"], error.error)
        return refusal(error)
    except Unauthorized as error:
        challenge = error.www_authenticate
        return refusal(OAuthError(error.error or "invalid_client", error.description, status=401, challenge=challenge))
    except SQLAlchemyError as error:
        # the class alone: the text and the trace of a database error can hold values
        log.error("the store failed: %s", type(error).__name__)  # noqa: TRY400
        return refusal(OAuthError("temporarily_unavailable", "try again shortly", status=503))
