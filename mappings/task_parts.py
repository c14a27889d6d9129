"""What every kind of Task has in common: whose it is, who asks, who answers, by when.

Source: FHIR R4 task.html; S001 (reviews and decisions), code list phb-task-detail.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.lens.entries import Entry, valued
from mappings.lens.lens import (
    Each,
    Leaf,
    Lens,
    Pick,
    ShapeSpec,
    code,
    coded_as,
    day,
    each,
    identifier,
    inside,
    pick,
    reference,
    rows,
    text,
)
from mappings.namespaces import identifier_system
from mappings.terminology import TASK_DETAIL
from mappings.terminology.code_list import CodeList

TASK_STATUS: Final = (
    "draft",
    "requested",
    "received",
    "accepted",
    "rejected",
    "ready",
    "cancelled",
    "in-progress",
    "on-hold",
    "failed",
    "completed",
    "entered-in-error",
)
TASK_INTENT: Final = (
    "unknown",
    "proposal",
    "plan",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskNote:
    """A remark on a Task."""

    text: str
    written_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """What every Task says. respond_by: last day to answer or hold it; window_start: first day it may be held.

    about: what it is about. owner: who answers for it. started_on, ended_on: when it was, or takes effect.
    """

    task_id: str | None
    person_id: str
    status: str
    intent: str
    description: str | None
    about: str | None
    requester: str | None
    owner: str | None
    requested_on: date | None
    window_start: date | None
    respond_by: date | None
    started_on: date | None
    ended_on: date | None
    part_of: tuple[str, ...]
    based_on: tuple[str, ...]
    notes: tuple[TaskNote, ...]


def opening(kind_of_task: Lens, *, restriction: ShapeSpec | None = None) -> ShapeSpec:
    """The elements of `TaskRecord`; `kind_of_task` is the lens on the code that tells the kind."""
    return {
        "identifier": identifier("task_id", identifier_system("phb-task")),
        "basedOn": each("based_on", reference(to=targets.ANY)),
        "partOf": each("part_of", reference(to="Task")),
        "status": code("status", TASK_STATUS),
        "intent": code("intent", TASK_INTENT),
        "code": kind_of_task,
        "description": text("description"),
        "focus": reference("about", to=targets.ANY),
        "for": reference("person_id", to="Patient"),
        "executionPeriod": {"start": day("started_on"), "end": day("ended_on")},
        "authoredOn": day("requested_on"),
        "requester": reference("requester", to=targets.AUTHORS),
        "owner": reference("owner", to=targets.TEAM),
        "note": rows("notes", TaskNote, {"time": day("written_on"), "text": text("text")}),
        "restriction": {
            "period": {"start": day("window_start"), "end": day("respond_by")},
            **(restriction or {}),
        },
    }


def detail(detail_code: str, element: str, lens: Leaf) -> Pick:
    """One input or output, by its code of `phb-task-detail`, with its value at `element`."""
    return pick({"type": coded_as(TASK_DETAIL, detail_code)}, {element: lens})


def details(name: str, detail_code: str, element: str, lens: Leaf) -> Each:
    """Every input or output with one code of `phb-task-detail`."""
    return each(name, inside(element, lens, among={"type": coded_as(TASK_DETAIL, detail_code)}))


def result(name: str, detail_code: str, codes: CodeList) -> Entry:
    """The output whose value is a code of one list, whatever its type."""
    return valued(name, codes, {"type": coded_as(TASK_DETAIL, detail_code)})
