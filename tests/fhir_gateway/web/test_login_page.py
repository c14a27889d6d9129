"""Logging in and out by the forms of the pages, without JavaScript.

Source: security requirements S17-S19, S63, S66, S67; conformance.md 13.2.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from auth import accounts, csrf, passwords, sessions
from auth.store import ACCOUNT, ATTEMPT, SESSION
from fhir_gateway.web import addresses
from tests.auth.builders import MINUTE, SECOND
from tests.fhir_gateway.web.browser import FORM, FROM_HERE, Browser, Page
from tests.fhir_gateway.web.world import PASSWORD, World


def told(page: Page) -> str:
    """What a page says, without what is new on every page."""
    return re.sub(r'value="[^"]*"', "", page.text)


def logged_in(browser: Browser) -> bool:
    return browser.get("/me").status == 200


# --- the page


@pytest.mark.requirement("rfc6749#10.13-1", "S66")
def test_a_page_may_do_nothing_but_show_itself_and_send_its_forms_to_us(pages: World) -> None:
    """S66."""
    headers = pages.browser().get("/login").reply.headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.requirement("smart-2.2/no-script")
def test_the_form_works_with_a_password_manager_and_without_script(pages: World) -> None:
    page = pages.browser().get("/login")
    assert "<script" not in page.text
    assert 'autocomplete="username"' in page.text
    assert 'type="password"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert set(page.form("/login").fields) == {"csrf", "then", "username", "password"}


# --- logging in


def test_the_right_password_begins_a_login(pages: World) -> None:
    browser = pages.browser()
    page = browser.log_in(" JANICE", PASSWORD)
    assert (page.status, page.location) == (303, "/me")
    assert logged_in(browser)
    assert pages.noted[-1] == ("login", "granted", {"account_id": pages.accounts["janice"].account_id})


@pytest.mark.requirement("S67")
def test_cookies_are_of_this_host_alone_and_out_of_reach_of_scripts(pages: World) -> None:
    """S67."""
    browser = pages.browser()
    first = browser.get("/login").reply.headers["set-cookie"]
    second = browser.log_in("janice", PASSWORD).reply.headers["set-cookie"]
    for cookie, name in ((first, "__Host-phb-login="), (second, "__Host-phb-session=")):
        assert cookie.startswith(name)
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert parts == {"path=/", "secure", "httponly", "samesite=lax"}


@pytest.mark.parametrize("then", ["/apps", "/looked?person=janice", "/oauth2/consent?request=abc-_1"])
def test_a_login_leads_on_to_the_page_that_was_asked_for(pages: World, then: str) -> None:
    browser = pages.browser()
    asked = browser.get(then)
    assert asked.status == 303
    page = browser.send(browser.get(asked.location).form("/login"), username="janice", password=PASSWORD)
    assert (page.status, page.location) == (303, then)


@pytest.mark.requirement("rfc6749#10.15-1")
@pytest.mark.parametrize(
    "then",
    [
        *("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "apps"),
        *(
            "/login",
            "/logout",
            "/fhir/Patient",
            "/me/open",
            "/apps/../fhir",
            "/apps#x",
            "/apps\nX: y",
            "/apps?a=<b>",
            "",
        ),
    ],
)
def test_a_login_leads_nowhere_but_to_our_pages(then: str) -> None:
    assert addresses.own(then) == addresses.HOME


def test_a_form_that_was_tampered_with_leads_home(pages: World) -> None:
    browser = pages.browser()
    assert browser.get("/login?then=//elsewhere.example").form("/login").fields["then"] == "/me"
    form = browser.get("/login").form("/login")
    page = browser.send(form, username="janice", password=PASSWORD, then="//elsewhere.example")
    assert (page.status, page.location) == (303, "/me")


@pytest.mark.requirement("S17")
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("janice", "wrong password 1"),
        ("nobody", PASSWORD),
        ("colin", PASSWORD),
        ("", PASSWORD),
        ("janice", ""),
        ("", ""),
    ],
)
def test_every_way_of_being_wrong_is_told_in_the_same_words(pages: World, username: str, password: str) -> None:
    """S17."""
    usual = pages.browser("192.0.2.1").log_in("janice", "wrong password")
    browser = pages.browser()
    page = browser.log_in(username, password)
    assert (page.status, told(page)) == (400, told(usual))
    assert set(page.reply.headers) == set(usual.reply.headers)
    assert not logged_in(browser)
    assert password not in page.text or not password


def test_a_refusal_is_put_on_record_with_the_account_it_was_tried_on(pages: World) -> None:
    pages.browser().log_in("janice", "wrong password")
    pages.browser().log_in("nobody", "wrong password")
    assert pages.noted == [
        ("login", "denied", {"account_id": pages.accounts["janice"].account_id}),
        ("login", "denied", {}),
    ]


@pytest.mark.requirement("S17")
def test_an_unknown_name_costs_a_hash_too(pages: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S17: the same time, proved by the same work."""
    asked: list[str | None] = []

    def matches(stored: str | None, _: str) -> bool:
        asked.append(stored)
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    for name in ("janice", "nobody", "colin"):
        pages.browser().log_in(name, PASSWORD)
    assert [stored is not None for stored in asked] == [True, False, False]


# --- too many


def test_tries_are_slowed_and_the_owner_gets_in_after_the_delay(pages: World) -> None:
    """S17: no lock, and within the delay the right password is no better than a wrong one."""
    browser = pages.browser()
    for _ in range(4):
        page = browser.log_in("janice", "wrong password")
        while page.status == 429:
            pages.server.clock.advance(int(page.reply.headers["retry-after"]) * SECOND)
            page = browser.log_in("janice", "wrong password")
    slowed = browser.log_in("janice", PASSWORD)
    assert (slowed.status, slowed.reply.headers["retry-after"]) == (429, "4")
    assert "Wait 4 seconds" in slowed.text
    assert told(slowed) == told(browser.log_in("janice", "wrong password"))
    pages.server.clock.advance(4 * SECOND)
    assert browser.log_in("janice", PASSWORD).status == 303
    assert browser.other().log_in("janice", PASSWORD).status == 303


def test_a_try_that_was_turned_away_is_on_record_and_counts_nowhere(pages: World) -> None:
    browser = pages.browser()
    for _ in range(3):
        browser.log_in("janice", "wrong password")
    counts = select(ATTEMPT.c.failures)
    assert pages.outcomes("login") == ["denied", "denied", "throttled"]
    assert pages.server.write(lambda conn: conn.execute(counts).scalars().all()) == [2, 2, 2]


def test_strangers_do_not_keep_the_owner_out(pages: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No lockout of the rightful owner."""
    monkeypatch.setattr(passwords, "matches", lambda _, password: password == PASSWORD)
    owner = pages.browser("192.0.2.200")
    assert owner.log_in("janice", PASSWORD).status == 303
    statuses = {pages.browser(f"198.51.100.{at}").log_in("janice", "wrong password").status for at in range(14)}
    assert statuses == {400, 429}
    assert owner.other("192.0.2.200").log_in("janice", PASSWORD).status == 303


@pytest.mark.requirement("S18")
def test_when_too_many_wait_for_a_hash_the_next_is_asked_to_come_again(
    pages: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S18."""

    async def full(*_: Any) -> bool:
        raise passwords.TooBusy

    monkeypatch.setattr(passwords.TURNS, "run", full)
    page = pages.browser().log_in("janice", PASSWORD)
    assert (page.status, page.reply.headers["retry-after"]) == (503, "5")


# --- hashes


@pytest.mark.requirement("S18")
def test_a_hash_of_other_costs_is_made_anew_at_the_next_login(pages: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """S18: rehash on login."""
    newer = PasswordHasher(2, 128, 1)
    monkeypatch.setattr(passwords, "HASHER", newer)
    assert pages.browser().log_in("janice", PASSWORD).status == 303
    found = pages.server.write(lambda conn: accounts.find(conn, "janice"))
    assert found is not None
    assert found.password_hash is not None
    assert not newer.check_needs_rehash(found.password_hash)


@dataclass
class Meanwhile:
    """Does something to the account while its password is compared."""

    pages: World
    change: dict[str, Any]

    def __call__(self, stored: str | None, password: str) -> bool:
        mine = ACCOUNT.c.account_id == self.pages.accounts["janice"].account_id
        self.pages.server.write(lambda conn: conn.execute(update(ACCOUNT).where(mine).values(**self.change)))
        return stored is not None and bool(password)


@pytest.mark.parametrize("change", [{"status": "closed"}, {"password_hash": "another"}])
def test_an_account_that_changed_while_the_hash_was_compared_is_not_entered(
    pages: World, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.setattr(passwords, "matches", Meanwhile(pages, change))
    assert pages.browser().log_in("janice", PASSWORD).status == 400
    assert pages.outcomes("login") == ["denied"]


# --- forged forms


@pytest.mark.requirement("S67")
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://elsewhere.example", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_sent_from_elsewhere_does_nothing(pages: World, headers: dict[str, str]) -> None:
    """S67, the login form included."""
    browser = pages.browser()
    form = browser.get("/login").form("/login")
    page = browser.post("/login", form.fields | {"username": "janice", "password": PASSWORD}, **headers)
    assert page.status == 403
    assert sessions.COOKIE not in browser.cookies
    assert pages.noted == []


@pytest.mark.requirement("S67")
def test_a_form_made_for_another_browser_does_nothing(pages: World) -> None:
    mine, other = pages.browser(), pages.browser()
    form = other.get("/login").form("/login")
    assert mine.send(form, username="janice", password=PASSWORD).status == 403
    mine.get("/login")
    assert mine.send(form, username="janice", password=PASSWORD).status == 403
    assert mine.send(form, unticked="csrf", username="janice", password=PASSWORD).status == 403
    assert other.send(form, username="janice", password=PASSWORD).status == 303


@pytest.mark.requirement("smart-2.2/no-script")
def test_a_script_that_says_nothing_of_where_it_is_may_log_in_by_the_form(pages: World) -> None:
    """The public test kits drive the forms without a browser."""
    browser = pages.browser()
    fields = browser.get("/login").form("/login").fields | {"username": "janice", "password": PASSWORD}
    assert browser.raw("POST", "/login", urlencode(fields).encode(), FORM).status == 303


@pytest.mark.requirement("lesson-15")
@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"username=a&username=b", "application/x-www-form-urlencoded", 400),
        (b"username=%00", "application/x-www-form-urlencoded", 400),
        (b"username=%ff", "application/x-www-form-urlencoded", 400),
        (b"x=" + b"y" * 70_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_is_no_form_is_refused_with_a_page(pages: World, content: bytes, kind: str, status: int) -> None:
    page = pages.browser().raw("POST", "/login", content, FROM_HERE | {"content-type": kind})
    assert page.status == status
    assert page.reply.headers["content-security-policy"].startswith("default-src 'none'")


# --- sessions


@pytest.mark.requirement("S19")
def test_a_new_login_ends_the_one_before_in_this_browser(pages: World, janice: Browser) -> None:
    """S19: the cookie is new at every login, the old one is refused."""
    old = dict(janice.cookies)
    assert janice.log_in("janice", PASSWORD).status == 303
    assert janice.cookies[sessions.COOKIE] != old[sessions.COOKIE]
    assert not logged_in(Browser(pages.site, cookies=old))
    assert logged_in(janice)


@pytest.mark.requirement("S19")
def test_a_login_planted_by_somebody_else_is_not_kept(pages: World) -> None:
    """S19: session fixation."""
    browser = pages.browser()
    browser.cookies[sessions.COOKIE] = "A" * 43
    browser.log_in("janice", PASSWORD)
    assert browser.cookies[sessions.COOKIE] != "A" * 43


@pytest.mark.requirement("S19")
def test_logging_out_ends_the_login_at_the_server(pages: World, janice: Browser) -> None:
    old = dict(janice.cookies)
    page = janice.send(janice.get("/me").form("/logout"))
    assert (page.status, page.location) == (303, "/login")
    assert sessions.COOKIE not in janice.cookies
    assert not logged_in(Browser(pages.site, cookies=old))
    assert pages.outcomes("logout") == ["ended"]


def test_nobody_is_logged_out_by_a_form_of_another_page(janice: Browser) -> None:
    assert janice.post("/logout", {"csrf": "x"}).status == 403
    assert janice.post("/logout", {}).status == 403
    assert logged_in(janice)


def test_an_idle_login_is_asked_for_again(pages: World, janice: Browser) -> None:
    pages.server.clock.advance(14 * MINUTE)
    assert logged_in(janice)
    pages.server.clock.advance(16 * MINUTE)
    page = janice.get("/apps")
    assert (page.status, page.location) == (303, "/login?then=%2Fapps")


def test_a_form_sent_after_the_login_ended_leads_to_the_login_page(pages: World, janice: Browser) -> None:
    form = janice.get("/me").form("/logout")
    pages.server.clock.advance(16 * MINUTE)
    page = janice.send(form)
    assert (page.status, page.location) == (303, "/login")


# --- when the store fails


@pytest.mark.requirement("S63")
def test_without_its_record_there_is_no_login(pages: World) -> None:
    """S63: no record, no login; S62: the page says nothing of the fault."""

    def fails(_conn: Connection, kind: str, outcome: str, **_: Any) -> None:
        raise OperationalError(f"INSERT {kind} {outcome}", {}, Exception("disk"))

    pages.server.seams["note"] = fails
    browser = pages.browser()
    page = browser.log_in("janice", PASSWORD)
    assert page.status == 503
    assert "INSERT" not in page.text
    assert sessions.COOKIE not in browser.cookies
    assert pages.server.write(lambda conn: conn.execute(select(SESSION)).all()) == []


# --- other ways to log in


@dataclass(frozen=True)
class Issuer:
    id: str = "nhs"
    label: str = "NHS login"
    origin: str = "https://login.example"


def test_others_who_log_people_in_have_a_button_each(pages: World) -> None:
    pages.more["issuers"] = lambda: (Issuer(),)
    page = pages.browser().get("/login?then=/apps")
    form = page.form("/login/with/nhs")
    assert form.fields == {"csrf": page.form("/login").fields["csrf"], "then": "/apps"}
    assert "Log in with NHS login" in page.text
    assert "form-action 'self' https://login.example;" in page.reply.headers["content-security-policy"]


def test_names_are_shown_as_text_and_not_as_markup(pages: World) -> None:
    page = pages.browser().log_in('"><script>alert(1)</script>', "wrong password")
    assert "<script>" not in page.text
    assert page.form("/login").fields["username"] == '"><script>alert(1)</script>'


def test_the_browser_is_known_by_one_cookie_for_all_its_tabs(pages: World) -> None:
    browser = pages.browser()
    first, second = (browser.get("/login").form("/login") for _ in range(2))
    assert first.fields["csrf"] == second.fields["csrf"]
    assert csrf.of_cookie(browser.cookies[csrf.COOKIE]) == first.fields["csrf"]
