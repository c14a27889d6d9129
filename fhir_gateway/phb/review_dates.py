"""When the next review is due: so many months after the first payment, then after the last review.

Each stream of an integrated budget sets its own day; the earliest counts.

Source: rules R116 to R119; DPR13 reg 14, CADP reg 7, SENPB.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.periods import months_after
from mappings.terminology import FUNDING_STREAM

DIRECT_PAYMENT: Final = "direct-payment"
CONTINUING_HEALTHCARE: Final = "nhs-chc"
# The kind of review by which each funder does its own duty.
BY_LAW: Final = {"nhs-icb": "annual", "local-authority": "statutory-la", "education": "statutory-ehc"}
NHS, COUNCIL, EDUCATION = BY_LAW.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """Months from the first payment to the first review, and from each review to the next.

    council_first: to the first review where a council pays.
    """

    first: int
    later: int
    council_first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """Money of one funding stream under one management option, in an ongoing budget.

    funder: reference to who pays. first_paid: day of its first payment. last_review: day the last review that counts
    for it was completed. Both None where there was none.
    """

    stream: str
    option: str
    funder: str | None = None
    first_paid: date | None = None
    last_review: date | None = None

    @property
    def by_law(self) -> str | None:
        """The kind of review by which its funder does its own duty; None for money that nobody must review."""
        return by_law(self.stream)

    @property
    def rule(self) -> str:
        """The rule that sets its day: R118 is good practice only."""
        if self.option != DIRECT_PAYMENT:
            return "R119" if self.stream == CONTINUING_HEALTHCARE else "R118"
        if self.by_law != NHS:
            return "R119"
        return "R116" if self.last_review is None else "R117"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The last day for the next review of a purse."""

    on: date
    purse: Purse


def by_law(stream: str) -> str | None:
    """The kind of review by which the funder of a stream does its own duty, None for private and unknown money."""
    kind = FUNDING_STREAM.property_of(stream, "funder_kind") if stream in FUNDING_STREAM else None
    return BY_LAW.get(str(kind))


def due(
    purse: Purse, intervals: Intervals, *, ehc_review: date | None = None, at_most: int | None = None
) -> date | None:
    """The last day for the next review of a purse; None before its first payment.

    ehc_review: day of the coming review of the education, health and care plan, where known; education money is
    reviewed with it, but for the first time. at_most: months between reviews where risk asks for fewer.
    """
    if purse.by_law is None:
        return None
    if purse.last_review is None:
        months = intervals.council_first if purse.by_law == COUNCIL else intervals.first
        return purse.first_paid and months_after(purse.first_paid, min(months, at_most or months))
    later = months_after(purse.last_review, min(intervals.later, at_most or intervals.later))
    if purse.by_law == EDUCATION and ehc_review is not None and ehc_review > purse.last_review:
        return min(later, ehc_review)
    return later


def dues(
    purses: Iterable[Purse], intervals: Intervals, *, ehc_review: date | None = None, at_most: int | None = None
) -> tuple[Due, ...]:
    """The days that the purses set, earliest first, direct payments before others on the same day."""
    days = ((due(one, intervals, ehc_review=ehc_review, at_most=at_most), one) for one in purses)
    found = (Due(on=on, purse=one) for on, one in days if on is not None)
    return tuple(sorted(found, key=lambda one: (one.on, one.purse.option != DIRECT_PAYMENT)))
