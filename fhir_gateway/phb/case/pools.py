"""Pooled money: who is in a pool, and whose budget line each gives from.

A pool is nobody's own record, so its members' records are looked up by their ids.

Source: domain.md 2.6 (Pool), 8.9 Q17; rules R155 and R156.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.money import Pence
from mappings.budget import AgreedBudget, BudgetLine
from mappings.consent import PhbConsent
from mappings.expenditure import ExpenditureEntry
from mappings.group import Pool, PoolMember

COUNTS: Final = frozenset({"recorded", "evidenced", "accepted", None})


def person_of(member: PoolMember) -> str:
    """Id of the member's Patient."""
    return member.member.removeprefix("Patient/")


def has_left(member: PoolMember, day: date) -> bool:
    """Whether the member's time in the pool is over on a day."""
    return member.end is not None and member.end < day


def budget_of(case: CaseFile, member: PoolMember) -> AgreedBudget | None:
    """The budget the member gives from."""
    return case.get(AgreedBudget, literal("Claim", member.budget_id))


def line_of(case: CaseFile, member: PoolMember) -> BudgetLine | None:
    """The line of that budget the member gives."""
    budget = budget_of(case, member)
    lines = budget.lines if budget is not None else ()
    return next((one for one in lines if one.line_no == member.line_no), None)


def consents(case: CaseFile, member: PoolMember) -> bool:
    """Whether the consent the member names is their own, to pooling, and holds from when they joined."""
    consent = case.get(PhbConsent, literal("Consent", member.consent_id))
    if consent is None or consent.status != "active" or consent.consent_subject != "pool-funds":
        return False
    joined = member.start or consent.given_on
    in_time = consent.withdrawn_on is None or joined is None or joined <= consent.withdrawn_on
    return consent.person_id == person_of(member) and in_time


def spent_by(case: CaseFile, member: PoolMember) -> Pence:
    """What was spent under the member's line; queried and disallowed entries do not count (6.7)."""
    if member.budget_id is None:
        return 0
    entries = case.where(ExpenditureEntry, "pays_against_id", member.budget_id)
    counted = (one.record for one in entries if one.record.expenditure_status in COUNTS)
    return sum(line.amount_pence or 0 for one in counted for line in one.lines if line.budget_line == member.line_no)


def membership(pool: Pool, person: str) -> PoolMember | None:
    """A person's row in a pool."""
    return next((one for one in pool.members if person_of(one) == person), None)
