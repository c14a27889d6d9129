"""Amounts are never below zero: the kind of payment says which way the money goes.

Source: domain.md rule R101; fractions of a penny and other currencies are refused by `mappings.lens.values.Pence`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.rules.rule import Finding, rule
from mappings.claim_parts import ClaimRecord
from mappings.claim_response import FunderAnswer
from mappings.communication import Notice
from mappings.coverage import FunderContribution

Amounts = Iterable[tuple[str, int | None]]
BELOW: Final = "the amount is below zero; give it as a positive amount and let the kind say which way it goes"


def _below(amounts: Amounts) -> Iterator[Finding]:
    return (Finding(BELOW, element) for element, amount in amounts if amount is not None and amount < 0)


@rule("R101", on=ClaimRecord)
def a_claim_asks_for_no_negative_sum(new: Written[Any], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """Total, amounts and rates of a budget, payment or entry are zero or more."""
    lines = enumerate(new.record.lines)
    return _below((("total", new.record.total_pence), *(one for at, line in lines for one in _of_line(at, line))))


def _of_line(at: int, line: Any) -> Amounts:
    return (f"item[{at}].net", line.amount_pence), (f"item[{at}].unitPrice", getattr(line, "rate_pence", None))


@rule("R101", on=FunderAnswer)
def an_answer_grants_no_negative_sum(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """What a funder grants and pays is zero or more."""
    record = new.record
    lines = ((f"item[{at}].adjudication", line.amount_pence) for at, line in enumerate(record.lines))
    return _below((("total", record.total_pence), ("payment.amount", record.paid_pence), *lines))


@rule("R101", on=FunderContribution)
def a_contribution_is_no_negative_sum(new: Written[FunderContribution], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """What the person contributes each week is zero or more."""
    rows = enumerate(new.record.client_contributions)
    return _below((f"costToBeneficiary[{at}].valueMoney", one.weekly_pence) for at, one in rows)


@rule("R101", on=Notice)
def a_notice_asks_for_no_negative_sum(new: Written[Notice], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """What a notice asks to be paid back is zero or more."""
    return _below((("extension", new.record.amount_pence),))
