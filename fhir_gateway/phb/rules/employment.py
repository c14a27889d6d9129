"""Group B, on who employs: the recipient, not the account's holder, not the family under a third party; and relatives.

Source: domain.md 4 B (R20 to R22, R26).
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.arrangements import MANAGED, SIGNED, arrangements_on
from fhir_gateway.phb.case.bodies import COUNCIL, NHS, organisation, shares
from fhir_gateway.phb.case.budgets import is_binding, is_in_force, pays_wages
from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case.direct_payments import PEOPLE
from fhir_gateway.phb.case.payments import DIRECT, THIRD_PARTY
from fhir_gateway.phb.case.people import party
from fhir_gateway.phb.case.relatives import employment_allowed
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget, BudgetLine
from mappings.employment import Employment

UNALLOWED: Final = "care by a relative needs an approved family-payment decision that says why it is necessary"


def _is_signed(one: Employment) -> bool:
    return one.status in SIGNED


def _employer_asked(new: Written[Employment]) -> bool:
    return _is_signed(new.record) and (new.changed("employer") or new.changed("status") or new.changed("stream"))


def _day(one: Employment, case: CaseFile) -> date:
    return one.start or case.today


# --- R20, R21: the employer -------------------------------------------------------------------------


@rule("R20", on=Employment)
def employer_is_who_the_money_says(new: Written[Employment], case: CaseFile) -> Iterator[Finding]:
    """Under NHS money the recipient employs; under council money a nominated person does not."""
    if not _employer_asked(new) or not (new.record.employer or "").startswith(PEOPLE):
        return
    if _only(new.record, case, NHS):
        paid = {one.recipient for one in arrangements_on(case, DIRECT, _day(new.record, case))} - {None}
        if paid and new.record.employer not in paid:
            yield Finding("under NHS money the recipient of the direct payment is the employer", "extension")
    elif _only(new.record, case, COUNCIL) and _is_council_nominee(new.record.employer, case):
        yield Finding("a nominated person does not become the employer under council money", "extension")


def _only(one: Employment, case: CaseFile, purse: str) -> bool:
    """Whether the pay is money of one purse alone: as the contract says, else by the shares in force."""
    streams = {one.stream} if one.stream is not None else {share.stream for share in shares(case)}
    return bool(streams) and all(stream.startswith(purse) for stream in streams)


def _is_council_nominee(employer: str | None, case: CaseFile) -> bool:
    named = party(case, employer)
    return named is not None and "la-nominated-person" in named.roles and "la-authorised-person" not in named.roles


@rule("R21", on=Employment)
def account_holder_is_no_employer(new: Written[Employment], case: CaseFile) -> Iterator[Finding]:
    """Whoever only holds the account is not the employer."""
    kind, _, id_ = (new.record.employer or "").partition("/")
    if kind == "Organization" and _employer_asked(new) and _holds_account_alone(id_, case):
        yield Finding("the managed account's holder is the employer: the budget holder normally is", "extension")


def _holds_account_alone(id_: str, case: CaseFile) -> bool:
    accounts = (one.record for one in case.all(PaymentArrangement))
    if any(one.owner == id_ and one.account_kind == MANAGED for one in accounts):
        return True
    known = organisation(case, id_)
    roles = known.roles if known is not None else ()
    return "managed-account-holder" in roles and "third-party-holder" not in roles


# --- R22: third party -------------------------------------------------------------------------------


@rule("R22", on=Employment)
def third_party_employs_itself(new: Written[Employment], case: CaseFile) -> Iterator[Finding]:
    """For a line that a third party holds, neither the person nor the family is the employer."""
    asked = _employer_asked(new) or (_is_signed(new.record) and new.changed("on_cost_lines"))
    if asked and (new.record.employer or "").startswith(PEOPLE) and _is_third_partys(new.record, case):
        yield Finding("a third party holds this line and employs: name it as the employer", "extension")


def _is_third_partys(one: Employment, case: CaseFile) -> bool:
    """Whether a line of the contract is held by a third party: one it names, else every line of wages."""
    lines = list(_lines_on(case, _day(one, case)))
    for number in one.on_cost_lines:
        options = {line.management_option for line in lines if line.line_no == number}
        if options == {THIRD_PARTY}:
            return True
    wages = {line.management_option for line in lines if pays_wages(line)}
    return not one.on_cost_lines and wages == {THIRD_PARTY}


def _lines_on(case: CaseFile, day: date) -> Iterator[BudgetLine]:
    """The lines of every budget in force on a day."""
    for one in case.all(AgreedBudget):
        if is_in_force(one.record) and runs_on(one.record.start, one.record.end, day):
            yield from one.record.lines


# --- R26: relatives at work -------------------------------------------------------------------------


@rule("R26", on=Employment)
def relative_is_employed_by_decision(new: Written[Employment], case: CaseFile) -> Iterator[Finding]:
    """A relative of the household is employed when a decision allows it."""
    asked = any(new.changed(one) for one in ("status", "family_member", "family_decision_id"))
    if asked and _is_unallowed(new, case):
        yield Finding(UNALLOWED, "extension")


@rule("R26", on=AgreedBudget)
def line_pays_a_relative_by_decision(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Finding]:
    """A line that names a relative at work as its provider is put forward when a decision allows it."""
    record = new.record
    asked = any(new.changed(one) for one in ("lines", "providers", "budget_status", "status"))
    workers = {one.sequence: one.provider or "" for one in record.providers if _is_worker(one.provider)}
    if not asked or not is_binding(record) or not workers:
        return
    unallowed = {f"Practitioner/{one.record.employee}" for one in case.all(Employment) if _is_unallowed(one, case)}
    for at, line in enumerate(record.lines):
        if any(workers.get(no) in unallowed for no in line.provider_sequences):
            yield Finding(UNALLOWED, f"item[{at}].careTeamSequence")


def _is_worker(reference: str | None) -> bool:
    return (reference or "").startswith("Practitioner/")


def _is_unallowed(one: Filed[Employment], case: CaseFile) -> bool:
    if not (_is_signed(one.record) and one.record.family_member):
        return False
    return not employment_allowed(case, one.record, one.reference)
