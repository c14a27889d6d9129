"""Which national or HL7 code says the same as one of the project's, and which FHIR status stands for which state.

Where there is no exact equivalent the project's own coding stands alone: none is guessed. Checked at import.

Source: FHIR R4 status value sets; UK Core PersonRelationshipType and PreferredWrittenCommunicationFormat;
ODS organisation roles; SNOMED CT codes as the National Record Locator uses them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mappings import terminology as t
from mappings.terminology.code_map import (
    CARE_PLAN_STATUS,
    CLAIM_STATUS,
    EPISODE_STATUS,
    TASK_STATUS,
    CodeMap,
    Projection,
)

ROLE_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
WRITTEN_FORMAT: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-PreferredWrittenCommunicationFormat"
ODS_ROLE: Final = "https://digital.nhs.uk/services/organisation-data-service/CodeSystem/ODSOrganisationRole"
SNOMED_CT: Final = "http://snomed.info/sct"
HL7_ADJUDICATION: Final = "http://terminology.hl7.org/CodeSystem/adjudication"


def _each(table: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({code: (status,) for code, status in table.items()})


def _read_only(words: Mapping[str, str]) -> Mapping[str, str]:
    """`{"parent": "MTH FTH"}` turned round: each other code to the project code it is read as."""
    return MappingProxyType({other: code for code, others in words.items() for other in others.split()})


# A spouse is one of two things this code may mean, so SPS is read but not written.
RELATIONSHIP: Final = CodeMap(
    codes=t.RELATIONSHIP,
    system=ROLE_CODE,
    exact={
        "partner": "DOMPART",
        "parent": "PRN",
        "parent-in-law": "PRNINLAW",
        "child": "CHILD",
        "child-in-law": "CHLDINLAW",
        "step-child": "STPCHLD",
        "step-parent": "STPPRN",
        "sibling": "SIB",
        "grandparent": "GRPRN",
        "grandchild": "GRNDCHILD",
        "niece-or-nephew": "NIENEPH",
        "friend": "FRND",
    },
    narrower=_read_only(
        {
            "spouse-or-civil-partner": "SPS HUSB WIFE",
            "parent": "MTH FTH NPRN NMTH NFTH ADOPTP ADOPTM ADOPTF",
            "parent-in-law": "MTHINLAW FTHINLAW",
            "child": "SONC DAUC NCHILD SON DAU CHLDADOPT SONADOPT DAUADOPT",
            "child-in-law": "SONINLAW DAUINLAW",
            "step-child": "STPSON STPDAU",
            "step-parent": "STPMTH STPFTH",
            "sibling": "BRO SIS NSIB NBRO NSIS HSIB HBRO HSIS TWIN TWINBRO TWINSIS",
            "grandparent": "GRMTH GRFTH MGRPRN MGRMTH MGRFTH PGRPRN PGRMTH PGRFTH",
            "grandchild": "GRNDSON GRNDDAU",
            "aunt-or-uncle": "AUNT MAUNT PAUNT UNCLE MUNCLE PUNCLE",
            "niece-or-nephew": "NIECE NEPHEW",
        }
    ),
)

# UK Core's 13 is audio tape: audio, but not all audio.
ACCESSIBLE_FORMAT: Final = CodeMap(
    codes=t.ACCESSIBLE_FORMAT,
    system=WRITTEN_FORMAT,
    exact={"large-print": "11", "braille": "12"},
    narrower={"13": "audio"},
)

# A council in its education role has the council's ODS role too, so that one is not mapped.
FUNDER_KIND: Final = CodeMap(
    codes=t.FUNDER_KIND,
    system=ODS_ROLE,
    exact={"nhs-icb": "RO261", "local-authority": "RO141"},
)

PLAN_KIND: Final = CodeMap(
    codes=t.PLAN_KIND,
    system=SNOMED_CT,
    exact={"personalised-care-and-support-plan": "2181441000000107", "contingency": "325691000000100"},
)

ADJUDICATION: Final = CodeMap(codes=t.ADJUDICATION, system=HL7_ADJUDICATION, exact={"benefit": "benefit"})

REVIEW_STATUS: Final = CodeMap(
    codes=t.REVIEW_STATUS,
    system=TASK_STATUS,
    exact={
        "scheduled": "requested",
        "notified": "ready",
        "in-progress": "in-progress",
        "completed": "completed",
        "declined": "rejected",
        "cancelled": "cancelled",
    },
)

TRANSFER_STATUS: Final = CodeMap(
    codes=t.TRANSFER_STATUS,
    system=TASK_STATUS,
    exact={
        "proposed": "requested",
        "accepted": "accepted",
        "refused": "rejected",
        "effective": "in-progress",
        "completed": "completed",
        "cancelled": "cancelled",
    },
)

DECISION_STATUS: Final = CodeMap(
    codes=t.DECISION_STATUS,
    system=TASK_STATUS,
    exact={"requested": "requested", "decided": "in-progress", "communicated": "completed"},
)

APPEAL_STATUS: Final = CodeMap(
    codes=t.APPEAL_STATUS,
    system=TASK_STATUS,
    exact={"lodged": "requested", "in-progress": "in-progress", "closed": "completed"},
)

CONCERN_STATUS: Final = Projection(
    codes=t.CONCERN_STATUS,
    system=TASK_STATUS,
    table=_each(
        {
            "raised": "requested",
            "coordinator-asked": "in-progress",
            "person-informed": "in-progress",
            "looked-into": "in-progress",
            "closed": "completed",
        }
    ),
)

CASE_STATE: Final = Projection(
    codes=t.CASE_STATE,
    system=EPISODE_STATUS,
    table=_each({code.code: str(code.properties["episode_status"]) for code in t.CASE_STATE.codes}),
)

PLAN_STATUS: Final = Projection(
    codes=t.PLAN_STATUS,
    system=CARE_PLAN_STATUS,
    table={
        "draft": ("draft",),
        "submitted": ("draft",),
        "agreed": ("active",),
        "active": ("active",),
        "superseded": ("revoked", "completed"),
        "ended": ("completed",),
    },
)

# A client that reads the status alone must never take money for granted (submitted) or for left over (closed).
BUDGET_STATUS: Final = Projection(
    codes=t.BUDGET_STATUS,
    system=CLAIM_STATUS,
    table=_each(
        {
            "draft": "draft",
            "shared": "active",
            "submitted": "draft",
            "agreed": "active",
            "active": "active",
            "superseded": "cancelled",
            "closed": "cancelled",
            "declined": "cancelled",
        }
    ),
)

PAYMENT_STATUS: Final = Projection(
    codes=t.PAYMENT_STATUS,
    system=CLAIM_STATUS,
    table=_each({code: "cancelled" if code == "cancelled" else "active" for code in t.PAYMENT_STATUS}),
)

CROSSWALKS: Final[tuple[CodeMap | Projection, ...]] = (
    RELATIONSHIP,
    ACCESSIBLE_FORMAT,
    FUNDER_KIND,
    PLAN_KIND,
    ADJUDICATION,
    PLAN_STATUS,
    BUDGET_STATUS,
    PAYMENT_STATUS,
    CASE_STATE,
    REVIEW_STATUS,
    DECISION_STATUS,
    APPEAL_STATUS,
    CONCERN_STATUS,
    TRANSFER_STATUS,
)
