"""The explanation of a payment as a page, in the order in which people ask.

Source: domain.md 8.2; WCAG 2.2 AA.
"""

from collections.abc import Sequence
from typing import Final

from fhir_gateway.web import page

TEMPLATE: Final = "explanation.html"
HEADERS: Final = page.headers()
Step = tuple[str, str, Sequence[tuple[str, str]]]


def render(steps: Sequence[Step], made_at: str) -> bytes:
    """The page. steps: code, title, and sentences with the resource each speaks of. made_at: instant."""
    return page.rendered(TEMPLATE, steps=steps, made_at=made_at)
