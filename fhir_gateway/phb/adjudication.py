"""What becomes of each line of a payment that is submitted: paid and by whom, or not, by which rule.

The first fault of a line decides. A line is paid whole or not at all, and leaves less for the lines after it.

Source: domain.md 6.4, 6.7, 8.6, 8.9 Q1; rules R85, R94, R99.
"""

from collections.abc import Iterator
from decimal import Decimal

from fhir_gateway.phb.case.budgets import is_in_force, line_of
from fhir_gateway.phb.case.drawdown import Parts, Purse, line_drawn, purse_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.ledger import OUT
from fhir_gateway.phb.line_checks import CHECKS, Asked, Bench
from fhir_gateway.phb.money import Pence, pounds
from fhir_gateway.phb.verdict import PERCENT, Fault, Share, Verdict
from mappings.budget import AgreedBudget
from mappings.coverage import FunderContribution
from mappings.payment import Payment


def draws(payment: Payment) -> bool:
    """Whether its kind takes money out of a budget."""
    return payment.payment_kind in OUT


# --- the claim as a whole ---------------------------------------------------------------------------


def adjudicated(payment: Payment, id: str, case: CaseFile) -> tuple[Verdict, ...]:  # noqa: A002
    """A verdict on each line of a payment. case: without the payment itself. id: of its Claim."""
    budget = case.filed(literal("Claim", payment.pays_against_id))
    if budget is None or not isinstance(budget.record, AgreedBudget):
        return _refused(payment, Fault("R94", "name the agreed budget it is paid against (related: pays-against)"))
    purse = purse_of(case, budget)
    fault = _of_the_whole(payment, budget.record, purse, case)
    if fault is not None or purse is None:
        return _refused(payment, fault or Fault("R85", "the records do not say who pays this budget"))
    return tuple(_verdicts(Bench(payment=payment, id=id, budget=budget, purse=purse, case=case)))


def _refused(payment: Payment, fault: Fault) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(sequence=one.sequence, element=f"item[{at}]", asked=one.amount_pence or 0, fault=fault)
        for at, one in enumerate(payment.lines)
    )


def _of_the_whole(payment: Payment, budget: AgreedBudget, purse: Purse | None, case: CaseFile) -> Fault | None:
    """What keeps every line from being paid."""
    if budget.person_id != payment.person_id:
        return Fault("R94", "the budget it is paid against is another person's")
    if not is_in_force(budget):
        return Fault("R94", "its budget version is neither agreed nor active; pay against the one in force")
    asked = sum(one.amount_pence or 0 for one in payment.lines)
    if payment.total_pence not in {None, asked}:
        return Fault(
            "R85", f"the total {pounds(payment.total_pence or 0)} is not the sum of the lines, {pounds(asked)}"
        )
    return _stranger(payment, budget, purse, case) if purse is not None else None


def _stranger(payment: Payment, budget: AgreedBudget, purse: Purse, case: CaseFile) -> Fault | None:
    """A Coverage of the claim that pays no part of the budget, or none any more."""
    there = {one.coverage_id for one in budget.insurance}
    for one in payment.insurance:
        if one.coverage_id not in there or purse.position(one.coverage_id) is None:
            return Fault("R85", f"insurance {one.sequence} is no funder of the budget; draw on a Coverage it names")
        share = case.get(FunderContribution, literal("Coverage", one.coverage_id))
        if share is None or share.status != "active":
            return Fault("R85", f"the Coverage of insurance {one.sequence} is not active")
    return None


# --- line by line -----------------------------------------------------------------------------------


def _verdicts(bench: Bench) -> Iterator[Verdict]:
    for at, line in enumerate(bench.payment.lines):
        number = line_drawn(bench.payment, line, bench.budget.record)
        asked = Asked(bench=bench, line=line, number=number, planned=line_of(bench.budget.record, number))
        fault, shares = _judged(asked)
        yield Verdict(
            sequence=line.sequence,
            element=f"item[{at}]",
            asked=line.amount_pence or 0,
            plan_element=f"{bench.budget.reference}#item-{number}" if asked.planned else bench.budget.reference,
            shares=tuple(_shares(asked, shares)),
            fault=fault,
        )


def _judged(asked: Asked) -> tuple[Fault | None, Parts]:
    fault = next((found for check in CHECKS if (found := check(asked)) is not None), None)
    if fault is not None:
        return fault, ()
    purse, amount = asked.bench.purse, asked.line.amount_pence or 0
    shares = _split(asked, amount)
    if shares is None:
        return Fault("R85", "none of the funders of the claim bears a part of this budget line"), ()
    fault = _above(asked, amount, shares)
    if fault is not None:
        return fault, ()
    purse.draw(asked.number, shares)
    return None, shares


def _split(asked: Asked, amount: Pence) -> Parts | None:
    purse, payers = asked.bench.purse, asked.bench.payers
    if asked.number is None:
        return purse.alone(amount, payers[0])
    return purse.shares(asked.number, amount, payers)


def _above(asked: Asked, amount: Pence, shares: Parts) -> Fault | None:
    """More than is left of the budget line, or of what a funder agreed."""
    purse = asked.bench.purse
    if asked.number is not None and amount > purse.room(asked.number):
        left = pounds(max(0, purse.room(asked.number)))
        return Fault("R99", f"{pounds(amount)} is more than the {left} left of line {asked.number} of the budget")
    short = purse.short(shares)
    if short is None:
        return None
    left = pounds(max(0, purse.left[short]))
    stream = purse.books.funders[short].stream
    return Fault("R99", f"the share of `{stream}`, {pounds(shares[short])}, is more than the {left} left of its part")


def _shares(asked: Asked, shares: Parts) -> Iterator[Share]:
    if not shares:
        return
    purse = asked.bench.purse
    weights = purse.lines[asked.number].line.weights if asked.number is not None else ()
    by_percent = asked.planned is not None and asked.planned.split_method == "percentage"
    for at, pence in enumerate(shares):
        if pence:
            percent = Decimal(weights[at]) / PERCENT if by_percent and weights else None
            yield Share(purse.books.funders[at], pence, percent)
