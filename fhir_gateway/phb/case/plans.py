"""Plan versions: how far one has come, the case and the budget it belongs to, and what it is made of.

Source: domain.md 2.4, 3.2 (plan-status, plan-section), 5.3.
"""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any, Final, TypeVar

from fhir_gateway.phb.case.bodies import is_open, open_cases
from fhir_gateway.phb.case.budgets import is_live
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Filed, Written
from mappings.budget import AgreedBudget, BudgetLine
from mappings.care_plan import SupportPlan
from mappings.composition import PlanNarrative
from mappings.condition import Need
from mappings.episode_of_care import PhbCase
from mappings.goal import Outcome
from mappings.risk_assessment import Risk

R = TypeVar("R")
DRAFT: Final = "draft"
SUBMITTED: Final = "submitted"
AGREED: Final = "agreed"
ACTIVE: Final = "active"
IN_FORCE: Final = frozenset({AGREED, ACTIVE})
SUBMITTED_OR_LATER: Final = frozenset({SUBMITTED, *IN_FORCE, "superseded", "ended"})
WORKED_ON: Final = frozenset({DRAFT, SUBMITTED})
OPEN: Final = WORKED_ON | IN_FORCE
_tag: Final = re.compile(r"<[^>]*>").sub


def state_of(plan: SupportPlan) -> str:
    """A code of `phb-plan-status`; a plan that does not say is a draft, one entered in error is none of them."""
    return WITHDRAWN if plan.status == WITHDRAWN else plan.plan_status or DRAFT


def is_draft(plan: SupportPlan) -> bool:
    """Whether it is still being written."""
    return state_of(plan) == DRAFT


def is_in_force(plan: SupportPlan) -> bool:
    """Whether it is agreed or active."""
    return state_of(plan) in IN_FORCE


def is_worked_on(plan: SupportPlan) -> bool:
    """Whether it is being written or waits for the decision."""
    return state_of(plan) in WORKED_ON


def is_judged(new: Written[SupportPlan]) -> bool:
    """Whether what it says counts now: it is worked on, or comes into force. Once agreed it is asked no more."""
    return is_worked_on(new.record) or comes_into_force(new)


def comes_into_force(new: Written[SupportPlan]) -> bool:
    """Whether this write makes it an agreed or active plan."""
    return is_in_force(new.record) and (new.previous is None or not is_in_force(new.previous))


# --- case and budget --------------------------------------------------------------------------------


def case_of(case: CaseFile, plan: SupportPlan) -> Filed[PhbCase] | None:
    """The case of a plan: by its number, else the person's only open case."""
    if plan.case_number is not None:
        return next((one for one in case.all(PhbCase) if one.record.case_number == plan.case_number), None)
    found = open_cases(case)
    return found[0] if len(found) == 1 else None


def case_number_of(case: CaseFile, plan: SupportPlan) -> str | None:
    """Number of the case a plan belongs to; None where neither the plan nor an only open case says."""
    found = case_of(case, plan) if plan.case_number is None else None
    return found.record.case_number if found is not None else plan.case_number


def plans_of(case: CaseFile, record: PhbCase) -> tuple[Filed[SupportPlan], ...]:
    """The plan versions of a case; one without a number belongs to the person's only open case."""
    alone = is_open(record) and len(open_cases(case)) == 1
    return tuple(
        one
        for one in case.all(SupportPlan)
        if (alone if one.record.case_number is None else one.record.case_number == record.case_number)
    )


def budgets_of(case: CaseFile, plan: Filed[SupportPlan]) -> tuple[Filed[AgreedBudget], ...]:
    """The agreed budgets a plan points to, and those that point to it, the newest version first."""
    named = [case.filed(one) for one in plan.record.supporting if one.startswith("Claim/")]
    pointing = [one for one in case.all(AgreedBudget) if one.record.plan_id == plan.id]
    found = {one.id: one for one in (*named, *pointing) if one is not None and isinstance(one.record, AgreedBudget)}
    return tuple(sorted(found.values(), key=_newest_first))


def _newest_first(budget: Filed[AgreedBudget]) -> tuple[bool, int, str]:
    return not is_live(budget.record), -(budget.record.version or 0), budget.id


def budget_of(case: CaseFile, plan: Filed[SupportPlan]) -> Filed[AgreedBudget] | None:
    """The budget of a plan: the newest version that may still come, or is, in force; else the newest."""
    return next(iter(budgets_of(case, plan)), None)


def plan_of(case: CaseFile, budget: AgreedBudget) -> Filed[SupportPlan] | None:
    """The plan version a budget names."""
    found = case.filed(literal("CarePlan", budget.plan_id))
    return found if found is not None and isinstance(found.record, SupportPlan) else None


def others(case: CaseFile, plan: Filed[SupportPlan]) -> Iterator[Filed[SupportPlan]]:
    """The other plan versions of the same case."""
    own = case_number_of(case, plan.record)
    found = (one for one in case.all(SupportPlan) if one.id != plan.id)
    return (one for one in found if case_number_of(case, one.record) == own)


def same_case(case: CaseFile, one: AgreedBudget, other: AgreedBudget) -> bool:
    """Whether two budgets are of one case: neither their plans nor their kinds say otherwise."""
    plans = (plan_of(case, one), plan_of(case, other))
    numbers = {plan.record.case_number for plan in plans if plan is not None and plan.record.case_number}
    kinds = {budget.budget_kind for budget in (one, other) if budget.budget_kind}
    return len(numbers) < 2 and len(kinds) < 2  # noqa: PLR2004 - two different ones


def notice_days(case: CaseFile, day: date) -> int:
    """Days between the notice of a lower amount, sent on a day, and the cut, by the plan in force; 0 where unsaid."""
    plans = (one.record for one in case.all(SupportPlan) if is_in_force(one.record))
    begun = (one for one in plans if one.start is None or one.start <= day)
    return max((one.dp_reduction_notice_days or 0 for one in begun), default=0)


# --- what it is made of -----------------------------------------------------------------------------


def needs_of(case: CaseFile, plan: SupportPlan) -> Iterator[tuple[int, Filed[Need]]]:
    """The needs a plan addresses that are known here, each with its place."""
    return _known(case, Need, (f"Condition/{one}" for one in plan.need_ids))


def outcomes_of(case: CaseFile, plan: SupportPlan) -> Iterator[tuple[int, Filed[Outcome]]]:
    """The outcomes of a plan that are known here, each with its place."""
    return _known(case, Outcome, (f"Goal/{one}" for one in plan.outcome_ids))


def risks_of(case: CaseFile, plan: SupportPlan) -> Iterator[tuple[int, Filed[Risk]]]:
    """The risks of a plan that are known here, each with its place in `supportingInfo`."""
    return _known(case, Risk, plan.supporting)


def has_significant_risk(case: CaseFile, plan: SupportPlan) -> bool:
    """Whether a risk of the plan is significant."""
    return any(one.record.significant for _, one in risks_of(case, plan))


def _known(case: CaseFile, kind: type[R], references: Any) -> Iterator[tuple[int, Filed[R]]]:
    for at, reference in enumerate(references):
        found = case.filed(reference)
        if found is not None and isinstance(found.record, kind):
            yield at, found


def sections_of(case: CaseFile, plan: SupportPlan) -> frozenset[str]:
    """Codes of the sections that have words."""
    narratives = (case.get(PlanNarrative, one) for one in plan.supporting if one.startswith("Composition/"))
    rows = (row for one in narratives if one is not None and one.status != WITHDRAWN for row in one.sections)
    return frozenset(row.section for row in rows if row.section is not None and has_words(row.div))


def has_words(div: str | None) -> bool:
    """Whether XHTML holds more than tags and blanks."""
    return bool(unescape(_tag(" ", div or "")).strip())


# --- lines and what they are for --------------------------------------------------------------------


def needs_for(budget: AgreedBudget, line: BudgetLine) -> frozenset[str]:
    """Ids of the needs a line is linked to."""
    found = {one.sequence: one.need_id for one in budget.needs}
    return frozenset(name for one in line.need_sequences if (name := found.get(one)))


def outcomes_for(budget: AgreedBudget, line: BudgetLine) -> frozenset[str]:
    """Ids of the outcomes a line is linked to."""
    found = {one.sequence: one.goal_id for one in budget.goals}
    return frozenset(name for one in line.goal_sequences if (name := found.get(one)))
