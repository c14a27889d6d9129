"""Shares that end or are cut: where a write does so, and what a change of funding must have brought about first.

Source: domain.md 2.6 (FundingChange); rules R89, R90.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from fhir_gateway.phb.case.budgets import is_binding, is_in_force, line_of
from fhir_gateway.phb.case.funders import Payer, all_known, bodies, granted, payers, shares_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case.transfers import ACCEPTED
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from mappings.budget import AgreedBudget
from mappings.change import FundingChange, Transfer
from mappings.claim_response import FunderAnswer
from mappings.coverage import FunderContribution
from mappings.patient import Person

ONE_DAY: Final = timedelta(days=1)
DROPPED: Final = frozenset({"draft", "cancelled", "rejected", "failed", "entered-in-error"})
TAKES_EFFECT: Final = frozenset({"accepted", "ready", "in-progress", "completed"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A share that ends or falls. body: id of the Organization. day: the first one with less. element: where."""

    body: str
    day: date
    others: frozenset[str]
    element: str


# --- what stands about it ---------------------------------------------------------------------------


def changes_of(case: CaseFile, body: str) -> tuple[FundingChange, ...]:
    """The changes of funding a body has asked for that were not dropped."""
    found = (one.record for one in case.all(FundingChange))
    return tuple(one for one in found if one.requester == f"Organization/{body}" and one.status not in DROPPED)


def in_dispute(change: FundingChange) -> bool:
    """Whether somebody disputes it."""
    return bool((change.dispute or "").strip())


def lacks(change: FundingChange, others: frozenset[str], day: date | None) -> tuple[str, ...]:
    """Which of the four things a change that takes effect on a day does not name, in words."""
    wanted = {
        "the joint reassessment": change.joint_reassessment is not None,
        "the day each other funder was consulted": others <= _consulted(change),
        "the day the person was consulted": change.consulted_person_on is not None,
        "another arrangement in place by the change": _replaced(change, day),
    }
    return tuple(words for words, there in wanted.items() if not there)


def _consulted(change: FundingChange) -> frozenset[str]:
    """Bodies that were consulted on a recorded day: their own, or the day all sat together with the person."""
    together = change.consulted_funders if change.consulted_person_on is not None else ()
    dated = (one.funder for one in change.consultations if one.on is not None and one.funder is not None)
    return frozenset((*together, *dated))


def _replaced(change: FundingChange, day: date | None) -> bool:
    start = day or change.started_on
    return change.alternative_from is not None and start is not None and change.alternative_from <= start


def others_of(case: CaseFile, change: FundingChange, body: str) -> frozenset[str]:
    """The other funders of the budget a change is about, else of the budgets in force."""
    about = case.get(AgreedBudget, change.about)
    budgets = (
        [about] if about is not None else [one.record for one in case.all(AgreedBudget) if is_in_force(one.record)]
    )
    return frozenset(other for one in budgets for other in bodies(payers(case, one))) - {body}


# --- where a share ends or falls --------------------------------------------------------------------


def cuts(new: Written[Any], case: CaseFile) -> tuple[Cut, ...]:
    """The shares that end or fall by what is written: a Coverage, an answer, or a new version of a budget."""
    if isinstance(new.record, FunderContribution):
        found = _of_coverage(new, case)
    elif isinstance(new.record, FunderAnswer):
        found = _of_answer(new, case)
    else:
        found = _of_version(new, case)
    return case.once(f"cuts {new.type}/{new.id}", lambda: tuple(found))


def _of_coverage(new: Written[FunderContribution], case: CaseFile) -> Iterator[Cut]:
    before = new.previous
    body = _body(before) if before is not None else None
    if before is None or body is None or before.status != "active":
        return
    day = _first_without(before, new.record, case.today)
    if day is None or _has_died(case, day) or _passed_on(case, body, day):
        return
    for budget in _relying_on(case, new.id, day):
        yield Cut(body, day, bodies(payers(case, budget)) - {body}, "period")
        return


def _body(share: FunderContribution) -> str | None:
    kind, _, id_ = (share.funder or "").partition("/")
    return id_ if kind == "Organization" else None


def _first_without(before: FunderContribution, after: FunderContribution, today: date) -> date | None:
    """The first day the share is no longer there, None when it lasts as long as before."""
    if after.status != "active" or after.funder != before.funder:
        return today
    if after.end is None or (before.end is not None and before.end <= after.end):
        return None
    return after.end + ONE_DAY


def removed(case: CaseFile, coverage: Filed[FunderContribution]) -> Iterator[Cut]:
    """The share that ends when a Coverage is deleted."""
    body = _body(coverage.record)
    for budget in _relying_on(case, coverage.id, case.today) if body is not None else ():
        if body is not None and coverage.record.status == "active":
            yield Cut(body, case.today, bodies(payers(case, budget)) - {body}, "")
        return


def _relying_on(case: CaseFile, coverage_id: str, day: date) -> Iterator[AgreedBudget]:
    """The budgets in force on a day or later that a share is part of."""
    for one in case.all(AgreedBudget):
        named = any(row.coverage_id == coverage_id for row in one.record.insurance)
        if named and is_in_force(one.record) and (one.record.end is None or one.record.end >= day):
            yield one.record


def _has_died(case: CaseFile, day: date) -> bool:
    person = case.get(Person, f"Patient/{case.person}")
    return person is not None and person.death_date is not None and person.death_date < day


def _passed_on(case: CaseFile, body: str, day: date) -> bool:
    """Whether an accepted transfer lets another body go on from that day or before."""
    found = (one.record for one in case.all(Transfer) if one.record.requester == f"Organization/{body}")
    return any(
        one.transfer_status in ACCEPTED and one.funded_until is not None and one.funded_until < day for one in found
    )


def _of_answer(new: Written[FunderAnswer], case: CaseFile) -> Iterator[Cut]:
    before, after = new.previous, new.record
    if before is None or before.status != "active" or before.funder_id is None or before.use != "preauthorization":
        return
    budget = case.get(AgreedBudget, literal("Claim", before.claim_id))
    if budget is None or not is_in_force(budget) or not _gives_less(before, after):
        return
    yield Cut(before.funder_id, case.today, bodies(payers(case, budget)) - {before.funder_id}, "item")


def _gives_less(before: FunderAnswer, after: FunderAnswer) -> bool:
    if after.status != "active" or (after.total_pence or 0) < (before.total_pence or 0):
        return True
    now = {row.line_no: granted(row) for row in after.lines}
    return any(now.get(row.line_no, 0) < granted(row) for row in before.lines)


def _of_version(new: Written[AgreedBudget], case: CaseFile) -> Iterator[Cut]:
    old = case.get(AgreedBudget, literal("Claim", new.record.supersedes_id))
    day = new.record.start
    if old is None or day is None or not is_binding(new.record):
        return
    was, now = payers(case, old), payers(case, new.record)
    if not (all_known(old, was) and all_known(new.record, now)):
        return
    for body in sorted(bodies(was)):
        element = _place_of_cut(case, (old, was), (new.record, now), body)
        if element is not None:
            yield Cut(body, day, bodies(was) - {body}, element)


Version = tuple[AgreedBudget, tuple[Payer, ...]]


def _place_of_cut(case: CaseFile, old: Version, new: Version, body: str) -> str | None:
    """Where a body bears less than before: of nothing any more, or of a line that goes on."""
    if _bears(case, old, body) and body not in bodies(new[1]):
        return "insurance"
    for at, line in enumerate(new[0].lines):
        before = line_of(old[0], line.line_no)
        if before is None or before.category != line.category or not before.amount_pence or not line.amount_pence:
            continue
        was, now = _share(case, old, before.line_no, body), _share(case, new, line.line_no, body)
        if (now + 1) * before.amount_pence < was * line.amount_pence:  # a penny may go either way
            return f"item[{at}]"
    return None


def _bears(case: CaseFile, version: Version, body: str) -> bool:
    return any(_share(case, version, one.line_no, body) for one in version[0].lines)


def _share(case: CaseFile, version: Version, number: int, body: str) -> int:
    line = line_of(version[0], number)
    shares = (shares_of(case, line, version[1]) or ()) if line is not None else ()
    return sum(part for part, one in zip(shares, version[1], strict=False) if one.body == body)
