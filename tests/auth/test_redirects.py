"""S1: where answers may be sent. Exact strings, and nothing that looks like one."""

import pytest

from auth import redirects
from auth.errors import RegistrationRefused
from auth.redirects import matches, origin_of, with_parameters

REGISTERED = ("https://app.example/callback", "http://127.0.0.1:8765/callback", "https://app.example/cb?tenant=1")

NEAR_MISSES = (
    "",
    "https://app.example/callback/",
    "https://app.example/Callback",
    "https://app.example/callback?",
    "https://app.example/callback?x=1",
    "https://app.example/callback#",
    "https://app.example/callback#x",
    "https://app.example/callback%20",
    "https://app.example/callback ",
    " https://app.example/callback",
    "https://app.example/%63allback",
    "https://app.example/./callback",
    "https://app.example/x/../callback",
    "https://app.example//callback",
    "https://app.example\\callback",
    "https://app.example/callback\u200b",
    "https://app.example:443/callback",
    "https://app.example:8443/callback",
    "https://app.example./callback",
    "https://APP.example/callback",
    "HTTPS://app.example/callback",
    "http://app.example/callback",
    "//app.example/callback",
    "/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://app.example.evil.example/callback",
    "https://evil.example/callback",
    "https://evil.example/https://app.example/callback",
    "https://app.example@evil.example/callback",
    "https://user@app.example/callback",
    "https://sub.app.example/callback",
    "https://app.example/cb",
    "https://app.example/cb?tenant=2",
    "https://app.example/cb?tenant=1&tenant=1",
    "http://127.0.0.1:8765/callback/",
    "http://127.0.0.1:8765@evil.example/callback",
    "http://127.0.0.1:99999/callback",
    "http://127.0.0.1:0/callback",
    "http://127.0.0.1:/callback",
    "http://127.0.0.1.evil.example:8765/callback",
    "http://127.0.0.2:8765/callback",
    "http://2130706433:8765/callback",
    "http://localhost:8765/callback",
    "http://[::1]:8765/callback",
    "https://127.0.0.1:8765/callback",
    "http://127.0.0.1:8765/callback#x",
    "http://127.0.0.1:8765/callback?x=1",
)


@pytest.mark.requirement("smart-2.2#18", "rfc9700#2.1-1", "S1", "lesson-08")
@pytest.mark.parametrize("uri", NEAR_MISSES)
def test_an_address_that_is_not_registered_matches_nothing(uri: str) -> None:
    assert not matches(REGISTERED, uri, public=True)


@pytest.mark.parametrize("uri", REGISTERED)
def test_a_registered_address_matches_as_it_is(uri: str) -> None:
    assert matches(REGISTERED, uri, public=True)
    assert matches(REGISTERED, uri, public=False)


@pytest.mark.requirement("rfc9700#2.1-1", "rfc8252#7.3-1", "S1")
@pytest.mark.parametrize("uri", ["http://127.0.0.1/callback", "http://127.0.0.1:1/callback"])
def test_only_the_port_of_a_loopback_address_may_vary_and_only_for_a_public_client(uri: str) -> None:
    assert matches(REGISTERED, uri, public=True)
    assert not matches(REGISTERED, uri, public=False)


@pytest.mark.requirement("rfc8252#7.3-1")
def test_a_loopback_address_registered_by_name_or_in_ipv6_takes_any_port_of_its_own() -> None:
    registered = ("http://localhost/cb", "http://[::1]:7/cb")
    assert matches(registered, "http://localhost:4000/cb", public=True)
    assert matches(registered, "http://[::1]/cb", public=True)
    assert not matches(registered, "http://127.0.0.1:4000/cb", public=True)


@pytest.mark.requirement("rfc6749#3.1.2-1", "rfc6749#3.1.2.2-1")
@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/cb",
        "https://app.example/cb#x",
        "https://*.app.example/cb",
        "https://app.example/*",
        "https://user:word@app.example/cb",
        "https://@app.example/cb",
        "app.example/cb",
        "com.example.app:/cb",
        "https:///cb",
        "https://app.example:port/cb",
        "https://app.example/c b",
        'https://app.example/"',
        "https://app.example/\u00e9",
        "https://app.example/" + "x" * 2000,
        "",
    ],
)
def test_an_address_that_cannot_be_trusted_is_not_registered(uri: str) -> None:
    with pytest.raises(RegistrationRefused):
        redirects.check_redirect_uri(uri)


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example/",
        "https://app.example:443",
        "http://app.example",
        "HTTPS://app.example",
        "https://App.example",
        "null",
        "*",
        "https://*.example",
        "https://user@app.example",
        "",
    ],
)
def test_an_origin_is_registered_as_a_browser_sends_it_or_not_at_all(origin: str) -> None:
    with pytest.raises(RegistrationRefused):
        redirects.check_origin(origin)


@pytest.mark.requirement("lesson-20")
@pytest.mark.parametrize("origin", ["https://app.example", "https://app.example:8443", "http://127.0.0.1:3000"])
def test_an_origin_of_a_browser_is_taken(origin: str) -> None:
    redirects.check_origin(origin)
    assert origin_of(f"{origin}/page?x") == origin


def test_parameters_join_the_query_that_is_there() -> None:
    assert with_parameters("https://a/cb", code="x y", state=None) == "https://a/cb?code=x+y"
    assert with_parameters("https://a/cb?t=1", code="x") == "https://a/cb?t=1&code=x"
    assert with_parameters("https://a/cb?", code="x") == "https://a/cb?code=x"


@pytest.mark.requirement("S1")
def test_the_table_has_at_least_forty_near_misses() -> None:
    assert len(set(NEAR_MISSES)) >= 40
