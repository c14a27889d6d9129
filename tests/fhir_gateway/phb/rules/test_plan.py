"""The nine criteria of a plan: R48 to R57. A draft is warned, a submitted plan refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed
from mappings.care_plan import SupportPlan
from tests.fhir_gateway.phb.shelf import broken, filed, warned
from tests.fhir_gateway.phb.whole_case import (
    SECTIONS,
    action,
    budget,
    capacity,
    line,
    phb_case,
    plan,
    risk,
    standing,
    words,
)
from tests.fhir_gateway.phb.whole_people import role, team

OTHER = "PractitionerRole/other"


def judged(record: SupportPlan, *around: Filed[Any]) -> tuple[set[str], set[str]]:
    """What refuses the plan when it is submitted, and what it is warned of as a draft."""
    everything = standing(*around)
    draft = plan(**{**{name: getattr(record, name) for name in record.__dataclass_fields__}, "plan_status": "draft"})
    assert broken(draft, *everything, id="plan") == set()
    return broken(record, *everything, id="plan"), warned(draft, *everything, id="plan")


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_r48_to_r57_hold_for_a_whole_plan(status: str) -> None:
    record = plan(plan_status=status)
    assert (broken(record, *standing(), id="plan"), warned(record, *standing(), id="plan")) == (set(), set())


BY_SECTION = {
    **dict.fromkeys(("who-i-am", "strengths-and-skills", "social-context"), "R48"),
    **dict.fromkeys(("working", "not-working"), "R50"),
    **dict.fromkeys(("important-to", "important-for"), "R51"),
    "contingency-plan": "R52",
    **dict.fromkeys(("monitoring", "signs-going-well", "signs-going-wrong"), "R57"),
}


@pytest.mark.parametrize(("section", "number"), BY_SECTION.items())
def test_the_plan_is_refused_without_a_section(section: str, number: str) -> None:
    others = words(*(one for one in SECTIONS if one != section))
    assert judged(plan(), others) == ({number}, {number})


@pytest.mark.parametrize("div", ["", "<div/>", "<div><p> &#160; </p></div>"])
def test_r51_breaks_when_a_section_has_no_words(div: str) -> None:
    assert judged(plan(), words(important_to=div)) == ({"R51"}, {"R51"})


def test_r50_breaks_when_what_works_is_not_said() -> None:
    assert judged(plan(), words(working="")) == ({"R50"}, {"R50"})


def test_r50_holds_when_both_are_said_and_r51_too() -> None:
    assert judged(plan()) == (set(), set())


def test_r51_holds_when_both_are_said() -> None:
    assert judged(plan(), words(important_to="<div>Swimming</div>")) == (set(), set())


def test_r57_breaks_when_nobody_would_notice_that_it_goes_wrong() -> None:
    assert judged(plan(), words(signs_going_wrong="")) == ({"R57"}, {"R57"})


def test_r57_holds_when_it_is_said_how_it_is_watched() -> None:
    assert judged(plan(), words(monitoring="<div>Every month, with receipts</div>")) == (set(), set())


def test_r48_breaks_when_the_plan_addresses_no_need() -> None:
    assert judged(plan(need_ids=())) == ({"R48"}, {"R48"})


def test_r48_breaks_when_the_words_are_entered_in_error() -> None:
    wrong = filed(words().record.__class__(**{**_fields(words().record), "status": "entered-in-error"}), "words")
    assert "R48" in judged(plan(), wrong)[0]


def _fields(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def test_r48_holds_when_the_person_is_described() -> None:
    assert judged(plan(), words(who_i_am="<div>I am a gardener</div>")) == (set(), set())


# --- R49 --------------------------------------------------------------------------------------------

SAFE = words(*SECTIONS, "safeguarding")


@pytest.mark.parametrize("known", [{"decision_path": " "}, {"speaks_for_person": None}])
def test_r49_breaks_when_capacity_is_lacking_and_nobody_knows_how_to_decide(known: dict[str, Any]) -> None:
    assert judged(plan(), SAFE, capacity(**known)) == ({"R49"}, {"R49"})


def test_r49_holds_when_path_and_speaker_are_known_or_capacity_is_there() -> None:
    assert judged(plan(), SAFE, capacity()) == (set(), set())
    assert judged(plan(), capacity(status="has-capacity", decision_path=None)) == (set(), set())


def test_r49_breaks_for_one_decision_though_capacity_for_another_is_there() -> None:
    later = capacity(decision="share-record", status="has-capacity", assessed_on=date(2025, 3, 1))
    assert judged(plan(), SAFE, capacity(decision_path=None), replace(later, id="later")) == ({"R49"}, {"R49"})


# --- R52 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known",
    [
        {"mitigation": None},
        {"contingency": ""},
        {"owner": None},
        {"significant": True, "residual": "not-acceptable"},
    ],
    ids=["mitigation", "contingency", "owner", "significant"],
)
def test_r52_breaks_when_a_risk_is_not_dealt_with(known: dict[str, Any]) -> None:
    assert judged(plan(), risk(**known)) == ({"R52"}, {"R52"})


def test_r52_breaks_without_a_health_contact() -> None:
    assert judged(plan(health_contact=None)) == ({"R52"}, {"R52"})


def test_r52_breaks_when_no_risk_is_named_and_none_is_said_to_be_there() -> None:
    unsafe = plan(supporting=("Claim/budget", "Composition/words"))
    assert judged(unsafe) == ({"R52"}, {"R52"})


def test_r52_holds_when_it_is_said_that_there_is_no_risk_or_each_is_dealt_with() -> None:
    assert judged(plan(supporting=("Claim/budget", "Composition/words"), risks_none_identified=True)) == (set(), set())
    assert judged(plan(), risk(significant=True, residual="acceptable-with-conditions")) == (set(), set())


# --- R53 to R56 -------------------------------------------------------------------------------------


def test_r53_breaks_without_an_outcome() -> None:
    assert judged(plan(outcome_ids=())) == ({"R53"}, {"R53"})


def test_r53_holds_with_an_outcome() -> None:
    assert judged(plan(outcome_ids=("goal",))) == (set(), set())


def test_r54_breaks_when_a_line_does_not_say_how_its_money_is_held() -> None:
    open_line = filed(budget(line(management_option=None)), "budget")
    assert judged(plan(), open_line) == ({"R54"}, {"R54"})


def test_r54_breaks_when_the_plan_has_no_budget() -> None:
    record = plan(outcome_ids=(), need_ids=(), supporting=("Composition/words", "RiskAssessment/risk"))
    assert "R54" in broken(record, *standing(without=("budget",)), id="plan")


def test_r54_holds_when_the_budget_points_to_the_plan() -> None:
    pointed_at = plan(supporting=("Composition/words", "RiskAssessment/risk"))
    assert judged(pointed_at) == (set(), set())


@pytest.mark.parametrize(
    "actions", [(), (action(performers=()),), (action(by_when=None),)], ids=["no action", "nobody", "no day"]
)
def test_r55_breaks_without_an_action_by_somebody_on_a_day(actions: Any) -> None:
    assert judged(plan(actions=actions)) == ({"R55"}, {"R55"})


def test_r55_holds_when_each_action_has_both() -> None:
    assert judged(plan(actions=(action(), action(by_when=date(2025, 9, 1))))) == (set(), set())


def test_r56_breaks_when_the_plan_names_no_coordinator() -> None:
    assert judged(plan(care_team_ids=())) == ({"R56"}, {"R56"})


def test_r56_breaks_when_it_is_not_the_coordinator_of_the_case() -> None:
    moved = filed(phb_case(care_coordinator=OTHER), "case")
    assert judged(plan(), moved, role("other", practitioner="else")) == ({"R56"}, {"R56"})


def test_r56_holds_for_the_same_worker_in_another_role() -> None:
    moved = filed(phb_case(care_coordinator=OTHER), "case")
    assert judged(plan(), moved, role("other", practitioner="mira-m")) == (set(), set())
    assert judged(plan(case_number=None), team((OTHER, "icb"), ("PractitionerRole/mira", "council"))) == (set(), set())


# --- when -------------------------------------------------------------------------------------------

HOLLOW = plan(plan_status="agreed", actions=(), health_contact=None)


def test_a_plan_brought_in_as_agreed_is_held_against_the_criteria() -> None:
    assert broken(HOLLOW, *standing(), id="plan") >= {"R52", "R55"}


def test_a_plan_agreed_before_is_not_asked_again() -> None:
    linked = plan(plan_status="agreed", actions=(), health_contact=None, reviews=("Task/review",))
    assert broken(linked, *standing(), id="plan", previous=HOLLOW) == set()


@pytest.mark.parametrize(
    "known", [{"plan_status": "superseded"}, {"plan_status": "ended"}, {"status": "entered-in-error"}]
)
def test_a_plan_that_is_over_or_in_error_is_taken_as_it_is(known: dict[str, Any]) -> None:
    record = plan(actions=(), need_ids=(), outcome_ids=(), **known)
    assert (broken(record, *standing(), id="plan"), warned(record, *standing(), id="plan")) == (set(), set())
