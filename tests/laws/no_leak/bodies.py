"""The bodies and staff of the world: two of each kind that funds, and who works for them.

Source: security.md section 4, the no-leak law (world).
"""

from datetime import date
from typing import Any, Final

from fhir_gateway.demo.entry import Entry, File, entry
from mappings import organization, payment_reconciliation, practitioner, practitioner_role

ICBS: Final = ("icb-1", "icb-2")
COUNCILS: Final = ("council-1", "council-2")
PROVIDERS: Final = ("provider-1", "provider-2", "provider-3")
HOLDERS: Final = ("holder-1", "holder-2")
AUDITOR: Final = "audit-firm"
SURGERY: Final = "surgery"
HEALTH_CONTACT: Final = "health-contact"
SINCE: Final = date(2020, 4, 1)
DECIDES: Final = ("plan", "agreed-budget", "direct-payment", "service-inclusion", "suspension", "transfer")
_CODES: Final = {"icb-1": "QZZ", "icb-2": "QYZ", "council-1": "9ZZ", "council-2": "9YZ"}


def coordinator_of(icb: str) -> str:
    """PractitionerRole id of the care coordinator of an ICB."""
    return f"coordinator-{icb}"


def decider_of(body: str) -> str:
    """PractitionerRole id of who decides for a funder."""
    return f"decider-{body}"


def _body(id: str, *roles: str, **known: Any) -> Entry:  # noqa: A002
    return entry(id, organization.MAPPING, active=True, name=f"Body {id}", roles=roles, **known)


def _worker(id: str) -> Entry:  # noqa: A002
    return entry(id, practitioner.MAPPING, active=True, name=f"Worker {id}", given=("Worker",), family=id)


def _role(id: str, body: str, role: str, **known: Any) -> tuple[Entry, Entry]:  # noqa: A002
    worker = f"worker-{id}"
    return _worker(worker), entry(
        id,
        practitioner_role.MAPPING,
        active=True,
        practitioner=worker,
        organisation=body,
        roles=(role,),
        start=SINCE,
        **known,
    )


def _coordinator(icb: str) -> tuple[Entry, Entry]:
    return _role(coordinator_of(icb), icb, "care-coordinator", decision_level="care-coordinator")


def _decider(body: str) -> tuple[Entry, Entry]:
    return _role(
        decider_of(body),
        body,
        "decision-maker",
        decision_level="phb-group",
        decision_subjects=DECIDES,
        limit_pence=10**8,
    )


def _listed(council: str, payee: str, pence: int) -> Entry:
    """A row of a council's list of payments."""
    return entry(
        f"list-{council}",
        payment_reconciliation.MAPPING,
        list_id=f"LIST-{council}",
        row_id=f"LIST-{council}/1",
        status="active",
        created=date(2025, 7, 15),
        paid_on=date(2025, 6, 23),
        amount_pence=pence,
        issuer=council,
        outcome="complete",
        purpose="Adult social care",
        detail_kind="Payment",
        payee=f"Organization/{payee}",
        payee_name="Somebody paid",
        detail_date=date(2025, 6, 23),
        detail_pence=pence,
    )


FILE: Final[File] = (
    *(_body(one, "responsible-body", "funder", funder_kind="nhs-icb", ods_code=_CODES[one]) for one in ICBS),
    *(_body(one, "funder", "assessor", funder_kind="local-authority", ods_code=_CODES[one]) for one in COUNCILS),
    *(_body(one, "provider", provider_kind="therapist", cqc_status="not-required") for one in (*PROVIDERS, SURGERY)),
    *(
        _body(
            one,
            "third-party-holder",
            "managed-account-holder",
            last_audited_on=date(2025, 1, 18),
            next_audit_due=date(2028, 1, 18),
        )
        for one in HOLDERS
    ),
    _body(AUDITOR),
    *(one for icb in ICBS for one in _coordinator(icb)),
    *(one for body in (*ICBS, *COUNCILS) for one in _decider(body)),
    *_role(HEALTH_CONTACT, SURGERY, "health-contact"),
    _listed("council-1", "provider-1", 4_321_17),
    _listed("council-2", "provider-3", 5_432_19),
)
