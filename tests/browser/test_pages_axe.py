"""The gateway's own pages as axe-core judges them, faults included, under their own policy.

The pages are answered first and then given to the browser, so no server runs. The patient app's test looks at
those without a fault on its way through a running one.

Source: WCAG 2.2 AA; security requirement S66.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from playwright.sync_api import Page, Route

from auth import authorizations, clients, passwords
from auth.authorizations import AuthorizationRequest
from auth.registration import Registration
from fhir_gateway.web import assets
from tests.auth.builders import ISSUER, NOW
from tests.browser.axe import check_axe
from tests.fhir_gateway.web.browser import Browser
from tests.fhir_gateway.web.browser import Page as Answer
from tests.fhir_gateway.web.test_own_pages import Diary, Seen
from tests.fhir_gateway.web.world import CHEAP, NOBODY, PASSWORD, World, choice, world

BACK: Final = "https://app.example/back"
SCOPE: Final = "openid offline_access patient/*.rs patient/Claim.cru"


def asked(pages: World) -> str:
    """The address of the consent page for an app that wants much."""
    app = Registration(
        client_id="budget-app",
        name="My budget",
        scope=SCOPE,
        kind="public",
        redirect_uris=f'["{BACK}"]',
        launch_uri=BACK,
    )
    pages.server.write(lambda conn: clients.add(conn, app, NOW))
    request = AuthorizationRequest(
        client_id="budget-app",
        redirect_uri=BACK,
        scope=SCOPE,
        state=None,
        nonce=None,
        code_challenge="x" * 43,
        audience=pages.config.fhir_base,
        prompt=None,
        max_age=None,
        launch=None,
        account_id=None,
        created_at=NOW,
        expires_at=NOW + authorizations.LIFETIME,
    )
    return f"/oauth2/consent?request={pages.server.write(lambda conn: authorizations.save(conn, request))}"


def answers() -> Iterator[tuple[str, Answer]]:
    """Each page in its fullest state, by a name for whoever reads a failure."""
    with world() as pages:
        pages.more["looked"] = Diary([Seen(NOW - at) for at in range(60)])
        people = (choice("janice"), choice("dylan", "representative", "Dylan Roberts"))
        pages.people[pages.accounts["janice"].account_id] = people
        browser = pages.browser()
        yield "login, wrong", browser.log_in("janice", "wrong password")
        browser.log_in("janice", PASSWORD)
        yield from of_an_app(browser, asked(pages))
        yield "home", browser.get("/me")
        form = browser.get("/password").form("/password")
        yield "password, wrong", browser.send(form, current="x", new="y", again="z")
        yield "who looked", browser.get("/looked")
        yield "message", browser.get("/oauth2/consent?request=x")


def of_an_app(browser: Browser, address: str) -> Iterator[tuple[str, Answer]]:
    form = browser.get(address).form("/oauth2/consent")
    yield "consent, nobody picked", browser.send(form, decision="allow")
    browser.send(form, decision="allow", who="link-dylan dylan")
    yield "apps", browser.get("/apps?stopped=yes")


@pytest.fixture(scope="module")
def answered() -> Iterator[dict[str, Answer]]:
    """Every page, made in a thread of its own: the browser's driver keeps this one's event loop."""
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as thread:
        patch.setattr(passwords, "HASHER", CHEAP)
        patch.setattr(passwords, "_nobody", lambda: NOBODY)
        yield thread.submit(lambda: dict(answers())).result()


@pytest.mark.requirement("S66")
def test_every_page_can_be_used_by_everybody(answered: dict[str, Answer], page: Page) -> None:
    """On a desk and on a phone, with the styles of the page and none but ours."""
    shown: list[Answer] = []

    def give(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ISSUER}/static/").partition("?")[0]
        if name in assets.KINDS:
            route.fulfill(body=(assets.FOLDER / name).read_bytes(), content_type=assets.KINDS[name])
        else:
            route.fulfill(status=200, body=shown[-1].text, headers=dict(shown[-1].reply.headers))

    page.route("**/*", give)
    for name, answer in answered.items():
        shown.append(answer)
        page.goto(f"{ISSUER}/{name.replace(' ', '-')}")
        assert page.evaluate("document.styleSheets.length") == 2
        check_axe(page)
    assert len(answered) == 7
