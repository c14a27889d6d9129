"""The measures as Measure resources: what is counted, in words, for whoever reads a report.

Source: FHIR R4 measure.html; HL7 code systems measure-scoring, measure-population, measure-improvement-notation.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from fhir_gateway.phb.measures.table import COUNT, MEASURES, SPREAD, STRATIFIERS, TABLE, Figure, Measure
from mappings import namespaces
from mappings.lens.document import Tree

HL7: Final = "http://terminology.hl7.org/CodeSystem"
# A piece of text that says what is counted; no engine runs it.
WORDS: Final = "text/plain"
POPULATIONS: Final = {
    "initial-population": "Initial Population",
    "numerator": "Numerator",
    "denominator": "Denominator",
    "measure-population": "Measure Population",
}


def canonical(number: str) -> str:
    """The canonical URL of a measure."""
    return f"{namespaces.NS}/Measure/{number}"


def version() -> str:
    """The version of every measure together: it changes with what the table says."""
    return sha256(TABLE.read_bytes()).hexdigest()[:12]


def measures() -> Iterator[Tree]:
    """A Measure for each of the table."""
    return (_measure(one) for one in MEASURES.values())


def coded(system: str, code: str, display: str) -> Tree:
    """A CodeableConcept of one of HL7's code systems."""
    return {"coding": [{"system": f"{HL7}/{system}", "code": code, "display": display}]}


def population_codes(figure: Figure) -> tuple[str, ...]:
    """What the populations of a figure are called: of a count, of a mean or median, else below and above the line."""
    if figure.scoring == COUNT:
        return ("initial-population",)
    return ("measure-population",) if figure.scoring == SPREAD else ("denominator", "numerator")


def _measure(one: Measure) -> Tree:
    said: Tree = {
        "resourceType": "Measure",
        "id": one.number,
        "url": canonical(one.number),
        "version": version(),
        "name": one.number,
        "title": one.title,
        "status": "active",
        "experimental": False,
        "publisher": "PHB gateway",
        "description": f"{one.title}. From {', '.join(one.source)}.",
        "scoring": coded("measure-scoring", one.figures[0].scoring, _name(one.figures[0].scoring)),
    }
    if one.better:
        said["improvementNotation"] = better(one)
    return said | {"group": [_group(figure) for figure in one.figures]}


def better(one: Measure) -> Tree:
    """Which way of a measure is the better one."""
    words = f"{'Increased' if one.better == 'increase' else 'Decreased'} score indicates improvement"
    return coded("measure-improvement-notation", one.better, words)


def _name(scoring: str) -> str:
    return " ".join(word.capitalize() for word in scoring.split("-"))


def _group(figure: Figure) -> Tree:
    group: Tree = {"code": {"text": figure.code}, "description": figure.title}
    group["population"] = [_population(figure, code) for code in population_codes(figure)]
    if figure.by:
        group["stratifier"] = [{"code": {"text": by}, "criteria": _criteria(STRATIFIERS[by])} for by in figure.by]
    return group


def _population(figure: Figure, code: str) -> Tree:
    words = figure.denominator if code in ("denominator", "measure-population") else figure.numerator
    return {
        "code": coded("measure-population", code, POPULATIONS[code]),
        "description": words,
        "criteria": _criteria(words),
    }


def _criteria(words: str) -> dict[str, Any]:
    return {"language": WORDS, "expression": words}
