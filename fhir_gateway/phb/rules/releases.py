"""What must be in place before money is authorised, and what a death changes.

Source: domain.md section 4 H (R94, R114).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.arrangements import TO_BE_PAID, arrangements_on, consents_on, signed_agreement
from fhir_gateway.phb.case.budgets import was_agreed
from fhir_gateway.phb.case.conversations import ESTATE, acts_as, death_of
from fhir_gateway.phb.case.direct_payments import is_direct
from fhir_gateway.phb.case.payments import (
    DIRECT,
    INSTALMENT,
    ONE_OFF,
    RELEASED,
    TO_HOLDER,
    budget_of,
    counts,
    day_of,
    is_released,
    only_wages,
    payment_answered,
)
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.claim_response import FunderAnswer
from mappings.communication import Notice
from mappings.payment import Payment

IN_FORCE: Final = frozenset({"agreed", "active"})
WERE_IN_FORCE: Final = IN_FORCE | {"superseded", "closed", "ended"}
STATUS: Final = "extension"
BUDGET: Final = "related"


# --- what must be in place --------------------------------------------------------------------------


@rule("R94", on=Payment)
def released_on_an_agreed_budget(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Money for the holder rests on a budget version and a plan that are agreed; what was paid before, on old ones."""
    if new.record.payment_kind not in TO_HOLDER or not is_released(new):
        return
    allowed = WERE_IN_FORCE if new.previous is None else IN_FORCE
    budget = budget_of(new.record, case)
    if budget is None:
        yield Finding("a payment to the holder of the money names the agreed budget that it pays against", BUDGET)
        return
    if budget.budget_status not in allowed or not was_agreed(budget):
        yield Finding("its budget version is neither agreed nor active; pay against the one in force", BUDGET)
    plan = case.get(SupportPlan, literal("CarePlan", budget.plan_id))
    if plan is None or plan.plan_status not in allowed:
        yield Finding("the plan of its budget is neither agreed nor active; agree the plan first", BUDGET)


@rule("R94", on=Payment)
def released_on_consent_and_agreement(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """A direct payment rests on consent, a signed agreement and, but for single payments, an approved account."""
    record, day = new.record, day_of(new.record) or case.today
    if record.payment_kind not in TO_HOLDER or not is_released(new):
        return
    budget = budget_of(record, case)
    if budget is None or not is_direct(record, case):
        return
    if not consents_on(case, TO_BE_PAID, day):
        yield Finding(f"no consent to a direct payment holds on {day}; record the consent first", STATUS)
    if signed_agreement(case, day) is None:
        yield Finding(f"no direct payment agreement signed by both sides is in force on {day}", STATUS)
    if not _is_single(record, budget) and not _is_approved(case, budget, day):
        yield Finding(f"no account for the direct payment is approved on {day}; approve it first", STATUS)


def _is_single(payment: Payment, budget: AgreedBudget) -> bool:
    return ONE_OFF in {payment.payment_kind, budget.budget_kind}


def _is_approved(case: CaseFile, budget: AgreedBudget, day: date) -> bool:
    found = (one.account_approved_on for one in arrangements_on(case, DIRECT, day, budget))
    return any(on is not None and on <= day for on in found)


# --- after a death ----------------------------------------------------------------------------------

AFTER_DEATH: Final = "it covers days after the person's death; only pay and notice already owed stay payable"


@rule("R114", on=Payment)
def nothing_is_paid_for_days_after_death(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Once the person has died no instalment for later days is authorised or paid, but for wages."""
    record = new.record
    if record.payment_kind != INSTALMENT or not counts(record) or record.payment_status not in RELEASED:
        return
    moved = new.changed("payment_status") or new.changed("start") or new.changed("end")
    paid_on = (record.paid_on or record.due_on) if record.payment_status == "paid" else None
    if moved and _is_for_days_after(record, paid_on or case.today, case):
        yield Finding(AFTER_DEATH, "billablePeriod")


@rule("R114", on=FunderAnswer)
def nothing_is_settled_for_days_after_death(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:
    """Once the person has died no funder pays an instalment for later days, but for wages."""
    paid_on = new.record.paid_on
    if paid_on is None or not new.changed("paid_on"):
        return
    payment = payment_answered(new.record, case)
    if payment is not None and payment.payment_kind == INSTALMENT and _is_for_days_after(payment, paid_on, case):
        yield Finding(AFTER_DEATH, "payment.date")


def _is_for_days_after(payment: Payment, paid_on: date, case: CaseFile) -> bool:
    """Whether it covers days after the death and is paid after it; what was paid in advance stands."""
    last, died = payment.end or payment.start, death_of(case)
    if last is None or died is None or last <= died or paid_on <= died:
        return False
    return not only_wages(payment, budget_of(payment, case))


@rule("R114", on=Notice)
def notices_go_to_the_estate(new: Written[Notice], case: CaseFile) -> Iterator[Finding]:
    """A notice to pay back that is sent after the death goes to whoever represents the estate."""
    record, died = new.record, death_of(case) if new.record.notice_kind == "repayment" else None
    if died is None or record.sent_on is None or record.sent_on <= died or not new.changed("sent_on"):
        return
    if not any(acts_as(case, one, ESTATE) for one in record.recipients):
        yield Finding("the person has died: send it to the estate's representative, recorded as such", "recipient")
