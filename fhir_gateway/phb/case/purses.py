"""The purses of a case: each stream and management option of its ongoing budget, and what its reviews count from.

Source: domain.md 2.3, 2.5; rules R116 to R119.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.books import versions_of
from fhir_gateway.phb.case.budgets import ONGOING, is_in_force
from fhir_gateway.phb.case.direct_payments import is_direct
from fhir_gateway.phb.case.funders import bearers, payers
from fhir_gateway.phb.case.payments import budget_of, counts, coverages_of, options_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.reviews import ehc_review, last_completed
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.review_dates import DIRECT_PAYMENT, Due, Intervals, Purse, dues
from mappings.budget import AgreedBudget, BudgetLine
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase
from mappings.payment import Payment
from mappings.terminology import PAYMENT_KIND

OUT: Final = PAYMENT_KIND.where("direction", "out")


def ongoing_budgets(case: CaseFile) -> tuple[Filed[AgreedBudget], ...]:
    """The budgets for continuing support that are agreed or active."""
    return tuple(one for one in case.all(AgreedBudget) if is_in_force(one.record) and _ongoing(case, one))


def _ongoing(case: CaseFile, budget: Filed[AgreedBudget]) -> bool:
    """Whether it is for continuing support; where the budget does not say, whether a case of the person is."""
    if budget.record.budget_kind is not None:
        return budget.record.budget_kind == ONGOING
    return any(one.record.budget_kind == ONGOING for one in case.all(PhbCase))


# --- purses -----------------------------------------------------------------------------------------


def purses(case: CaseFile) -> tuple[Purse, ...]:
    """Every stream and option of the ongoing budgets that a law has reviewed, with the days reviews count from."""
    return case.once("purses", lambda: tuple(_purses(case)))


def next_dues(case: CaseFile, intervals: Intervals) -> tuple[Due, ...]:
    """The days by which the purses want their next review, earliest first."""
    return dues(purses(case), intervals, ehc_review=ehc_review(case)) if ongoing_budgets(case) else ()


def planned_purses(case: CaseFile) -> tuple[tuple[Filed[AgreedBudget], Purse], ...]:
    """The same without their days, and without a look at payments; each with its budget."""
    return case.once("planned purses", lambda: tuple(_planned(case)))


def has_direct_payment(case: CaseFile) -> bool:
    """Whether an ongoing budget in force pays any money directly to the person."""
    return any(one.option == DIRECT_PAYMENT for _, one in planned_purses(case))


def duties_of(case: CaseFile) -> frozenset[str]:
    """The reviews by law that the funders of the ongoing budgets must hold."""
    return frozenset(one.by_law for _, one in planned_purses(case) if one.by_law is not None)


def _purses(case: CaseFile) -> Iterator[Purse]:
    for budget, purse in planned_purses(case):
        since = min((day for day, _ in payments_of(case, budget, purse)), default=None)
        last = last_completed(case, purse.by_law or "", duties_of(case), _counted_from(case, budget, purse, since))
        yield replace(purse, first_paid=since, last_review=last)


def _counted_from(case: CaseFile, budget: Filed[AgreedBudget], purse: Purse, first_paid: date | None) -> date | None:
    """From when on reviews count: a direct payment's from its first payment, others from the start of the budget."""
    if purse.option == DIRECT_PAYMENT:
        return first_paid
    starts = (one.record.start for one in versions_of(case, budget))
    return min((day for day in (*starts, first_paid) if day is not None), default=None)


def _planned(case: CaseFile) -> Iterator[tuple[Filed[AgreedBudget], Purse]]:
    for budget in ongoing_budgets(case):
        found = dict.fromkeys(one for line in budget.record.lines for one in _of_line(case, budget.record, line))
        yield from ((budget, one) for one in found if one.by_law is not None)


def _of_line(case: CaseFile, budget: AgreedBudget, line: BudgetLine) -> Iterator[Purse]:
    """The purses of those who bear a line, or of all who pay the budget where it does not say who bears it."""
    if line.management_option is not None:
        every = payers(case, budget)
        for one in bearers(case, line, every) or every:
            yield Purse(stream=one.stream, option=line.management_option, funder=one.funder.reference or None)


# --- payments ---------------------------------------------------------------------------------------


def first_direct_payment(case: CaseFile) -> tuple[date, Filed[Payment]] | None:
    """The first payment made directly to the person from an ongoing budget, and its day."""
    found = (
        made
        for budget, purse in planned_purses(case)
        if purse.option == DIRECT_PAYMENT
        for made in payments_of(case, budget, purse)
    )
    return min(found, key=lambda one: (one[0], one[1].id), default=None)


def payments_of(case: CaseFile, budget: Filed[AgreedBudget], purse: Purse) -> Iterator[tuple[date, Filed[Payment]]]:
    """Every payment made from a purse, by any version of the budget, or by none that is named, and its day."""
    named = {None, *(one.id for one in versions_of(case, budget))}
    for one in case.all(Payment):
        if one.record.pays_against_id in named and _is_from(case, one.record, purse):
            day = paid_on(case, one)
            if day is not None:
                yield day, one


def _is_from(case: CaseFile, payment: Payment, purse: Purse) -> bool:
    if purse.stream not in _streams(case, payment):
        return False
    if purse.option == DIRECT_PAYMENT:
        return is_direct(payment, case)
    return purse.option in options_of(payment, budget_of(payment, case))


def _streams(case: CaseFile, payment: Payment) -> frozenset[str]:
    """The streams it draws on: by its Coverages, else all those of its funder."""
    ids = coverages_of(payment)
    if ids:
        named = (case.get(FunderContribution, literal("Coverage", one)) for one in ids)
        return frozenset(one.stream for one in named if one is not None)
    funder = literal("Organization", payment.insurer_id)
    return frozenset(one.record.stream for one in case.all(FunderContribution) if one.record.funder == funder)


def paid_on(case: CaseFile, payment: Filed[Payment]) -> date | None:
    """The day the money left, by the payment itself or by a funder's answer; None while it did not.

    A payment that is `paid` and says no day counts as paid when it was due.
    """
    record = payment.record
    if not counts(record) or record.payment_kind not in OUT or record.payment_status == "failed":
        return None
    if record.paid_on is not None:
        return record.paid_on
    days = [one.record.paid_on for one in answers(case, payment.id) if one.record.paid_on is not None]
    return min(days, default=(record.due_on or record.start) if record.payment_status == "paid" else None)
