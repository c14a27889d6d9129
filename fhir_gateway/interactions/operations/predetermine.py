"""`$submit` with use `predetermination`: would this be paid? Judged as if it were written; nothing is.

Source: domain.md 8.2, 8.9 Q1; FHIR R4 claim-operation-submit.html, ClaimResponse.use.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from fhir_gateway.interactions import write
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.operations.submit_claim import (
    BY_WAY_OF_DUE,
    answering,
    as_paid,
    awaited,
    check_payment,
    ruling,
)
from fhir_gateway.interactions.operations.submitted import (
    ANSWER,
    CLAIM,
    Answered,
    Sent,
    case_with,
    case_without,
    check_status,
    previous,
    stored,
)
from fhir_gateway.phb.adjudication import adjudicated
from fhir_gateway.phb.agreement import BUDGET, lines_shared
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case_file import Filed, Written
from fhir_gateway.phb.funder_answers import Ruling, answers_to, bodies_of
from fhir_gateway.phb.rules.judge import judged
from fhir_gateway.phb.spending_shares import shared_out
from fhir_gateway.phb.verdict import Fault, Verdict
from fhir_gateway.store.facts import MAPPING_OF
from mappings.claim_response import FunderAnswer
from mappings.lens.errors import Issue
from mappings.payment import Payment

ITEM: Final = re.compile(r"\.item\[(\d+)\]")
PROPOSED: Final = "proposed"


def payment(ctx: Context, sent: Sent) -> Answered:
    """What the funders would answer to a payment."""
    check_payment(sent)
    _check_writable(ctx, sent)
    case = case_without(ctx, sent)
    verdicts = adjudicated(sent.record, sent.id, case)
    waits = awaited(sent, verdicts, case)
    would_be = as_paid(sent.record, verdicts, waits)
    bodies = answering(sent, verdicts, case)
    proposed = answers_to(ruling(sent, would_be, verdicts, waits, case), bodies)
    found = _found(ctx, sent, would_be, proposed)
    told = _with_faults(verdicts, found)
    return _told(ctx, sent, answers_to(ruling(sent, sent.record, told, waits, case), bodies), found)


def entry(ctx: Context, sent: Sent) -> Answered:
    """What each funder would bear of an entry."""
    check_status(sent)
    _check_writable(ctx, sent)
    case = case_without(ctx, sent)
    verdicts = shared_out(sent.record, case)
    found = _found(ctx, sent, sent.record, ())
    told = _with_faults(verdicts, found)
    bodies = answering(sent, verdicts, case)
    return _told(ctx, sent, answers_to(ruling(sent, sent.record, told, "", case), bodies), found)


def estimate(ctx: Context, sent: Sent) -> Answered:
    """What each funder would bear of an indicative budget."""
    check_status(sent)
    _check_writable(ctx, sent)
    case = case_without(ctx, sent)
    verdicts = lines_shared(sent.record, case)
    found = _found(ctx, sent, sent.record, ())
    told = _with_faults(verdicts, found)
    bodies = bodies_of(share.funder for one in verdicts for share in one.shares)
    asked = Ruling(claim=sent.record, claim_type=BUDGET, use=sent.use, claim_id=sent.id, on=case.today, verdicts=told)
    return _told(ctx, sent, answers_to(asked, bodies), found)


def _check_writable(ctx: Context, sent: Sent) -> None:
    """Raises Forbidden where the Claim itself might not be written."""
    write.prepared_create(ctx, CLAIM, sent.id, sent.read)


# --- what the rules would find ----------------------------------------------------------------------


def _found(ctx: Context, sent: Sent, record: Any, proposed: Sequence[FunderAnswer]) -> tuple[Issue, ...]:
    """What the rules find in the claim as it would stand, with the answers it would have."""
    standing = stored(ctx, sent)
    version = standing.version + 1 if standing is not None else 1
    written = Written(CLAIM.name, sent.id, version, record, _due(previous(standing, sent)))
    answered = [Filed(ANSWER.name, f"{PROPOSED}-{at}", 1, one) for at, one in enumerate(proposed)]
    gone = [(ANSWER.name, one.id) for one in answers(case_without(ctx, sent), sent.id)]
    return tuple(judged(written, case_with(ctx, sent, [written, *answered], gone)))


def _due(before: Any) -> Any:
    """The version before, as due where it is scheduled: it would be that first."""
    return replace(before, payment_status="due") if isinstance(before, Payment) and _is_to_come(before) else before


def _is_to_come(payment: Payment) -> bool:
    return payment.payment_status in BY_WAY_OF_DUE


def _with_faults(verdicts: Iterable[Verdict], found: Iterable[Issue]) -> tuple[Verdict, ...]:
    """The verdicts with what the rules refuse: of the line they name, else of every line."""
    errors = [one for one in found if one.severity == "error"]
    return tuple(_with_fault(one, errors) for one in verdicts)


def _with_fault(verdict: Verdict, errors: Iterable[Issue]) -> Verdict:
    if verdict.fault is not None:
        return replace(verdict, shares=())
    error = next((one for one in errors if _names(one, verdict)), None)
    if error is None:
        return verdict
    return replace(verdict, shares=(), fault=Fault(error.details, error.diagnostics))


def _names(error: Issue, verdict: Verdict) -> bool:
    item = ITEM.search(error.expression)
    return item is None or f"item[{item[1]}]" == verdict.element


def _told(ctx: Context, sent: Sent, answered: Iterable[FunderAnswer], found: tuple[Issue, ...]) -> Answered:
    """The claim as it was sent and the answers, none of them stored: no answer has an id."""
    known = stored(ctx, sent) is not None
    asked = (one if known else replace(one, claim_id=None) for one in answered)
    return Answered(trees=(sent.tree, *(MAPPING_OF[FunderAnswer].to_fhir(one) for one in asked)), issues=found)
