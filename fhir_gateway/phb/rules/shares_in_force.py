"""Each funder decides for itself, and no share ends or falls by one body's own will.

Source: domain.md section 4 G (R88 to R90), 2.6 (FundingChange).
"""

from collections.abc import Iterator
from typing import Any, Final

from fhir_gateway.phb.case.budgets import is_in_force
from fhir_gateway.phb.case.decisions import decides_for, deciding_body, is_taken
from fhir_gateway.phb.case.funders import Payer, bearers, bodies, budget_answers, granted, payers
from fhir_gateway.phb.case.funding_changes import (
    DROPPED,
    TAKES_EFFECT,
    Cut,
    changes_of,
    cuts,
    in_dispute,
    lacks,
    others_of,
    removed,
)
from fhir_gateway.phb.case.references import literal, type_of
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules.rule import DELETE, WARNING, Finding, rule
from mappings.budget import AgreedBudget
from mappings.change import FundingChange
from mappings.claim_response import FunderAnswer
from mappings.coverage import FunderContribution
from mappings.decision import Decision

APPROVED: Final = frozenset({"approved", "approved-with-conditions"})
OF_BUDGETS: Final = "agreed-budget"
SHARES: Final = (FunderContribution, FunderAnswer, AgreedBudget)


# --- each decides for itself ------------------------------------------------------------------------


@rule("R88", on=AgreedBudget)
def every_funder_has_approved(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """When a budget is agreed, each body that bears a part of it has approved it by a decision of its own."""
    if not is_in_force(new.record) or not (new.previous is None or not is_in_force(new.previous)):
        return
    found = payers(case, new.record)
    missing = sorted(body for body in _paying(new, case, found) if not _has_approved(case, new, body))
    places = {one.body: one.sequence for one in reversed(found)}
    for body in missing:
        at = next(i for i, row in enumerate(new.record.insurance) if row.sequence == places[body])
        says = "this funder has not approved the budget; record its decision on the agreed budget first"
        yield Finding(says, f"insurance[{at}]")


def _paying(new: Written[AgreedBudget], case: CaseFile, found: tuple[Payer, ...]) -> frozenset[str]:
    """Bodies that bear a part: by the lines' own splits, or as they answered."""
    proposed = bodies(one for line in new.record.lines for one in bearers(case, line, found))
    given = {one.funder_id for one in budget_answers(case, new.id) if one.total_pence or any(map(granted, one.lines))}
    return proposed | (bodies(found) & given)


def _has_approved(case: CaseFile, budget: Filed[AgreedBudget], body: str) -> bool:
    ids = {one.decision_id for one in budget_answers(case, budget.id) if one.funder_id == body}
    return any(_approves(case, one, budget, body, by_answer=one.id in ids) for one in case.all(Decision))


def _approves(case: CaseFile, one: Filed[Decision], budget: Filed[AgreedBudget], body: str, *, by_answer: bool) -> bool:
    decision = one.record
    if not is_taken(decision) or decision.outcome not in APPROVED:
        return False
    if by_answer:
        return True
    decider = deciding_body(case, decision)
    about = decision.decision_subject == OF_BUDGETS and decision.about == budget.reference
    return about and decider is not None and decides_for(case, decider, body, decision)


@rule("R88", on=FunderAnswer)
def an_answer_says_what_was_decided(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """An answer that gives money rests on no decision that refused it."""
    answer = new.record
    if answer.status != "active" or answer.decision_id is None or not any(map(granted, answer.lines)):
        return
    decision = case.get(Decision, literal("Task", answer.decision_id))
    if decision is not None and is_taken(decision) and decision.outcome == "declined":
        yield Finding(
            "the answer gives money, the decision it rests on declined; one of them must be put right", "item"
        )


# --- none leaves alone ------------------------------------------------------------------------------


def _missing(cut: Cut, case: CaseFile) -> tuple[str, ...]:
    """What no change of funding of that body names for this cut; empty when one names all four."""
    found = [lacks(one, cut.others, cut.day) for one in changes_of(case, cut.body) if _in_time(one, cut)]
    return min(found, key=len, default=("a change of funding with all that it needs",))


def _in_time(change: FundingChange, cut: Cut) -> bool:
    return change.started_on is None or change.started_on <= cut.day


def _unfounded(found: tuple[Cut, ...], case: CaseFile) -> Iterator[Finding]:
    for cut in found:
        missing = _missing(cut, case)
        if missing:
            says = f"a funder's share ends or falls from {cut.day}; its funding change must name {', '.join(missing)}"
            yield Finding(says, cut.element)


def _disputed(found: tuple[Cut, ...], case: CaseFile) -> Iterator[Finding]:
    for cut in found:
        if any(in_dispute(one) for one in changes_of(case, cut.body)):
            yield Finding("the change of funding is in dispute: until that is settled the share stays", cut.element)


@rule("R89", on=SHARES)
def no_share_ends_without_all_four(new: Written[Any], case: CaseFile) -> Iterator[Finding]:
    """A share that ends or falls rests on a change of funding that names all four things."""
    yield from _unfounded(cuts(new, case), case)


@rule("R89", on=FunderContribution, when=DELETE)
def no_share_is_deleted_without_all_four(new: Written[FunderContribution], case: CaseFile) -> Iterator[Finding]:
    """Deleting a share that a budget in force relies on ends it."""
    yield from _unfounded(tuple(removed(case, new)), case)


@rule("R90", on=SHARES)
def a_disputed_share_stays(new: Written[Any], case: CaseFile) -> Iterator[Finding]:
    """While the change is in dispute no share ends or falls."""
    yield from _disputed(cuts(new, case), case)


@rule("R90", on=FunderContribution, when=DELETE)
def a_disputed_share_is_not_deleted(new: Written[FunderContribution], case: CaseFile) -> Iterator[Finding]:
    """Nor is it deleted."""
    yield from _disputed(tuple(removed(case, new)), case)


@rule("R89", on=FundingChange)
def a_change_of_funding_names_all_four(new: Written[FundingChange], case: CaseFile) -> Iterator[Finding]:
    """A change that is asked for names all four things; one in draft or in dispute is flagged."""
    change = new.record
    body = (change.requester or "").partition("/")[2] if type_of(change.requester) == "Organization" else ""
    if change.status in DROPPED - {"draft"}:
        return
    missing = lacks(change, others_of(case, change, body) if body else frozenset(), change.started_on)
    if missing:
        soft = WARNING if change.status == "draft" or in_dispute(change) else ""
        yield Finding(f"the funding change must name {', '.join(missing)}", "input", soft)


@rule("R90", on=FundingChange)
def a_disputed_change_takes_no_effect(new: Written[FundingChange], _case: CaseFile) -> Iterator[Finding]:
    """A change in dispute is not carried out."""
    if in_dispute(new.record) and new.record.status in TAKES_EFFECT:
        yield Finding("the change is in dispute; settle that before it takes effect", "status")
