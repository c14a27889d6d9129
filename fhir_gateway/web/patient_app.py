"""The patient app beside the gateway: static files that ask the public FHIR API alone, as any app would.

Source: SMART App Launch 2.2 (standalone and EHR launch); CSP Level 3; design section 1 (patient app).
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from fhir_gateway.settings import Settings
from fhir_gateway.web import addresses, assets

PATH: Final = "/app/"
SETTINGS: Final = "settings.json"
STYLE: Final = "nhsuk-frontend.css"
FOLDER: Final = Path(__file__).parent / "app"
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
POLICY: Final = (
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"),
    *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
)
HEADERS: Final = {
    "Content-Security-Policy": "; ".join(POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the app, as it is sent. etag: quoted."""

    content: bytes
    media_type: str
    etag: str


def redirect_uri(settings: Settings) -> str:
    """Where the authorization server sends people back to: the app itself."""
    return f"{settings.base_url}{PATH}"


def routes(settings: Settings) -> list[Route]:
    """The routes of the app; none where no client is registered for it."""
    if not settings.patient_app:
        return []
    known = JSONResponse(said(settings), headers=HEADERS)
    return [
        Route(PATH.rstrip("/"), lambda _: RedirectResponse(PATH, 308)),
        Route(f"{PATH}{SETTINGS}", lambda _: known),
        Route(f"{PATH}{{name:path}}", _file),
    ]


def said(settings: Settings) -> dict[str, Any]:
    """What the app is told of the gateway it belongs to: nothing that is secret."""
    return {
        "clientId": settings.patient_app,
        "fhirBase": settings.fhir_base,
        "issuer": settings.base_url,
        "appsPage": f"{settings.base_url}{addresses.APPS}",
    }


async def _file(request: Request) -> Response:
    found = files().get(request.path_params["name"] or "index.html")
    if found is None:
        return PlainTextResponse("There is no such file.", 404, headers=HEADERS)
    headers = {**HEADERS, "ETag": found.etag}
    if request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=found.media_type)


@cache
def files() -> dict[str, File]:
    """Every file of the app, by its name under `/app/`; nothing else is ever read from disk."""
    paths = [path for path in FOLDER.rglob("*") if path.suffix in MEDIA_TYPES]
    return {path.relative_to(FOLDER).as_posix(): _read(path) for path in paths}


def _read(path: Path) -> File:
    content = path.read_bytes().replace(f"/static/{STYLE}".encode(), assets.address(STYLE).encode())
    return File(content, MEDIA_TYPES[path.suffix], f'"{sha256(content).hexdigest()[:32]}"')
