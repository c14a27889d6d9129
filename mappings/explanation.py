"""Composition of an explanation: sections in the order they are read, each with its words and what it speaks of.

Written only: it is computed for a document and never stored.

Source: FHIR R4 composition.html, documents.html, narrative.html.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from mappings.lens.document import Tree

TITLE: Final = "Explanation of a payment"
AUTHOR: Final = "gateway"
XHTML: Final = "http://www.w3.org/1999/xhtml"
Said = tuple[str, str]
Step = tuple[str, str, Sequence[Said]]


def composition(uuid: str, person: str, made_at: str, steps: Sequence[Step]) -> Tree:
    """The first entry of the document. made_at: instant. steps: code, title, and sentences with their reference."""
    return {
        "resourceType": "Composition",
        "id": uuid,
        "contained": [
            {
                "resourceType": "Device",
                "id": AUTHOR,
                "status": "active",
                "deviceName": [{"name": "PHB gateway", "type": "user-friendly-name"}],
            }
        ],
        "status": "final",
        "type": {"text": TITLE},
        "subject": {"reference": f"Patient/{person}"},
        "date": made_at,
        "author": [{"reference": f"#{AUTHOR}", "display": "PHB gateway"}],
        "title": TITLE,
        "section": [_section(*one) for one in steps],
    }


def _section(code: str, title: str, sentences: Sequence[Said]) -> Tree:
    entries = dict.fromkeys(reference for _, reference in sentences if reference)
    return {
        "title": title,
        "code": {"text": code},
        "text": {"status": "generated", "div": _div(sentences)},
        **({"entry": [{"reference": one} for one in entries]} if entries else {}),
    }


def _div(sentences: Sequence[Said]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text, _ in sentences)
    return f'<div xmlns="{XHTML}"><ul>{items}</ul></div>'
