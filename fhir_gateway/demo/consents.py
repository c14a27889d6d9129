"""What the person of a demonstration case agreed to: consents, and the direct payment agreement.

Source: domain.md 2.4 (Consent, DirectPaymentAgreement); DPR13 regs 3 to 8.
"""

from collections.abc import Mapping as Terms
from datetime import UTC, date, datetime, time
from typing import Any

from fhir_gateway.demo.case import COORDINATOR, ICB, Case
from fhir_gateway.demo.entry import Entry, entry, made
from mappings import consent, contract


def consent_to_share(case: Case) -> Entry:
    """The record may be shared with every funder."""
    bodies = tuple(made(consent.ConsentBody, body=f"Organization/{funder.body}") for funder in case.funders)
    return _consent(case, "share", "share-record", case.before(60), scope_bodies=bodies)


def consent_to_direct_payment(case: Case) -> Entry:
    """The money may be paid as a direct payment."""
    return _consent(case, "payment", "receive-direct-payment", case.before(14))


def consent_to_pool(case: Case, on: date) -> Entry:
    """The money may go into a pool."""
    return _consent(case, "pool", "pool-funds", on)


def consent_to_speak(case: Case, speaker: str, on: date) -> Entry:
    """The representative agrees to act."""
    return _consent(case, "representative", "act-as-representative", on, given_by=speaker)


def _consent(case: Case, slug: str, subject: str, on: date, **known: Any) -> Entry:
    return entry(
        f"{case.id}-consent-{slug}",
        consent.MAPPING,
        consent_id=f"CONSENT-{case.number}-{slug}",
        person_id=case.id,
        status="active",
        consent_subject=subject,
        given_on=on,
        holds_from=on,
        legal_basis="National Health Service (Direct Payments) Regulations 2013; consent of the person",
        **{"given_by": case.voice, **known},
    )


def agreement(
    case: Case,
    *services: tuple[str, str, int],
    terms: Terms[str, str] | None = None,
    duties_explained_on: date | None = None,
) -> Entry:
    """The signed direct payment agreement. services: what, at which interval, pence each time.

    duties_explained_on: the day an employer's duties were explained.
    """
    wording = {
        "Record keeping": "Receipts, payslips and statements are kept for six years and shown at each review.",
        "Notice": "At least 28 days before a direct payment is reduced.",
        "Hospital": "A stay in hospital changes nothing by itself; we talk about it first.",
        "Reclaim": "Money is taken back only after a review, a talk with me and a written notice.",
        "Excluded uses": "I know what the money may not be used for; the list was read with me.",
        "Health monitor": "The health contact named in the plan watches my health.",
        **(terms or {}),
    }
    signed = case.agreed_on
    return entry(
        f"{case.id}-agreement",
        contract.MAPPING,
        agreement_id=f"DPA-{case.number}",
        person_id=case.id,
        status="executed",
        title="Direct payment agreement",
        issued_on=case.before(7),
        start=case.start,
        end=case.end,
        body_id=ICB,
        employer_duties_explained_on=duties_explained_on,
        excluded_uses_acknowledged=True,
        about=(case.ref("CarePlan", "plan"), case.ref("Claim", "budget")),
        terms=(
            *(
                made(
                    contract.AgreementTerm,
                    topic="Services",
                    wording=f"{what}, as agreed in the plan",
                    service=what,
                    interval=interval,
                    amount_pence=pence,
                )
                for what, interval, pence in services
            ),
            *(made(contract.AgreementTerm, topic=topic, wording=text) for topic, text in wording.items()),
        ),
        signers=(_signer("COVPTY", case.voice, signed, 10), _signer("GRANTOR", f"Organization/{ICB}", signed, 14)),
    )


def _signer(role: str, party: str, on: date, hour: int) -> Any:
    by = f"PractitionerRole/{COORDINATOR}" if party.startswith("Organization/") else party
    at = datetime.combine(on, time(hour), UTC)
    return made(contract.AgreementSigner, role=role, party=party, signed_at=at, signed_by=by)
