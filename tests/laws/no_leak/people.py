"""The six people of the world: who they are, who answers for them, who pays, and what is at stake.

Source: security.md section 4, the no-leak law (world).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from fhir_gateway.demo.case import Case, council, nhs

START: Final = date(2025, 4, 1)
END: Final = date(2026, 3, 31)
AGREED_ON: Final = date(2025, 3, 20)
TODAY: Final = date(2025, 9, 30)
NOON: Final = int(datetime(2025, 9, 30, 12, tzinfo=UTC).timestamp()) * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """One person of the world. pence: of the direct line of the budget. bill: pence of each visit of the provider.

    council, holder: Organization ids where there are any. speaks: id of the RelatedPerson who represents the person.
    """

    id: str
    nhs_number: str
    born: date
    icb: str
    provider: str
    pence: int
    bill: int
    council: str | None = None
    holder: str | None = None
    speaks: str | None = None
    speaks_as: str = "deputy"

    @property
    def case(self) -> Case:
        """The frame of the demonstration's factories."""
        return Case(
            id=self.id,
            number=f"N{self.nhs_number[-4:]}",
            budget_kind="ongoing",
            start=START,
            end=END,
            agreed_on=AGREED_ON,
            as_of=TODAY,
            funders=(nhs("nhs-other"), *((council("la-adult-social-care"),) if self.council else ())),
            speaks=f"RelatedPerson/{self.speaks}" if self.speaks else "",
        )


ADA: Final = Someone(
    id="ada",
    nhs_number="9990000018",
    born=date(1961, 2, 3),
    icb="icb-1",
    council="council-1",
    provider="provider-1",
    pence=301_113,
    bill=6_113,
)
BEN: Final = Someone(
    id="ben",
    nhs_number="9990000026",
    born=date(1962, 3, 4),
    icb="icb-1",
    provider="provider-2",
    holder="holder-2",
    speaks="ben-deputy",
    pence=302_129,
    bill=6_227,
)
CAI: Final = Someone(
    id="cai",
    nhs_number="9990000050",
    born=date(1963, 4, 5),
    icb="icb-1",
    provider="provider-3",
    pence=303_147,
    bill=6_331,
)
DOT: Final = Someone(
    id="dot",
    nhs_number="9990000069",
    born=date(1964, 5, 6),
    icb="icb-2",
    council="council-2",
    provider="provider-1",
    pence=304_163,
    bill=6_443,
)
EVE: Final = Someone(
    id="eve",
    nhs_number="9990000077",
    born=date(1965, 6, 7),
    icb="icb-2",
    provider="provider-3",
    speaks="eve-deputy",
    pence=305_181,
    bill=6_557,
)
FAY: Final = Someone(
    id="fay",
    nhs_number="9990000085",
    born=date(2008, 9, 1),
    icb="icb-2",
    council="council-1",
    provider="provider-2",
    holder="holder-1",
    speaks="fay-mother",
    speaks_as="parental-responsibility",
    pence=306_197,
    bill=6_661,
)
PEOPLE: Final = (ADA, BEN, CAI, DOT, EVE, FAY)
MOVED_ON: Final = START  # Cai's transfer from icb-2
DIED_ON: Final = date(2025, 8, 14)
