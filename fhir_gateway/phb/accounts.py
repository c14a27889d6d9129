"""The books of a person for the period that is asked about, from all that is recorded about their money.

Source: domain.md 2.3, 6.7 (allocated: of the active budget versions); design section 4 (store.facts -> phb.statement).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from fhir_gateway.phb.books import Books, Funder, Line, Spending, Version, funder_of, line_of, places_of
from fhir_gateway.phb.budget_chains import Chain, Wanted, counts, wanted_chains, whole_of
from fhir_gateway.phb.case.budgets import is_in_force, period_of, state_of
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.money import Pence, added
from fhir_gateway.phb.periods import Period, period
from fhir_gateway.phb.postings import (
    AnsweredLineRow,
    AnswerRow,
    Answers,
    EntryRow,
    KnownVersion,
    Payers,
    PaymentRow,
    movements,
    spendings,
)
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget, IndicativeBudget
from mappings.claim_parts import ClaimCoverage
from mappings.coverage import FunderContribution
from mappings.episode_of_care import PhbCase

CONTINUING_HEALTHCARE: Final = "adult-nhs-chc"
NOTIONAL: Final = "notional"


class Unclear(ValueError):
    """The records do not say who pays, so that no figure can be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All that is recorded about one person's money: records of a few, rows of the many.

    budget_lines: what each funder answered to each line of a budget. payment_lines: the same of payments of several
    lines. names: of bodies, by `Organization/x`.
    """

    person: str
    budgets: tuple[Filed[AgreedBudget], ...] = ()
    estimates: tuple[Filed[IndicativeBudget], ...] = ()
    coverages: tuple[Filed[FunderContribution], ...] = ()
    arrangements: tuple[Filed[PaymentArrangement], ...] = ()
    cases: tuple[Filed[PhbCase], ...] = ()
    payments: Sequence[PaymentRow] = ()
    answers: Sequence[AnswerRow] = ()
    entries: Sequence[EntryRow] = ()
    budget_lines: Sequence[AnsweredLineRow] = ()
    payment_lines: Sequence[AnsweredLineRow] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Books and the records behind them. budgets: every version that counts, the one in force on the day first.

    references: `Type/id/_history/n` of each record but payments and entries. payments: version by Claim id. entries:
    of all of the person, how many there are, the sum of their versions and the last change.
    """

    books: Books
    budgets: tuple[Filed[AgreedBudget], ...]
    references: tuple[str, ...]
    payments: Mapping[str, int]
    entries: tuple[int, int, int]

    @property
    def mark(self) -> str:
        """Twelve hex digits of all versions behind the books: equal marks rest on the same records."""
        claims = sorted(f"{id_} {version}" for id_, version in self.payments.items())
        return sha256("\n".join((*self.references, *claims, str(self.entries))).encode()).hexdigest()[:12]


def books_of(accounts: Accounts, wanted: Wanted) -> Kept | None:
    """The books that are wanted, None where no budget that was ever agreed answers. Raises Unclear."""
    chains = wanted_chains(accounts.budgets, wanted)
    whole = whole_of(chains, wanted)
    return _Keeper(accounts, chains, whole, wanted).kept() if whole is not None else None


# --- filling the books ------------------------------------------------------------------------------


class _Keeper:
    """Fills the books of some budgets for a period."""

    def __init__(self, accounts: Accounts, chains: Sequence[Chain], whole: Period, wanted: Wanted) -> None:
        self.accounts, self.whole, self.cut = accounts, whole, wanted.span is not None
        self.day = wanted.day
        self.chains = chains
        self.ours = frozenset(one.id for chain in self.chains for one in chain)
        self.rows = [row for row in accounts.payments if self.is_ours(row)]
        self.funders = self.found_funders()
        self.kinds = {at: one.kind for at, one in enumerate(self.funders)}

    def kept(self) -> Kept:
        accounts = self.accounts
        versions = tuple(self.versions())
        entries = [one for one in spendings(accounts.entries, self.known(), self.ours) if self.is_in_time(one)]
        books = Books(
            person=accounts.person,
            period=self.whole,
            funders=self.funders,
            versions=versions,
            payments=tuple(movements(self.rows, Answers(accounts.answers), _lines(accounts), self.payers(versions))),
            entries=entries,
            indicative=self.indicative(),
            contingency_funding=self.contingency_funding(),
        )
        return Kept(
            books=books,
            budgets=self.newest_first(),
            references=self.references(),
            payments={row.claim_id: row.version for row in self.rows},
            entries=_stand_for(accounts.entries),
        )

    def is_ours(self, row: PaymentRow) -> bool:
        if row.budget_id in self.ours and not self.cut:
            return True
        day = row.day
        if row.budget_id in self.ours:
            return day is None or day in self.whole
        return row.budget_id is None and day is not None and day in self.whole

    def is_in_time(self, one: Spending) -> bool:
        return one.spent_on in self.whole or (one.budget_id is not None and not self.cut)

    # --- who pays

    def found_funders(self) -> tuple[Funder, ...]:
        """Those that the budgets name, then those that payments draw on besides; in order of precedence."""
        sequences = {row.coverage_id: row.sequence for chain in self.chains for one in chain for row in _insurance(one)}
        sequences |= {row.coverage_id: 0 for row in self.rows if row.coverage_id and row.coverage_id not in sequences}
        records = {one.id: one.record for one in self.accounts.coverages}
        found = [(funder_of(id_, records.get(id_)), sequence) for id_, sequence in sequences.items() if id_]
        return tuple(one for one, _ in sorted(found, key=lambda one: (one[0].order, one[1], one[0].coverage_id)))

    def payers(self, versions: Iterable[Version]) -> Payers:
        return Payers(
            by_coverage={one.coverage_id: at for at, one in enumerate(self.funders)},
            by_body=_only_once({at: _body(one) for at, one in enumerate(self.funders)}),
            bodies={at: _body(one) for at, one in enumerate(self.funders)},
            weights={
                (one.budget_id, line.line_no): line.weights or line.shares for one in versions for line in one.lines
            },
        )

    # --- versions

    def versions(self) -> Iterator[Version]:
        for chain in self.chains:
            for number, one in enumerate(chain, start=1):
                span = period_of(one.record)
                assert span is not None, "a version that counts says its days"
                yield Version(
                    budget_id=one.id,
                    number=number,
                    status=state_of(one.record),
                    period=span,
                    lines=tuple(self.lines(one, span, self.answered(one.id))),
                    chain=chain[0].id,
                )

    def lines(
        self,
        one: Filed[AgreedBudget] | Filed[IndicativeBudget],
        span: Period,
        answered: Mapping[int, tuple[Pence, ...]],
    ) -> Iterator[Line]:
        places, chc = places_of(one.record.insurance, self.funders), self.continuing_healthcare
        for line in one.record.lines:
            try:
                yield line_of(line, span, places, answered=answered.get(line.line_no, ()), continuing_healthcare=chc)
            except ValueError as error:
                raise Unclear(f"line {line.line_no} of {one.reference} does not say who pays: {error}") from error

    @property
    def continuing_healthcare(self) -> bool:
        return any(one.record.group == CONTINUING_HEALTHCARE for one in self.accounts.cases)

    def answered(self, budget_id: str) -> dict[int, tuple[Pence, ...]]:
        """Pence of each line by position, as the funders answered; nothing where a body has two of the shares."""
        bodies = [_body(one) for one in self.funders]
        rows = [row for row in self.accounts.budget_lines if row.claim_id == budget_id]
        if not rows or len(set(bodies)) < len(bodies):
            return {}
        found: dict[int, dict[str, Pence]] = {}
        for row in rows:
            found.setdefault(row.line_no, {})[row.funder_id or ""] = row.amount or 0
        return {line_no: tuple(given.get(body, 0) for body in bodies) for line_no, given in found.items()}

    def known(self) -> list[KnownVersion]:
        return [_known(one) for one in self.accounts.budgets]

    def newest_first(self) -> tuple[Filed[AgreedBudget], ...]:
        """Those in force on the day first, then the newest."""
        every = [one for chain in self.chains for one in chain]
        return tuple(sorted(every, key=lambda one: (_known(one).holds(self.day), *_known(one).rank), reverse=True))

    # --- the rest

    def indicative(self) -> tuple[Pence, ...]:
        """Pence by position of the estimates that the budgets in force on the day made final."""
        estimates = {one.id: one for one in self.accounts.estimates}
        named = [estimates.get(chain[-1].record.indicative_id or "") for chain in self.chains]
        try:
            parts = [line.shares for one in named if one is not None for line in self.estimated(one)]
        except Unclear:
            return ()
        return added(parts, len(self.funders)) if parts else ()

    def estimated(self, one: Filed[IndicativeBudget]) -> Iterator[Line]:
        span = period_of(one.record)
        return self.lines(one, span, {}) if span is not None else iter(())

    def contingency_funding(self) -> str | None:
        found = (
            one.record.contingency_funding
            for one in self.accounts.arrangements
            if one.record.management_option != NOTIONAL and _meets(one.record, self.whole)
        )
        return next((one for one in found if one), None)

    def references(self) -> tuple[str, ...]:
        wanted = {one.coverage_id for one in self.funders}
        arrangements = [one for one in self.accounts.arrangements if _meets(one.record, self.whole)]
        coverages = [one for one in self.accounts.coverages if one.id in wanted]
        every: tuple[Filed[Any], ...] = (*self.newest_first(), *coverages, *arrangements)
        return tuple(f"{one.reference}/_history/{one.version}" for one in every)


def _stand_for(rows: Sequence[EntryRow]) -> tuple[int, int, int]:
    """How many entries, the sum of their versions, and the last change of one."""
    latest = max((row.latest for row in rows), default=0)
    return sum(row.entries for row in rows), sum(row.versions for row in rows), latest


def _insurance(one: Filed[AgreedBudget]) -> tuple[ClaimCoverage, ...]:
    return one.record.insurance


def _body(one: Funder) -> str:
    return one.reference.removeprefix("Organization/")


def _only_once(bodies: Mapping[int, str]) -> dict[str, int]:
    every = list(bodies.values())
    return {body: at for at, body in bodies.items() if every.count(body) == 1}


def _known(one: Filed[AgreedBudget]) -> KnownVersion:
    record = one.record
    return KnownVersion(
        budget_id=one.id,
        lines=frozenset(line.line_no for line in record.lines),
        was_in_force=counts(record),
        start=record.start,
        end=record.end,
        rank=(is_in_force(record), record.version or 0, one.id),
    )


def _lines(accounts: Accounts) -> dict[tuple[str, str], dict[int, Pence]]:
    found: dict[tuple[str, str], dict[int, Pence]] = {}
    for row in accounts.payment_lines:
        found.setdefault((row.claim_id, row.funder_id or ""), {})[row.line_no] = row.amount or 0
    return found


def _meets(record: PaymentArrangement, whole: Period) -> bool:
    found = period(record.start or whole.start, record.end or whole.end)
    return record.status == "active" and found is not None and found.within(whole) is not None
