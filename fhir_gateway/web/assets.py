"""The files our pages use, served by us from a fixed table of names.

Source: security lessons (no path is made from what was asked); nhsuk-frontend 10.6.1 (THIRD_PARTY.md).
"""

from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER: Final = Path(__file__).parent / "static"
KINDS: Final = {
    "nhsuk-frontend.css": "text/css; charset=utf-8",
    "pages.css": "text/css; charset=utf-8",
}
YEAR_S: Final = 31_536_000


def routes() -> list[Route]:
    """One route for each file."""
    return [Route(f"/static/{name}", _served(name), methods=["GET"]) for name in KINDS]


@cache
def address(name: str) -> str:
    """The address of a file; it changes with the file, so that it may be kept for a year. Raises KeyError."""
    return f"/static/{name}?v={sha256(_content(name)).hexdigest()[:12]}"


@cache
def _content(name: str) -> bytes:
    if name not in KINDS:
        raise KeyError(name)
    return (FOLDER / name).read_bytes()


def _served(name: str) -> Callable[[Request], Awaitable[Response]]:
    headers = {
        "Cache-Control": f"public, max-age={YEAR_S}, immutable",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'",
    }

    async def answer(_request: Request) -> Response:
        return Response(_content(name), headers=headers, media_type=KINDS[name])

    return answer
