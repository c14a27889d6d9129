"""The plainest pages: where people are sent when the service brings none of its own, and the error page.

Source: RFC 6749 section 3.1.2.4 (an unproved redirect URI is told to the person, never followed).
"""

from html import escape
from typing import Final
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

CONSENT_PATH: Final = "/oauth2/consent"
LOGIN_PATH: Final = "/login"
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class PlainPages:
    """Login at `/login?then=`, consent at `/oauth2/consent?request=`."""

    def login(self, handle: str) -> str:
        return f"{LOGIN_PATH}?then={quote(self.consent(handle), safe='')}"

    def consent(self, handle: str) -> str:
        return f"{CONSENT_PATH}?request={handle}"

    def refused(self, title: str, text: str) -> Response:
        page = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
            f"<body><main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></body></html>"
        )
        return HTMLResponse(page, status_code=400, headers=HEADERS)
