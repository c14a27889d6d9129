"""What a payment waits for before it is authorised: the person's check of an invoice, the release of contingency.

Source: domain.md 5.3, 8.9 Q16; rules R74, R103, R141 to R147.
"""

from typing import Final

from fhir_gateway.phb.case.arrangements import arrangements_on
from fhir_gateway.phb.case.payments import INVOICE, NOTIONAL, budget_of, day_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.ledger import RELEASE
from fhir_gateway.phb.requests import OF_CONTINGENCY, decision_of, decisions_about, is_approval
from mappings.budget import AgreedBudget
from mappings.payment import Payment

CHECKED: Final = frozenset({"confirmed", "resolved"})


def about_release(id: str, budget: Filed[AgreedBudget]) -> frozenset[str]:  # noqa: A002
    """What a decision to release contingency is about: this payment, or the contingency of the budget."""
    return frozenset({f"Claim/{id}", budget.reference})


def waits_for_check(payment: Payment, case: CaseFile) -> bool:
    """Whether the person is to check an invoice before it is paid, as notional arrangements may say."""
    if payment.payment_kind != INVOICE or all(one.invoice_check in CHECKED for one in payment.lines):
        return False
    found = arrangements_on(case, NOTIONAL, day_of(payment) or case.today, budget_of(payment, case))
    return any(one.person_checks_invoices for one in found)


def undecided(payment: Payment, id: str, bodies: tuple[str, ...], case: CaseFile) -> tuple[str, ...]:  # noqa: A002
    """Bodies that must decide before a release of contingency is paid, and have not said yes."""
    budget = case.filed(literal("Claim", payment.pays_against_id))
    if payment.payment_kind != RELEASE or budget is None:
        return ()
    found = decisions_about(case, OF_CONTINGENCY, about_release(id, budget))
    own = {body: decision_of(case, found, body) for body in bodies}
    return tuple(body for body, one in own.items() if one is None or not is_approval(one.record))
