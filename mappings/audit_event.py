"""AuditEvent: one access to one person's record, or one event of login and consent, in the shapes of IHE BALP.

Nothing of this is stored as FHIR: each is worked out from a row of the audit when it is asked for.

Source: FHIR R4 auditevent.html; IHE BALP (Basic Audit Log Patterns): PatientRead, PatientQuery, PatientCreate,
PatientUpdate, PatientDelete, and the minimal form of an OAuth token; rules R139 and R159.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from mappings import namespaces
from mappings.lens.document import Tree

REST: Final = "rest"
TYPE_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
INTERACTION: Final = "http://hl7.org/fhir/restful-interaction"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
BALP_ENTITY: Final = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
OUR_EVENT: Final = namespaces.code_system("phb-audit-event")
OUR_ROLE: Final = namespaces.code_system("phb-access-role")
TOKEN: Final = "urn:ietf:params:oauth:jti:"  # noqa: S105 - where a token's name begins
GATEWAY: Final = {"reference": "Device/phb-gateway"}
AUTHENTICATION: Final = "110114"  # DICOM: User Authentication

# What was done, in plain words: first the interactions of FHIR, then the events of login and consent
INTERACTIONS: Final = {
    "read": "opened",
    "vread": "opened an earlier version",
    "search-type": "searched",
    "create": "added",
    "update": "changed",
    "delete": "deleted",
    "history-instance": "looked at earlier versions",
    "history-type": "followed changes",
    "history-system": "followed changes",
    "transaction": "sent several changes together",
    "operation": "had something worked out",
}
# The operations among them, by their names
OPERATIONS: Final = {
    "$break-glass": "opened the plan and the risks in an emergency",
    "$check": "checked the record against the rules",
    "$confirm": "said that an invoice is right",
    "$explain": "had a budget or payment explained",
    "$query": "said what is wrong with an invoice",
    "$schedule": "planned the payments of a budget",
    "$statement": "opened the budget statement",
    "$submit": "sent on a budget, payment or spending",
}
EVENTS: Final = {
    "account": "an account was changed",
    "authorize": "an app asked to be let in",
    "client": "an app was registered or shut out",
    "consent": "an app was let in, or not",
    "exchange": "another issuer's token was exchanged",
    "identity": "a login elsewhere was tied to an account, or untied",
    "introspection": "a token was asked about",
    "key": "signing keys were changed",
    "launch": "an app was started",
    "link": "an account was tied to somebody, or untied",
    "login": "somebody logged in, or tried to",
    "logout": "somebody logged out",
    "looked": "the list of who looked was read",
    "password": "a password was changed, or tried",
    "prune": "rows past their time were taken away",
    "refresh": "an app went on with its access",
    "revocation": "access was taken back",
    "token": "an app began to use its access",
}
ROLES: Final = {
    "custodian": "A system of the shared record",
    "person": "The person",
    "representative": "A representative",
    "nominee": "A nominee",
    "coordinator": "A care coordinator",
    "icb": "NHS staff who pay",
    "council": "Council staff who pay",
    "provider": "A provider",
    "holder": "A holder of the money",
    "auditor": "An auditor",
    "privacy-officer": "A privacy officer",
    "operator": "An operator of the service",
}
OUTCOMES: Final = {"0": "Success", "4": "Minor failure", "8": "Serious failure"}
MINOR, SERIOUS = 400, 500
QUERIES: Final = frozenset({"search-type", "history-type", "history-system", "operation", "transaction"})
CHANGES: Final = frozenset({"C", "U", "D"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access as a row of the audit has it. recorded: an instant. what: the address under the base.

    names: of the client and the body. who: the reference of whoever was logged in, None where that is withheld.
    """

    id: str
    recorded: str
    action: str
    subtype: str
    what: str
    query: str | None
    status: int
    outcome: str | None
    request: str
    token: str | None
    client: str
    client_name: str | None
    who: str | None
    role: str | None
    organisation: str | None
    organisation_name: str | None
    purpose: str | None
    gates: tuple[str, ...]
    address: str | None
    person: str | None
    base: str


def audit_event(access: Access) -> Tree:
    """The AuditEvent of an access. What is None is left out."""
    made: Tree = {
        "resourceType": "AuditEvent",
        "id": access.id,
        "meta": {"lastUpdated": access.recorded},
        "type": _type(access.subtype),
        "subtype": [_subtype(access)],
        "action": access.action,
        "recorded": access.recorded,
        "outcome": outcome_of(access.status),
        "outcomeDesc": access.outcome,
        "purposeOfEvent": [_purpose(access.purpose)] if access.purpose else None,
        "agent": list(_agents(access)),
        "source": {
            "observer": GATEWAY,
            "type": [{"system": SOURCE_TYPE, "code": "4", "display": "Application Server"}],
        },
        "entity": list(_entities(access)),
    }
    return {name: value for name, value in made.items() if value}


def outcome_of(status: int) -> str:
    """AuditEvent.outcome of an HTTP status."""
    return "0" if status < MINOR else "4" if status < SERIOUS else "8"


def said_of(access: Access) -> str:
    """Who it was, in words: role and body, or the system that asked."""
    role = ROLES.get(access.role or "", "")
    body = access.organisation_name or ""
    if access.role == "custodian" or not role:
        return access.client_name or access.client or "The service"
    return f"{role}, {body}" if body else role


def done(subtype: str, what: str = "") -> str:
    """What was done, in words. what: the address, which ends in the name of an operation."""
    named = OPERATIONS.get(what.rpartition("/")[2]) if subtype == "operation" else None
    return named or INTERACTIONS.get(subtype) or EVENTS.get(subtype) or subtype


def _type(subtype: str) -> Tree:
    if subtype in INTERACTIONS:
        return {"system": TYPE_SYSTEM, "code": REST, "display": "RESTful Operation"}
    return {"system": DCM, "code": AUTHENTICATION, "display": "User Authentication"}


def _subtype(access: Access) -> Tree:
    system = INTERACTION if access.subtype in INTERACTIONS else OUR_EVENT
    return {"system": system, "code": access.subtype, "display": done(access.subtype, access.what)}


def _purpose(text: str) -> Tree:
    """A code of v3-ActReason is written in capitals; whatever else is said stays text."""
    return {"coding": [{"system": REASON, "code": text}]} if text.isupper() and text.isalpha() else {"text": text}


def _agents(access: Access) -> Iterator[Tree]:
    """The client, the gateway, and whoever was logged in or the body the client is registered for."""
    sends = access.action in CHANGES or access.subtype in QUERIES  # DICOM: a query flows from the client
    client, server = (_dcm("source"), _dcm("destination")) if sends else (_dcm("destination"), _dcm("source"))
    alone = access.who is None and access.organisation is None and access.role is None
    yield _without_none(
        {
            "type": client,
            "altId": access.client or None,
            "who": {"identifier": {"value": access.client or "none"}, "display": access.client_name or access.client},
            "requestor": alone,
            "policy": [TOKEN + access.token] if access.token else None,
            "network": {"address": access.address, "type": "2"} if access.address else None,
        }
    )
    network = {"address": access.base, "type": "5"}
    yield {"type": server, "who": GATEWAY | {"display": "PHB gateway"}, "requestor": False, "network": network}
    if not alone:
        yield _actor(access)


def _actor(access: Access) -> Tree:
    """Whoever asked: a person or member of staff, or the body a system is registered for."""
    body = f"Organization/{access.organisation}" if access.organisation else None
    part = "AUT" if access.action in CHANGES else "IRCP"
    display = "author" if part == "AUT" else "information recipient"
    role = {"system": OUR_ROLE, "code": access.role, "display": ROLES.get(access.role or "")}
    return _without_none(
        {
            "type": {"coding": [{"system": PARTICIPATION, "code": part, "display": display}]},
            "role": [{"coding": [_without_none(role)]}] if access.role else None,
            "who": _without_none({"reference": access.who or body, "display": said_of(access)}),
            "name": said_of(access),
            "requestor": True,
            "purposeOfUse": [_purpose(access.purpose)] if access.purpose else None,
        }
    )


def _dcm(name: str) -> Tree:
    code, display = ("110153", "Source Role ID") if name == "source" else ("110152", "Destination Role ID")
    return {"coding": [{"system": DCM, "code": code, "display": display}]}


def _entities(access: Access) -> Iterator[Tree]:
    """The person, the record, what opened it, the search and the request, as far as each is known."""
    if access.person:
        person = {"reference": f"Patient/{access.person}"}
        yield {"what": person, "type": _entity("1", "Person"), "role": _role("1", "Patient")}
    record = record_of(access.what)
    if record:
        yield {
            "what": {"reference": record},
            "type": _entity("2", "System Object"),
            "role": _role("4", "Domain Resource"),
        }
    for gate in access.gates:
        says = "the review or concern that opened financial detail"
        yield {"what": {"reference": gate}, "type": _entity("2", "System Object"), "description": says}
    if access.query:
        yield {"type": _entity("2", "System Object"), "role": _role("24", "Query"), "query": access.query}
    if access.request:
        yield {
            "what": {"identifier": {"value": access.request}},
            "type": {"system": BALP_ENTITY, "code": "XrequestId"},
        }


def record_of(what: str) -> str | None:
    """The record an address names: `Type/id`, or a version of it; None where it names none."""
    parts = what.split("/")
    if len(parts) < 2 or not parts[0][:1].isupper() or parts[1].startswith(("_", "$")):  # noqa: PLR2004
        return None
    return "/".join(parts if len(parts) == 4 and parts[2] == "_history" else parts[:2])  # noqa: PLR2004


def _entity(code: str, display: str) -> Tree:
    return {"system": ENTITY_TYPE, "code": code, "display": display}


def _role(code: str, display: str) -> Tree:
    return {"system": OBJECT_ROLE, "code": code, "display": display}


def _without_none(tree: Tree) -> Tree:
    return {name: value for name, value in tree.items() if value is not None}


def code_systems() -> Iterator[Tree]:
    """The two closed lists of ours that an AuditEvent uses: events beside those of FHIR, and roles."""
    yield _code_system("phb-audit-event", "PhbAuditEvent", "Events of login and consent", EVENTS)
    yield _code_system("phb-access-role", "PhbAccessRole", "Roles of the access policy", ROLES)


def _code_system(id_: str, name: str, title: str, codes: dict[str, str]) -> dict[str, Any]:
    return {
        "resourceType": "CodeSystem",
        "id": id_,
        "url": namespaces.code_system(id_),
        "name": name,
        "title": title,
        "status": "active",
        "experimental": False,
        "publisher": "PHB gateway",
        "caseSensitive": True,
        "content": "complete",
        "count": len(codes),
        "concept": [{"code": code, "display": display} for code, display in codes.items()],
    }
