"""A change of the responsible ICB: how far it is, and whether the receiving one has held its first review.

Source: domain.md 2.6 (Transfer), 5.2 T19 and T20; rules R152 to R154.
"""

from datetime import date
from typing import Final

from fhir_gateway.phb.case.reviews import is_completed
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.periods import months_after
from mappings.change import Transfer
from mappings.review import Review

ACCEPTED: Final = frozenset({"accepted", "effective", "completed"})
MOVED: Final = frozenset({"effective", "completed"})


def waiting_for_first_review(case: CaseFile, day: date, months: int) -> Transfer | None:
    """The transfer after which, on that day, the receiving ICB has still to hold its first review in time."""
    moved = (one.record for one in case.all(Transfer) if one.record.transfer_status in MOVED)
    return next((one for one in moved if _waits(case, one, day, months)), None)


def handed_over(case: CaseFile, day: date) -> frozenset[str]:
    """References to the ICBs that have handed the person over, and fund no longer on a day."""
    moved = (one.record for one in case.all(Transfer) if one.record.transfer_status in MOVED)
    return frozenset(one.requester for one in moved if one.requester and _is_past(one.funded_until, day))


def _is_past(last: date | None, day: date) -> bool:
    return last is not None and last < day


def _waits(case: CaseFile, transfer: Transfer, day: date, months: int) -> bool:
    start = transfer.started_on
    if start is None or not start <= day <= last_day_of_first_review(transfer, start, months):
        return False
    return not any(_held_since(one.record, start) for one in case.all(Review))


def last_day_of_first_review(transfer: Transfer, start: date, months: int) -> date:
    """The day the first review is due, and so many months after the start where none is set."""
    return transfer.first_review_due or months_after(start, months)


def _held_since(review: Review, start: date) -> bool:
    return is_completed(review) and review.started_on is not None and review.started_on >= start
