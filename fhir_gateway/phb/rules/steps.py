"""Group C: one step after the other. Needs before money, an estimate before a plan, explaining before choosing.

Source: domain.md 4 C (R30 to R40), 5.2.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case import budgets, people, plans
from fhir_gateway.phb.case.indicative import approved_assessment, indicative_of, is_explained, is_shared, shared
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.account import PaymentArrangement
from mappings.assessment import NeedsAssessment
from mappings.budget import AgreedBudget, IndicativeBudget
from mappings.episode_of_care import OptionExplained, PhbCase
from mappings.patient import Person
from mappings.terminology import MANAGEMENT_OPTION

ONE_OFF: Final = "one-off"
ASSESSING: Final = "assessing"
PLANNING: Final = "planning"
CARER_ASSESSMENT: Final = "carer-assessment"
NO_WORDS: Final = frozenset({"", None})


# --- R30, R31: the indicative budget ----------------------------------------------------------------


def _is_shown(new: Written[IndicativeBudget], *fields: str) -> bool:
    """Whether the estimate is shown to the person, or one that is shown is written anew in any of the fields."""
    return is_shared(new.record) and any(new.changed(one) for one in ("budget_status", "status", *fields))


@rule("R30", on=IndicativeBudget)
def estimate_rests_on_an_assessment(new: Written[IndicativeBudget], case: CaseFile) -> Iterator[Finding]:
    """Once shared, an ongoing estimate has its approved assessment; a one-off says what it is for."""
    budget = new.record
    if not _is_shown(new, "assessment_id", "budget_kind", "goals", "created"):
        return
    if budget.budget_kind == ONE_OFF:
        if not any(one.goal_id for one in budget.goals):
            yield Finding("a one-off budget names its outcome: add the Goal it is for", "supportingInfo")
    elif not approved_assessment(case, budget):
        by = f" by {budget.created}" if budget.created else ""
        yield Finding(
            f"no needs assessment is approved{by}: name an approved one of that day or earlier", "supportingInfo"
        )


@rule("R31", on=IndicativeBudget, softer=budgets.is_draft)
def estimate_is_explained(new: Written[IndicativeBudget], _case: CaseFile) -> Iterator[Finding]:
    """How the sum was found and how to challenge it are both in words; before it is shared that is a warning."""
    budget = new.record
    if not budgets.is_draft(budget) and not _is_shown(new, "method_explanation", "review_route"):
        return
    if _blank(budget.method_explanation):
        yield Finding("say in words how the sum was worked out (budget-method)", "supportingInfo")
    if _blank(budget.review_route):
        yield Finding("say how to challenge the sum as too low (review-route)", "supportingInfo")


def _blank(text: str | None) -> bool:
    return not (text or "").strip()


# --- R32, R33, R40: the case moves on ---------------------------------------------------------------


def _enters_planning(new: Written[PhbCase]) -> bool:
    return new.record.state == PLANNING and new.changed("state")


@rule("R32", on=PhbCase)
def planning_follows_the_estimate(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """Continuing support is planned when the person has seen the estimate and knows that it may change."""
    if not _enters_planning(new) or new.record.budget_kind == ONE_OFF:
        return
    seen = shared(case)
    if not seen:
        yield Finding("share an indicative budget with the person first, and record the day", "extension")
    elif not any(is_explained(one) for one in seen):
        yield Finding("tell the person that the indicative budget may rise or fall, and record it there", "extension")


@rule("R33", on=PhbCase)
def one_off_is_planned_with_a_sum(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A one-off is better planned when the person has seen a sum."""
    if _enters_planning(new) and new.record.budget_kind == ONE_OFF and not shared(case):
        yield Finding("no sum was shared with the person before planning: share an indicative budget", "extension")


@rule("R40", on=PhbCase)
def carer_is_offered_an_assessment(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A case that leaves the assessment of needs has thought of the unpaid carer."""
    if new.previous is None or new.previous.state != ASSESSING or not new.changed("state"):
        return
    person = case.get(Person, people.themselves(case))
    if person is not None and person.receives_unpaid_care and not _carer_was_asked(case):
        yield Finding("the person gets unpaid care: offer a carer's assessment, and record the day", "extension")


def _carer_was_asked(case: CaseFile) -> bool:
    found = (one.record for one in case.all(NeedsAssessment))
    return any(one.carer_assessment_offered_on or one.assessment_kind == CARER_ASSESSMENT for one in found)


# --- R34, R35: the agreed budget --------------------------------------------------------------------


@rule("R34", on=AgreedBudget)
def budget_follows_plan_and_estimate(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A budget goes to the funders with a plan that is submitted too, and after its estimate."""
    asked = any(new.changed(one) for one in ("budget_status", "plan_id", "indicative_id", "budget_kind"))
    if not asked or not budgets.is_binding(new.record):
        return
    plan = plans.plan_of(case, new.record)
    if plan is None or plans.state_of(plan.record) not in plans.SUBMITTED_OR_LATER:
        yield Finding("name the plan version the budget is for; it must be submitted or further", "supportingInfo")
    if new.record.budget_kind != ONE_OFF:
        yield from _without_estimate(new.record, case)


def _without_estimate(budget: AgreedBudget, case: CaseFile) -> Iterator[Finding]:
    estimate = indicative_of(case, budget)
    if estimate is None:
        yield Finding("name the indicative budget that came before it (related: refines)", "related")
    elif budget.created and estimate.created and estimate.created >= budget.created:
        yield Finding(f"the indicative budget must be of a day before {budget.created}", "related")


@rule("R35", on=AgreedBudget)
def difference_has_a_reason(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A total that is not the one first shown says why."""
    if not _blank(new.record.difference_reason) or not budgets.is_live(new.record):
        return
    estimate = indicative_of(case, new.record)
    totals = (new.record.total_pence, estimate.total_pence if estimate is not None else None)
    if None not in totals and totals[0] != totals[1]:
        yield Finding("the total is not that of the indicative budget: say why (difference-reason)", "total")


# --- R36 to R38: the choice -------------------------------------------------------------------------


def _is_chosen(new: Written[PhbCase]) -> bool:
    asked = (new.changed("option_chosen_on"), new.changed("option_chosen_by"), new.changed("options_explained"))
    return any(asked) and bool(new.record.option_chosen_on or new.record.option_chosen_by)


@rule("R36", on=PhbCase)
def options_are_explained_before_the_choice(new: Written[PhbCase], _case: CaseFile) -> Iterator[Finding]:
    """Each of the three ways was explained on the day of the choice or earlier."""
    if not _is_chosen(new):
        return
    chosen = new.record.option_chosen_on
    if chosen is None:
        yield Finding("record the day of the choice", "extension")
        return
    told = {one.option for one in new.record.options_explained if _by(one, new.record)}
    missing = [one for one in MANAGEMENT_OPTION if one not in told]
    if missing:
        yield Finding(f"explain {', '.join(missing)} by {chosen}, the day of the choice, and record it", "extension")


def _by(explained: OptionExplained, record: PhbCase) -> bool:
    chosen = record.option_chosen_on
    return explained.on is not None and chosen is not None and explained.on <= chosen


@rule("R37", on=PhbCase)
def choice_is_free(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """Whoever chose is the person or represents them, and nobody pressed them."""
    if not _is_chosen(new) and not new.changed("option_free_choice"):
        return
    by = new.record.option_chosen_by
    if new.record.option_chosen_on and not (by == people.themselves(case) or _represents(case, by)):
        yield Finding(
            "the choice is for the person or a representative to make: record who of them made it", "extension"
        )
    if new.record.option_free_choice is False:
        yield Finding("the choice is recorded as not free: offer it again", "extension")


def _represents(case: CaseFile, reference: str | None) -> bool:
    found = people.party(case, reference)
    return found is not None and found.person_id == case.person and people.represents(found)


@rule("R38", on=PaymentArrangement)
def notional_offers_a_choice(new: Written[PaymentArrangement], _case: CaseFile) -> Iterator[Finding]:
    """Notional money comes with something to choose."""
    if new.record.management_option == "notional" and _blank(new.record.choice_offered):
        yield Finding("say what the person could choose: provider, times, workers", "extension")
