"""The statement as a table of comma-separated values: one row a figure, a column for the total and each funder.

Source: RFC 4180; domain.md 6.7. Amounts are pounds with two decimals, such as `1234.56`.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from mappings.explanation_of_benefit import notes
from mappings.statement import Statement
from mappings.terminology import MANAGEMENT_OPTION, PAYMENT_KIND, STATEMENT_TOTAL

COLUMNS: Final = ("part", "number", "code", "text", "start", "end", "total")
# What a spreadsheet would take for a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
Row = list[str]


def headers(one: Statement) -> dict[str, str]:
    """Media type and the name to save it under, which names no person."""
    name = f"statement-{one.at.isoformat()}.csv"
    return {
        "content-type": "text/csv; charset=utf-8; header=present",
        "content-disposition": f'attachment; filename="{name}"',
    }


def render(one: Statement) -> bytes:
    """The table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows(one))
    return text.getvalue().encode()


def rows(one: Statement) -> Iterator[Row]:
    """Every row, the heading first. part: figure, option, line, payment or note."""
    none = [""] * len(one.columns)
    yield [*COLUMNS, *(safe(column.name) for column in one.columns)]
    yield from _figures(one)
    for code, amount in one.options.items():
        if code in MANAGEMENT_OPTION:
            yield ["option", "", code, MANAGEMENT_OPTION.display(code), "", "", pounds(amount), *none]
    yield from _lines(one)
    yield from _payments(one)
    for at, text in enumerate(notes(one), start=1):
        yield ["note", str(at), "", safe(text), "", "", "", *none]


def _figures(one: Statement) -> Iterator[Row]:
    start, end = one.start.isoformat(), one.end.isoformat()
    for code, amount in one.totals.items():
        parts = [pounds(column.amounts[code]) if code in column.amounts else "" for column in one.columns]
        yield ["figure", "", code, STATEMENT_TOTAL.display(code), start, end, pounds(amount), *parts]


def _lines(one: Statement) -> Iterator[Row]:
    for line in one.lines:
        for code, amount in line.totals.items():
            yield [
                *("line", str(line.number), code, safe(line.text)),
                *(line.start.isoformat(), line.end.isoformat(), pounds(amount)),
                *_each(line.shares[code]),
            ]


def _payments(one: Statement) -> Iterator[Row]:
    for at, payment in enumerate(one.payments, start=1):
        day = payment.day.isoformat() if payment.day else ""
        text = PAYMENT_KIND.display(payment.kind)
        yield ["payment", str(at), payment.status, text, day, "", pounds(payment.total), *_each(payment.shares)]


def _each(amounts: Sequence[int]) -> Row:
    return [pounds(amount) for amount in amounts]


def pounds(pence: int) -> str:
    """The amount for a spreadsheet: no sign of the currency, no commas."""
    whole, rest = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{rest:02}"


def safe(text: str) -> str:
    """The text, never a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
