"""Concerns and changes to a running budget: transfer, suspension, a funder leaving or cutting its share.

Source: FHIR R4 task.html; S001 (transfer), S004 (concerns, suspension), S003 (funders), rules R89, R104, R135, R152.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.entries import kind
from mappings.lens.lens import coded_as, concept, day, extension, pence, reference, rows, text
from mappings.lens.mapping import Mapping, mapping
from mappings.task_parts import TaskRecord, detail, details, opening, result
from mappings.terminology import (
    CHANGE_KIND,
    CONCERN_KIND,
    CONCERN_STATUS,
    MANAGEMENT_OPTION,
    MISUSE_FINDING,
    SUSPENSION_REASON,
    TASK_DETAIL,
    TRANSFER_REASON,
    TRANSFER_STATUS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern(TaskRecord):
    """A worry about `about`, raised by `requester` on `requested_on`, closed on `ended_on`.

    no_coordinator_reason: why the coordinator was not asked. delay_decision_id: the decision to inform the person later
    (R135). outcome_option, conversation_id: how the money is held afterwards, and the talk before it (R115).
    """

    concern_kind: str
    concern_status: str | None
    coordinator_asked_on: date | None
    person_informed_on: date | None
    review_id: str | None
    finding: str | None
    no_coordinator_reason: str | None
    delay_decision_id: str | None
    outcome_option: str | None
    conversation_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(TaskRecord):
    """A change of responsible ICB, from `requester` to `owner`, in force and funded by the latter from `started_on`.

    funded_until: last day the sending ICB funds. balance_pence: carried and returned parts add up to it (R154).
    """

    transfer_status: str | None
    reason: str | None
    person_informed_on: date | None
    accepted_by: str | None
    accepted_on: date | None
    new_coordinator: str | None
    funded_until: date | None
    balance_pence: int | None
    balance_carried_pence: int | None
    balance_returned_pence: int | None
    first_review_due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension(TaskRecord):
    """A pause of payments from `started_on` to `ended_on`, by the decision that `based_on` names.

    `description` says how care goes on meanwhile.
    """

    reason: str | None
    discussion_person_id: str | None
    discussion_coordinator_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """Another funder that was consulted, and the day it was."""

    funder: str | None
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingChange(TaskRecord):
    """A share that ends or is cut: of the funder `requester`, from `started_on`. new_amount_pence: 0 when it leaves.

    joint_reassessment: the assessment of needs it rests on (R89). consulted_funders: those of which no day is known,
    consultations the others. dispute: while there is one, shares stay (R90).
    """

    joint_reassessment: str | None
    new_amount_pence: int | None
    consulted_funders: tuple[str, ...]
    consultations: tuple[Consultation, ...]
    consulted_person_on: date | None
    alternative_from: date | None
    dispute: str | None


CONCERN: Final[Mapping[Concern]] = mapping(
    "Task",
    Concern,
    "concern",
    {
        **opening(concept("concern_kind", CONCERN_KIND, marks=True)),
        "businessStatus": concept("concern_status", CONCERN_STATUS),
        "output": (
            detail("coordinator-asked", "valueDate", day("coordinator_asked_on")),
            detail("person-informed", "valueDate", day("person_informed_on")),
            detail("review", "valueReference", reference("review_id", to="Task")),
            result("finding", "finding", MISUSE_FINDING),
            detail("no-coordinator-reason", "valueString", text("no_coordinator_reason")),
            detail("delay-decision", "valueReference", reference("delay_decision_id", to="Task")),
            result("outcome_option", "management-option", MANAGEMENT_OPTION),
            detail("conversation", "valueReference", reference("conversation_id", to="Communication")),
        ),
    },
)

TRANSFER: Final[Mapping[Transfer]] = mapping(
    "Task",
    Transfer,
    "transfer",
    {
        **opening(kind(CHANGE_KIND, "transfer")),
        "businessStatus": concept("transfer_status", TRANSFER_STATUS),
        "reasonCode": concept("reason", TRANSFER_REASON),
        "output": (
            detail("person-informed", "valueDate", day("person_informed_on")),
            detail("accepted-by", "valueReference", reference("accepted_by", to=targets.PROVIDERS)),
            detail("accepted-on", "valueDate", day("accepted_on")),
            detail("new-coordinator", "valueReference", reference("new_coordinator", to=targets.PROVIDERS)),
            detail("funded-until", "valueDate", day("funded_until")),
            detail("balance", "valueMoney", pence("balance_pence")),
            detail("balance-carried", "valueMoney", pence("balance_carried_pence")),
            detail("balance-returned", "valueMoney", pence("balance_returned_pence")),
            detail("next-review", "valueDate", day("first_review_due")),
        ),
    },
)

SUSPENSION: Final[Mapping[Suspension]] = mapping(
    "Task",
    Suspension,
    "suspension",
    {
        **opening(kind(CHANGE_KIND, "suspension")),
        "reasonCode": concept("reason", SUSPENSION_REASON),
        "input": (
            detail("person-discussion", "valueReference", reference("discussion_person_id", to="Communication")),
            detail(
                "coordinator-discussion", "valueReference", reference("discussion_coordinator_id", to="Communication")
            ),
        ),
    },
)

_CONSULTATIONS: Final = rows(
    "consultations",
    Consultation,
    {
        "extension": extension("phb-consulted-on", {"valueDate": day("on")}),
        "valueReference": reference("funder", to="Organization"),
    },
    among={"type": coded_as(TASK_DETAIL, "consultation")},
)

FUNDING_CHANGE: Final[Mapping[FundingChange]] = mapping(
    "Task",
    FundingChange,
    "funding-change",
    {
        **opening(kind(CHANGE_KIND, "funding-change")),
        "reasonReference": reference("joint_reassessment", to=("Observation", "QuestionnaireResponse")),
        "input": (
            detail("new-amount", "valueMoney", pence("new_amount_pence")),
            details("consulted_funders", "consulted-funder", "valueReference", reference(to="Organization")),
            _CONSULTATIONS,
            detail("consulted-person", "valueDate", day("consulted_person_on")),
            detail("alternative-from", "valueDate", day("alternative_from")),
            detail("dispute", "valueString", text("dispute")),
        ),
    },
)
