"""Expenditure: what the holder of the money spent on care is one Claim in the holder's own ledger.

Source: FHIR R4 claim.html; S003 and S004 (records, excluded spending); DPR13 reg 15.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.claim_parts import LEDGER_USE, ClaimRecord, EvidenceLink, evidence, opening, payee, related
from mappings.lens.lens import (
    Count,
    ShapeSpec,
    all_coded,
    code,
    coded,
    concept,
    count,
    day,
    each,
    extension,
    identifier,
    part,
    pence,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import Mapping, mapping
from mappings.namespaces import identifier_system
from mappings.terminology import EXCLUSION_CATEGORY, EXPENDITURE_STATUS, LINE_CATEGORY, LINE_FLAG


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenditureLine:
    """One thing bought. budget_line: the budget line it is spent under, None outside the plan."""

    sequence: int
    budget_line: int | None
    category: str | None
    description: str | None
    flags: tuple[str, ...]
    exclusion: str | None
    spent_on: date | None
    amount_pence: int | None
    evidence_sequences: tuple[int, ...]

    @property
    def contingency(self) -> bool:
        """Whether it was paid from contingency."""
        return "contingency" in self.flags


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenditureEntry(ClaimRecord):
    """An entry of the holder's ledger. entered_by: a worker; FHIR has no place for the person's own hand."""

    entry_id: str | None
    expenditure_status: str | None
    entered_by: str | None
    payee_kind: str | None
    payee: str | None
    payee_name: str | None
    pays_against_id: str | None
    evidence: tuple[EvidenceLink, ...]
    lines: tuple[ExpenditureLine, ...]


def _line() -> ShapeSpec:
    return {
        "extension": extension(
            "phb-line-terms", {"extension": part("budget-line", {"valuePositiveInt": count("budget_line")})}
        ),
        "sequence": count("sequence"),
        "informationSequence": each("evidence_sequences", Count()),
        "category": concept("category", LINE_CATEGORY),
        "productOrService": {"text": text("description")},
        "modifier": (coded("exclusion", EXCLUSION_CATEGORY), all_coded("flags", LINE_FLAG)),
        "servicedDate": day("spent_on"),
        "net": pence("amount_pence"),
    }


EXPENDITURE: Final[Mapping[ExpenditureEntry]] = mapping(
    "Claim",
    ExpenditureEntry,
    "expenditure-entry",
    {
        "identifier": identifier("entry_id", identifier_system("phb-expenditure")),
        "extension": extension("phb-expenditure-status", {"valueCode": code("expenditure_status", EXPENDITURE_STATUS)}),
        **opening("phb-expenditure", LEDGER_USE),
        "enterer": reference("entered_by", to=("Practitioner", "PractitionerRole")),
        "related": related("pays_against_id", "pays-against"),
        "payee": payee(),
        "supportingInfo": evidence(),
        "item": rows("lines", ExpenditureLine, _line()),
    },
)
