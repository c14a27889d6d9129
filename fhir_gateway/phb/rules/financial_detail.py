"""Rules R135, R136 and R140, the part of group J that a write can break.

Source: domain.md section 4 J; the reading rules R134, R137 to R139 come with access by role.
"""

import re
from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.financial_detail import MAY_WAIT, coordinator_knows, person_knows
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.reviews import STARTED, state
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.account import PaymentArrangement
from mappings.change import Concern
from mappings.review import Review

INFORMED: Final = frozenset({"person-informed", "looked-into"})
# sort code and account number together, an account number alone, an IBAN
BANK_ACCOUNT: Final = re.compile(r"(\d{6})?\d{8}|[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
CARD: Final = re.compile(r"\d{13,19}")
BETWEEN_GROUPS: Final = re.compile(r"[\s-]")


@rule("R135", on=Concern)
def asked_and_informed_before_looking(new: Written[Concern], case: CaseFile) -> Iterator[Finding]:
    """Nobody looks into a concern before the coordinator was asked and the person informed."""
    concern = new.record
    if not _opens_the_detail(concern):
        return
    if not coordinator_knows(concern):
        yield Finding("the coordinator was not asked first; give the day, or why not", "output")
    if not person_knows(case, concern):
        exception = " or the approved decision to wait" if concern.concern_kind in MAY_WAIT else ""
        yield Finding(f"the person was not informed first; give the day{exception}", "output")


def _opens_the_detail(concern: Concern) -> bool:
    """A concern may be closed without anybody looking; a finding shows that somebody did."""
    if concern.status == "entered-in-error":
        return False
    return concern.concern_status in INFORMED or concern.finding is not None


@rule("R136", on=Concern)
def told_before_the_extra_review(new: Written[Concern], case: CaseFile) -> Iterator[Finding]:
    """The review that a concern leads to starts after the person was told of it."""
    review = case.get(Review, literal("Task", new.record.review_id))
    if new.record.status == "entered-in-error" or review is None or not _has_started(review):
        return
    if review.person_told_on is None or (review.started_on is not None and review.person_told_on >= review.started_on):
        yield Finding("its review started before the person was told; record the earlier day on the review", "output")


def _has_started(review: Review) -> bool:
    return state(review) in STARTED and review.status != "entered-in-error"


@rule("R140", on=PaymentArrangement)
def an_account_is_known_by_a_token(new: Written[PaymentArrangement], _case: CaseFile) -> Iterator[Finding]:
    """The account's number is a token of ours to no bank: no account number, IBAN or card number."""
    token = BETWEEN_GROUPS.sub("", new.record.account_ref or "").upper()
    if BANK_ACCOUNT.fullmatch(token) or (CARD.fullmatch(token) and _has_check_digit(token)):
        yield Finding("this looks like a bank account or card number; send a token that says nothing", "identifier")


def _has_check_digit(digits: str) -> bool:
    """The check every payment card number passes (ISO/IEC 7812-1): every second digit from the right doubled."""
    doubled = (int(one) * (1 + at % 2) for at, one in enumerate(reversed(digits)))
    return sum(sum(divmod(one, 10)) for one in doubled) % 10 == 0
