"""What the services of a direct payment agreement cost, and what the agreement grants for them.

Source: domain.md 2.4 (dp_terms.services), 6.3; rule R69.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from fhir_gateway.phb.case.budgets import DIRECT, budget_on, is_live, period_of
from fhir_gateway.phb.case.funders import Payer, payers, shares_of
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.contribution import NET, contribution
from fhir_gateway.phb.line_cost import LineTerms, cost
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.periods import Period, calendar_months, four_week_blocks, period
from mappings.budget import AgreedBudget, BudgetLine
from mappings.contract import AgreementTerm, DirectPaymentAgreement

SINGLE: Final = frozenset({None, "one-off", "per-unit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What an agreement must grant over its span. By number of the budget line: cost in pence, whether it is single.

    words: numbers by description. contribution: pence the person pays into the account instead of the body.
    """

    span: Period
    cost: dict[int, Pence]
    single: dict[int, bool]
    words: dict[str, int]
    contribution: Pence

    def line_of(self, service: AgreementTerm) -> int | None:
        """Number of the line a service has the words of; None while the person pays a part of all of them."""
        return None if self.contribution else self.words.get(_plain(service.service))


def dues_of(agreement: DirectPaymentAgreement, case: CaseFile) -> Due | None:
    """What an agreement must grant; None where its budget or its days are not known."""
    budget = budget_of(agreement, case)
    span = _span(agreement, budget.record) if budget is not None else None
    if budget is None or span is None:
        return None
    lines = [one for one in budget.record.lines if one.management_option == DIRECT and not one.contingency]
    found = payers(case, budget.record)
    own = [one for one in found if one.body is not None and one.body == agreement.body_id]
    return Due(
        span=span,
        cost={one.line_no: _part(case, one, found, own) for one in lines},
        single={one.line_no: one.one_off or one.frequency == "one-off" for one in lines},
        words={_plain(one.description): one.line_no for one in lines if one.description},
        contribution=_paid_in(case, budget.record, found, own),
    )


def budget_of(agreement: DirectPaymentAgreement, case: CaseFile) -> Filed[AgreedBudget] | None:
    """The budget an agreement is about, else the one in force when it starts."""
    named = [
        one for one in map(case.filed, agreement.about) if one is not None and isinstance(one.record, AgreedBudget)
    ]
    if named:
        return next((one for one in named if is_live(one.record)), None)
    return budget_on(case, agreement.start) if agreement.start is not None else None


def _span(agreement: DirectPaymentAgreement, budget: AgreedBudget) -> Period | None:
    start, end = agreement.start or budget.start, agreement.end or budget.end
    return period(start, end) if start and end else None


def _plain(words: str | None) -> str:
    return (words or "").strip().casefold()


def _part(case: CaseFile, line: BudgetLine, found: tuple[Payer, ...], own: list[Payer]) -> Pence:
    """The body's part of a line; all of it where the body is not known to share it with others."""
    shares = shares_of(case, line, found) if own else None
    if shares is None:
        return line.amount_pence or 0
    return sum(part for part, one in zip(shares, found, strict=True) if one in own)


def _paid_in(case: CaseFile, budget: AgreedBudget, found: tuple[Payer, ...], own: list[Payer]) -> Pence:
    whole = period_of(budget)
    charged = next((one for one in own if one.funder.charged), None)
    if charged is None or whole is None or (charged.funder.collection or NET) != NET:
        return 0
    gross = sum(_part(case, one, found, [charged]) for one in budget.lines)
    return contribution(max(0, charged.funder.weekly_pence or 0), charged.funder.within(whole), gross).amount


# --- what is granted --------------------------------------------------------------------------------


def is_single(service: AgreementTerm) -> bool:
    """Whether a service is paid once."""
    return service.interval in SINGLE


def granted(service: AgreementTerm, span: Period) -> Pence:
    """What a service is granted in the span: once, or each time its interval comes round."""
    amount, interval = max(0, service.amount_pence or 0), service.interval
    if interval is None or is_single(service):
        return amount
    if interval == "monthly":
        return amount * len(list(calendar_months(span)))
    if interval == "four-weekly":
        return amount * len(list(four_week_blocks(span)))
    return cost(LineTerms(frequency=interval, rate=Fraction(amount), period=span), span)
