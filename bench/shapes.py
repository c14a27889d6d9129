"""How the pieces of the invented resources are written down: compact JSON, `%(name)s` where a value goes.

Source: FHIR R4 datatypes.html; docs/mapping.
"""

import json
import re
from typing import Any, Final

from mappings.namespaces import code_system, extension_url, identifier_system

Tree = dict[str, Any]
MARK: Final = "bench-0000000000"  # changed by a client from one write to the next, always as long as this
_BARE: Final = re.compile(r'"=(%\(\w+\)s)"')


def text_of(tree: Tree) -> str:
    """The template of a resource; `"=%(name)s"` becomes a number without quotes."""
    return _BARE.sub(r"\1", json.dumps(tree, separators=(",", ":"), ensure_ascii=False))


def reference(to: str) -> Tree:
    """A reference by `Type/id`."""
    return {"reference": to}


def coding(system: str, code: str, display: str | None = None) -> Tree:
    """A concept of one of our own code systems."""
    return {"coding": [{"system": code_system(system), "code": code, **({"display": display} if display else {})}]}


def hl7(system: str, code: str) -> Tree:
    """A concept of one of HL7's code systems."""
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def money(name: str) -> Tree:
    """An amount that is filled in."""
    return {"value": f"=%({name})s", "currency": "GBP"}


def identifier(system: str, value: str) -> Tree:
    """An identifier of our own."""
    return {"system": identifier_system(system), "value": value}


def extension(name: str, **value: Any) -> Tree:
    """An extension of our own: one value, or `extension=[...]`."""
    return {"url": extension_url(name), **value}


def year() -> Tree:
    """The period of plan and budget."""
    return {"start": "%(start)s", "end": "%(end)s"}


def narrative(*paragraphs: str, status: str = "generated") -> Tree:
    """Text in paragraphs."""
    body = "".join(f"<p>{one}</p>" for one in paragraphs)
    return {"status": status, "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}


SUBJECT: Final = reference("Patient/%(patient)s")
COORDINATOR: Final = reference("Practitioner/%(practitioner)s")
ICB: Final = reference("Organization/%(icb)s")
ICB_DECIDER: Final = reference("PractitionerRole/decider-%(icb)s")
COUNCIL_DECIDER: Final = reference("PractitionerRole/decider-%(council)s")
