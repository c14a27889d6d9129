"""Whether a submitted budget is agreed: what each funding body bears of it, and how its decision stands.

Source: domain.md 5.2 (T7 to T9), 6.4, 8.6, 8.9 Q1 and Q16; rules R88, R141 to R147.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from fhir_gateway.phb.case.budgets import period_of, span_of
from fhir_gateway.phb.case.conversations import death_of
from fhir_gateway.phb.case.funders import Payer, payers, shares_of
from fhir_gateway.phb.case.people import born_on
from fhir_gateway.phb.case.plans import plan_of
from fhir_gateway.phb.case_file import CaseFile, Filed, Written
from fhir_gateway.phb.funder_answers import QUEUED, Ruling, answers_to, bodies_of
from fhir_gateway.phb.money import pounds
from fhir_gateway.phb.requests import (
    APPROVED,
    OF_BUDGETS,
    decision_of,
    decisions_about,
    is_approval,
    is_told,
    request,
)
from fhir_gateway.phb.rules.judge import judged
from fhir_gateway.phb.verdict import PERCENT, Fault, Share, Verdict
from mappings.budget import AgreedBudget, Budget, BudgetLine
from mappings.claim_response import AnsweredLine, AnswerNote, FunderAnswer
from mappings.decision import Decision
from mappings.lens.errors import Issue

BUDGET: Final = "phb-budget"
PREAUTHORIZATION: Final = "preauthorization"
IN_PART: Final = "approved-in-part"
ROUTES: Final = ("rationale", "appeal_route", "complaint_route", "support_contact")


def lines_shared(budget: Budget, case: CaseFile, plan_element: str | None = None) -> tuple[Verdict, ...]:
    """What each line comes to for each payer, by the line's own split. plan_element: what the lines are part of."""
    found = payers(case, budget)
    return tuple(
        Verdict(
            sequence=line.line_no,
            element=f"item[{at}]",
            asked=line.amount_pence or 0,
            plan_element=f"{plan_element}#item-{line.line_no}" if plan_element else None,
            shares=tuple(_shares(budget, at, found, case)),
            fault=_out_of_life(budget, line, case) or _unshared(line, found, case),
        )
        for at, line in enumerate(budget.lines)
    )


def _shares(budget: Budget, at: int, found: Sequence[Payer], case: CaseFile) -> Iterator[Share]:
    line = budget.lines[at]
    weights = {one.insurance_sequence: one.bps for one in line.weights if line.split_method == "percentage"}
    for part, one in zip(shares_of(case, line, found) or (), found, strict=False):
        if part:
            bps = weights.get(one.sequence)
            yield Share(one.funder, part, None if bps is None else Decimal(bps) / PERCENT)


def _unshared(line: BudgetLine, found: Sequence[Payer], case: CaseFile) -> Fault | None:
    if shares_of(case, line, found) is not None:
        return None
    return Fault("R85", f"the split of line {line.line_no} does not say who pays it")


def _out_of_life(budget: Budget, line: BudgetLine, case: CaseFile) -> Fault | None:
    """A line for days before the person was born or after their death."""
    span, born, died = span_of(line, budget), born_on(case), death_of(case)
    if span is not None and born is not None and span.start < born:
        return Fault("R100", f"line {line.line_no} is for days before the person was born")
    if span is not None and died is not None and span.end > died:
        return Fault("R114", f"line {line.line_no} is for days after the person's death")
    return None


# --- what each body says ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A budget and what is asked of and answered by those who fund it. requests: decisions still to be asked for."""

    answers: tuple[FunderAnswer, ...]
    requests: tuple[Decision, ...]

    @property
    def complete(self) -> bool:
        """Whether every body that bears a part has approved it."""
        return bool(self.answers) and all(_says_yes(one) for one in self.answers)


def _says_yes(answer: FunderAnswer) -> bool:
    return answer.outcome != QUEUED and all(one.decision in APPROVED for one in answer.lines)


def agreement(budget: Filed[AgreedBudget], case: CaseFile) -> Agreement:
    """How the agreement of a submitted budget stands, by the decisions there are."""
    verdicts = lines_shared(budget.record, case, budget.reference)
    bodies = bodies_of(share.funder for one in verdicts for share in one.shares)
    found = decisions_about(case, OF_BUDGETS, frozenset({budget.reference}))
    decided = {body: decision_of(case, found, body) for body in bodies}
    return Agreement(
        answers=tuple(_answer(budget, verdicts, body, decided[body], case) for body in bodies),
        requests=tuple(
            request(case, OF_BUDGETS, budget.reference, body, budget.record) for body in bodies if decided[body] is None
        ),
    )


def _answer(
    budget: Filed[AgreedBudget],
    verdicts: tuple[Verdict, ...],
    body: str,
    decision: Filed[Decision] | None,
    case: CaseFile,
) -> FunderAnswer:
    ruling = Ruling(
        claim=budget.record,
        claim_type=BUDGET,
        use=PREAUTHORIZATION,
        claim_id=budget.id,
        on=case.today,
        verdicts=verdicts,
    )
    (answer,) = answers_to(ruling, (body,))
    own = tuple(one for one in answer.lines if one.amount_pence)
    if decision is None or not is_told(decision.record):
        return _queued(answer, decision)
    return _decided(replace(answer, lines=own), decision, budget)


def _queued(answer: FunderAnswer, decision: Filed[Decision] | None) -> FunderAnswer:
    """An answer that waits. total_pence: what is asked of the body, so that limits can be held against it (R145)."""
    says = f"Asked for {pounds(answer.total_pence or 0)}; waits for this body's decision"
    return replace(
        answer, outcome=QUEUED, disposition=says, lines=(), notes=(), decision_id=decision.id if decision else None
    )


def _decided(answer: FunderAnswer, decision: Filed[Decision], budget: Filed[AgreedBudget]) -> FunderAnswer:
    outcome = decision.record.outcome or ""
    lines = tuple(_line(one, outcome) for one in answer.lines)
    amounts = [one.amount_pence for one in lines if one.amount_pence is not None]
    whole = period_of(budget.record)
    yes = is_approval(decision.record)
    return replace(
        answer,
        decision_id=decision.id,
        disposition=outcome.replace("-", " ").capitalize(),
        total_pence=None if outcome == IN_PART else sum(amounts),
        lines=lines,
        notes=tuple(_notes(decision.record)),
        preauth_ref=approval_of(budget, answer.funder_id or "") if yes else None,
        preauth_start=whole.start if yes and whole else None,
        preauth_end=whole.end if yes and whole else None,
    )


def _line(line: AnsweredLine, outcome: str) -> AnsweredLine:
    """The line as the body decided; of which part it is that was approved, only the body can say."""
    amount = {"declined": 0, IN_PART: None}.get(outcome, line.amount_pence)
    return replace(line, decision=outcome or None, amount_pence=amount)


def _notes(decision: Decision) -> Iterator[AnswerNote]:
    words = (getattr(decision, name) for name in ROUTES)
    for at, text in enumerate((one for one in words if one), start=1):
        yield AnswerNote(note_no=at, text=text)


def approval_of(budget: Filed[AgreedBudget], body: str) -> str:
    """What a body's approval of a budget version is quoted as."""
    return f"{budget.record.budget_id or budget.id}/{budget.record.version or 1}/{body}"


def still_lacking(budget: Filed[AgreedBudget], case: CaseFile) -> tuple[Issue, ...]:
    """What budget and plan lack to be agreed, though every funder has approved the budget (T9)."""
    plan = plan_of(case, budget.record)
    if plan is None:
        says = "the budget names no plan version that is known, so it is not agreed yet"
        return (Issue("business-rule", says, "Claim.supportingInfo", "warning", "R34"),)
    then = (_as_agreed(plan, plan_status="agreed"), _as_agreed(budget, budget_status="agreed"))
    found = (issue for one in then for issue in judged(one, case))
    return tuple(replace(one, severity="warning") for one in found if one.severity == "error")


def _as_agreed(standing: Filed[Any], **state: str) -> Written[Any]:
    record = replace(standing.record, **state)
    return Written(standing.type, standing.id, standing.version + 1, record, standing.record)
