"""Budgets: how far a version has come, which one is in force on a day, and what a line in it is.

Source: domain.md 2.3, 3.3 (budget-status), 5.3.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case.days import Span, runs_on
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.line_cost import cost, terms_of
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.periods import Period, period
from mappings.budget import AgreedBudget, Budget, BudgetLine, IndicativeBudget

DRAFT: Final = "draft"
SHARED: Final = "shared"
BINDING: Final = frozenset({"submitted", "agreed", "active"})
IN_FORCE: Final = frozenset({"agreed", "active"})
# A budget that was in force once still tells what money spent in its time was for.
WAS_IN_FORCE: Final = frozenset({*IN_FORCE, "superseded", "closed"})
LIVE: Final = frozenset({DRAFT, SHARED, *BINDING})
WAGES: Final = "personal-assistant-wages"
CONTINGENCY: Final = "contingency"
START_UP: Final = "start-up"
FEES: Final = frozenset({"managed-account-fee", "third-party-fee", "brokerage"})
# What an employer pays besides wages, cover for the worker's absence included.
EMPLOYMENT_COSTS: Final = frozenset(
    {
        *("employer-national-insurance", "employer-pension", "employer-insurance", "payroll-service"),
        *("recruitment-and-checks", "training", "pa-holiday-cover", "emergency-cover"),
    }
)
UPGRADE: Final = "wheelchair-upgrade"
CHAIRS: Final = frozenset({"wheelchair", UPGRADE})
DIRECT: Final = "direct-payment"
ONGOING: Final = "ongoing"


def state_of(budget: Budget) -> str:
    """A code of `phb-budget-status`; where only FHIR's coarse status is given, what that means."""
    if budget.budget_status is not None:
        return budget.budget_status
    running = SHARED if isinstance(budget, IndicativeBudget) else "active"
    return {"active": running, DRAFT: DRAFT, "cancelled": "superseded"}.get(budget.status, budget.status)


def is_live(budget: Budget) -> bool:
    """Whether it may still come to be, or is, in force: neither replaced, closed, declined nor in error."""
    return budget.status != "entered-in-error" and state_of(budget) in LIVE


def is_binding(budget: Budget) -> bool:
    """Whether it is sent to the funders for decision, or further."""
    return budget.status != "entered-in-error" and state_of(budget) in BINDING


def is_in_force(budget: Budget) -> bool:
    """Whether it is agreed or active."""
    return state_of(budget) in IN_FORCE


def was_agreed(budget: Budget) -> bool:
    """Whether it is in force or was so once; neither its status of ours nor FHIR's says otherwise."""
    running = budget.status == "active" or not is_in_force(budget)
    return budget.status != "entered-in-error" and running and state_of(budget) in WAS_IN_FORCE


def is_draft(budget: Budget) -> bool:
    """Whether it is still being worked out."""
    return state_of(budget) == DRAFT


def budget_on(case: CaseFile, day: date) -> Filed[AgreedBudget] | None:
    """The version in force on a day: of those whose period holds it, the latest; None when there is none."""
    found = [one for one in case.all(AgreedBudget) if state_of(one.record) in WAS_IN_FORCE and _holds(one.record, day)]
    return max(found, key=lambda one: (is_in_force(one.record), one.record.version or 0, one.id), default=None)


def _holds(budget: AgreedBudget, day: date) -> bool:
    return runs_on(budget.start, budget.end, day)


def period_of(budget: Budget) -> Period | None:
    """The days it runs; None where it does not say, or says none."""
    return period(budget.start, budget.end) if budget.start and budget.end else None


# --- lines ------------------------------------------------------------------------------------------


def line_of(budget: Budget, number: int | None) -> BudgetLine | None:
    """The line of a number."""
    return next((one for one in budget.lines if one.line_no == number), None)


def is_upgrade(line: BudgetLine) -> bool:
    """Whether it is for features of a wheelchair beyond the assessed need, which alone the person may pay."""
    return line.category == UPGRADE or (line.category in CHAIRS and line.assessed_need_element is False)


def pays_wages(line: BudgetLine) -> bool:
    """Whether personal assistants are paid from it."""
    return line.category == WAGES


def days_of(line: BudgetLine, budget: Budget) -> Span:
    """The days a line is for: its one day, its own period, or the budget's; either end may be open."""
    if line.on_date is not None:
        return line.on_date, line.on_date
    return line.start or budget.start, line.end or budget.end


def span_of(line: BudgetLine, budget: Budget) -> Period | None:
    """The same where both ends are known; None for one day beside a period of its own, which contradict each other."""
    start, end = days_of(line, budget)
    at_odds = line.on_date is not None and bool(line.start or line.end)
    return period(start, end) if start and end and not at_odds else None


def cost_of(line: BudgetLine, budget: Budget) -> Pence | None:
    """What the terms of a line come to over its days (6.3); None unless frequency, rate and days are given."""
    span = span_of(line, budget)
    if span is None or line.frequency is None or line.rate_pence is None or line.rate_pence < 0:
        return None
    if line.frequency == "per-unit" and line.quantity is None:
        return None
    return cost(terms_of(line, span), span) if (line.quantity or 0) >= 0 else None
