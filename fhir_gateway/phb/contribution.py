"""What the person pays towards the council's share: by the week, never more than that share.

NHS, section 117 and education shares are never reduced.

Source: domain.md 6.5; rules R82, R83; CA14 ss 14(4), 26.
"""

from dataclasses import dataclass
from typing import Final

from fhir_gateway.phb.money import Pence, rhu
from fhir_gateway.phb.periods import Period, segments

DAYS_A_WEEK: Final = 7
NET: Final = "net"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The person's contribution for a period, in pence, beside the council's gross share.

    assessed: what the weekly amount comes to. amount: what is asked for, at most the gross share. collection: `net`
    (the person pays into the account) or `gross` (the council pays all and invoices the person).
    """

    assessed: Pence
    gross: Pence
    collection: str

    @property
    def amount(self) -> Pence:
        """What the person pays."""
        return min(self.assessed, self.gross)

    @property
    def capped(self) -> bool:
        """Whether the council's share holds it down."""
        return self.assessed > self.gross

    @property
    def council_net(self) -> Pence:
        """What the council bears in the end."""
        return self.gross - self.amount

    @property
    def council_pays(self) -> Pence:
        """What the council pays out: its `payable`."""
        return self.council_net if self.collection == NET else self.gross

    @property
    def person_pays_in(self) -> Pence:
        """What the person pays into the account; with `council_pays` it makes up the gross share."""
        return self.gross - self.council_pays


def assessed(weekly: Pence, whole: Period) -> Pence:
    """Pence that a weekly amount comes to in a period, each financial year rounded on its own."""
    return sum(rhu(weekly * one.days, DAYS_A_WEEK) for one in segments(whole))


def contribution(weekly: Pence, whole: Period | None, gross: Pence, collection: str | None = NET) -> Contribution:
    """The contribution for a period, which is None when none of it is charged. gross: pence of the council's share."""
    due = assessed(weekly, whole) if whole else 0
    return Contribution(assessed=due, gross=gross, collection=collection or NET)


def refund_at_close(contributed: Pence, spent_gross: Pence) -> Pence:
    """Pence to give back: what the person paid above what the council's share was spent on.

    Source: rule R83.
    """
    return max(0, contributed - spent_gross)
