"""How our pages are answered: the headers of each, cookies, and where to go next.

Source: security requirements S4, S66, S67; CSP Level 3; RFC 6265bis (cookie prefixes).
"""

from collections.abc import Iterable
from typing import Any, Final

from starlette.responses import Response

from fhir_gateway.web import page

HSTS: Final = "max-age=63072000; includeSubDomains"


def headers(*, secure: bool, form_action: Iterable[str] = ()) -> dict[str, str]:
    """What every page is sent with. secure: whether we are reached by https.

    form_action: origins, besides our own, that answering a form of this page may lead to.
    """
    allowed = " ".join(("'self'", *sorted(set(form_action))))
    policy = f"default-src 'none'; style-src 'self'; form-action {allowed}; base-uri 'none'; frame-ancestors 'none'"
    found = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return found | ({"Strict-Transport-Security": HSTS} if secure else {})


def html(template: str, status: int = 200, *, secure: bool, form_action: Iterable[str] = (), **known: Any) -> Response:
    """A page."""
    return Response(
        page.rendered(template, **known),
        status,
        headers=headers(secure=secure, form_action=form_action),
        media_type="text/html",
    )


def see_other(address: str, *, secure: bool) -> Response:
    """303: go on by GET, whatever was sent here."""
    return Response(status_code=303, headers={**headers(secure=secure), "Location": address})


def keep_cookie(response: Response, name: str, value: str) -> None:
    """A cookie of this host alone, which no script reads, gone when the browser closes."""
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
