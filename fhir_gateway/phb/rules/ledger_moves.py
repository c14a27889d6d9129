"""From which state to which a payment and an entry of the holder's ledger may move; all else is refused.

What is entered for the first time may be in any state: its history happened elsewhere. What was held back and is not
due yet goes back to waiting; what is due or held back is called off only by a stop, a death or a new version.

Source: domain.md 5.3 (Payment, Expenditure entry, Recovery).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.called_off import called_off
from fhir_gateway.phb.case.payments import CONTRIBUTION, INVOICE, RECOVERY, RELEASED
from fhir_gateway.phb.case.spending import excluded, outside_plan
from fhir_gateway.phb.case_file import WITHDRAWN, CaseFile, Written
from fhir_gateway.phb.rules.rule import DELETE, Finding, rule
from mappings.claim_response import FunderAnswer
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment

CANCELLED: Final = "cancelled"
MOVED: Final = "money has moved by this: it stays in the ledger and cannot be deleted; set `status` to entered-in-error"
PAID: Final = "paid"
KEPT: Final = {
    "total_pence": "total",
    "payment_kind": "subType",
    "pays_against_id": "related",
    "insurance": "insurance",
}
Moves = Mapping[str, tuple[str, ...]]

PAYMENT: Final[Moves] = {
    "scheduled": ("due", "on-hold", "cancelled"),
    "due": ("authorised", "on-hold"),
    "authorised": ("paid", "failed"),
    "failed": ("due",),
    "on-hold": ("due",),
    "disputed": ("due",),
    "paid": (),
    "cancelled": (),
}
OF_AN_INVOICE: Final[Moves] = {**PAYMENT, "due": (*PAYMENT["due"], "disputed")}
# Money that comes in: nobody at the funder authorises it. Scheduled while it is talked about, due once notice is
# given, disputed during a second look, cancelled where it is waived.
INCOMING: Final[Moves] = {
    "scheduled": ("due", "cancelled"),
    "due": ("paid", "disputed", "failed", "cancelled"),
    "disputed": ("due", "cancelled"),
    "failed": ("due",),
    "paid": (),
    "cancelled": (),
}
EVIDENCED: Final = "evidenced"
ENTRY: Final[Moves] = {
    "recorded": ("evidenced", "queried"),
    "evidenced": ("accepted", "queried"),
    "queried": ("accepted", "disallowed"),
    "accepted": (),
    "disallowed": (),
}


def moves_of(payment: Payment) -> Moves:
    """The moves its kind allows."""
    if payment.payment_kind in {RECOVERY, CONTRIBUTION}:
        return INCOMING
    return OF_AN_INVOICE if payment.payment_kind == INVOICE else PAYMENT


def _move(new: Written[Payment]) -> tuple[str, str] | None:
    """The state before and after, where a payment moves from a known one."""
    before = _state(new.previous) if new.previous is not None else None
    after = _state(new.record) or "no state"
    return None if before is None or before == after else (before, after)


def _state(payment: Payment) -> str | None:
    """Its state; cancelled where FHIR says so, none where it is in error, or a draft that says it moved."""
    if payment.status == WITHDRAWN or (payment.status == "draft" and payment.payment_status in RELEASED):
        return None
    return CANCELLED if payment.status == CANCELLED else payment.payment_status


def _by_rule(new: Written[Payment], case: CaseFile) -> bool:
    """Whether it goes back to waiting for its day after a pause, or is called off by stop, death or new version."""
    match _move(new):
        case ("on-hold", "scheduled"):
            return new.record.due_on is not None and new.record.due_on > case.today
        case ("due" | "on-hold" as before, "cancelled"):
            return called_off(replace(new.record, payment_status=before), case) is not None
        case _:
            return False


def _refused(new: Written[Payment], *targets: str) -> Iterator[Finding]:
    move, allowed = _move(new), moves_of(new.record)
    if move is not None and move[1] in targets and move[1] not in allowed.get(move[0], ()):
        yield Finding(_says("a payment", move, allowed), "extension")


def _says(what: str, move: tuple[str, str], allowed: Moves) -> str:
    before, after = move
    following = ", ".join(f"`{one}`" for one in allowed.get(before, ())) or "nothing"
    return f"{what} does not go from `{before}` to `{after}`: after `{before}` comes {following}"


@rule("R94", on=Payment)
def a_payment_moves_step_by_step(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Authorised when it is due, paid when it is authorised, called off only while it is scheduled."""
    if moves_of(new.record) is not INCOMING and not _by_rule(new, case):
        yield from _refused(new, "scheduled", "due", "authorised", "paid", "failed", "cancelled", "no state")


@rule("R94", on=Payment)
def what_was_paid_is_not_rewritten(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """What was paid keeps its amount, kind, budget and shares; a slip is entered in error and the payment anew."""
    before = new.previous
    if before is None or before.status != "active" or {before.payment_status, new.record.payment_status} != {PAID}:
        return
    for name, element in KEPT.items():
        if moves_of(before) is not INCOMING and new.changed(name):
            yield Finding("it was paid as it says: mark it entered-in-error and enter the payment anew", element)


@rule("R103", on=Payment)
def an_invoice_that_is_due_is_disputed(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """Only an invoice that is due can be disputed by the person."""
    if moves_of(new.record) is not INCOMING:
        yield from _refused(new, "disputed")


@rule("R105", on=Payment)
def held_back_before_it_is_authorised(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """A payment is held back while it is scheduled or due."""
    yield from _refused(new, "on-hold")


@rule("R107", on=Payment)
def money_back_moves_step_by_step(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """Talked about, then notice, then perhaps a second look, then received or waived."""
    if moves_of(new.record) is INCOMING:
        yield from _refused(new, *INCOMING, "authorised", "no state")


@rule("R110", on=ExpenditureEntry)
def an_entry_moves_step_by_step(new: Written[ExpenditureEntry], case: CaseFile) -> Iterator[Finding]:
    """Recorded, evidenced, accepted; queried before it is disallowed, but for excluded uses."""
    before = new.previous.expenditure_status if new.previous is not None else None
    after = new.record.expenditure_status
    if before is None or before == after or after in ENTRY[before] or _put_there_by_rule(new.record, after, case):
        return
    yield Finding(_says("an entry", (before, after or "no state"), ENTRY), "extension")


@rule("R110", on=ExpenditureEntry)
def an_evidenced_entry_has_evidence(new: Written[ExpenditureEntry], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """An entry that becomes, or stays, evidenced names a document; one that came in so has it elsewhere."""
    record = new.record
    if new.previous is None or record.expenditure_status != EVIDENCED or any(one.document for one in record.evidence):
        return
    yield Finding("an entry is evidenced by a document: name the receipt, invoice or statement", "supportingInfo")


def _put_there_by_rule(entry: ExpenditureEntry, after: str | None, case: CaseFile) -> bool:
    """Whether another rule does it: an excluded use is disallowed (R64), what no line plans is queried (R66)."""
    if after == "disallowed":
        return bool(excluded(entry))
    return after == "queried" and bool(outside_plan(entry, case))


@rule("R99", on=Payment, when=DELETE)
def released_payment_is_not_deleted(gone: Written[Payment], _case: CaseFile) -> Iterator[Finding]:
    """What was authorised or paid counts against the budget for good."""
    if gone.record.payment_status in RELEASED:
        yield Finding(MOVED, "status")


@rule("R99", on=FunderAnswer, when=DELETE)
def answer_that_paid_is_not_deleted(gone: Written[FunderAnswer], _case: CaseFile) -> Iterator[Finding]:
    """So does the answer that says what a funder paid."""
    if gone.record.paid_pence is not None:
        yield Finding(MOVED, "status")
