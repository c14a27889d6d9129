"""How the money of a demonstration case is held: a direct payment, a third party, or the body itself.

Source: domain.md 2.3 (DirectPaymentArrangement, ThirdPartyArrangement, NotionalArrangement); DPR13 reg 10.
"""

from datetime import date
from typing import Any, Final

from fhir_gateway.demo.case import ICB, Case
from fhir_gateway.demo.entry import Entry, entry
from mappings import account

SUITABLE: Final = "The same needs are met, and more of what matters to the person; help with the papers is at hand."


def direct_payment(case: Case, *, holder: str | None = None, contingency: str | None = None) -> Entry:
    """The account for a direct payment: the person's own for a one-off, else one of its own.

    holder: Organization that manages it. contingency: a code of phb-contingency-funding.
    """
    return _arrangement(
        case,
        "account",
        "direct-payment",
        account_kind=_kind(case, holder),
        owner=holder,
        recipient=case.voice,
        account_approved_on=case.agreed_on,
        payment_day=case.start.day,
        interval="one-off" if case.is_one_off else "monthly",
        contingency_funding=contingency,
        agreement_id=f"{case.id}-agreement",
        other_public_money=tuple(one.stream for one in case.funders if not one.stream.startswith("nhs-")),
        suitability_appropriate=True,
        suitability_value_for_money=True,
        suitability_reasons=SUITABLE,
        suitability_on=case.agreed_on,
        suitability_by=f"PractitionerRole/{case.funders[0].decider}",
        undertaking_signed_on=case.agreed_on if holder else None,
    )


def _kind(case: Case, holder: str | None) -> str:
    if holder:
        return "managed-account"
    return "recipient-own-account" if case.is_one_off else "dedicated-bank-account"


def third_party(case: Case, holder: str, *, audit_due: date) -> Entry:
    """The arrangement with an independent body that holds the money and employs. holder: Organization id."""
    return _arrangement(
        case,
        "account",
        "third-party",
        owner=holder,
        interval="monthly",
        contract_party="icb",
        independence_checked_on=case.before(21),
        audit_due=audit_due,
    )


def notional(case: Case, slug: str, choice: str) -> Entry:
    """Money the body spends itself. choice: what the person could choose all the same."""
    return _arrangement(
        case,
        slug,
        "notional",
        choice_offered=choice,
        provider_list_applies=False,
        person_checks_invoices=True,
        commissioner=ICB,
    )


def _arrangement(case: Case, slug: str, option: str, **known: Any) -> Entry:
    return entry(
        f"{case.id}-{slug}",
        account.MAPPING,
        account_ref=f"ACC-{case.number}-{slug}",
        person_id=case.id,
        status="active",
        management_option=option,
        start=case.start,
        end=case.end,
        coverage_ids=tuple(f"{case.id}-{funder.slug}" for funder in case.funders),
        **known,
    )
