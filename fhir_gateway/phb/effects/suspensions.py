"""What follows from a pause of payments: direct payments due in it are held back, and go on when it is over.

A stay in hospital is no pause: nothing follows from it here (R104).

Source: domain.md 5.3 (Payment), 5.2 T16 and T17; rules R104, R105.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from fhir_gateway.phb.case.direct_payments import is_direct
from fhir_gateway.phb.case.payments import counts
from fhir_gateway.phb.case.wages import only, parts_of
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from fhir_gateway.phb.effects.stops import cancelled
from fhir_gateway.phb.rules.suspensions import HOSPITAL, ON_HOLD, holds, is_running
from mappings.change import Suspension
from mappings.payment import Payment

SCHEDULED: Final = "scheduled"
DUE: Final = "due"
TO_BE_HELD: Final = frozenset({SCHEDULED, DUE})
REASON: Final = "Payments are paused"


@effect(on=Suspension)
def payments_are_paused(new: Written[Suspension], case: CaseFile) -> Iterator[Consequence]:
    """What is due in the pause is held back; because of a stay in hospital all but pay and what goes with it."""
    if is_running(new.record, case.today):
        for one in case.all(Payment):
            if is_to_be_held(one.record, new, case):
                yield from held(one, new, case)


@effect(on=Suspension)
def payments_go_on(new: Written[Suspension], case: CaseFile) -> Iterator[Consequence]:
    """What it held back and holds back no longer is due, or waits for its day."""
    for one in case.all(Payment):
        if one.record.payment_status == ON_HOLD and one.record.suspension_id == new.id:
            yield from released(one, case)


def is_to_be_held(payment: Payment, suspension: Filed[Suspension], case: CaseFile) -> bool:
    """Whether a direct payment that is still to come falls into a pause; one due before, only once it has begun."""
    if not counts(payment) or payment.payment_status not in TO_BE_HELD or not is_direct(payment, case):
        return False
    start, due = suspension.record.started_on or date.min, payment.due_on or case.today
    return (due >= start or start <= case.today) and holds(suspension.record, payment, case)


def pauses_of(payment: Payment, case: CaseFile) -> tuple[Filed[Suspension], ...]:
    """The running pauses that hold a direct payment back."""
    running = (one for one in case.all(Suspension) if is_running(one.record, case.today))
    return tuple(one for one in running if holds(one.record, payment, case))


def held(one: Filed[Payment], suspension: Filed[Suspension], case: CaseFile) -> Iterator[Consequence]:
    """The payment on hold; of one with pay in it, in a stay in hospital, the rest on hold and the pay left to run."""
    rule, payment = "R105", one.record
    if suspension.record.reason != HOSPITAL:
        yield _on_hold(payment, suspension, rule, one.id)
        return
    rule, parts = "R104", parts_of(payment, case)
    if not parts.wages:
        yield _on_hold(payment, suspension, rule, one.id)
    elif parts.rest:
        why = "the person is in hospital and payments are paused: pay and what goes with it runs on"
        yield Consequence(record=only(payment, parts.wages), why=why, rule=rule, id=one.id)
        yield _on_hold(replace(only(payment, parts.rest), payment_id=None), suspension, rule, "")


def _on_hold(payment: Payment, suspension: Filed[Suspension], rule: str, id_: str) -> Consequence:
    record = replace(payment, payment_status=ON_HOLD, suspension_id=suspension.id, hold_reason=REASON)
    return Consequence(record=record, why=f"payments are paused from {suspension.record.started_on}", rule=rule, id=id_)


def released(one: Filed[Payment], case: CaseFile) -> Iterator[Consequence]:
    """A payment on hold that its pause holds no longer; one that another pause holds names that one."""
    payment, pauses = one.record, pauses_of(one.record, case)
    if any(pause.id == payment.suspension_id for pause in pauses):
        return
    off = cancelled(one, case)
    other = next((pause for pause in pauses if pause.record.reason != HOSPITAL), None)
    if off is not None:
        yield off
    elif other is not None:
        yield _on_hold(payment, other, "R105", one.id)
    else:
        status = SCHEDULED if payment.due_on is not None and payment.due_on > case.today else DUE
        record = replace(payment, payment_status=status, suspension_id=None, hold_reason=None)
        yield Consequence(record=record, why="payments are no longer paused", rule="R105", id=one.id)
