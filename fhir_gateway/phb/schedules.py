"""When each funder pays how much: instalments in equal parts or by days, what comes with the first, the person's own.

Source: domain.md 6.6, 6.5; rule R92.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.money import Pence, split
from fhir_gateway.phb.periods import FOUR_WEEKS, Period, calendar_months, four_week_blocks, month_end

FOUR_WEEKLY: Final = "four-weekly"
WITH_FIRST: Final = "with-first-instalment"
SPREAD: Final = "spread"
ON_REQUEST: Final = "on-request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One payment to be made, due on the first day it covers. seq: from 1.

    recurring: pence of this period's part; one_off, contingency: pence that come with it.
    """

    seq: int
    covers: Period
    recurring: Pence
    one_off: Pence = 0
    contingency: Pence = 0

    @property
    def due_on(self) -> date:
        """The first day covered."""
        return self.covers.start

    @property
    def amount(self) -> Pence:
        """All that is paid."""
        return self.recurring + self.one_off + self.contingency


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a funder pays into the account over the period: recurring, and with the first instalment, in pence."""

    recurring: Pence
    one_off: Pence = 0
    contingency: Pence = 0

    def less(self, contribution: Pence) -> "Owed":
        """What is left when the person pays a part: taken from recurring money first, never below zero."""
        over = max(0, contribution - self.recurring)
        over_again = max(0, over - self.one_off)
        return Owed(
            recurring=max(0, self.recurring - contribution),
            one_off=max(0, self.one_off - over),
            contingency=max(0, self.contingency - over_again),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """One funder's share of one line that is paid in instalments, in pence."""

    share: Pence
    one_off: bool = False
    contingency: bool = False

    @property
    def recurring(self) -> bool:
        """Whether it is paid in every instalment."""
        return not self.one_off and not self.contingency


def owed(parts: Iterable[LinePart], funding: str | None = None) -> Owed:
    """The sum of a funder's shares of direct-payment or third-party lines.

    funding: a code of `phb-contingency-funding`; contingency on request is in no instalment.
    """
    found = tuple(parts)
    contingency = sum(one.share for one in found if one.contingency)
    funding = funding or WITH_FIRST
    return Owed(
        recurring=sum(one.share for one in found if one.recurring) + (contingency if funding == SPREAD else 0),
        one_off=sum(one.share for one in found if one.one_off and not one.contingency),
        contingency=contingency if funding == WITH_FIRST else 0,
    )


def instalments(due: Owed, whole: Period, interval: str = "monthly") -> tuple[Instalment, ...]:
    """The instalments of one funder; those of nothing are left out. interval: `monthly` or `four-weekly`."""
    covered = parts_of(whole, interval)
    amounts = spread(due.recurring, covered, interval)
    made = tuple(
        Instalment(
            seq=seq,
            covers=part,
            recurring=amount,
            one_off=due.one_off if seq == 1 else 0,
            contingency=due.contingency if seq == 1 else 0,
        )
        for seq, (part, amount) in enumerate(zip(covered, amounts, strict=True), start=1)
    )
    return tuple(one for one in made if one.amount)


def own_payments(contribution: Pence, whole: Period, interval: str = "monthly") -> tuple[Instalment, ...]:
    """What the person pays in, spread as the funders' instalments are."""
    return instalments(Owed(recurring=contribution), whole, interval)


def parts_of(whole: Period, interval: str = "monthly") -> tuple[Period, ...]:
    """The periods that instalments cover: calendar months or blocks of four weeks."""
    return tuple(four_week_blocks(whole) if interval == FOUR_WEEKLY else calendar_months(whole))


def spread(amount: Pence, covered: tuple[Period, ...], interval: str = "monthly") -> tuple[Pence, ...]:
    """The amount over the periods: in equal parts when every one is a whole month or four weeks, else by days."""
    equal = all(_whole(part, interval) for part in covered)
    return split(amount, [1 if equal else part.days for part in covered])


def _whole(part: Period, interval: str) -> bool:
    if interval == FOUR_WEEKLY:
        return part.days == FOUR_WEEKS.days
    return part.start.day == 1 and part.end == month_end(part.start)
