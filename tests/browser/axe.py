"""The accessibility of a page as axe-core judges it.

Source: WCAG 2.2, levels A and AA; axe-core 4.14.1 in vendor/ (MPL-2.0).
"""

from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

SCRIPT: Final = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
WIDE: Final = {"width": 1200, "height": 900}
PHONE: Final = {"width": 375, "height": 800}
RUN: Final = "(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})"


def check_axe(page: Page) -> None:
    """No violation, on a desk and on a phone, and on a phone nothing to scroll sideways."""
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def violations(page: Page) -> list[str]:
    """What is wrong with a page: the rule and the first elements that break it."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SCRIPT)
    found: dict[str, Any] = page.evaluate(RUN, list(RULES))
    return [f"{one['id']}: {[node['html'] for node in one['nodes'][:3]]}" for one in found["violations"]]
