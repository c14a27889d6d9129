"""Group E, the nine criteria of a good plan: each asked of a draft as a warning, and of a submitted plan in earnest.

Source: domain.md 4 E (R48 to R57), 2.4; S003.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case import capacity, coordination, plans
from fhir_gateway.phb.case.conversations import worker_of
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.care_plan import PlanAction, SupportPlan
from mappings.risk_assessment import Risk
from mappings.terminology import PLAN_SECTION

INFO: Final = "supportingInfo"


def _without(new: Written[SupportPlan], case: CaseFile, *sections: str) -> Iterator[Finding]:
    """A finding for each section without words."""
    missing = [one for one in sections if one not in plans.sections_of(case, new.record)]
    for one in missing:
        yield Finding(
            f"the section `{one}` ({PLAN_SECTION.display(one)}) has no words: write it in the Composition", INFO
        )


@rule("R48", on=SupportPlan, softer=plans.is_draft)
def plan_says_who_the_person_is(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 1: the person, their strengths, how they live, and their needs."""
    if plans.is_judged(new):
        yield from _without(new, case, "who-i-am", "strengths-and-skills", "social-context")
        if not new.record.need_ids:
            yield Finding("the plan addresses no need: name at least one Condition", "addresses")


@rule("R49", on=SupportPlan, softer=plans.is_draft)
def plan_says_who_decides(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 1: a person who lacks capacity has somebody who speaks for them, and a way to decide."""
    if not plans.is_judged(new):
        return
    found = capacity.lacking(case, case.today)
    if not all((one.decision_path or "").strip() for one in found):
        yield Finding("capacity is lacking: record in the assessment how decisions are reached", INFO)
    if not all(one.speaks_for_person for one in found):
        yield Finding("capacity is lacking: record in the assessment who speaks for the person", INFO)


@rule("R50", on=SupportPlan, softer=plans.is_draft)
def plan_says_what_works(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 2: what works and what does not."""
    if plans.is_judged(new):
        yield from _without(new, case, "working", "not-working")


@rule("R51", on=SupportPlan, softer=plans.is_draft)
def plan_says_what_is_important(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 3: to the person, and for the person."""
    if plans.is_judged(new):
        yield from _without(new, case, "important-to", "important-for")


# --- R52: risks -------------------------------------------------------------------------------------


@rule("R52", on=SupportPlan, softer=plans.is_draft)
def plan_is_ready_for_risks(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 4: each risk is dealt with, and it is known what happens and whom to call."""
    if not plans.is_judged(new):
        return
    yield from _without(new, case, "contingency-plan")
    if not (new.record.health_contact or "").strip():
        yield Finding("name the health contact", "extension")
    risks = list(plans.risks_of(case, new.record))
    if not risks and not new.record.risks_none_identified:
        yield Finding("name the risks, or say that none was found (phb-no-risks-identified)", INFO)
    for at, one in risks:
        yield from (Finding(f"the risk needs {lack}", f"{INFO}[{at}]") for lack in _lacks(one.record))


def _lacks(risk: Risk) -> Iterator[str]:
    if not (risk.mitigation or "").strip():
        yield "what keeps it small (mitigation)"
    if not (risk.contingency or "").strip():
        yield "what happens if it occurs (note)"
    if not risk.owner:
        yield "somebody who watches it (performer)"
    if risk.significant and risk.residual == "not-acceptable":
        yield "more mitigation: it is significant, and what is left of it is not acceptable"


# --- R53 to R57 -------------------------------------------------------------------------------------


@rule("R53", on=SupportPlan, softer=plans.is_draft)
def plan_has_an_outcome(new: Written[SupportPlan], _case: CaseFile) -> Iterator[Finding]:
    """Criterion 5: something the person wants to achieve."""
    if plans.is_judged(new) and not new.record.outcome_ids:
        yield Finding("the plan has no outcome: name at least one Goal", "goal")


@rule("R54", on=SupportPlan, softer=plans.is_draft)
def plan_has_a_budget(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 6: a budget version whose lines all say how the money is held."""
    if not plans.is_judged(new):
        return
    budget = plans.budget_of(case, new)
    if budget is None:
        yield Finding("the plan has no budget: name the Claim of the budget version", INFO)
    elif not budget.record.lines or not all(one.management_option for one in budget.record.lines):
        yield Finding("a line of the plan's budget does not say how its money is held: add its option", INFO)


@rule("R55", on=SupportPlan, softer=plans.is_draft)
def plan_says_who_does_what(new: Written[SupportPlan], _case: CaseFile) -> Iterator[Finding]:
    """Criterion 7: actions, with who and by when."""
    if not plans.is_judged(new):
        return
    if not new.record.actions:
        yield Finding("the plan has no action: add one, with who does it and by when", "activity")
    for at, action in enumerate(new.record.actions):
        missing = " and ".join(_open_in(action))
        if missing:
            yield Finding(f"the action does not say {missing}", f"activity[{at}].detail")


def _open_in(action: PlanAction) -> Iterator[str]:
    if not action.performers:
        yield "who does it"
    if action.by_when is None:
        yield "by when"


@rule("R56", on=SupportPlan, softer=plans.is_draft)
def plan_names_the_coordinator(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 8: a team of the plan has a care coordinator, who is that of the case."""
    if not plans.is_judged(new):
        return
    named = coordination.workers(case, new.record.care_team_ids)
    if not named:
        yield Finding("the plan names no care coordinator: add a CareTeam with one", "careTeam")
        return
    of_plan = plans.case_of(case, new.record)
    coordinator = of_plan.record.care_coordinator if of_plan is not None else None
    if coordinator is not None and worker_of(case, coordinator) not in named:
        yield Finding("the care coordinator of the plan is not that of the case: name the same worker", "careTeam")


@rule("R57", on=SupportPlan, softer=plans.is_draft)
def plan_says_how_it_is_watched(new: Written[SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """Criterion 9: monitoring, and the signs that it goes well or wrong."""
    if plans.is_judged(new):
        yield from _without(new, case, "monitoring", "signs-going-well", "signs-going-wrong")
