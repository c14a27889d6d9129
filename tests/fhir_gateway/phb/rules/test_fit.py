"""Needs, outcomes and lines fit together: R41 to R46."""

from datetime import date
from typing import Any

import pytest

from mappings.budget import BudgetProvider, SplitWeight
from mappings.care_plan import OutsideService
from mappings.claim_parts import ClaimCoverage
from tests.fhir_gateway.phb.shelf import broken, filed, warned
from tests.fhir_gateway.phb.whole_case import SECTIONS, action, budget, line, need, outcome, plan, standing, words
from tests.fhir_gateway.phb.whole_people import body, person, provider, share

# --- R41 --------------------------------------------------------------------------------------------


def test_r41_holds_when_a_line_meets_the_need() -> None:
    assert broken(plan(), *standing(), id="plan") == set()


def test_r41_breaks_when_a_need_does_not_say_what_meets_it() -> None:
    assert broken(plan(), *standing(need(met_by=None)), id="plan") == {"R41"}


def test_r41_breaks_when_no_line_is_for_a_need_the_budget_is_to_meet() -> None:
    unlinked = filed(budget(line(need_sequences=())), "budget")
    assert broken(plan(), *standing(unlinked), id="plan") == {"R41"}


@pytest.mark.parametrize("met_by", ["commissioned-service", "universal-service", "unpaid-care", "not-met"])
def test_r41_breaks_when_another_service_is_neither_named_nor_explained(met_by: str) -> None:
    assert broken(plan(), *standing(need(met_by=met_by)), id="plan") == {"R41"}
    blank = plan(services_outside=(OutsideService(need_id="need", service=" "),))
    assert broken(blank, *standing(need(met_by=met_by)), id="plan") == {"R41"}


def test_r41_holds_when_another_service_is_named_or_explained() -> None:
    elsewhere = standing(need(met_by="commissioned-service"))
    named = plan(services_outside=(OutsideService(need_id="need", service="District nurse"),))
    assert broken(named, *elsewhere, id="plan") == set()
    explained = words(*SECTIONS, "services-outside-phb")
    assert broken(plan(), *standing(need(met_by="not-met"), explained), id="plan") == set()


def test_r41_warns_while_the_plan_is_a_draft() -> None:
    draft, around = plan(plan_status="draft"), standing(need(met_by=None), without=("budget",))
    assert "R41" in warned(draft, *around, id="plan")
    assert broken(draft, *around, id="plan") == set()


def test_r41_holds_for_an_agreed_plan_that_only_gets_a_link() -> None:
    agreed = plan(plan_status="agreed")
    linked = plan(plan_status="agreed", reviews=("Task/review",))
    assert broken(linked, *standing(need(met_by=None)), id="plan", previous=agreed) == set()


# --- R42, R43 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["need_sequences", "goal_sequences"])
@pytest.mark.parametrize("sequences", [(), (2,)], ids=["none", "one that is not there"])
def test_r42_breaks_when_a_line_has_no_need_or_no_outcome(field: str, sequences: tuple[int, ...]) -> None:
    alone = line(**{field: sequences})
    assert broken(budget(alone), *standing(), id="budget") == {"R42"}
    draft = budget(alone, budget_status="draft")
    assert (broken(draft, *standing(), id="budget"), warned(draft, *standing(), id="budget")) == (set(), {"R42"})


@pytest.mark.parametrize(
    "category",
    ["contingency", "start-up", "managed-account-fee", "third-party-fee", "employer-pension", "payroll-service"],
)
def test_r42_holds_for_lines_that_may_stand_alone(category: str) -> None:
    flags = ("contingency",) if category == "contingency" else ()
    alone = line(line_no=2, category=category, need_sequences=(), goal_sequences=(), flags=flags)
    assert broken(budget(line(), alone), *standing(), id="budget") == set()


def test_r42_holds_when_an_old_budget_only_changes_its_links() -> None:
    agreed = budget(line(need_sequences=()), budget_status="active")
    linked = budget(line(need_sequences=()), budget_status="active", account="account")
    assert "R42" not in broken(linked, *standing(), id="budget", previous=agreed)


def test_r43_breaks_when_nothing_works_towards_an_active_outcome() -> None:
    idle = plan(actions=(action(outcome_ids=()),))
    unlinked = filed(budget(line(goal_sequences=())), "budget")
    assert broken(idle, *standing(unlinked), id="plan") == {"R43"}


def test_r43_holds_when_a_line_or_an_action_does_or_the_outcome_is_not_active() -> None:
    idle = plan(actions=(action(outcome_ids=()),))
    unlinked = filed(budget(line(goal_sequences=())), "budget")
    assert broken(idle, *standing(), id="plan") == set()
    assert broken(plan(), *standing(unlinked), id="plan") == set()
    reached = filed(outcome(lifecycle="completed"), "goal")
    assert broken(idle, *standing(unlinked, reached), id="plan") == set()


# --- R44 --------------------------------------------------------------------------------------------

EHC = person(ehc_reference="EHC-1", ehc_start=date(2024, 9, 1), ehc_end=date(2026, 8, 31))
LEARNING = filed(outcome(kind="learning"), "goal")
ENDED = person(ehc_reference="EHC-1", ehc_end=date(2025, 6, 30))


@pytest.mark.parametrize("who", [person(), ENDED], ids=["none", "ended the day before"])
def test_r44_breaks_when_a_learning_outcome_has_no_education_plan(who: Any) -> None:
    assert broken(outcome(kind="learning"), *standing(who), id="goal") == {"R44"}
    assert broken(plan(), *standing(who, LEARNING), id="plan") == {"R44"}


def test_r44_holds_for_a_learning_outcome_with_an_education_plan() -> None:
    assert broken(outcome(kind="learning"), *standing(EHC), id="goal") == set()
    assert broken(plan(), *standing(EHC, LEARNING), id="plan") == set()
    assert broken(outcome(kind="learning", start=None), *standing(ENDED), id="goal") == set()


def test_r44_holds_for_an_outcome_that_is_only_proposed_or_whose_person_is_not_known() -> None:
    assert broken(outcome(kind="learning", lifecycle="proposed"), *standing(), id="goal") == set()
    assert broken(outcome(kind="learning"), *standing(without=("pat",)), id="goal") == set()


def educated(**known: Any) -> Any:
    """A budget in which the education service shares in the only line."""
    both = (
        ClaimCoverage(sequence=1, focal=True, coverage_id="nhs", preauth_refs=(), answer_id=None),
        ClaimCoverage(sequence=2, focal=False, coverage_id="school", preauth_refs=(), answer_id=None),
    )
    return budget(line(**known), insurance=both)


SCHOOL = (share("school", "education-high-needs", "school", order=2), body("school", "education"))
HALF = tuple(SplitWeight(insurance_sequence=at, bps=5_000, amount_pence=None, minutes=None) for at in (1, 2))
SHARED = {"need_type": "joint", "split_method": "percentage", "weights": HALF}


@pytest.mark.parametrize("known", [{"need_type": "education"}, SHARED], ids=["line", "share"])
def test_r44_breaks_when_education_money_has_no_education_plan(known: dict[str, Any]) -> None:
    assert broken(educated(**known), *standing(*SCHOOL), id="budget") == {"R44"}


@pytest.mark.parametrize("known", [{"need_type": "education"}, SHARED], ids=["line", "share"])
def test_r44_holds_for_education_money_with_an_education_plan(known: dict[str, Any]) -> None:
    assert broken(educated(**known), *standing(EHC, *SCHOOL), id="budget") == set()


def test_r44_breaks_when_the_line_begins_after_the_education_plan() -> None:
    late = educated(need_type="education", start=date(2026, 9, 1), end=date(2026, 9, 30))
    assert "R44" in broken(late, *standing(EHC, *SCHOOL), id="budget")


# --- R45, R46 ---------------------------------------------------------------------------------------


def cared_for(**known: Any) -> Any:
    return budget(line(category="agency-care", regulated_activity=True, provider_sequences=(1,)), **known)


@pytest.mark.parametrize("status", ["not-registered", "unknown", "not-required", None])
def test_r45_breaks_when_the_organisation_is_not_registered(status: str | None) -> None:
    around = standing(provider(cqc_status=status))
    assert broken(cared_for(), *around, id="budget") == {"R45"}
    draft = cared_for(budget_status="draft")
    assert (broken(draft, *around, id="budget"), warned(draft, *around, id="budget")) == (set(), {"R45"})


def test_r45_breaks_when_the_organisation_is_not_known() -> None:
    assert broken(cared_for(), *standing(without=("agency",)), id="budget") == {"R45"}


def test_r45_holds_for_a_registered_organisation_and_for_an_assistant_of_an_individual() -> None:
    assert broken(cared_for(), *standing(), id="budget") == set()
    alone = provider(provider_kind="personal-assistant", cqc_status="not-required")
    assert broken(cared_for(), *standing(alone), id="budget") == set()
    employed = cared_for(providers=(BudgetProvider(sequence=1, provider="Practitioner/rosa"),))
    assert broken(employed, *standing(), id="budget") == set()


@pytest.mark.parametrize("status", ["not-registered", "not-required", "unknown", None])
@pytest.mark.parametrize("known", [{"regulated_activity": False}, {"regulated_activity": None}])
def test_r46_accepts_an_unregistered_provider_of_what_is_no_regulated_activity(
    status: str | None, known: dict[str, Any]
) -> None:
    swims = budget(line(**known, provider_sequences=(1,)))
    assert broken(swims, *standing(provider(cqc_status=status)), id="budget") == set()
