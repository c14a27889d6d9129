"""The pages of somebody who is logged in: home, password, who looked; and the files they use.

Source: security requirements S17, S19, S65, S66; WCAG 2.2 AA.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from auth import clients, sessions
from auth.registration import Registration
from fhir_gateway.web import addresses, assets
from fhir_gateway.web.site import Look
from tests.auth.builders import NOW, SECOND
from tests.fhir_gateway.web.browser import Browser
from tests.fhir_gateway.web.world import PASSWORD, World, choice

NEW = "four blue tandems"
OF_PEOPLE = (addresses.HOME, addresses.APPS, addresses.LOOKED, addresses.PASSWORD, addresses.CONSENT)


# --- every page


@pytest.mark.parametrize("path", OF_PEOPLE)
def test_a_page_of_somebody_is_shown_to_nobody_else(pages: World, path: str) -> None:
    page = pages.browser().get(path)
    assert page.status == 303
    assert page.location.startswith("/login")


@pytest.mark.parametrize("path", [*OF_PEOPLE, "/apps?stopped=yes"])
def test_a_page_has_one_heading_a_language_a_title_and_a_way_past_the_header(janice: Browser, path: str) -> None:
    page = janice.get(path)
    assert page.text.count("<h1") == 1
    assert '<html lang="en-GB">' in page.text
    assert re.search(r"<title>[^<]+ \u2013 PHB gateway</title>", page.text)
    assert '<a class="nhsuk-skip-link" href="#maincontent">' in page.text
    assert 'id="maincontent"' in page.text
    assert page.reply.headers["cache-control"] == "no-store"


@pytest.mark.requirement("S66")
@pytest.mark.parametrize("path", ["/login", *OF_PEOPLE])
def test_a_page_fetches_nothing_but_our_own_files(janice: Browser, path: str) -> None:
    fetched = janice.get(path).fetched
    assert fetched == [assets.address("nhsuk-frontend.css"), assets.address("pages.css")]
    assert [janice.get(one).status for one in fetched] == [200, 200]


@pytest.mark.parametrize("path", OF_PEOPLE)
def test_every_control_has_a_label(janice: Browser, path: str) -> None:
    text = janice.get(path).text
    ids = re.findall(r'<(?:input|select)(?![^>]*(?:hidden))[^>]* id="([^"]+)"', text)
    assert [one for one in ids if f'for="{one}"' not in text] == []


# --- files


def test_a_file_is_kept_for_a_year_and_is_nothing_but_what_it_is(pages: World) -> None:
    reply = pages.browser().get(assets.address("nhsuk-frontend.css")).reply
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.requirement("lesson-16")
@pytest.mark.parametrize(
    "path", ["/static/", "/static/../site.py", "/static/%2e%2e/site.py", "/static/nhsuk-frontend.scss", "/static/x.css"]
)
def test_only_the_files_of_the_table_are_served(pages: World, path: str) -> None:
    assert pages.browser().get(path).status == 404


@pytest.mark.parametrize("name", assets.KINDS)
def test_a_style_fetches_nothing(name: str) -> None:
    text = (Path(assets.__file__).parent / "static" / name).read_text("utf-8")
    assert not re.search(r"url\(|@import|@font-face|frutiger w01", text, re.IGNORECASE)


def test_the_licence_of_what_others_made_stands_in_the_file() -> None:
    text = (assets.FOLDER / "nhsuk-frontend.css").read_text("utf-8")
    assert "MIT Licence" in text[:100]
    assert "Permission is hereby granted" in text[:400]


def test_the_address_of_a_file_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        assets.address("other.css")


# --- password


def test_another_password_takes_the_place_of_the_first(pages: World, janice: Browser) -> None:
    elsewhere = pages.browser("192.0.2.5")
    elsewhere.log_in("janice", PASSWORD)
    old = dict(janice.cookies)
    page = janice.send(janice.get("/password").form("/password"), current=PASSWORD, new=NEW, again=NEW)
    assert (page.status, "Your password is changed" in page.text) == (200, True)
    assert janice.cookies[sessions.COOKIE] != old[sessions.COOKIE]
    assert janice.get("/me").status == 200
    assert elsewhere.get("/me").status == 303
    assert Browser(pages.site, cookies=old).get("/me").status == 303
    assert [pages.browser().log_in("janice", one).status for one in (PASSWORD, NEW)] == [400, 303]
    assert pages.outcomes("password") == ["granted"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"current": "wrong password", "new": NEW, "again": NEW}, "The current password is not right"),
        ({"current": PASSWORD, "new": NEW, "again": NEW + "!"}, "The two new passwords are not the same"),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "The password needs at least 12 characters"),
        ({"current": PASSWORD, "new": "password1234", "again": "password1234"}, "This password is easy to guess"),
    ],
)
def test_a_change_that_cannot_be_is_explained_and_changes_nothing(
    pages: World, janice: Browser, fields: dict[str, str], words: str
) -> None:
    page = janice.send(janice.get("/password").form("/password"), **fields)
    assert (page.status, words in page.text) == (400, True)
    assert "<title>Error: " in page.text
    assert all(value not in page.text for value in fields.values())
    assert pages.browser("192.0.2.6").log_in("janice", PASSWORD).status == 303


@pytest.mark.requirement("S17")
def test_the_current_password_cannot_be_guessed_any_faster_there(janice: Browser) -> None:
    """S17: every path that proves a password."""
    form = janice.get("/password").form("/password")
    statuses = [janice.send(form, current=f"wrong {at}", new=NEW, again=NEW).status for at in range(3)]
    assert statuses == [400, 400, 429]


# --- who looked


@dataclass(frozen=True)
class Seen:
    at: int
    who: str = "Sam Okafor, care coordinator"
    organisation: str | None = "NHS Testshire ICB"
    what: str = "Saw the plan"
    why: str | None = "Review <of> 1 May"


@dataclass
class Diary:
    """What is on record, the latest first, and what the page asked for."""

    looks: list[Seen]
    asked: list[tuple[str, int | None, int]] = field(default_factory=list)

    async def __call__(self, person: str, before: int | None, limit: int) -> Sequence[Look]:
        self.asked.append((person, before, limit))
        return [one for one in self.looks if before is None or one.at < before][:limit]


@pytest.mark.requirement("S65")
def test_the_person_sees_who_looked_when_for_whom_and_why(pages: World, janice: Browser) -> None:
    """S65."""
    pages.more["looked"] = Diary([Seen(NOW)])
    text = Browser(pages.site, cookies=janice.cookies).get("/looked").text
    for words in (
        "15 January 2027, 08:00",
        "Sam Okafor, care coordinator",
        "NHS Testshire ICB",
        "Saw the plan",
        "Review &lt;of&gt; 1 May",
        "Janice Roberts",
    ):
        assert words in text
    assert pages.noted[-1][0] == "looked"
    assert pages.noted[-1][2]["patient"] == "janice"
    assert pages.noted[-1][2]["fhir_user"] == "Patient/janice"
    assert pages.noted[-1][2]["role"] == "person"


def test_older_looks_are_a_link_away(pages: World, janice: Browser) -> None:
    diary = pages.more["looked"] = Diary([Seen(NOW - at * SECOND, who=f"Person {at}") for at in range(120)])
    browser = Browser(pages.site, cookies=janice.cookies)
    path, found = "/looked", []
    while path:
        page = browser.get(path)
        found += re.findall(r"Person \d+", page.text)
        path = next((one for one in page.links if "before=" in one), "")
    assert found == [f"Person {at}" for at in range(120)]
    assert {person for person, _, _ in diary.asked} == {"janice"}


@pytest.mark.parametrize("person", ["dylan", "", "janice%00"])
def test_nobody_sees_who_looked_at_somebody_elses_records(pages: World, janice: Browser, person: str) -> None:
    diary = pages.more["looked"] = Diary([Seen(NOW)])
    page = Browser(pages.site, cookies=janice.cookies).get(f"/looked?person={person}")
    assert page.status == 404
    assert "Sam Okafor" not in page.text
    assert diary.asked == []


@pytest.mark.parametrize("role", ["nominee", "coordinator", "icb"])
def test_only_the_person_and_who_represents_them_see_who_looked(pages: World, janice: Browser, role: str) -> None:
    diary = pages.more["looked"] = Diary([Seen(NOW)])
    pages.people[pages.accounts["janice"].account_id] = (choice("dylan", role),)
    page = Browser(pages.site, cookies=janice.cookies).get("/looked?person=dylan")
    assert (page.status, diary.asked) == (200, [])
    assert "no list to show" in page.text


def test_somebody_who_represents_another_chooses_whose_list(pages: World, janice: Browser) -> None:
    diary = pages.more["looked"] = Diary([])
    mine = pages.accounts["janice"].account_id
    pages.people[mine] = (choice("janice"), choice("dylan", "representative", "Dylan Roberts"))
    browser = Browser(pages.site, cookies=janice.cookies)
    links = browser.get("/looked").links
    assert "/looked?person=dylan" in links
    browser.get("/looked?person=dylan&before=12x")
    assert diary.asked == [("janice", None, 51), ("dylan", None, 51)]


# --- opening an app


def launchable(pages: World) -> None:
    app = Registration(
        client_id="budget-app",
        name="My budget",
        scope="launch openid patient/Claim.rs",
        kind="public",
        redirect_uris='["https://app.example/back"]',
        launch_uri="https://app.example/launch?x=1",
    )
    pages.server.write(lambda conn: clients.add(conn, app, NOW))


@pytest.mark.requirement("smart-2.2/ehr-launch")
def test_an_app_is_opened_for_a_person(pages: World, janice: Browser) -> None:
    launchable(pages)
    page = janice.get("/me")
    assert "form-action 'self' https://app.example;" in page.reply.headers["content-security-policy"]
    opened = janice.send(page.form("/me/open"))
    assert opened.status == 303
    told = parse_qs(urlsplit(opened.location).query)
    assert opened.location.startswith("https://app.example/launch?x=1&")
    assert told["iss"] == [pages.config.fhir_base]
    assert len(told["launch"][0]) == 43
    assert pages.noted[-1][0] == "launch"


@pytest.mark.parametrize("changes", [{"app": "other"}, {"who": "link-dylan dylan"}, {"who": ""}, {"app": ""}])
def test_no_app_is_opened_for_somebody_else(pages: World, janice: Browser, changes: dict[str, str]) -> None:
    launchable(pages)
    page = janice.send(janice.get("/me").form("/me/open"), **changes)
    assert (page.status, "location" in page.reply.headers) == (400, False)


def test_an_app_that_was_shut_out_is_not_offered(pages: World, janice: Browser) -> None:
    launchable(pages)
    form = janice.get("/me").form("/me/open")
    pages.server.write(lambda conn: clients.revoke(conn, "budget-app", NOW))
    assert "My budget" not in janice.get("/me").text
    assert janice.send(form).status == 400
