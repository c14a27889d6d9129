"""Forms nobody should send: mangled assertions, other media types, parameters twice; and what is said to them.

Source: RFC 6749 sections 3.2 and 5.2; security requirement S55.
"""

import random
import re
import string
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from auth.store import ACCESS_TOKEN, CLIENT_JTI
from tests.auth.apps import AppServer, on_sqlite, query, sent_back
from tests.auth.builders import claims, signed

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
DESCRIPTION: Final = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")  # of RFC 6749 section 5.2
ENDPOINTS: Final = ("token", "introspect", "revoke")
TWO_HUNDRED: Final = 200
ODD: Final[tuple[str, ...]] = (*"\x00\n \t\"'\\{}[]:,=+/%&;#é\u202e\ud7ff\U0010ffff", "..", "eyJ", "null", "9" * 400)


@pytest.fixture(scope="module")
def server() -> Iterator[AppServer]:
    with on_sqlite() as server:
        yield server


# --- assertions


def cut(text: str, dice: random.Random) -> str:
    return text[: dice.randrange(len(text) - 1)]


def swapped(text: str, dice: random.Random) -> str:
    """One character for another; not the last, whose bits do not all count."""
    at = dice.randrange(len(text) - 1)
    other: str = dice.choice([one for one in string.ascii_letters if one != text[at]])
    return text[:at] + other + text[at + 1 :]


def filled(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice(ODD) + text[at:]


def shuffled(text: str, dice: random.Random) -> str:
    """The parts in another order or number; never the order they had."""
    parts = text.split(".")
    return ".".join(dice.choice([parts[::-1], parts * 2, parts[:2], parts[1:], [parts[0], *parts], ["", *parts]]))


MANGLES: Final[tuple[Callable[[str, random.Random], str], ...]] = (cut, swapped, filled, shuffled)


@pytest.mark.requirement("S55", "lesson-08")
def test_two_hundred_assertions_that_are_not_right_are_refused_and_none_is_a_fault_of_ours(server: AppServer) -> None:
    """Authlib 1.8.0: a malformed assertion was a 500."""
    good, bad = signed(claims(server.clock)), set[str]()
    dice = random.Random(8725)  # noqa: S311 - the same two hundred each time
    while len(bad) < TWO_HUNDRED:
        bad |= {mangle(good, dice) for mangle in MANGLES} - {good}
    forms = [server.form(client_assertion=one) for one in sorted(bad)]
    replies = server.many(*({"method": "POST", "url": "/oauth2/token", "data": form} for form in forms))
    assert {reply.status_code for reply in replies} == {400}
    assert {reply.json()["error"] for reply in replies} <= {"invalid_client", "invalid_request"}
    for table in (ACCESS_TOKEN, CLIENT_JTI):
        assert server.write(lambda conn, table=table: conn.execute(select(table)).first()) is None  # type: ignore[misc]
    assert server.post(data=server.form(client_assertion=good)).status_code == 200


# --- forms


@pytest.mark.requirement("lesson-15")
@pytest.mark.parametrize("path", [*ENDPOINTS, "authorize"])
def test_multipart_is_taken_nowhere(server: AppServer, path: str) -> None:
    parts = {name: (None, value) for name, value in (server.form() | server.params()).items()}
    reply = server.send("POST", f"/oauth2/{path}", files=parts)
    assert reply.status_code == 400
    assert "location" not in reply.headers
    if path != "authorize":
        assert reply.json()["error"] == "invalid_request"


@pytest.mark.requirement("rfc6749#3.2-2", "lesson-17")
@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_parameter_comes_once(server: AppServer, path: str) -> None:
    """The same value twice too: which of two a library takes is not ours to guess."""
    usual = {**server.form(), "token": "x", "client_id": "council-sync", "code": "x", "resource": "https://a.example"}
    for name, value in usual.items():
        content = urlencode([*usual.items(), (name, value)])
        reply = server.send("POST", f"/oauth2/{path}", content=content, headers=FORM)
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request"), name


# --- what is said


def refusals(server: AppServer, value: str) -> Iterator[dict[str, Any]]:
    """Every answer to a request with this text in the place of one parameter."""
    for name in ("grant_type", "client_id", "client_assertion_type", "client_assertion", "client_secret", "scope"):
        yield server.post(data=server.form(**{name: value})).json()
    for name in ("code", "redirect_uri", "code_verifier", "client_id", "resource", "refresh_token"):
        yield server.redeem("x", **{name: value}).json() if name != "code" else server.redeem(value).json()
    for name in ("response_type", "scope", "aud", "code_challenge_method", "prompt", "max_age", "id_token_hint"):
        yield sent_back(server.authorize(**{name: value}))


@pytest.mark.requirement("rfc6749#5.2-4")
@pytest.mark.parametrize("value", ['"quoted"', "back\\slash", "caf\u00e9", "\U0001f511", "<script>"])
def test_what_a_refusal_says_is_plain_and_repeats_nothing(server: AppServer, value: str) -> None:
    said = list(refusals(server, value))
    assert len(said) > 15
    for body in said:
        assert DESCRIPTION.fullmatch(body["error_description"]), body
        assert value not in str(query(f"/?{urlencode(body)}")), body
