"""Pausing payments: a decision and both conversations first; a stay in hospital by itself pauses nothing.

Source: domain.md section 4 H (R104, R105), 2.5 (Suspension).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.conversations import was_with_coordinator, was_with_person
from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case.decisions import approves
from fhir_gateway.phb.case.payments import DIRECT, WAGES, budget_of, categories_of, counts
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.periods import ONE_DAY
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.change import Suspension
from mappings.communication import Discussion
from mappings.decision import Decision
from mappings.payment import Payment

IN_FORCE: Final = frozenset({"accepted", "ready", "in-progress", "on-hold", "completed"})
HOSPITAL: Final = "hospital-admission"
OFFENCE: Final = "suspected-offence"
ON_HOLD: Final = "on-hold"
SATURDAY: Final = 5
WITH_PERSON: Final = "a conversation with the person, or whoever represents them,"
WITH_COORDINATOR: Final = "a conversation with the care coordinator"


def in_force(suspension: Suspension) -> bool:
    """Whether payments are, or were, paused by it; a mere request pauses nothing."""
    return suspension.status in IN_FORCE


def is_running(suspension: Suspension, day: date) -> bool:
    """Whether payments are paused on the day or later: decided, and not over. `ended_on` is the day they go on."""
    return in_force(suspension) and (suspension.ended_on is None or suspension.ended_on > day)


def _talk(case: CaseFile, id: str | None) -> Discussion | None:  # noqa: A002
    return case.get(Discussion, literal("Communication", id))


# --- a pause because of a stay in hospital ----------------------------------------------------------


@rule("R104", on=Suspension)
def a_stay_in_hospital_is_talked_about(new: Written[Suspension], case: CaseFile) -> Iterator[Finding]:
    """Both conversations are recorded, and how care goes on meanwhile is said."""
    record = new.record
    if record.reason != HOSPITAL or not in_force(record):
        return
    if not (record.description or "").strip():
        yield Finding("say how care goes on during the stay in hospital", "description")
    if None in {_talk(case, one) for one in (record.discussion_person_id, record.discussion_coordinator_id)}:
        yield Finding("a pause for a stay in hospital names both conversations about it", "input")


@rule("R104", on=Payment)
def wages_run_on_in_hospital(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Pay and what goes with it is not held back because of a stay in hospital."""
    if new.record.payment_status != ON_HOLD or not new.changed("payment_status"):
        return
    suspension = suspension_of(new.record, case)
    if suspension is not None and suspension.reason == HOSPITAL and _has_wages(new.record, case):
        yield Finding("wages run on during a stay in hospital: split them off and hold back only the rest", "item")


def _has_wages(payment: Payment, case: CaseFile) -> bool:
    """Whether pay is in it; an instalment that does not say holds some of whatever the budget's direct payment has."""
    budget = budget_of(payment, case)
    said = {one for one in categories_of(payment, budget) if one}
    lines = () if said or budget is None else budget.lines
    return not WAGES.isdisjoint(said | {one.category for one in lines if one.management_option == DIRECT})


# --- any pause --------------------------------------------------------------------------------------


@rule("R105", on=Suspension)
def a_pause_is_decided(new: Written[Suspension], case: CaseFile) -> Iterator[Finding]:
    """It rests on a decision to pause the payments."""
    if not in_force(new.record):
        return
    decisions = [one for one in (case.get(Decision, at) for at in new.record.based_on) if one is not None]
    if not any(one.decision_subject == "suspension" and approves(one) for one in decisions):
        yield Finding("it names the decision to pause the payments, taken and approved", "basedOn")


@rule("R105", on=Suspension)
def a_pause_is_talked_about_first(new: Written[Suspension], case: CaseFile) -> Iterator[Finding]:
    """Person and coordinator were spoken with by the day it starts; of a suspected offence the person soon after."""
    record, start = new.record, new.record.started_on or case.today
    if not in_force(record):
        return
    with_person, with_coordinator = (
        _talk(case, one) for one in (record.discussion_person_id, record.discussion_coordinator_id)
    )
    if with_coordinator is None or not was_with_coordinator(case, with_coordinator) or _after(with_coordinator, start):
        yield Finding(f"it names {WITH_COORDINATOR}, held by {start}", "input")
    last = working_days_after(start, setting("R105", "days")) if record.reason == OFFENCE else start
    if with_person is None and record.reason == OFFENCE and case.today <= last:
        yield Finding(f"{WITH_PERSON} has to follow by {last}", "input", WARNING)
    elif with_person is None or not was_with_person(case, with_person) or _after(with_person, last):
        yield Finding(f"it names {WITH_PERSON} held by {last}", "input")


def _after(talk: Discussion, day: date) -> bool:
    return talk.sent_on is None or talk.sent_on > day


def working_days_after(day: date, count: int) -> date:
    """So many days later, Saturdays and Sundays not counted."""
    while count:
        day += ONE_DAY
        count -= day.weekday() < SATURDAY
    return day


# --- a payment that is held back --------------------------------------------------------------------


@rule("R105", on=Payment)
def held_back_only_while_paused(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """A payment is on hold only while a suspension is in force."""
    if new.record.payment_status != ON_HOLD or not counts(new.record):
        return
    if (new.changed("payment_status") or new.changed("suspension_id")) and suspension_of(new.record, case) is None:
        yield Finding(
            "a payment is held back only under a suspension in force on the day it is due; name it", "extension"
        )


def suspension_of(payment: Payment, case: CaseFile) -> Suspension | None:
    """The suspension it names, if that holds it back; where it names none, one that does."""
    named = case.get(Suspension, literal("Task", payment.suspension_id))
    if payment.suspension_id is not None:
        return named if named is not None and holds(named, payment, case) else None
    every = (one.record for one in case.all(Suspension))
    return next((one for one in every if holds(one, payment, case)), None)


def holds(suspension: Suspension, payment: Payment, case: CaseFile) -> bool:
    """Whether it pauses a payment due on its day, or one that was due before and is still unpaid."""
    due = payment.due_on or case.today
    late = suspension.started_on is not None and due < suspension.started_on
    return in_force(suspension) and (late or runs_on(suspension.started_on, suspension.ended_on, due))
