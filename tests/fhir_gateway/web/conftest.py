"""Pages to log in at, and somebody who has."""

from collections.abc import Iterator

import pytest

from auth import passwords
from tests.fhir_gateway.web.browser import Browser
from tests.fhir_gateway.web.world import CHEAP, NOBODY, PASSWORD, World, world


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(passwords, "HASHER", CHEAP)
    monkeypatch.setattr(passwords, "_nobody", lambda: NOBODY)
    with world() as made:
        yield made


@pytest.fixture
def janice(pages: World) -> Browser:
    """Her browser, logged in."""
    browser = pages.browser()
    assert browser.log_in("janice", PASSWORD).status == 303
    return browser
