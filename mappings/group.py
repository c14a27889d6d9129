"""Group: a pool, in which several people put money together for a shared purpose.

The money stays each member's own (R156): what a member gives is a line of that member's own budget.

Source: FHIR R4 group.html; domain.md 2.6 (Pool), 8.3; rules R155 and R156.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.lens.entries import kind
from mappings.lens.lens import (
    ShapeSpec,
    const,
    count,
    extension,
    flag,
    identifier,
    part,
    pence,
    period,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import Mapping, ResourceType, mapping
from mappings.lens.search import reference_param, token_param
from mappings.namespaces import identifier_system
from mappings.terminology import RECORD_KIND

MANAGERS: Final = ("Organization", "Practitioner", "PractitionerRole", "RelatedPerson")
MEMBERS: Final = ("Device", "Group", "Medication", "Patient", "Practitioner", "PractitionerRole", "Substance")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolMember:
    """One person in the pool. line_no: of the budget `budget_id`. weight: of the member in a shared cost (6.4)."""

    member: str
    start: date | None
    end: date | None
    case_id: str | None
    contribution_pence: int | None
    weight: int | None
    consent_id: str | None
    budget_id: str | None
    line_no: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """People who put money together. managing: who runs it. start, end: days, both inclusive."""

    number: str | None
    active: bool | None
    name: str | None
    purpose: str | None
    start: date | None
    end: date | None
    managing: str | None
    members: tuple[PoolMember, ...]


def _member() -> ShapeSpec:
    terms = (
        part("case", {"valueReference": reference("case_id", to="EpisodeOfCare")}),
        part("contribution", {"valueMoney": pence("contribution_pence")}),
        part("weight", {"valueUnsignedInt": count("weight")}),
        part("consent", {"valueReference": reference("consent_id", to="Consent")}),
        part("budget", {"valueReference": reference("budget_id", to="Claim")}),
        part("budget-line", {"valuePositiveInt": count("line_no")}),
    )
    return {
        "extension": extension("phb-pool-member", {"extension": terms}),
        "entity": reference("member", to="Patient"),
        "period": period("start", "end"),
    }


def _terms() -> ShapeSpec:
    return {
        "extension": (
            part("purpose", {"valueString": text("purpose")}),
            part("period", {"valuePeriod": period("start", "end")}),
        )
    }


MAPPING: Final[Mapping[Pool]] = mapping(
    "Group",
    Pool,
    "pool",
    {
        "extension": extension("phb-pool-terms", _terms()),
        "identifier": identifier("number", identifier_system("phb-pool")),
        "active": flag("active"),
        "type": const("person"),
        "actual": const(True),  # noqa: FBT003 - the fixed value itself
        "code": kind(RECORD_KIND, "pool"),
        "name": text("name"),
        "managingEntity": reference("managing", to=MANAGERS),
        "member": rows("members", PoolMember, _member()),
    },
)

TYPE: Final = ResourceType(
    "Group",
    (MAPPING,),
    search=(
        token_param("identifier"),
        token_param("type"),
        token_param("actual"),
        token_param("code"),
        token_param("characteristic", "characteristic.code"),
        token_param("exclude", "characteristic.exclude"),
        reference_param("managing-entity", "managingEntity", to=MANAGERS),
        reference_param("member", "member.entity", to=MEMBERS),
    ),
)
