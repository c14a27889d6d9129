"""`$submit` with use `claim`: a payment draws its budget down, an entry of the holder's ledger is shared out.

The money of a person is drawn by one writer at a time, so what is left when a line is judged is left when it is paid.

Source: domain.md 6.4, 6.7, 8.9 Q3; rules R64, R66, R99, R103; FHIR R4 claim-operation-submit.html.
"""

from collections.abc import Iterable, Sequence
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
    case_without,
    check_status,
    keep,
    previous,
    put,
    put_answers,
    refuse_if,
    says_the_same,
    stored,
)
from fhir_gateway.phb.adjudication import adjudicated, draws
from fhir_gateway.phb.awaited import CHECKED, about_release, undecided, waits_for_check
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.funders import payers
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.funder_answers import Ruling, answers_to, bodies_of
from fhir_gateway.phb.requests import OF_CONTINGENCY, decision_of, decisions_about, request
from fhir_gateway.phb.spending_shares import shared_out
from fhir_gateway.phb.verdict import Verdict
from fhir_gateway.store.records import Change, Stored
from mappings.claim_parts import ClaimRecord
from mappings.claim_response import FunderAnswer
from mappings.expenditure import ExpenditureEntry
from mappings.lens.errors import Issue, Unprocessable
from mappings.payment import Payment, PaymentLine

TO_BE_DRAWN: Final = frozenset({None, "scheduled", "due", "authorised"})
BY_WAY_OF_DUE: Final = frozenset({"scheduled", "failed", "disputed"})
AWAITS_CHECK: Final = "Waits for the person to check the invoice"
AWAITS_DECISION: Final = "Waits for the decision to release contingency"
TYPE_OF: Final[dict[type[ClaimRecord], str]] = {Payment: "phb-payment", ExpenditureEntry: "phb-expenditure"}


def draw_down(ctx: Context, sent: Sent) -> Answered:
    """The payment stored as far as it can be paid, and each funder's answer. Raises RuleBroken where none of it can."""
    check_payment(sent)
    standing = stored(ctx, sent)
    if _is_done(standing, sent):
        return _standing(ctx, sent)
    case = case_without(ctx, sent)
    verdicts = adjudicated(sent.record, sent.id, case)
    refuse_if(all, verdicts)
    waits = awaited(sent, verdicts, case)
    payment = as_paid(sent.record, verdicts, waits)
    answered = answers_to(ruling(sent, payment, verdicts, waits, case), answering(sent, verdicts, case))
    return _stored(ctx, sent, payment, answered)


def check_payment(sent: Sent) -> None:
    """Raises Unprocessable or RuleBroken for a payment that nothing can be drawn by."""
    check_status(sent)
    if not draws(sent.record):
        says = f"`{sent.record.payment_kind}` takes nothing out of a budget; create it as a Claim"
        raise Unprocessable(Issue("not-supported", says, "Claim.subType"))


def _is_done(standing: Stored | None, sent: Sent) -> bool:
    """Whether the Claim stands as it was sent and has been drawn; else its state must be one to draw from."""
    status = sent.record.payment_status
    if says_the_same(standing, sent.tree) and status not in {None, "scheduled", "due"}:
        return True
    if status not in TO_BE_DRAWN:
        says = f"a payment that is `{status}` is not drawn; submit it as `due`, the funder says when it is paid"
        raise RuleBroken(Issue("business-rule", says, "Claim.extension", "error", "R94"))
    return False


def awaited(sent: Sent, verdicts: Sequence[Verdict], case: CaseFile) -> str:
    """What the payment waits for, in words; empty where nothing stands between it and being authorised."""
    if waits_for_check(sent.record, case):
        return AWAITS_CHECK
    bodies = bodies_of(share.funder for one in verdicts for share in one.shares)
    return AWAITS_DECISION if undecided(sent.record, sent.id, bodies, case) else ""


def as_paid(payment: Payment, verdicts: Iterable[Verdict], waits: str) -> Payment:
    """The payment with nothing on the lines that cannot be paid: authorised, or due while it waits for somebody."""
    lines = tuple(_line(line, one, waits) for line, one in zip(payment.lines, verdicts, strict=True))
    return replace(
        payment,
        status="active",
        payment_status="due" if waits else "authorised",
        lines=lines,
        total_pence=sum(one.amount_pence or 0 for one in lines),
    )


def _line(line: PaymentLine, verdict: Verdict, waits: str) -> PaymentLine:
    if verdict.fault is not None:
        return replace(line, amount_pence=0)
    if waits == AWAITS_CHECK and line.invoice_check not in CHECKED:
        return replace(line, invoice_check="awaiting-person")
    return line


def ruling(sent: Sent, claim: ClaimRecord, verdicts: Sequence[Verdict], waits: str, case: CaseFile) -> Ruling:
    """What the funders answer."""
    return Ruling(
        claim=claim,
        claim_type=TYPE_OF[type(claim)],
        use=sent.use,
        claim_id=sent.id,
        on=case.today,
        verdicts=verdicts,
        waits=waits,
    )


def answering(sent: Sent, verdicts: Iterable[Verdict], case: CaseFile) -> tuple[str, ...]:
    """The bodies that answer: those the claim draws on, in the order of the funders, and others that bear a part."""
    sharing = (share.funder for one in verdicts for share in one.shares)
    return bodies_of((*(one.funder for one in payers(case, sent.record)), *sharing))


# --- storing ----------------------------------------------------------------------------------------


def _stored(ctx: Context, sent: Sent, payment: Payment, answered: tuple[FunderAnswer, ...]) -> Answered:
    standing = stored(ctx, sent)
    if_match = _made_due(ctx, sent, payment, previous(standing, sent))
    change = None if says_the_same(standing, sent.saying(payment)) else put(ctx, sent, sent.saying(payment), if_match)
    case = case_now(ctx, sent)
    places, changes = put_answers(ctx, answered, answers(case, sent.id))
    tasks, asked = _decisions(ctx, sent, answered, case)
    issues = keep(ctx, [*([change] if change else []), *changes, *asked])
    return Answered(resources=((CLAIM.name, sent.id), *places, *tasks), issues=issues)


def _made_due(ctx: Context, sent: Sent, payment: Payment, before: Payment | None) -> str | None:
    """A payment is due before it is authorised: stored so first. The version that comes to stand before the next."""
    if before is None or before.payment_status not in BY_WAY_OF_DUE or payment.payment_status == "due":
        return sent.if_match
    change = put(ctx, sent, sent.saying(replace(payment, payment_status="due")), sent.if_match)
    keep(ctx, [change] if change is not None else [])
    return "*"


def _decisions(
    ctx: Context, sent: Sent, answered: tuple[FunderAnswer, ...], case: CaseFile
) -> tuple[list[Pair], list[Change]]:
    """Where the decisions to release contingency are, and the changes that ask for those not asked for yet."""
    paying = tuple(one.funder_id or "" for one in answered if one.total_pence)
    missing = undecided(sent.record, sent.id, paying, case)
    budget = case.filed(literal("Claim", sent.record.pays_against_id))
    found = decisions_about(case, OF_CONTINGENCY, about_release(sent.id, budget)) if missing and budget else ()
    places, asked = [], []
    for body in missing:
        own = decision_of(case, found, body)
        if own is None:
            decision = request(case, OF_CONTINGENCY, sent.literal, body, sent.record)
            asked.append(asked_for(ctx, decision, ctx.new_id()))
        places.append((TASK.name, own.id if own is not None else asked[-1].new.id))
    return places, asked


def _standing(ctx: Context, sent: Sent) -> Answered:
    """What was answered before to a Claim that says nothing new."""
    case = case_now(ctx, sent)
    order = answering(sent, (), case)
    given = sorted(answers(case, sent.id), key=lambda one: (*order, one.record.funder_id).index(one.record.funder_id))
    return Answered(resources=((CLAIM.name, sent.id), *((ANSWER.name, one.id) for one in given)))


# --- entries of the holder's ledger -----------------------------------------------------------------


def enter(ctx: Context, sent: Sent) -> Answered:
    """The entry stored, and what each funder bears of it; an entry is never refused for what it was spent on."""
    check_status(sent)
    standing = stored(ctx, sent)
    case = case_without(ctx, sent)
    verdicts = shared_out(sent.record, case)
    answered = answers_to(ruling(sent, sent.record, verdicts, "", case), answering(sent, verdicts, case))
    change = None if says_the_same(standing, sent.tree) else put(ctx, sent, sent.tree, sent.if_match)
    places, changes = put_answers(ctx, answered, answers(case_now(ctx, sent), sent.id), restricted=True)
    issues = keep(ctx, [*([change] if change else []), *changes])
    return Answered(resources=((CLAIM.name, sent.id), *places), issues=issues)
