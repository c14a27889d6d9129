"""Employment: the contract under which a personal assistant works for the person.

Source: FHIR R4 contract.html; domain.md 2.3 (Employment); S001, DPR13 reg 8(5A), rules R20 to R22, R26, R47, R71, R72.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.contract_parts import STATUS
from mappings.lens.entries import kind
from mappings.lens.lens import (
    Count,
    ShapeSpec,
    code,
    count,
    day,
    each,
    extension,
    first,
    flag,
    identifier,
    inside,
    part,
    pence,
    period,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import Mapping, mapping
from mappings.namespaces import identifier_system
from mappings.terminology import FUNDING_STREAM, RECORD_KIND

EMPLOYERS: Final = ("Patient", "RelatedPerson", "Organization")


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatedTask:
    """A health care task the worker was trained for, and until when the sign-off holds."""

    task: str | None
    trained_on: date | None
    signed_off_by: str | None
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Employment:
    """A personal assistant's contract. hourly_rate_pence: gross pay for an hour. weekly_minutes: agreed time.

    family_decision_id: the decision that allows care paid to a relative of the household. on_cost_lines: numbers of
    the budget lines that carry the employer's costs. stream: whose money pays.
    """

    number: str | None
    person_id: str | None
    status: str | None
    start: date | None
    end: date | None
    employer: str | None
    employee: str | None
    hourly_rate_pence: int | None
    weekly_minutes: int | None
    family_member: bool | None
    family_decision_id: str | None
    insurance_until: date | None
    delegated_tasks: tuple[DelegatedTask, ...]
    on_cost_lines: tuple[int, ...]
    stream: str | None


def _task() -> ShapeSpec:
    return {
        "extension": (
            part("task", {"valueString": text("task")}),
            part("trained", {"valueDate": day("trained_on")}),
            part("signed-off-by", {"valueReference": reference("signed_off_by", to=targets.PARTIES)}),
            part("expires", {"valueDate": day("expires_on")}),
        )
    }


def _terms() -> ShapeSpec:
    return {
        "extension": (
            part("employer", {"valueReference": reference("employer", to=EMPLOYERS)}),
            part("employee", {"valueReference": reference("employee", to="Practitioner")}),
            part("hourly-rate", {"valueMoney": pence("hourly_rate_pence")}),
            part("weekly-minutes", {"valueUnsignedInt": count("weekly_minutes")}),
            part("family-member", {"valueBoolean": flag("family_member")}),
            part("family-decision", {"valueReference": reference("family_decision_id", to="Task")}),
            part("insurance-until", {"valueDate": day("insurance_until")}),
            rows("delegated_tasks", DelegatedTask, _task(), among={"url": "delegated-task"}),
            each("on_cost_lines", inside("valuePositiveInt", Count(), among={"url": "on-cost-line"})),
            part("stream", {"valueCode": code("stream", FUNDING_STREAM)}),
        )
    }


EMPLOYMENT: Final[Mapping[Employment]] = mapping(
    "Contract",
    Employment,
    "employment",
    {
        "extension": extension("phb-employment", _terms()),
        "identifier": identifier("number", identifier_system("phb-employment")),
        "status": code("status", STATUS),
        "applies": period("start", "end"),
        "subject": first(reference("person_id", to="Patient")),
        "type": kind(RECORD_KIND, "employment"),
    },
)
