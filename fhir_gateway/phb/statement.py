"""The statement from the books: one total, then who bears what, then lines and payments, and the rules behind it.

Source: domain.md 6.7, 8.8; rules R64, R66, R74, R83, R85, R87, R91, R99, R138.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Final

from fhir_gateway.phb.accounts import Kept
from fhir_gateway.phb.books import Books, Movement
from fhir_gateway.phb.figures import Figures, FunderFigures, LineFigures, figures
from fhir_gateway.phb.ledger import moved
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.rules import catalogue
from mappings.budget import AgreedBudget
from mappings.statement import (
    BY_FUNDER,
    Statement,
    StatementColumn,
    StatementContact,
    StatementLine,
    StatementPayment,
    StatementRule,
)
from mappings.terminology import FUNDING_STREAM, LINE_CATEGORY

RULES: Final = ("R64", "R66", "R74", "R83", "R85", "R87", "R91", "R99", "R138")
RUN_RATE: Final = "run-rate"
LISTED: Final = 300
PAID: Final = "paid"
DUE: Final = "due"
SCHEDULED: Final = "scheduled"
claim_of = attrgetter("claim_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a statement is asked for. at: the day it is as at. basis: `planned` or `run-rate`.

    only_funder: `Organization/x` whose column alone is wanted. made_at: instant in ISO 8601. names: by
    `Organization/x`.
    """

    at: date
    made_at: str
    basis: str = "planned"
    only_funder: str | None = None
    person_name: str | None = None
    contact: StatementContact | None = None
    names: Mapping[str, str] = field(default_factory=dict)


def statement(kept: Kept, asked: Asked) -> Statement:
    """The statement of the books as at a day."""
    books = kept.books
    found = figures(books, asked.at)
    shown = tuple(at for at, one in enumerate(books.funders) if asked.only_funder in (None, one.reference))
    payments, in_all = _payments(kept, asked.at, shown)
    newest = kept.budgets[0].record
    lead = _lead(newest, books)
    return Statement(
        person=books.person,
        person_name=asked.person_name,
        at=asked.at,
        start=books.period.start,
        end=books.period.end,
        basis=asked.basis,
        totals=amounts(found.total, asked.basis) | {"queried": found.queried, "disallowed": found.disallowed},
        options=found.by_option(),
        columns=tuple(_column(books, found, at, asked) for at in shown),
        only_funder=asked.only_funder,
        lines=tuple(_lines(found, shown)) if asked.only_funder is None else (),
        payments=payments,
        payments_in_all=in_all,
        contact=asked.contact,
        budget_id=kept.budgets[0].id,
        insurer=lead,
        provider=newest.provider or lead,
        versions=tuple(one for one in kept.references if one.startswith("Claim/")),
        references=tuple(one for one in kept.references if not one.startswith("Claim/")),
        mark=kept.mark,
        rules=tuple(StatementRule(number=one, says=catalogue.CATALOGUE[one].says) for one in RULES),
        catalogue=catalogue.version(),
        made_at=asked.made_at,
    )


# --- figures ----------------------------------------------------------------------------------------


def amounts(one: FunderFigures, basis: str) -> dict[str, Pence]:
    """The figures by code of `phb-statement-total`; the forecast on its basis."""
    found = {code: int(getattr(one, code.replace("-", "_"))) for code in BY_FUNDER}
    if basis == RUN_RATE:
        change = one.forecast_run_rate - one.forecast
        found["forecast"] += change
        found["forecast-underspend"] -= change
    return found


def _column(books: Books, found: Figures, at: int, asked: Asked) -> StatementColumn:
    funder = books.funders[at]
    return StatementColumn(
        coverage_id=funder.coverage_id,
        funder=funder.reference,
        name=_name(funder.reference, funder.stream, asked),
        stream=funder.stream,
        amounts=amounts(found.funders[at], asked.basis),
    )


def _name(reference: str, stream: str, asked: Asked) -> str:
    if reference.startswith("Patient/"):
        return "Your own contribution"
    known = FUNDING_STREAM.display(stream) if stream in FUNDING_STREAM else "Another funder"
    return asked.names.get(reference, known)


def _lead(newest: AgreedBudget, books: Books) -> str:
    """The body that comes first: the insurer of the Claim, else the funder of its focal Coverage, else the first."""
    if newest.insurer_id:
        return f"Organization/{newest.insurer_id}"
    focal = {one.coverage_id for one in newest.insurance if one.focal}
    named = sorted(books.funders, key=lambda one: one.coverage_id not in focal)
    return next((one.reference for one in named if one.reference.startswith("Organization/")), "")


# --- lines ------------------------------------------------------------------------------------------


def _lines(found: Figures, shown: Sequence[int]) -> Iterator[StatementLine]:
    for one in found.lines:
        if one.one.span is not None or any(one.spent) or any(one.allocated):
            yield _line(one, shown)


def _line(one: LineFigures, shown: Sequence[int]) -> StatementLine:
    line, parts = one.one.line, _parts(one)
    span = one.one.span or line.terms.period
    return StatementLine(
        budget_id=one.one.budget_id,
        number=line.line_no,
        text=line.description or _category(line.category),
        category=line.category,
        option=line.option,
        contingency=line.contingency,
        start=span.start,
        end=span.end,
        shares={code: tuple(shares[at] for at in shown) for code, shares in parts.items()},
        totals={code: sum(shares) for code, shares in parts.items()},
    )


def _parts(one: LineFigures) -> dict[str, tuple[Pence, ...]]:
    """The figures of a line by code; contingency has two more."""
    usual = {"allocated": one.allocated, "planned-to-date": one.planned_to_date, "spent": one.spent}
    more = {"contingency-released": one.released, "contingency-used": one.used}
    return usual | (more if one.one.line.contingency else {})


def _category(code: str | None) -> str:
    return LINE_CATEGORY.display(code) if code in LINE_CATEGORY and code is not None else "Part of the budget"


# --- payments ---------------------------------------------------------------------------------------


def _payments(kept: Kept, at: date, shown: Sequence[int]) -> tuple[tuple[StatementPayment, ...], int]:
    """The payments that the shown funders have a part in, in order of time, and how many there are in all.

    Of very many those nearest to the day.
    """
    wanted = frozenset(shown)
    parts = [one for one in kept.books.payments if one.payer in wanted]
    listed = _nearest(parts, at)
    made = (
        _payment(tuple(some), at, shown, kept.payments)
        for claim_id, some in groupby(parts, claim_of)
        if claim_id in listed
    )
    in_all = len(listed) if len(listed) < LISTED else len({one.claim_id for one in parts})
    return tuple(sorted(made, key=lambda one: (one.day or date.max, one.reference))), in_all


def _nearest(parts: Sequence[Movement], at: date) -> frozenset[str]:
    """The payments to list, by Claim: of very many those nearest to the day."""
    if len(parts) <= LISTED:
        return frozenset(one.claim_id for one in parts)
    day = at.toordinal()
    found = {one.claim_id: abs(_ordinal(one) - day) for one in parts}
    return frozenset(sorted(found, key=lambda one: (found[one], one))[:LISTED])


def _ordinal(one: Movement) -> int:
    return (one.paid_on or one.due_on or one.start or date.max).toordinal()


def _payment(
    parts: Sequence[Movement], at: date, shown: Sequence[int], versions: Mapping[str, int]
) -> StatementPayment:
    first = parts[0]
    by_payer = dict.fromkeys(shown, 0)
    for one in parts:
        by_payer[one.payer] += _amount(one, at)
    has_moved = all(moved(one, at) is not None for one in parts)
    return StatementPayment(
        reference=f"Claim/{first.claim_id}/_history/{versions[first.claim_id]}",
        kind=first.kind,
        status=_status(first, at, has_moved=has_moved),
        moved=has_moved,
        day=first.paid_on or first.due_on if has_moved else first.due_on or first.start,
        start=first.start,
        end=first.end,
        total=sum(by_payer.values()),
        shares=tuple(by_payer.values()),
    )


def _amount(one: Movement, at: date) -> Pence:
    """What had moved by the day, else what is asked for."""
    found = moved(one, at)
    return one.amount if found is None else found


def _status(one: Movement, at: date, *, has_moved: bool) -> str:
    """As at the day: what was paid since was still due then."""
    if has_moved:
        return PAID
    if one.status != PAID:
        return one.status or SCHEDULED
    return DUE if one.due_on is not None and one.due_on <= at else SCHEDULED
