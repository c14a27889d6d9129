"""A reconciliation as a table of comma-separated values: a row for each verdict, then the sums.

Source: RFC 4180; phb/reconciliation.py. Amounts are pounds with two decimals, below zero where money came back.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.reconciliation import VERDICTS, Line, Listed, Paid, Reconciliation
from fhir_gateway.web.statement_table import pounds, safe

COLUMNS: Final = (
    *("verdict", "row", "reference", "listed_on", "listed"),
    *("payment", "payment_reference", "paid_on", "paid", "difference"),
)
HEADERS: Final = {
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": 'attachment; filename="reconciliation.csv"',
}
SUM: Final = "sum"
Row = list[str]


def render(one: Reconciliation) -> bytes:
    """The table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows(one))
    return text.getvalue().encode()


def rows(one: Reconciliation) -> Iterator[Row]:
    """Every row, the heading first; the sums have how many lines each verdict has in the column `row`."""
    yield [*COLUMNS]
    yield from (_line(line) for line in one.lines)
    for verdict in VERDICTS:
        of_it = [line for line in one.lines if line.verdict == verdict]
        listed = sum(line.listed.amount for line in of_it if line.listed)
        paid = sum(line.paid.amount for line in of_it if line.paid)
        yield _sum(f"{SUM} {verdict}", len(of_it), listed, paid)
    yield _sum(SUM, len(one.lines), one.listed, one.paid)


def _line(line: Line) -> Row:
    return [line.verdict, *_side(line.listed), *_side(line.paid), pounds(line.difference)]


def _side(one: Listed | Paid | None) -> Row:
    if one is None:
        return [""] * 4
    return [one.id, safe(one.reference), one.paid_on.isoformat() if one.paid_on else "", pounds(one.amount)]


def _sum(name: str, count: int, listed: int, paid: int) -> Row:
    return [name, str(count), "", "", pounds(listed), "", "", "", pounds(paid), pounds(listed - paid)]
