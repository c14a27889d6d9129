"""Composition: what a plan says in words, one section for each topic of the nine criteria.

Source: FHIR R4 composition.html; S003 (the nine criteria), code list phb-plan-section.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.entries import default, kind
from mappings.lens.lens import Inside, Text, code, concept, day, each, reference, rows, text
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import date_param, reference_param, string_param, token_param
from mappings.namespaces import identifier_system
from mappings.terminology import PLAN_SECTION, RECORD_KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSection:
    """One section. div: its words as XHTML. entries: records the section points to."""

    section: str | None
    title: str | None
    div: str | None
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNarrative:
    """The words of one plan version. custodian_id: the body that keeps it."""

    narrative_id: str | None
    person_id: str
    status: str
    written_on: date | None
    title: str
    authors: tuple[str, ...]
    custodian_id: str | None
    sections: tuple[PlanSection, ...]


MAPPING: Final = mapping(
    "Composition",
    PlanNarrative,
    "plan-narrative",
    {
        "identifier": Inside("narrative_id", "value", Text(), {"system": identifier_system("phb-plan-narrative")}),
        "status": code("status", ("preliminary", "final", "amended", "entered-in-error")),
        "type": kind(RECORD_KIND, "plan-narrative"),
        "subject": reference("person_id", to="Patient"),
        "date": day("written_on"),
        "author": each("authors", reference(to=targets.AUTHORS)),
        "title": text("title"),
        "custodian": reference("custodian_id", to="Organization"),
        "section": rows(
            "sections",
            PlanSection,
            {
                "title": text("title"),
                "code": concept("section", PLAN_SECTION),
                "text": {"status": default("additional", "div"), "div": text("div")},
                "entry": each("entries", reference(to=targets.ANY)),
            },
        ),
    },
)

TYPE: Final = ResourceType(
    "Composition",
    (MAPPING,),
    search=(
        reference_param("patient", "subject", to="Patient"),
        reference_param("subject", to=targets.ANY),
        token_param("type"),
        token_param("category"),
        token_param("status"),
        date_param("date"),
        token_param("identifier"),
        string_param("title"),
        token_param("confidentiality"),
        reference_param("author", to=targets.AUTHORS),
        reference_param("attester", "attester.party", to=targets.PARTIES),
        reference_param("encounter", to="Encounter"),
        reference_param("entry", "section.entry", to=targets.ANY),
        token_param("section", "section.code"),
        token_param("context", "event.code"),
        date_param("period", "event.period"),
        reference_param("related-ref", "relatesTo.targetReference", to="Composition"),
        token_param("related-id", "relatesTo.targetIdentifier"),
    ),
    compartment="patient",
)
