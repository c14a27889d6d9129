"""The way out: which URLs and addresses are refused, and that no answer can cost much."""

import ipaddress
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from auth import outgoing
from auth.outgoing import Fetched, FetchRefused, check_url, fetch, is_public, send_form

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def listening(answer: Answer) -> Iterator[str]:
    """A web server on loopback that answers as told; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()
    thread.join()
    server.server_close()


def replying(body: bytes, status: int = 200, /, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.mark.requirement("S30", "lesson-08")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "council.example/jwks",
        "http://council.example/jwks",
        "ftp://council.example/jwks",
        "file:///etc/passwd",
        "https:///jwks",
        "https://user@council.example/jwks",
        "https://user:pass@council.example/jwks",
        "https://localhost:443@council.example/",
        "https://council.example/jwks#part",
        "https://council.example:22/jwks",
        "https://council.example:80/jwks",
        "https://council.example:99999/jwks",
        "https://council.example:x/jwks",
        "https://[::1/jwks",
        "https://council.example\\@evil.example/",
        "https://council.example/a b",
        "https://council.example/\r\nX: y",
        "https://cöuncil.example/",
    ],
)
def test_a_url_that_is_not_plain_https_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused):
        check_url(url)


def test_loopback_still_needs_a_web_url() -> None:
    check_url("http://127.0.0.1:9000/jwks", allow_loopback=True)
    with pytest.raises(FetchRefused):
        check_url("ftp://127.0.0.1:9000/jwks", allow_loopback=True)


@pytest.mark.requirement("S30", "lesson-19")
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",  # noqa: S104 - refused, not bound to
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "233.252.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
    ],
)
def test_an_address_that_is_not_public_unicast_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(FetchRefused):
        fetch("https://council.example/jwks", resolver=lambda _host, _port: [address])


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_other_spellings_of_loopback_are_refused(host: str) -> None:
    with pytest.raises(FetchRefused):
        fetch(f"https://{host}/jwks")


@pytest.mark.requirement("lesson-19")
def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    for addresses in (["93.184.216.34", "127.0.0.1"], [], ["fe80::1%eth0"]):
        with pytest.raises(FetchRefused):
            fetch("https://council.example/jwks", resolver=lambda _host, _port, found=addresses: found)  # type: ignore[misc]


@pytest.mark.requirement("S30")
def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that says something else the second time is never asked a second time."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    connected: list[str] = []

    def connect(_self: object, host: str, *_args: object) -> httpcore.NetworkStream:
        connected.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(FetchRefused):
        fetch("https://council.example/jwks", resolver=lambda _host, _port: answers.pop(0))
    assert connected == ["93.184.216.34"]


def test_allowing_loopback_opens_no_other_private_address() -> None:
    for url in ("http://council.example/jwks", "https://council.example/jwks", "https://council.example:22/jwks"):
        for address in ("10.0.0.1", "169.254.169.254"):
            with pytest.raises(FetchRefused):
                fetch(url, allow_loopback=True, resolver=lambda _host, _port, found=address: [found])  # type: ignore[misc]
    with pytest.raises(FetchRefused):
        fetch("http://council.example/", allow_loopback=True, resolver=lambda _host, _port: ["93.184.216.34"])


@pytest.mark.parametrize(
    ("headers", "max_age"),
    [
        ({}, None),
        ({"Cache_Control": "max-age=600"}, 600),
        ({"Cache_Control": 'public, Max-Age="600"', "Age": "100"}, 500),
        ({"Cache_Control": "max-age=10", "Age": "100"}, 0),
        ({"Cache_Control": "no-store, max-age=600"}, 0),
        ({"Cache_Control": "no-cache"}, 0),
        ({"Cache_Control": "max-age=-1"}, None),
        ({"Cache_Control": "max-age=" + "9" * 99}, None),
        ({"Cache_Control": "max-age=9", "Age": "soon"}, 9),
    ],
)
def test_an_answer_says_how_long_it_may_be_kept(headers: dict[str, str], max_age: int | None) -> None:
    with listening(replying(b"{}", **headers)) as url:
        assert fetch(url, allow_loopback=True) == Fetched(b"{}", max_age)


def test_loopback_is_refused_unless_a_setting_allows_it() -> None:
    with listening(replying(b"{}")) as url, pytest.raises(FetchRefused):
        fetch(url)


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with listening(replying(b"{}")) as url:
        assert fetch(url, allow_loopback=True).body == b"{}"


@pytest.mark.requirement("S30", "lesson-19")
@pytest.mark.parametrize(
    "answer",
    [
        replying(b"", 404),
        replying(b"", 500),
        replying(b"", 204),
        replying(b"", 301, Location="http://127.0.0.1/"),
        replying(b"", 302, Location="https://elsewhere.example/"),
        replying(b"\x1f\x8b", Content_Encoding="gzip"),
        replying(b"x" * 65_537),
        replying(b"short", Content_Length="100"),
        lambda request: request.wfile.write(b"nonsense\r\n\r\n"),
        lambda request: request.connection.close(),
    ],
)
def test_an_answer_that_is_not_small_and_plain_is_refused(answer: Answer) -> None:
    with listening(answer) as url, pytest.raises(FetchRefused):
        fetch(url, allow_loopback=True)


def test_an_answer_of_exactly_64_kb_is_taken() -> None:
    with listening(replying(b"x" * 65_536)) as url:
        assert len(fetch(url, allow_loopback=True).body) == 65_536


@pytest.mark.requirement("S30")
def test_a_sender_that_drips_is_cut_off_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TOTAL_S", 0.3)
    stop = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not stop.wait(0.02):
            request.wfile.write(b" ")

    with listening(drip) as url:
        try:
            with pytest.raises(FetchRefused):
                fetch(url, allow_loopback=True)
        finally:
            stop.set()


def test_a_form_and_a_token_are_sent_as_the_standards_write_them() -> None:
    def echo(request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length", 0))
        told = (request.command, request.headers.get("Content-Type"), request.headers.get("Authorization"))
        replying(f"{told} {request.rfile.read(length).decode()}".encode())(request)

    form = "('POST', 'application/x-www-form-urlencoded', None) code=a+b%26c"
    with listening(echo) as url:
        assert send_form(url, {"code": "a b&c"}, allow_loopback=True).body.decode() == form
        assert fetch(url, bearer="abc", allow_loopback=True).body == b"('GET', None, 'Bearer abc') "
        with pytest.raises(FetchRefused):
            fetch(url, bearer="abc\r\nX: y", allow_loopback=True)


@pytest.mark.parametrize(
    "url", ["http://council.example/token", "https://127.1/token", "https://user@council.example/"]
)
def test_a_form_is_sent_nowhere_a_document_would_not_be_fetched_from(url: str) -> None:
    with pytest.raises(FetchRefused):
        send_form(url, {"code": "x"})


@pytest.mark.parametrize(
    "answer", [replying(b"", 302, Location="/elsewhere"), replying(b"{}", 400), replying(b"x" * 65_537)]
)
def test_an_answer_to_a_form_is_held_to_the_same_bounds(answer: Answer) -> None:
    with listening(answer) as url, pytest.raises(FetchRefused):
        send_form(url, {"code": "x"}, allow_loopback=True)
