"""A statement read back from each of its three forms, as the same plain figures in pence."""

import csv
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from mappings.lens.document import decimal_of, parse
from mappings.lens.values import pence_of
from tests.fhir_gateway.api import Api

JSON = "application/fhir+json"
HTML = "text/html"
CSV = "text/csv"
# By code and column: the total first, then each funder.
Figures = dict[str, tuple[int | None, ...]]


@dataclass
class Read:
    """figures, lines (`number/code`), options and payments of a statement; each the total, then by funder."""

    figures: Figures = field(default_factory=dict)
    lines: Figures = field(default_factory=dict)
    options: Figures = field(default_factory=dict)
    payments: list[tuple[int | None, ...]] = field(default_factory=list)


def asked(api: Api, person: str, query: str, accept: str = JSON) -> Any:
    reply = api.get(f"Patient/{person}/$statement?{query}", Accept=accept)
    assert reply.status_code == 200, reply.text
    return reply


def read(api: Api, person: str, query: str, accept: str = JSON) -> Read:
    """What one form of the statement says."""
    reply = asked(api, person, query, accept)
    return {JSON: from_json, HTML: from_html, CSV: from_csv}[accept](reply.content)


# --- JSON -------------------------------------------------------------------------------------------


def _pence(money: Any) -> int:
    assert money["currency"] == "GBP"
    return pence_of(decimal_of(money["value"]))


def _code(concept: Any) -> str:
    return str(concept["coding"][0]["code"])


def from_json(text: bytes) -> Read:
    tree = parse(text)
    columns = [_balance(one) for one in tree["benefitBalance"]]
    found = Read()
    for total in tree["total"]:
        code, amount = _code(total["category"]), _pence(total["amount"])
        if "option" in total["category"]["coding"][0]["system"]:
            found.options[code] = (amount,)
        else:
            found.figures[code] = (amount, *(column.get(code) for column in columns))
    names = [one["name"] for one in tree["benefitBalance"]]
    for item in tree.get("item", []):
        _item(found, item, names)
    return found


def _balance(one: Any) -> dict[str, int]:
    found = {}
    for figure in one["financial"]:
        code = _code(figure["type"])
        found[code] = _pence(figure["usedMoney" if "usedMoney" in figure else "allowedMoney"])
        if code == "spent":
            assert _pence(figure["allowedMoney"]) == found["allocated"]
    return found


def _item(found: Read, item: Any, names: list[str]) -> None:
    if "informationSequence" in item:
        parts = {one["reason"]["text"]: _pence(one["amount"]) for one in item["adjudication"]}
        found.payments.append((_pence(item["net"]), *(parts.get(name, 0) for name in names)))
        return
    number = item["programCode"][0]["text"].split()[1]
    for one in item["adjudication"]:
        key = f"{number}/{_code(one['category'])}"
        found.lines[key] = (*found.lines.get(key, ()), _pence(one["amount"]))


# --- page -------------------------------------------------------------------------------------------


class _Tables(HTMLParser):
    """Rows of each table by its id: their attributes, and the text of their cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[tuple[dict[str, str | None], list[str]]]] = {}
        self._table = ""
        self._cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "table":
            self._table = str(known["id"])
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append((known, []))
        elif tag in {"td", "th"}:
            self.tables[self._table][-1][1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[self._table][-1][1][-1] += data


def tables(text: bytes) -> dict[str, list[tuple[dict[str, str | None], list[str]]]]:
    parser = _Tables()
    parser.feed(text.decode())
    return parser.tables


def _shown(text: str) -> int | None:
    if text == "\N{EN DASH}":
        return None
    whole = text.replace("£", "").replace(",", "").replace("\N{MINUS SIGN}", "-").replace(".", "")
    return int(whole)


def from_html(text: bytes) -> Read:
    found, shown = Read(), tables(text)
    for attrs, cells in shown["table-figures"][1:]:
        found.figures[str(attrs["data-figure"])] = tuple(_shown(one) for one in cells[1:])
    for attrs, cells in shown["table-options"][1:]:
        found.options[str(attrs["data-option"])] = (_shown(cells[1]),)
    for attrs, cells in shown.get("table-shares", [])[1:]:
        number = str(attrs["data-line"]).rpartition("/")[2]
        found.lines[f"{number}/{attrs['data-figure']}"] = tuple(_shown(one) for one in cells[2:])
    for _, cells in shown.get("table-payers", [])[1:]:
        found.payments.append(tuple(_shown(one) for one in cells[2:]))
    return found


# --- table ------------------------------------------------------------------------------------------


def from_csv(text: bytes) -> Read:
    found = Read()
    rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    funders = [name for name in rows[0] if name not in {"part", "number", "code", "text", "start", "end", "total"}]
    for row in rows:
        amounts = tuple(_plain(row[name]) for name in ("total", *funders))
        if row["part"] == "figure":
            found.figures[row["code"]] = amounts
        elif row["part"] == "option":
            found.options[row["code"]] = amounts[:1]
        elif row["part"] == "line":
            found.lines[f"{row['number']}/{row['code']}"] = amounts
        elif row["part"] == "payment":
            found.payments.append(amounts)
    return found


def _plain(text: str) -> int | None:
    return int(text.replace(".", "")) if text else None
