"""`$submit` with use `preauthorization`: a budget is put to its funders, and agreed when each has approved it.

Submitted again it goes on from where the funders' decisions have come to; nothing is asked for twice.

Source: domain.md 5.2 (T7 to T9), 8.9 Q1 and Q16; rules R88, R141 to R147; FHIR R4 claim-operation-submit.html.
"""

from dataclasses import replace
from typing import Final

from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.operations.submitted import (
    ANSWER,
    CLAIM,
    TASK,
    Answered,
    Pair,
    Sent,
    asked_for,
    case_now,
    check_status,
    keep,
    previous,
    put,
    put_answers,
    refuse_if,
    says_the_same,
    stored,
)
from fhir_gateway.phb.agreement import agreement, lines_shared, still_lacking
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.budgets import is_in_force, state_of
from fhir_gateway.phb.case.funders import payers
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.funder_answers import bodies_of
from fhir_gateway.phb.requests import body_of
from mappings.budget import AgreedBudget
from mappings.claim_response import FunderAnswer
from mappings.lens.errors import Issue

SUBMITTED: Final = "submitted"
OVER: Final = frozenset({"superseded", "closed", "declined"})


def put_to_funders(ctx: Context, sent: Sent) -> Answered:
    """The budget stored as submitted or further, each funder's answer, and the decisions asked for."""
    check_status(sent)
    warned = _submitted(ctx, sent)
    budget, case = _budget(ctx, sent)
    if is_in_force(budget.record):
        return _standing(budget, case, warned)
    refuse_if(any, lines_shared(budget.record, case))
    return _asked(ctx, budget, case, warned)


def _asked(ctx: Context, budget: Filed[AgreedBudget], case: CaseFile, warned: tuple[Issue, ...]) -> Answered:
    """The funders' answers stored as their decisions stand, and each body that was not asked yet asked to decide."""
    found = agreement(budget, case)
    ids = {body_of(case, one): ctx.new_id() for one in found.requests}
    answered = tuple(replace(one, decision_id=one.decision_id or ids.get(one.funder_id)) for one in found.answers)
    places, changes = put_answers(ctx, answered, answers(case, budget.id))
    requests = [asked_for(ctx, one, ids[body_of(case, one)]) for one in found.requests]
    warned += keep(ctx, [*changes, *requests])
    lacking = still_lacking(budget, case) if found.complete else ()
    return Answered(resources=((CLAIM.name, budget.id), *places, *_tasks(answered)), issues=(*warned, *lacking))


def _submitted(ctx: Context, sent: Sent) -> tuple[Issue, ...]:
    """Store the budget as it was sent, submitted; one in force stays as it is."""
    standing = stored(ctx, sent)
    before = previous(standing, sent)
    record = _as_submitted(sent.record, before)
    tree = sent.saying(record)
    change = None if says_the_same(standing, tree) else put(ctx, sent, tree, sent.if_match)
    return keep(ctx, [change] if change is not None else [])


def _as_submitted(sent: AgreedBudget, before: AgreedBudget | None) -> AgreedBudget:
    """The budget in the state it has come to by being submitted. Raises RuleBroken for one that is over."""
    state = state_of(before) if before is not None else SUBMITTED
    if state in OVER:
        says = f"a budget version that is {state} is not submitted; add a new version"
        raise RuleBroken(Issue("business-rule", says, "Claim.extension", "error", "R157"))
    going = before is not None and is_in_force(before)
    rows = before.insurance if going and before is not None and _same_coverages(sent, before) else sent.insurance
    return replace(sent, status="active", budget_status=state if going else SUBMITTED, insurance=rows)


def _same_coverages(one: AgreedBudget, other: AgreedBudget) -> bool:
    """Whether two insurances differ at most in what the funders answered."""
    return [row.coverage_id for row in one.insurance] == [row.coverage_id for row in other.insurance]


def _budget(ctx: Context, sent: Sent) -> tuple[Filed[AgreedBudget], CaseFile]:
    case = case_now(ctx, sent)
    filed = case.filed(sent.literal)
    assert filed is not None
    return filed, case


def _standing(budget: Filed[AgreedBudget], case: CaseFile, warned: tuple[Issue, ...]) -> Answered:
    """A budget that is agreed, with what its funders answered."""
    order = bodies_of(one.funder for one in payers(case, budget.record))
    given = sorted(answers(case, budget.id), key=lambda one: (*order, one.record.funder_id).index(one.record.funder_id))
    places = [(ANSWER.name, one.id) for one in given]
    tasks = _tasks(tuple(one.record for one in given))
    return Answered(resources=((CLAIM.name, budget.id), *places, *tasks), issues=warned)


def _tasks(answered: tuple[FunderAnswer, ...]) -> list[Pair]:
    """The decisions behind the answers, or that they wait for."""
    return [(TASK.name, one) for one in dict.fromkeys(one.decision_id for one in answered) if one is not None]
