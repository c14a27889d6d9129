"""Decision and appeal: a Task always, with a named owner, a day to respond by, reasons and routes.

Source: FHIR R4 task.html; S001 (decisions), SI 2013/2354 (reconsideration), rules R141 to R151.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.lens import Text, coded_as, concept, day, flag, reference, rows, text
from mappings.lens.mapping import Mapping, mapping
from mappings.task_parts import TaskRecord, detail, details, opening, result
from mappings.terminology import (
    APPEAL_KIND,
    APPEAL_OUTCOME,
    APPEAL_STATUS,
    DECISION_OUTCOME,
    DECISION_STATUS,
    DECISION_SUBJECT,
    MANAGEMENT_OPTION,
    STOP_REASON,
    TASK_DETAIL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """Something taken into account: a record, or words."""

    about: str | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(TaskRecord):
    """A decision about `about`, by `owner`, a named decision-maker. `ended_on` is the day it was decided.

    stop_reason: why a direct payment stops; needs_continue, replacement_option and replacement_from: how care goes on
    then. panel_id: the group that decided with the owner. `part_of` names the decision that went before.
    """

    decision_subject: str
    decision_status: str | None
    rationale: str | None
    stop_reason: str | None
    considered: tuple[Considered, ...]
    outcome: str | None
    conditions: tuple[str, ...]
    alternatives: str | None
    communicated_how: str | None
    communicated_on: date | None
    appeal_route: str | None
    complaint_route: str | None
    support_contact: str | None
    panel_id: str | None
    notice_id: str | None
    needs_continue: bool | None
    replacement_option: str | None
    replacement_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal(TaskRecord):
    """A second look at the decision that `based_on` names, asked for by `requester` on `requested_on`."""

    appeal_kind: str
    appeal_status: str | None
    reasons: str | None
    considered: tuple[Considered, ...]
    outcome: str | None


_CONSIDERED: Final = rows(
    "considered",
    Considered,
    {"valueReference": reference("about", to=targets.ANY), "valueString": text("text")},
    among={"type": coded_as(TASK_DETAIL, "information-considered")},
)

DECISION: Final[Mapping[Decision]] = mapping(
    "Task",
    Decision,
    "decision",
    {
        **opening(concept("decision_subject", DECISION_SUBJECT, marks=True)),
        "businessStatus": concept("decision_status", DECISION_STATUS),
        "statusReason": {"text": text("rationale")},
        "reasonCode": concept("stop_reason", STOP_REASON),
        "input": (_CONSIDERED, detail("panel", "valueReference", reference("panel_id", to="CareTeam"))),
        "output": (
            result("outcome", "outcome", DECISION_OUTCOME),
            details("conditions", "condition", "valueString", Text()),
            detail("alternatives", "valueString", text("alternatives")),
            detail("communicated-how", "valueString", text("communicated_how")),
            detail("communicated-on", "valueDate", day("communicated_on")),
            detail("appeal-route", "valueString", text("appeal_route")),
            detail("complaint-route", "valueString", text("complaint_route")),
            detail("support-contact", "valueString", text("support_contact")),
            detail("notice", "valueReference", reference("notice_id", to="Communication")),
            detail("needs-continue", "valueBoolean", flag("needs_continue")),
            result("replacement_option", "replacement-option", MANAGEMENT_OPTION),
            detail("replacement-from", "valueDate", day("replacement_from")),
        ),
    },
)

APPEAL: Final[Mapping[Appeal]] = mapping(
    "Task",
    Appeal,
    "appeal",
    {
        **opening(concept("appeal_kind", APPEAL_KIND, marks=True)),
        "businessStatus": concept("appeal_status", APPEAL_STATUS),
        "statusReason": {"text": text("reasons")},
        "input": _CONSIDERED,
        "output": result("outcome", "outcome", APPEAL_OUTCOME),
    },
)
