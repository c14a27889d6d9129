"""The one way out: every fetch of a URL somebody else chose goes through here.

https only, no redirects, no environment proxies, no userinfo, listed ports; the name is resolved once, each
address must be public unicast, and the connection is made to a checked address, so a second answer of the
resolver cannot point elsewhere. At most 64 kB, 3 s to connect, 15 s in all.

Source: OWASP API Top 10 2023 API7 (server-side request forgery); RFC 6890 and RFC 6052 (special addresses).
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import SplitResult, urlencode, urlsplit

import httpcore

from auth.errors import AuthError

MAX_BODY: Final = 65_536
CONNECT_S: Final = 3.0
TOTAL_S: Final = 15.0
PORTS: Final = frozenset({443, 8443})
ACCEPT: Final = "application/jwk-set+json, application/json"
FORM: Final = "application/x-www-form-urlencoded"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Iterable[str]]

# `ipaddress` calls these global, yet they lead back inside through a translator or a tunnel
_TUNNELS: Final = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)


class FetchRefused(AuthError):
    """The URL may not be fetched, or its answer may not be used; one message for all causes."""

    def __init__(self) -> None:
        super().__init__("the URL could not be fetched")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A 200 answer. max_age: seconds its `Cache-Control` (less `Age`) allows, None when it does not say."""

    body: bytes
    max_age: int | None


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as text."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check_url(url: str, *, allow_loopback: bool = False) -> SplitResult:
    """The parts of a URL this client may be sent to. Raises FetchRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchRefused from None
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise FetchRefused
    if not allow_loopback and (parts.scheme != "https" or (port or 443) not in PORTS):
        raise FetchRefused
    if parts.scheme not in ("https", "http"):
        raise FetchRefused
    return parts


def is_public(address: Address) -> bool:
    """True for global unicast that no translator or tunnel turns into something else."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return is_public(address.ipv4_mapped)
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in network for network in _TUNNELS)


def fetch(url: str, *, bearer: str = "", allow_loopback: bool = False, resolver: Resolver = resolve) -> Fetched:
    """GET a small document. Raises FetchRefused.

    bearer: a token to show. allow_loopback: tests and demonstration only.
    """
    shown = (("Authorization", f"Bearer {bearer}"),) if bearer else ()
    return _answer(_Call("GET", url, shown), allow_loopback=allow_loopback, resolver=resolver)


def send_form(
    url: str, form: Mapping[str, str], *, allow_loopback: bool = False, resolver: Resolver = resolve
) -> Fetched:
    """POST a form and read a small document, as guarded as `fetch`. Raises FetchRefused."""
    call = _Call("POST", url, (("Content-Type", FORM),), urlencode(form).encode())
    return _answer(call, allow_loopback=allow_loopback, resolver=resolver)


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, its body and headers kept out of what is printed."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


def _answer(call: _Call, *, allow_loopback: bool, resolver: Resolver) -> Fetched:
    parts = check_url(call.url, allow_loopback=allow_loopback)
    backend = _Pinned(parts.scheme, allow_loopback=allow_loopback, resolver=resolver)
    timeout = {"connect": CONNECT_S, "read": TOTAL_S, "write": CONNECT_S, "pool": CONNECT_S}
    headers = [("Accept", ACCEPT), ("Accept-Encoding", "identity"), *call.headers]
    extensions = {"timeout": timeout}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
            pool.stream(call.method, call.url, headers=headers, content=call.body, extensions=extensions) as answer,
        ):
            return _read(answer)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, ValueError):
        raise FetchRefused from None


@cache
def _tls() -> ssl.SSLContext:
    """The certificates this machine trusts, read once."""
    return ssl.create_default_context()


def _read(answer: httpcore.Response) -> Fetched:
    headers = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
    if answer.status != 200 or headers.get(b"content-encoding", "identity") != "identity":  # noqa: PLR2004 - HTTP OK
        raise FetchRefused
    body = b""
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise FetchRefused
    return Fetched(body, _max_age(headers.get(b"cache-control", ""), headers.get(b"age", "")))


def _max_age(cache_control: str, age: str) -> int | None:
    """Seconds the answer may be kept: RFC 9111, private cache."""
    wanted = {
        name.strip().lower(): value.strip(' "')
        for name, _, value in (part.partition("=") for part in cache_control.split(","))
    }
    if wanted.keys() & {"no-store", "no-cache"}:
        return 0
    if not _is_count(wanted.get("max-age", "")):
        return None
    return max(0, int(wanted["max-age"]) - (int(age) if _is_count(age) else 0))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9  # noqa: PLR2004 - thirty years is enough


class _Pinned(httpcore.NetworkBackend):
    """Connects to an address that was checked, and ends the whole exchange at one deadline."""

    def __init__(self, scheme: str, *, allow_loopback: bool, resolver: Resolver) -> None:
        self._scheme = scheme
        self._allow_loopback = allow_loopback
        self._resolver = resolver
        self._deadline = time.monotonic() + TOTAL_S

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        address = self._checked(host, port)
        stream = httpcore.SyncBackend().connect_tcp(address, port, timeout, local_address, socket_options)
        return _Deadline(stream, self._deadline)

    def _checked(self, host: str, port: int) -> str:
        """The first address of `host`; all of them must be allowed."""
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in self._resolver(host, port)]
        if not addresses or not all(self._may_reach(address, port) for address in addresses):
            raise FetchRefused
        return str(addresses[0])

    def _may_reach(self, address: Address, port: int) -> bool:
        if self._allow_loopback and address.is_loopback:
            return True
        return self._scheme == "https" and port in PORTS and is_public(address)


class _Deadline(httpcore.NetworkStream):
    """A stream whose every wait ends at the same moment, so a slow sender gains nothing by dripping."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self, timeout: float | None) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Deadline(self._stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
