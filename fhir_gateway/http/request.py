"""A request as the routes see it: split address, decoded headers, bounded body.

Source: RFC 9110; FHIR R4 http.html#mime-type, #header; NHS England API habits (X-Request-ID).
"""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from fhir_gateway.errors import NotAcceptable, TooLarge, UnsupportedMediaType
from fhir_gateway.interactions.parameters import Pairs, parse_query
from mappings.lens.errors import BadRequest, FhirError, Issue

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON_TYPES: Final = ("application/fhir+json", "application/json")
FORMATS: Final = ("json", "application/json", "application/fhir+json", "text/json", "application/fhir json")
VERSIONS: Final = ("", "4.0", "4.0.1")
ACCEPTED: Final = ("application/fhir+json", "application/json", "*/*", "application/*", "text/json")
FORM: Final = "application/x-www-form-urlencoded"
MAX_FORM: Final = 64 * 1024
UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
CORRELATION: Final = re.compile(r"[\x21-\x7e]{1,128}")


class Unsent(FhirError):
    """408: the body did not arrive in time."""

    status = 408
    code = "timeout"


@dataclass(slots=True)
class Request:
    """One request under the FHIR base. parts: the decoded path segments after it."""

    method: str
    parts: tuple[str, ...]
    query: str
    headers: dict[str, str]
    doubled: frozenset[str]
    request_id: str = ""
    given_id: bool = False
    pairs: Pairs = field(default_factory=list)
    form: str = ""  # a search that came as a form
    address: str | None = None  # of the other end of the connection

    def header(self, name: str) -> str | None:
        """A header's value, None when it was not sent. name: lower case."""
        return self.headers.get(name)


def request_of(scope: Scope, prefix: str) -> Request:
    """The request in an ASGI scope whose path starts with `prefix`. Raises nothing: `checked` judges it."""
    headers: dict[str, str] = {}
    doubled: list[str] = []
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1")
        text = value.decode("latin-1")
        if name in headers:
            doubled.append(name)
            text = f"{headers[name]}, {text}"
        headers[name] = text
    path = scope.get("raw_path") or scope["path"].encode()
    tail = path.partition(b"?")[0][len(prefix) :].strip(b"/").decode("latin-1")
    parts = tuple(tail.split("/")) if tail else ()
    if "%" in tail:
        parts = tuple(unquote(one, errors="replace") for one in parts)
    request = Request(scope["method"], parts, scope["query_string"].decode("latin-1"), headers, frozenset(doubled))
    request.request_id = _request_id(request)
    request.address = (scope.get("client") or (None,))[0]
    return request


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id")
    if given is not None and UUID.fullmatch(given):
        request.given_id = True
        return given
    return str(uuid.uuid4())


def checked(request: Request) -> None:
    """Judge the headers every request shares. Raises BadRequest, NotAcceptable."""
    given = request.headers.get("x-request-id")
    if given is not None and not request.given_id:
        raise BadRequest(Issue("value", "X-Request-ID is a UUID"))
    correlation = request.headers.get("x-correlation-id")
    if correlation is not None and not CORRELATION.fullmatch(correlation):
        raise BadRequest(Issue("value", "X-Correlation-ID is at most 128 visible ASCII characters"))
    if not all(part.isprintable() for part in request.parts):
        raise BadRequest(Issue("value", "the address holds a character that is not allowed"))
    if request.query:
        request.pairs = parse_query(_utf8(request.query))
    if not (request.parts and request.parts[-1].startswith("$")):  # an operation knows what it can answer in
        _check_accept(request)


def _utf8(query: str) -> str:
    """A query string whose bytes were read as Latin-1. Raises BadRequest when they are not UTF-8."""
    try:
        return query if query.isascii() else query.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(Issue("value", "the query string is not UTF-8")) from error


def _check_accept(request: Request) -> None:
    wanted = next((value for name, value in request.pairs if name == "_format"), None)
    if wanted is not None:
        if wanted.partition(";")[0].strip().replace(" ", "+") not in FORMATS:
            raise NotAcceptable(Issue("not-supported", "_format can only be json"))
        return
    accept = request.headers.get("accept")
    if accept is None or accept in ACCEPTED:
        return
    offered = [_media_type(one) for one in accept.lower().split(",")]
    if not any(name in ACCEPTED and version in VERSIONS for name, version in offered):
        raise NotAcceptable(Issue("not-supported", "only application/fhir+json can be answered"))


def _media_type(text: str) -> tuple[str, str]:
    """Name and fhirVersion of a media type; the version empty when none is given."""
    name, *parameters = (one.strip() for one in text.split(";"))
    version = next((one.partition("=")[2] for one in parameters if one.startswith("fhirversion=")), "")
    return name, version.strip('"')


async def body_of(request: Request, receive: Receive, limit: int, seconds: float) -> bytes:
    """The body, at most `limit` bytes, sent within `seconds`. Raises TooLarge, Unsent, UnsupportedMediaType."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMediaType(Issue("not-supported", "compressed request bodies are not taken"))
    length = request.headers.get("content-length")
    if length is not None and length.isascii() and length.isdigit() and (len(length) > 12 or int(length) > limit):  # noqa: PLR2004
        raise TooLarge(Issue("too-long", f"at most {limit} bytes are taken here"))
    try:
        async with asyncio.timeout(seconds):
            return await _received(receive, limit)
    except TimeoutError as error:
        raise Unsent("the body did not arrive in time") from error


async def _received(receive: Receive, limit: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return _bounded(body, limit)
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Unsent("the client went away")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        _bounded(b"", limit - size)
    return b"".join(chunks)


def _bounded(body: bytes, limit: int) -> bytes:
    if len(body) > limit or limit < 0:
        raise TooLarge(Issue("too-long", "the body is larger than what is taken here"))
    return body


def check_json(request: Request) -> None:
    """The body must be FHIR JSON. Raises UnsupportedMediaType."""
    sent, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.lower().partition("charset=")[2].strip().strip('"').partition(";")[0]
    if sent.strip().lower() not in JSON_TYPES or charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType(Issue("not-supported", "send application/fhir+json in UTF-8"))


def form_pairs(request: Request, body: bytes) -> Pairs:
    """The pairs of a `_search` form. Raises UnsupportedMediaType, BadRequest."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise UnsupportedMediaType(Issue("not-supported", f"_search takes {FORM}"))
    try:
        request.form = body.decode("utf-8")
        return parse_query(request.form)
    except UnicodeDecodeError as error:
        raise BadRequest(Issue("value", "the form is not UTF-8")) from error
