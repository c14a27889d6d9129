"""Audits of the organisations that hold people's money: an overdue one is flagged on every case.

Source: domain.md section 4 I (R133); S001.
"""

from collections.abc import Iterator
from datetime import date

from fhir_gateway.phb.case.bodies import is_open, organisation
from fhir_gateway.phb.case.payments import THIRD_PARTY
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.account import PaymentArrangement
from mappings.episode_of_care import PhbCase


@rule("R133", on=PhbCase)
def case_whose_holder_is_unaudited(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """An open case whose money is held by a third party with an overdue audit is flagged."""
    if is_open(new.record):
        for one in case.all(PaymentArrangement):
            yield from _overdue(one.record, case, "account")


@rule("R133", on=PaymentArrangement)
def unaudited_holder(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """An arrangement with a third party whose audit is overdue is flagged."""
    yield from _overdue(new.record, case, "owner")


def _overdue(arrangement: PaymentArrangement, case: CaseFile, element: str) -> Iterator[Finding]:
    if arrangement.management_option != THIRD_PARTY or arrangement.status not in {"active", "on-hold"}:
        return
    due = _audit_due(arrangement, case)
    if due is not None and due < case.today:
        yield Finding(f"the audit of the third-party holder was due by {due}; audit it and record the day", element)


def _audit_due(arrangement: PaymentArrangement, case: CaseFile) -> date | None:
    """The day the holder's audit is due; of the arrangement where the holder has none."""
    holder = organisation(case, arrangement.owner)
    return (holder.next_audit_due if holder is not None else None) or arrangement.audit_due
