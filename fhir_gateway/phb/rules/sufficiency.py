"""Whether the money is enough: for the needs, and for each service of a direct payment.

Source: domain.md section 4 F (R68, R69); DPR13 reg 13(1).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.arrangements import SIGNED
from fhir_gateway.phb.case.budgets import cost_of, is_binding, is_in_force, is_upgrade
from fhir_gateway.phb.case.funders import Payer, all_known, payers, shares_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.services import Due, dues_of, granted, is_single
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.money import Pence, pounds
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget, BudgetLine
from mappings.condition import Need
from mappings.contract import AgreementTerm, DirectPaymentAgreement

MET_HERE: Final = "phb"
HEALTH: Final = "health"
OTHERS: Final = "other"
Placed = tuple[int, AgreementTerm]


# --- enough for the needs ---------------------------------------------------------------------------


@rule("R68", on=AgreedBudget)
def enough_for_the_needs(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """The total covers the lines of all needs the budget is to meet, and neither side says that it is too little."""
    budget = new.record
    if not is_binding(budget):
        return
    if is_in_force(budget) and False in {budget.sufficiency_body_ok, budget.sufficiency_person_ok}:
        yield Finding("the money is said not to be enough; it must be for both the body and the person", "extension")
    needed = sum(_cost(one, budget) for one in budget.lines if _meets_a_need(one, budget, case))
    if budget.total_pence is not None and budget.total_pence < needed:
        says = f"the total {pounds(budget.total_pence)} is below {pounds(needed)}, the cost of the needs it is to meet"
        yield Finding(says, "total")


def _cost(line: BudgetLine, budget: AgreedBudget) -> Pence:
    return line.amount_pence if line.amount_pence is not None else cost_of(line, budget) or 0


def _meets_a_need(line: BudgetLine, budget: AgreedBudget, case: CaseFile) -> bool:
    ids = {one.sequence: one.need_id for one in budget.needs}
    named = (case.get(Need, literal("Condition", ids.get(one))) for one in line.need_sequences)
    return any(one is not None and one.met_by == MET_HERE for one in named)


@rule("R68", on=AgreedBudget)
def the_nhs_covers_what_is_its_own(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """No grant or gift stands in for the NHS on a health line; R75 and R78 keep the person and the council out."""
    health = [(at, one) for at, one in enumerate(new.record.lines) if one.need_type == HEALTH and not is_upgrade(one)]
    found = payers(case, new.record) if health and is_binding(new.record) else ()
    for at, line in health if all_known(new.record, found) else ():
        short = _borne_by_others(case, line, found)
        if short:
            says = f"line {line.line_no} meets a health need: the NHS share is {pounds(short)} short of its cost"
            yield Finding(says, f"item[{at}]")


def _borne_by_others(case: CaseFile, line: BudgetLine, found: tuple[Payer, ...]) -> Pence:
    shares = shares_of(case, line, found) or ()
    return sum(part for part, one in zip(shares, found, strict=False) if one.funder.kind == OTHERS)


# --- enough for each service ------------------------------------------------------------------------


@rule("R69", on=DirectPaymentAgreement)
def each_service_in_full(new: Written[DirectPaymentAgreement], case: CaseFile) -> Iterator[Finding]:
    """What the agreement grants is what the services cost: each one that has the words of a line, the rest together."""
    services = [(at, one) for at, one in enumerate(new.record.terms) if one.amount_pence is not None]
    due = dues_of(new.record, case) if services and new.record.status in SIGNED else None
    if due is None:
        return
    named = [(at, one) for at, one in services if due.line_of(one) is not None]
    for at, one in named:
        line = due.line_of(one)
        if line is not None and granted(one, due.span) < due.cost[line]:
            yield _short(at, granted(one, due.span), due.cost[line])
    rest = [(at, one) for at, one in services if (at, one) not in named]
    yield from _together(rest, due, {due.line_of(one) for _, one in named})


def _together(rest: list[Placed], due: Due, told: set[int | None]) -> Iterator[Finding]:
    for single in (False, True):
        some = [(at, one) for at, one in rest if is_single(one) == single]
        needed = sum(cost for number, cost in due.cost.items() if number not in told and due.single[number] == single)
        needed = needed if single else max(0, needed - due.contribution)
        given = sum(granted(one, due.span) for _, one in some)
        if some and given < needed:
            yield _short(some[0][0], given, needed)


def _short(at: int, given: Pence, needed: Pence) -> Finding:
    says = f"the direct payment grants {pounds(given)} for services that cost {pounds(needed)}; grant their full cost"
    return Finding(says, f"term[{at}].asset")
