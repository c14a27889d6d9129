"""The form a client posts: read within bounds, each parameter once.

Source: RFC 6749 section 3.2 and appendix B; WHATWG URL (application/x-www-form-urlencoded).
"""

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from auth.errors import OAuthError

MAX_FORM: Final = 65_536
MAX_FIELDS: Final = 50
FORM: Final = "application/x-www-form-urlencoded"

Pairs = list[tuple[str, str]]


async def read_form(request: Request, max_fields: int = MAX_FIELDS) -> dict[str, str]:
    """The parameters of a posted form; one without a value counts as left out.

    Raises OAuthError invalid_request: another media type (400), compressed (415), over 64 kB (413), not a form,
    a repeated parameter, control characters.
    """
    return _once(await read_pairs(request, max_fields))


async def read_pairs(request: Request, max_fields: int = MAX_FIELDS) -> Pairs:
    """The parameters of a posted form as they come, repeated ones too. Raises OAuthError invalid_request."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"the request must be {FORM}")
    if "content-encoding" in request.headers:
        raise OAuthError("invalid_request", "Content-Encoding is not supported", status=415)
    return pairs_of(await _body(request), max_fields)


def pairs_of(body: bytes, max_fields: int = MAX_FIELDS) -> Pairs:
    """The parameters in a form or a query string. Raises OAuthError invalid_request."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=max_fields)
    except ValueError:
        raise OAuthError("invalid_request", f"the body is not a form of at most {max_fields} fields") from None
    if not all(text.isprintable() for pair in pairs for text in pair):
        raise OAuthError("invalid_request", "a parameter holds control characters")
    return pairs


async def _body(request: Request) -> bytes:
    """At most 64 kB, counted as it comes, whatever Content-Length says."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM:
                raise OAuthError("invalid_request", "the form is over 64 kB", status=413)
    except ClientDisconnect:
        raise OAuthError("invalid_request", "the form broke off") from None
    return body


def _once(pairs: Pairs) -> dict[str, str]:
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError("invalid_request", "a parameter is repeated")
    return {name: value for name, value in form.items() if value}
