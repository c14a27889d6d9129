"""Group A, on eligibility: each rule is broken alone, and kept."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from mappings import episode_of_care
from mappings.budget import IndicativeBudget
from mappings.claim_parts import ClaimCoverage
from mappings.condition import Need
from mappings.lens.errors import Unprocessable
from mappings.patient import Person
from mappings.review import Review
from mappings.terminology import ELIGIBILITY_GROUP
from tests.fhir_gateway.phb.people_paid import (
    ADULT_BORN,
    CHILD_BORN,
    breaks,
    budget,
    decision,
    flags,
    icb,
    person,
    share,
    the_case,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed

NHS_SHARE = filed(share("nhs-other", "icb"), "nhs")


# --- R6 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "opened_on"),
    [("adult-nhs-chc", date(2030, 5, 3)), ("child-continuing-care", date(2030, 5, 4))],
)
def test_r6_breaks_when_the_age_is_another_when_it_begins(group: str, opened_on: date) -> None:
    child = person(birth_date=CHILD_BORN)
    assert breaks(the_case(group=group, opened_on=opened_on, responsible_body=None), child) == {"R6"}


@pytest.mark.parametrize(
    ("group", "opened_on"),
    [("adult-nhs-chc", date(2030, 5, 4)), ("child-continuing-care", date(2030, 5, 3))],
)
def test_r6_holds_on_the_last_day_and_on_the_birthday(group: str, opened_on: date) -> None:
    assert breaks(the_case(group=group, opened_on=opened_on), person(birth_date=CHILD_BORN)) == set()


def test_r6_holds_while_age_or_day_is_unknown() -> None:
    assert breaks(the_case(group="adult-nhs-chc")) == set()
    assert breaks(the_case(group="adult-nhs-chc"), person(birth_date=None)) == set()
    assert breaks(the_case(group="adult-nhs-chc", opened_on=None), person(birth_date=CHILD_BORN)) == set()


def test_r6_breaks_for_a_birth_date_put_right_that_makes_an_adult_a_child() -> None:
    before, case = made(Person, birth_date=ADULT_BORN), filed(the_case(group="adult-nhs-chc"), "case")
    assert breaks(replace(before, birth_date=CHILD_BORN), case, id=PERSON, previous=before) == {"R6"}
    assert breaks(replace(before, birth_date=date(1981, 1, 1)), case, id=PERSON, previous=before) == set()
    undated = filed(the_case(group="adult-nhs-chc", opened_on=None), "case")
    assert breaks(replace(before, birth_date=CHILD_BORN), undated, id=PERSON, previous=before) == set()


# --- R7 ---------------------------------------------------------------------------------------------

GROWN = date(2030, 5, 4)


def review(**known: Any) -> Review:
    usual: dict[str, Any] = {"person_id": PERSON, "status": "requested", "intent": "plan", "review_kind": "transition"}
    return made(Review, **{"review_status": "scheduled", "respond_by": date(2029, 5, 1)} | usual | known)


def child_case(**known: Any) -> Any:
    return the_case(**{"group": "child-continuing-care", "closed_on": date(2030, 6, 1)} | known)


def test_r7_warns_of_a_childs_case_beyond_the_18th_birthday_without_a_transition_review() -> None:
    assert flags(child_case(), person(birth_date=CHILD_BORN)) == {"R7"}


@pytest.mark.parametrize(
    "known",
    [{"respond_by": GROWN}, {"review_status": "cancelled"}, {"review_kind": "annual"}, {"respond_by": None}],
)
def test_r7_warns_of_a_review_that_does_not_count(known: dict[str, Any]) -> None:
    assert flags(child_case(), person(birth_date=CHILD_BORN), filed(review(**known), "review")) == {"R7"}


def test_r7_holds_with_a_transition_review_before_the_birthday_or_an_end_before_it() -> None:
    child = person(birth_date=CHILD_BORN)
    assert flags(child_case(), child, filed(review(), "review")) == set()
    assert flags(child_case(closed_on=date(2030, 5, 3)), child) == set()
    assert flags(child_case(), person(birth_date=None)) == set()


@pytest.mark.parametrize(("today", "warned_of"), [(date(2026, 5, 3), set()), (date(2026, 5, 4), {"R7"})])
def test_r7_warns_of_an_open_end_once_the_child_is_fourteen(today: date, warned_of: set[str]) -> None:
    assert flags(child_case(closed_on=None), person(birth_date=CHILD_BORN), today=today) == warned_of


@pytest.mark.parametrize("end", [date(2030, 5, 3), GROWN])
def test_r7_warns_of_a_childs_budget_beyond_the_birthday(end: date) -> None:
    paid = (made(ClaimCoverage, sequence=1, focal=True, coverage_id="child"),)
    record = budget(insurance=paid, end=end, lines=(), budget_status="draft")
    standing = (person(birth_date=CHILD_BORN), filed(share("nhs-child-continuing-care", "icb"), "child"))
    assert flags(record, *standing) == ({"R7"} if end >= GROWN else set())
    assert flags(record, person(birth_date=CHILD_BORN), filed(share("nhs-other", "icb"), "child")) == set()
    assert flags(replace(record, budget_status="closed"), *standing) == set()


def test_r7_warns_of_an_indicative_budget_too() -> None:
    paid = (made(ClaimCoverage, sequence=1, focal=True, coverage_id="child"),)
    record = made(
        IndicativeBudget, person_id=PERSON, status="active", budget_status="shared", end=GROWN, insurance=paid
    )
    standing = (person(birth_date=CHILD_BORN), filed(share("nhs-child-continuing-care", "icb"), "child"))
    assert flags(record, *standing) == {"R7"}
    assert flags(replace(record, end=None), *standing) == set()


# --- R8 ---------------------------------------------------------------------------------------------


def test_r8_breaks_for_aftercare_without_its_section() -> None:
    assert breaks(the_case(group="section-117-aftercare")) == {"R8"}


def test_r8_warns_while_the_case_is_an_enquiry() -> None:
    enquiry = the_case(group="section-117-aftercare", state="enquiry", status="planned")
    assert (breaks(enquiry), flags(enquiry)) == (set(), {"R8"})


@pytest.mark.parametrize("section", ["s3", "s37", "s45a", "s47", "s48"])
def test_r8_holds_with_a_section(section: str) -> None:
    assert breaks(the_case(group="section-117-aftercare", mha_section=section)) == set()


def test_r8_breaks_for_a_section_outside_the_list() -> None:
    tree = episode_of_care.MAPPING.to_fhir(the_case(mha_section="s3"), {"resourceType": "EpisodeOfCare"})
    coding = next(one["coding"][0] for one in tree["type"] if one["coding"][0]["code"] == "s3")
    coding["code"] = "s2"
    with pytest.raises(Unprocessable):
        episode_of_care.TYPE.derive(tree)


# --- R9 ---------------------------------------------------------------------------------------------


def refusal(**known: Any) -> Any:
    usual: dict[str, Any] = {"alternatives": "A service we buy", "appeal_route": "Write to us within six months"}
    return decision("offer-phb", **{"outcome": "declined"} | usual | known)


@pytest.mark.parametrize("missing", ["rationale", "alternatives", "appeal_route"])
@pytest.mark.parametrize("value", [None, "  "])
def test_r9_breaks_for_a_refusal_of_a_right_that_lacks_something(missing: str, value: str | None) -> None:
    case = filed(the_case(group="nhs-wheelchair"), "case")
    assert breaks(refusal(**{missing: value}), case) == {"R9"}


def test_r9_holds_for_a_refusal_that_says_it_all_and_where_there_is_no_right() -> None:
    assert breaks(refusal(), filed(the_case(group="nhs-wheelchair"), "case")) == set()
    assert breaks(refusal(rationale=None), filed(the_case(group="mental-health"), "case")) == set()


def test_r9_holds_for_the_case_the_decision_is_about() -> None:
    two = filed(the_case(group="nhs-wheelchair"), "one"), filed(the_case(group="mental-health"), "two")
    assert breaks(refusal(rationale=None, about="EpisodeOfCare/two"), *two) == set()
    assert breaks(refusal(rationale=None, about="EpisodeOfCare/one"), *two) == {"R9"}


# --- R10 --------------------------------------------------------------------------------------------


NEED = made(Need, person_id=PERSON, need_type="health", health_concern=True, description="I fall when I am dizzy.")


@pytest.mark.parametrize("group", ELIGIBILITY_GROUP)
def test_r10_accepts_eligibility_without_a_diagnosis(group: str) -> None:
    case = the_case(group=group, mha_section="s3" if group == "section-117-aftercare" else None)
    assert breaks(case, icb(), NHS_SHARE) == set()


def test_r10_accepts_a_need_in_the_persons_own_words() -> None:
    assert broken(NEED) == set()
