"""The account that holds a direct payment: the recipient's own, one for public money alone, or a managed one.

Source: domain.md section 4 H (R95, R96, R97).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.arrangements import MANAGED, OWN_ACCOUNT, arrangements_on, is_signed, signatures
from fhir_gateway.phb.case.bodies import NHS
from fhir_gateway.phb.case.direct_payments import is_direct
from fhir_gateway.phb.case.payments import (
    CONTRIBUTION,
    DIRECT,
    ONE_OFF,
    budget_of,
    counts,
    day_of,
)
from fhir_gateway.phb.case.people import themselves
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.periods import financial_year
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget
from mappings.contract import DirectPaymentAgreement
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment
from mappings.terminology import FUNDING_STREAM

ONGOING: Final = "ongoing"
OWN_MONEY: Final = "person-contribution"
FOR_ONE_PAYMENT: Final = "the recipient's own account is for a one-off payment; open a dedicated account"


# --- the recipient's own account --------------------------------------------------------------------


@rule("R95", on=PaymentArrangement)
def own_account_for_a_one_off(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """The recipient's own account serves no ongoing budget."""
    record = new.record
    if record.account_kind == OWN_ACCOUNT and record.status == "active" and ONGOING in _kinds_served(new, case):
        yield Finding(FOR_ONE_PAYMENT, "type")


def _kinds_served(new: Written[PaymentArrangement], case: CaseFile) -> set[str | None]:
    """What the budgets are that name the account; where none does, what the case is."""
    budgets = [one.record for one in case.all(AgreedBudget)]
    named = {one.budget_kind for one in budgets if one.account == new.id}
    return named or {one.record.budget_kind for one in case.all(PhbCase)}


@rule("R95", on=Payment)
def own_account_for_a_single_payment(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Into the recipient's own account goes one payment, for a few things, and no other in the financial year."""
    record, most = new.record, setting("R95", "items")
    if not counts(record) or not _is_new(new) or not is_direct(record, case) or not _into(OWN_ACCOUNT, record, case):
        return
    if record.payment_kind != ONE_OFF:
        yield Finding(FOR_ONE_PAYMENT, "subType")
    if len(record.lines) > most:
        yield Finding(f"a single payment into the recipient's own account is for at most {most} things", "item")
    if any(_in_the_same_year(one, new, case) for one in case.all(Payment)):
        yield Finding("another direct payment is due in the same financial year; open a dedicated account", "extension")


def _is_new(new: Written[Payment]) -> bool:
    return any(new.changed(one) for one in ("payment_kind", "lines", "due_on", "payment_status", "payee"))


def _into(kind: str, payment: Payment, case: CaseFile) -> bool:
    found = arrangements_on(case, DIRECT, day_of(payment) or case.today, budget_of(payment, case))
    return any(one.account_kind == kind for one in found)


def _in_the_same_year(one: Filed[Payment], new: Written[Payment], case: CaseFile) -> bool:
    day, other = day_of(new.record), day_of(one.record)
    if day is None or other is None or one.id == new.id or other not in financial_year(day):
        return False
    return counts(one.record) and is_direct(one.record, case)


# --- public money alone -----------------------------------------------------------------------------


@rule("R96", on=Payment)
def only_public_money_goes_in(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """What goes into a dedicated account is the NHS's, of a stream the arrangement lists, or the person's part."""
    record = new.record
    if not counts(record) or not new.changed("insurance"):
        return
    if record.payment_kind == CONTRIBUTION or is_direct(record, case):
        yield from _mixed(record, case)


@rule("R96", on=ExpenditureEntry)
def only_public_money_is_spent(new: Written[ExpenditureEntry], case: CaseFile) -> Iterator[Finding]:
    """What is spent from a dedicated account is the same money."""
    if new.record.status == "active" and new.changed("insurance"):
        yield from _mixed(new.record, case)


def _mixed(record: Payment | ExpenditureEntry, case: CaseFile) -> Iterator[Finding]:
    """Each stream that does not belong in the account."""
    streams = _streams(record, case)
    if all(_always_belongs(stream) for _, stream in streams):
        return
    day = day_of(record) if isinstance(record, Payment) else record.created
    found = arrangements_on(case, DIRECT, day or case.today, budget_of(record, case))
    dedicated = [one for one in found if one.account_kind not in {None, OWN_ACCOUNT}]
    listed = {stream for one in dedicated for stream in one.other_public_money if _is_public(stream)}
    for at, stream in streams if dedicated else ():
        if not _always_belongs(stream) and stream not in listed:
            yield Finding(
                f"money of the stream `{stream}` does not belong in this account: keep it apart, or, where it is "
                "public money for the same person, list it in the arrangement",
                f"insurance[{at}].coverage",
            )


def _streams(record: Payment | ExpenditureEntry, case: CaseFile) -> list[tuple[int, str]]:
    shares = [case.get(FunderContribution, literal("Coverage", one.coverage_id)) for one in record.insurance]
    return [(at, one.stream) for at, one in enumerate(shares) if one is not None]


def _always_belongs(stream: str) -> bool:
    return stream.startswith(NHS) or stream == OWN_MONEY


def _is_public(stream: str) -> bool:
    return stream in FUNDING_STREAM and stream != "charity-or-other"


# --- a managed account ------------------------------------------------------------------------------


@rule("R97", on=PaymentArrangement)
def a_managed_account_is_in_order(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """It has a holder, the holder's undertaking, and the budget holder's signature on the agreement."""
    record = new.record
    if record.account_kind != MANAGED or record.status != "active":
        return
    if record.owner is None:
        yield Finding("a managed account names the organisation that holds it", "owner")
    if record.undertaking_signed_on is None:
        yield Finding(
            "the holder signs that the money is used only for what the plan agrees; give the day", "extension"
        )
    if not _is_signed_by_holder(record, case):
        yield Finding("the budget holder signs the agreement; name an agreement that they have signed", "extension")


def _is_signed_by_holder(record: PaymentArrangement, case: CaseFile) -> bool:
    agreement = case.get(DirectPaymentAgreement, literal("Contract", record.agreement_id))
    if agreement is None or not is_signed(agreement, case.today):
        return False
    holders = {record.recipient} if record.recipient else {themselves(case)}
    return any(one.party in holders or one.signed_by in holders for one in signatures(agreement, case.today))
