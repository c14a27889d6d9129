"""How a review is held: asked for and decided, announced, complete in its parts, with the people it is about.

Source: domain.md section 4 I, 5.3 (Review).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from fhir_gateway.phb.case.conversations import is_coordinator
from fhir_gateway.phb.case.people import party, represents, themselves
from fhir_gateway.phb.case.purses import purses
from fhir_gateway.phb.case.reviews import (
    ASKED_FOR,
    CANCELLED,
    COMPLETED,
    DECLINED,
    FULL,
    IN_PROGRESS,
    SCHEDULED,
    STARTED,
    completed_on,
    components,
    decisions_about,
    is_completed,
    sets,
    state,
)
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.review_dates import DIRECT_PAYMENT
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.decision import Decision
from mappings.review import Review

NOTIFIED: Final = "notified"
GOING_AHEAD: Final = frozenset({NOTIFIED, *STARTED})
NO_MORE: Final[frozenset[str]] = frozenset()
# A step may be left out where a review is recorded afterwards: what each asks for is asked all the same.
MOVES: Final = {
    SCHEDULED: frozenset({NOTIFIED, IN_PROGRESS, COMPLETED, DECLINED, CANCELLED}),
    NOTIFIED: frozenset({SCHEDULED, IN_PROGRESS, COMPLETED, CANCELLED}),
    IN_PROGRESS: frozenset({COMPLETED}),
    COMPLETED: NO_MORE,
    DECLINED: NO_MORE,
    CANCELLED: NO_MORE,
}
WORDS: Final = ("working", "not_working", "needs_change")
FINDINGS: Final = ("needs_changed", "outcomes_still_right", "risks_changed", "budget_adequate", "properly_used")


def _blank(text: str | None) -> bool:
    return not (text or "").strip()


# --- asked for --------------------------------------------------------------------------------------


@rule("R121", on=Review)
def a_request_gets_a_decision(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """A review the person asked for goes ahead, or not, by a decision; a refusal gives reasons and a route."""
    review = new.record
    if ASKED_FOR.get(review.review_kind) != "R121" or not sets(new, "review_kind"):
        return
    found = decisions_about(case, new)
    if state(review) in GOING_AHEAD and not any(one.outcome != "declined" for one in found):
        yield Finding("the person asked for this review; it goes ahead by a decision on the request", "status")
    if state(review) == DECLINED and not any(_refuses(one) for one in found):
        yield Finding("a refusal needs a decision that declines it, with reasons and a route to appeal", "status")


def _refuses(decision: Decision) -> bool:
    """Whether it declines, says why, and tells how to appeal or complain."""
    told = not _blank(decision.appeal_route) or not _blank(decision.complaint_route)
    return decision.outcome == "declined" and not _blank(decision.rationale) and told


@rule("R121", on=Review)
def only_a_request_is_declined(new: Written[Review], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """A review that is due may be cancelled, but is not declined: nobody asked for it."""
    if state(new.record) == DECLINED and new.record.review_kind not in ASKED_FOR and sets(new, "review_kind"):
        yield Finding("only a review that was asked for can be declined; cancel this one, or hold it", "status")


@rule("R128", on=Review)
def changed_health_gets_a_decision(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """After a significant change of health somebody decides whether to review, and the decision is kept."""
    review = new.record
    if ASKED_FOR.get(review.review_kind) != "R128" or not sets(new, "review_kind"):
        return
    if state(review) in {*GOING_AHEAD, DECLINED, CANCELLED} and not decisions_about(case, new):
        yield Finding("record the decision whether to review after the change of health", "status")


# --- announced and begun ----------------------------------------------------------------------------


@rule("R122", on=Review)
def told_before_it_starts(new: Written[Review], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """The person is told of a review and of what it looks at before it starts, best two weeks before."""
    review, days = new.record, setting("R122", "days")
    if state(review) not in STARTED or not sets(new, "started_on", "person_told_on", "told_what"):
        return
    if review.person_told_on is None or _blank(review.told_what):
        yield Finding("before the review starts, say when the person was told of it and what they were told", "output")
    if review.started_on is None:
        yield Finding("say on which day the review is held", "executionPeriod.start")
    elif review.person_told_on is not None and review.person_told_on >= review.started_on:
        yield Finding("the person has to be told before the day the review is held", "output")
    elif review.person_told_on is not None and review.started_on - review.person_told_on < timedelta(days=days):
        yield Finding(f"the person was told less than {days} days before the review", "output", WARNING)


@rule("R122", on=Review)
def a_review_moves_on(new: Written[Review], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """A review goes from scheduled over notified and in progress to completed; what has ended stays ended."""
    before = state(new.previous) if new.previous is not None else "draft"
    after = state(new.record)
    if after != before and after not in MOVES.get(before, {after}):
        ways = " or ".join(sorted(MOVES[before])) or "nothing else"
        yield Finding(f"a review that is {before} becomes {ways}, not {after}", "businessStatus")


# --- its parts and its people -----------------------------------------------------------------------


@rule("R123", on=Review)
def all_three_parts(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """A first or annual review of a direct payment looks at plan, budget and use of the money."""
    review = new.record
    if review.review_kind not in {"initial-three-month", "annual"} or not is_completed(review):
        return
    missing = [one for one in FULL if one not in components(review)]
    if missing and sets(new, "review_kind", "inputs") and _of_direct_payment(review, case):
        yield Finding(f"the review of a direct payment also contains {', '.join(missing)}", "input")


def _of_direct_payment(review: Review, case: CaseFile) -> bool:
    """Whether money was paid directly when it was held; also where no first payment is known."""
    held = completed_on(review) or case.today
    found = (one.first_paid for one in purses(case) if one.option == DIRECT_PAYMENT)
    return any(first is None or first <= held for first in found)


@rule("R124", on=Review)
def coordinator_takes_part(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """A review held without the care coordinator is flagged."""
    if is_completed(new.record) and not any(is_coordinator(case, one) for one in new.record.participants):
        yield Finding("the care coordinator is not among those who took part", "restriction.recipient")


@rule("R125", on=Review)
def person_takes_part(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """The person, or who speaks for them, takes part with whom they choose; if not, the reason is given."""
    review = new.record
    if not _blank(review.absence_reason) or not sets(new, "participants", "absence_reason"):
        return
    announced = state(review) == SCHEDULED and bool(review.participants)
    if (state(review) in GOING_AHEAD or announced) and not _person_among(review, case):
        says = "neither the person nor a representative takes part; add them, or give the reason"
        yield Finding(says, "restriction.recipient", WARNING if announced else "")


def _person_among(review: Review, case: CaseFile) -> bool:
    """Whether the person takes part, or a representative; who is not known here may be one."""
    return any(one == themselves(case) or _speaks(case, one) for one in review.participants)


def _speaks(case: CaseFile, reference: str) -> bool:
    if not reference.startswith("RelatedPerson/"):
        return False
    known = party(case, reference)
    return known is None or represents(known)


@rule("R126", on=Review)
def completion_says_it_all(new: Written[Review], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """A completed review has its outcome, three answers in words and five answers yes or no."""
    review = new.record
    if not is_completed(review) or not sets(new, "outcome", *WORDS, *FINDINGS):
        return
    missing = [one for one in WORDS if _blank(getattr(review, one))]
    missing += [one for one in ("outcome", *FINDINGS) if getattr(review, one) is None]
    if missing:
        named = ", ".join(one.replace("_", "-") for one in missing)
        yield Finding(f"a completed review also says: {named}", "output")
