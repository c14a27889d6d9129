"""What the four kinds of Claim have in common: head, insurance, supporting information, payee.

Source: FHIR R4 claim.html; docs/mapping/claim.md.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.entries import default, kind, numbered
from mappings.lens.lens import (
    Const,
    Pick,
    Rows,
    Several,
    ShapeSpec,
    Text,
    code,
    coded_as,
    concept,
    const,
    count,
    day,
    each,
    flag,
    pence,
    period,
    pick,
    reference,
    rows,
    shape,
    text,
)
from mappings.terminology import BUDGET_INFO, CLAIM_RELATION, CLAIM_TYPE, PAYEE_TYPE, PROCESS_PRIORITY

CLAIM_STATUS: Final = ("active", "cancelled", "draft", "entered-in-error")
ABOUT: Final = ("DocumentReference", "Observation")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCoverage:
    """A funder's share, or the person's contribution, on a Claim; `focal` on the lead funder's alone.

    sequence: precedence in rounding ties, 1 first.
    """

    sequence: int
    focal: bool
    coverage_id: str | None
    preauth_refs: tuple[str, ...]
    answer_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLink:
    """A document that supports an entry; lines point to it by `sequence`."""

    sequence: int
    document: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """What every kind of Claim says. total_pence: None when no total is given, which is not zero."""

    person_id: str
    status: str
    created: date | None
    provider: str | None
    insurer_id: str | None
    start: date | None
    end: date | None
    total_pence: int | None
    insurance: tuple[ClaimCoverage, ...]


def opening(claim_type: str, use: Const) -> ShapeSpec:
    """The elements of `ClaimRecord`, for one code of `phb-claim-type` and one use."""
    return {
        "status": code("status", CLAIM_STATUS),
        "type": kind(CLAIM_TYPE, claim_type),
        "use": use,
        "patient": reference("person_id", to="Patient"),
        "created": day("created"),
        "insurer": reference("insurer_id", to="Organization"),
        "provider": reference("provider", to=targets.PROVIDERS),
        "priority": default(coded_as(PROCESS_PRIORITY, "normal")),
        "billablePeriod": period("start", "end"),
        "insurance": rows(
            "insurance",
            ClaimCoverage,
            {
                "sequence": count("sequence"),
                "focal": flag("focal"),
                "coverage": reference("coverage_id", to="Coverage"),
                "preAuthRef": each("preauth_refs", Text()),
                "claimResponse": reference("answer_id", to="ClaimResponse"),
            },
        ),
        "total": pence("total_pence"),
    }


LEDGER_USE: Final = const("claim")


def payee() -> ShapeSpec:
    """Who is paid: fields `payee_kind`, `payee` and, where no resource stands for it, `payee_name`."""
    party: Several = Several((reference("payee", to=targets.PARTIES), shape({"display": text("payee_name")})))
    return {"type": concept("payee_kind", PAYEE_TYPE), "party": party}


def related(name: str, relation: str) -> Pick:
    """The Claim that stands in `relation`, a code of `phb-claim-relation`."""
    return pick({"relationship": coded_as(CLAIM_RELATION, relation)}, {"claim": reference(name, to="Claim")})


def info(info_code: str, spec: ShapeSpec) -> Pick:
    """The supporting information of one category, a code of `phb-budget-info`."""
    return numbered({"category": coded_as(BUDGET_INFO, info_code)}, spec)


def evidence() -> Rows:
    """The documents that support the Claim."""
    return rows(
        "evidence",
        EvidenceLink,
        {"sequence": count("sequence"), "valueReference": reference("document", to=ABOUT)},
        among={"category": coded_as(BUDGET_INFO, "evidence")},
    )
