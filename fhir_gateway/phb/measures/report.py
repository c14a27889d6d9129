"""An evaluation as a MeasureReport and as the rows of a table: the same figures.

R4 counts populations in whole numbers of 32 bits, so sums of money stand beside the count as extension `phb-amount`.

Source: FHIR R4 measurereport.html; domain.md 8.3 (MeasureReport).
"""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

from fhir_gateway.phb.measures.cells import Outcome, Result, Stratum
from fhir_gateway.phb.measures.evaluation import Evaluation
from fhir_gateway.phb.measures.published import POPULATIONS, better, canonical, coded, population_codes, version
from fhir_gateway.phb.measures.table import ANSWER, DAYS, EACH, GROUP, GROUP_AGE, OPTION, QUESTION, Figure
from fhir_gateway.phb.money import PENCE_A_POUND, Pence
from fhir_gateway.phb.variance import SUPPRESSED
from mappings import namespaces
from mappings.lens.document import Tree
from mappings.lens.values import json_number, pounds

UCUM: Final = "http://unitsofmeasure.org"
MASKED: Final = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"},
    ]
}
TENTH: Final = Decimal("0.1")
WHOLE: Final = Decimal(1)
SHOWN_UNITS: Final = {"10*-5": "for each 100,000", DAYS: "days"}
SYSTEMS: Final = {GROUP: "phb-eligibility-group", OPTION: "phb-management-option"}
PARTS: Final = {GROUP_AGE: (GROUP, "age"), ANSWER: (QUESTION, ANSWER)}
COLUMNS: Final = (
    *("measure", "title", "figure", "start", "end", "reporter", "stratifier", "stratum"),
    *("numerator", "denominator", "numerator_amount", "denominator_amount", "score", "unit", "flags"),
)
COUNTED_BY: Final = {
    "initial-population": "numerator",
    "numerator": "numerator",
    "denominator": "denominator",
    "measure-population": "denominator",
}


def measure_report(found: Evaluation, made: str) -> Tree:
    """The MeasureReport, a summary. made: the instant it was worked out, as FHIR writes it."""
    tree: Tree = {"resourceType": "MeasureReport"}
    if found.flags:
        tags = [{"system": namespaces.code_system("phb-rule"), "code": one} for one in found.flags]
        tree["meta"] = {"tag": tags}
    tree |= {
        "status": "complete",
        "type": "summary",
        "measure": f"{canonical(found.measure.number)}|{version()}",
        "date": made,
    }
    if found.reporter:
        tree["reporter"] = {"reference": f"Organization/{found.reporter}"}
    tree["period"] = {"start": found.start.isoformat(), "end": found.end.isoformat()}
    if found.measure.better:
        tree["improvementNotation"] = better(found.measure)
    return tree | {"group": [_group(one) for one in found.outcomes]}


def _group(one: Outcome) -> Tree:
    group: Tree = {"code": {"text": one.figure.code}, **_counted(one.figure, one.result)}
    stratifiers = [_stratifier(one, by) for by in one.figure.by if any(stratum.by == by for stratum in one.strata)]
    return group | ({"stratifier": stratifiers} if stratifiers else {})


def _counted(figure: Figure, result: Result) -> Tree:
    """Populations and score, as a group and a stratum have them alike."""
    tree: Tree = {"population": [_population(code, result) for code in population_codes(figure)]}
    if result.score is not None:
        tree["measureScore"] = _quantity(figure.unit, result.score)
    return tree


def _population(code: str, result: Result) -> Tree:
    name = COUNTED_BY[code]
    pence: Pence | None = getattr(result, f"{name}_pence")
    tree: Tree = {}
    if pence is not None:
        money = {"value": pounds(pence), "currency": "GBP"}
        tree["extension"] = [{"url": namespaces.extension_url("phb-amount"), "valueMoney": money}]
    tree["code"] = coded("measure-population", code, POPULATIONS[code])
    count = getattr(result, name)
    if name in result.hidden:
        tree["_count"] = MASKED
    elif count is not None:
        tree["count"] = count
    return tree


def _quantity(unit: str, score: Fraction) -> Tree:
    tree: Tree = {"value": json_number(rounded(unit, score))}
    return tree | {"unit": SHOWN_UNITS.get(unit, unit), "system": UCUM, "code": unit}


def rounded(unit: str, score: Fraction) -> Decimal:
    """A score as it is shown: counts whole, the rest to one place, half up."""
    exact = Decimal(score.numerator) / Decimal(score.denominator)
    return exact.quantize(WHOLE if unit == EACH else TENTH, ROUND_HALF_UP)


def _stratifier(one: Outcome, by: str) -> Tree:
    strata = [_stratum(one.figure, stratum) for stratum in one.strata if stratum.by == by]
    return {"code": [{"text": by}], "stratum": strata}


def _stratum(figure: Figure, stratum: Stratum) -> Tree:
    if stratum.by in PARTS:
        pairs = zip(PARTS[stratum.by], stratum.values, strict=True)
        parts = [{"code": {"text": by}, "value": _value(by, value)} for by, value in pairs]
        return {"component": parts, **_counted(figure, stratum.result)}
    return {"value": _value(stratum.by, stratum.values[0]), **_counted(figure, stratum.result)}


def _value(by: str, value: str) -> Tree:
    if by in SYSTEMS:
        return {"coding": [{"system": namespaces.code_system(SYSTEMS[by]), "code": value}]}
    return {"text": value}


# --- the table --------------------------------------------------------------------------------------


def table(every: Iterable[Evaluation]) -> str:
    """Evaluations as CSV (RFC 4180): a line for each figure and each of its strata."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(row for one in every for row in _rows(one))
    return text.getvalue()


def _rows(found: Evaluation) -> Iterator[tuple[Any, ...]]:
    for one in found.outcomes:
        head = (found.measure.number, found.measure.title, one.figure.title)
        of = (found.start.isoformat(), found.end.isoformat(), found.reporter or "")
        yield (*head, *of, "", "", *_cells(one.figure, one.result), " ".join(found.flags))
        for stratum in one.strata:
            named = safe(": ".join(stratum.values))
            yield (*head, *of, stratum.by, named, *_cells(one.figure, stratum.result), "")


def _cells(figure: Figure, result: Result) -> tuple[Any, ...]:
    counts = (_count(result, name) for name in ("numerator", "denominator"))
    amounts = (_amount(one) for one in (result.numerator_pence, result.denominator_pence))
    score = "" if result.score is None else rounded(figure.unit, result.score)
    return (*counts, *amounts, score, SHOWN_UNITS.get(figure.unit, figure.unit))


def _count(result: Result, name: str) -> str | int:
    if name in result.hidden:
        return SUPPRESSED
    value: int | None = getattr(result, name)
    return "" if value is None else value


def _amount(pence: Pence | None) -> str:
    if pence is None:
        return ""
    whole, rest = divmod(abs(pence), PENCE_A_POUND)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02}"


def safe(words: str) -> str:
    """People's own words for a spreadsheet, which would run what begins like a formula."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words
