"""Addresses of apps: where answers may be sent, where a launch opens, whose pages may call us.

Redirect URIs are compared as exact strings; only the port of a loopback address may vary, for a public client.

Source: RFC 6749 section 3.1.2; RFC 8252 section 7.3 (loopback); RFC 9700 section 4.1; security requirement S1.
"""

import re
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit

from auth.errors import RegistrationRefused

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
MAX_URI: Final = 2000
_TEXT: Final = re.compile(r"[!#-;=?-Z\[\]_a-z~%]+", re.ASCII)  # what RFC 3986 allows: no quotes, spaces, backslashes
_LOOPBACK_PORT: Final = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]|localhost))(?::[0-9]{1,5})?(?=[/?]|$)", re.ASCII)


def check_redirect_uri(text: str) -> None:
    """Raises RegistrationRefused for what may not be registered: another scheme, userinfo, a fragment, a wildcard."""
    parts = _parts(text, "redirect_uri")
    if "#" in text or "*" in text:
        raise RegistrationRefused("redirect_uri: no fragment and no wildcard")
    _check_scheme(parts, "redirect_uri")


def check_launch_uri(text: str) -> None:
    """Raises RegistrationRefused."""
    parts = _parts(text, "launch_uri")
    if "#" in text:
        raise RegistrationRefused("launch_uri: no fragment")
    _check_scheme(parts, "launch_uri")


def check_origin(text: str) -> None:
    """An origin is `scheme://host[:port]` as a browser sends it. Raises RegistrationRefused."""
    parts = _parts(text, "origin")
    _check_scheme(parts, "origin")
    if text != origin_of(text) or "*" in text:
        raise RegistrationRefused("origin: scheme://host[:port] in lower case, no path and no default port")


def origin_of(uri: str) -> str:
    """The origin of an address, in the form a browser sends it."""
    parts = urlsplit(uri)
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{named}" + ("" if parts.port in (None, usual) else f":{parts.port}")


def matches(registered: tuple[str, ...], given: str, *, public: bool) -> bool:
    """Whether an answer may be sent to `given`, which must be one of the registered ones."""
    if given in registered:
        return True
    loose = _without_loopback_port(given) if public else None
    return loose is not None and any(_without_loopback_port(one) == loose for one in registered)


def is_loopback(uri: str) -> bool:
    """Whether an app on the person's own machine is meant: nobody can prove which."""
    return _LOOPBACK_PORT.match(uri) is not None


def with_parameters(uri: str, **parameters: str | None) -> str:
    """The address with parameters added to its query, which is kept; None leaves one out."""
    added = urlencode([(name, value) for name, value in parameters.items() if value is not None])
    joiner = ("" if uri.endswith(("?", "&")) else "&") if "?" in uri else "?"
    return f"{uri}{joiner}{added}"


def _without_loopback_port(uri: str) -> str | None:
    """The address less its port, None when it is not one of a loopback host, or the port is no port."""
    found = _LOOPBACK_PORT.match(uri)
    if found is None or _TEXT.fullmatch(uri) is None or not _is_plain(uri):
        return None
    return found[1] + uri[found.end() :]


def _is_plain(uri: str) -> bool:
    try:
        port = urlsplit(uri).port
    except ValueError:
        return False
    return port != 0 and "#" not in uri


def _parts(text: str, name: str) -> SplitResult:
    if len(text) > MAX_URI or _TEXT.fullmatch(text) is None:
        raise RegistrationRefused(f"{name}: an absolute address of at most {MAX_URI} characters is needed")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        raise RegistrationRefused(f"{name}: this is no address") from None
    if not parts.hostname or "@" in parts.netloc:
        raise RegistrationRefused(f"{name}: a host is needed, and no user name")
    return parts


def _check_scheme(parts: SplitResult, name: str) -> None:
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise RegistrationRefused(f"{name}: https is needed; http only on the person's own machine")
