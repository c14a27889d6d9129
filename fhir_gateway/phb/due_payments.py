"""What a new day does to a payment: its day has come, or the pause that held it back is over.

Source: domain.md 5.3 (Payment: the gateway's clock makes it due); rules R104, R105, R114.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.payments import counts
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.effects.stops import cancelled
from fhir_gateway.phb.effects.suspensions import DUE, SCHEDULED, held, is_to_be_held, pauses_of, released
from fhir_gateway.phb.rules.suspensions import ON_HOLD
from mappings.payment import Payment

MOVES_ON: Final = "R94"


def on_the_day(one: Filed[Payment], case: CaseFile) -> Iterator[Consequence]:
    """The payment as it stands on `case.today`; nothing where nothing has changed."""
    payment = one.record
    if not counts(payment):
        return
    if payment.payment_status == ON_HOLD:
        yield from released(one, case)
    elif payment.payment_status == DUE or _has_come(payment, case):
        yield from _due_or_not(one, case)


def _has_come(payment: Payment, case: CaseFile) -> bool:
    return payment.payment_status == SCHEDULED and payment.due_on is not None and payment.due_on <= case.today


def _due_or_not(one: Filed[Payment], case: CaseFile) -> Iterator[Consequence]:
    """Called off, held back, or due; of one that is held back in part the other part is due."""
    off = cancelled(one, case)
    if off is not None:
        yield off
        return
    pause = next((pause for pause in pauses_of(one.record, case) if is_to_be_held(one.record, pause, case)), None)
    parts = list(held(one, pause, case)) if pause is not None else []
    for part in parts:
        yield replace(part, record=_due(part.record)) if part.record.payment_status == SCHEDULED else part
    if not parts and one.record.payment_status == SCHEDULED:
        yield Consequence(record=_due(one.record), why="its day has come", rule=MOVES_ON, id=one.id)


def _due(payment: Payment) -> Payment:
    return replace(payment, payment_status=DUE)
