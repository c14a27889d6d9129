"""Taking money back, or setting it off: talked about first, told in writing, for a reason, and never too much.

Source: domain.md section 4 H (R106 to R111), 2.5 (Recovery).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.conversations import was_with_coordinator, was_with_person
from fhir_gateway.phb.case.payments import INSTALMENT, OFFSET, RECOVERY, budget_of, counts, coverages_of, paid_lines
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.reviews import STARTED, components, is_completed, state
from fhir_gateway.phb.case.spending import DISALLOWED, is_live
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.money import Pence, pounds
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.communication import Discussion, Notice
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment
from mappings.review import Review

GROUNDS: Final = "supportingInfo"
NOTICED: Final = frozenset({"due", "disputed", "failed", "authorised", "paid"})
SENT: Final = "completed"
MISTAKE: Final = "genuine-mistake"
AUDIT: Final = "financial-audit"


def is_recovery(payment: Payment) -> bool:
    """Whether it takes money back, and has not been waived."""
    return payment.payment_kind == RECOVERY and counts(payment)


# --- talked about first -----------------------------------------------------------------------------


@rule("R106", on=Payment)
def talked_about_before_it_is_taken_back(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Conversations with the person and with the coordinator were held before the notice."""
    record = new.record
    if record.payment_kind not in {RECOVERY, OFFSET} or not counts(record):
        return
    with_person, with_coordinator = (
        case.get(Discussion, literal("Communication", one))
        for one in (record.discussion_person_id, record.discussion_coordinator_id)
    )
    if with_person is None or not was_with_person(case, with_person) or not _in_time(with_person, record, case):
        yield Finding(
            "it names a conversation with the person, their representative or their estate, held before the notice",
            GROUNDS,
        )
    if with_coordinator is None or not was_with_coordinator(case, with_coordinator):
        yield Finding("it names a conversation with the care coordinator, held before the notice", GROUNDS)
    elif not _in_time(with_coordinator, record, case):
        yield Finding("the conversation with the care coordinator is held before the notice is sent", GROUNDS)


def _in_time(talk: Discussion, payment: Payment, case: CaseFile) -> bool:
    """Whether it took place before the notice was sent; where there is none yet, at any time."""
    notice = notice_of(payment, case)
    sent_on = notice.sent_on if notice is not None else None
    return talk.sent_on is not None and (sent_on is None or talk.sent_on < sent_on)


def notice_of(payment: Payment, case: CaseFile) -> Notice | None:
    """The notice a payment names."""
    return case.get(Notice, literal("Communication", payment.notice_id))


# --- told in writing --------------------------------------------------------------------------------


@rule("R107", on=Payment)
def told_in_writing(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Once it is due, it names the notice that was sent, and that notice asks for this amount."""
    record = new.record
    if not is_recovery(record) or record.payment_status not in NOTICED:
        return
    notice = notice_of(record, case)
    if notice is None or notice.notice_kind != "repayment" or notice.status != SENT:
        yield Finding("it names the written notice to pay back, of kind `repayment`, which has been sent", GROUNDS)
        return
    yield from _short(notice, GROUNDS)
    if None not in {notice.amount_pence, record.total_pence} and notice.amount_pence != record.total_pence:
        yield Finding("notice and payment say the same amount; one of them is wrong", "total")


@rule("R107", on=Notice)
def a_notice_to_pay_back_says_all(new: Written[Notice], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """A notice to pay back that is sent says why, how much, by when, who pays, and how to ask for a second look."""
    if new.record.notice_kind == "repayment" and new.record.status == SENT:
        yield from _short(new.record, "extension")


def _short(notice: Notice, element: str) -> Iterator[Finding]:
    """What a notice to pay back lacks."""
    lacks = [
        what
        for what, given in (
            ("its reasons", bool((notice.reasons or "").strip())),
            ("the amount", notice.amount_pence is not None),
            ("the day to pay by", notice.pay_by is not None),
            ("who has to pay", notice.must_pay is not None),
            ("the day it was sent", notice.sent_on is not None),
            ("the right to a second look", bool(notice.reconsideration_told)),
        )
        if not given
    ]
    if lacks:
        yield Finding(f"the notice to pay back also says {', '.join(lacks)}", element)
    if notice.pay_by is not None and notice.sent_on is not None and notice.pay_by <= notice.sent_on:
        yield Finding("the day to pay by comes after the day the notice is sent", element)


# --- for a reason -----------------------------------------------------------------------------------


@rule("R108", on=Payment)
def taken_back_for_a_reason(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """It gives its reason; for unused money a financial audit was part of a completed review."""
    record = new.record
    if not is_recovery(record):
        return
    if record.recovery_reason is None:
        yield Finding("taking money back gives one of the six reasons", "subType")
    elif record.recovery_reason == "accumulated-unused":
        review = review_of(record, case)
        if review is None or not is_completed(review) or AUDIT not in components(review):
            yield Finding("unused money is taken back only after a completed review with a `financial-audit`", GROUNDS)


def review_of(payment: Payment, case: CaseFile) -> Review | None:
    """The review a payment names."""
    return case.get(Review, literal("Task", payment.review_id))


@rule("R109", on=Payment)
def contingency_is_left_between_reviews(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Contingency is taken back in a review only."""
    record = new.record
    if not is_recovery(record) or not _is_contingency(record, case):
        return
    review = review_of(record, case)
    if review is None or state(review) not in STARTED:
        yield Finding("contingency is taken back outside a review; name the review it was talked about in", GROUNDS)


def _is_contingency(payment: Payment, case: CaseFile) -> bool:
    lines = paid_lines(payment, budget_of(payment, case))
    return any(one.category == "contingency" for one in payment.lines) or any(one.contingency for one in lines)


# --- never too much ---------------------------------------------------------------------------------


@rule("R110", on=Payment)
def a_mistake_costs_what_was_disallowed(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """After a genuine mistake, all that is taken back for it is at most what was disallowed."""
    record = new.record
    if not is_recovery(record) or record.misuse_finding != MISTAKE or not _asks_more(new):
        return
    disallowed, taken = _disallowed(record, case), _taken_for_mistakes(new, case)
    if (record.total_pence or 0) + taken > disallowed:
        left = pounds(max(0, disallowed - taken))
        yield Finding(
            f"after a genuine mistake no more than the disallowed amount is taken back: {left} is left", "total"
        )


def _asks_more(new: Written[Payment]) -> bool:
    return any(new.changed(one) for one in ("total_pence", "misuse_finding", "status", "payment_status"))


def _disallowed(payment: Payment, case: CaseFile) -> Pence:
    """What was disallowed under the payment's budget; under any where it names none."""
    every = (one.record for one in case.all(ExpenditureEntry) if is_live(one.record))
    entries = (one for one in every if one.expenditure_status == DISALLOWED)
    return sum(
        one.total_pence or sum(line.amount_pence or 0 for line in one.lines)
        for one in entries
        if payment.pays_against_id in {None, one.pays_against_id}
    )


def _taken_for_mistakes(new: Written[Payment], case: CaseFile) -> Pence:
    """What the other recoveries for mistakes ask back under the same budget."""
    others = (one.record for one in case.all(Payment) if one.id != new.id and is_recovery(one.record))
    same = (one for one in others if one.misuse_finding == MISTAKE)
    budget = new.record.pays_against_id
    return sum(one.total_pence or 0 for one in same if budget in {None, one.pays_against_id})


@rule("R111", on=Payment)
def a_set_off_is_for_one_period(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """All that is set off against one period is at most the instalment due for it."""
    record = new.record
    if record.payment_kind != OFFSET or not counts(record):
        return
    due = _same_period(record, INSTALMENT, case)
    if due < _same_period(record, OFFSET, case):
        yield Finding(f"a set-off is at most what is due for its one period: {pounds(due)}", "total")


def _same_period(payment: Payment, payment_kind: str, case: CaseFile) -> Pence:
    """What payments of a kind come to for the same period and funder, under the same budget."""
    every = (one.record for one in case.where(Payment, "pays_against_id", payment.pays_against_id or ""))
    same = (one for one in every if one.payment_kind == payment_kind and counts(one) and _matches(one, payment))
    return sum(one.total_pence or 0 for one in same)


def _matches(one: Payment, other: Payment) -> bool:
    if coverages_of(one) != coverages_of(other):
        return False
    period = other.start is not None and (one.start, one.end) == (other.start, other.end)
    return period or (other.instalment_no is not None and one.instalment_no == other.instalment_no)
