"""What takes a payment that is still to come off the list: a stop, a death, a new version of its budget.

Source: domain.md 5.3 (Payment: cancelled by stop, death, new version); rules R99, R113, R114.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.case.budgets import WAS_IN_FORCE, state_of
from fhir_gateway.phb.case.conversations import death_of
from fhir_gateway.phb.case.decisions import approves
from fhir_gateway.phb.case.direct_payments import is_direct
from fhir_gateway.phb.case.payments import (
    CONTRIBUTION,
    DIRECT,
    INSTALMENT,
    budget_of,
    counts,
    only_wages,
    options_of,
)
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.budget import AgreedBudget
from mappings.communication import Notice
from mappings.decision import Decision
from mappings.payment import Payment

# Neither authorised nor paid: it can still be called off.
TO_COME: Final = frozenset({"scheduled", "due", "on-hold"})
REGULAR: Final = frozenset({INSTALMENT, CONTRIBUTION})
STOP: Final = "stop"
SENT: Final = "completed"


@dataclass(frozen=True, slots=True)
class CalledOff:
    """Why a payment will not be made. rule: its number."""

    rule: str
    why: str


def called_off(payment: Payment, case: CaseFile) -> CalledOff | None:
    """Why a payment that is still to come is not made; None where it is."""
    if not counts(payment) or payment.payment_status not in TO_COME:
        return None
    reasons = (_by_death(payment, case), _by_stop(payment, case), _by_new_version(payment, case))
    return next((one for one in reasons if one is not None), None)


def _by_death(payment: Payment, case: CaseFile) -> CalledOff | None:
    """Nothing regular is paid for days after the death, but for pay."""
    died, last = death_of(case), payment.end or payment.start
    if died is None or last is None or last <= died or payment.payment_kind not in REGULAR:
        return None
    if only_wages(payment, budget_of(payment, case)):
        return None
    return CalledOff("R114", f"it covers days after the person's death on {died}")


# --- a stop -----------------------------------------------------------------------------------------


def _by_stop(payment: Payment, case: CaseFile) -> CalledOff | None:
    """A direct payment for days from which it is stopped; one that is arranged afresh afterwards is another."""
    first = payment.start or payment.due_on
    if first is None or not _goes_with_direct_payment(payment, case):
        return None
    for stop, day in stops(case):
        afresh = payment.created is not None and payment.created > max(day, stop.ended_on or day)
        if first >= day and not afresh:
            return CalledOff("R113", f"the direct payment stops on {day}")
    return None


def _goes_with_direct_payment(payment: Payment, case: CaseFile) -> bool:
    """Whether it is a direct payment, or what the person pays into the account of one."""
    if payment.payment_kind == CONTRIBUTION:
        return options_of(payment, budget_of(payment, case)) == {DIRECT}
    return is_direct(payment, case)


def stops(case: CaseFile) -> Iterator[tuple[Decision, date]]:
    """The decisions to stop the direct payment, each with its day: what the notice says, else that of the decision."""
    for one in case.all(Decision):
        if one.record.decision_subject == STOP and approves(one.record):
            day = _told(one, case) or one.record.ended_on or one.record.started_on
            if day is not None:
                yield one.record, day


def _told(stop: Filed[Decision], case: CaseFile) -> date | None:
    """The day the notice says."""
    for one in case.all(Notice):
        notice = one.record
        named = stop.record.notice_id == one.id or stop.reference in (*notice.based_on, *notice.about)
        if named and notice.notice_kind == STOP and notice.status == SENT and notice.effective_on is not None:
            return notice.effective_on
    return None


# --- a new version ----------------------------------------------------------------------------------


def _by_new_version(payment: Payment, case: CaseFile) -> CalledOff | None:
    """What an earlier version of the budget was to pay for days of a later one."""
    first = payment.start or payment.due_on
    if first is None or payment.payment_kind not in REGULAR or payment.pays_against_id is None:
        return None
    later = (one.record for one in case.all(AgreedBudget) if one.record.supersedes_id == payment.pays_against_id)
    starts = [one.start for one in later if state_of(one) in WAS_IN_FORCE and one.start is not None]
    if not starts or first < min(starts):
        return None
    return CalledOff("R99", f"a new version of the budget pays from {min(starts)}")
