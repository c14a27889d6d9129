"""Who decided, for which body, about which sum, and up to which they may.

Source: domain.md 2.1 (DecisionMaker, Panel), 2.6 (Decision), 5.3; rules R4, R141 to R147.
"""

from typing import Final

from fhir_gateway.phb.case.bodies import covers, delegations, responsible_bodies, runs_on
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Filed
from fhir_gateway.phb.money import Pence, rhu
from fhir_gateway.phb.periods import days
from mappings.budget import AgreedBudget, Budget
from mappings.care_team import Team
from mappings.claim_response import FunderAnswer
from mappings.coverage import FunderContribution
from mappings.decision import Decision
from mappings.payment import Payment
from mappings.practitioner_role import CareCoordinator

APPROVING: Final = frozenset({"approved", "approved-with-conditions", "approved-in-part"})
PASSED_ON: Final = frozenset({"deferred", "escalated"})
TAKEN: Final = frozenset({"decided", "communicated"})
LONGEST_YEAR: Final = 366  # days
NEVER_TAKEN: Final = frozenset({"draft", "cancelled", "rejected", "failed", WITHDRAWN})


def is_live(decision: Decision) -> bool:
    """Whether it is asked for or taken: no draft, not called off."""
    return decision.status not in NEVER_TAKEN


def is_taken(decision: Decision) -> bool:
    """Whether it was decided; one that was put off or passed up is still open."""
    if not is_live(decision) or decision.outcome in PASSED_ON:
        return False
    return decision.outcome is not None or decision.decision_status in TAKEN


def approves(decision: Decision) -> bool:
    """Whether it says yes, with conditions or to a part included."""
    return is_taken(decision) and decision.outcome in APPROVING


def decider(case: CaseFile, decision: Decision) -> CareCoordinator | None:
    """The role of the worker who decided, None when it is not known here."""
    return case.get(CareCoordinator, decision.owner)


def deciding_body(case: CaseFile, decision: Decision) -> str | None:
    """Id of the Organization the decision was taken for."""
    role = decider(case, decision)
    return role.organisation if role is not None else None


# --- for which body ---------------------------------------------------------------------------------


def funders_of(case: CaseFile, budget: Budget) -> frozenset[str] | None:
    """Ids of the bodies that fund a budget; None when one of its shares is not known here."""
    shares = [
        case.get(FunderContribution, literal("Coverage", one.coverage_id))
        for one in budget.insurance
        if one.coverage_id
    ]
    known = [one for one in shares if one is not None and one.funder is not None]
    if not known or len(known) < len(budget.insurance):
        return None
    return frozenset(
        one.funder.removeprefix("Organization/") for one in known if one.funder is not None and not one.from_person
    )


def decides_for(case: CaseFile, body: str | None, funder: str | None, decision: Decision) -> bool:
    """Whether a body may take a decision for a funder: it is the funder, or its delegate for that then (R4)."""
    if body is None or funder is None or body == funder:
        return True
    if funder not in responsible_bodies(case):
        return False
    running = (one for one in delegations(case, body) if runs_on(one, decision.ended_on or case.today))
    return any(covers(one, decision.decision_subject) for one in running)


# --- about which sum --------------------------------------------------------------------------------


def decided_sum(case: CaseFile, decision: Filed[Decision]) -> Pence | None:
    """The sum a decision is about, for one budget year: its body's own share; None when that is not known."""
    claim = case.filed(_claim_of(case, decision.record.about))
    if claim is None or not isinstance(claim.record, AgreedBudget):
        return claim.record.total_pence if claim is not None and isinstance(claim.record, Payment) else None
    return yearly(_share(case, claim, decision), claim.record)


def _claim_of(case: CaseFile, about: str | None) -> str | None:
    """The Claim a decision is about; of a plan, that of its newest budget."""
    if not (about or "").startswith("CarePlan/"):
        return about
    budgets = [one for one in case.all(AgreedBudget) if literal("CarePlan", one.record.plan_id) == about]
    newest = max(budgets, key=lambda one: one.record.version or 0, default=None)
    return newest.reference if newest is not None else None


def _share(case: CaseFile, budget: Filed[AgreedBudget], decision: Filed[Decision]) -> Pence | None:
    """What the decision's body carries: by its own answer, or all of it where no other body funds."""
    body = deciding_body(case, decision.record)
    answers = (one.record for one in case.all(FunderAnswer) if one.record.claim_id == budget.id)
    for one in answers:
        if one.status == "active" and (one.decision_id == decision.id or (body is not None and one.funder_id == body)):
            return one.total_pence
    alone = body is not None and funders_of(case, budget.record) == frozenset((body,))
    return budget.record.total_pence if alone else None


def yearly(total: Pence | None, budget: object) -> Pence | None:
    """The sum for one budget year: the whole of it, or the average year of a budget that runs for longer."""
    if total is None or not isinstance(budget, Budget) or budget.start is None or budget.end is None:
        return total
    length = days(budget.start, budget.end)
    return total if length <= LONGEST_YEAR else rhu(total * LONGEST_YEAR, length)


# --- up to which sum --------------------------------------------------------------------------------


def limit_of(case: CaseFile, decision: Decision) -> Pence | None:
    """The most that may be approved: the panel's limit, or the decision-maker's own; None when there is none known."""
    panel = case.get(Team, literal("CareTeam", decision.panel_id))
    if panel is not None:
        return panel.panel_limit_pence
    role = decider(case, decision)
    return role.limit_pence if role is not None else None
