"""Rules R141 to R147: a decision has a person behind it, reasons, days, routes, and the power to be taken.

Source: domain.md section 4 K, 2.6 (Decision), 5.3.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.decisions import (
    APPROVING,
    PASSED_ON,
    approves,
    decided_sum,
    decider,
    decides_for,
    deciding_body,
    funders_of,
    is_live,
    is_taken,
    limit_of,
    yearly,
)
from fhir_gateway.phb.case.references import is_local, literal, type_of
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.money import Pence, pounds
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.budget import AgreedBudget
from mappings.claim_response import FunderAnswer
from mappings.decision import Decision

OF_MONEY: Final = frozenset({"plan", "agreed-budget", "contingency-release"})
ROUTES: Final = {
    "appeal_route": "how to appeal (output `appeal-route`)",
    "complaint_route": "how to complain (output `complaint-route`)",
    "support_contact": "who helps (output `support-contact`)",
}


def _asked_only(decision: Decision) -> bool:
    return not is_taken(decision)


# --- what a decision says ---------------------------------------------------------------------------


@rule("R141", on=Decision)
def a_named_person_decides_for_a_body(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """Once taken, the owner is the role of one worker in one body."""
    owner = new.record.owner
    if not is_taken(new.record) or (owner is not None and not is_local(owner)):
        return
    role = decider(case, new.record)
    if type_of(owner) != "PractitionerRole":
        yield Finding(
            "the decision names no decision-maker and body; name the PractitionerRole of who decided", "owner"
        )
    elif role is not None and (role.practitioner is None or role.organisation is None):
        yield Finding("the decision-maker's PractitionerRole must name one practitioner and one organization", "owner")


@rule("R142", on=Decision)
def reasons_and_what_was_considered(new: Written[Decision], _case: CaseFile) -> Iterator[Finding]:
    """Once taken, it has a rationale and at least one thing that was taken into account."""
    if not is_taken(new.record):
        return
    if not (new.record.rationale or "").strip():
        yield Finding("the decision gives no reasons; write them as the text of `statusReason`", "statusReason")
    if not any(one.about or one.text for one in new.record.considered):
        yield Finding("nothing is named that was taken into account; add an input `information-considered`", "input")


@rule("R143", on=Decision, softer=_asked_only)
def asked_due_and_told(new: Written[Decision], _case: CaseFile) -> Iterator[Finding]:
    """It says when it was asked for and is due; once taken, how the person is told. A request is only warned of."""
    decision = new.record
    if not is_live(decision):
        return
    if decision.requested_on is None:
        yield Finding("the day the decision was asked for is missing", "authoredOn")
    if decision.respond_by is None:
        yield Finding("the last day to answer is missing", "restriction.period.end")
    if is_taken(decision) and not (decision.communicated_how or "").strip():
        yield Finding("how the person is told is missing; add an output `communicated-how`", "output")


@rule("R143", on=Decision)
def a_new_day_when_it_is_put_off(new: Written[Decision], _case: CaseFile) -> Iterator[Finding]:
    """A decision that is put off or passed up gets a new day to answer by."""
    decision = new.record
    put_off = is_live(decision) and decision.outcome in PASSED_ON and new.changed("outcome")
    if put_off and new.previous is not None and not new.changed("respond_by"):
        yield Finding("put off or passed up, the decision needs a new last day to answer", "restriction.period.end")


@rule("R143", on=Decision)
def a_late_decision_is_flagged(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """The day to answer by has passed and nothing was decided."""
    decision = new.record
    late = decision.respond_by is not None and decision.respond_by < case.today
    if late and is_live(decision) and decision.ended_on is None:
        says = f"the decision was due on {decision.respond_by} and has no day on which it was taken"
        yield Finding(says, "restriction.period.end", WARNING)


@rule("R144", on=Decision)
def routes_are_told(new: Written[Decision], _case: CaseFile) -> Iterator[Finding]:
    """Once taken, it tells how to appeal, how to complain and who helps."""
    if is_taken(new.record):
        for field, what in ROUTES.items():
            if not (getattr(new.record, field) or "").strip():
                yield Finding(f"the decision does not say {what}", "output")


@rule("R146", on=Decision)
def a_refusal_offers_another_way(new: Written[Decision], _case: CaseFile) -> Iterator[Finding]:
    """A refusal names other ways to reach the outcome."""
    if is_live(new.record) and new.record.outcome == "declined" and not (new.record.alternatives or "").strip():
        yield Finding("declined without another way to reach the outcome; add an output `alternatives`", "output")


# --- the power to take it ---------------------------------------------------------------------------


@rule("R145", on=Decision)
def within_the_limit(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """An approval of money is within the limit of the panel, or of the decision-maker where no panel decided."""
    decision = new.record
    limit = limit_of(case, decision) if approves(decision) and decision.decision_subject in OF_MONEY else None
    if limit is not None:
        yield from _above(decided_sum(case, new), limit, "owner")


@rule("R145", on=FunderAnswer)
def a_share_within_the_limit(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """The share a funder answers with is within the limit of the decision it rests on."""
    decision = _decision_behind(new.record, case)
    limit = limit_of(case, decision) if decision is not None and approves(decision) else None
    if limit is not None:
        claim = case.filed(literal("Claim", new.record.claim_id))
        total = yearly(new.record.total_pence, claim.record if claim is not None else None)
        yield from _above(total, limit, "extension")


def _above(total: Pence | None, limit: Pence, element: str) -> Iterator[Finding]:
    if total is not None and total > limit:
        says = f"{pounds(total)} is above the limit of {pounds(limit)}; escalate to a panel whose limit covers it"
        yield Finding(says, element)


@rule("R147", on=FunderAnswer)
def a_share_is_approved_by_its_funder(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """The decision behind an approved share is the funder's own, or its delegate's."""
    approved = any(one.decision in APPROVING for one in new.record.lines)
    decision = _decision_behind(new.record, case) if approved else None
    if decision is not None and not decides_for(case, deciding_body(case, decision), new.record.funder_id, decision):
        yield Finding(
            "the decision is by another body; name one by this funder, or record its delegation on the case",
            "extension",
        )


@rule("R147", on=Decision)
def a_budget_is_approved_by_one_of_its_funders(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """Who approves a budget decides for one of its funders."""
    decision = new.record
    if decision.decision_subject != "agreed-budget" or not approves(decision):
        return
    budget = case.get(AgreedBudget, decision.about)
    funders = funders_of(case, budget) if budget is not None else None
    body = deciding_body(case, decision)
    if funders and body and not any(decides_for(case, body, one, decision) for one in funders):
        yield Finding("the decision-maker's body funds no part of the budget and acts for none that does", "owner")


def _decision_behind(answer: FunderAnswer, case: CaseFile) -> Decision | None:
    if answer.status == "entered-in-error":
        return None
    found: Filed[Decision] | None = case.filed(literal("Task", answer.decision_id))
    return found.record if found is not None and isinstance(found.record, Decision) else None
