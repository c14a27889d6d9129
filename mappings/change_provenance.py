"""The Provenance of a change, worked out from what is on record of it: who wrote which version, for which body.

Source: FHIR R4 provenance.html; rule R159 (every write has one, with agent, role and body).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mappings.audit_event import OUR_ROLE, ROLES
from mappings.lens.document import Tree
from mappings.provenance import OPERATION, PARTICIPANT

PREFIX: Final = "change-"
DIGITS: Final = 19  # so that ids sort as their numbers do
GATEWAY: Final = {"reference": "Device/phb-gateway"}
METHODS: Final = {"POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}
REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
WORDS: Final = {"CREATE": "create", "UPDATE": "revise", "DELETE": "delete"}
ACTS_FOR_THE_PERSON: Final = ("representative", "nominee")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One change as it is on record. at: an instant. origin: client, gateway or load.

    organisation: id of the body it was written for. person: id of the Patient whose record it is.
    """

    seq: int
    type: str
    id: str
    version: int
    method: str
    at: str
    client: str
    request: str
    role: str | None
    organisation: str | None
    fhir_user: str | None = field(repr=False)
    purpose: str | None
    origin: str
    person: str | None = field(repr=False)


def id_of(seq: int) -> str:
    """The id of the Provenance of a change."""
    return f"{PREFIX}{seq:0{DIGITS}d}"


def seq_of(id_: str) -> int | None:
    """The change a Provenance is of; None for an id of another kind."""
    digits = id_.removeprefix(PREFIX)
    return int(digits) if id_ == f"{PREFIX}{digits}" and len(digits) == DIGITS and digits.isdecimal() else None


def provenance(change: Written) -> Tree:
    """The Provenance of a change."""
    operation = "CREATE" if change.version == 1 and change.method == "PUT" else METHODS[change.method]
    made: Tree = {
        "resourceType": "Provenance",
        "id": id_of(change.seq),
        "meta": {"versionId": "1", "lastUpdated": change.at},
        "target": [{"reference": f"{change.type}/{change.id}/_history/{change.version}"}],
        "recorded": change.at,
        "reason": [_reason(change.purpose)] if change.purpose else None,
        "activity": {"coding": [{"system": OPERATION, "code": operation, "display": WORDS[operation]}]},
        "agent": list(_agents(change)),
        "entity": list(_entities(change)),
    }
    return {name: value for name, value in made.items() if value}


def _reason(text: str) -> Tree:
    """A code of v3-ActReason is written in capitals; whatever else is said stays text."""
    return {"coding": [{"system": REASON, "code": text}]} if text.isupper() and text.isalpha() else {"text": text}


def _agents(change: Written) -> Iterator[Tree]:
    """The author, and the system it was written with; the gateway itself where nobody asked."""
    if change.origin != "client":
        yield {"type": _part("assembler", "Assembler"), "who": GATEWAY}
        return
    body = {"reference": f"Organization/{change.organisation}"} if change.organisation else None
    client = {"identifier": {"value": change.client}, "display": change.client}
    who = {"reference": change.fhir_user} if change.fhir_user else body or client
    behalf = _on_behalf(change, body) if change.fhir_user else None
    author = {"type": _part("author", "Author"), "role": _role(change.role), "who": who, "onBehalfOf": behalf}
    yield {name: value for name, value in author.items() if value}
    if who is not client:
        yield {"type": _part("enterer", "Enterer"), "who": client}


def _on_behalf(change: Written, body: Tree | None) -> Tree | None:
    """The person somebody acts for, else the body of a member of staff."""
    if change.role in ACTS_FOR_THE_PERSON and change.person:
        return {"reference": f"Patient/{change.person}"}
    return body


def _part(code: str, display: str) -> Tree:
    return {"coding": [{"system": PARTICIPANT, "code": code, "display": display}]}


def _role(role: str | None) -> list[Tree] | None:
    return [{"coding": [{"system": OUR_ROLE, "code": role, "display": ROLES.get(role, role)}]}] if role else None


def _entities(change: Written) -> Iterator[Tree]:
    """The version that went before, and the request."""
    if change.version > 1:
        before = f"{change.type}/{change.id}/_history/{change.version - 1}"
        yield {"role": "revision", "what": {"reference": before}}
    if change.request:
        yield {"role": "source", "what": {"identifier": {"value": change.request}, "display": "X-Request-ID"}}
