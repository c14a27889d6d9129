"""Reviews of a case: how far each has come, what it looks at, and which duties of the funders it does.

Source: domain.md 2.6 (Review), 3.4 (review-kind, review-status), 5.3, 8.9 Q8; rules R116 to R129.
"""

from collections.abc import Collection
from datetime import date
from typing import Final

from fhir_gateway.phb.case.decisions import is_taken
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.review_dates import COUNCIL, EDUCATION, NHS
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase
from mappings.review import Review

SCHEDULED: Final = "scheduled"
IN_PROGRESS: Final = "in-progress"
COMPLETED: Final = "completed"
DECLINED: Final = "declined"
CANCELLED: Final = "cancelled"
OPEN: Final = frozenset({SCHEDULED, "notified", IN_PROGRESS})
STARTED: Final = frozenset({IN_PROGRESS, COMPLETED})
FULL: Final = ("plan-review", "budget-review", "financial-audit")
LIVE: Final = frozenset({"active", "under-review", "suspended", "transferring"})
# Asked for by an event; each needs a decision whether to hold it (R121, R128).
ASKED_FOR: Final = {"requested-by-person": "R121", "health-change": "R128"}
# Whose duty a kind of review does.
DUTY_OF: Final = {
    "initial-three-month": NHS,
    "annual": NHS,
    "chc-eligibility": NHS,
    "transfer": NHS,
    "statutory-la": COUNCIL,
    "statutory-ehc": EDUCATION,
}
_STATE_OF: Final = {
    "in-progress": IN_PROGRESS,
    "on-hold": IN_PROGRESS,
    "completed": COMPLETED,
    "rejected": DECLINED,
    "cancelled": CANCELLED,
    "failed": CANCELLED,
}


def live_case(case: CaseFile) -> Filed[PhbCase] | None:
    """The case whose care is running: the ongoing one where a one-off runs beside it."""
    live = [one for one in case.all(PhbCase) if one.record.state in LIVE]
    return next((one for one in live if one.record.budget_kind != "one-off"), live[0] if live else None)


def state(review: Review) -> str:
    """A code of `phb-review-status`, read from the Task's own status where there is none; `draft` for a draft."""
    if review.status == "draft":
        return review.status
    return review.review_status or _STATE_OF.get(review.status, SCHEDULED)


def is_open(review: Review) -> bool:
    """Whether it is still to be held, or being held."""
    return state(review) in OPEN


def is_completed(review: Review) -> bool:
    """Whether it is finished with an outcome."""
    return state(review) == COMPLETED


def completed_on(review: Review) -> date | None:
    """The day it was completed, else the day it was held; None unless it is completed."""
    return (review.ended_on or review.started_on) if is_completed(review) else None


def sets(new: Written[Review], *fields: str) -> bool:
    """Whether this write says it: one of the fields, or the state in which they count."""
    return any(new.changed(one) for one in ("status", "review_status", *fields))


def components(review: Review) -> frozenset[str]:
    """The parts it has, but for those that were expressly not asked for."""
    return frozenset(one.component for one in review.inputs if one.component and one.asked_for is not False)


def duties(review: Review) -> frozenset[str]:
    """The reviews by law it does: that of its kind, and those it names; an extra review of the plan does the NHS's."""
    named = {DUTY_OF.get(one.discharges or "") for one in review.inputs}
    own = DUTY_OF.get(review.review_kind, NHS if "plan-review" in components(review) else None)
    return frozenset(one for one in (*named, own) if one is not None)


def does(review: Review, duty: str, of_case: Collection[str]) -> bool:
    """Whether it does a duty. of_case: all duties of the case; where there is one only, any such review does it."""
    done = duties(review)
    return duty in done or (bool(done) and set(of_case) == {duty})


def is_regular(review: Review) -> bool:
    """Whether it is one of those that come round, not an extra one."""
    return review.review_kind in DUTY_OF


def open_regular(case: CaseFile) -> tuple[Filed[Review], ...]:
    """The reviews that come round and are still to be completed."""
    return tuple(one for one in case.all(Review) if is_regular(one.record) and is_open(one.record))


def last_completed(case: CaseFile, duty: str, of_case: Collection[str], since: date | None) -> date | None:
    """The day the last review that does a duty was completed, leaving out those before `since`."""
    found = (completed_on(one.record) for one in case.all(Review) if does(one.record, duty, of_case))
    return max((day for day in found if day is not None and (since is None or since <= day)), default=None)


def ehc_review(case: CaseFile) -> date | None:
    """The day by which the coming review of the education, health and care plan is due, None where not known."""
    found = (one.record.respond_by for one in case.all(Review) if _is_ehc(one.record) and is_open(one.record))
    return min((day for day in found if day is not None), default=None)


def _is_ehc(review: Review) -> bool:
    return EDUCATION in duties(review)


# --- decisions whether to hold one ------------------------------------------------------------------


def decisions_about(case: CaseFile, review: Filed[Review]) -> tuple[Decision, ...]:
    """The decisions taken on whether to hold a review."""
    found = (one.record for one in asked_about(case, review))
    return tuple(one for one in found if is_taken(one) and one.outcome is not None)


def asked_about(case: CaseFile, review: Filed[Review]) -> tuple[Filed[Decision], ...]:
    """The decisions asked for or taken on whether to hold a review."""
    found = (one for one in case.all(Decision) if one.record.decision_subject == "review-request")
    return tuple(one for one in found if review.reference in {one.record.about, *one.record.based_on})
