"""CORS at the FHIR base: pages of registered apps may call it with their token, never with cookies.

Source: Fetch standard, CORS protocol; SMART App Launch 2.2, conformance (CORS); security requirement S69.
"""

from typing import Any, Final

from auth.cors import Origins, is_preflight, preflight
from fhir_gateway.http.request import Receive, Scope, Send

METHODS: Final = "GET, HEAD, POST, PUT, DELETE"
ALLOWED: Final = (
    "Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, "
    "Idempotency-Key, X-Request-ID, X-Correlation-ID"
)
EXPOSED: Final = "ETag, Location, Content-Location, Last-Modified, Retry-After, X-Request-ID, X-Correlation-ID"


class Cors:
    """A layer around the FHIR service. open_path: the one address open to pages of every origin."""

    def __init__(self, app: Any, origins: Origins, open_path: str) -> None:
        self._app = app
        self._origins = origins
        self._open_path = open_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight; let anything else through, its answer marked for the page that asked."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if "origin" not in headers:
            await self._app(scope, receive, send)
            return
        allowed = await self._allowed(scope["path"], headers["origin"])
        if is_preflight(scope["method"], headers):
            await _answer(send, {**allowed, **preflight(METHODS, ALLOWED)})
            return
        await self._app(scope, receive, _marking(send, allowed))

    async def _allowed(self, path: str, origin: str) -> dict[str, str]:
        if path == self._open_path:
            return {"Access-Control-Allow-Origin": "*"}
        return {**await self._origins.allow(origin), "Access-Control-Expose-Headers": EXPOSED}


def _marking(send: Send, added: dict[str, str]) -> Send:
    """Sends with headers added, in place of any of the same name."""
    raw = _raw(added)
    names = {name for name, _ in raw if name != b"vary"}

    async def marked(message: Any) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message["headers"] if pair[0].lower() not in names]
            message = {**message, "headers": [*kept, *raw]}
        await send(message)

    return marked


async def _answer(send: Send, headers: dict[str, str]) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": _raw(headers)})
    await send({"type": "http.response.body", "body": b""})


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
