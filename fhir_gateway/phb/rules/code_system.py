"""The catalogue of rules as the CodeSystem `phb-rule`, which OperationOutcome issues and flags cite.

Source: FHIR R4 codesystem.html; domain.md section 4 (numbers are stable identifiers).
"""

from collections.abc import Iterator
from typing import Any, Final

from fhir_gateway.phb.rules.catalogue import CATALOGUE, Entry, version
from mappings import namespaces

NAME: Final = "phb-rule"
PROPERTIES: Final = {
    "severity": "error: the write is refused; warning: it is accepted and flagged",
    "group": "Section of the rules",
    "place": "What applies it: write, mapping, operation, measure, access, or accepts (it forbids a refusal)",
    "source": "Documents it comes from; none is given where it was written from memory of its source",
}


def rule_code_systems() -> Iterator[dict[str, Any]]:
    """The one CodeSystem of the rules; its version changes with what the catalogue says."""
    yield {
        "resourceType": "CodeSystem",
        "id": NAME,
        "url": namespaces.code_system(NAME),
        "version": version(),
        "name": "PhbRule",
        "title": "Rules of the personal health budget",
        "status": "active",
        "experimental": False,
        "publisher": "PHB gateway",
        "description": "Each rule of the gateway by its number; numbers never change meaning.",
        "caseSensitive": True,
        "content": "complete",
        "count": len(CATALOGUE),
        "property": [{"code": name, "description": says, "type": "string"} for name, says in PROPERTIES.items()],
        "concept": [_concept(one) for one in CATALOGUE.values()],
    }


def _concept(entry: Entry) -> dict[str, Any]:
    known = {
        "severity": entry.severity,
        "group": entry.group,
        "place": entry.place,
        "source": "" if entry.recalled else ", ".join(entry.source),
    }
    return {
        "code": entry.number,
        "display": entry.says.partition(". ")[0].rstrip("."),
        "definition": entry.says,
        "property": [{"code": name, "valueString": value} for name, value in known.items() if value],
    }
