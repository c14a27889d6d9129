"""Budgets: an indicative or agreed budget version is one Claim, its lines the items.

Source: FHIR R4 claim.html; S001 (indicative and final budget), S004 (lines, split, contingency).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from mappings import targets
from mappings.claim_parts import ABOUT, ClaimRecord, info, opening, related
from mappings.lens.entries import version_number
from mappings.lens.lens import (
    Count,
    ShapeSpec,
    all_coded,
    code,
    coded,
    coded_as,
    concept,
    const,
    count,
    day,
    each,
    extension,
    flag,
    identifier,
    number,
    part,
    pence,
    period,
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
    LINE_CATEGORY,
    LINE_FLAG,
    LINE_FREQUENCY,
    MANAGEMENT_OPTION,
    NEED_TYPE,
    PLANNED_PROFILE,
    SPLIT_METHOD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitWeight:
    """What one funder is to carry of a line, before any funder has answered.

    insurance_sequence: whose share. One of bps (of 10,000), amount_pence or minutes, by the line's split method.
    """

    insurance_sequence: int
    bps: int | None
    amount_pence: int | None
    minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """A line of a budget. rate_pence: per unit or per frequency. amount_pence: cost for the line's period.

    provider_, need_ and goal_sequences point to `providers`, `needs` and `goals` of the budget.
    """

    line_no: int
    category: str | None
    description: str | None
    management_option: str | None
    flags: tuple[str, ...]
    need_type: str | None
    provider_sequences: tuple[int, ...]
    need_sequences: tuple[int, ...]
    goal_sequences: tuple[int, ...]
    on_date: date | None
    start: date | None
    end: date | None
    quantity: Decimal | None
    unit: str | None
    rate_pence: int | None
    amount_pence: int | None
    frequency: str | None
    profile: str | None
    split_method: str | None
    regulated_activity: bool | None
    assessed_need_element: bool | None
    weights: tuple[SplitWeight, ...]

    @property
    def contingency(self) -> bool:
        """Whether the line is money for the unforeseen."""
        return "contingency" in self.flags

    @property
    def one_off(self) -> bool:
        """Whether the line is a single cost."""
        return "one-off" in self.flags


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
    """The estimate given before detailed planning. may_change_explained: told that it can rise or fall."""

    method: str | None
    method_explanation: str | None
    shared_with_person_on: date | None
    may_change_explained: bool | None
    review_route: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedBudget(Budget):
    """The final budget; never edited once agreed, replaced by a new version."""

    indicative_id: str | None
    difference_reason: str | None


def _line_terms() -> ShapeSpec:
    weight: ShapeSpec = {
        "extension": (
            part("insurance-sequence", {"valuePositiveInt": count("insurance_sequence")}),
            part("basis-points", {"valueUnsignedInt": count("bps")}),
            part("amount", {"valueMoney": pence("amount_pence")}),
            part("minutes", {"valueUnsignedInt": count("minutes")}),
        )
    }
    return {
        "extension": (
            part("frequency", {"valueCode": code("frequency", LINE_FREQUENCY)}),
            part("profile", {"valueCode": code("profile", PLANNED_PROFILE)}),
            part("split-method", {"valueCode": code("split_method", SPLIT_METHOD)}),
            rows("weights", SplitWeight, weight, among={"url": "weight"}),
            part("regulated-activity", {"valueBoolean": flag("regulated_activity")}),
            part("assessed-need-element", {"valueBoolean": flag("assessed_need_element")}),
        )
    }


def _line() -> ShapeSpec:
    return {
        "extension": extension("phb-line-terms", _line_terms()),
        "sequence": count("line_no"),
        "careTeamSequence": each("provider_sequences", Count()),
        "diagnosisSequence": each("need_sequences", Count()),
        "informationSequence": each("goal_sequences", Count()),
        "category": concept("category", LINE_CATEGORY),
        "productOrService": {"text": text("description")},
        "modifier": (coded("management_option", MANAGEMENT_OPTION), all_coded("flags", LINE_FLAG)),
        "programCode": coded("need_type", NEED_TYPE),
        "servicedDate": day("on_date"),
        "servicedPeriod": period("start", "end"),
        "quantity": {"value": number("quantity"), "unit": text("unit")},
        "unitPrice": pence("rate_pence"),
        "net": pence("amount_pence"),
    }


def _budget(use: str, *, marks: bool) -> ShapeSpec:
    """The elements of `Budget` but for `related` and `supportingInfo`, to which each kind adds."""
    return {
        "identifier": (
            identifier("budget_id", identifier_system("phb-budget")),
            version_number("version", identifier_system("phb-budget-version")),
        ),
        "extension": extension("phb-budget-status", {"valueCode": code("budget_status", BUDGET_STATUS)}),
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
        "item": rows("lines", BudgetLine, _line()),
    }


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
            info(
                "budget-method",
                {"code": concept("method", BUDGET_METHOD), "valueString": text("method_explanation")},
            ),
            info(
                "shared-with-person",
                {"timingDate": day("shared_with_person_on"), "valueBoolean": flag("may_change_explained")},
            ),
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
        **_budget("preauthorization", marks=False),
        "related": (related("supersedes_id", "supersedes"), related("indicative_id", "refines")),
        "supportingInfo": (*_infos(), info("difference-reason", {"valueString": text("difference_reason")})),
    },
)
