"""The books of a budget, filled from the case file: all its versions and what was paid against them.

Source: domain.md 6.7; rule R99.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from fhir_gateway.phb.books import NOTIONAL, Books, Funder, Line, Movement, Version, funder_of, line_of, places_of
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.budgets import period_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.figures import FunderFigures, figures
from fhir_gateway.phb.in_force import lines_in_force
from fhir_gateway.phb.money import Pence, split
from fhir_gateway.phb.periods import Period
from fhir_gateway.phb.schedules import LinePart, Owed, owed
from mappings.budget import AgreedBudget
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase
from mappings.payment import Payment

LAST_DAY: Final = date.max
CONTINUING_HEALTHCARE: Final = "adult-nhs-chc"
Weights = Mapping[tuple[str, int], Sequence[int]]


def funders_figures(case: CaseFile, budget: Filed[AgreedBudget]) -> dict[str, FunderFigures]:
    """The figures of each funder of a budget, by id of its Coverage, with all that was ever paid or promised.

    Empty where the records do not say who pays what.
    """
    return case.once(f"funders_figures {budget.id}", lambda: _figures(books_of(case, budget)))


def owed_by(case: CaseFile, budget: Filed[AgreedBudget], coverages: Container[str]) -> Owed:
    """What the funders with these Coverages pay into the account for a budget version, less the person's part."""
    books, found = books_of(case, budget), funders_figures(case, budget)
    if books is None:
        return Owed(recurring=0)
    mine = [at for at, one in enumerate(books.funders) if one.coverage_id in coverages]
    lines = [one for one in lines_in_force(books) if one.budget_id == budget.id and one.line.option != NOTIONAL]
    charged = [found[books.funders[at].coverage_id] for at in mine]
    parts = [
        LinePart(share=sum(one.shares[at] for at in mine), one_off=one.line.one_off, contingency=one.line.contingency)
        for one in lines
    ]
    return owed(parts).less(sum(one.allocated - one.payable for one in charged))


def _figures(books: Books | None) -> dict[str, FunderFigures]:
    if books is None:
        return {}
    found = figures(books, LAST_DAY).funders
    return {funder.coverage_id: one for funder, one in zip(books.funders, found, strict=True)}


def books_of(case: CaseFile, budget: Filed[AgreedBudget]) -> Books | None:
    """The books of a budget with the versions before and after it; None where they do not say who pays what."""
    return case.once(f"books_of {budget.id}", lambda: _books(case, budget))


def _books(case: CaseFile, budget: Filed[AgreedBudget]) -> Books | None:
    chain = versions_of(case, budget)
    funders = _funders(case, chain)
    spans = [span for one in chain if (span := period_of(one.record)) is not None]
    if not funders or not spans:
        return None
    try:
        versions = tuple(_versions(case, chain, funders))
    except ValueError:  # a line does not say who pays it
        return None
    return Books(
        person=case.person,
        period=Period(min(one.start for one in spans), max(one.end for one in spans)),
        funders=funders,
        versions=versions,
        payments=tuple(_movements(case, chain, versions, funders)),
    )


def versions_of(case: CaseFile, budget: Filed[AgreedBudget]) -> tuple[Filed[AgreedBudget], ...]:
    """The budget and every version linked to it by what it replaces, the first one first."""
    every = {one.id: one for one in case.all(AgreedBudget)} | {budget.id: budget}
    found = {budget.id}
    while more := {one.id for one in every.values() if one.id not in found and _touches(one, found, every)}:
        found |= more
    return tuple(sorted((every[one] for one in found), key=lambda one: (one.record.version or 0, one.id)))


def _touches(one: Filed[AgreedBudget], found: set[str], every: dict[str, Filed[AgreedBudget]]) -> bool:
    return one.record.supersedes_id in found or any(every[other].record.supersedes_id == one.id for other in found)


def _funders(case: CaseFile, chain: Iterable[Filed[AgreedBudget]]) -> tuple[Funder, ...]:
    """Those that the versions name, in order of precedence; none where one of them is not known here."""
    sequences = {row.coverage_id: row.sequence for one in chain for row in one.record.insurance if row.coverage_id}
    known = {one: case.get(FunderContribution, literal("Coverage", one)) for one in sequences}
    if None in known.values():
        return ()
    found = (funder_of(one, record) for one, record in known.items())
    return tuple(sorted(found, key=lambda one: (one.order, sequences[one.coverage_id], one.coverage_id)))


# --- versions ---------------------------------------------------------------------------------------


def _versions(case: CaseFile, chain: Sequence[Filed[AgreedBudget]], funders: tuple[Funder, ...]) -> Iterator[Version]:
    for number, one in enumerate(chain, start=1):
        span = period_of(one.record)
        if span is not None:
            yield Version(
                budget_id=one.id,
                number=number,
                status=one.record.budget_status or "",
                period=span,
                lines=tuple(_lines(case, one, span, funders)),
                chain=chain[0].id,
            )


def _lines(case: CaseFile, budget: Filed[AgreedBudget], span: Period, funders: tuple[Funder, ...]) -> Iterator[Line]:
    places = places_of(budget.record.insurance, funders)
    for line in budget.record.lines:
        yield line_of(
            line,
            span,
            places,
            answered=_answered(case, budget.id, line.line_no, funders),
            continuing_healthcare=_continuing_healthcare(case),
        )


def _continuing_healthcare(case: CaseFile) -> bool:
    return any(one.record.group == CONTINUING_HEALTHCARE for one in case.all(PhbCase))


def _answered(case: CaseFile, budget_id: str, line_no: int, funders: tuple[Funder, ...]) -> tuple[Pence, ...]:
    """Pence of a line by position as the funders answered; none where a body has two of the shares."""
    given = [one.record for one in answers(case, budget_id)]
    bodies = [one.reference.removeprefix("Organization/") for one in funders]
    if not given or len(set(bodies)) < len(bodies):
        return ()
    found = {one.funder_id: row.amount_pence for one in given for row in one.lines if row.line_no == line_no}
    return tuple(found.get(body) or 0 for body in bodies)


# --- payments ---------------------------------------------------------------------------------------


def _movements(
    case: CaseFile, chain: Sequence[Filed[AgreedBudget]], versions: Sequence[Version], funders: tuple[Funder, ...]
) -> Iterator[Movement]:
    positions = {one.coverage_id: at for at, one in enumerate(funders)}
    weights = {(one.budget_id, line.line_no): line.weights or line.shares for one in versions for line in one.lines}
    for version in chain:
        for one in case.where(Payment, "pays_against_id", version.id):
            if one.record.status == "active":
                payers = [positions[row.coverage_id] for row in one.record.insurance if row.coverage_id in positions]
                parts = _borne(case, one, [funders[at] for at in payers]) or amounts(one.record, payers, weights)
                yield from _parts(one, payers, parts, _moved(case, one.id))


def _moved(case: CaseFile, claim_id: str) -> Pence | None:
    """What the funder says it paid or got back; None where it says nothing."""
    given = [one.record.paid_pence for one in answers(case, claim_id) if one.record.paid_pence is not None]
    return sum(given) if given else None


def _borne(case: CaseFile, one: Filed[Payment], payers: Sequence[Funder]) -> tuple[Pence, ...]:
    """Pence of a payment by payer as the funders answered its lines; none until they answered for all of it."""
    given = {answer.record.funder_id: answer.record.lines for answer in answers(case, one.id) if answer.record.lines}
    found = []
    for payer in payers:
        lines = given.pop(payer.reference.removeprefix("Organization/"), ())
        found.append(sum(row.amount_pence or 0 for row in lines))
    return tuple(found) if sum(found) and sum(found) == one.record.total_pence else ()


def _parts(
    one: Filed[Payment], payers: Sequence[int], parts: Sequence[Pence], moved: Pence | None
) -> Iterator[Movement]:
    """The part of each payer in a payment; what moved is known of a single payer only."""
    paid = moved if len(payers) == 1 else None
    for payer, amount in zip(payers, parts, strict=True):
        yield _movement(one, payer, amount, paid)


def amounts(record: Payment, payers: Sequence[int], weights: Weights) -> tuple[Pence, ...]:
    """Pence of a payment by payer: each line as its budget line is shared, the rest in equal parts."""
    if not payers:
        return ()
    found = [0] * len(payers)
    left = record.total_pence or 0
    for line in record.lines:
        shared = weights.get((record.pays_against_id or "", line.budget_line or 0), ())
        mine = [shared[at] for at in payers] if shared else []
        if line.amount_pence and sum(mine):
            found = [have + more for have, more in zip(found, split(line.amount_pence, mine), strict=True)]
            left -= line.amount_pence
    return tuple(have + more for have, more in zip(found, split(left, [1] * len(payers)), strict=True))


def _movement(one: Filed[Payment], payer: int, amount: Pence, paid: Pence | None) -> Movement:
    record = one.record
    return Movement(
        claim_id=one.id,
        kind=record.payment_kind,
        status=record.payment_status,
        budget_id=record.pays_against_id,
        line=record.lines[0].budget_line if len(record.lines) == 1 else None,
        option=record.lines[0].management_option if record.lines else None,
        payer=payer,
        amount=amount,
        due_on=record.due_on,
        paid_on=record.paid_on,
        paid_pence=paid,
    )
