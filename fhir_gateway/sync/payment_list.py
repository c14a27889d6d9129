"""Payment lists: CSV rows to records, exactly or not at all.

A row that is broken, shifted or unclear is refused with its line, column and reason; nothing is guessed.

Source: RFC 4180; docs/loading.md; mappings/payment_reconciliation.py.
"""

import csv
import hashlib
import io
import json
import re
import uuid
from _csv import Reader
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import IO, Final, TypeVar

from fhir_gateway.sync.column_map import Amounts, ColumnMap, Dates, UnusableMap
from mappings.lens.document import Tree
from mappings.namespaces import NS, ODS_CODE
from mappings.payment_reconciliation import MAPPING, PaymentListRow

T = TypeVar("T")
BATCH: Final = 200
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, f"{NS}/payment-list-row")
PENNY: Final = Decimal("0.01")
MAX_PENCE: Final = 10**15
SHEET_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_HASHES: Final = re.compile("#+")


class Refused(Exception):
    """One cell, or the row, cannot be taken. column: its heading, empty for the row."""

    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands. line: where it begins. occurrence: from 1, among rows of the file that say the same.

    broken: why it could not be read at all, or nothing.
    """

    line: int
    cells: tuple[str, ...]
    occurrence: int
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one list, and the headings they stand under."""

    column_map: ColumnMap
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read(file: IO[bytes], name: str, column_map: ColumnMap) -> Iterator[Rows]:
    """The rows of a list in batches. Raises UnusableMap when the map does not fit it."""
    # a byte that is not of the encoding becomes a surrogate, which refuses its row and no other
    with io.TextIOWrapper(file, column_map.encoding, errors="surrogateescape", newline="") as text:
        reader = csv.reader(text, delimiter=column_map.delimiter, strict=True)
        header = _header(reader, column_map, name)
        found = _numbered(reader)
        while batch := tuple(islice(found, BATCH)):
            yield Rows(column_map, header, batch)


def _header(reader: Reader, column_map: ColumnMap, name: str) -> tuple[str, ...]:
    try:
        for _ in range(column_map.skip):
            next(reader)
        header = column_map.columns or tuple(cell.strip() for cell in next(reader))
    except (StopIteration, csv.Error) as error:
        raise UnusableMap(f"{name} has no headings") from error
    line = str(reader.line_num)
    for column in column_map.used:
        if header.count(column) != 1:
            fault = "there is no such column" if column not in header else "more than one column has this heading"
            raise UnusableMap(f"{fault}: the map {column_map.name} does not fit", line=line, column=column)
    return header


def _numbered(reader: Reader) -> Iterator[Row]:
    """Every row that is not blank, with the line it begins on."""
    seen: Counter[bytes] = Counter()
    while True:
        line = reader.line_num + 1
        try:
            cells = tuple(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(line, (), 0, f"not valid CSV: {error}")
            continue
        if any(cell.strip() for cell in cells):
            key = hashlib.blake2b(_said(cells), digest_size=16).digest()
            seen[key] += 1
            yield Row(line, cells, seen[key])


def _said(cells: tuple[str, ...]) -> bytes:
    return json.dumps(cells, ensure_ascii=True).encode()


# --- one row ----------------------------------------------------------------------------------------


def wanted(rows: Rows, row: Row) -> bool:
    """Whether the map asks for the row: every `keep` rule fits and no `drop` rule does. A broken row is wanted."""
    if row.broken or len(row.cells) != len(rows.header):
        return True
    cells = dict(zip(rows.header, row.cells, strict=True))
    kept = all(rule.fits(cells[rule.column].strip()) for rule in rows.column_map.keep)
    return kept and not any(rule.fits(cells[rule.column].strip()) for rule in rows.column_map.drop)


def list_id_of(column_map: ColumnMap, name: str) -> str:
    """What the rows of a list say they are rows of: the map and the file's name."""
    return f"{column_map.name}/{name}"


def id_of(name: str, column_map: ColumnMap, row: Row) -> str:
    """The same row of the same list always has the same id; rows that say the same have one each."""
    said = json.dumps([column_map.name, name, list(row.cells), row.occurrence])
    return str(uuid.uuid5(NAMESPACE, said))


def resource_of(name: str, rows: Rows, row: Row) -> tuple[Tree | None, Decimal | None, list[Refused]]:
    """The resource of a row and its amount in pounds, or the faults; the amount also of a refused row that has one."""
    if row.broken:
        return None, None, [Refused("", row.broken)]
    if len(row.cells) != len(rows.header):
        reason = f"{len(row.cells)} cells under {len(rows.header)} headings: the row is broken or shifted"
        return None, None, [Refused("", reason)]
    column_map = rows.column_map
    cells = {column: cell.strip() for column, cell in zip(rows.header, row.cells, strict=True)}
    faults = _unclear(cells, column_map)
    faulty = {one.column for one in faults}
    paid = _taken(faults, faulty, (column_map.date.column,), lambda: day_of(cells, column_map.date))
    pence = _taken(faults, faulty, column_map.amount.columns, lambda: pence_of(cells, column_map.amount))
    amount = None if pence is None else Decimal(pence) * PENNY
    if faults or paid is None or pence is None:
        return None, amount, faults
    made = id_of(name, column_map, row)
    record = _record(name, column_map, made, cells, paid, pence)
    tree = MAPPING.to_fhir(record)
    return {"resourceType": tree["resourceType"], "id": made, **tree}, amount, []


def _taken(faults: list[Refused], faulty: set[str], columns: tuple[str, ...], take: Callable[[], T]) -> T | None:
    if faulty.intersection(columns):
        return None
    try:
        return take()
    except Refused as refused:
        faults.append(refused)
        return None


def _unclear(cells: dict[str, str], column_map: ColumnMap) -> list[Refused]:
    """Cells that cannot be what the publisher meant to say."""
    needed = {*column_map.required, column_map.date.column}
    needed |= {column_map.amount.column} if column_map.amount.column else set()
    needed |= {column_map.text.payee} if column_map.text.payee else set()
    found = [Refused(one, "the cell is empty") for one in column_map.used if one in needed and not cells[one]]
    for column in dict.fromkeys((*column_map.read, *column_map.required)):
        cell = cells[column]
        if cell.upper() in SHEET_ERRORS or _HASHES.fullmatch(cell):
            found.append(Refused(column, "the cell holds a spreadsheet error"))
        elif column_map.line_breaks == "refuse" and ("\n" in cell or "\r" in cell):
            found.append(Refused(column, "the cell is broken over lines"))
        elif any("\ud800" <= char <= "\udfff" for char in cell):
            found.append(Refused(column, f"the cell holds a byte that is not {column_map.encoding}"))
    return found


def _record(
    name: str, column_map: ColumnMap, row_id: str, cells: dict[str, str], paid: date, pence: int
) -> PaymentListRow:
    body, texts = column_map.body, column_map.text
    description = " / ".join(cells[one] for one in texts.description if cells[one])
    return PaymentListRow(
        list_id=list_id_of(column_map, name),
        row_id=row_id,
        status="active",
        created=paid,
        start=None,
        end=None,
        paid_on=paid,
        amount_pence=pence,
        issuer=f"{ODS_CODE}|{body.ods_code}" if body.ods_code else None,
        issuer_name=(cells[body.name_column] if body.name_column else "") or body.name,
        outcome="complete",
        purpose=description or None,
        payment_ref=_cell(cells, texts.reference),
        detail_kind=_cell(cells, texts.cost_code),
        payee=None,
        payee_name=_cell(cells, texts.payee),
        detail_date=paid,
        detail_pence=pence,
    )


def _cell(cells: dict[str, str], column: str | None) -> str | None:
    return cells[column] or None if column else None


# --- dates and amounts ------------------------------------------------------------------------------


def day_of(cells: dict[str, str], dates: Dates) -> date:
    """The day paid. Raises Refused when no format reads it, or two read it differently."""
    days = _days(cells[dates.column], dates.formats)
    if not days:
        raise Refused(dates.column, "not a day written as the map says")
    if len(days) > 1:
        raise Refused(dates.column, "two of the map's formats read this day differently")
    return next(iter(days))


@lru_cache(maxsize=4096)
def _days(text: str, formats: tuple[str, ...]) -> frozenset[date]:
    found = set()
    for one in formats:
        try:
            found.add(datetime.strptime(text, one).replace(tzinfo=UTC).date())
        except ValueError:
            continue
    return frozenset(found)


def pence_of(cells: dict[str, str], amounts: Amounts) -> int:
    """The amount in pence: above zero when money was paid out. Raises Refused."""
    sign = -1 if amounts.sign == "negate" else 1
    if amounts.column is not None:
        return sign * _pence(cells[amounts.column], amounts, amounts.column)
    debit, credit = amounts.columns
    filled = [one for one in (debit, credit) if cells[one]]
    read = {one: _pence(cells[one], amounts, one) for one in filled}
    if not filled or all(read.get(one, 0) for one in (debit, credit)):
        reason = "neither debit nor credit is filled" if not filled else "debit and credit are both filled"
        raise Refused(credit, reason)
    return sign * (read.get(debit, 0) - read.get(credit, 0))


def _pence(cell: str, amounts: Amounts, column: str) -> int:
    text, sign = cell, 1
    if amounts.brackets and text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1], -1
    match = _pattern(amounts.thousands, amounts.currency).fullmatch(text)
    if match is None or (sign == -1 and match["minus"]):
        raise Refused(column, "not an amount written as the map says")
    value = Decimal(match["whole"].replace(amounts.thousands or ",", "") + (match["part"] or ""))
    pence = value / PENNY
    if pence != pence.to_integral_value() or pence > MAX_PENCE:
        raise Refused(column, "not a whole number of pence")
    return -sign * int(pence) if match["minus"] else sign * int(pence)


@lru_cache(maxsize=64)
def _pattern(thousands: str, currency: str) -> re.Pattern[str]:
    """An amount: a minus before or after the currency sign, digits in threes or in one run, and a fraction."""
    groups = rf"|[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+" if thousands else ""
    sign = f"(?:{re.escape(currency)} ?)?" if currency else ""
    return re.compile(rf"(?P<minus>-?){sign}(?P<whole>[0-9]{{1,15}}{groups})(?P<part>\.[0-9]{{1,9}})?")
