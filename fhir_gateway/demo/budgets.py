"""The budget of a demonstration case: coverages, both budgets, and the answer of each funder.

Every figure is given, none is worked out here: they are the published ones of the worked examples.

Source: domain.md 2.3, 6.8.
"""

from collections.abc import Mapping as Shares
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fhir_gateway.demo.case import Case, Funder
from fhir_gateway.demo.entry import Entry, File, entry, made
from mappings import budget, claim_parts, claim_response, coverage

BASIS_POINTS_A_PERCENT: Final = 100
ROUTES: Final = (
    "To appeal: write to the personal health budget group within six months.",
    "To complain: the complaints team of the body, or the ombudsman.",
    "Support: the advocacy line of Exampleshire, free and independent.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A budget line. pence: its cost. shares: pence by funder slug. rate: pence per unit or per frequency.

    weights: by funder slug, basis points, or pence where the split is `fixed-amount`. on: the day of a line that
    falls on one day; other lines run through the budget's period. needs, outcomes: slugs.
    """

    category: str
    text: str
    pence: int
    rate: int
    shares: Shares[str, int]
    needs: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    option: str = "direct-payment"
    need_type: str = "health"
    frequency: str = "weekly"
    profile: str = "even"
    on: date | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    flags: tuple[str, ...] = ()
    split: str = "need-type"
    weights: Shares[str, int] = field(default_factory=dict)
    provider: str | None = None
    regulated: bool = False


def nhs_line(category: str, text: str, pence: int, rate: int, **known: Any) -> Line:
    """A line that the NHS pays whole."""
    shares, weights = {"nhs": pence}, {"nhs": 10_000}
    return Line(category=category, text=text, pence=pence, rate=rate, shares=shares, weights=weights, **known)


def on_one_day(day: date) -> dict[str, Any]:
    """What a line says that falls on one day."""
    return {"frequency": "one-off", "profile": "on-date", "on": day, "flags": ("one-off",)}


# --- coverages --------------------------------------------------------------------------------------


def coverages(case: Case, *, weekly_pence: int | None = None) -> File:
    """One for each funder. weekly_pence: the person's own contribution to the council's share, collected net."""
    own = () if weekly_pence is None else (_own_coverage(case),)
    return *(_coverage(case, at, weekly_pence) for at in range(len(case.funders))), *own


def _coverage(case: Case, at: int, weekly_pence: int | None) -> Entry:
    funder = case.funders[at]
    contribution = made(
        coverage.ClientContribution,
        collection="net",
        weekly_pence=weekly_pence,
        financial_assessment_on=case.before(28),
        assessed_by=funder.body,
    )
    charged = funder.slug == "council" and weekly_pence is not None
    return entry(
        f"{case.id}-{funder.slug}",
        coverage.MAPPING,
        contribution_id=f"SHARE-{case.number}-{funder.slug}",
        person_id=case.id,
        status="active",
        stream=funder.stream,
        funder=f"Organization/{funder.body}",
        order=at + 1,
        start=case.start,
        end=case.end,
        client_contributions=(contribution,) if charged else (),
    )


def _own_coverage(case: Case) -> Entry:
    return entry(
        f"{case.id}-own",
        coverage.MAPPING,
        contribution_id=f"SHARE-{case.number}-own",
        person_id=case.id,
        status="active",
        stream="person-contribution",
        funder=case.person,
        order=9,
        start=case.start,
        end=case.end,
    )


# --- budgets ----------------------------------------------------------------------------------------


def indicative(case: Case, parts: File, lines: tuple[Line, ...], *, method: str, explanation: str) -> Entry:
    """The estimate that was shared before planning."""
    shared = case.before(35)
    return entry(
        f"{case.id}-indicative",
        budget.INDICATIVE,
        **_budget(case, parts, lines, created=case.before(42)),
        budget_id=f"IND-{case.number}",
        budget_status="shared",
        insurance=_insurance(case, parts),
        assessment_id=f"{case.id}-assessment",
        method=method,
        method_explanation=explanation,
        shared_with_person_on=shared,
        shared_by=case.coordinator,
        may_change_explained=True,
        review_route="Tell the care coordinator that it is too low; it is looked at again within 14 days.",
    )


def agreed(case: Case, parts: File, lines: tuple[Line, ...]) -> File:
    """The agreed budget and the answer of each funder with its share of every line."""
    made_of = entry(
        f"{case.id}-budget",
        budget.AGREED,
        **_budget(case, parts, lines, created=case.before(14)),
        budget_id=f"BUD-{case.number}",
        budget_status="active",
        insurance=_insurance(case, parts, answered=True),
        plan_id=f"{case.id}-plan",
        comparator=next((one.literal for one in parts if one.id == f"{case.id}-comparator"), None),
        account=f"{case.id}-account",
        indicative_id=f"{case.id}-indicative",
        sufficiency_body_ok=True,
        sufficiency_person_ok=True,
        sufficiency_on=case.agreed_on,
    )
    return made_of, *(_answer(case, funder, lines) for funder in case.funders)


def _budget(case: Case, parts: File, lines: tuple[Line, ...], created: date) -> dict[str, Any]:
    """What both budgets say."""
    needs, goals = _slugs(parts, "Condition", "need"), _slugs(parts, "Goal", "goal")
    providers = tuple(dict.fromkeys(one.provider for one in lines if one.provider))
    rows = tuple(_line(case, at, one, (needs, goals, providers)) for at, one in enumerate(lines, start=1))
    return {
        "version": 1,
        "budget_kind": case.budget_kind,
        "person_id": case.id,
        "status": "active",
        "created": created,
        "provider": case.coordinator,
        "insurer_id": case.funders[0].body,
        "start": case.start,
        "end": case.end,
        "total_pence": sum(one.pence for one in lines),
        "goals": tuple(
            budget.BudgetGoal(sequence=at, goal_id=f"{case.id}-goal-{slug}") for at, slug in _counted(goals)
        ),
        "needs": tuple(
            budget.BudgetNeed(sequence=at, need_id=f"{case.id}-need-{slug}") for at, slug in _counted(needs)
        ),
        "providers": tuple(budget.BudgetProvider(sequence=at, provider=one) for at, one in _counted(providers)),
        "lines": rows,
    }


def _slugs(parts: File, kind: str, word: str) -> tuple[str, ...]:
    return tuple(one.id.partition(f"-{word}-")[2] for one in parts if one.mapping.resource_type == kind)


def _counted(things: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    return tuple(enumerate(things, start=1))


def _insurance(case: Case, parts: File, *, answered: bool = False) -> tuple[Any, ...]:
    own = ("own",) if any(one.id == f"{case.id}-own" for one in parts) else ()
    return tuple(
        made(
            claim_parts.ClaimCoverage,
            sequence=at,
            focal=at == 1,
            coverage_id=f"{case.id}-{slug}",
            answer_id=f"{case.id}-budget-{slug}" if answered and slug != "own" else None,
        )
        for at, slug in _counted((*(funder.slug for funder in case.funders), *own))
    )


def _line(case: Case, at: int, one: Line, lists: tuple[tuple[str, ...], ...]) -> budget.BudgetLine:
    needs, goals, providers = lists
    return made(
        budget.BudgetLine,
        line_no=at,
        category=one.category,
        description=one.text,
        management_option=one.option,
        flags=one.flags,
        need_type=one.need_type,
        provider_sequences=(providers.index(one.provider) + 1,) if one.provider else (),
        need_sequences=tuple(needs.index(slug) + 1 for slug in one.needs),
        goal_sequences=tuple(goals.index(slug) + 1 for slug in one.outcomes),
        on_date=one.on,
        start=None if one.on else case.start,
        end=None if one.on else case.end,
        quantity=one.quantity,
        unit=one.unit,
        rate_pence=one.rate,
        amount_pence=one.pence,
        frequency=one.frequency,
        profile=one.profile,
        split_method=one.split,
        regulated_activity=one.regulated,
        assessed_need_element=True,
        weights=_weights(case, one),
    )


def _weights(case: Case, one: Line) -> tuple[budget.SplitWeight, ...]:
    unit = "amount_pence" if one.split == "fixed-amount" else "bps"
    return tuple(
        made(budget.SplitWeight, insurance_sequence=at, **{unit: one.weights[funder.slug]})
        for at, funder in enumerate(case.funders, start=1)
        if funder.slug in one.weights
    )


def _answer(case: Case, funder: Funder, lines: tuple[Line, ...]) -> Entry:
    """The approval of one funder, with its share of each line it pays."""
    parts = [(at, one) for at, one in enumerate(lines, start=1) if funder.slug in one.shares]
    notes = (f"The plan meets the assessed needs and the share of {funder.slug.upper()} covers its part.", *ROUTES)
    return entry(
        f"{case.id}-budget-{funder.slug}",
        claim_response.MAPPING,
        answer_id=f"ANS-{case.number}-{funder.slug}",
        person_id=case.id,
        status="active",
        claim_type="phb-budget",
        use="preauthorization",
        created=case.agreed_on,
        funder_id=funder.body,
        requestor=case.coordinator,
        claim_id=f"{case.id}-budget",
        decision_id=f"{case.id}-decision-budget-{funder.slug}",
        outcome="complete",
        disposition="Approved",
        preauth_ref=approval(case, funder),
        preauth_start=case.start,
        preauth_end=case.end,
        total_pence=sum(one.shares[funder.slug] for _, one in parts),
        lines=tuple(_answered(at, one, funder) for at, one in parts),
        notes=tuple(made(claim_response.AnswerNote, note_no=at, text=text) for at, text in _counted(notes)),
    )


def _answered(at: int, one: Line, funder: Funder) -> claim_response.AnsweredLine:
    bps = one.weights.get(funder.slug) if one.split == "percentage" else None
    return made(
        claim_response.AnsweredLine,
        line_no=at,
        amount_pence=one.shares[funder.slug],
        decision="approved",
        share_percent=None if bps is None else Decimal(bps) / BASIS_POINTS_A_PERCENT,
    )


def approval(case: Case, funder: Funder) -> str:
    """What the funder's approval of the budget is quoted as."""
    return f"BUD-{case.number}/{funder.slug}"
