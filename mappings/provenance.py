"""Provenance: who wrote a record, in which role, for which body, from what, and under which rule.

Source: FHIR R4 provenance.html; rules R159 (every write has one) and R141 (who decided).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from mappings import namespaces, targets
from mappings.lens.lens import (
    code,
    code_in,
    coded,
    day,
    each,
    first,
    moment,
    pick,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import Mapping, ResourceType, mapping
from mappings.lens.search import date_param, reference_param, token_param
from mappings.terminology import PARTY_ROLE

RULE: Final = namespaces.code_system("phb-rule")
OPERATION: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
PARTICIPANT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ENTITY_ROLE: Final = ("derivation", "revision", "quotation", "source", "removal")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceAgent:
    """Somebody who took part. role: what they are to the person; part: what they did, a code of HL7's list."""

    part: str | None
    role: str | None
    who: str | None
    on_behalf_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceEntity:
    """Something the record was made from. role: `revision` of a version that went before, and others of R4."""

    role: str
    what: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceRecord:
    """Who wrote `targets`, and when. operation: a code of HL7's v3-DataOperation; rule: such as `R157`."""

    targets: tuple[str, ...]
    recorded: datetime
    occurred_on: date | None
    operation: str | None
    activity: str | None
    rule: str | None
    reason: str | None
    agents: tuple[ProvenanceAgent, ...]
    entities: tuple[ProvenanceEntity, ...]


MAPPING: Final[Mapping[ProvenanceRecord]] = mapping(
    "Provenance",
    ProvenanceRecord,
    "provenance",
    {
        "target": each("targets", reference(to=targets.ANY)),
        "occurredDateTime": day("occurred_on"),
        "recorded": moment("recorded"),
        "reason": first({"coding": pick({"system": RULE}, {"code": text("rule")}), "text": text("reason")}),
        "activity": (code_in("operation", OPERATION), {"text": text("activity")}),
        "agent": rows(
            "agents",
            ProvenanceAgent,
            {
                "type": code_in("part", PARTICIPANT),
                "role": coded("role", PARTY_ROLE),
                "who": reference("who", to=targets.AUTHORS),
                "onBehalfOf": reference("on_behalf_of", to=targets.AUTHORS),
            },
        ),
        "entity": rows(
            "entities",
            ProvenanceEntity,
            {"role": code("role", ENTITY_ROLE), "what": reference("what", to=targets.ANY)},
        ),
    },
)

TYPE: Final = ResourceType(
    "Provenance",
    (MAPPING,),
    search=(
        reference_param("target", to=targets.ANY),
        reference_param("patient", "target", to="Patient"),
        reference_param("agent", "agent.who", to=targets.AUTHORS),
        token_param("agent-type", "agent.type"),
        token_param("agent-role", "agent.role"),
        reference_param("entity", "entity.what", to=targets.ANY),
        date_param("recorded"),
        date_param("when", "occurredDateTime"),
        reference_param("location", to="Location"),
        token_param("signature-type", "signature.type"),
    ),
)
