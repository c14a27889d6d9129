"""Rules R148 to R151: a decision can be looked at again, fairly and without losing time.

Source: domain.md section 4 K, 2.6 (Appeal), 5.3.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.appeals import (
    RECONSIDERATION,
    asked_before,
    decision_against,
    is_closed,
    repayment_looked_at_again,
)
from fhir_gateway.phb.case.conversations import worker_of
from fhir_gateway.phb.case.payments import OFFSET, RECOVERY, RELEASED
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.decision import Appeal, Decision
from mappings.payment import Payment

MUST_BE_TAKEN: Final = frozenset({"direct-payment", "service-inclusion", "reduction", "repayment", "stop"})
STILL_TO_PAY: Final = frozenset({"scheduled", "due", "authorised", "failed"})


# --- asking and closing -----------------------------------------------------------------------------


@rule("R148", on=Appeal)
def closed_with_outcome_and_reasons(new: Written[Appeal], case: CaseFile) -> Iterator[Finding]:
    """It ends with an outcome and reasons. A repeated request that is turned down needs reasons only (R149)."""
    appeal = new.record
    if not is_closed(appeal) or (appeal.status == "rejected" and _earlier(new, case)):
        return
    if appeal.outcome is None:
        yield Finding("closed without an outcome; add the output `outcome`", "output")
    if not (appeal.reasons or "").strip():
        yield Finding("closed without reasons; write them as the text of `statusReason`", "statusReason")


@rule("R148", on=Appeal)
def a_first_request_is_taken(new: Written[Appeal], case: CaseFile) -> Iterator[Finding]:
    """A first request about a refusal, an exclusion, a cut, a repayment or a stop is not turned away."""
    appeal = new.record
    if appeal.status != "rejected" or appeal.appeal_kind != RECONSIDERATION or _earlier(new, case):
        return
    decision = decision_against(case, appeal)
    if decision is not None and decision.record.decision_subject in MUST_BE_TAKEN:
        yield Finding(
            "a first request to look again cannot be rejected; take it and close it with an outcome", "status"
        )


@rule("R149", on=Appeal)
def a_second_request_is_flagged(new: Written[Appeal], case: CaseFile) -> Iterator[Finding]:
    """It may be turned down, and then says why."""
    if new.record.status == "entered-in-error" or not _earlier(new, case):
        return
    if new.record.status == "rejected" and not (new.record.reasons or "").strip():
        yield Finding("the second request is turned down without reasons; write them in `statusReason`", "statusReason")
    else:
        months = setting("R149", "months")
        yield Finding(f"the second request within {months} months; it may be turned down with reasons", "basedOn")


def _earlier(new: Written[Appeal], case: CaseFile) -> bool:
    return asked_before(case, new, setting("R149", "months")) is not None


@rule("R150", on=Appeal)
def another_decides_the_second_time(new: Written[Appeal], case: CaseFile) -> Iterator[Finding]:
    """Who closes a reconsideration did not take the first decision."""
    appeal = new.record
    if appeal.appeal_kind != RECONSIDERATION or not is_closed(appeal) or appeal.outcome == "withdrawn":
        return
    first = decision_against(case, appeal)
    if first is not None and _same_worker(case, appeal, first.record):
        yield Finding("the second look was by the one who took the first decision; let another decide", "owner")


def _same_worker(case: CaseFile, appeal: Appeal, first: Decision) -> bool:
    again, before = appeal.owner, first.owner
    return again is not None and before is not None and worker_of(case, again) == worker_of(case, before)


# --- a repayment meanwhile --------------------------------------------------------------------------


@rule("R151", on=Payment)
def no_offset_while_looked_at_again(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """No instalment is reduced while a repayment is reconsidered."""
    payment = new.record
    taken = payment.payment_kind == OFFSET and payment.payment_status in RELEASED
    if taken and new.changed("payment_status") and repayment_looked_at_again(case):
        yield Finding("a repayment is being looked at again; offset nothing until that is closed", "extension")


@rule("R151", on=Payment)
def the_day_to_pay_by_waits(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """The deadline of a repayment that is reconsidered neither passes nor comes nearer."""
    payment = new.record
    if payment.payment_kind != RECOVERY or payment.payment_status not in STILL_TO_PAY or payment.due_on is None:
        return
    passed = payment.due_on < case.today and (new.changed("payment_status") or new.changed("due_on"))
    nearer = new.previous is not None and new.previous.due_on is not None and payment.due_on < new.previous.due_on
    if (passed or nearer) and repayment_looked_at_again(case, new.reference):
        yield Finding("the repayment is being looked at again; set a later day to pay by", "extension")
