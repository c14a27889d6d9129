"""Why a payment or an expenditure is as it is: from the money to budget line, plan, rules, decisions, confirmation.

Source: domain.md 2.5, 2.6, 8.2; rules R103, R134, R141.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fhir_gateway.phb.case.budgets import line_of, state_of
from fhir_gateway.phb.case.references import literal
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.rules.catalogue import CATALOGUE, version
from fhir_gateway.phb.rules.judge import rules_on
from fhir_gateway.phb.rules.rule import WRITE
from mappings.budget import AgreedBudget, BudgetLine
from mappings.care_plan import SupportPlan
from mappings.claim_response import FunderAnswer
from mappings.decision import Decision
from mappings.expenditure import ExpenditureEntry
from mappings.goal import Outcome
from mappings.organization import Organisation
from mappings.payment import Payment
from mappings.practitioner import Worker
from mappings.practitioner_role import CareCoordinator
from mappings.terminology import (
    BUDGET_STATUS,
    DECISION_OUTCOME,
    DECISION_SUBJECT,
    EXPENDITURE_STATUS,
    INVOICE_CHECK,
    MANAGEMENT_OPTION,
    PAYMENT_KIND,
    PAYMENT_STATUS,
)
from mappings.terminology.code_list import CodeList

Money = Payment | ExpenditureEntry
AWAITED: Final = "awaiting-person"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and the resource it speaks of: `Type/id`, empty for none."""

    text: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A step of the way. code: a word for programs. Never empty."""

    code: str
    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A change of the person's check of an invoice. version: of the Claim that first says so, written by `client`."""

    check: str
    version: int
    on: date
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known around one payment or expenditure. flags: number and words of the rules that warned.

    answers: to the payment; agreed: to the budget it comes from.
    """

    money: Filed[Money]
    answers: tuple[Filed[FunderAnswer], ...] = ()
    agreed: tuple[Filed[FunderAnswer], ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    checks: tuple[Check, ...] = ()


def explanation(known: Known, case: CaseFile) -> tuple[Section, ...]:
    """The way from the money to the reasons, in the order in which people ask."""
    money = known.money
    budget = case.filed(literal("Claim", money.record.pays_against_id))
    agreed: Filed[AgreedBudget] | None = budget if budget and isinstance(budget.record, AgreedBudget) else None
    steps = (
        ("payment", "What it is", _what(money)),
        ("budget", "Which part of the budget it comes from", _budget(money, agreed)),
        ("plan", "What it is for in the plan", _plan(money.record, agreed, case)),
        ("rules", "Which rules were applied", _rules(known)),
        ("decisions", "Who decided", _decisions(known, agreed, case)),
        ("confirmation", "Who confirmed it", _confirmed(known)),
        ("answers", "What each funder answered", _answers(known, case)),
    )
    return tuple(Section(code, title, tuple(found)) for code, title, found in steps)


# --- the money --------------------------------------------------------------------------------------


def _what(money: Filed[Money]) -> Iterator[Sentence]:
    record = money.record
    yield Sentence(f"{_title(record)} of £{pounds(record.total_pence or 0)}, {_state(record)}.", money.reference)
    if isinstance(record, Payment):
        days = (("Received on", record.received_on), ("Due on", record.due_on), ("Paid on", record.paid_on))
        yield from (Sentence(f"{what} {on}.") for what, on in days if on)
    if record.start and record.end:
        yield Sentence(f"It covers {record.start} to {record.end}.")
    for line in record.lines:
        yield Sentence(f"{line.description or 'A part of it'}: £{pounds(line.amount_pence or 0)}.")


def _title(record: Money) -> str:
    return _words(PAYMENT_KIND, record.payment_kind) if isinstance(record, Payment) else "Expenditure"


def _state(record: Money) -> str:
    if isinstance(record, Payment):
        return _words(PAYMENT_STATUS, record.payment_status, "of no stated status").lower()
    return _words(EXPENDITURE_STATUS, record.expenditure_status, "recorded").lower()


def _words(codes: CodeList, code: str | None, otherwise: str = "") -> str:
    return codes.display(code) if code is not None and code in codes else code or otherwise


# --- budget and plan --------------------------------------------------------------------------------


def _budget(money: Filed[Money], budget: Filed[AgreedBudget] | None) -> Iterator[Sentence]:
    if budget is None:
        yield Sentence("It names no agreed budget that is known here.")
        return
    record = budget.record
    state = _words(BUDGET_STATUS, state_of(record)).lower()
    number = f"Version {record.version}" if record.version else "A version"
    yield Sentence(
        f"{number} of the agreed budget, {state}, {record.start} to {record.end}, £{pounds(record.total_pence or 0)} "
        f"(record version {budget.version}).",
        budget.reference,
    )
    lines = list(_lines(money.record, record))
    yield from (Sentence(_line(one)) for one in lines)
    if not lines:
        yield Sentence("It is paid for the budget as a whole, and for no line of its own.")


def _lines(record: Money, budget: AgreedBudget) -> Iterator[BudgetLine]:
    numbers = dict.fromkeys(line.budget_line for line in record.lines if line.budget_line)
    return (found for one in numbers if (found := line_of(budget, one)) is not None)


def _line(one: BudgetLine) -> str:
    held = f", held as {_words(MANAGEMENT_OPTION, one.management_option).lower()}" if one.management_option else ""
    return f"Line {one.line_no}, {one.description or one.category}: £{pounds(one.amount_pence or 0)}{held}."


def _plan(record: Money, budget: Filed[AgreedBudget] | None, case: CaseFile) -> Iterator[Sentence]:
    reference = literal("CarePlan", budget.record.plan_id) if budget is not None else None
    found = case.filed(reference)
    if budget is None or found is None or not isinstance(found.record, SupportPlan):
        yield Sentence("No plan is known that the budget is for.")
        return
    plan = found.record
    yield Sentence(f"{plan.title or 'The plan'}, {plan.start} to {plan.end or 'no stated end'}.", found.reference)
    yield from _goals(list(_lines(record, budget.record)), budget.record, case)


def _goals(lines: Sequence[BudgetLine], budget: AgreedBudget, case: CaseFile) -> Iterator[Sentence]:
    """The outcomes that the lines serve."""
    wanted = {number for line in lines for number in line.goal_sequences}
    for goal in budget.goals:
        reference = literal("Goal", goal.goal_id)
        outcome = case.get(Outcome, reference) if goal.sequence in wanted else None
        if outcome is not None and reference is not None:
            yield Sentence(f"Outcome: {outcome.statement or outcome.kind}", reference)


# --- rules and decisions ----------------------------------------------------------------------------


def _rules(known: Known) -> Iterator[Sentence]:
    judged = len(rules_on(type(known.money.record), WRITE))  # type: ignore[arg-type]
    yield Sentence(f"Each version is judged by {judged} rules when it is written; catalogue {version()}.")
    for answer in known.answers:
        for line in answer.record.lines:
            if line.rule is not None:
                about = f", held against {line.plan_element}" if line.plan_element else ""
                yield Sentence(f"{_rule(line.rule)} (line {line.line_no}{about})", answer.reference)
    for number, says in known.flags:
        yield Sentence(f"Warning by {number}: {says}", known.money.reference)
    if not known.flags:
        yield Sentence("No rule warned about it.")


def _rule(number: str) -> str:
    return f"{number}: {CATALOGUE[number].says}" if number in CATALOGUE else f"{number}."


def _decisions(known: Known, budget: Filed[AgreedBudget] | None, case: CaseFile) -> Iterator[Sentence]:
    about = {known.money.reference, *((budget.reference, f"CarePlan/{budget.record.plan_id}") if budget else ())}
    named = {f"Task/{one.record.decision_id}" for one in known.answers if one.record.decision_id}
    found = [one for one in case.all(Decision) if one.record.about in about or one.reference in named]
    for one in sorted(found, key=lambda one: (one.record.ended_on or date.max, one.id)):
        yield Sentence(_decision(one.record), one.reference)
        if one.record.owner:
            yield Sentence(f"Decided by {worker(case, one.record.owner)}.", one.record.owner)
    if not found:
        yield Sentence("No decision about it, its budget or its plan is recorded.")


def _decision(one: Decision) -> str:
    subject = _words(DECISION_SUBJECT, one.decision_subject)
    outcome = _words(DECISION_OUTCOME, one.outcome, "not decided yet").lower()
    when = f" on {one.ended_on}" if one.ended_on else ""
    return f"{subject}: {outcome}{when}. {one.rationale or ''}".rstrip()


def worker(case: CaseFile, reference: str | None) -> str:
    """A worker by name and body, as far as they are known; else the reference."""
    role = case.get(CareCoordinator, reference)
    person = case.get(Worker, role.practitioner if role is not None else reference)
    body = case.get(Organisation, literal("Organization", role.organisation)) if role is not None else None
    named = [one for one in (person.name if person else None, body.name if body else None) if one]
    return " of ".join(named) or str(reference)


# --- confirmation and answers -----------------------------------------------------------------------


def _confirmed(known: Known) -> Iterator[Sentence]:
    record = known.money.record
    if not isinstance(record, Payment) or not any(line.invoice_check for line in record.lines):
        yield Sentence("It asks for no confirmation by the person.")
        return
    for line in record.lines:
        if line.invoice_check is not None:
            yield Sentence(f"{line.description or 'The invoice'}: {_words(INVOICE_CHECK, line.invoice_check).lower()}.")
    for one in known.checks:
        says = _words(INVOICE_CHECK, one.check).lower()
        text = f"Recorded as {says} in version {one.version} on {one.on}, written by {one.client}."
        yield Sentence(text, known.money.reference)


def _answers(known: Known, case: CaseFile) -> Iterator[Sentence]:
    for one in known.answers:
        yield Sentence(_answer(one.record, case), one.reference)
    if not known.answers:
        yield Sentence("To this itself no funder has answered.")
    numbers = {line.budget_line for line in known.money.record.lines}
    for one in known.agreed:
        parts = [line for line in one.record.lines if line.line_no in numbers] or one.record.lines
        share = sum(line.amount_pence or 0 for line in parts)
        of_what = "the lines it comes from" if len(parts) < len(one.record.lines) else "the budget"
        yield Sentence(f"{_body(one.record, case)} agreed to bear £{pounds(share)} of {of_what}.", one.reference)


def _answer(one: FunderAnswer, case: CaseFile) -> str:
    share = f" bears £{pounds(one.total_pence)}" if one.total_pence is not None else " has not said what it bears"
    moved = f"; £{pounds(one.paid_pence)} moved on {one.paid_on}" if one.paid_pence is not None else ""
    verdicts = dict.fromkeys(_words(DECISION_OUTCOME, line.decision).lower() for line in one.lines if line.decision)
    return f"{_body(one, case)}{share}{moved}{'; ' + ', '.join(verdicts) if verdicts else ''}."


def _body(one: FunderAnswer, case: CaseFile) -> str:
    body = case.get(Organisation, literal("Organization", one.funder_id))
    return (body.name if body is not None else None) or f"Organization/{one.funder_id}"


def references_of(sections: Iterable[Section]) -> tuple[str, ...]:
    """Every resource the sections speak of, once, in the order they are read."""
    return tuple(dict.fromkeys(one.reference for step in sections for one in step.sentences if one.reference))
