"""Contract: the direct payment agreement with the body that pays, and the employment of a personal assistant.

Source: FHIR R4 contract.html; S001 and S004 (agreement), DPR13 regs 8 and 13 (terms).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from mappings import targets
from mappings.contract_parts import STATUS
from mappings.employment import EMPLOYMENT
from mappings.lens.entries import default, kind
from mappings.lens.lens import (
    First,
    Inside,
    ShapeSpec,
    Text,
    code,
    coded,
    day,
    each,
    extension,
    first,
    flag,
    identifier,
    moment,
    pence,
    period,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param, uri_param
from mappings.namespaces import identifier_system
from mappings.terminology import LINE_FREQUENCY, RECORD_KIND

BINDING: Final = ("Composition", "Contract", "DocumentReference", "QuestionnaireResponse")
SIGNER_TYPES: Final = "http://terminology.hl7.org/CodeSystem/contractsignertypecodes"
CONSENT_SIGNATURE: Final = [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.7"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSigner:
    """One signature. role: a code of HL7's contract signer types."""

    role: str | None
    party: str | None
    signed_at: datetime | None
    signed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTerm:
    """One term: its topic and wording, and the service with the sum it grants, each `interval`."""

    topic: str | None
    wording: str | None
    service: str | None
    interval: str | None
    amount_pence: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectPaymentAgreement:
    """The agreement. body_id: who pays; about: plan and budget it belongs to; document: the signed text.

    excluded_uses_acknowledged: the recipient knows what the money may not be used for.
    """

    agreement_id: str | None
    person_id: str | None
    status: str | None
    title: str | None
    issued_on: date | None
    start: date | None
    end: date | None
    body_id: str | None
    employer_duties_explained_on: date | None
    excluded_uses_acknowledged: bool | None
    about: tuple[str, ...]
    document: str | None
    terms: tuple[AgreementTerm, ...]
    signers: tuple[AgreementSigner, ...]


def _asset() -> First:
    return first(
        {
            "periodType": coded("interval", LINE_FREQUENCY),
            "text": text("service"),
            "valuedItem": first({"net": pence("amount_pence")}),
        }
    )


def _signer() -> ShapeSpec:
    return {
        "type": Inside("role", "code", Text(), {"system": SIGNER_TYPES}),
        "party": reference("party", to=targets.PARTIES),
        "signature": first(
            {
                "type": default(CONSENT_SIGNATURE, "signed_at", "signed_by"),
                "when": moment("signed_at"),
                "who": reference("signed_by", to=(*targets.PARTIES, "Device")),
            }
        ),
    }


MAPPING: Final = mapping(
    "Contract",
    DirectPaymentAgreement,
    "direct-payment-agreement",
    {
        "extension": (
            extension("phb-employer-duties", {"valueDate": day("employer_duties_explained_on")}),
            extension("phb-excluded-uses-acknowledged", {"valueBoolean": flag("excluded_uses_acknowledged")}),
        ),
        "identifier": identifier("agreement_id", identifier_system("phb-agreement")),
        "status": code("status", STATUS),
        "issued": day("issued_on"),
        "applies": period("start", "end"),
        "subject": first(reference("person_id", to="Patient")),
        "authority": first(reference("body_id", to="Organization")),
        "title": text("title"),
        "type": kind(RECORD_KIND, "direct-payment-agreement"),
        "supportingInfo": each("about", reference(to=targets.ANY)),
        "term": rows(
            "terms",
            AgreementTerm,
            {"topicCodeableConcept": {"text": text("topic")}, "offer": {"text": text("wording")}, "asset": _asset()},
        ),
        "signer": rows("signers", AgreementSigner, _signer()),
        "legallyBindingReference": reference("document", to=BINDING),
    },
)

TYPE: Final = ResourceType(
    "Contract",
    (MAPPING, EMPLOYMENT),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=targets.ANY),
        token_param("status"),
        token_param("identifier"),
        date_param("issued"),
        reference_param("signer", "signer.party", to=targets.PARTIES),
        reference_param("authority", to="Organization"),
        reference_param("domain", to="Location"),
        uri_param("instantiates", "instantiatesUri"),
        uri_param("url"),
    ),
    compartment="patient",
)
