"""Account: how the money of one management option is held, who receives it, and when it is paid.

No bank identifiers: the account is known by an opaque token (R140).

Source: FHIR R4 account.html; domain.md 2.3 (direct payment, third-party and notional arrangement), 8.3; DPR13 reg 10.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.lens import (
    ShapeSpec,
    code,
    concept,
    count,
    day,
    each,
    extension,
    first,
    flag,
    identifier,
    inside,
    part,
    period,
    reference,
    text,
)
from mappings.lens.mapping import Mapping, ResourceType, mapping
from mappings.lens.search import date_param, reference_param, string_param, token_param
from mappings.namespaces import identifier_system
from mappings.terminology import (
    ACCOUNT_KIND,
    CONTINGENCY_FUNDING,
    CONTRACT_PARTY,
    FUNDING_STREAM,
    LINE_FREQUENCY,
    MANAGEMENT_OPTION,
)

STATUS: Final = ("active", "inactive", "entered-in-error", "on-hold", "unknown")
RECIPIENTS: Final = ("Patient", "RelatedPerson")
SUBJECTS: Final = (
    *("Device", "HealthcareService", "Location", "Organization"),
    *("Patient", "Practitioner", "PractitionerRole"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentArrangement:
    """How the money of one management option is held and paid. account_ref: opaque token, never a bank's number.

    owner: who holds a managed account, or the third party. recipient: who has the direct payment. payment_day: of
    the month, from 1. other_public_money: streams the account holds besides the NHS's. undertaking_signed_on: that
    the managed account is used for the plan alone (R97). contract_party: whose contract the third party has.
    """

    account_ref: str | None
    person_id: str
    status: str
    management_option: str
    account_kind: str | None
    owner: str | None
    start: date | None
    end: date | None
    coverage_ids: tuple[str, ...]
    recipient: str | None
    account_approved_on: date | None
    payment_day: int | None
    interval: str | None
    contingency_funding: str | None
    agreement_id: str | None
    other_public_money: tuple[str, ...]
    suitability_appropriate: bool | None
    suitability_value_for_money: bool | None
    suitability_reasons: str | None
    suitability_on: date | None
    suitability_by: str | None
    undertaking_signed_on: date | None
    contract_party: str | None
    independence_checked_on: date | None
    audit_due: date | None
    choice_offered: str | None
    provider_list_applies: bool | None
    person_checks_invoices: bool | None
    commissioner: str | None


def _suitability() -> ShapeSpec:
    return {
        "extension": (
            part("appropriate", {"valueBoolean": flag("suitability_appropriate")}),
            part("value-for-money", {"valueBoolean": flag("suitability_value_for_money")}),
            part("reasons", {"valueString": text("suitability_reasons")}),
            part("on", {"valueDate": day("suitability_on")}),
            part("by", {"valueReference": reference("suitability_by", to=targets.PARTIES)}),
        )
    }


def _direct_payment() -> tuple[object, ...]:
    stream = inside("valueCode", code("", FUNDING_STREAM), among={"url": "other-public-money"})
    return (
        part("recipient", {"valueReference": reference("recipient", to=RECIPIENTS)}),
        part("account-approved", {"valueDate": day("account_approved_on")}),
        part("payment-day", {"valuePositiveInt": count("payment_day")}),
        part("interval", {"valueCode": code("interval", LINE_FREQUENCY)}),
        part("contingency-funding", {"valueCode": code("contingency_funding", CONTINGENCY_FUNDING)}),
        part("agreement", {"valueReference": reference("agreement_id", to="Contract")}),
        each("other_public_money", stream),
        part("suitability", _suitability()),
        part("undertaking-signed", {"valueDate": day("undertaking_signed_on")}),
    )


def _third_party() -> tuple[object, ...]:
    return (
        part("contract-party", {"valueCode": code("contract_party", CONTRACT_PARTY)}),
        part("independence-checked", {"valueDate": day("independence_checked_on")}),
        part("audit-due", {"valueDate": day("audit_due")}),
    )


def _notional() -> tuple[object, ...]:
    return (
        part("choice-offered", {"valueString": text("choice_offered")}),
        part("provider-list-applies", {"valueBoolean": flag("provider_list_applies")}),
        part("person-checks-invoices", {"valueBoolean": flag("person_checks_invoices")}),
        part("commissioner", {"valueReference": reference("commissioner", to="Organization")}),
    )


MAPPING: Final[Mapping[PaymentArrangement]] = mapping(
    "Account",
    PaymentArrangement,
    "payment-arrangement",
    {
        "extension": extension(
            "phb-payment-arrangement", {"extension": (*_direct_payment(), *_third_party(), *_notional())}
        ),
        "identifier": identifier("account_ref", identifier_system("phb-account")),
        "status": code("status", STATUS),
        "type": (
            concept("management_option", MANAGEMENT_OPTION, marks=True),
            concept("account_kind", ACCOUNT_KIND),
        ),
        "subject": first(reference("person_id", to="Patient")),
        "servicePeriod": period("start", "end"),
        "coverage": each("coverage_ids", inside("coverage", reference(to="Coverage"))),
        "owner": reference("owner", to="Organization"),
    },
)

TYPE: Final = ResourceType(
    "Account",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=SUBJECTS),
        token_param("identifier"),
        string_param("name"),
        reference_param("owner", to="Organization"),
        date_param("period", "servicePeriod"),
        token_param("status"),
        token_param("type"),
    ),
    compartment="patient",
)
