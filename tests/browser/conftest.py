"""A real browser, and a running demonstration for it to look at; both once for the tests of one process."""

import shutil
from asyncio import _get_running_loop, _set_running_loop
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.person import Person
from tests.conftest import NO_BROWSER
from tests.demonstration import Demonstration, demonstration

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
MISSING: Final = f"{NO_BROWSER}: none of {', '.join(NAMES)} is on the path"
FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # a page the tests make up comes from no machine at all: the browser would ask before it may talk to this one
    "--disable-features=LocalNetworkAccessChecks",
)
PATIENCE_MS: Final = 20_000


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the machine."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        loop = _get_running_loop()
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        _set_running_loop(None)
        yield browser
        _set_running_loop(loop)
        browser.close()


@pytest.fixture(autouse=True)
def loop_of_the_browser(chromium: Browser) -> Iterator[None]:
    """Playwright's event loop counts as the running one of this thread in these tests alone: others start theirs."""
    _set_running_loop(chromium._impl_obj._loop)
    yield
    _set_running_loop(None)


@pytest.fixture(scope="session")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """A demonstration of this process; without a browser none is started."""
    assert chromium.is_connected()
    with demonstration(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that knows nobody; a script that fails or is blocked fails the test."""
    faults: list[str] = []
    context = chromium.new_context(locale="en-GB", timezone_id="Europe/London")
    context.set_default_timeout(PATIENCE_MS)
    made = context.new_page()
    made.on("pageerror", lambda error: faults.append(str(error)))
    made.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield made
    context.close()
    assert faults == []


@pytest.fixture
def janice(demo: Demonstration, page: Page) -> Person:
    """Janice at a browser."""
    return Person(demo, page, "janice")
