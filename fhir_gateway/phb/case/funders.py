"""Who pays a budget: its Coverages with their streams, who bears which line, and what the funders have answered.

Source: domain.md 2.3 (FunderContribution, LineShare), 6.2, 6.4; rules R75 to R90.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fhir_gateway.phb.books import PERSON, Funder, funder_of
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.bodies import open_cases
from fhir_gateway.phb.case_file import CaseFile
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.shares import Split, line_shares, split_of
from mappings.budget import Budget, BudgetLine
from mappings.claim_parts import ClaimRecord
from mappings.claim_response import AnsweredLine, FunderAnswer
from mappings.coverage import FunderContribution

CONTINUING_HEALTHCARE: Final = "adult-nhs-chc"
AFTERCARE: Final = "section-117-aftercare"
NHS_AFTERCARE: Final = "nhs-section-117"
COUNCIL_AFTERCARE: Final = "la-section-117"
AFTERCARE_STREAMS: Final = frozenset({NHS_AFTERCARE, COUNCIL_AFTERCARE})
WHEELCHAIR: Final = "nhs-wheelchair"
CHARGED: Final = "la-adult-social-care"
EDUCATION: Final = "education-high-needs"
OWN: Final = "person-contribution"
CHARITY: Final = "charity-or-other"
GRANTED: Final = frozenset({None, "approved", "approved-with-conditions", "approved-in-part"})


@dataclass(frozen=True, slots=True)
class Payer:
    """Somebody on a Claim's insurance. sequence: the number weights point to."""

    sequence: int
    funder: Funder

    @property
    def stream(self) -> str:
        """A code of `phb-funding-stream`."""
        return self.funder.stream

    @property
    def body(self) -> str | None:
        """Id of the Organization; None for the person."""
        kind, _, id_ = self.funder.reference.partition("/")
        return id_ if kind == "Organization" else None

    @property
    def is_person(self) -> bool:
        """Whether it is the person who pays."""
        return self.funder.kind == PERSON or self.funder.reference.startswith("Patient/")


def payers(case: CaseFile, claim: ClaimRecord) -> tuple[Payer, ...]:
    """Those on the insurance of a Claim whose Coverage is known here, in the order in which pennies are shared."""
    if not claim.insurance:
        return ()
    known = {one.id: one.record for one in case.all(FunderContribution)}
    found = [
        Payer(one.sequence, funder_of(one.coverage_id, known[one.coverage_id]))
        for one in claim.insurance
        if one.coverage_id in known
    ]
    return tuple(sorted(found, key=lambda one: (one.funder.order, one.sequence, one.funder.coverage_id)))


def all_known(claim: ClaimRecord, found: Sequence[Payer]) -> bool:
    """Whether everybody on the insurance is known here."""
    return bool(found) and len(found) == len(claim.insurance)


def bodies(found: Iterable[Payer]) -> frozenset[str]:
    """Ids of the Organizations among them."""
    return frozenset(one.body for one in found if one.body is not None)


def groups(case: CaseFile) -> frozenset[str]:
    """The eligibility groups of the person's open cases."""
    return frozenset(one.record.group for one in open_cases(case) if one.record.group)


# --- who bears a line -------------------------------------------------------------------------------


def split_for(case: CaseFile, line: BudgetLine, found: Sequence[Payer]) -> Split:
    """How a line is shared between them, by position; whoever is alone pays what no split says."""
    places = [(one.sequence, one.funder.kind) for one in found]
    terms = split_of(line, places, continuing_healthcare=CONTINUING_HEALTHCARE in groups(case))
    alone = terms.method == "need-type" and terms.payer is None and len(found) == 1
    return replace(terms, payer=0) if alone else terms


def bearers(case: CaseFile, line: BudgetLine, found: Sequence[Payer]) -> tuple[Payer, ...]:
    """Those who bear some part of a line by its own split, before any funder has answered."""
    terms = split_for(case, line, found)
    at = {place for place, weight in enumerate(terms.weights) if weight}
    if terms.method == "need-type":
        at = set()
    if terms.payer is not None and (terms.method == "need-type" or _has_balance(line, terms)):
        at.add(terms.payer)
    return tuple(found[place] for place in sorted(at))


def _has_balance(line: BudgetLine, terms: Split) -> bool:
    return line.amount_pence is None or sum(terms.weights) < line.amount_pence


def streams_of(found: Iterable[Payer]) -> frozenset[str]:
    """Their streams."""
    return frozenset(one.stream for one in found)


def shares_of(case: CaseFile, line: BudgetLine, found: Sequence[Payer]) -> tuple[Pence, ...] | None:
    """Pence of a line by position; None where its split does not say who pays."""
    try:
        return line_shares(line.amount_pence or 0, split_for(case, line, found))
    except ValueError:
        return None


def own_part(case: CaseFile, line: BudgetLine, found: Sequence[Payer]) -> Pence:
    """What the person bears of a line; no funder answers for it."""
    shares = shares_of(case, line, found) or ()
    return sum(part for part, one in zip(shares, found, strict=False) if one.is_person)


# --- what the funders answered ----------------------------------------------------------------------


def budget_answers(case: CaseFile, claim_id: str) -> tuple[FunderAnswer, ...]:
    """The answers to a budget that stand."""
    found = (one.record for one in answers(case, claim_id))
    return tuple(one for one in found if one.use == "preauthorization")


def granted(row: AnsweredLine) -> Pence:
    """What a funder gives to a line; nothing where it declined."""
    return (row.amount_pence or 0) if row.decision in GRANTED else 0


def granted_by(found: Iterable[FunderAnswer], number: int) -> Pence:
    """What all answers give to a line."""
    return sum(granted(row) for one in found for row in one.lines if row.line_no == number)


def unanswered(budget: Budget, found: Sequence[Payer], given: Iterable[FunderAnswer]) -> frozenset[str]:
    """Bodies on the budget's insurance that have not answered yet."""
    return bodies(found) - {one.funder_id for one in given if one.funder_id} if budget.insurance else frozenset()
