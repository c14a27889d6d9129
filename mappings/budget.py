"""Budgets: an indicative or agreed budget version is one Claim, its lines the items.

Source: FHIR R4 claim.html; S001 (indicative and final budget), S004 (lines, split, contingency).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings import targets
from mappings.budget_line import BudgetLine, SplitWeight, line
from mappings.claim_parts import ABOUT, ClaimRecord, info, opening, related
from mappings.lens.entries import version_number
from mappings.lens.lens import (
    Pick,
    ShapeSpec,
    code,
    coded_as,
    concept,
    const,
    count,
    day,
    extension,
    flag,
    identifier,
    part,
    reference,
    rows,
    text,
)
from mappings.lens.mapping import Mapping, mapping
from mappings.namespaces import identifier_system
from mappings.terminology import (
    BUDGET_INFO,
    BUDGET_KIND,
    BUDGET_METHOD,
    BUDGET_STATUS,
)

__all__ = [
    "AGREED",
    "INDICATIVE",
    "AgreedBudget",
    "Budget",
    "BudgetGoal",
    "BudgetLine",
    "BudgetNeed",
    "BudgetProvider",
    "IndicativeBudget",
    "SplitWeight",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetGoal:
    """An outcome of the plan that lines point to by `sequence`."""

    sequence: int
    goal_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetNeed:
    """A need that lines point to by `sequence`."""

    sequence: int
    need_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetProvider:
    """Who provides lines, which point to it by `sequence`."""

    sequence: int
    provider: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(ClaimRecord):
    """What both budgets say. budget_status: the exact state; `status` is the coarse one FHIR has."""

    budget_id: str | None
    version: int | None
    budget_kind: str | None
    budget_status: str | None
    plan_id: str | None
    account: str | None
    pool: str | None
    comparator: str | None
    supersedes_id: str | None
    goals: tuple[BudgetGoal, ...]
    needs: tuple[BudgetNeed, ...]
    providers: tuple[BudgetProvider, ...]
    lines: tuple[BudgetLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicativeBudget(Budget):
    """The estimate given before detailed planning. may_change_explained: told that it can rise or fall.

    assessment_id: the needs assessment it rests on. shared_by: who showed it to the person.
    """

    assessment_id: str | None
    method: str | None
    method_explanation: str | None
    shared_with_person_on: date | None
    shared_by: str | None
    may_change_explained: bool | None
    review_route: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedBudget(Budget):
    """The final budget; never edited once agreed, replaced by a new version.

    sufficiency_ fields: whether the body and the person each say that the money is enough, and the day they said so.
    """

    indicative_id: str | None
    difference_reason: str | None
    sufficiency_body_ok: bool | None
    sufficiency_person_ok: bool | None
    sufficiency_on: date | None


def _budget(use: str, *more: Pick, marks: bool) -> ShapeSpec:
    """The elements of `Budget` but for `related` and `supportingInfo`, to which each kind adds.

    more: extensions of one kind alone.
    """
    return {
        "identifier": (
            identifier("budget_id", identifier_system("phb-budget")),
            version_number("version", identifier_system("phb-budget-version")),
        ),
        "extension": (
            extension("phb-budget-status", {"valueCode": code("budget_status", BUDGET_STATUS)}),
            *more,
        ),
        **opening("phb-budget", const(use, marks=marks)),
        "subType": concept("budget_kind", BUDGET_KIND),
        "careTeam": rows(
            "providers",
            BudgetProvider,
            {"sequence": count("sequence"), "provider": reference("provider", to=targets.PROVIDERS)},
        ),
        "diagnosis": rows(
            "needs",
            BudgetNeed,
            {"sequence": count("sequence"), "diagnosisReference": reference("need_id", to="Condition")},
        ),
        "item": rows("lines", BudgetLine, line()),
    }


def _sufficiency() -> Pick:
    """Whether both sides say that the money is enough."""
    return extension(
        "phb-sufficiency",
        {
            "extension": (
                part("body-ok", {"valueBoolean": flag("sufficiency_body_ok")}),
                part("person-ok", {"valueBoolean": flag("sufficiency_person_ok")}),
                part("on", {"valueDate": day("sufficiency_on")}),
            )
        },
    )


def _infos() -> tuple[object, ...]:
    goal: ShapeSpec = {"sequence": count("sequence"), "valueReference": reference("goal_id", to="Goal")}
    return (
        rows("goals", BudgetGoal, goal, among={"category": coded_as(BUDGET_INFO, "goal")}),
        info("care-plan", {"valueReference": reference("plan_id", to="CarePlan")}),
        info("account", {"valueReference": reference("account", to="Account")}),
        info("pool", {"valueReference": reference("pool", to="Group")}),
        info("comparator", {"valueReference": reference("comparator", to=ABOUT)}),
    )


INDICATIVE: Final[Mapping[IndicativeBudget]] = mapping(
    "Claim",
    IndicativeBudget,
    "indicative-budget",
    {
        **_budget("predetermination", marks=True),
        "related": related("supersedes_id", "supersedes"),
        "supportingInfo": (
            *_infos(),
            info("needs-assessment", {"valueReference": reference("assessment_id", to="Observation")}),
            info(
                "budget-method",
                {"code": concept("method", BUDGET_METHOD), "valueString": text("method_explanation")},
            ),
            info(
                "shared-with-person",
                {"timingDate": day("shared_with_person_on"), "valueBoolean": flag("may_change_explained")},
            ),
            info("shared-by", {"valueReference": reference("shared_by", to=targets.PARTIES)}),
            info("review-route", {"valueString": text("review_route")}),
        ),
    },
)

# A budget that is no predetermination must be the agreed one: any other use is refused, not foreign.
AGREED: Final[Mapping[AgreedBudget]] = mapping(
    "Claim",
    AgreedBudget,
    "agreed-budget",
    {
        **_budget("preauthorization", _sufficiency(), marks=False),
        "related": (related("supersedes_id", "supersedes"), related("indicative_id", "refines")),
        "supportingInfo": (*_infos(), info("difference-reason", {"valueString": text("difference_reason")})),
    },
)
