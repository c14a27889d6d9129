"""What is decided about one line of a Claim: paid and by whom, or not and by which rule.

Source: domain.md 2.3 (LineShare), 8.6 (ClaimResponse.item.adjudication).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from fhir_gateway.phb.books import Funder
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.shares import BASIS_POINTS

PERCENT: Final = Decimal(BASIS_POINTS) / 100


class Fault(NamedTuple):
    """Why a line is not paid: the number of the rule and words."""

    rule: str
    says: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one funder bears of a line, in pence. percent: its agreed weight, where the line is split by percentage."""

    funder: Funder
    pence: Pence
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of one line. sequence: its number in the Claim; element: its path, such as `item[0]`.

    plan_element: the part of the plan it was held against, such as `Claim/b#item-3`. shares: empty with a fault.
    """

    sequence: int
    element: str
    asked: Pence
    plan_element: str | None = None
    shares: tuple[Share, ...] = ()
    fault: Fault | None = None

    @property
    def paid(self) -> Pence:
        """Pence that the funders pay of it."""
        return sum(one.pence for one in self.shares)
