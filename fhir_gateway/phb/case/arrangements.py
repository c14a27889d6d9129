"""On what footing money is held and paid on a day: the arrangement, the signed agreement, the consent.

Source: domain.md 2.3 (arrangements), 2.4 (agreement, consent); DPR13 regs 3 to 10.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from fhir_gateway.phb.case.days import runs_on
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget
from mappings.consent import PhbConsent
from mappings.contract import AgreementSigner, DirectPaymentAgreement

SIGNED: Final = frozenset({"executed", "amended", "appended", "renewed"})
GIVEN: Final = frozenset({"active", "inactive"})
TO_BE_PAID: Final = frozenset({"receive-direct-payment", "act-as-representative"})
MANAGED: Final = "managed-account"
OWN_ACCOUNT: Final = "recipient-own-account"


def arrangements_on(
    case: CaseFile, option: str, day: date, budget: AgreedBudget | None = None
) -> tuple[PaymentArrangement, ...]:
    """The arrangements in force for one management option; the one that the budget names alone, if it is among them."""
    found = tuple(one for one in _in_force(case, day) if one.management_option == option)
    own = case.get(PaymentArrangement, literal("Account", budget.account)) if budget is not None else None
    return (own,) if own in found and own is not None else found


def _in_force(case: CaseFile, day: date) -> Iterator[PaymentArrangement]:
    for one in (filed.record for filed in case.all(PaymentArrangement)):
        if not given_up(one) and runs_on(one.start, one.end, day):
            yield one


def given_up(one: PaymentArrangement) -> bool:
    """Whether an arrangement is over, or may be, and its last day is not known."""
    return one.status == "unknown" or (one.status == "inactive" and one.end is None)


def signatures(agreement: DirectPaymentAgreement, day: date) -> tuple[AgreementSigner, ...]:
    """The signatures given by the end of a day."""
    return tuple(one for one in agreement.signers if one.signed_at is not None and one.signed_at.date() <= day)


def is_signed(agreement: DirectPaymentAgreement, day: date) -> bool:
    """Whether both sides have signed: somebody for the person, and the body that pays."""
    parties = [one.party or "" for one in signatures(agreement, day)]
    bodies = [one.startswith("Organization/") for one in parties]
    return agreement.status in SIGNED and any(bodies) and not all(bodies)


def signed_agreement(case: CaseFile, day: date) -> DirectPaymentAgreement | None:
    """An agreement both sides have signed, in force on a day."""
    found = (one.record for one in case.all(DirectPaymentAgreement))
    return next((one for one in found if runs_on(one.start, one.end, day) and is_signed(one, day)), None)


def consents_on(case: CaseFile, subjects: frozenset[str], day: date) -> tuple[PhbConsent, ...]:
    """The consents to any of the subjects that hold on a day."""
    found = (one.record for one in case.all(PhbConsent))
    return tuple(one for one in found if one.consent_subject in subjects and holds(one, day))


def holds(consent: PhbConsent, day: date) -> bool:
    """Whether it was given by the day and not withdrawn before it; one that is inactive held until its withdrawal."""
    if consent.status not in GIVEN or (consent.status == "inactive" and consent.withdrawn_on is None):
        return False
    return runs_on(consent.given_on, None, day) and runs_on(consent.holds_from, consent.withdrawn_on, day)
