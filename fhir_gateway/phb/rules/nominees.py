"""Group B, on those who act for the person: nominees, and who is principal and employer under which money.

Source: domain.md 4 B (R17 to R20).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.bodies import COUNCIL, NHS, shares
from fhir_gateway.phb.case.capacity import NOMINATE, RECEIVE, Speaker, assessments, speaker_on
from fhir_gateway.phb.case.direct_payments import moves_on, releases_direct
from fhir_gateway.phb.case.payments import DIRECT, RELEASED, TO_HOLDER, counts
from fhir_gateway.phb.case.people import NOMINEE, party, represents, themselves
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.account import PaymentArrangement
from mappings.coverage import FunderContribution
from mappings.payment import Payment
from mappings.related_person import Party

COUNCIL_NOMINEE: Final = "la-nominated-person"
NOMINATION: Final = ("roles", "nominated_by", "agreed_to_act_on", "body_agreed_on")
STRANGERS: Final = frozenset({"none", "other"})
INVOLVED: Final = frozenset({"friend", "family-member", "unpaid-carer"})


def _is_nominee(one: Party | None) -> bool:
    """Whether somebody receives the money because they were named, and not by an authority of their own."""
    return one is not None and NOMINEE in one.roles and not represents(one)


# --- R17: the nomination is complete ----------------------------------------------------------------


@rule("R17", on=Payment)
def nominee_is_in_place_before_the_first_instalment(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Money goes to a nominee when the nomination was complete before the first of it was due."""
    named = party(case, new.record.payee)
    if named is not None and _is_nominee(named) and releases_direct(new, case):
        first = min((moves_on(new.record, case), *_paid_days(case, new.record.payee)))
        for fault in _incomplete(named, case, first):
            yield Finding(f"the payee is a nominee: {fault}", "payee")


@rule("R17", on=PaymentArrangement)
def nominee_is_in_place_to_receive(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """A direct payment is set up for a nominee when the nomination is complete."""
    record = new.record
    asked = new.changed("status") or new.changed("recipient")
    if not asked or record.status != "active" or record.management_option != DIRECT:
        return
    named = party(case, record.recipient)
    if named is not None and _is_nominee(named):
        for fault in _incomplete(named, case, None):
            yield Finding(f"the recipient is a nominee: {fault}", "extension")


@rule("R17", on=Party)
def nomination_is_complete(new: Written[Party], case: CaseFile) -> Iterator[Finding]:
    """A nomination says who named the nominee and when both sides agreed; flagged until money was paid."""
    if not _is_nominee(new.record) or not any(new.changed(one) for one in NOMINATION):
        return
    paid = _paid_days(case, new.reference)
    for fault in _incomplete(new.record, case, min(paid, default=None)):
        yield Finding(f"the nomination is not complete: {fault}", "extension", "" if paid else WARNING)


def _paid_days(case: CaseFile, payee: str | None) -> list[date]:
    """The days on which money released to a holder was due."""
    found = (one.record for one in case.all(Payment) if one.record.payee == payee and counts(one.record))
    return [moves_on(one, case) for one in found if one.payment_kind in TO_HOLDER and one.payment_status in RELEASED]


def _incomplete(one: Party, case: CaseFile, first_due: date | None) -> Iterator[str]:
    if not _may_nominate(case, one.nominated_by):
        yield "say who named them, the person or a representative"
    agreed = {"the day they agreed to act": one.agreed_to_act_on, "the day the body agreed": one.body_agreed_on}
    for words, day in agreed.items():
        if day is None:
            yield f"{words} is missing"
        elif first_due is not None and day > first_due:
            yield f"{words} is after the first instalment, due on {first_due}"


def _may_nominate(case: CaseFile, reference: str | None) -> bool:
    named_by = party(case, reference)
    return reference == themselves(case) or (named_by is not None and represents(named_by))


# --- R18, R19: who may name whom --------------------------------------------------------------------


@rule("R18", on=Party)
def nomination_is_made_by_somebody_who_can(new: Written[Party], case: CaseFile) -> Iterator[Finding]:
    """A child or somebody without capacity names no nominee, but for one named before capacity was lost."""
    if not _is_nominee(new.record) or new.record.nominated_by != themselves(case):
        return
    if not any(new.changed(one) for one in NOMINATION):
        return
    day = new.record.agreed_to_act_on or new.record.start or case.today
    speaker = speaker_on(case, day, RECEIVE, NOMINATE)
    if speaker is not Speaker.PERSON and not _named_in_advance(case, new.id):
        yield Finding(f"{speaker.value} names a nominee, not the person", "extension")


def _named_in_advance(case: CaseFile, id_: str) -> bool:
    return any(one.advance_nominee == id_ for one in assessments(case, RECEIVE, NOMINATE))


@rule("R19", on=Party)
def stranger_as_nominee_is_checked(new: Written[Party], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001 - its own fields
    """A nominee from outside family, household and friends has a recorded check."""
    one = new.record
    if NOMINEE not in one.roles or one.relationship not in STRANGERS or one.same_household:
        return
    if INVOLVED.isdisjoint(one.roles) and one.dbs_issued is None:
        yield Finding("the nominee is no relative and shares no household: record a DBS check", "extension")


# --- R20: principal and employer --------------------------------------------------------------------


@rule("R20", on=Party)
def legal_roles_follow_the_money(new: Written[Party], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001 - its own fields
    """A nominee is principal for NHS money; a person nominated under council rules is not for the council's."""
    if not (new.changed("legal_roles") or new.changed("roles")):
        return
    if NOMINEE in new.record.roles and False in _principal(new.record, NHS):
        yield Finding("a nominee is contract principal and employer for NHS money: principal is true", "extension")
    if COUNCIL_NOMINEE in new.record.roles and True in _principal(new.record, COUNCIL):
        yield Finding("a nominated person is no principal for council money: principal is false", "extension")


@rule("R20", on=PaymentArrangement)
def mixed_money_states_both_roles(new: Written[PaymentArrangement], case: CaseFile) -> Iterator[Finding]:
    """Where NHS and council money meet, the recipient's legal role under each is stated."""
    record = new.record
    asked = any(new.changed(one) for one in ("status", "recipient", "coverage_ids", "other_public_money"))
    if not asked or record.status != "active" or record.management_option != DIRECT:
        return
    named = party(case, record.recipient)
    if named is not None:
        yield from _unstated(named, _streams(record, case))


def _unstated(recipient: Party, streams: frozenset[str]) -> Iterator[Finding]:
    nhs, council = _principal(recipient, NHS), _principal(recipient, COUNCIL)
    mixed = all(any(one.startswith(purse) for one in streams) for purse in (NHS, COUNCIL))
    if mixed and not (nhs and council):
        yield Finding("NHS and council money meet: state the recipient's legal role under each stream", "extension")
    elif False in nhs and any(one.startswith(NHS) for one in streams):
        yield Finding("the recipient of NHS money is contract principal and employer", "extension")


def _principal(one: Party, purse: str) -> set[bool]:
    """What is stated of the legal role under the streams of one purse."""
    stated = (role for role in one.legal_roles if (role.stream or "").startswith(purse))
    return {role.principal for role in stated if role.principal is not None}


def _streams(record: PaymentArrangement, case: CaseFile) -> frozenset[str]:
    """The streams an account holds: of the shares it names, else of all shares in force."""
    named = [one.record for one in case.all(FunderContribution) if one.id in record.coverage_ids]
    held = (one.stream for one in (named if record.coverage_ids else shares(case)))
    return frozenset((*held, *record.other_public_money))
