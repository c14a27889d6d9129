"""What a plan needs to be agreed and in force: R58 to R61."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mappings.claim_parts import ClaimCoverage
from tests.fhir_gateway.phb.shelf import broken, filed, warned
from tests.fhir_gateway.phb.whole_case import (
    SECTIONS,
    START,
    budget,
    capacity,
    direct_line,
    phb_case,
    plan,
    risk,
    standing,
    statements,
    words,
)
from tests.fhir_gateway.phb.whole_people import SELF, body, share

# --- R58 --------------------------------------------------------------------------------------------

DIRECT = filed(budget(direct_line()), "budget")
TERMS = ("dp_health_monitor", "dp_first_review_due", "dp_review_method", "dp_reduction_notice_days")


@pytest.mark.parametrize("field", TERMS)
def test_r58_breaks_when_a_term_of_the_direct_payment_is_missing(field: str) -> None:
    record: Any = plan(**{field: None})
    assert broken(record, *standing(DIRECT), id="plan") == {"R58"}
    draft = replace(record, plan_status="draft")
    assert (broken(draft, *standing(DIRECT), id="plan"), warned(draft, *standing(DIRECT), id="plan")) == (
        set(),
        {"R58"},
    )


def test_r58_breaks_when_a_significant_risk_has_no_procedure() -> None:
    around = standing(DIRECT, risk(significant=True))
    assert broken(plan(), *around, id="plan") == {"R58"}
    assert broken(plan(dp_risk_procedure="Ring the nurse"), *around, id="plan") == set()


@pytest.mark.parametrize("known", [{"amount_pence": None}, {"frequency": None}])
def test_r58_breaks_when_a_service_has_no_sum_or_interval(known: dict[str, Any]) -> None:
    assert broken(plan(), *standing(filed(budget(direct_line(**known)), "budget")), id="plan") == {"R58"}


def test_r58_breaks_beside_r56_when_nobody_coordinates() -> None:
    assert broken(plan(care_team_ids=()), *standing(DIRECT), id="plan") == {"R56", "R58"}


def test_r58_holds_with_all_terms_and_without_a_direct_payment() -> None:
    assert broken(plan(dp_reduction_notice_days=0), *standing(DIRECT), id="plan") == set()
    assert broken(plan(dp_health_monitor=None), *standing(), id="plan") == set()


# --- R59 --------------------------------------------------------------------------------------------


def agreed(**known: Any) -> Any:
    return plan(plan_status="agreed", **known)


@pytest.mark.parametrize("status", ["agreed", "active"])
@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize(
    "known",
    [{"agreed": False}, {"agreed": None}, {"on": None}, {"by": None}, {"by": "Organization/icb"}],
    ids=["not true", "not said", "no day", "nobody", "no person"],
)
def test_r59_breaks_when_a_statement_is_not_made(status: str, at: int, known: dict[str, Any]) -> None:
    made = [*statements()]
    made[at] = replace(made[at], **known)
    record = plan(plan_status=status, agreements=tuple(made))
    assert broken(record, *standing(), id="plan") == {"R59"}


def test_r59_breaks_when_one_side_speaks_for_the_other() -> None:
    swapped = tuple(replace(one, by=SELF) for one in statements())
    assert broken(agreed(agreements=swapped), *standing(), id="plan") == {"R59"}


def test_r59_breaks_when_nothing_is_stated() -> None:
    assert broken(agreed(agreements=()), *standing(), id="plan") == {"R59"}


def test_r59_holds_when_all_eight_are_made_and_before_agreement() -> None:
    assert broken(agreed(), *standing(), id="plan") == set()
    assert broken(plan(agreements=()), *standing(), id="plan") == set()
    assert broken(plan(agreements=(), plan_status="active"), *standing(), previous=agreed(agreements=())) == set()


# --- R60 --------------------------------------------------------------------------------------------


def test_r60_breaks_when_capacity_is_lacking_and_safety_is_not_spoken_of() -> None:
    assert broken(plan(), *standing(capacity()), id="plan") == {"R60"}
    draft = plan(plan_status="draft")
    assert warned(draft, *standing(capacity()), id="plan") == {"R60"}


def test_r60_breaks_for_one_decision_though_capacity_for_another_is_there() -> None:
    later = capacity(decision="share-record", status="has-capacity", assessed_on=date(2025, 3, 1))
    assert broken(plan(), *standing(capacity(), replace(later, id="later")), id="plan") == {"R60"}


def test_r60_holds_when_it_is_or_capacity_is_there() -> None:
    assert broken(plan(), *standing(capacity(), words(*SECTIONS, "safeguarding")), id="plan") == set()
    assert broken(plan(), *standing(capacity(status="fluctuating")), id="plan") == set()


# --- R61 --------------------------------------------------------------------------------------------


def active(**known: Any) -> Any:
    return plan(plan_status="active", **{"replaces": ("before",), **known})


def test_r61_breaks_when_another_version_of_the_case_is_active() -> None:
    assert broken(active(), *standing(filed(active(), "beside")), id="plan") == {"R61"}
    nameless = filed(active(case_number=None), "beside")
    assert broken(active(), *standing(nameless), id="plan") == {"R61"}


def test_r61_holds_when_the_one_before_gives_way_and_breaks_until_the_new_one_begins() -> None:
    around = standing(filed(active(replaces=()), "before"))
    agreed = plan(plan_status="agreed", replaces=("before",))
    assert broken(active(), *around, id="plan", previous=agreed, today=START) == set()
    assert broken(active(), *around, id="plan", today=START) == {"R61"}
    assert broken(active(), *around, id="plan", previous=agreed) == {"R61"}


@pytest.mark.parametrize("status", ["superseded", "ended", "agreed", "draft"])
def test_r61_holds_when_the_other_version_is_not_active(status: str) -> None:
    other = filed(plan(plan_status=status), "beside")
    assert broken(active(), *standing(other), id="plan") == set()


def test_r61_holds_for_a_plan_of_another_case() -> None:
    other = filed(phb_case(case_number="C-2", budget_kind="one-off"), "other")
    beside = filed(active(case_number="C-2"), "beside")
    assert broken(active(), *standing(other, beside), id="plan") == set()


COUNCIL = (share("council", "la-adult-social-care", "council", order=2), body("council", "local-authority"))


def test_r61_breaks_when_the_plan_leaves_out_a_funder() -> None:
    assert broken(active(), *standing(*COUNCIL), id="plan") == {"R61"}


def test_r61_holds_when_every_share_is_in_the_budget_or_not_in_force_then() -> None:
    both = tuple(
        ClaimCoverage(sequence=at, focal=at == 1, coverage_id=one, preauth_refs=(), answer_id=None)
        for at, one in enumerate(("nhs", "council"), start=1)
    )
    covered = filed(budget(insurance=both), "budget")
    assert broken(active(), *standing(covered, *COUNCIL), id="plan") == set()
    over = share("council", "la-adult-social-care", "council", end=date(2025, 6, 30))
    assert broken(active(), *standing(over), id="plan") == set()
    assert broken(active(), *standing(share("council", status="draft")), id="plan") == set()


def test_r61_holds_when_the_share_pays_for_another_case() -> None:
    other = filed(phb_case(case_number="C-2", budget_kind="one-off"), "other")
    own = (ClaimCoverage(sequence=1, focal=True, coverage_id="council", preauth_refs=(), answer_id=None),)
    chair = filed(budget(budget_kind="one-off", plan_id="chair", insurance=own), "chair-money")
    around = standing(other, filed(active(case_number="C-2"), "chair"), chair, *COUNCIL)
    assert broken(active(), *around, id="plan") == set()
