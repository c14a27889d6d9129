"""Rules R152 to R154: a person moves to another ICB without a gap in care, in money or in the books.

Source: domain.md section 4 L, 2.6 (Transfer), 5.2 T19 and T20.
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.conversations import death_of
from fhir_gateway.phb.case.payments import RECOVERY
from fhir_gateway.phb.case.references import literal, type_of
from fhir_gateway.phb.case.transfers import ACCEPTED, MOVED, waiting_for_first_review
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.periods import day_before, months_after
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.change import Transfer
from mappings.organization import Organisation
from mappings.payment import Payment
from mappings.practitioner_role import CareCoordinator

ICB: Final = "nhs-icb"
OUT_OF_FORCE: Final = frozenset({"superseded", "ended", "closed"})


def _is_accepted(transfer: Transfer) -> bool:
    return transfer.transfer_status in ACCEPTED and transfer.status != "entered-in-error"


def _has_moved(transfer: Transfer) -> bool:
    return transfer.transfer_status in MOVED and transfer.status != "entered-in-error"


def _not_yet(transfer: Transfer) -> bool:
    return not _has_moved(transfer)


# --- who hands over to whom -------------------------------------------------------------------------


@rule("R152", on=Transfer)
def both_bodies_are_named(new: Written[Transfer], case: CaseFile) -> Iterator[Finding]:
    """An accepted transfer goes from one ICB to another."""
    transfer = new.record
    if not _is_accepted(transfer):
        return
    for body, element in ((transfer.requester, "requester"), (transfer.owner, "owner")):
        if body is None or (type_of(body) and not _may_be_an_icb(case, body)):
            yield Finding("an accepted transfer names the ICB here, as an Organization", element)
    if transfer.owner is not None and transfer.owner == transfer.requester:
        yield Finding("the receiving ICB is the sending one; name the other", "owner")


def _may_be_an_icb(case: CaseFile, body: str) -> bool:
    organisation = case.get(Organisation, body)
    return type_of(body) == "Organization" and (organisation is None or organisation.funder_kind in {None, ICB})


@rule("R152", on=Transfer)
def the_receiving_body_accepts(new: Written[Transfer], case: CaseFile) -> Iterator[Finding]:
    """Somebody of the receiving ICB accepts it, on or before the day it takes effect."""
    transfer = new.record
    if not _is_accepted(transfer):
        return
    if transfer.accepted_by is None or transfer.accepted_on is None:
        yield Finding("who accepted the transfer, and on which day, is missing", "output")
        return
    if not _is_of(case, transfer.accepted_by, transfer.owner):
        yield Finding("the transfer is accepted by another body; the receiving ICB must accept it", "output")
    if transfer.started_on is not None and transfer.accepted_on > transfer.started_on:
        yield Finding("the transfer is accepted only after it takes effect; set an earlier day", "output")


def _is_of(case: CaseFile, who: str, body: str | None) -> bool:
    if type_of(who) == "Organization":
        return who == body
    role = case.get(CareCoordinator, who)
    return role is None or role.organisation is None or literal("Organization", role.organisation) == body


@rule("R152", on=Transfer)
def the_person_and_a_coordinator_are_there(new: Written[Transfer], _case: CaseFile) -> Iterator[Finding]:
    """The person was informed, and the new coordinator is named."""
    if _is_accepted(new.record):
        if new.record.person_informed_on is None:
            yield Finding("the day the person was informed is missing", "output")
        if new.record.new_coordinator is None:
            yield Finding("the new care coordinator is missing", "output")


@rule("R152", on=Transfer)
def no_day_goes_unfunded(new: Written[Transfer], _case: CaseFile) -> Iterator[Finding]:
    """The sending ICB funds at least to the day before the receiving one starts."""
    transfer = new.record
    if not _is_accepted(transfer):
        return
    if transfer.started_on is None or transfer.funded_until is None:
        yield Finding("the first day of the new funding and the last day of the old are both needed", "executionPeriod")
    elif transfer.funded_until < day_before(transfer.started_on):
        says = f"nobody funds the days before {transfer.started_on}; fund until {day_before(transfer.started_on)}"
        yield Finding(says, "output")


# --- what stays in force ----------------------------------------------------------------------------


@rule("R153", on=Transfer, softer=_not_yet)
def the_first_review_is_soon(new: Written[Transfer], _case: CaseFile) -> Iterator[Finding]:
    """The receiving ICB's first review is due within the months set; before the move that is only warned of."""
    transfer = new.record
    if not _is_accepted(transfer) or transfer.started_on is None:
        return
    last = months_after(transfer.started_on, setting("R153", "months"))
    if transfer.first_review_due is None or not transfer.started_on <= transfer.first_review_due <= last:
        yield Finding(f"the first review must be due by {last}; add the output `next-review`", "output")


@rule("R153", on=(AgreedBudget, SupportPlan))
def nothing_ends_before_the_first_review(new: Written[AgreedBudget | SupportPlan], case: CaseFile) -> Iterator[Finding]:
    """After a transfer the active plan and budget stay until the receiving ICB has reviewed them."""
    if new.previous is None or _state(new.previous) != "active" or _state(new.record) not in OUT_OF_FORCE:
        return
    if death_of(case) is None and waiting_for_first_review(case, case.today, setting("R153", "months")) is not None:
        yield Finding("stays in force until the receiving ICB has completed its first review", "status")


def _state(record: AgreedBudget | SupportPlan) -> str | None:
    return record.budget_status if isinstance(record, AgreedBudget) else record.plan_status


# --- the balance ------------------------------------------------------------------------------------


@rule("R154", on=Transfer, softer=_not_yet)
def the_balance_goes_somewhere(new: Written[Transfer], _case: CaseFile) -> Iterator[Finding]:
    """What is carried and what is returned add up to the balance; before the move that is only warned of."""
    transfer = new.record
    if not _is_accepted(transfer):
        return
    balance, parts = transfer.balance_pence, (transfer.balance_carried_pence, transfer.balance_returned_pence)
    if balance is None or None in parts:
        yield Finding("balance, carried part and returned part are all needed; zero is an amount", "output")
    elif sum(one or 0 for one in parts) != balance:
        says = f"carried and returned come to {pounds(sum(one or 0 for one in parts))}, not {pounds(balance)}"
        yield Finding(says, "output")


@rule("R154", on=Transfer)
def a_returned_part_is_talked_over(new: Written[Transfer], case: CaseFile) -> Iterator[Finding]:
    """Once all is handed over, the returned part is a recovery that names both discussions (R106)."""
    transfer = new.record
    returned = transfer.balance_returned_pence or 0
    if transfer.transfer_status != "completed" or not returned or transfer.status == "entered-in-error":
        return
    if not any(_returns(one.record, returned) for one in case.all(Payment)):
        says = f"no recovery of {pounds(returned)} names the talks with the person and with the coordinator"
        yield Finding(f"{says}; record it first", "output")


def _returns(payment: Payment, returned: int) -> bool:
    both = payment.discussion_person_id is not None and payment.discussion_coordinator_id is not None
    return both and payment.payment_kind == RECOVERY and payment.total_pence == returned
