"""DocumentReference: evidence such as a receipt, a payslip or a bank statement.

Source: FHIR R4 documentreference.html; S004 (what has to be kept and shown).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from mappings import targets
from mappings.lens.lens import (
    code,
    concept,
    count,
    day,
    each,
    first,
    has,
    identifier,
    moment,
    period,
    reference,
    text,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, string_param, token_param, uri_param
from mappings.namespaces import identifier_system
from mappings.terminology import EVIDENCE_TYPE

SUBJECTS: Final = ("Patient", "Practitioner", "Group", "Device")
RESTRICTED: Final = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A document that shows what money was for. dated_on: the document's own date; recorded_at: when it came in.

    content_hash: Base64 of the digest, as FHIR has it. confidential: labelled restricted. about: what it shows.
    """

    evidence_id: str | None
    person_id: str
    status: str
    evidence_type: str
    recorded_at: datetime | None
    description: str | None
    author: str | None
    custodian_id: str | None
    confidential: bool
    title: str | None
    content_type: str | None
    content_hash: str | None
    content_bytes: int | None
    url: str | None
    dated_on: date | None
    start: date | None
    end: date | None
    about: tuple[str, ...]


MAPPING: Final = mapping(
    "DocumentReference",
    Evidence,
    "evidence",
    {
        "identifier": identifier("evidence_id", identifier_system("phb-evidence")),
        "status": code("status", ("current", "superseded", "entered-in-error")),
        "type": concept("evidence_type", EVIDENCE_TYPE, marks=True),
        "subject": reference("person_id", to="Patient"),
        "date": moment("recorded_at"),
        "author": first(reference("author", to=targets.AUTHORS)),
        "custodian": reference("custodian_id", to="Organization"),
        "description": text("description"),
        "securityLabel": has("confidential", RESTRICTED),
        "content": first(
            {
                "attachment": {
                    "contentType": text("content_type"),
                    "url": text("url"),
                    "size": count("content_bytes"),
                    "hash": text("content_hash"),
                    "title": text("title"),
                    "creation": day("dated_on"),
                }
            }
        ),
        "context": {
            "period": period("start", "end"),
            "related": each("about", reference(to=targets.ANY)),
        },
    },
)

TYPE: Final = ResourceType(
    "DocumentReference",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=SUBJECTS),
        token_param("type"),
        token_param("category"),
        token_param("status"),
        date_param("date"),
        reference_param("author", to=targets.AUTHORS),
        reference_param("authenticator", to=targets.PROVIDERS),
        reference_param("custodian", to="Organization"),
        token_param("identifier", "masterIdentifier", "identifier"),
        token_param("security-label", "securityLabel"),
        string_param("description"),
        token_param("contenttype", "content.attachment.contentType"),
        token_param("language", "content.attachment.language"),
        uri_param("location", "content.attachment.url"),
        token_param("format", "content.format"),
        date_param("period", "context.period"),
        token_param("event", "context.event"),
        token_param("facility", "context.facilityType"),
        token_param("setting", "context.practiceSetting"),
        reference_param("related", "context.related", to=targets.ANY),
        reference_param("encounter", "context.encounter", to=("Encounter", "EpisodeOfCare")),
        reference_param("relatesto", "relatesTo.target", to="DocumentReference"),
        token_param("relation", "relatesTo.code"),
    ),
    compartment="patient",
)
