"""One step after the other: R30 to R38 and R40."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings.account import PaymentArrangement
from mappings.assessment import NeedsAssessment
from mappings.episode_of_care import OptionExplained
from mappings.related_person import Party
from mappings.terminology import MANAGEMENT_OPTION
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, warned
from tests.fhir_gateway.phb.whole_case import assessment, budget, estimate, phb_case, plan, standing
from tests.fhir_gateway.phb.whole_people import person

# --- R30, R31 ---------------------------------------------------------------------------------------


def test_r30_holds_when_an_approved_assessment_came_first() -> None:
    assert broken(estimate(), *standing(), id="estimate") == set()
    assert broken(estimate(assessment_id=None), *standing(), id="estimate") == set()


@pytest.mark.parametrize(
    "known",
    [
        {"approved_on": None},
        {"approved_on": date(2025, 3, 11)},
        {"assessed_on": date(2025, 3, 11)},
        {"observation_status": "cancelled"},
    ],
    ids=["unapproved", "approved later", "made later", "cancelled"],
)
def test_r30_breaks_when_no_assessment_is_approved_by_then(known: dict[str, Any]) -> None:
    assert broken(estimate(), *standing(assessment(**known)), id="estimate") == {"R30"}
    assert broken(estimate(assessment_id=None), *standing(assessment(**known)), id="estimate") == {"R30"}


def test_r30_breaks_when_the_assessment_it_names_is_not_known() -> None:
    assert broken(estimate(assessment_id="other"), *standing(), id="estimate") == {"R30"}


def test_r30_holds_for_a_draft_and_for_a_later_change_of_something_else() -> None:
    bare = standing(without=("assessment",))
    assert broken(estimate(budget_status="draft"), *bare, id="estimate") == set()
    changed = estimate(review_route="Ring us")
    assert broken(changed, *bare, id="estimate", previous=estimate()) == set()


def test_r30_holds_for_a_one_off_that_names_its_outcome() -> None:
    bare = standing(without=("assessment",))
    assert broken(estimate(budget_kind="one-off", assessment_id=None), *bare, id="estimate") == set()


def test_r30_breaks_for_a_one_off_without_an_outcome() -> None:
    assert broken(estimate(budget_kind="one-off", goals=()), *standing(), id="estimate") == {"R30"}


@pytest.mark.parametrize("field", ["method_explanation", "review_route"])
@pytest.mark.parametrize("text", [None, "", "  "])
def test_r31_breaks_when_method_or_route_is_not_in_words(field: str, text: str | None) -> None:
    assert broken(estimate(**{field: text}), *standing(), id="estimate") == {"R31"}
    draft = estimate(**{field: text}, budget_status="draft")
    assert (broken(draft, *standing(), id="estimate"), warned(draft, *standing(), id="estimate")) == (set(), {"R31"})


def test_r31_holds_when_both_are_said() -> None:
    assert warned(estimate(budget_status="draft"), *standing(), id="estimate") == set()


# --- R32, R33, R40 ----------------------------------------------------------------------------------


def test_r32_holds_when_the_estimate_was_shown_and_explained() -> None:
    assert broken(phb_case(), *standing(), id="case") == set()


@pytest.mark.parametrize(
    "known", [{"shared_with_person_on": None}, {"may_change_explained": False}, {"budget_status": "draft"}]
)
def test_r32_breaks_when_the_estimate_was_not_shown_or_not_explained(known: dict[str, Any]) -> None:
    shown = filed(estimate(**known), "estimate")
    assert broken(phb_case(), *standing(shown), id="case") == {"R32"}


def test_r32_breaks_when_there_is_no_estimate() -> None:
    assert broken(phb_case(), *standing(without=("estimate",)), id="case") == {"R32"}


def test_r32_holds_for_a_case_that_is_planned_already() -> None:
    moved = phb_case(group="mental-health")
    assert broken(moved, *standing(without=("estimate",)), id="case", previous=phb_case()) == set()


def test_r33_warns_of_a_one_off_without_a_sum() -> None:
    one_off = phb_case(budget_kind="one-off")
    bare = standing(without=("estimate",))
    assert (broken(one_off, *bare, id="case"), warned(one_off, *bare, id="case")) == (set(), {"R33"})


def test_r33_holds_for_a_one_off_whose_sum_was_shared() -> None:
    assert warned(phb_case(budget_kind="one-off"), *standing(), id="case") == set()


ASSESSING = phb_case(state="assessing")
SETTING = phb_case(state="budget-setting")


def test_r40_warns_when_nobody_asked_the_carer() -> None:
    cared_for = standing(person(receives_unpaid_care=True))
    assert warned(SETTING, *cared_for, id="case", previous=ASSESSING) == {"R40"}


def test_r40_holds_when_the_carer_was_asked_or_there_is_none() -> None:
    cared_for = person(receives_unpaid_care=True)
    offered = assessment(carer_assessment_offered_on=date(2025, 3, 1))
    held = made(NeedsAssessment, person_id=PERSON, observation_status="final", assessment_kind="carer-assessment")
    assert warned(SETTING, *standing(cared_for, offered), id="case", previous=ASSESSING) == set()
    assert warned(SETTING, *standing(cared_for, filed(held, "carer")), id="case", previous=ASSESSING) == set()
    assert warned(SETTING, *standing(), id="case", previous=ASSESSING) == set()


def test_r40_holds_while_needs_are_still_assessed() -> None:
    cared_for = standing(person(receives_unpaid_care=True))
    assert warned(ASSESSING, *cared_for, id="case", previous=phb_case(state="enquiry")) == set()


# --- R34, R35 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["submitted", "agreed", "active", "superseded", "ended"])
def test_r34_holds_when_the_plan_is_submitted_or_further(status: str) -> None:
    assert broken(budget(), *standing(filed(plan(plan_status=status), "plan")), id="budget") == set()


def test_r34_breaks_when_the_plan_is_a_draft_or_not_known() -> None:
    drafted = filed(plan(plan_status="draft"), "plan")
    assert broken(budget(), *standing(drafted), id="budget") == {"R34"}
    assert broken(budget(plan_id=None), *standing(), id="budget") == {"R34"}
    assert broken(budget(plan_id="other"), *standing(), id="budget") == {"R34"}


@pytest.mark.parametrize("created", [date(2025, 4, 1), date(2025, 4, 2)])
def test_r34_breaks_when_the_estimate_is_not_earlier(created: date) -> None:
    late = filed(estimate(created=created), "estimate")
    assert broken(budget(), *standing(late), id="budget") == {"R34"}


def test_r34_breaks_when_an_ongoing_budget_follows_no_estimate() -> None:
    assert broken(budget(indicative_id=None), *standing(), id="budget") == {"R34"}
    assert broken(budget(indicative_id="other"), *standing(), id="budget") == {"R34"}


def test_r34_holds_for_a_one_off_without_an_estimate_and_for_a_draft() -> None:
    assert broken(budget(budget_kind="one-off", indicative_id=None), *standing(), id="budget") == set()
    assert broken(budget(budget_status="draft", plan_id=None), *standing(), id="budget") == set()


def test_r35_warns_of_a_difference_without_a_reason() -> None:
    cheaper = filed(estimate(total_pence=119_999), "estimate")
    assert warned(budget(), *standing(cheaper), id="budget") == {"R35"}
    assert warned(budget(difference_reason=" "), *standing(cheaper), id="budget") == {"R35"}


def test_r35_holds_with_a_reason_or_without_a_difference() -> None:
    cheaper = filed(estimate(total_pence=119_999), "estimate")
    assert warned(budget(difference_reason="Prices rose"), *standing(cheaper), id="budget") == set()
    assert warned(budget(), *standing(), id="budget") == set()
    assert warned(budget(), *standing(filed(estimate(total_pence=None), "estimate")), id="budget") == set()


# --- R36 to R38 -------------------------------------------------------------------------------------


def explained(**days: date | None) -> Any:
    """The case in which each option was explained on its day, none on the ones left out."""
    given = {one: date(2025, 2, 3) for one in MANAGEMENT_OPTION} | {
        one.replace("_", "-"): day for one, day in days.items()
    }
    told = (made(OptionExplained, option=one, on=day) for one, day in given.items() if day is not None)
    return phb_case(options_explained=tuple(told))


def test_r36_holds_when_all_three_were_explained_by_the_day_of_the_choice() -> None:
    assert broken(explained(notional=date(2025, 2, 10)), *standing(), id="case") == set()
    assert broken(phb_case(options_explained=(), option_chosen_on=None, option_chosen_by=None), *standing()) == set()


@pytest.mark.parametrize("option", list(MANAGEMENT_OPTION))
@pytest.mark.parametrize("day", [None, date(2025, 2, 11)], ids=["never", "later"])
def test_r36_breaks_when_one_was_not_explained_by_then(option: str, day: date | None) -> None:
    assert broken(explained(**{option.replace("-", "_"): day}), *standing(), id="case") == {"R36"}


def test_r36_breaks_when_the_day_of_the_choice_is_not_known() -> None:
    assert broken(phb_case(option_chosen_on=None), *standing(), id="case") == {"R36"}


@pytest.mark.parametrize(
    "known", [{"option_free_choice": False}, {"option_chosen_by": None}, {"option_chosen_by": "RelatedPerson/friend"}]
)
def test_r37_warns_when_somebody_else_chose_or_it_was_not_free(known: dict[str, Any]) -> None:
    friend = filed(made(Party, person_id=PERSON, roles=("friend",)), "friend")
    assert warned(phb_case(**known), *standing(friend), id="case") == {"R37"}
    assert broken(phb_case(**known), *standing(friend), id="case") == set()


def test_r37_holds_when_a_representative_chose() -> None:
    deputy = filed(made(Party, person_id=PERSON, roles=("deputy",)), "deputy")
    chosen = phb_case(option_chosen_by="RelatedPerson/deputy")
    assert warned(chosen, *standing(deputy), id="case") == set()


def notional(choice: str | None) -> PaymentArrangement:
    known = {"management_option": "notional", "choice_offered": choice, "person_checks_invoices": True}
    return made(PaymentArrangement, person_id=PERSON, status="active", **known)


@pytest.mark.parametrize("choice", [None, "", " "])
def test_r38_warns_of_notional_money_without_a_choice(choice: str | None) -> None:
    assert warned(notional(choice), *standing()) == {"R38"}


def test_r38_holds_when_there_was_something_to_choose() -> None:
    assert warned(notional("Which of two pools"), *standing()) == set()
