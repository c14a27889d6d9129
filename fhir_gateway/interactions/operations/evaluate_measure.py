"""$evaluate-measure: one measure, or all of them, for a period; for one body, or all; as it is, or for publication.

Source: FHIR R4 operation-measure-evaluate-measure.html; domain.md section 7.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import Forbidden, NotFound
from fhir_gateway.interactions import bundles
from fhir_gateway.interactions.context import Context, Reply, instant
from fhir_gateway.interactions.operations.operation import CSV, JSON, Asked, Operation, Parameter
from fhir_gateway.london import today
from fhir_gateway.phb.measures import MEASURES
from fhir_gateway.phb.measures.evaluation import Evaluation, evaluation, for_publication
from fhir_gateway.phb.measures.published import canonical
from fhir_gateway.phb.measures.report import measure_report, table
from fhir_gateway.phb.periods import Period
from fhir_gateway.store.measures import Measures, Wanted, measuring
from mappings.lens import document
from mappings.lens.errors import BadRequest, Issue

NAME: Final = "Measure"
BODY: Final = re.compile(r"(?:Organization/)?([A-Za-z0-9\-.]{1,64})", re.ASCII)
MOST_PEOPLE: Final = 1_000_000_000
# Within these, every day of a financial year before or after is a day the databases know.
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2999, 12, 31)
HEADERS: Final = {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="measures.csv"',
}


def evaluate_measure(ctx: Context, asked: Asked) -> Reply:
    """A MeasureReport, a Bundle of all, or the same as CSV. Raises NotFound, BadRequest, Forbidden."""
    policy.may_run(ctx.asker, EVALUATE_MEASURE.code, ("MeasureReport", "r"))
    numbers, wanted = _numbers(asked), _wanted(ctx, asked)
    with measuring(ctx.database) as measures:
        found = [_evaluated(one, measures, wanted) for one in numbers]
    if asked.text("published") == "true":
        found = [for_publication(one) for one in found]
    if asked.wanted == CSV:
        return Reply(status=200, body=table(found).encode(), headers=HEADERS)
    reports = [document.encode(measure_report(one, instant(ctx.now))) for one in found]
    body = reports[0] if _one(asked) else bundles.collection(map(bundles.part, reports))
    return Reply(status=200, body=body)


def _evaluated(number: str, measures: Measures, wanted: Wanted) -> Evaluation:
    period = wanted.period
    return evaluation(number, period.start, period.end, wanted.reporter, measures.of(number, wanted))


# --- what was asked ---------------------------------------------------------------------------------


def _one(asked: Asked) -> str | None:
    """The measure that is named, in the address or as a parameter; None where all are meant."""
    return asked.id or asked.text("measure")


def _numbers(asked: Asked) -> Sequence[str]:
    named = _one(asked)
    if named is None:
        return tuple(MEASURES)
    if asked.id and asked.text("measure") is not None:
        raise BadRequest(Issue("value", "the address names the measure; leave the parameter out", "measure"))
    number = named.removeprefix(canonical("")).removeprefix(f"{NAME}/").partition("|")[0]
    if number not in MEASURES:
        raise NotFound(Issue("not-found", f"{NAME}/{number} is not known"))
    return (number,)


def _wanted(ctx: Context, asked: Asked) -> Wanted:
    day = today(ctx.now)
    start, end = asked.day("periodStart", day), asked.day("periodEnd", day)
    if end < start:
        raise BadRequest(Issue("value", "periodEnd must not be before periodStart", "periodEnd"))
    if start.year < EARLIEST.year or end.year > LATEST.year:
        raise BadRequest(Issue("value", f"the period must lie between {EARLIEST} and {LATEST}", "periodStart"))
    return Wanted(
        period=Period(start, end), today=day, reporter=_own(ctx, _reporter(asked)), registered=_registered(asked)
    )


def _own(ctx: Context, reporter: str | None) -> str | None:
    """The body a body may ask about: itself. Raises Forbidden."""
    if ctx.asker.sees_all:
        return reporter
    own = ctx.asker.principal.organisation
    if own is None or reporter not in (None, own):
        raise Forbidden(Issue("forbidden", "a body asks for its own measures", "reporter"))
    return own


def _reporter(asked: Asked) -> str | None:
    text = asked.text("reporter")
    if text is None:
        return None
    found = BODY.fullmatch(text)
    if found is None:
        raise BadRequest(Issue("value", "reporter is a reference such as Organization/x", "reporter"))
    return found[1]


def _registered(asked: Asked) -> int | None:
    text = asked.text("registeredPopulation")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < len(str(MOST_PEOPLE)) and int(text)):
        raise BadRequest(Issue("value", "registeredPopulation is a number of people", "registeredPopulation"))
    return int(text)


EVALUATE_MEASURE: Final = Operation(
    code="evaluate-measure",
    types=(NAME,),
    instance=True,
    of_type_too=True,
    writes=False,
    title="Evaluate a measure",
    says=(
        "A summary of one measure for a period; asked of the type, all of them as a Bundle, or the one that `measure` "
        "names. Text/csv gives the same figures as a table."
    ),
    run=evaluate_measure,
    parameters=(
        Parameter(name="periodStart", type="date", min=1, says="First day of the period"),
        Parameter(name="periodEnd", type="date", min=1, says="Last day of the period"),
        Parameter(name="measure", type="string", says="Which measure, where the address names none"),
        Parameter(name="reportType", type="code", codes=("summary",), says="Only summaries are made"),
        Parameter(name="reporter", type="Reference", says="The body responsible for the cases, as Organization/x"),
        Parameter(
            name="published",
            type="boolean",
            codes=("true", "false"),
            says="Whether small counts are hidden and others rounded, as for publication",
        ),
        Parameter(
            name="registeredPopulation", type="positiveInt", says="People registered, for uptake in each 100,000"
        ),
    ),
    formats=(JSON, CSV),
    returns="MeasureReport",
)
