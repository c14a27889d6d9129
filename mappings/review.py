"""Review: one Task for all the reviews it discharges by law.

Source: FHIR R4 task.html; S001, S004 and DPR13 reg 14 (reviews), rules R116 to R133.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.lens import code, coded_as, concept, day, each, extension, flag, reference, rows, text
from mappings.lens.mapping import Mapping, mapping
from mappings.task_parts import TaskRecord, detail, opening, result
from mappings.terminology import (
    GOAL_ACHIEVEMENT,
    REVIEW_COMPONENT,
    REVIEW_KIND,
    REVIEW_OUTCOME,
    REVIEW_STATUS,
    TASK_DETAIL,
    UNDERSPEND_REASON,
)

PARTICIPANTS: Final = ("Group", *targets.PARTIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInput:
    """A part of the review, or a review by law (`discharges`, of the body `for_body`) that it discharges."""

    component: str | None
    discharges: str | None
    for_body: str | None
    asked_for: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalUpdate:
    """How far an outcome has been reached; only a review says so (domain.md 2.4). outcome: id of the Goal."""

    outcome: str | None
    achievement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(TaskRecord):
    """A review. `respond_by` is the day it is due, `started_on` the day it is held, `ended_on` its completion.

    person_told_on, told_what: before it starts (R122). needs_changed to properly_used: the five findings (R126), beside
    working, not_working and needs_change in the person's words. absence_reason: why the person took no part (R125).
    """

    review_kind: str
    review_status: str | None
    participants: tuple[str, ...]
    inputs: tuple[ReviewInput, ...]
    person_told_on: date | None
    told_what: str | None
    outcome: str | None
    working: str | None
    not_working: str | None
    needs_change: str | None
    goal_updates: tuple[GoalUpdate, ...]
    absence_reason: str | None
    needs_changed: bool | None
    outcomes_still_right: bool | None
    risks_changed: bool | None
    budget_adequate: bool | None
    properly_used: bool | None
    underspend_reason: str | None
    person_experience: str | None
    new_plan_id: str | None
    new_budget_id: str | None
    next_due_on: date | None


_GOAL_UPDATES: Final = rows(
    "goal_updates",
    GoalUpdate,
    {
        "extension": extension("phb-achievement", {"valueCode": code("achievement", GOAL_ACHIEVEMENT)}),
        "valueReference": reference("outcome", to="Goal"),
    },
    among={"type": coded_as(TASK_DETAIL, "goal-update")},
)

REVIEW: Final[Mapping[Review]] = mapping(
    "Task",
    Review,
    "review",
    {
        **opening(
            concept("review_kind", REVIEW_KIND, marks=True),
            restriction={"recipient": each("participants", reference(to=PARTICIPANTS))},
        ),
        "businessStatus": concept("review_status", REVIEW_STATUS),
        "input": rows(
            "inputs",
            ReviewInput,
            {
                "type": (concept("component", REVIEW_COMPONENT), concept("discharges", REVIEW_KIND)),
                "valueReference": reference("for_body", to=("Organization", "HealthcareService")),
                "valueBoolean": flag("asked_for"),
            },
        ),
        "output": (
            detail("person-told", "valueDate", day("person_told_on")),
            detail("told-what", "valueString", text("told_what")),
            result("outcome", "outcome", REVIEW_OUTCOME),
            detail("working", "valueString", text("working")),
            detail("not-working", "valueString", text("not_working")),
            detail("needs-change", "valueString", text("needs_change")),
            _GOAL_UPDATES,
            detail("absence-reason", "valueString", text("absence_reason")),
            detail("needs-changed", "valueBoolean", flag("needs_changed")),
            detail("outcomes-still-right", "valueBoolean", flag("outcomes_still_right")),
            detail("risks-changed", "valueBoolean", flag("risks_changed")),
            detail("budget-adequate", "valueBoolean", flag("budget_adequate")),
            detail("properly-used", "valueBoolean", flag("properly_used")),
            result("underspend_reason", "underspend-reason", UNDERSPEND_REASON),
            detail("person-experience", "valueString", text("person_experience")),
            detail("new-plan", "valueReference", reference("new_plan_id", to="CarePlan")),
            detail("new-budget", "valueReference", reference("new_budget_id", to="Claim")),
            detail("next-review", "valueDate", day("next_due_on")),
        ),
    },
)
