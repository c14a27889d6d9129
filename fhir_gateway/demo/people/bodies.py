"""The invented bodies and staff that every demonstration case shares.

ODS codes have the right form and belong to nobody; names say that they are invented.

Source: domain.md 2.1 (Organisation, CareCoordinator, DecisionMaker).
"""

from datetime import date
from typing import Any, Final

from fhir_gateway.demo.case import AUDITORS, COORDINATOR, COUNCIL, EDUCATION, ICB, PHYSIO
from fhir_gateway.demo.entry import Entry, File, entry
from mappings import organization, payment_reconciliation, practitioner, practitioner_role
from mappings.contact import Telecom

SINCE: Final = date(2024, 4, 1)
COUNCIL_LIST: Final = "EXC-2025-06"


def _body(id: str, name: str, ods_code: str, *roles: str, **known: Any) -> Entry:  # noqa: A002
    return entry(
        id,
        organization.MAPPING,
        active=True,
        ods_code=ods_code,
        name=f"{name} (invented)",
        roles=roles,
        telecoms=(Telecom(system="email", value=f"{id}@bodies.example.org", use="work"),),
        **known,
    )


def _provider(id: str, name: str, ods_code: str, kind: str, **known: Any) -> Entry:  # noqa: A002
    usual: dict[str, Any] = {"cqc_status": "not-required"}
    return _body(id, name, ods_code, "provider", provider_kind=kind, **usual | known)


def _registered(number: str) -> dict[str, str]:
    return {"cqc_status": "registered", "cqc_id": number}


def _worker(id: str, given: str, family: str) -> Entry:  # noqa: A002
    return entry(
        id,
        practitioner.MAPPING,
        active=True,
        name=f"{given} {family}",
        given=(given,),
        family=family,
        telecoms=(Telecom(system="email", value=f"{given.lower()}.{family.lower()}@bodies.example.org", use="work"),),
    )


def _role(id: str, worker: str, body: str, role: str, level: str | None = None, **known: Any) -> Entry:  # noqa: A002
    return entry(
        id,
        practitioner_role.MAPPING,
        active=True,
        practitioner=worker,
        organisation=body,
        roles=(role,),
        decision_level=level,
        telecoms=(Telecom(system="phone", value="01632 960900", use="work"),),
        start=SINCE,
        **known,
    )


def _decider(id: str, worker: str, body: str, *, level: str = "phb-group", limit: int | None = None) -> Entry:  # noqa: A002
    """Somebody who decides about plans and budgets. limit: pence a budget year, None for no limit."""
    return _role(
        id,
        worker,
        body,
        "decision-maker",
        level,
        limit_pence=limit,
        decision_subjects=("plan", "agreed-budget", "direct-payment", "service-inclusion", "suspension", "transfer"),
    )


def _list_row(at: int, payee: str, name: str, on: date, pence: int) -> Entry:
    """A row of the list of payments that the council published."""
    return entry(
        f"council-list-{at}",
        payment_reconciliation.MAPPING,
        list_id=COUNCIL_LIST,
        row_id=f"{COUNCIL_LIST}/{at}",
        status="active",
        created=date(2025, 7, 15),
        start=date(2025, 6, 1),
        end=date(2025, 6, 30),
        paid_on=on,
        amount_pence=pence,
        issuer=COUNCIL,
        issuer_name="Exampleshire Council (invented)",
        outcome="complete",
        purpose="Adult social care",
        detail_kind="Payment",
        payee=f"Organization/{payee}",
        payee_name=f"{name} (invented)",
        detail_date=on,
        detail_pence=pence,
    )


BODIES: Final[File] = (
    _body(ICB, "Exampleshire Integrated Care Board", "QZZ", "responsible-body", "funder", funder_kind="nhs-icb"),
    _body(
        "sampleshire-icb",
        "Sampleshire Integrated Care Board",
        "QYZ",
        "responsible-body",
        "funder",
        funder_kind="nhs-icb",
    ),
    _body(COUNCIL, "Exampleshire Council", "9ZZ", "funder", "assessor", funder_kind="local-authority"),
    _body(
        EDUCATION, "Exampleshire Council, education service", "9ZY", "funder", funder_kind="education", part_of=COUNCIL
    ),
    _body(
        "exampleton-surgery",
        "Exampleton Surgery",
        "Z99991",
        "provider",
        provider_kind="other",
        **_registered("1-999000001"),
    ),
    _provider("steady-paws", "Steady Paws Assistance Dogs", "Z9Z0A", "voluntary-organisation"),
    _provider(
        "exampleshire-wheels", "Exampleshire Wheelchair Service", "RZZ", "nhs-provider", **_registered("1-999000002")
    ),
    _provider("exampleton-leisure", "Exampleton Leisure Centre", "Z9Z0B", "leisure-or-fitness"),
    _provider("harbour-care", "Harbour Care Agency", "Z9Z0C", "care-agency", **_registered("1-999000003")),
    _provider("limber-therapy", "Limber Therapy", "Z9Z0D", "therapist"),
    _provider(PHYSIO, "Steady Pain Physiotherapy", "Z9Z0E", "therapist"),
    _provider(
        "own-front-door",
        "Own Front Door Supported Living",
        "Z9Z0F",
        "voluntary-organisation",
        **_registered("1-999000004"),
    ),
    _provider("bright-paths", "Bright Paths Support", "Z9Z0G", "voluntary-organisation", **_registered("1-999000005")),
    _body("clear-accounts", "Clear Accounts", "Z9Z0H", "managed-account-holder", "dp-support-service"),
    _body(
        "hold-it-together",
        "Hold It Together",
        "Z9Z0J",
        "third-party-holder",
        last_audited_on=date(2025, 6, 18),
        next_audit_due=date(2028, 6, 18),
    ),
    _body(AUDITORS, "Even Handed Audit", "Z9Z0K", "auditor"),
)

STAFF: Final[File] = (
    _worker("mira", "Mira", "Makeuply"),
    _role(COORDINATOR, "mira", ICB, "care-coordinator", "care-coordinator"),
    _worker("devon", "Devon", "Inventworth"),
    _decider("decider-icb", "devon", ICB, limit=2_500_000),
    _worker("amara", "Amara", "Fictional"),
    _decider("panel-icb", "amara", ICB, level="senior-panel"),
    _worker("bryn", "Bryn", "Notreally"),
    _decider("decider-council", "bryn", COUNCIL, limit=2_000_000),
    _worker("edie", "Edie", "Imaginary"),
    _decider("decider-education", "edie", EDUCATION, limit=1_000_000),
    _worker("sol", "Sol", "Supposed"),
    _role("health-contact-sol", "sol", "exampleton-surgery", "health-contact"),
    _worker("former-coordinator", "Fern", "Formerly"),
    _role("coordinator-sampleshire", "former-coordinator", "sampleshire-icb", "care-coordinator", "care-coordinator"),
)

LISTED: Final[File] = (
    _list_row(1, "exampleshire-wheels", "Exampleshire Wheelchair Service", date(2025, 6, 23), 200_000),
    _list_row(2, "own-front-door", "Own Front Door Supported Living", date(2025, 6, 27), 1_284_000),
)

FILE: Final[File] = (*BODIES, *STAFF, *LISTED)
