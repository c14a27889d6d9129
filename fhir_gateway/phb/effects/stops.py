"""What follows from a stop, a death or a new budget version: payments that were still to come are called off.

Source: domain.md 5.3 (Payment); rules R99, R113, R114.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fhir_gateway.phb.case.called_off import STOP, called_off
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.effects.effect import Consequence, effect
from mappings.budget import AgreedBudget
from mappings.communication import Notice
from mappings.decision import Decision
from mappings.patient import Person
from mappings.payment import Payment

CANCELLED: Final = "cancelled"


@effect(on=Decision)
def a_stop_calls_off(new: Written[Decision], case: CaseFile) -> Iterator[Consequence]:
    """The direct payments for days after a stop."""
    if new.record.decision_subject == STOP:
        yield from _off(case)


@effect(on=Notice)
def a_notice_of_a_stop_calls_off(new: Written[Notice], case: CaseFile) -> Iterator[Consequence]:
    """The same when the notice comes after the decision and says the day."""
    if new.record.notice_kind == STOP:
        yield from _off(case)


@effect(on=Person)
def a_death_calls_off(new: Written[Person], case: CaseFile) -> Iterator[Consequence]:
    """Payments that cover days after a death."""
    if new.record.death_date is not None and new.changed("death_date"):
        yield from _off(case)


@effect(on=AgreedBudget)
def a_new_version_calls_off(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Consequence]:
    """What the version before was to pay for days of the new one."""
    if new.record.supersedes_id is not None and (new.changed("budget_status") or new.changed("start")):
        yield from _off(case)


def _off(case: CaseFile) -> Iterator[Consequence]:
    for one in case.all(Payment):
        found = cancelled(one, case)
        if found is not None:
            yield found


def cancelled(one: Filed[Payment], case: CaseFile) -> Consequence | None:
    """The payment called off, None where it is still to be made."""
    found = called_off(one.record, case)
    if found is None:
        return None
    record = replace(one.record, payment_status=CANCELLED, suspension_id=None, hold_reason=None)
    return Consequence(record=record, why=found.why, rule=found.rule, id=one.id)
