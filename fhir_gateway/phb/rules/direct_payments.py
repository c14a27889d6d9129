"""Group B, on what a direct payment rests: consent, capacity, no bar, suitability.

Source: domain.md 4 B (R11 to R16, R23 to R25).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from fhir_gateway.phb.case.arrangements import holds
from fhir_gateway.phb.case.budgets import days_of, is_binding, is_draft, is_live
from fhir_gateway.phb.case.capacity import NOMINATE, RECEIVE, Speaker, speaker_on
from fhir_gateway.phb.case.consents import (
    OWN_RULE,
    REPRESENT,
    consents,
    unsupported,
    withdrawn,
    withdrawn_by,
)
from fhir_gateway.phb.case.direct_payments import (
    barred,
    bars,
    direct_lines,
    moves_on,
    releases_direct,
    runs_from,
    stop_decided,
)
from fhir_gateway.phb.case.payments import DIRECT
from fhir_gateway.phb.case.people import CHILD_UNTIL, NOMINEE, party, reaches
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.account import PaymentArrangement
from mappings.assessment import DirectPaymentBar
from mappings.budget import AgreedBudget, Budget, IndicativeBudget
from mappings.consent import PhbConsent
from mappings.payment import Payment

WORKERS: Final = ("Practitioner/", "PractitionerRole/")
BARRED: Final = "a bar on direct payments is in force"
STOP: Final = "decide its stop and what takes its place"
MENDS: Final = {
    "R11": "the person decides alone: record their own active consent receive-direct-payment",
    "R12": "the person is under 16: record a representative and their active consent act-as-representative",
    "R13": "the person lacks capacity: record a representative with an active consent act-as-representative, and an "
    "assessment with the decision path and who speaks for the person",
    "R23": "the consent was withdrawn before this is due: decide the stop, or record a new consent",
    "R24": "capacity has come back: record the person's own consent before more is paid",
    "R25": "the person is 16 by then and decides alone: record their own consent",
}


# --- R11 to R13: consent ----------------------------------------------------------------------------


@rule("R11", on=Payment)
def own_consent_for_a_direct_payment(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What is paid to somebody who decides alone rests on their own consent."""
    yield from _unsupported_payment("R11", new, case)


@rule("R12", on=Payment)
def representative_for_a_child(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What is paid for a child rests on a representative's consent."""
    yield from _unsupported_payment("R12", new, case)


@rule("R13", on=Payment)
def representative_for_somebody_without_capacity(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What is paid for somebody who lacks capacity rests on a representative and a recorded path to decisions."""
    yield from _unsupported_payment("R13", new, case)


def _unsupported_payment(number: str, new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    if releases_direct(new, case) and unsupported(case, moves_on(new.record, case)) == number:
        yield Finding(MENDS[number], "payee")


@rule("R11", on=(AgreedBudget, PaymentArrangement))
def own_consent_to_set_one_up(
    new: Written[AgreedBudget] | Written[PaymentArrangement], case: CaseFile
) -> Iterator[Finding]:
    """A direct payment is set up for somebody who decides alone when they consent."""
    yield from _unsupported_setting_up("R11", new, case)


@rule("R12", on=(AgreedBudget, PaymentArrangement))
def representative_of_a_child_to_set_one_up(
    new: Written[AgreedBudget] | Written[PaymentArrangement], case: CaseFile
) -> Iterator[Finding]:
    """A direct payment is set up for a child when a representative consents."""
    yield from _unsupported_setting_up("R12", new, case)


@rule("R13", on=(AgreedBudget, PaymentArrangement))
def representative_without_capacity_to_set_one_up(
    new: Written[AgreedBudget] | Written[PaymentArrangement], case: CaseFile
) -> Iterator[Finding]:
    """A direct payment is set up without capacity when a representative consents and the path is known."""
    yield from _unsupported_setting_up("R13", new, case)


def _unsupported_setting_up(
    number: str, new: Written[AgreedBudget] | Written[PaymentArrangement], case: CaseFile
) -> Iterator[Finding]:
    element = _set_up_at(new)
    day = new.record.start or case.today
    if element and OWN_RULE[speaker_on(case, day)] == number and unsupported(case, day):
        yield Finding(MENDS[number], element)


def _set_up_at(new: Written[AgreedBudget] | Written[PaymentArrangement]) -> str:
    """The element by which this write sets up a direct payment, empty when it does not."""
    record = new.record
    if isinstance(record, PaymentArrangement):
        asked = any(new.changed(one) for one in ("status", "management_option", "recipient", "start"))
        return "type" if asked and record.status == "active" and record.management_option == DIRECT else ""
    first = next((at for at, _ in direct_lines(record)), None)
    return f"item[{first}].modifier" if first is not None and is_binding(record) and _budget_asked(new) else ""


def _budget_asked(new: Written[Any]) -> bool:
    """Whether this write puts a budget forward, or changes its lines."""
    return any(new.changed(one) for one in ("lines", "budget_status", "status"))


# --- R14, R15: the bar ------------------------------------------------------------------------------


@rule("R14", on=(AgreedBudget, IndicativeBudget), softer=is_draft)
def no_direct_line_while_barred(new: Written[Budget], case: CaseFile) -> Iterator[Finding]:
    """No line of days under a bar is held as a direct payment."""
    if not is_live(new.record) or not _budget_asked(new):
        return
    for at, line in direct_lines(new.record):
        if barred(case, days_of(line, new.record)):
            yield Finding(f"{BARRED}: hold the line notional or third-party", f"item[{at}].modifier")


@rule("R14", on=PaymentArrangement)
def no_account_for_one_while_barred(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """No direct payment is set up for days under a bar."""
    if _set_up_at(new) and barred(case, (new.record.start, new.record.end)):
        yield Finding(f"{BARRED}: hold the money notional or third-party", "type")


@rule("R15", on=Payment)
def nothing_is_released_under_a_bar(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What falls due under a bar is not released."""
    if not releases_direct(new, case):
        return
    day = moves_on(new.record, case)
    if barred(case, (day, day)):
        yield Finding(f"{BARRED} on {day}: decide the stop and pay in another way", "extension")


@rule("R15", on=DirectPaymentBar)
def bar_asks_for_a_stop(new: Written[DirectPaymentBar], case: CaseFile) -> Iterator[Finding]:
    """A bar on somebody with a running direct payment asks for a stop with a replacement."""
    since = new.record.start or case.today
    if new.record in bars(case) and runs_from(case, since) and not stop_decided(case, since):
        yield Finding(f"a direct payment is running: {STOP}", "valueCodeableConcept", WARNING)


# --- R16: suitability -------------------------------------------------------------------------------


@rule("R16", on=PaymentArrangement)
def direct_payment_was_found_suitable(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001 - its own fields
    """Before money is held as a direct payment a named worker found it appropriate and good value."""
    record = new.record
    if record.status != "active" or record.management_option != DIRECT:
        return
    if not (record.suitability_appropriate and record.suitability_value_for_money):
        yield Finding("a direct payment has to be found appropriate and good value for money", "extension")
    elif not (record.suitability_reasons or "").strip() or record.suitability_on is None:
        yield Finding("the finding that it is suitable needs its reasons and its day", "extension")
    elif not (record.suitability_by or "").startswith(WORKERS):
        yield Finding("the finding that it is suitable names the worker who made it, no body", "extension")


# --- R23 to R25: consent that ends ------------------------------------------------------------------


@rule("R23", on=Payment)
def nothing_is_released_after_a_withdrawal(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What falls due after a withdrawal, the nominee's own included, is not released."""
    if not releases_direct(new, case):
        return
    day = moves_on(new.record, case)
    if unsupported(case, day) == "R23" or _nominee_withdrew(new.record.payee, case, day):
        yield Finding(MENDS["R23"], "extension")


def _nominee_withdrew(payee: str | None, case: CaseFile, day: date) -> bool:
    one = party(case, payee)
    if one is None or NOMINEE not in one.roles:
        return False
    given = consents(case, NOMINATE, payee or "")
    return any(withdrawn_by(one, day) for one in given) and not any(holds(one, day) for one in given)


@rule("R23", on=PhbConsent)
def withdrawal_asks_for_a_stop(new: Written[PhbConsent], case: CaseFile) -> Iterator[Finding]:
    """Taking back the consent a running direct payment rests on asks for a stop."""
    record = new.record
    if record.consent_subject not in {RECEIVE, REPRESENT} or not withdrawn(record):
        return
    since = record.withdrawn_on or case.today
    rests = bool(unsupported(case, since + timedelta(days=1)))
    if rests and runs_from(case, since + timedelta(days=1)) and not stop_decided(case, since):
        yield Finding(f"a direct payment rests on this consent: {STOP}", "status", WARNING)


@rule("R24", on=Payment)
def regained_capacity_asks_for_own_consent(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What falls due after capacity came back to stay waits for the person's own consent."""
    yield from _unsupported_payment("R24", new, case)


@rule("R25", on=Payment)
def sixteenth_birthday_asks_for_own_consent(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What falls due from the 16th birthday on rests on the person's own consent; it is flagged before."""
    yield from _unsupported_payment("R25", new, case)
    yield from _birthday_near(new, case)


def _birthday_near(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    if not releases_direct(new, case):
        return
    day, grown = moves_on(new.record, case), reaches(case, CHILD_UNTIL)
    if grown is None or not grown - timedelta(days=setting("R25", "days")) <= day < grown:
        return
    if speaker_on(case, grown) is Speaker.PERSON and unsupported(case, grown):
        yield Finding(f"the person is 16 on {grown}: ask for their own consent before", "payee", WARNING)
