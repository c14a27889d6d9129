"""Consent: what the person, a representative or a nominee agreed to, and when it was withdrawn.

Source: FHIR R4 consent.html; DPR13 regs 3 to 6 and 17 (direct payments), S001 (sharing).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.entries import default
from mappings.lens.lens import code, coded, day, first, identifier, reference, rows, text
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.namespaces import identifier_system
from mappings.terminology import CONSENT_SUBJECT

SOURCES: Final = ("Consent", "Contract", "DocumentReference", "QuestionnaireResponse")
ACTORS: Final = ("CareTeam", "Group", *targets.AUTHORS)
PRIVACY: Final = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
}
RECIPIENT: Final = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentBody:
    """A body the record may be shared with, or whoever else the consent names."""

    body: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhbConsent:
    """A consent. withdrawn_on: last day it holds; legal_basis: the policy it rests on, in words."""

    consent_id: str | None
    person_id: str
    status: str
    consent_subject: str
    given_by: str | None
    given_on: date | None
    holds_from: date | None
    withdrawn_on: date | None
    legal_basis: str | None
    evidence: str | None
    scope_bodies: tuple[ConsentBody, ...]


MAPPING: Final = mapping(
    "Consent",
    PhbConsent,
    "consent",
    {
        "identifier": identifier("consent_id", identifier_system("phb-consent")),
        "status": code("status", ("draft", "proposed", "active", "rejected", "inactive", "entered-in-error")),
        "scope": default(PRIVACY),
        "category": coded("consent_subject", CONSENT_SUBJECT, marks=True),
        "patient": reference("person_id", to="Patient"),
        "dateTime": day("given_on"),
        "performer": first(reference("given_by", to=targets.PARTIES)),
        "sourceReference": reference("evidence", to=SOURCES),
        "policyRule": {"text": text("legal_basis")},
        "provision": {
            "period": {"start": day("holds_from"), "end": day("withdrawn_on")},
            "actor": rows(
                "scope_bodies",
                ConsentBody,
                {"role": default(RECIPIENT), "reference": reference("body", to=ACTORS)},
            ),
        },
    },
)

TYPE: Final = ResourceType(
    "Consent",
    (MAPPING,),
    search=(
        reference_param("patient", to="Patient"),
        token_param("category"),
        token_param("status"),
        token_param("scope"),
        token_param("identifier"),
        date_param("date", "dateTime"),
        date_param("period", "provision.period"),
        reference_param("actor", "provision.actor.reference", to=ACTORS),
        reference_param("consentor", "performer", to=targets.PARTIES),
        reference_param("organization", to="Organization"),
        reference_param("source-reference", "sourceReference", to=SOURCES),
        reference_param("data", "provision.data.reference", to=targets.ANY),
        token_param("action", "provision.action"),
        token_param("purpose", "provision.purpose"),
        token_param("security-label", "provision.securityLabel"),
    ),
    compartment="patient",
)
