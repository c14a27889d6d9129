"""Forms that are ours, and forms that are not.

Source: security requirement S67.
"""

import pytest

from auth import csrf
from auth.csrf import Forged

ORIGIN = "https://gateway.example"


@pytest.mark.parametrize("sent", [None, "", "another", "wanted ", "WANTED", "w\u00e4nted"])
def test_a_form_without_the_text_of_its_page_is_refused(sent: str | None) -> None:
    csrf.check("wanted", "wanted")
    with pytest.raises(Forged):
        csrf.check(sent, "wanted")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": ORIGIN},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": ORIGIN},
        {"sec-fetch-site": "same-origin", "origin": "null"},
    ],
)
def test_a_form_of_our_own_page_passes(headers: dict[str, str]) -> None:
    csrf.check_origin(headers, ORIGIN)


@pytest.mark.requirement("S67")
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://gateway.example"},
        {"origin": "https://gateway.example.elsewhere.example"},
        {"origin": "https://gateway.example:444"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": ""},
        {"sec-fetch-site": "cross-site", "origin": ORIGIN},
        {"sec-fetch-site": "same-origin", "origin": "https://elsewhere.example"},
    ],
)
def test_a_form_from_elsewhere_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        csrf.check_origin(headers, ORIGIN)


def test_the_login_form_is_of_the_browser_it_was_made_for() -> None:
    mine, other = csrf.new_cookie(), csrf.new_cookie()
    csrf.check(csrf.of_cookie(mine), csrf.of_browser(mine))
    for sent in (csrf.of_cookie(other), mine, None):
        with pytest.raises(Forged):
            csrf.check(sent, csrf.of_browser(mine))


@pytest.mark.parametrize("cookie", [None, "", "short", "x" * 44, "x" * 42 + "!"])
def test_a_browser_without_its_cookie_is_refused(cookie: str | None) -> None:
    with pytest.raises(Forged):
        csrf.of_browser(cookie)
