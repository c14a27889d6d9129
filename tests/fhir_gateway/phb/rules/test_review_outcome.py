"""What a review leads to: R127, R130 to R132."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.records import made
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.communication import Discussion, Notice
from mappings.decision import Considered, Decision
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.goal import Outcome
from mappings.payment import Payment
from mappings.related_person import Party
from tests.fhir_gateway.phb.reviewed import COORDINATOR, NHS, PERSON, held, money
from tests.fhir_gateway.phb.shelf import broken, filed, warned

PLANNED = 81_000  # 81 days to 20 May 2025 at 10.00 a day


# --- R127 -------------------------------------------------------------------------------------------


def plan(**known: Any) -> Filed[SupportPlan]:
    return filed(made(SupportPlan, person_id="pat", **{"status": "draft", "replaces": ("plan",)} | known), "plan2")


def new_budget(**known: Any) -> Filed[AgreedBudget]:
    usual: dict[str, Any] = {"status": "draft", "budget_status": "draft", "supersedes_id": "budget"}
    return filed(made(AgreedBudget, person_id="pat", **usual | known), "budget2")


BOTH = {"new_plan_id": "plan2", "new_budget_id": "budget2"}


@pytest.mark.parametrize(
    ("outcome", "missing"),
    [
        ("plan-updated", "new_plan_id"),
        ("plan-and-budget-updated", "new_plan_id"),
        ("plan-and-budget-updated", "new_budget_id"),
        ("budget-increased", "new_budget_id"),
        ("management-option-changed", "new_budget_id"),
    ],
)
def test_r127_breaks_where_a_change_names_no_new_version(outcome: str, missing: str) -> None:
    changed: dict[str, Any] = BOTH | {missing: None}
    assert broken(held(outcome=outcome, **changed), plan(), new_budget()) == {"R127"}
    assert broken(held(outcome=outcome, **BOTH), plan(), new_budget()) == set()


def test_r127_breaks_where_the_new_version_replaces_nothing() -> None:
    assert broken(held(outcome="plan-updated", **BOTH), plan(replaces=())) == {"R127"}
    assert broken(held(outcome="budget-increased", **BOTH), new_budget(supersedes_id=None)) == {"R127"}


def test_r127_breaks_where_something_else_is_named_as_the_budget() -> None:
    paid = made(Payment, person_id="pat", status="draft", payment_kind="instalment")
    assert broken(held(outcome="budget-increased", **BOTH), filed(paid, "budget2")) == {"R127"}


@pytest.mark.parametrize("outcome", ["no-change", "reassessment-required", "recovery-proposed"])
def test_r127_holds_where_nothing_changes(outcome: str) -> None:
    assert broken(held(outcome=outcome)) == set()


def test_r127_believes_a_version_that_is_not_known_here() -> None:
    assert broken(held(outcome="plan-and-budget-updated", **BOTH)) == set()


def notice(**known: Any) -> Filed[Notice]:
    """A cut told four weeks before it takes effect."""
    usual: dict[str, Any] = {
        "status": "completed",
        "notice_kind": "reduction",
        "reasons": "fewer hours are needed",
        "sent_on": date(2025, 5, 23),
        "effective_on": date(2025, 6, 20),
        "reconsideration_told": True,
    }
    return filed(made(Notice, person_id="pat", **usual | known), "notice")


def talk(**known: Any) -> Filed[Discussion]:
    """The cut talked over with the person."""
    usual: dict[str, Any] = {
        "status": "completed",
        "topic": "reduction",
        "sender": COORDINATOR,
        "recipients": (PERSON,),
        "sent_on": date(2025, 5, 20),
    }
    return filed(made(Discussion, person_id="pat", **usual | known), "talk")


CUT: dict[str, Any] = {"outcome": "budget-decreased", "new_budget_id": "budget2"}


@pytest.mark.parametrize(
    "known",
    [
        {"notice_kind": "review"},
        {"reasons": None},
        {"reasons": " "},
        {"sent_on": None},
        {"effective_on": None},
        {"sent_on": date(2025, 4, 1)},
        {"effective_on": date(2025, 6, 19)},
    ],
)
def test_r127_breaks_where_a_cut_is_not_told_in_good_time(known: dict[str, Any]) -> None:
    terms = plan(status="active", plan_status="active", dp_reduction_notice_days=28)
    assert broken(held(**CUT), new_budget(), talk(), notice(**known), terms) == {"R127"}


@pytest.mark.parametrize(
    "known",
    [
        {"topic": "options"},
        {"recipients": ("RelatedPerson/friend",)},
        {"sent_on": date(2025, 4, 1)},
        {"sent_on": None},
    ],
)
def test_r127_breaks_where_a_cut_was_not_talked_over(known: dict[str, Any]) -> None:
    friend = filed(made(Party, person_id="pat", roles=("friend",)), "friend")
    assert broken(held(**CUT), new_budget(), notice(), talk(**known), friend) == {"R127"}


def test_r127_holds_for_a_cut_told_in_good_time_and_talked_over() -> None:
    terms = plan(status="active", plan_status="active", dp_reduction_notice_days=28)
    attorney = filed(made(Party, person_id="pat", roles=("attorney",)), "attorney")
    assert broken(held(**CUT), new_budget(), notice(), talk(), terms) == set()
    spoken_for = talk(recipients=("RelatedPerson/attorney",))
    assert broken(held(**CUT), new_budget(), notice(effective_on=date(2025, 5, 24)), spoken_for, attorney) == set()


# --- R130, R131 -------------------------------------------------------------------------------------


def spent(pence: int, **known: Any) -> Filed[ExpenditureEntry]:
    item = made(ExpenditureLine, sequence=1, budget_line=1, spent_on=date(2025, 5, 1), amount_pence=pence)
    usual: dict[str, Any] = {"status": "active", "expenditure_status": "accepted", "pays_against_id": "budget"}
    return filed(made(ExpenditureEntry, person_id="pat", lines=(item,), **usual | known), "spent")


@pytest.mark.parametrize("pence", [0, PLANNED - 50_000])
def test_r130_warns_of_an_underspend_without_a_reason(pence: int) -> None:
    assert warned(held(), *money(NHS), spent(pence)) == {"R130"}


@pytest.mark.parametrize("pence", [PLANNED - 49_999, PLANNED, PLANNED + 49_999])
def test_r130_holds_inside_tolerance(pence: int) -> None:
    assert warned(held(), *money(NHS), spent(pence)) == set()


def test_r130_holds_with_a_reason() -> None:
    assert warned(held(underspend_reason="recruitment-gap"), *money(NHS)) == set()


def test_r130_warns_where_spending_is_queried_or_came_after_the_review() -> None:
    assert warned(held(), *money(NHS), spent(PLANNED, expenditure_status="queried")) == {"R130"}
    assert warned(held(started_on=date(2025, 4, 30)), *money(NHS), spent(PLANNED)) >= {"R130"}


@pytest.mark.parametrize("reason", ["hospital-admission", "saving-for-equipment", "building-contingency"])
def test_r130_warns_where_kept_money_is_asked_back(reason: str) -> None:
    asked = held(outcome="recovery-proposed", underspend_reason=reason)
    assert warned(asked) == {"R130"}
    taken = made(
        Payment, person_id="pat", status="active", payment_kind="recovery", payment_status="scheduled", review_id="rev"
    )
    found = held(underspend_reason=reason)
    assert "R130" in warned(taken, filed(found, "rev"))
    assert "R130" not in warned(taken, filed(held(), "rev"))
    assert "R130" not in warned(taken)


@pytest.mark.parametrize("known", [{"underspend_reason": "need-reduced"}, {"outcome": "no-change"}])
def test_r130_holds_for_other_reasons_and_outcomes(known: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"outcome": "recovery-proposed", "underspend_reason": "hospital-admission"}
    assert warned(held(**usual | known)) == set()


def test_r131_warns_of_an_overspend_with_the_same_tolerance() -> None:
    assert warned(held(), *money(NHS), spent(PLANNED + 50_000)) == {"R131"}
    assert warned(held(), *money(NHS), spent(PLANNED + 49_999)) == set()


def test_r131_holds_up_to_a_tenth_of_what_was_planned() -> None:
    case, budget, *rest = money(NHS)
    lines = tuple(replace(one, amount_pence=3_650_000) for one in budget.record.lines)
    standing = (case, filed(replace(budget.record, lines=lines), "budget"), *rest)
    assert warned(held(), *standing, spent(891_000)) == set()
    assert warned(held(), *standing, spent(891_001)) == {"R131"}


def test_r130_says_nothing_where_the_day_or_the_payers_are_not_known() -> None:
    assert "R130" not in warned(held(started_on=None, ended_on=None), *money(NHS))
    case, budget, _, payment = money(NHS)
    assert "R130" not in warned(held(), case, budget, payment)


# --- R132 -------------------------------------------------------------------------------------------


def goal(achievement: str = "not-achieved") -> Filed[Outcome]:
    record = made(Outcome, person_id="pat", kind="wellbeing", lifecycle="active", achievement=achievement)
    return filed(record, "swim")


def cut(subject: str = "reduction", *considered: Considered, **known: Any) -> Decision:
    usual: dict[str, Any] = {
        "status": "completed",
        "intent": "order",
        "decision_status": "decided",
        "outcome": "approved",
        "considered": considered or (made(Considered, about="Goal/swim"),),
    }
    return made(Decision, person_id="pat", decision_subject=subject, **usual | known)


@pytest.mark.parametrize("subject", ["reduction", "suspension", "stop"])
def test_r132_breaks_where_a_missed_outcome_is_the_only_reason(subject: str) -> None:
    assert "R132" in broken(cut(subject), goal())


def test_r132_breaks_where_the_stop_reason_says_no_more() -> None:
    assert "R132" in broken(cut("stop", stop_reason="needs-not-met"), goal())


@pytest.mark.parametrize(
    ("decision", "achievement"),
    [
        (cut("reduction", made(Considered, about="Goal/swim"), made(Considered, text="fewer hours")), "not-achieved"),
        (cut("reduction", made(Considered, about="Goal/swim", text="fewer hours")), "not-achieved"),
        (cut("reduction", made(Considered, about="Observation/needs")), "not-achieved"),
        (cut("stop", stop_reason="person-choice"), "not-achieved"),
        (cut("reduction"), "improving"),
        (cut("plan"), "not-achieved"),
        (cut("reduction", outcome="declined"), "not-achieved"),
    ],
)
def test_r132_holds_for_any_other_reason(decision: Decision, achievement: str) -> None:
    assert "R132" not in broken(decision, goal(achievement))


def test_r132_says_nothing_of_a_later_change_of_another_kind() -> None:
    before = cut()
    assert "R132" not in broken(cut(communicated_how="by letter"), goal(), previous=before)
