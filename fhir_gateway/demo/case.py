"""What every module about one demonstration person says first: who, which budget, from whom, until when.

Source: domain.md 2.1 (PhbCase), 2.3 (FunderContribution).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

COORDINATOR: Final = "coordinator-mira"
ICB: Final = "exampleshire-icb"
COUNCIL: Final = "exampleshire-council"
EDUCATION: Final = "exampleshire-education"
PHYSIO: Final = "steady-physio"
AUDITORS: Final = "even-handed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Funder:
    """A funder of the budget. slug: its part of ids. body: Organization id. decider: PractitionerRole id."""

    slug: str
    body: str
    stream: str
    decider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The frame of one person's case. id: also the Patient's. start, end: of plan and budget, both inclusive.

    as_of: the day the example's figures are for; what lies after it is still to come. option: how most of the money
    is held. speaks: reference to who speaks for the person, empty for themselves. format: the accessible format the
    person reads best, empty for none in particular.
    """

    id: str
    number: str
    budget_kind: str
    start: date
    end: date
    agreed_on: date
    as_of: date
    funders: tuple[Funder, ...]
    option: str = "direct-payment"
    speaks: str = ""
    format: str = ""

    @property
    def is_one_off(self) -> bool:
        """Whether the money is given once."""
        return self.budget_kind == "one-off"

    @property
    def is_direct(self) -> bool:
        """Whether money is paid to the person, or who receives it for them."""
        return self.option == "direct-payment"

    @property
    def person(self) -> str:
        """Reference to the person."""
        return f"Patient/{self.id}"

    @property
    def voice(self) -> str:
        """Reference to who speaks for the person: themselves unless the case says another."""
        return self.speaks or self.person

    @property
    def coordinator(self) -> str:
        """Reference to the care coordinator."""
        return f"PractitionerRole/{COORDINATOR}"

    def ref(self, kind: str, slug: str) -> str:
        """Reference to one of the case's own resources."""
        return f"{kind}/{self.id}-{slug}"

    def before(self, days: int) -> date:
        """The day that many days before the plan was agreed."""
        return self.agreed_on - timedelta(days=days)


def nhs(stream: str, *, decider: str = "decider-icb") -> Funder:
    """The ICB as a funder; what is above the usual limit goes to its panel."""
    return Funder(slug="nhs", body=ICB, stream=stream, decider=decider)


def council(stream: str) -> Funder:
    """The council, in its social-care role, as a funder."""
    return Funder(slug="council", body=COUNCIL, stream=stream, decider="decider-council")


def education() -> Funder:
    """The council's education service as a funder."""
    return Funder(slug="education", body=EDUCATION, stream="education-high-needs", decider="decider-education")


def months(start: date, end: date) -> tuple[tuple[date, date], ...]:
    """First and last day, within start and end, of each calendar month."""
    found = []
    first = start
    while first <= end:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        found.append((first, min(end, following - timedelta(days=1))))
        first = following
    return tuple(found)
