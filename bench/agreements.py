"""What an invented person consented to and signed, as text to fill in.

Source: docs/mapping/Consent.md, Contract.md.
"""

from typing import Final

from bench.shapes import (
    COORDINATOR,
    ICB,
    SUBJECT,
    Tree,
    coding,
    extension,
    hl7,
    identifier,
    text_of,
    year,
)

CONSENT: Final = text_of(
    {
        "resourceType": "Consent",
        "id": "%(consent)s",
        "identifier": [identifier("phb-consent", "CONSENT-%(number)s")],
        "status": "active",
        "scope": hl7("consentscope", "patient-privacy"),
        "category": [coding("phb-consent-subject", "receive-direct-payment", "Receive direct payment")],
        "patient": SUBJECT,
        "dateTime": "%(opened)s",
        "performer": [SUBJECT],
        "policyRule": {"text": "The person's own consent to a direct payment"},
        "provision": {"period": {"start": "%(opened)s"}},
    }
)


def _signer(role: str, party: Tree, by: Tree) -> Tree:
    signature = {
        "type": [{"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.7"}],
        "when": "%(created)sT10:00:00+00:00",
        "who": by,
    }
    kind = {"system": "http://terminology.hl7.org/CodeSystem/contractsignertypecodes", "code": role}
    return {"type": kind, "party": party, "signature": [signature]}


def _term(topic: str, words: str) -> Tree:
    return {"topicCodeableConcept": {"text": topic}, "offer": {"text": words}}


AGREEMENT: Final = text_of(
    {
        "resourceType": "Contract",
        "id": "%(agreement)s",
        "extension": [
            extension("phb-excluded-uses-acknowledged", valueBoolean=True),
        ],
        "identifier": [identifier("phb-agreement", "DPA-%(number)s")],
        "status": "executed",
        "issued": "%(created)s",
        "applies": year(),
        "subject": [SUBJECT],
        "authority": [ICB],
        "title": "Direct payment agreement",
        "type": coding("phb-record-kind", "direct-payment-agreement", "Direct payment agreement"),
        "term": [
            _term("Services", "%(service)s, as agreed in the plan"),
            _term("Record keeping", "Receipts and statements are kept and shown at each review."),
            _term("Notice", "At least 28 days before a direct payment is reduced."),
            _term("Reclaim", "Money is taken back only after a review, a talk and a written notice."),
        ],
        "signer": [_signer("COVPTY", SUBJECT, SUBJECT), _signer("GRANTOR", ICB, COORDINATOR)],
    }
)
