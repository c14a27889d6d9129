"""The indicative budget: whether it was shared and explained, what it rests on, and which one a budget follows.

Source: domain.md 2.3 (IndicativeBudget), 5.2 T5; rules R30 to R35.
"""

from typing import Final

from fhir_gateway.phb.case.budgets import DRAFT, state_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile
from mappings.assessment import NeedsAssessment
from mappings.budget import AgreedBudget, IndicativeBudget

VOID: Final = frozenset({"cancelled", WITHDRAWN})


def is_shared(budget: IndicativeBudget) -> bool:
    """Whether it is shown to the person: past its draft, and neither replaced nor closed."""
    return budget.status != WITHDRAWN and state_of(budget) == "shared"


def is_explained(budget: IndicativeBudget) -> bool:
    """Whether the person was told that it may rise or fall."""
    return budget.may_change_explained is True


def estimates(case: CaseFile) -> tuple[IndicativeBudget, ...]:
    """The person's indicative budgets that are neither replaced nor closed."""
    found = (one.record for one in case.all(IndicativeBudget))
    return tuple(one for one in found if state_of(one) in {DRAFT, "shared"})


def shared(case: CaseFile) -> tuple[IndicativeBudget, ...]:
    """Those among them that were shared with the person, on a recorded day."""
    return tuple(one for one in estimates(case) if is_shared(one) and one.shared_with_person_on is not None)


def indicative_of(case: CaseFile, budget: AgreedBudget) -> IndicativeBudget | None:
    """The indicative budget an agreed one follows, None when it names none that is known."""
    return case.get(IndicativeBudget, literal("Claim", budget.indicative_id))


def approved_assessment(case: CaseFile, budget: IndicativeBudget) -> bool:
    """Whether the assessment it names, or where it names none any of the person's, was approved by its day."""
    if budget.assessment_id is not None:
        named = case.get(NeedsAssessment, literal("Observation", budget.assessment_id))
        return named is not None and is_approved(named, budget)
    return any(is_approved(one.record, budget) for one in case.all(NeedsAssessment))


def is_approved(assessment: NeedsAssessment, budget: IndicativeBudget | None = None) -> bool:
    """Whether it is approved; made and approved by the day of a budget, where one with a day is given."""
    if assessment.approved_on is None or assessment.observation_status in VOID:
        return False
    made = max(assessment.approved_on, assessment.assessed_on or assessment.approved_on)
    return budget is None or budget.created is None or made <= budget.created
