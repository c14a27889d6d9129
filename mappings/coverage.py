"""Coverage: the share of one funder in the budget, or the person's own contribution.

Source: FHIR R4 coverage.html; S004 (funders' shares), CA14 s26 and CASG (the person's contribution).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.lens import (
    Pick,
    code,
    concept,
    count,
    day,
    each,
    extension,
    first,
    identifier,
    part,
    pence,
    period,
    reference,
    rows,
)
from mappings.lens.mapping import ResourceType, mapping
from mappings.lens.search import reference_param, token_param
from mappings.namespaces import identifier_system
from mappings.terminology import CONTRIBUTION_COLLECTION, FUNDING_STREAM


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientContribution:
    """What the person pays towards a council's share. weekly_pence: for each seven days.

    financial_assessment_on, assessed_by: the day and the council that worked out what the person can pay (R82).
    """

    collection: str | None
    weekly_pence: int | None
    financial_assessment_on: date | None
    assessed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderContribution:
    """A funder's part in the budget, by stream. order: precedence in rounding ties, 1 first.

    funder: a body, or the person (`Patient/x`) whose own contribution it is. end: committed until.
    """

    contribution_id: str | None
    person_id: str
    status: str
    stream: str
    funder: str | None
    order: int | None
    start: date | None
    end: date | None
    client_contributions: tuple[ClientContribution, ...]
    agreement_ids: tuple[str, ...]

    @property
    def from_person(self) -> bool:
        """Whether the person is the one who pays."""
        return (self.funder or "").startswith("Patient/")


def _assessment() -> tuple[Pick, ...]:
    return (
        part("on", {"valueDate": day("financial_assessment_on")}),
        part("by", {"valueReference": reference("assessed_by", to="Organization")}),
    )


MAPPING: Final = mapping(
    "Coverage",
    FunderContribution,
    "funder-contribution",
    {
        "identifier": identifier("contribution_id", identifier_system("phb-contribution")),
        "status": code("status", ("active", "cancelled", "draft", "entered-in-error")),
        "type": concept("stream", FUNDING_STREAM, marks=True),
        "beneficiary": reference("person_id", to="Patient"),
        "payor": first(reference("funder", to=targets.PAYORS)),
        "order": count("order"),
        "period": period("start", "end"),
        "costToBeneficiary": rows(
            "client_contributions",
            ClientContribution,
            {
                "extension": extension("phb-financial-assessment", {"extension": _assessment()}),
                "type": concept("collection", CONTRIBUTION_COLLECTION),
                "valueMoney": pence("weekly_pence"),
            },
        ),
        "contract": each("agreement_ids", reference(to="Contract")),
    },
)

TYPE: Final = ResourceType(
    "Coverage",
    (MAPPING,),
    search=(
        reference_param("beneficiary", to="Patient"),
        reference_param("patient", "beneficiary", to="Patient"),
        reference_param("payor", to=targets.PAYORS),
        reference_param("policy-holder", "policyHolder", to=targets.PAYORS),
        reference_param("subscriber", to=("Patient", "RelatedPerson")),
        token_param("status"),
        token_param("type"),
        token_param("identifier"),
        token_param("class-type", "class.type"),
    ),
    compartment="beneficiary",
    money=True,
)
