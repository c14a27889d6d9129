"""What a line of a payment is held against, one check after the other, before its money is looked for.

Source: domain.md section 4 F to H (R63, R66, R74, R85, R87, R100, R101, R103, R114).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.awaited import about_release
from fhir_gateway.phb.case.arrangements import arrangements_on
from fhir_gateway.phb.case.conversations import death_of
from fhir_gateway.phb.case.days import Span
from fhir_gateway.phb.case.drawdown import Purse
from fhir_gateway.phb.case.payments import INSTALMENT, INVOICE, WAGES, day_of
from fhir_gateway.phb.case.people import born_on
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.ledger import RELEASE
from fhir_gateway.phb.requests import OF_CONTINGENCY, decisions_about, is_approval, is_told
from fhir_gateway.phb.schedules import ON_REQUEST
from fhir_gateway.phb.verdict import Fault
from mappings.budget import AgreedBudget, BudgetLine
from mappings.payment import Payment, PaymentLine

# Paid to the holder for the budget as a whole, so that a line need not name a budget line.
FOR_THE_WHOLE: Final = frozenset({INSTALMENT, "adjustment-increase"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a line is held against."""

    payment: Payment
    id: str
    budget: Filed[AgreedBudget]
    purse: Purse
    case: CaseFile

    @property
    def payers(self) -> tuple[int, ...]:
        """Positions of the funders the claim draws on."""
        found = (self.purse.position(one.coverage_id) for one in self.payment.insurance)
        return tuple(one for one in found if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One line as asked for. planned: the budget line it draws on, None where it names none that there is."""

    bench: Bench
    line: PaymentLine
    number: int | None
    planned: BudgetLine | None

    @property
    def span(self) -> Span:
        """First and last day it is for, as it or the claim says."""
        if self.line.on_date is not None:
            return self.line.on_date, self.line.on_date
        return self.line.start or self.bench.payment.start, self.line.end or self.bench.payment.end


def _amount(asked: Asked) -> Fault | None:
    amount = asked.line.amount_pence
    if amount is None:
        return Fault("R85", "the line has no amount (net)")
    return Fault("R101", "the amount is below zero") if amount < 0 else None


def _planned(asked: Asked) -> Fault | None:
    """On a line of the budget; instalments and increases may be for the budget as a whole, from one funder."""
    if asked.planned is not None:
        return None
    if asked.number is not None:
        return Fault("R66", f"the budget in force has no line {asked.number}")
    if asked.bench.payment.payment_kind not in FOR_THE_WHOLE:
        return Fault("R66", "name the budget line it pays (phb-line-terms: budget-line)")
    several = len(asked.bench.payers) != 1
    return Fault("R85", "name the budget line, or one funder: it does not say who pays what") if several else None


def _fitting(asked: Asked) -> Fault | None:
    """Of the category and held in the way of its budget line."""
    line, planned = asked.line, asked.planned
    if planned is None:
        return None
    if line.category is not None and planned.category is not None and line.category != planned.category:
        return Fault("R66", f"line {planned.line_no} of the budget is for `{planned.category}`, not `{line.category}`")
    if line.management_option is not None and line.management_option != planned.management_option:
        held = planned.management_option
        return Fault("R87", f"the money of line {planned.line_no} of the budget is held as `{held}`")
    return None


def _dated(asked: Asked) -> Fault | None:
    """For days of the budget line and of the budget, and of the funders' shares."""
    start, end = asked.span
    if start is not None and end is not None and end < start:
        return Fault("R100", f"it ends on {end}, before it starts on {start}")
    for what, span in _spans(asked):
        if not _inside((start, end), span):
            return Fault("R100", f"it is for days outside {what}, which runs from {span[0]} to {span[1]}")
    return None


def _spans(asked: Asked) -> Iterator[tuple[str, Span]]:
    budget, planned, purse = asked.bench.budget.record, asked.planned, asked.bench.purse
    yield "the budget", (budget.start, budget.end)
    if planned is not None:  # the one day of a line is when it is planned, not when it must be
        yield f"line {planned.line_no} of the budget", (planned.start, planned.end)
    for at in asked.bench.payers:
        funder = purse.books.funders[at]
        yield f"the share of `{funder.stream}`", (funder.start, funder.end)


def _inside(one: Span, whole: Span) -> bool:
    days = [day for day in one if day is not None]
    return all((whole[0] is None or whole[0] <= day) and (whole[1] is None or day <= whole[1]) for day in days)


def _alive(asked: Asked) -> Fault | None:
    """For days of the person's life; what is owed to those who worked stays payable."""
    start, end = asked.span
    born, died = born_on(asked.bench.case), death_of(asked.bench.case)
    if born is not None and start is not None and start < born:
        return Fault("R100", "it is for days before the person was born")
    wages = asked.planned is not None and asked.planned.category in WAGES
    last: date | None = end or start
    if died is not None and last is not None and last > died and not wages:
        return Fault("R114", "it is for days after the person's death")
    return None


def _allowed(asked: Asked) -> Fault | None:
    """For no excluded use."""
    exclusion = asked.planned.exclusion if asked.planned is not None else None
    return Fault("R63", f"the budget line is for `{exclusion}`, which may not be paid for") if exclusion else None


def _released(asked: Asked) -> Fault | None:
    """Contingency is paid as its release, with instalments where it was agreed so, or once its use is approved."""
    if asked.planned is None or not asked.planned.contingency:
        return None
    payment, case = asked.bench.payment, asked.bench.case
    found = decisions_about(case, OF_CONTINGENCY, about_release(asked.bench.id, asked.bench.budget))
    if payment.payment_kind == RELEASE:
        declined = found and all(is_told(one.record) and one.record.outcome == "declined" for one in found)
        return Fault("R74", "the release of this contingency was declined") if declined else None
    if payment.payment_kind == INSTALMENT and _with_instalments(asked):
        return None
    if any(is_approval(one.record) for one in found):
        return None
    return Fault("R74", "contingency is not paid until it is released; submit a `contingency-release`")


def _with_instalments(asked: Asked) -> bool:
    day = day_of(asked.bench.payment) or asked.bench.case.today
    option = asked.planned.management_option if asked.planned is not None else None
    found = arrangements_on(asked.bench.case, option or "", day, asked.bench.budget.record)
    return any(one.contingency_funding not in {None, ON_REQUEST} for one in found)


def _confirmed(asked: Asked) -> Fault | None:
    """Not disputed by the person."""
    if asked.bench.payment.payment_kind == INVOICE and asked.line.invoice_check == "disputed":
        return Fault("R103", "the person disputes it; it may be paid when their check is `resolved`")
    return None


CHECKS: Final[tuple[Callable[[Asked], Fault | None], ...]] = (
    _amount,
    _planned,
    _fitting,
    _dated,
    _alive,
    _allowed,
    _released,
    _confirmed,
)
