"""Whoever provides what a budget pays for: named on an agreed budget, now or once, or on an invoice.

Source: domain.md 2.3 (BudgetLine), 2.5 (Invoice), 8.8; security.md section 4 (provider).
"""

from collections.abc import Iterator
from typing import Any, Final

from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.phb.case.budgets import was_agreed
from fhir_gateway.phb.case.payments import INVOICE
from fhir_gateway.phb.case_file import CaseFile, Filed
from mappings.budget import AgreedBudget
from mappings.payment import Payment

PROVIDER: Final = "provider"
SOURCE: Final = "Claim"  # which ones is no matter: there may be thousands, and one is as good as another


def providers(case: CaseFile) -> Iterator[Tie]:
    """Each is tied once; which rows that opens, the rows themselves say."""
    claims: list[Filed[Any]] = [*case.all(AgreedBudget), *case.all(Payment)]
    for who in sorted({one for claim in claims for one in named_by(claim.record)}):
        yield Tie(kind=PROVIDER, who=who, source=SOURCE)


def named_by(record: Any) -> frozenset[str]:
    """The providers one record ties: those of a budget that was agreed, or whoever sent an invoice that stands."""
    if isinstance(record, AgreedBudget) and was_agreed(record):
        return frozenset(row.provider for row in record.providers if row.provider)
    if isinstance(record, Payment) and record.payment_kind == INVOICE and record.status == "active":
        return frozenset((record.provider,) if record.provider else ())
    return frozenset()
