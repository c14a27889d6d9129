"""The narrative: XHTML that may be read but cannot act.

Source: FHIR R4 narrative.html, invariants txt-1 and txt-2; datatypes.html#xhtml.
"""

import re
from typing import Final
from xml.parsers import expat

from mappings import definitions
from mappings.lens.document import Json
from mappings.lens.fault import Fault, Faults, Scope, kind, shape

_XHTML: Final = "http://www.w3.org/1999/xhtml"
_LANGUAGE: Final = "http://www.w3.org/XML/1998/namespace lang"
_ACTIVE: Final = re.compile(r"(?:javascript|vbscript|livescript):|data:(?!image/(?:png|gif|jpe?g|webp|bmp)[;,])").match
_STYLE: Final = re.compile(r"javascript:|expression\(|behaviou?r:|-moz-binding|@import").search
_unseen: Final = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff\\]+").sub
_PREFIXES: Final = ("<div ", "<div>", "<div\n", "<div\t", "<div\r")


class _Refused(Exception):
    """A part of XML that no narrative has."""


def narrative(value: Json, _: Scope) -> Faults | None:
    """The faults of a `div`: not XHTML is a fault of shape, forbidden content one of meaning."""
    if type(value) is not str:
        return shape(f"a string with an XHTML div is expected, not {kind(value)}")
    if not value.lstrip().startswith(_PREFIXES):
        return shape("a narrative is an XHTML div", "value")
    reader = _Reader()
    try:
        reader.read(value.strip())
    except expat.ExpatError as error:
        return shape(f"a narrative is well-formed XHTML: {_why(error)}", "value")
    except _Refused as error:
        return shape(str(error), "value")
    return [Fault("invariant", text, meaning=True) for text in reader.faults] or None


class _Reader:
    """Walks one narrative, keeping what is wrong in `faults`, each once."""

    def __init__(self) -> None:
        self.faults: dict[str, None] = {}
        self._elements, self._attributes = _NAMES
        self._depth = 0
        self._seen = False

    def read(self, text: str) -> None:
        """Raises ExpatError or _Refused when the text is not XHTML."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.ProcessingInstructionHandler = _no_instruction
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._characters
        parser.Parse(text, True)  # noqa: FBT003 - takes no keyword
        if not self._seen:
            self._add("a narrative has text or an image (txt-2)")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        self._depth += 1
        if self._depth == 1 and (namespace, local) != (_XHTML, "div"):
            raise _Refused(f"the div of a narrative is in the namespace {_XHTML}")
        if namespace != _XHTML or local not in self._elements:
            self._add(f"the element {_clip(local)} is not allowed in a narrative (txt-1)")
        self._seen = self._seen or (local == "img" and "src" in attributes)
        for attribute, value in attributes.items():
            self._attribute(attribute, value)

    def _attribute(self, name: str, value: str) -> None:
        if name not in self._attributes and name != _LANGUAGE:
            self._add(f"the attribute {_clip(name.rpartition(' ')[2])} is not allowed in a narrative (txt-1)")
        plain = _unseen("", value).lower()
        if name == "style" and _STYLE(plain):
            self._add("an active style is not allowed in a narrative (txt-1)")
        elif name != "style" and _ACTIVE(plain):
            self._add("an active link is not allowed in a narrative (txt-1)")

    def _characters(self, text: str) -> None:
        self._seen = self._seen or bool(text.strip())

    def _add(self, text: str) -> None:
        self.faults[text] = None


_NAMES: Final = definitions.narrative_names()


def _no_doctype(*_: object) -> None:
    raise _Refused("a narrative has no document type declaration")


def _no_instruction(*_: object) -> None:
    raise _Refused("a narrative has no processing instruction")


def _why(error: expat.ExpatError) -> str:
    """Names the fault; `&nbsp;` and its like are HTML, not XML, and FHIR has no place to declare them."""
    text = expat.ErrorString(error.code)
    place = f"at line {error.lineno} column {error.offset + 1}"
    return f"{text} {place}" + (", write the character instead" if "undefined entity" in text else "")


def _clip(name: str) -> str:
    return name[:32]
