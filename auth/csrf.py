"""Whether a form was sent from a page of ours: a text in a field, and what the browser says of where it came from.

A session has a text of its own. Before there is one, a cookie of the browser stands in: the field must hold what only
our page could make of it.

Source: security requirement S67; Fetch Metadata (Sec-Fetch-Site); RFC 6454 (Origin).
"""

import re
import secrets
from collections.abc import Mapping
from hmac import compare_digest
from typing import Final

from auth.errors import AuthError
from auth.tokens import digest

FIELD: Final = "csrf"
COOKIE: Final = "__Host-phb-login"
_COOKIE_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Forged(AuthError):
    """The form does not come from a page of ours, or from one of a login that has ended."""


def check(sent: str | None, wanted: str) -> None:
    """The field is the text its page was given. Raises Forged."""
    if sent is None or not compare_digest(sent.encode(), wanted.encode()):
        raise Forged("the form is not one of ours, or too old")


def check_origin(headers: Mapping[str, str], origin: str) -> None:
    """Nothing the browser says speaks against our own page. Raises Forged.

    A page sent with `no-referrer` posts `Origin: null`, so that counts only where the browser does not send
    Sec-Fetch-Site; a program that sends neither has no cookies a stranger could make it send.
    """
    site, sent = headers.get("sec-fetch-site"), headers.get("origin")
    if site not in (None, "same-origin") or sent not in (None, "null", origin):
        raise Forged("the form was sent from elsewhere")
    if sent == "null" and site is None:
        raise Forged("the form was sent from nowhere")


def new_cookie() -> str:
    """What a browser that is not logged in is known by: 256 random bits."""
    return secrets.token_urlsafe(32)


def kept(cookie: str | None) -> str | None:
    """The cookie a browser sent, where it is one of ours in form."""
    return cookie if cookie is not None and _COOKIE_VALUE.fullmatch(cookie) else None


def of_cookie(cookie: str) -> str:
    """The text the login form carries for a browser with this cookie."""
    return digest(f"login-form:{cookie}")


def of_browser(cookie: str | None) -> str:
    """The same for a cookie as sent. Raises Forged where there is none."""
    found = kept(cookie)
    if found is None:
        raise Forged("the browser sent no cookie")
    return of_cookie(found)
