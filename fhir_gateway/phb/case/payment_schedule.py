"""The payments an agreed budget still lacks, as records: to whom, by when, how much, out of whose share.

Source: domain.md 2.5 (Instalment, Payment), 6.6; rules R92, R95, R98.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.books import Books, Funder
from fhir_gateway.phb.case.answers import answers
from fhir_gateway.phb.case.arrangements import MANAGED, arrangements_on
from fhir_gateway.phb.case.books import books_of
from fhir_gateway.phb.case.called_off import called_off
from fhir_gateway.phb.case.instalments import OWN, Stream, Terms, schedule
from fhir_gateway.phb.case.payments import (
    CONTRIBUTION,
    DIRECT,
    INSTALMENT,
    ONE_OFF,
    THIRD_PARTY,
    coverages_of,
    options_of,
)
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.in_force import LineInForce, lines_in_force
from fhir_gateway.phb.money import Pence
from fhir_gateway.phb.records import made
from fhir_gateway.phb.schedules import FOUR_WEEKLY, WITH_FIRST, Instalment
from mappings.account import PaymentArrangement
from mappings.budget import AgreedBudget
from mappings.claim_parts import ClaimCoverage
from mappings.payment import Payment, PaymentLine

SCHEDULED: Final = "scheduled"
HELD: Final = (DIRECT, THIRD_PARTY)
IN_FORCE: Final = frozenset({"agreed", "active"})
OWN_STREAM: Final = "person-contribution"
PEOPLE: Final = ("Patient/", "RelatedPerson/")
NOT_AGREED: Final = "the budget is neither agreed nor active; payments follow from an agreed one"
NO_SHARES: Final = "the records do not say what each funder pays of each line; add the split or the funders' answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The payments to be made, and why some cannot be; where there are faults none is."""

    payments: tuple[Payment, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """One payment of the plan. count: how many the stream has."""

    stream: Stream
    one: Instalment
    count: int


def missing(case: CaseFile, budget: Filed[AgreedBudget]) -> Missing:
    """What is not there yet of the payments of a budget version; what is there stays as it is."""
    if budget.record.budget_status not in IN_FORCE:
        return Missing(faults=(NOT_AGREED,))
    books = books_of(case, budget)
    if books is None:
        return Missing(faults=(NO_SHARES,))
    return _Maker(case, budget, books).missing()


def is_scheduled(payment: Payment) -> bool:
    """Whether it is one of those that are made by a schedule."""
    return payment.payment_kind in {INSTALMENT, CONTRIBUTION, ONE_OFF}


class _Maker:
    """Makes the payments of one budget version."""

    def __init__(self, case: CaseFile, budget: Filed[AgreedBudget], books: Books) -> None:
        self.case, self.budget, self.books = case, budget, books
        self.single = budget.record.budget_kind == ONE_OFF
        self.there = [one.record for one in case.where(Payment, "pays_against_id", budget.id)]

    def missing(self) -> Missing:
        found = [one for one in self.planned() if not self.is_there(one)]
        faults = dict.fromkeys(says for one in found if (says := self.fault(one)))
        if faults:
            return Missing(faults=tuple(faults))
        every = (self.payment(one) for one in found)
        return Missing(payments=tuple(one for one in every if called_off(one, self.case) is None))

    def planned(self) -> Iterator[_Planned]:
        plan = schedule(self.books, self.budget.id, self.terms())
        for stream, made_of in plan.items():
            for one in made_of:
                yield _Planned(stream=stream, one=one, count=made_of[-1].seq)

    def terms(self) -> dict[str, Terms]:
        """By way of holding the money; the person pays in as often as the direct payment comes."""
        first = self.budget.record.start or self.case.today
        found = {option: self.terms_of(next(iter(self.arrangements(option, first)), None)) for option in HELD}
        return found | {OWN: found[DIRECT]}

    def terms_of(self, arrangement: PaymentArrangement | None) -> Terms:
        if arrangement is None:
            return Terms(single=self.single)
        interval = FOUR_WEEKLY if arrangement.interval == FOUR_WEEKLY else "monthly"
        return Terms(interval=interval, funding=arrangement.contingency_funding, single=self.single)

    def arrangements(self, option: str, day: date) -> tuple[PaymentArrangement, ...]:
        return arrangements_on(self.case, option, day, self.budget.record)

    # --- what is there --------------------------------------------------------------------------

    def is_there(self, planned: _Planned) -> bool:
        return any(self.is_it(one, planned) for one in self.there)

    def is_it(self, payment: Payment, planned: _Planned) -> bool:
        """Whether a payment is of this stream and for these days, in whatever state and of whatever amount."""
        stream, one = planned.stream, planned.one
        if payment.payment_kind != self.kind(stream) or self.coverage(stream) not in coverages_of(payment):
            return False
        same_option = stream.option == OWN or stream.option in options_of(payment, self.budget.record)
        start = payment.start or payment.due_on
        same_days = start == one.covers.start if start is not None else payment.instalment_no == one.seq
        return same_option and same_days

    # --- what is made ---------------------------------------------------------------------------

    def kind(self, stream: Stream) -> str:
        if stream.option == OWN:
            return CONTRIBUTION
        return ONE_OFF if self.single else INSTALMENT

    def funder(self, stream: Stream) -> Funder:
        return self.books.funders[stream.payer]

    def coverage(self, stream: Stream) -> str:
        """The share it is paid from; of the person's part their own where there is one."""
        own = (one.coverage_id for one in self.books.funders if one.stream == OWN_STREAM)
        found = self.funder(stream).coverage_id
        return next(own, found) if stream.option == OWN else found

    def payee(self, planned: _Planned) -> str | None:
        """Whoever holds the money on the day it is due (R98)."""
        stream, day = planned.stream, planned.one.due_on
        option = DIRECT if stream.option == OWN else stream.option
        every = self.arrangements(option, day)
        mine = [one for one in every if self.funder(stream).coverage_id in one.coverage_ids] or every
        return next((_payee_of(one) for one in mine), None)

    def fault(self, planned: _Planned) -> str:
        option = DIRECT if planned.stream.option == OWN else planned.stream.option
        if self.payee(planned) is None:
            return f"no arrangement of the kind `{option}` that says who is paid is in force on {planned.one.due_on}"
        if not self.body(planned.stream).startswith("Organization/"):
            return f"the share Coverage/{self.funder(planned.stream).coverage_id} names no body that pays"
        return ""

    def body(self, stream: Stream) -> str:
        return self.funder(stream).reference

    def payment(self, planned: _Planned) -> Payment:
        stream, one, payee = planned.stream, planned.one, self.payee(planned) or ""
        own = stream.option == OWN
        return made(
            Payment,
            payment_kind=self.kind(stream),
            payment_status=SCHEDULED,
            person_id=self.case.person,
            status="active",
            created=self.case.today,
            provider=self.body(stream),
            insurer_id=None if own else self.body(stream).removeprefix("Organization/"),
            start=one.covers.start,
            end=one.covers.end,
            total_pence=one.amount,
            insurance=(self.insurance(stream),),
            instalment_no=None if self.single else one.seq,
            due_on=one.due_on,
            payee_kind="subscriber" if payee.startswith(PEOPLE) else "provider",
            payee=payee,
            pays_against_id=self.budget.id,
            lines=() if own else tuple(self.lines(planned)),
        )

    def insurance(self, stream: Stream) -> ClaimCoverage:
        body = self.body(stream).removeprefix("Organization/")
        given = (one.record for one in answers(self.case, self.budget.id) if one.record.funder_id == body)
        approved = () if stream.option == OWN else tuple(one.preauth_ref for one in given if one.preauth_ref)
        coverage = self.coverage(stream)
        return made(ClaimCoverage, sequence=1, focal=True, coverage_id=coverage, preauth_refs=approved)

    def lines(self, planned: _Planned) -> Iterator[PaymentLine]:
        """The regular part, and what comes with the first instalment line by line where it is paid in full."""
        one, says = planned.one, f"Instalment {planned.one.seq} of {planned.count}"
        singles = self.singles(planned)
        regular = one.amount - sum(amount for _, amount in singles)
        rows = ([(None, regular)] if regular else []) + [(line, amount) for line, amount in singles]
        for at, (line, amount) in enumerate(rows, start=1):
            yield made(
                PaymentLine,
                sequence=at,
                budget_line=line.line.line_no if line else None,
                category=line.line.category if line else None,
                description=(line.line.description if line else None) or ("Payment" if self.single else says),
                management_option=planned.stream.option,
                amount_pence=amount,
            )

    def singles(self, planned: _Planned) -> list[tuple[LineInForce, Pence]]:
        """The one-off and contingency lines that are paid with it, each with the payer's share."""
        stream, one = planned.stream, planned.one
        funding = self.terms()[stream.option].funding or WITH_FIRST
        with_it = [
            line
            for line in lines_in_force(self.books)
            if line.budget_id == self.budget.id
            and line.line.option == stream.option
            and (line.line.one_off or (line.line.contingency and funding == WITH_FIRST))
        ]
        found = [(line, line.shares[stream.payer]) for line in with_it if line.shares[stream.payer]]
        return found if sum(amount for _, amount in found) == one.one_off + one.contingency else []


def _payee_of(arrangement: PaymentArrangement) -> str | None:
    """The holder of a managed account or third party, else the recipient."""
    by_body = arrangement.management_option == THIRD_PARTY or arrangement.account_kind == MANAGED
    return literal("Organization", arrangement.owner) if by_body else arrangement.recipient
