"""From a Reply to the wire: status, FHIR headers, body.

Source: FHIR R4 http.html (ETag, Last-Modified, Location, Prefer, conditional read).
"""

from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from typing import Final

from fhir_gateway.http.request import CORRELATION, Request, Send
from fhir_gateway.interactions.context import Reply
from fhir_gateway.outcome import warned
from fhir_gateway.store.records import Stored

Headers = list[tuple[bytes, bytes]]
SECOND: Final = 1_000_000
BODY_TYPE: Final = (b"content-type", b"application/fhir+json; charset=utf-8")
FIXED: Final = (
    (b"cache-control", b"private, no-cache"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
DONE: Final = (
    b'{"resourceType":"OperationOutcome","issue":'
    b'[{"severity":"information","code":"informational","diagnostics":"done"}]}'
)


@lru_cache(maxsize=4096)
def http_date(seconds: int) -> bytes:
    """An HTTP date of seconds since 1970."""
    return formatdate(seconds, usegmt=True).encode()


async def send(request: Request, reply: Reply, base: str, send_: Send) -> int:
    """Send a reply; the status sent."""
    status, body = _final(request, reply)
    headers = [*FIXED, (b"x-request-id", request.request_id.encode())]
    correlation = request.headers.get("x-correlation-id")
    if correlation is not None and CORRELATION.fullmatch(correlation):
        headers.append((b"x-correlation-id", correlation.encode("latin-1")))
    if reply.stored is not None:
        headers += _version_headers(reply.stored, base, located=status == 201 or (reply.created and status == 200))  # noqa: PLR2004
    headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers.items() if value]
    if body is not None:
        headers.append(BODY_TYPE if "content-type" not in reply.headers else (b"vary", b"accept"))
    if status not in (204, 304):
        headers.append((b"content-length", str(len(body or b"")).encode()))
    await send_({"type": "http.response.start", "status": status, "headers": headers})
    await send_({"type": "http.response.body", "body": b"" if body is None or request.method == "HEAD" else body})
    return status


def _version_headers(stored: Stored, base: str, *, located: bool) -> Headers:
    headers = [(b"etag", b'W/"%d"' % stored.version), (b"last-modified", http_date(stored.updated // SECOND))]
    if located:
        headers.append((b"location", f"{base}/{stored.type}/{stored.id}/_history/{stored.version}".encode()))
    return headers


def _final(request: Request, reply: Reply) -> tuple[int, bytes | None]:
    """The status and body after conditional read and `Prefer: return`."""
    if request.method in ("GET", "HEAD"):
        unchanged = reply.status == 200 and reply.stored is not None and _unchanged(request, reply.stored)  # noqa: PLR2004
        return (304, None) if unchanged else (reply.status, reply.body)
    if reply.stored is None or reply.status not in (200, 201):
        return reply.status, reply.body
    wish = preference(request, "return")
    if wish == "minimal":
        return reply.status, None
    return reply.status, (warned(reply) or DONE) if wish == "OperationOutcome" else reply.body


def _unchanged(request: Request, stored: Stored) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        named = [one.strip().removeprefix("W/").strip('"') for one in tags.split(",")]
        return str(stored.version) in named or "*" in named
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return stored.updated // SECOND <= int(parsedate_to_datetime(since).timestamp())
    except (ValueError, TypeError, OverflowError):
        return False


def preference(request: Request, name: str) -> str | None:
    """One preference of the `Prefer` header (RFC 7240)."""
    sent = request.headers.get("prefer")
    if sent is None:
        return None
    for one in sent.replace(";", ",").split(","):
        key, _, value = one.strip().partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"')
    return None
