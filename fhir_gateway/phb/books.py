"""All that a statement is worked out from, as plain values: funders, budget versions, payments, spending.

Rows that come by the thousand are tuples, so that a database row becomes one as it is: `Movement._make(row)`.

Source: domain.md 2.3, 2.5, 6.7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from fhir_gateway.phb.contribution import NET
from fhir_gateway.phb.line_cost import LineTerms, terms_of
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.periods import Period, period
from fhir_gateway.phb.shares import line_shares, split_of
from mappings.budget import BudgetLine
from mappings.claim_parts import ClaimCoverage
from mappings.coverage import FunderContribution
from mappings.terminology import FUNDING_STREAM

NOTIONAL: Final = "notional"
PERSON: Final = "person"
COUNCIL: Final = "local-authority"
CHARGED_STREAM: Final = "la-adult-social-care"
# Precedence in rounding ties where a Coverage gives none (domain.md 6.2).
ORDER: Final[Mapping[str, int]] = {"nhs-icb": 1, "nhs-england": 1, COUNCIL: 2, "education": 3, PERSON: 9}
ANY_OTHER: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Funder:
    """Who pays a part, by one Coverage. reference: `Organization/x`, or `Patient/x` for the person.

    stream: a code of `phb-funding-stream`. order: precedence in rounding ties, 1 first. weekly_pence, collection:
    what the person contributes to this funder's share each week, and how it is collected. start, end: of the
    Coverage; None where it is open.
    """

    coverage_id: str
    reference: str
    stream: str
    order: int
    weekly_pence: Pence | None = None
    collection: str | None = None
    start: date | None = None
    end: date | None = None

    @property
    def kind(self) -> str:
        """A code of `phb-funder-kind`, `other` for streams that are nobody's in particular."""
        found = FUNDING_STREAM.property_of(self.stream, "funder_kind") if self.stream in FUNDING_STREAM else None
        return str(found or "other")

    @property
    def charged(self) -> bool:
        """Whether the person contributes to this funder's share."""
        return self.weekly_pence is not None and self.stream == CHARGED_STREAM

    def within(self, whole: Period) -> Period | None:
        """The part of a period that the Coverage covers."""
        return period(max(whole.start, self.start or whole.start), min(whole.end, self.end or whole.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A budget line. amount: pence for its own period. option: a code of `phb-management-option`.

    weights, shares: by position of the funders. weights: what spending is shared by (basis points, minutes); empty
    where the shares themselves are. shares: pence each funder bears of the amount; empty where the weights say it.
    """

    line_no: int
    amount: Pence
    terms: LineTerms
    shares: tuple[Pence, ...] = ()
    weights: tuple[int, ...] = ()
    category: str | None = None
    description: str | None = None
    option: str | None = None
    contingency: bool = False
    one_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of an agreed budget. budget_id: id of its Claim. number: the later version has the higher one.

    status: a code of `phb-budget-status`. period: its own, whatever replaced it. chain: what all versions of one
    budget share; a later version replaces the earlier ones of its chain from its first day.
    """

    budget_id: str
    number: int
    status: str
    period: Period
    lines: tuple[Line, ...]
    chain: str = ""


class Movement(NamedTuple):
    """A payment, or its part for one budget line and one payer; parts of a payment share `claim_id` and add up.

    kind, status: codes of `phb-payment-kind`, `phb-payment-status`. budget_id, line: what it pays, None where it
    pays for the budget as a whole. option: a code of `phb-management-option` where the payment says so. payer:
    position of the funder. amount: pence asked for. due_on, start, end: when due, what it covers. paid_on,
    paid_pence: what moved, and when; None pence is the amount. invoice_check: a code of `phb-invoice-check`.
    """

    claim_id: str
    kind: str
    status: str | None
    budget_id: str | None
    line: int | None
    option: str | None
    payer: int
    amount: Pence
    due_on: date | None = None
    start: date | None = None
    end: date | None = None
    paid_on: date | None = None
    paid_pence: Pence | None = None
    invoice_check: str | None = None


class Spending(NamedTuple):
    """An item of the holder's ledger. line: None outside the plan. contingency: paid from contingency.

    status: the `phb-expenditure-status` that counts after the rules were heard (R64, R66).
    """

    claim_id: str
    budget_id: str | None
    line: int | None
    amount: Pence
    spent_on: date
    contingency: bool = False
    status: str | None = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCall:
    """Money held for something known: a saving goal, an unpaid invoice. payer: position, None for all by share."""

    amount: Pence
    payer: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything about the budget of one person in one period.

    funders: in order; every position below is a place in it. versions: those that may count, in any order.
    indicative: pence by position of the budget shared before planning. contingency_funding: a code of
    `phb-contingency-funding`, None where nothing is said. Raises ValueError for funders out of order and for
    shares or weights of another width.
    """

    person: str
    period: Period
    funders: tuple[Funder, ...]
    versions: tuple[Version, ...] = ()
    payments: Sequence[Movement] = ()
    entries: Sequence[Spending] = ()
    indicative: tuple[Pence, ...] = ()
    contingency_funding: str | None = None
    known_calls: tuple[KnownCall, ...] = ()

    def __post_init__(self) -> None:
        if list(self.funders) != sorted(self.funders, key=lambda one: one.order):
            raise ValueError("funders stand in the order in which pennies are shared")
        if not self.funders and any(one.lines for one in self.versions):
            raise ValueError("there are lines, and nobody who pays")
        for width in {len(one) for one in self._by_position()}:
            if width not in (0, len(self.funders)):
                raise ValueError(f"shares of {width} funders, where there are {len(self.funders)}")

    def _by_position(self) -> list[tuple[int, ...]]:
        lines = [line for version in self.versions for line in version.lines]
        return [self.indicative, *(one.shares for one in lines), *(one.weights for one in lines)]

    def position(self, kind: str) -> int | None:
        """Position of the first funder of a kind, None when there is none."""
        return next((at for at, one in enumerate(self.funders) if one.kind == kind), None)

    @property
    def pot(self) -> int | None:
        """Position of the council whose money and the person's are one pot; the person's own without a council."""
        charged = next((at for at, one in enumerate(self.funders) if one.charged), None)
        others = (charged, self.position(COUNCIL), self.position(PERSON))
        return next((at for at in others if at is not None), None)

    @property
    def collected_net(self) -> bool:
        """Whether the person's contribution goes into the account, as it does unless the council says gross."""
        return self.pot is None or (self.funders[self.pot].collection or NET) == NET


def funder_of(coverage_id: str, record: FunderContribution | None) -> Funder:
    """A Coverage as one who pays; one that is no record of ours is somebody's in particular all the same: `other`."""
    if record is None:
        return Funder(coverage_id=coverage_id, reference="", stream="", order=ANY_OTHER)
    terms = record.client_contributions[0] if record.client_contributions else None
    made = Funder(
        coverage_id=coverage_id,
        reference=record.funder or "",
        stream=record.stream,
        order=record.order or 0,
        weekly_pence=terms.weekly_pence if terms else None,
        collection=terms.collection if terms else None,
        start=record.start,
        end=record.end,
    )
    return made if record.order else replace(made, order=ORDER.get(made.kind, ANY_OTHER))


def places_of(insurance: Sequence[ClaimCoverage], funders: Sequence[Funder]) -> list[tuple[int, str]]:
    """Insurance sequence and kind of each funder; one that is not on the insurance pays nothing."""
    sequences = {one.coverage_id: one.sequence for one in insurance}
    return [(sequences.get(one.coverage_id, 0), one.kind if one.coverage_id in sequences else "") for one in funders]


def line_of(
    record: BudgetLine,
    budget: Period,
    funders: Sequence[tuple[int, str]],
    *,
    answered: tuple[Pence, ...] = (),
    continuing_healthcare: bool = False,
) -> Line:
    """A line of the record as one of the books.

    funders: of each, in order, the insurance sequence and a code of `phb-funder-kind`. answered: pence by position
    that the funders' answers say; what the line's own split comes to counts until they make up the amount.
    Raises ValueError where they do not and the line does not say who pays.
    """
    amount = record.amount_pence or 0
    terms = split_of(record, funders, continuing_healthcare=continuing_healthcare)
    by_weight = terms.method in {"percentage", "hours"}
    return Line(
        line_no=record.line_no,
        amount=amount,
        terms=terms_of(record, budget),
        shares=answered if answered and sum(answered) == amount else line_shares(amount, terms),
        weights=terms.weights if by_weight else (),
        category=record.category,
        description=record.description,
        option=record.management_option,
        contingency=record.contingency,
        one_off=record.one_off,
    )
