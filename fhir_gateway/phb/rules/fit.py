"""Group D: needs, outcomes and lines fit together; each is there for another.

Source: domain.md 4 D (R41 to R46).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case import budgets, people, plans
from fhir_gateway.phb.case.funders import EDUCATION
from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget, BudgetLine
from mappings.care_plan import SupportPlan
from mappings.condition import Need
from mappings.coverage import FunderContribution
from mappings.goal import Outcome
from mappings.organization import Organisation
from mappings.patient import Person

PHB: Final = "phb"
LEARNING: Final = "learning"
NEEDS_EHC_PLAN: Final = "needs an education, health and care plan in force then: record it on the Patient"
UNDERWAY: Final = frozenset({"accepted", "active"})
OUTSIDE: Final = "services-outside-phb"
ASSISTANT: Final = "personal-assistant"
# May stand for themselves: no single need or outcome is theirs.
FREE_STANDING: Final = budgets.FEES | budgets.EMPLOYMENT_COSTS | {budgets.CONTINGENCY, budgets.START_UP}


# --- R41: needs -------------------------------------------------------------------------------------


@rule("R41", on=SupportPlan, softer=plans.is_draft)
def every_need_is_met(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Each need of a plan is met by the budget through a line, or by something the plan names or explains."""
    if not plans.is_judged(new) or not new.record.need_ids:
        return
    bought = _needs_bought(case, new)
    for at, need in plans.needs_of(case, new.record):
        fault = _unmet(case, new.record, need, bought)
        if fault:
            yield Finding(fault, f"addresses[{at}]")


def _needs_bought(case: CaseFile, plan: Filed[SupportPlan]) -> frozenset[str]:
    budget = plans.budget_of(case, plan)
    lines = budget.record.lines if budget is not None else ()
    return frozenset(one for line in lines if budget is not None for one in plans.needs_for(budget.record, line))


def _unmet(case: CaseFile, plan: SupportPlan, need: Filed[Need], bought: frozenset[str]) -> str:
    if need.record.met_by is None:
        return "the need does not say what meets it: add phb-need-met-by to the Condition"
    if need.record.met_by == PHB:
        return "" if need.id in bought else "the budget is to meet the need: link it to a line of the plan's budget"
    named = any(one.need_id == need.id and (one.service or "").strip() for one in plan.services_outside)
    explained = named or OUTSIDE in plans.sections_of(case, plan)
    return "" if explained else f"the need is met by {need.record.met_by}: name that service in the plan, or explain"


# --- R42, R43: lines and outcomes -------------------------------------------------------------------


@rule("R42", on=AgreedBudget, softer=budgets.is_draft)
def every_line_is_for_something(new: Written[AgreedBudget], _case: CaseFile) -> Iterator[Finding]:
    """A line names at least one need and one outcome of the budget, unless it may stand alone."""
    if not _lines_are_judged(new, "needs", "goals"):
        return
    for at, line in enumerate(new.record.lines):
        if line.category in FREE_STANDING or line.contingency:
            continue
        if not plans.needs_for(new.record, line):
            yield Finding("link the line to a need of the budget", f"item[{at}].diagnosisSequence")
        if not plans.outcomes_for(new.record, line):
            yield Finding("link the line to an outcome of the budget", f"item[{at}].informationSequence")


def _lines_are_judged(new: Written[AgreedBudget], *fields: str) -> bool:
    """Whether the lines are new or changed in a budget that may come into force, or it goes to the funders."""
    asked = any(new.changed(one) for one in ("lines", "budget_status", *fields))
    return asked and (budgets.is_binding(new.record) or budgets.is_draft(new.record))


@rule("R43", on=SupportPlan, softer=plans.is_draft)
def every_outcome_is_worked_on(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """An active outcome is linked to an action of the plan or a line of its budget."""
    if not plans.is_judged(new) or not new.record.outcome_ids:
        return
    worked_on = {one for action in new.record.actions for one in action.outcome_ids}
    budget = plans.budget_of(case, new)
    for line in budget.record.lines if budget is not None else ():
        worked_on |= plans.outcomes_for(budget.record, line) if budget is not None else set()
    for at, outcome in plans.outcomes_of(case, new.record):
        if outcome.record.lifecycle == "active" and outcome.id not in worked_on:
            yield Finding("no action or budget line works towards the outcome: link one", f"goal[{at}]")


# --- R44: education ---------------------------------------------------------------------------------


@rule("R44", on=Outcome)
def learning_outcome_has_an_ehc_plan(new: Written[Outcome], case: CaseFile) -> Iterator[Finding]:
    """A learning outcome that is accepted belongs to somebody with such a plan, as far as the person is known."""
    outcome = new.record
    asked = new.changed("kind") or new.changed("lifecycle") or new.changed("start")
    if not asked or outcome.kind != LEARNING or outcome.lifecycle not in UNDERWAY:
        return
    if case.get(Person, people.themselves(case)) is not None and not _has_ehc_plan(case, outcome.start):
        yield Finding(f"a learning outcome {NEEDS_EHC_PLAN}", "category")


@rule("R44", on=SupportPlan, softer=plans.is_draft)
def learning_in_a_plan_has_an_ehc_plan(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """A plan with a learning outcome begins while such a plan is in force."""
    if not plans.is_judged(new) or not new.record.outcome_ids:
        return
    for at, outcome in plans.outcomes_of(case, new.record):
        if outcome.record.kind == LEARNING and not _has_ehc_plan(case, new.record.start):
            yield Finding(f"a learning outcome {NEEDS_EHC_PLAN}", f"goal[{at}]")


@rule("R44", on=AgreedBudget, softer=budgets.is_draft)
def education_line_has_an_ehc_plan(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A line for education, or one that education money shares in, begins while such a plan is in force."""
    if not _lines_are_judged(new, "insurance"):
        return
    sequences = _education_sequences(case, new.record)
    for at, line in enumerate(new.record.lines):
        shared = any(one.insurance_sequence in sequences and _carries(one) for one in line.weights)
        if (shared or line.need_type == "education") and not _has_ehc_plan(case, budgets.days_of(line, new.record)[0]):
            yield Finding(f"education money {NEEDS_EHC_PLAN}", f"item[{at}].programCode")


def _education_sequences(case: CaseFile, budget: AgreedBudget) -> frozenset[int]:
    shares = ((one.sequence, case.get(FunderContribution, f"Coverage/{one.coverage_id}")) for one in budget.insurance)
    return frozenset(sequence for sequence, one in shares if one is not None and one.stream == EDUCATION)


def _carries(weight: object) -> bool:
    return any(getattr(weight, one) for one in ("bps", "amount_pence", "minutes"))


def _has_ehc_plan(case: CaseFile, day: date | None) -> bool:
    """Whether such a plan is in force on a day, or recorded at all where no day is given."""
    person = case.get(Person, people.themselves(case))
    if person is None or not (person.ehc_reference or person.ehc_start or person.ehc_authority):
        return False
    if day is None:
        return True
    return (person.ehc_start is None or person.ehc_start <= day) and (person.ehc_end is None or day <= person.ehc_end)


# --- R45: registration ------------------------------------------------------------------------------


@rule("R45", on=AgreedBudget, softer=budgets.is_draft)
def regulated_activity_is_registered(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """Each organisation behind a line of regulated activity is registered."""
    if not _lines_are_judged(new, "providers"):
        return
    for at, line in enumerate(new.record.lines):
        if line.regulated_activity and any(not _may_deliver(case, one) for one in _providers(new.record, line)):
            says = "the provider of regulated activity is not known to be registered: record its registration"
            yield Finding(f"{says}, or choose another", f"item[{at}].careTeamSequence")


def _providers(budget: AgreedBudget, line: BudgetLine) -> Iterator[str]:
    """References to the organisations behind a line."""
    found = {one.sequence: one.provider for one in budget.providers}
    named = (found.get(one) for one in line.provider_sequences)
    return (one for one in named if one is not None and type_of(one) == "Organization")


def _may_deliver(case: CaseFile, reference: str) -> bool:
    body = case.get(Organisation, reference)
    if body is None:
        return False
    return body.cqc_status == "registered" or (body.provider_kind == ASSISTANT and body.cqc_status == "not-required")
