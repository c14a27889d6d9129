"""Which of a person's budgets are wanted for a day or a period: budgets are chains of versions.

Source: domain.md 2.3 (AgreedBudget: replaced by new versions), 6.7 (allocated: of the active budget versions).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from fhir_gateway.phb.case.budgets import WAS_IN_FORCE, period_of, state_of
from fhir_gateway.phb.case_file import WITHDRAWN, Filed
from fhir_gateway.phb.periods import Period
from mappings.budget import AgreedBudget

Chain = tuple[Filed[AgreedBudget], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which budgets: those that run on `day`; those in `span`, and only its days, where it is given.

    strict: nothing else will do; else the budget that began last before the day, or the first one after it.
    """

    day: date
    span: Period | None = None
    strict: bool = False


def wanted_chains(budgets: Sequence[Filed[AgreedBudget]], wanted: Wanted) -> list[Chain]:
    """The budgets that are wanted, as the versions that count, the first version first."""
    counted = [(one, spans_of(one)) for one in _chains([one for one in budgets if counts(one.record)])]
    if wanted.span is not None:
        return [one for one, spans in counted if any(span.within(wanted.span) for span in spans)]
    running = [one for one, spans in counted if any(wanted.day in span for span in spans)]
    return running or ([] if wanted.strict else _nearest(counted, wanted.day))


def counts(budget: AgreedBudget) -> bool:
    """Whether it was ever agreed, and says for which days."""
    return state_of(budget) in WAS_IN_FORCE and budget.status != WITHDRAWN and period_of(budget) is not None


def spans_of(chain: Chain) -> list[Period]:
    """The days of each version that says them."""
    return [span for one in chain if (span := period_of(one.record)) is not None]


def whole_of(chains: Iterable[Chain], wanted: Wanted) -> Period | None:
    """The days from the first to the last of the budgets, inside the span where one is wanted; None for none."""
    spans = [span for one in chains for span in spans_of(one)]
    if not spans:
        return None
    union = Period(min(one.start for one in spans), max(one.end for one in spans))
    return union.within(wanted.span) if wanted.span is not None else union


def _chains(budgets: Sequence[Filed[AgreedBudget]]) -> list[Chain]:
    """The budgets, as versions linked by what they replace."""
    linked: dict[str, set[str]] = {one.id: {one.id} for one in budgets}
    for one in budgets:
        before = linked.get(one.record.supersedes_id or "")
        if before is not None and before is not linked[one.id]:
            before |= linked[one.id]
            linked |= dict.fromkeys(before, before)
    filed = {one.id: one for one in budgets}
    groups = {id(one): one for one in linked.values()}
    return [tuple(sorted((filed[one] for one in some), key=_number)) for some in groups.values()]


def _number(one: Filed[AgreedBudget]) -> tuple[int, str]:
    return one.record.version or 0, one.id


def _nearest(counted: Sequence[tuple[Chain, list[Period]]], day: date) -> list[Chain]:
    begun = [(max(span.start for span in spans), one[-1].id, one) for one, spans in counted if spans[0].start <= day]
    coming = [(min(span.start for span in spans), one[-1].id, one) for one, spans in counted]
    if begun:
        return [max(begun, key=lambda one: one[:2])[-1]]
    return [min(coming, key=lambda one: one[:2])[-1]] if coming else []
