"""The lines of a budget with the streams that bear them, as a budget proposes them or a funder answers.

Source: domain.md 2.3 (LineShare), 3.1 (funding-stream), 8.6 (intended weights and answers); rules R75 to R80.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fhir_gateway.phb.case.budgets import is_binding, is_live, line_of
from fhir_gateway.phb.case.funders import Payer, bearers, granted, payers, streams_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Written
from mappings.budget import Budget, BudgetLine
from mappings.claim_response import FunderAnswer

Streams = frozenset[str]


@dataclass(frozen=True, slots=True)
class SharedLine:
    """A line and who bears it. streams: of all who do, by the line's own split. element: path below the resource.

    parts: each share that is written, as the streams it can come from; several where a body has several.
    """

    element: str
    line: BudgetLine
    streams: Streams
    parts: tuple[Streams, ...]

    def strangers(self, belongs: Callable[[str], bool]) -> bool:
        """Whether a share that is written cannot come from any stream that belongs here."""
        return any(not any(belongs(one) for one in part) for part in self.parts)


def is_proposal(record: Any) -> bool:
    """Whether a budget, or an answer, binds nobody yet: a fault in it is a warning."""
    return not is_binding(record) if isinstance(record, Budget) else record.use != "preauthorization"


def shared_lines(new: Written[Any], case: CaseFile) -> tuple[SharedLine, ...]:
    """The shared lines of a live budget, or those a standing answer of a funder gives to."""
    record = new.record
    if isinstance(record, Budget):
        return tuple(_proposed(record, case)) if is_live(record) and record.lines else ()
    of_budget = record.status == "active" and record.use != "claim"
    budget = case.get(Budget, literal("Claim", record.claim_id)) if of_budget else None
    return tuple(_answered(record, budget, case)) if budget is not None else ()


def _proposed(budget: Budget, case: CaseFile) -> Iterator[SharedLine]:
    found = payers(case, budget)
    for at, line in enumerate(budget.lines):
        streams = streams_of(bearers(case, line, found))
        yield SharedLine(f"item[{at}]", line, streams, tuple(frozenset({one}) for one in sorted(streams)))


def _answered(answer: FunderAnswer, budget: Budget, case: CaseFile) -> Iterator[SharedLine]:
    found = payers(case, budget)
    own = streams_of(_of_body(found, answer.funder_id))
    for at, row in enumerate(answer.lines):
        line = line_of(budget, row.line_no) if granted(row) and own else None
        if line is not None:
            yield SharedLine(f"item[{at}].adjudication", line, streams_of(bearers(case, line, found)) | own, (own,))


def _of_body(found: tuple[Payer, ...], body: str | None) -> tuple[Payer, ...]:
    return tuple(one for one in found if one.body is not None and one.body == body)
