"""Somebody at a browser: logs in, decides what an app may see, goes from page to page."""

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page, expect

from tests.demonstration import Demonstration

SHOWN: Final = "main:not([aria-busy]) h1"


@dataclass(frozen=True)
class Person:
    """A person of the demonstration. name: of their login."""

    demo: Demonstration
    page: Page
    name: str

    def open_app(self) -> None:
        """From the first page of the app to the login page of the gateway."""
        self.page.goto(self.demo.app)
        self.page.get_by_role("button", name="Connect to my records").click()
        self.page.get_by_label("User name").wait_for()

    def log_in(self) -> None:
        """On the login page."""
        username, password = self.demo.user(self.name)
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()

    def allow(self, *without: str) -> None:
        """On the consent page, with some boxes unticked."""
        for label in without:
            self.page.get_by_label(label).uncheck()
        self.page.get_by_role("button", name="Allow", exact=True).click()

    def connect(self, *without: str) -> None:
        """The whole way into the app."""
        self.open_app()
        self.log_in()
        self.allow(*without)
        self.is_shown("Home")

    def go(self, name: str) -> None:
        """To a page of the app's menu."""
        self.page.get_by_role("navigation", name="Menu").get_by_role("link", name=name, exact=True).click()
        self.is_shown(name)

    def is_shown(self, name: str) -> None:
        """Until the page of this name in the menu is there."""
        here = self.page.get_by_role("navigation", name="Menu").get_by_role("link", name=name, exact=True)
        expect(here).to_have_attribute("aria-current", "page")
        self.page.wait_for_selector(SHOWN)

    def heading(self) -> str:
        """The heading of the page that is shown."""
        return self.page.inner_text(SHOWN)
