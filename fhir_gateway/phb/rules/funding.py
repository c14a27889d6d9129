"""Whose money may be on which line: by the type of need, continuing healthcare, section 117 and wheelchairs.

Source: domain.md section 4 G (R75 to R80), 3.1 (funding-stream, need-type).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.bodies import NHS
from fhir_gateway.phb.case.budgets import CHAIRS, UPGRADE, is_upgrade, line_of
from fhir_gateway.phb.case.funders import (
    AFTERCARE,
    AFTERCARE_STREAMS,
    CHARGED,
    CHARITY,
    CONTINUING_HEALTHCARE,
    EDUCATION,
    OWN,
    WHEELCHAIR,
    bearers,
    groups,
    payers,
    streams_of,
)
from fhir_gateway.phb.case.payments import CONTRIBUTION, budget_of, counts
from fhir_gateway.phb.case.shared_lines import SharedLine, Streams, is_proposal, shared_lines
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.budget import Budget, BudgetLine
from mappings.claim_response import FunderAnswer
from mappings.payment import Payment

HEALTH: Final = "health"
SOCIAL_CARE: Final = "social-care"
JOINT: Final = "joint"
CARE: Final = frozenset({HEALTH, SOCIAL_CARE, JOINT})
NOT_IN_HEALTH: Final = ("la-", "education-")
MAY_PAY_EDUCATION: Final = frozenset({EDUCATION, CHARITY})
Shared = Budget | FunderAnswer


def _from_nhs(stream: str) -> bool:
    return stream.startswith(NHS)


# --- what the person is never asked for -------------------------------------------------------------


def _is_health_need(line: BudgetLine, streams: Streams) -> bool:
    """Whether a line meets a need the NHS answers for, no part of which the person's contribution may carry."""
    if is_upgrade(line):
        return False
    return line.need_type == HEALTH or (any(map(_from_nhs, streams)) and CHARGED not in streams)


@rule("R75", on=Budget, softer=is_proposal)
def no_share_of_a_health_need_for_the_person(new: Written[Budget], case: CaseFile) -> Iterator[Finding]:
    """The person bears no part of a line that the NHS pays, but beside the adult social care in it."""
    for one in shared_lines(new, case):
        if OWN in one.streams and _is_health_need(one.line, one.streams):
            says = f"line {one.line.line_no} asks the person to pay towards a health need; the NHS pays it in full"
            yield Finding(says, f"{one.element}.extension")


@rule("R75", on=Payment)
def no_payment_of_the_person_for_a_health_need(new: Written[Payment], case: CaseFile) -> Iterator[Finding]:
    """Money asked of the person is for no line that the NHS pays, and draws on no share of the NHS."""
    payment = new.record
    found = payers(case, payment) if counts(payment) else ()
    own = bool(found) and all(one.is_person for one in found)
    if not counts(payment) or (payment.payment_kind != CONTRIBUTION and not own):
        return
    if any(map(_from_nhs, streams_of(found))):
        yield Finding("the person's contribution draws on an NHS share; take that Coverage off it", "insurance")
    for at, line in _health_lines(payment, case):
        says = f"the person is asked to pay for line {line.line_no}, which meets a health need; the NHS pays it"
        yield Finding(says, f"item[{at}]")


def _health_lines(payment: Payment, case: CaseFile) -> Iterator[tuple[int, BudgetLine]]:
    """The budget lines for health needs that a payment names, each with the place of the item that names it."""
    budget = budget_of(payment, case) if any(one.budget_line for one in payment.lines) else None
    if budget is None:
        return
    found = payers(case, budget)
    for at, one in enumerate(payment.lines):
        line = line_of(budget, one.budget_line)
        if line is not None and _is_health_need(line, streams_of(bearers(case, line, found))):
            yield at, line


@rule("R76", on=Budget, softer=is_proposal)
def the_chair_for_the_assessed_need_is_paid_in_full(new: Written[Budget], case: CaseFile) -> Iterator[Finding]:
    """Of a wheelchair the person pays upgrades alone, and no gift stands in for the NHS."""
    lines = shared_lines(new, case)
    chairs = any(WHEELCHAIR in one.streams for one in lines) or _has_wheelchair_share(new.record, lines, case)
    for one in lines:
        if WHEELCHAIR in one.streams or (chairs and one.line.category in CHAIRS):
            yield from _chair_faults(one)


def _has_wheelchair_share(budget: Budget, lines: tuple[SharedLine, ...], case: CaseFile) -> bool:
    return any(one.line.category in CHAIRS for one in lines) and WHEELCHAIR in streams_of(payers(case, budget))


def _chair_faults(one: SharedLine) -> Iterator[Finding]:
    number = one.line.line_no
    if OWN in one.streams and not (one.line.category == UPGRADE and one.line.assessed_need_element is False):
        says = (
            f"line {number}: the person may pay an upgrade alone, a line `{UPGRADE}` that is no assessed need element"
        )
        yield Finding(says, f"{one.element}.extension")
    if CHARITY in one.streams and not is_upgrade(one.line):
        says = f"line {number} is part of the chair that meets the assessed need; the NHS share must cover it"
        yield Finding(says, f"{one.element}.extension")


# --- whose money may be on a line -------------------------------------------------------------------


@rule("R77", on=(Budget, FunderAnswer), softer=is_proposal)
def continuing_healthcare_is_paid_by_the_nhs(new: Written[Shared], case: CaseFile) -> Iterator[Finding]:
    """Under adult continuing healthcare every line of care is the NHS's alone."""
    lines = shared_lines(new, case)
    if not lines or CONTINUING_HEALTHCARE not in groups(case):
        return
    for one in lines:
        care = one.line.need_type in CARE and not is_upgrade(one.line)
        if care and AFTERCARE_STREAMS.isdisjoint(one.streams) and one.strangers(_from_nhs):
            says = f"line {one.line.line_no}: under NHS continuing healthcare the NHS alone pays this type of need"
            yield Finding(says, one.element)


@rule("R78", on=(Budget, FunderAnswer), softer=is_proposal)
def a_health_line_is_no_council_money(new: Written[Shared], case: CaseFile) -> Iterator[Finding]:
    """Outside section 117 no council or education money is on a health line."""
    for one in shared_lines(new, case):
        aftercare = not AFTERCARE_STREAMS.isdisjoint(one.streams)
        if one.line.need_type == HEALTH and not aftercare and one.strangers(_may_be_on_health):
            says = f"line {one.line.line_no} meets a health need; no council or education share may be on it"
            yield Finding(says, one.element)


def _may_be_on_health(stream: str) -> bool:
    return not stream.startswith(NOT_IN_HEALTH)


@rule("R79", on=(Budget, FunderAnswer), softer=is_proposal)
def education_money_is_for_education(new: Written[Shared], case: CaseFile) -> Iterator[Finding]:
    """No education money on social care, and none but education money and charity on education."""
    for one in shared_lines(new, case):
        if one.line.need_type == SOCIAL_CARE and one.strangers(lambda stream: stream != EDUCATION):
            yield Finding(f"line {one.line.line_no} is social care; no education share may be on it", one.element)
        elif one.line.need_type == "education" and one.strangers(MAY_PAY_EDUCATION.__contains__):
            says = f"line {one.line.line_no} is education; only `{EDUCATION}` and `{CHARITY}` may pay it"
            yield Finding(says, one.element)


@rule("R80", on=Budget, softer=is_proposal)
def aftercare_is_shared_by_nhs_and_council(new: Written[Budget], case: CaseFile) -> Iterator[Finding]:
    """A line of section 117 aftercare is joint, with a weight, if of zero, for each of the two."""
    lines = shared_lines(new, case)
    aftercare = bool(lines) and AFTERCARE in groups(case)
    for one in lines:
        marked = _weighted(one, new.record, case)
        concerned = not AFTERCARE_STREAMS.isdisjoint(marked | one.streams)
        if concerned or (aftercare and one.line.need_type in CARE):
            yield from _aftercare_faults(one, marked)


def _weighted(one: SharedLine, budget: Budget, case: CaseFile) -> Streams:
    """Streams of those with a weight on the line, zero included."""
    given = {weight.insurance_sequence for weight in one.line.weights}
    return frozenset(payer.stream for payer in payers(case, budget) if payer.sequence in given)


def _aftercare_faults(one: SharedLine, marked: Streams) -> Iterator[Finding]:
    number = one.line.line_no
    if one.line.need_type != JOINT:
        says = f"line {number} is section 117 aftercare; its need type is `{JOINT}`"
        yield Finding(says, f"{one.element}.programCode")
    balanced = marked | one.streams if one.line.split_method == "fixed-amount" else marked
    if balanced != AFTERCARE_STREAMS or not one.streams <= AFTERCARE_STREAMS:
        says = f"line {number} is section 117 aftercare; give weights to its NHS and its council share, and to no other"
        yield Finding(says, f"{one.element}.extension")
