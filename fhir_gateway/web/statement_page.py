"""The statement as a page a person reads: one total first, then lines and payments, then who pays which part.

Source: rule R91; domain.md 6.7, 8.8; WCAG 2.2 AA.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fhir_gateway.web import chart, page
from mappings.explanation_of_benefit import notes
from mappings.statement import Statement, StatementLine
from mappings.terminology import FUNDING_STREAM, MANAGEMENT_OPTION, PAYMENT_KIND, PAYMENT_STATUS, STATEMENT_TOTAL

TEMPLATE: Final = "statement.html"
LABEL: Final = 60
MINE: Final = (
    ("held", "In your account now", "Paid in and not spent. It may already be meant for bills that are known."),
    ("committed", "Still to be paid in", "Promised for the rest of this budget."),
    ("planned-to-date", "Planned to be spent by now", "What your plan expected by this day."),
    ("forecast", "Expected to be spent by the end", ""),
    (
        "contingency-remaining",
        "Kept for the unforeseen",
        "Part of what is left; it is used when something unplanned comes up.",
    ),
)
FORECAST: Final = {
    "planned": "Spent so far, and from here on as planned.",
    "run-rate": "If spending goes on at the pace so far.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of figures. parts: by column, None where a funder has none of its own."""

    code: str
    text: str
    hint: str
    total: int
    parts: tuple[int | None, ...]


def headers(_: Statement) -> dict[str, str]:
    """What the page is sent with."""
    return page.headers()


def render(one: Statement) -> bytes:
    """The page."""
    return page.rendered(
        TEMPLATE,
        statement=one,
        whole=whole(one),
        mine=tuple(mine(one)),
        figures=tuple(figures(one)),
        lines_chart=chart.bars((_short(line), *_amounts(line)) for line in one.lines),
        lines_height=chart.height(len(one.lines)),
        width=chart.WIDTH,
        options=MANAGEMENT_OPTION,
        kinds=PAYMENT_KIND,
        statuses=PAYMENT_STATUS,
        totals=STATEMENT_TOTAL,
        streams=FUNDING_STREAM,
        notes=tuple(notes(one)),
    )


def whole(one: Statement) -> chart.Bar:
    """The one bar: budget, spent, and where the plan is."""
    totals = one.totals
    (made,) = chart.bars([("Your budget", totals["allocated"], totals["spent"], totals["planned-to-date"])])
    return made


def mine(one: Statement) -> Iterator[Figure]:
    """The few figures that come first, in words for the person."""
    for code, text, hint in MINE:
        yield Figure(code, text, hint or FORECAST[one.basis], one.totals[code], ())


def figures(one: Statement) -> Iterator[Figure]:
    """Every figure, of all and of each funder."""
    for code, amount in one.totals.items():
        known = STATEMENT_TOTAL[code]
        parts = tuple(column.amounts.get(code) for column in one.columns)
        yield Figure(code, known.display, known.definition, amount, parts)


def _short(line: StatementLine) -> str:
    return line.text if len(line.text) <= LABEL else f"{line.text[: LABEL - 1]}…"


def _amounts(line: StatementLine) -> tuple[int, int, int]:
    return line.totals["allocated"], line.totals["spent"], line.totals["planned-to-date"]
