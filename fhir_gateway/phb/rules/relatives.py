"""Group B, on paying relatives for care directly: what was spent, and bills that are paid.

Source: domain.md 4 B (R26, R27).
"""

from collections.abc import Iterator
from typing import Final

from fhir_gateway.phb.case.bodies import COUNCIL
from fhir_gateway.phb.case.payments import INVOICE, RELEASED, budget_of, counts
from fhir_gateway.phb.case.people import COUPLE, close, party
from fhir_gateway.phb.case.relatives import CARE, by_council, decisions_for
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.budget import AgreedBudget
from mappings.coverage import FunderContribution
from mappings.expenditure import ExpenditureEntry
from mappings.payment import Payment

FOR_CARE_GIVEN: Final = frozenset({INVOICE, "reimbursement"})
ACCEPTED: Final = "accepted"
DISALLOWED: Final = "disallowed"
Entry = ExpenditureEntry | Payment


@rule("R26", on=(ExpenditureEntry, Payment))
def household_is_paid_by_decision(new: Written[Entry], case: CaseFile) -> Iterator[Finding]:
    """Care by family or a friend of the same household is paid for when a decision allows it."""
    if not _is_asked(new):
        return
    paid = party(case, new.record.payee)
    if paid is None or not (paid.same_household and close(paid)):
        return
    if _care_lines(new.record, case) and not decisions_for(case, new.record.payee or ""):
        yield Finding(
            "care by family or a friend of the household needs an approved family-payment decision with its reasons",
            "payee",
            _severity(new.record),
        )


@rule("R27", on=(ExpenditureEntry, Payment))
def partner_is_paid_by_decision_of_the_council(new: Written[Entry], case: CaseFile) -> Iterator[Finding]:
    """Council money pays a spouse or partner for care when the council decided so."""
    if not _is_asked(new):
        return
    paid = party(case, new.record.payee)
    if paid is None or paid.relationship not in COUPLE:
        return
    council_pays = any(_is_council_money(new.record, number, case) for number in _care_lines(new.record, case))
    if council_pays and not any(by_council(case, one) for one in decisions_for(case, new.record.payee or "")):
        yield Finding(
            "council money pays a spouse or partner: the council's approved family-payment decision is needed",
            "payee",
            _severity(new.record),
        )


def _is_asked(new: Written[Entry]) -> bool:
    """Whether this write says that somebody around the person is paid for something given."""
    record = new.record
    if record.status != "active" or not (record.payee or "").startswith("RelatedPerson/"):
        return False
    if isinstance(record, ExpenditureEntry):
        asked = new.changed("expenditure_status") or new.changed("payee") or new.changed("lines")
        return asked and record.expenditure_status != DISALLOWED
    asked = new.changed("payment_status") or new.changed("payee") or new.changed("lines")
    return asked and counts(record) and record.payment_kind in FOR_CARE_GIVEN and record.payment_status in RELEASED


def _severity(record: Entry) -> str:
    """Money that is spent is taken in and flagged, until it is to be accepted."""
    return WARNING if isinstance(record, ExpenditureEntry) and record.expenditure_status != ACCEPTED else ""


def _care_lines(record: Entry, case: CaseFile) -> list[int]:
    """The budget line of each part that pays for care, 0 where it names none."""
    budget = budget_of(record, case)
    by_number = {one.line_no: one.category for one in budget.lines} if budget is not None else {}
    numbers = ((one.budget_line or 0, one.category) for one in record.lines)
    return [number for number, category in numbers if (category or by_number.get(number)) in CARE]


def _is_council_money(record: Entry, number: int, case: CaseFile) -> bool:
    """Whether a council pays a share of a budget line; where the line does not say, of the record itself."""
    budget = budget_of(record, case)
    paying = _payers_of(budget, number) if budget is not None else frozenset()
    paying = paying or frozenset(one.coverage_id for one in record.insurance if one.coverage_id)
    return any(one.id in paying and one.record.stream.startswith(COUNCIL) for one in case.all(FunderContribution))


def _payers_of(budget: AgreedBudget, number: int) -> frozenset[str]:
    """Ids of the Coverages that carry a part of a line."""
    weights = [weight for line in budget.lines if line.line_no == number for weight in line.weights]
    carrying = {one.insurance_sequence for one in weights if one.bps or one.amount_pence or one.minutes}
    return frozenset(one.coverage_id for one in budget.insurance if one.coverage_id and one.sequence in carrying)
