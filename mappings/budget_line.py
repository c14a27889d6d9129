"""A line of a budget: what it is for, what it costs, how it is held and how the funders share it.

Source: FHIR R4 claim.html (item); S001 and S004 (lines, split, contingency).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mappings.lens.lens import (
    Count,
    ShapeSpec,
    all_coded,
    code,
    coded,
    concept,
    count,
    day,
    each,
    extension,
    flag,
    number,
    part,
    pence,
    period,
    rows,
    text,
)
from mappings.terminology import (
    EXCLUSION_CATEGORY,
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

    provider_, need_ and goal_sequences point to `providers`, `needs` and `goals` of the budget. exclusion: what the
    money may not be used for, where the line is for that (R63).
    """

    line_no: int
    category: str | None
    description: str | None
    management_option: str | None
    flags: tuple[str, ...]
    exclusion: str | None
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


def line() -> ShapeSpec:
    """The elements of `BudgetLine`."""
    return {
        "extension": extension("phb-line-terms", _line_terms()),
        "sequence": count("line_no"),
        "careTeamSequence": each("provider_sequences", Count()),
        "diagnosisSequence": each("need_sequences", Count()),
        "informationSequence": each("goal_sequences", Count()),
        "category": concept("category", LINE_CATEGORY),
        "productOrService": {"text": text("description")},
        "modifier": (
            coded("management_option", MANAGEMENT_OPTION, alone="R87"),
            coded("exclusion", EXCLUSION_CATEGORY),
            all_coded("flags", LINE_FLAG),
        ),
        "programCode": coded("need_type", NEED_TYPE),
        "servicedDate": day("on_date"),
        "servicedPeriod": period("start", "end"),
        "quantity": {"value": number("quantity"), "unit": text("unit")},
        "unitPrice": pence("rate_pence"),
        "net": pence("amount_pence"),
    }
