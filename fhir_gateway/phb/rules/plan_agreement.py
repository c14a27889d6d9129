"""Group E, what a plan needs to be agreed and in force: direct payment terms, statements, safety, one at a time.

Source: domain.md 4 E (R58 to R61), 2.4 (dp_terms, agreements).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case import capacity, coordination, plans
from fhir_gateway.phb.case.days import meet
from fhir_gateway.phb.case.direct_payments import direct_lines
from fhir_gateway.phb.case.references import type_of
from fhir_gateway.phb.case.succession import gives_way, has_begun, names
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget
from mappings.care_plan import Agreement, SupportPlan
from mappings.coverage import FunderContribution
from mappings.terminology import AGREEMENT_STATEMENT

NAMED: Final = {
    "icb": frozenset({"Practitioner", "PractitionerRole"}),
    "person": frozenset({"Patient", "RelatedPerson"}),
}


# --- R58: direct payment terms ----------------------------------------------------------------------


@rule("R58", on=SupportPlan, softer=plans.is_draft)
def plan_has_the_terms_of_a_direct_payment(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """With a direct-payment line in its budget, the plan carries the terms the law asks for."""
    if not plans.is_judged(new):
        return
    budget = plans.budget_of(case, new)
    lines = list(direct_lines(budget.record)) if budget is not None else []
    if not lines:
        return
    yield from (Finding(f"a direct payment: the plan needs {one}", "extension") for one in _missing_terms(new, case))
    if any(one.amount_pence is None or one.frequency is None for _, one in lines):
        yield Finding(
            "a direct payment: each line of its budget needs its sum and how often it is paid", "supportingInfo"
        )


def _missing_terms(new: Written[SupportPlan], case: CaseFile) -> Iterator[str]:
    plan = new.record
    terms = {
        "a care coordinator (careTeam)": coordination.workers(case, plan.care_team_ids),
        "who watches the health condition (health-monitor)": plan.dp_health_monitor,
        "the day of the first review (first-review-due)": plan.dp_first_review_due,
        "how it is reviewed (review-method)": (plan.dp_review_method or "").strip(),
        "the days of notice before a cut (reduction-notice-days)": plan.dp_reduction_notice_days is not None,
    }
    if plans.has_significant_risk(case, plan):
        terms["what happens with the significant risk (risk-procedure)"] = (plan.dp_risk_procedure or "").strip()
    return (words for words, value in terms.items() if not value)


# --- R59: the statements ----------------------------------------------------------------------------


@rule("R59", on=SupportPlan)
def both_sides_state_their_agreement(new: Written[SupportPlan], _case: CaseFile) -> Iterator[Finding]:
    """All eight statements are true, dated, and made by somebody of the side that makes them."""
    if not plans.comes_into_force(new):
        return
    made = {one.statement for one in new.record.agreements if _is_made(one)}
    for statement in AGREEMENT_STATEMENT:
        if statement not in made:
            side = "a worker of the body" if _side(statement) == "icb" else "the person or who speaks for them"
            yield Finding(
                f"the statement `{statement}` is not made: {side} states it, true and with the day", "extension"
            )


def _is_made(one: Agreement) -> bool:
    return one.agreed is True and one.on is not None and type_of(one.by) in NAMED[_side(one.statement or "")]


def _side(statement: str) -> str:
    found = statement in AGREEMENT_STATEMENT and AGREEMENT_STATEMENT.property_of(statement, "stated_by")
    return str(found) if found else "icb"


# --- R60, R61 ---------------------------------------------------------------------------------------


@rule("R60", on=SupportPlan, softer=plans.is_draft)
def plan_keeps_the_person_safe(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """A person who lacks capacity has a plan that says how they are kept safe."""
    if not plans.is_judged(new):
        return
    if capacity.lacking(case, case.today) and "safeguarding" not in plans.sections_of(case, new.record):
        yield Finding("capacity is lacking: write the section `safeguarding`", "supportingInfo")


@rule("R61", on=SupportPlan)
def one_plan_is_active(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Beside an active plan there is no other active one of the case, but for that it replaces, which gives way."""
    if not _becomes_active(new):
        return
    for one in plans.others(case, new):
        if plans.state_of(one.record) == plans.ACTIVE and not gives_way(one.id, new, case.today):
            says = f"{one.reference} is active for the case: {_instead(one, new, case)}"
            yield Finding(says, "status")


def _instead(one: Filed[SupportPlan], new: Written[SupportPlan], case: CaseFile) -> str:
    if names(new.record, one.id) and not has_begun(new.record, case.today):
        return f"it goes on until this one begins; make this one active on {new.record.start}"
    return "supersede or end it in the same transaction"


def _becomes_active(new: Written[SupportPlan]) -> bool:
    asked = any(new.changed(one) for one in ("plan_status", "status", "case_number"))
    return asked and plans.state_of(new.record) == plans.ACTIVE


@rule("R61", on=SupportPlan)
def active_plan_covers_every_funder(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Every body whose share is in force while the plan runs pays for the plan's own budget."""
    budget = plans.budget_of(case, new) if _becomes_active(new) else None
    if budget is None:
        return
    paying = _coverages(budget.record)
    elsewhere = _paying_elsewhere(case, budget)
    for one in case.all(FunderContribution):
        if one.id not in paying | elsewhere and _pays_then(one.record, new.record):
            says = f"{one.reference} is a funder's share that the plan's budget leaves out"
            yield Finding(f"{says}: add it to the insurance of the budget, or end it", "supportingInfo")


def _coverages(budget: AgreedBudget) -> frozenset[str]:
    return frozenset(one.coverage_id for one in budget.insurance if one.coverage_id)


def _paying_elsewhere(case: CaseFile, budget: Filed[AgreedBudget]) -> frozenset[str]:
    """Shares in the budgets of another case, as of a one-off beside this one."""
    others = (one.record for one in case.all(AgreedBudget) if not plans.same_case(case, one.record, budget.record))
    return frozenset(coverage for one in others for coverage in _coverages(one))


def _pays_then(share: FunderContribution, plan: SupportPlan) -> bool:
    public = type_of(share.funder) == "Organization" and share.status == "active"
    return public and meet((share.start, share.end), (plan.start, plan.end))
