"""The addresses of our pages, and which of them a login may lead on to.

Source: security requirements S1, S27; OWASP ASVS 5 V10.7.
"""

import re
from typing import Final
from urllib.parse import quote

LOGIN: Final = "/login"
LOGOUT: Final = "/logout"
CONSENT: Final = "/oauth2/consent"
HOME: Final = "/me"
OPEN: Final = "/me/open"
APPS: Final = "/apps"
STOP: Final = "/apps/stop"
LOOKED: Final = "/looked"
PASSWORD: Final = "/password"  # noqa: S105 - an address
_OURS: Final = re.compile(r"/(?:me|apps|looked|password|oauth2/consent)(?:\?[A-Za-z0-9._~=&%-]*)?", re.ASCII)


def own(path: str | None) -> str:
    """The page to go on to: one of ours, else the home page. Never anybody else's address."""
    return path if path is not None and _OURS.fullmatch(path) else HOME


def login(then: str) -> str:
    """Where to log in, to go on at a page of ours."""
    return LOGIN if then == HOME else f"{LOGIN}?then={quote(then, safe='')}"


def consent(handle: str) -> str:
    """Where to decide on the request of a handle."""
    return f"{CONSENT}?request={quote(handle, safe='')}"
