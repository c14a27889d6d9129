"""Cutting or stopping a direct payment: notice with reasons, in time, and care that goes on; what misuse calls for.

Source: domain.md section 4 H (R110, R112, R113, R115), 2.5 (DirectPaymentStop).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from fhir_gateway.phb.case.conversations import is_coordinator
from fhir_gateway.phb.case.decisions import approves
from fhir_gateway.phb.case.payments import counts
from fhir_gateway.phb.case.plans import notice_days
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.change import Concern
from mappings.communication import Discussion, Notice
from mappings.decision import Decision
from mappings.payment import Payment

SENT: Final = "completed"
REASON: Final = "reasonCode"
RESULTS: Final = "output"
MISTAKE: Final = "genuine-mistake"
WILFUL: Final = "wilful-misuse"
NOTHING_FOUND: Final = frozenset({"", "none", "unclear"})


def notice_of(decision: Written[Decision], case: CaseFile, kind: str) -> Notice | None:
    """The notice of a decision that was sent: the one it names, or one of its kind that rests on it."""
    named = case.get(Notice, literal("Communication", decision.record.notice_id))
    if named is not None:
        return named if named.status == SENT and named.notice_kind == kind else None
    sent = (one.record for one in case.all(Notice) if one.record.status == SENT and one.record.notice_kind == kind)
    return next((one for one in sent if decision.reference in (*one.based_on, *one.about)), None)


def _until_told(decision: Decision) -> str:
    """Severity of a missing notice: only a warning while the decision is taken and not yet told."""
    return WARNING if decision.decision_status == "decided" else ""


def has_reasons(notice: Notice) -> bool:
    """Whether it says why."""
    return bool((notice.reasons or "").strip())


# --- a reduction ------------------------------------------------------------------------------------


@rule("R112", on=Decision)
def a_reduction_is_told_in_time(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """A reduction that is decided has a written notice with reasons, sent in time."""
    if new.record.decision_subject != "reduction" or not approves(new.record):
        return
    notice = notice_of(new, case, "reduction")
    if notice is None:
        says = "a reduction needs a written notice of kind `reduction`, which has been sent"
        yield Finding(says, RESULTS, _until_told(new.record))
    else:
        yield from _late(notice, case, RESULTS)


@rule("R112", on=Notice)
def a_notice_of_reduction_is_in_time(new: Written[Notice], case: CaseFile) -> Iterator[Finding]:
    """A notice of a reduction says why, and is sent as many days ahead as the plan promises."""
    if new.record.notice_kind == "reduction" and new.record.status == SENT and _says_when(new):
        yield from _late(new.record, case, "extension")


def _says_when(new: Written[Notice]) -> bool:
    return any(new.changed(one) for one in ("sent_on", "effective_on", "reasons", "status", "notice_kind"))


def _late(notice: Notice, case: CaseFile, element: str) -> Iterator[Finding]:
    """What a notice of a reduction lacks."""
    if not has_reasons(notice):
        yield Finding("the notice of a reduction gives its reasons", element)
    if notice.sent_on is None or notice.effective_on is None:
        yield Finding("the notice of a reduction says when it was sent and from when money is cut", element)
        return
    earliest = notice.sent_on + timedelta(days=notice_days(case, notice.sent_on))
    if notice.effective_on < earliest:
        yield Finding(f"by the plan's notice the reduction takes effect on {earliest} at the earliest", element)


# --- a stop -----------------------------------------------------------------------------------------


@rule("R113", on=Decision)
def a_stop_is_told_and_leaves_no_gap(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """A stop that is decided gives its reason and a notice, and what replaces it while needs go on."""
    record = new.record
    if record.decision_subject != "stop" or not approves(record):
        return
    if record.stop_reason is None:
        yield Finding("stopping a direct payment gives one of the reasons for it", REASON)
    notice = notice_of(new, case, "stop")
    if notice is None or not has_reasons(notice):
        says = "stopping a direct payment needs a written notice of kind `stop` with reasons, which has been sent"
        yield Finding(says, RESULTS, _until_told(record))
    effective = (notice.effective_on if notice is not None else None) or record.started_on
    yield from _gap(record, effective)


def _gap(record: Decision, effective: date | None) -> Iterator[Finding]:
    """What is missing for care to go on; that needs go on is so until it is said that they do not."""
    if record.needs_continue is False or (record.needs_continue is None and record.stop_reason == "person-died"):
        return
    if record.replacement_option is None or record.replacement_from is None:
        yield Finding("while needs go on, it names how they are met instead, and from which day", RESULTS)
    elif effective is not None and record.replacement_from > effective:
        yield Finding(f"there is a gap: what replaces the direct payment starts by {effective}", RESULTS)


@rule("R110", on=Decision)
def a_mistake_alone_stops_nothing(new: Written[Decision], case: CaseFile) -> Iterator[Finding]:
    """A genuine mistake is not the only reason to stop a direct payment."""
    record = new.record
    if record.decision_subject != "stop" or record.stop_reason != "used-outside-plan" or not approves(record):
        return
    cited = [case.filed(one) for one in _cites(record)]
    found = {_finding_of(one.record) for one in cited if one is not None} - {""} or _every_finding(case)
    if found == {MISTAKE}:
        yield Finding("a genuine mistake alone is no reason to stop a direct payment; say what else there is", REASON)


def _cites(decision: Decision) -> tuple[str | None, ...]:
    return (decision.about, *decision.based_on, *(one.about for one in decision.considered))


def _finding_of(record: object) -> str:
    if isinstance(record, Concern):
        return record.finding or ""
    return (record.misuse_finding or "") if isinstance(record, Payment) else ""


def _every_finding(case: CaseFile) -> set[str]:
    """What was ever found out about the use of the money."""
    records = (*(one.record for one in case.all(Concern)), *(one.record for one in case.all(Payment)))
    return {_finding_of(one) for one in records} - NOTHING_FOUND


# --- misuse -----------------------------------------------------------------------------------------


@rule("R115", on=Concern)
def wilful_misuse_is_talked_about(new: Written[Concern], case: CaseFile) -> Iterator[Finding]:
    """A finding of wilful misuse names the coordinator's conversation and how the money is held afterwards."""
    if new.record.finding != WILFUL or new.record.status in {"draft", "cancelled"}:
        return
    if not _was_led(new.record, case):
        yield Finding("wilful misuse needs a conversation led by the care coordinator; name it", RESULTS)
    if new.record.outcome_option is None:
        yield Finding(
            "decide whether the needs are met by `notional` or `third-party` from then on, and say so", RESULTS
        )


def _was_led(concern: Concern, case: CaseFile) -> bool:
    """Whether the coordinator held the conversation; who sent it is who led it."""
    talk = case.get(Discussion, literal("Communication", concern.conversation_id))
    return talk is not None and is_coordinator(case, talk.sender)


@rule("R115", on=Payment)
def wilful_misuse_was_looked_into(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """A payment that says wilful misuse rests on a concern that found it, was talked about and decided."""
    record = new.record
    if record.misuse_finding != WILFUL or not counts(record):
        return
    found = (one.record for one in case.all(Concern) if one.record.finding == WILFUL)
    if not any(_was_led(one, case) and one.outcome_option is not None for one in found):
        yield Finding(
            "wilful misuse rests on a concern that found it, with the coordinator's conversation and what was decided",
            "supportingInfo",
        )
