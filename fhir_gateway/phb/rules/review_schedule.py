"""When reviews are due: each stream sets a day, nothing is scheduled after it, what is overdue is flagged.

Source: domain.md section 4 I; DPR13 reg 14, CADP reg 7, SENPB.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from fhir_gateway.phb.case.purses import duties_of, next_dues
from fhir_gateway.phb.case.reviews import (
    CANCELLED,
    LIVE,
    completed_on,
    does,
    is_completed,
    is_open,
    is_regular,
    live_case,
    open_regular,
    sets,
    state,
)
from fhir_gateway.phb.case_file import CaseFile, Written
from fhir_gateway.phb.review_dates import Due, Intervals
from fhir_gateway.phb.rules.catalogue import setting
from fhir_gateway.phb.rules.rule import WARNING, Finding, rule
from mappings.episode_of_care import PhbCase
from mappings.review import Review

INTERVALS: Final = Intervals(
    first=setting("R116", "months"),
    later=setting("R117", "months"),
    council_first=setting("R119", "council_months"),
)
DAY_DUE: Final = "restriction.period.end"
NEXT: Final = "output"
MONEY_SHORT: Final = "insufficient-funds"
MORE_MONEY: Final = frozenset(
    {"budget-increased", "plan-and-budget-updated", "management-option-changed", "reassessment-required", "phb-ended"}
)


@rule("R116", on=Review)
def first_review_in_time(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """The first review of a direct payment is scheduled within three months of the first payment."""
    yield from _scheduled("R116", new, case)


@rule("R117", on=Review)
def later_review_in_time(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """Each later review of a direct payment is scheduled within twelve months of the last."""
    yield from _scheduled("R117", new, case)


@rule("R118", on=Review)
def held_money_reviewed_as_often(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """Notional and third-party budgets are reviewed as often, as good practice."""
    yield from _scheduled("R118", new, case)


@rule("R119", on=Review)
def earliest_of_all_streams(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """The next review of an integrated budget is due on the earliest day that a stream sets."""
    yield from _scheduled("R119", new, case)


@rule("R116", on=PhbCase)
def first_review_overdue(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A live case whose first review is overdue is flagged."""
    yield from _overdue("R116", new, case)


@rule("R117", on=PhbCase)
def later_review_overdue(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A live case whose later review is overdue is flagged."""
    yield from _overdue("R117", new, case)


@rule("R118", on=PhbCase)
def review_of_held_money_overdue(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A live case whose notional or third-party money has not been looked at in time is flagged."""
    yield from _overdue("R118", new, case)


@rule("R119", on=PhbCase)
def review_of_another_stream_overdue(new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    """A live case whose review for the council, for education or for continuing healthcare is overdue is flagged."""
    yield from _overdue("R119", new, case)


# --- what the days say ------------------------------------------------------------------------------


def _scheduled(number: str, new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    if is_open(new.record) and is_regular(new.record):
        yield from _day_of_open(number, new, case)
    elif is_completed(new.record) and new.record.next_due_on is not None:
        yield from _day_of_next(number, new, case)


def _day_of_open(number: str, new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """The day set for an open review, and whether it has passed."""
    due = next((one for one in _of_rule(number, case) if _does(new.record, one, case)), None)
    if due is None:
        return
    if sets(new, "respond_by", "review_kind", "inputs") and not _in_time(due, case):
        yield Finding(f"a review is due by {due.on}{_why(due)}; schedule one for that day or earlier", DAY_DUE)
    if due.on < case.today:
        yield Finding(f"the review due by {due.on} is overdue; hold it", DAY_DUE, WARNING)


def _day_of_next(number: str, new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """The day a completed review sets for the next one."""
    held, said = completed_on(new.record), new.record.next_due_on
    if held is None or said is None or not sets(new, "next_due_on", "ended_on"):
        return
    due = next((one for one in _of_rule(number, case) if one.on > held and _was_paid(one, held)), None)
    if due is not None and said > due.on:
        yield Finding(f"the next review is due by {due.on}{_why(due)}; set that day or an earlier one", NEXT)


def _overdue(number: str, new: Written[PhbCase], case: CaseFile) -> Iterator[Finding]:
    due = next(iter(_of_rule(number, case)), None) if new.record.state in LIVE else None
    if due is not None and due.on < case.today:
        yield Finding(f"the review due by {due.on}{_why(due)} is overdue; hold it", "", WARNING)


def _of_rule(number: str, case: CaseFile) -> Iterator[Due]:
    return (one for one in next_dues(case, INTERVALS) if one.purse.rule == number)


def _does(review: Review, due: Due, case: CaseFile) -> bool:
    return does(review, due.purse.by_law or "", duties_of(case))


def _in_time(due: Due, case: CaseFile) -> bool:
    """Whether a review that counts is scheduled for the day or earlier."""
    found = (one.record for one in open_regular(case) if _does(one.record, due, case))
    return any(one.respond_by is not None and one.respond_by <= due.on for one in found)


def _was_paid(due: Due, day: date) -> bool:
    """Whether the money had begun to flow by then."""
    return due.purse.first_paid is None or due.purse.first_paid <= day


def _why(due: Due) -> str:
    since = "first payment" if due.purse.last_review is None else "last review"
    return f", counted from the {since} of the stream {due.purse.stream}"


# --- one review for several duties, money that was short, the day of the next -----------------------


@rule("R120", on=Review)
def reviews_held_as_one(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """Two reviews by law within sixty days are better held as one."""
    review, days = new.record, timedelta(days=setting("R120", "days"))
    if review.respond_by is None or not is_open(review) or not is_regular(review):
        return
    for other in open_regular(case):
        day = other.record.respond_by
        if other.id != new.id and day is not None and abs(day - review.respond_by) <= days:
            yield Finding(
                f"another review by law is due on {day}; hold both as one and name what it discharges", "input"
            )
            return


@rule("R128", on=Review)
def short_money_reviewed_soon(new: Written[Review], case: CaseFile) -> Iterator[Finding]:  # noqa: ARG001
    """A review for money that was not enough is due within 28 days of the day that was known."""
    review = new.record
    if review.review_kind != MONEY_SHORT or review.requested_on is None or not is_open(review):
        return
    last = review.requested_on + timedelta(days=setting("R128", "days"))
    if sets(new, "requested_on", "respond_by") and (review.respond_by is None or review.respond_by > last):
        yield Finding(f"the money was not enough; this review is due by {last}", DAY_DUE)


@rule("R128", on=Review)
def short_money_gets_a_review(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """A review that finds the money not enough raises it, or is followed by a review for that within 28 days."""
    review, held = new.record, completed_on(new.record)
    if review.budget_adequate is not False or review.review_kind == MONEY_SHORT or review.outcome in MORE_MONEY:
        return
    if held is None or not sets(new, "budget_adequate", "outcome"):
        return
    last = held + timedelta(days=setting("R128", "days"))
    if not any(_follows(one.record, held, last) for one in case.all(Review)):
        yield Finding(f"the money was not enough; raise it, or schedule a review for that by {last}", NEXT)


def _follows(review: Review, held: date, last: date) -> bool:
    """Whether it is a review for short money, due after one was held and in time."""
    if review.review_kind != MONEY_SHORT or state(review) == CANCELLED or review.respond_by is None:
        return False
    return held <= review.respond_by <= last


@rule("R129", on=Review)
def next_daysets(new: Written[Review], case: CaseFile) -> Iterator[Finding]:
    """A completed review of a live case says when the next one is due."""
    review = new.record
    if not is_completed(review) or review.next_due_on is not None or review.outcome == "phb-ended":
        return
    if sets(new, "next_due_on") and live_case(case) is not None:
        yield Finding("the case goes on; say when the next review is due", NEXT)
