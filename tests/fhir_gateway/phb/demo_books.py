"""The books of a demonstration person, filled from the records as the store fills them from rows."""

from collections.abc import Iterator
from typing import Any

from fhir_gateway.phb.books import Books, Funder, Line, Movement, Spending, Version, line_of
from fhir_gateway.phb.periods import Period
from mappings.coverage import FunderContribution
from tests.fhir_gateway.demo.people import budget, of


def books(person: str, **known: Any) -> Books:
    """Everything the demonstration says about one person's money. known: what is to be said besides."""
    record = budget(person)
    funders = tuple(sorted((_funder(one.id, one.record) for one in of(person, "funder-contribution")), key=_order))
    version = Version(
        budget_id=f"{person}-budget",
        number=record.version,
        status=record.budget_status,
        period=Period(record.start, record.end),
        lines=_lines(person, funders),
    )
    return Books(
        person=person,
        period=version.period,
        funders=funders,
        versions=(version,),
        payments=tuple(_movements(person, funders)),
        entries=tuple(_entries(person)),
        **known,
    )


def _order(one: Funder) -> int:
    return one.order


def _funder(coverage_id: str, record: FunderContribution) -> Funder:
    (charge,) = record.client_contributions or (None,)
    return Funder(
        coverage_id=coverage_id,
        reference=record.funder or "",
        stream=record.stream,
        order=record.order or 0,
        weekly_pence=charge.weekly_pence if charge else None,
        collection=charge.collection if charge else None,
        start=record.start,
        end=record.end,
    )


def _lines(person: str, funders: tuple[Funder, ...]) -> tuple[Line, ...]:
    record = budget(person)
    sequences = {one.coverage_id: one.sequence for one in record.insurance}
    places = [(sequences[one.coverage_id], one.kind) for one in funders]
    return tuple(
        line_of(line, Period(record.start, record.end), places, answered=_answered(person, funders, line.line_no))
        for line in record.lines
    )


def _answered(person: str, funders: tuple[Funder, ...], line_no: int) -> tuple[int, ...]:
    answers = [one.record for one in of(person, "funder-answer") if one.record.use == "preauthorization"]
    found = {
        f"Organization/{answer.funder_id}": {line.line_no: line.amount_pence for line in answer.lines}
        for answer in answers
    }
    return tuple(found.get(one.reference, {}).get(line_no, 0) for one in funders)


def _movements(person: str, funders: tuple[Funder, ...]) -> Iterator[Movement]:
    places = {one.coverage_id: at for at, one in enumerate(funders)}
    bodies = {one.reference.removeprefix("Organization/"): at for at, one in enumerate(funders)}
    for entry in of(person, "payment"):
        answers = [one.record for one in of(person, "funder-answer") if one.record.claim_id == entry.id]
        payer = places[entry.record.insurance[0].coverage_id]
        for one in answers or [None]:
            yield _movement(entry.id, entry.record, one, payer if one is None else bodies[one.funder_id])


def _movement(claim_id: str, record: Any, answer: Any, payer: int) -> Movement:
    line = record.lines[0] if len(record.lines) == 1 else None
    return Movement(
        claim_id=claim_id,
        kind=record.payment_kind,
        status=record.payment_status,
        budget_id=record.pays_against_id,
        line=line.budget_line if line else None,
        option=line.management_option if line else None,
        payer=payer,
        amount=answer.total_pence if answer else record.total_pence,
        due_on=record.due_on,
        start=record.start,
        end=record.end,
        paid_on=answer.paid_on if answer else record.paid_on,
        paid_pence=answer.paid_pence if answer else None,
        invoice_check=line.invoice_check if line else None,
    )


def _entries(person: str) -> Iterator[Spending]:
    for entry in of(person, "expenditure-entry"):
        for line in entry.record.lines:
            yield Spending(
                claim_id=entry.id,
                budget_id=entry.record.pays_against_id,
                line=line.budget_line,
                amount=line.amount_pence,
                spent_on=line.spent_on,
                contingency=line.contingency,
                status=entry.record.expenditure_status,
            )
