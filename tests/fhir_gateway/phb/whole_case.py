"""A case with everything in place on the way to an agreed plan; each test takes away or changes one thing."""

from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.account import PaymentArrangement
from mappings.assessment import CapacityAssessment, NeedsAssessment
from mappings.budget import AgreedBudget, BudgetGoal, BudgetLine, BudgetNeed, BudgetProvider, IndicativeBudget
from mappings.care_plan import Agreement, PlanAction, SupportPlan
from mappings.claim_parts import ClaimCoverage
from mappings.composition import PlanNarrative, PlanSection
from mappings.condition import Need
from mappings.consent import PhbConsent
from mappings.decision import Considered, Decision
from mappings.episode_of_care import OptionExplained, PhbCase
from mappings.goal import Outcome
from mappings.risk_assessment import Risk
from mappings.terminology import AGREEMENT_STATEMENT, MANAGEMENT_OPTION
from tests.fhir_gateway.phb.shelf import PERSON, filed
from tests.fhir_gateway.phb.whole_people import (
    COORDINATOR,
    SELF,
    Known,
    body,
    decider,
    person,
    provider,
    role,
    share,
    team,
)

START: Final = date(2025, 7, 1)
END: Final = date(2026, 6, 30)
CASE_NUMBER: Final = "C-1"
XHTML: Final = 'xmlns="http://www.w3.org/1999/xhtml"'
SECTIONS: Final = (
    *("who-i-am", "strengths-and-skills", "social-context", "working", "not-working", "important-to"),
    *("important-for", "contingency-plan", "monitoring", "signs-going-well", "signs-going-wrong"),
)


# --- the case ---------------------------------------------------------------------------------------


def phb_case(**known: Known) -> PhbCase:
    explained = tuple(made(OptionExplained, option=one, on=date(2025, 2, 3)) for one in MANAGEMENT_OPTION)
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "case_number": CASE_NUMBER,
        "status": "planned",
        "state": "planning",
        "group": "long-term-conditions",
        "budget_kind": "ongoing",
        "responsible_body": "icb",
        "care_coordinator": COORDINATOR,
        "care_teams": ("team",),
        "options_explained": explained,
        "option_chosen_by": SELF,
        "option_chosen_on": date(2025, 2, 10),
        "option_free_choice": True,
        "opened_on": date(2025, 1, 7),
    }
    return made(PhbCase, **usual | known)


def assessment(**known: Known) -> Filed[NeedsAssessment]:
    usual: dict[str, Any] = {
        "observation_status": "final",
        "assessment_kind": "other-health-assessment",
        "assessed_on": date(2025, 2, 20),
        "approved_on": date(2025, 3, 3),
        "approved_by": COORDINATOR,
        "need_ids": ("need",),
    }
    return filed(made(NeedsAssessment, person_id=PERSON, **usual | known), "assessment")


def capacity(**known: Known) -> Filed[CapacityAssessment]:
    """Of somebody who lacks it, with everything that then belongs to it."""
    usual: dict[str, Any] = {
        "observation_status": "final",
        "decision": "receive-direct-payment",
        "status": "lacks-capacity",
        "assessed_on": date(2025, 2, 20),
        "decision_path": "Shown pictures, with her sister",
        "speaks_for_person": "sister",
    }
    return filed(made(CapacityAssessment, person_id=PERSON, **usual | known), "capacity")


def insured() -> tuple[ClaimCoverage, ...]:
    return (made(ClaimCoverage, sequence=1, focal=True, coverage_id="nhs"),)


def estimate(**known: Known) -> IndicativeBudget:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "budget_status": "shared",
        "budget_kind": "ongoing",
        "created": date(2025, 3, 10),
        "total_pence": 120_000,
        "insurance": insured(),
        "goals": (BudgetGoal(sequence=1, goal_id="goal"),),
        "assessment_id": "assessment",
        "method": "comparable-cases",
        "method_explanation": "What others with such needs were given",
        "shared_with_person_on": date(2025, 3, 12),
        "may_change_explained": True,
        "review_route": "Tell the coordinator",
    }
    return made(IndicativeBudget, **usual | known)


# --- plan and budget --------------------------------------------------------------------------------


def line(**known: Known) -> BudgetLine:
    usual: dict[str, Any] = {
        "line_no": 1,
        "category": "exercise-and-activity",
        "description": "Swimming",
        "management_option": "notional",
        "need_type": "health",
        "need_sequences": (1,),
        "goal_sequences": (1,),
        "frequency": "monthly",
        "profile": "even",
        "split_method": "need-type",
        "rate_pence": 10_000,
        "amount_pence": 120_000,
        "regulated_activity": False,
        "assessed_need_element": True,
    }
    return made(BudgetLine, **usual | known)


def budget(*lines: BudgetLine, **known: Known) -> AgreedBudget:
    rows = lines or (line(),)
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "active",
        "budget_status": "submitted",
        "budget_kind": "ongoing",
        "budget_id": "B-1",
        "version": 1,
        "created": date(2025, 4, 1),
        "start": START,
        "end": END,
        "plan_id": "plan",
        "indicative_id": "estimate",
        "total_pence": sum(one.amount_pence or 0 for one in rows),
        "insurance": insured(),
        "needs": (BudgetNeed(sequence=1, need_id="need"),),
        "goals": (BudgetGoal(sequence=1, goal_id="goal"),),
        "providers": (BudgetProvider(sequence=1, provider="Organization/agency"),),
        "lines": rows,
    }
    return made(AgreedBudget, **usual | known)


def direct_line(**known: Known) -> BudgetLine:
    return line(**{"management_option": "direct-payment", **known})


def statements() -> tuple[Agreement, ...]:
    by = {"icb": "PractitionerRole/decider", "person": SELF}
    sides = {one: str(AGREEMENT_STATEMENT.property_of(one, "stated_by")) for one in AGREEMENT_STATEMENT}
    return tuple(
        Agreement(statement=one, agreed=True, on=date(2025, 5, 20), by=by[side]) for one, side in sides.items()
    )


def action(**known: Known) -> PlanAction:
    usual: dict[str, Any] = {"text": "Book the pool", "status": "not-started", "performers": (SELF,)}
    return made(PlanAction, **usual | {"by_when": date(2025, 8, 1), "outcome_ids": ("goal",)} | known)


def plan(**known: Known) -> SupportPlan:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "plan_number": "P-1",
        "case_number": CASE_NUMBER,
        "status": "draft",
        "plan_status": "submitted",
        "title": "My plan",
        "start": START,
        "end": END,
        "care_team_ids": ("team",),
        "need_ids": ("need",),
        "outcome_ids": ("goal",),
        "supporting": ("Claim/budget", "Composition/words", "RiskAssessment/risk"),
        "actions": (action(),),
        "agreements": statements(),
        "dp_health_monitor": "PractitionerRole/nurse",
        "dp_first_review_due": date(2025, 10, 1),
        "dp_review_method": "A visit at home",
        "dp_reduction_notice_days": 28,
        "shared_with_person_on": date(2025, 5, 2),
        "health_contact": "The nurse of the surgery",
    }
    return made(SupportPlan, **usual | known)


def words(*sections: str, **said: str) -> Filed[PlanNarrative]:
    """The plan's words: of the sections named, or of all that every plan has."""
    rows = tuple(
        made(PlanSection, section=one, div=said.get(one.replace("-", "_"), f"<div {XHTML}><p>About {one}</p></div>"))
        for one in sections or SECTIONS
    )
    return filed(made(PlanNarrative, person_id=PERSON, status="final", title="Words", sections=rows), "words")


def need(**known: Known) -> Filed[Need]:
    usual: dict[str, Any] = {"need_type": "health", "health_concern": True, "met_by": "phb"}
    return filed(made(Need, person_id=PERSON, **usual | known), "need")


def outcome(**known: Known) -> Outcome:
    usual: dict[str, Any] = {"kind": "wellbeing", "lifecycle": "active", "statement": "I swim", "start": START}
    return made(Outcome, person_id=PERSON, **usual | known)


def risk(**known: Known) -> Filed[Risk]:
    usual: dict[str, Any] = {
        "status": "final",
        "owner": COORDINATOR,
        "mitigation": "A rail",
        "contingency": "The first aider comes",
        "residual": "acceptable",
        "significant": False,
    }
    return filed(made(Risk, person_id=PERSON, **usual | known), "risk")


def decision(**known: Known) -> Decision:
    """The ICB's approval of the budget, with all that a decision says."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "completed",
        "intent": "order",
        "decision_subject": "agreed-budget",
        "decision_status": "communicated",
        "about": "Claim/budget",
        "owner": "PractitionerRole/decider",
        "requested_on": date(2025, 5, 1),
        "respond_by": date(2025, 5, 29),
        "ended_on": date(2025, 5, 20),
        "outcome": "approved",
        "rationale": "It meets the needs",
        "considered": (made(Considered, about="CarePlan/plan"),),
        "communicated_how": "By letter",
        "communicated_on": date(2025, 5, 21),
        "appeal_route": "Write to us",
        "complaint_route": "The complaints team",
        "support_contact": "Advocacy line",
    }
    return made(Decision, **usual | known)


def consent(**known: Known) -> Filed[PhbConsent]:
    usual: dict[str, Any] = {
        "status": "active",
        "consent_subject": "receive-direct-payment",
        "given_by": SELF,
        "legal_basis": "Consent of the person",
        "given_on": date(2025, 3, 1),
        "holds_from": date(2025, 3, 1),
    }
    return filed(made(PhbConsent, person_id=PERSON, **usual | known), "consent")


def arrangement(**known: Known) -> PaymentArrangement:
    usual: dict[str, Any] = {
        "status": "active",
        "management_option": "direct-payment",
        "account_kind": "dedicated-bank-account",
        "recipient": SELF,
        "start": START,
        "suitability_appropriate": True,
        "suitability_value_for_money": True,
        "suitability_reasons": "It works for her",
        "suitability_on": date(2025, 4, 2),
        "suitability_by": COORDINATOR,
    }
    return made(PaymentArrangement, person_id=PERSON, **usual | known)


# --- all of it --------------------------------------------------------------------------------------


def standing(*other: Filed[Any], without: tuple[str, ...] = ()) -> tuple[Filed[Any], ...]:
    """Everything in place for a submitted plan. other: records in place of those of their type and id, or beside them.

    without: ids of records that are not there.
    """
    usual: tuple[Filed[Any], ...] = (
        *(person(), body(), provider(cqc_status="registered"), role(), team(), share()),
        *(assessment(), filed(estimate(), "estimate"), need(), filed(outcome(), "goal"), risk(), words()),
        *(filed(phb_case(), "case"), filed(plan(), "plan"), filed(budget(), "budget"), consent()),
        *(decider(), filed(decision(), "approval")),
    )
    found = {one.reference: one for one in (*usual, *other)}
    return tuple(one for one in found.values() if one.id not in without)
