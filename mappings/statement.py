"""The statement of a budget as a value: every figure in pence, and what it rests on. Computed, never stored.

Source: domain.md 6.7, 8.8; rules R74, R91, R138.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.terminology import STATEMENT_TOTAL

BASES: Final = ("planned", "run-rate")
LINE_FIGURES: Final = (
    *("allocated", "planned-to-date", "spent"),
    *("contingency-released", "contingency-used"),
)
# What is known of everybody's money together, and of no funder alone.
ONLY_TOTAL: Final = frozenset({"queried", "disallowed"})
BY_FUNDER: Final = tuple(code for code in STATEMENT_TOTAL if code not in ONLY_TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementColumn:
    """The figures of one funder, by code of `phb-statement-total`. funder: `Organization/x`, `Patient/x`, or empty."""

    coverage_id: str
    funder: str
    name: str
    stream: str
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A line of a budget version. shares: by figure, pence by column; totals: by figure, of all funders."""

    budget_id: str
    number: int
    text: str
    category: str | None
    option: str | None
    contingency: bool
    start: date
    end: date
    shares: Mapping[str, tuple[int, ...]]
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPayment:
    """A payment. moved: by the day of the statement. day: when it moved, else when it is due.

    status: a code of `phb-payment-status` as at that day. total: of the columns shown; shares: pence by column.
    """

    reference: str
    kind: str
    status: str
    moved: bool
    day: date | None
    start: date | None
    end: date | None
    total: int
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementContact:
    """The one person to talk to (R91). reference: to the role; phone, email: None where not known."""

    reference: str
    name: str | None
    phone: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRule:
    """A rule behind the figures, in the words of the catalogue."""

    number: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of one person's budget as at the end of a day.

    start, end: of the period. basis: one of `BASES`, what the forecast rests on. totals: by code of
    `phb-statement-total`, of all funders. options: allocated by code of `phb-management-option`. columns: the funders
    shown; only_funder: the body whose column alone is shown, with its own payments and no lines. lines: of every
    version that counts. payments: those nearest to the day in order of time; payments_in_all: how many there are.
    budget_id, insurer, provider: of the version in force. versions: `Claim/x/_history/n` of each budget version, that
    one first. references: of every other record but payments and entries; mark: a digest of all versions behind it.
    catalogue: version of the rules. made_at: instant in ISO 8601.
    """

    person: str
    person_name: str | None
    at: date
    start: date
    end: date
    basis: str
    totals: Mapping[str, int]
    options: Mapping[str, int]
    columns: tuple[StatementColumn, ...]
    only_funder: str | None
    lines: tuple[StatementLine, ...]
    payments: tuple[StatementPayment, ...]
    payments_in_all: int
    contact: StatementContact | None
    budget_id: str
    insurer: str
    provider: str
    versions: tuple[str, ...]
    references: tuple[str, ...]
    mark: str
    rules: tuple[StatementRule, ...]
    catalogue: str
    made_at: str
