"""What follows when plan and budget are put to the funders: T7 to T10."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Filed, Written
from fhir_gateway.phb.effects.agreement import (
    a_refused_budget_is_declined,
    a_returned_plan_is_a_draft_again,
    everybody_has_approved,
    funders_are_asked,
    the_case_is_organised,
)
from fhir_gateway.phb.effects.effect import Consequence
from fhir_gateway.phb.records import made
from mappings.budget import AgreedBudget, SplitWeight
from mappings.care_plan import SupportPlan
from mappings.claim_parts import ClaimCoverage
from mappings.claim_response import FunderAnswer
from mappings.decision import Decision
from mappings.episode_of_care import PhbCase
from mappings.review import Review
from tests.fhir_gateway.phb.moves import at
from tests.fhir_gateway.phb.shelf import TODAY, case_file, filed
from tests.fhir_gateway.phb.whole_case import budget, decision, line, plan, standing
from tests.fhir_gateway.phb.whole_people import COORDINATOR, body, role, share, team

WAITING = filed(at("awaiting-decision"), "case")


def follows(effect: Any, changed: Filed[Any], *around: Filed[Any], previous: Any = None, **known: Any) -> Any:
    """What the effect yields for a record that stands among the whole case."""
    case = case_file(*standing(*around, changed, **known))
    return tuple(effect(Written(changed.type, changed.id, 2, changed.record, previous), case))


def records(found: tuple[Consequence, ...], kind: type[Any]) -> list[Any]:
    return [one.record for one in found if isinstance(one.record, kind)]


# --- T7 ---------------------------------------------------------------------------------------------

COUNCIL = (
    body("council", "local-authority"),
    share("council", "la-adult-social-care", "council", order=2),
    role("council-decider", roles=("decision-maker",), organisation="council"),
    team((COORDINATOR, "icb"), (COORDINATOR, "council")),
)
INSURANCE = tuple(
    made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=one) for at, one in enumerate(("nhs", "council"), 1)
)
WEIGHTS = tuple(made(SplitWeight, insurance_sequence=at, bps=bps) for at, bps in ((1, 5_750), (2, 4_250)))
JOINT = line(need_type="joint", split_method="percentage", weights=WEIGHTS)
FOR_TWO = (*COUNCIL, filed(budget(JOINT, insurance=INSURANCE), "budget"))
COUNCIL_SAYS_YES = filed(decision(owner="PractitionerRole/council-decider"), "council-approval")


def test_every_funder_that_was_not_asked_is_asked_when_the_case_waits() -> None:
    found = follows(funders_are_asked, WAITING, *FOR_TWO, previous=at("planning"), without=("approval",))
    assert [one.owner for one in records(found, Decision)] == ["Organization/icb", "Organization/council"]
    assert {one.about for one in records(found, Decision)} == {"Claim/budget"}
    assert all(one.respond_by > TODAY for one in records(found, Decision))
    assert {one.rule for one in found} == {"T7"}


def test_a_funder_that_was_asked_already_is_not_asked_again() -> None:
    found = follows(funders_are_asked, WAITING, *FOR_TWO, previous=at("planning"))
    assert [one.owner for one in records(found, Decision)] == ["Organization/council"]
    assert follows(funders_are_asked, WAITING, *FOR_TWO, COUNCIL_SAYS_YES, previous=at("planning")) == ()


def test_nobody_is_asked_when_a_waiting_case_is_written_again_or_another_state_comes() -> None:
    assert follows(funders_are_asked, WAITING, without=("approval",), previous=at("awaiting-decision")) == ()
    assert follows(funders_are_asked, filed(at("planning"), "case"), without=("approval",)) == ()


# --- T8 and T10 -------------------------------------------------------------------------------------


def refused(outcome: str) -> Filed[Decision]:
    return filed(decision(outcome=outcome, alternatives="A smaller package"), "approval")


def test_a_plan_that_is_returned_is_a_draft_again() -> None:
    back = filed(at("planning"), "case")
    (found,) = follows(a_returned_plan_is_a_draft_again, back, refused("declined"), previous=at("awaiting-decision"))
    assert (found.id, found.record.plan_status, found.record.status) == ("plan", "draft", "draft")
    assert replace(found.record, plan_status="submitted") == plan()
    assert follows(a_returned_plan_is_a_draft_again, back, previous=at("budget-setting")) == ()


@pytest.mark.parametrize(("outcome", "declined"), [("declined", 1), ("approved-in-part", 1), ("deferred", 0)])
def test_a_budget_is_declined_unless_the_decision_is_only_put_off(outcome: str, declined: int) -> None:
    back = filed(at("planning"), "case")
    found = follows(a_refused_budget_is_declined, back, refused(outcome), previous=at("awaiting-decision"))
    assert [one.budget_status for one in records(found, AgreedBudget)] == ["declined"] * declined


def test_a_budget_is_declined_with_its_case() -> None:
    off = filed(at("not-proceeding", close_reason="declined"), "case")
    (found,) = follows(a_refused_budget_is_declined, off, refused("declined"), previous=at("awaiting-decision"))
    assert (found.record.budget_status, found.rule) == ("declined", "T10")
    assert follows(a_refused_budget_is_declined, off, previous=at("planning")) == ()


# --- T9: agreed -------------------------------------------------------------------------------------


def approved(*around: Filed[Any], **known: Any) -> tuple[Consequence, ...]:
    """What follows from the ICB's approval."""
    last: Filed[Any] = filed(decision(), "approval")
    return follows(everybody_has_approved, last, WAITING, *around, **known)  # type: ignore[no-any-return]


def test_with_the_only_funders_approval_plan_and_budget_are_agreed_and_its_answer_says_so() -> None:
    found = approved()
    (answer,), (agreed,), (signed,) = (records(found, one) for one in (FunderAnswer, AgreedBudget, SupportPlan))
    assert (answer.funder_id, answer.total_pence, answer.decision_id) == ("icb", 120_000, "approval")
    assert (agreed.budget_status, signed.plan_status) == ("agreed", "agreed")
    assert agreed.insurance[0].preauth_refs == ("B-1/1/icb",)
    assert replace(agreed, budget_status="submitted", insurance=budget().insurance) == budget()
    assert {one.rule for one in found} == {"T9"}


def test_the_answer_that_waited_is_the_one_that_says_so_and_is_linked() -> None:
    queued = made(
        FunderAnswer,
        person_id="pat",
        status="active",
        claim_type="phb-budget",
        use="preauthorization",
        created=date(2025, 5, 1),
        funder_id="icb",
        claim_id="budget",
        outcome="queued",
        answer_id="A-1",
    )
    found = approved(filed(queued, "waits"))
    assert [(one.id, one.record.outcome) for one in found if isinstance(one.record, FunderAnswer)] == [
        ("waits", "complete")
    ]
    (agreed,) = records(found, AgreedBudget)
    assert agreed.insurance[0].answer_id == "waits"


def test_nothing_is_agreed_before_the_last_funder_approves() -> None:
    assert approved(*FOR_TWO) == ()
    shares = {one.funder_id: one.total_pence for one in records(approved(*FOR_TWO, COUNCIL_SAYS_YES), FunderAnswer)}
    assert shares == {"icb": 69_000, "council": 51_000}


@pytest.mark.parametrize(
    "known",
    [
        {"decision_status": "decided", "communicated_on": None},
        {"outcome": "declined", "alternatives": "Another way"},
        {"outcome": "deferred"},
        {"decision_status": "requested", "status": "requested", "outcome": None},
    ],
    ids=["not told", "declined", "deferred", "only asked for"],
)
def test_nothing_is_agreed_by_a_decision_that_is_no_approval_or_not_told(known: dict[str, Any]) -> None:
    assert follows(everybody_has_approved, filed(decision(**known), "approval"), WAITING) == ()


@pytest.mark.parametrize(
    "known", [{"agreements": ()}, {"shared_with_person_on": None}], ids=["R59 unsigned", "R168 not read"]
)
def test_the_approval_stands_alone_until_the_plan_is_ready_and_the_plan_completes_it(known: dict[str, Any]) -> None:
    unready = filed(plan(**known), "plan")
    assert approved(unready) == ()
    found = follows(everybody_has_approved, filed(plan(), "plan"), WAITING, previous=unready.record)
    assert [one.plan_status for one in records(found, SupportPlan)] == ["agreed"]


@pytest.mark.parametrize("around", [filed(plan(plan_status="draft"), "plan"), filed(budget(plan_id=None), "budget")])
def test_nothing_is_agreed_without_a_submitted_plan(around: Filed[Any]) -> None:
    assert approved(around) == ()


def test_approvals_that_were_in_before_are_enough_when_the_case_comes_to_wait() -> None:
    found = follows(everybody_has_approved, WAITING, previous=at("planning"))
    assert len(records(found, AgreedBudget)) == 1
    assert follows(everybody_has_approved, WAITING, previous=WAITING.record) == ()


def test_the_plan_of_a_budget_that_is_agreed_already_is_agreed_alone() -> None:
    agreed = filed(budget(budget_status="agreed"), "budget")
    (found,) = follows(everybody_has_approved, agreed, WAITING, previous=budget())
    assert found.record == plan(plan_status="agreed")


def test_an_answer_that_says_the_same_already_is_left_alone() -> None:
    (answer,) = records(approved(), FunderAnswer)
    found = approved(filed(answer, "said"))
    assert records(found, FunderAnswer) == []
    assert records(found, AgreedBudget)[0].insurance[0].answer_id == "said"


def test_the_persons_own_share_on_the_insurance_stays_as_it_is() -> None:
    rows = (*INSURANCE[:1], made(ClaimCoverage, sequence=2, focal=False, coverage_id="own"))
    own = share("own", "person-contribution", order=9, funder="")
    theirs = filed(replace(own.record, funder="Patient/pat"), "own")
    (agreed,) = records(approved(theirs, filed(budget(insurance=rows), "budget")), AgreedBudget)
    assert agreed.insurance[1] == rows[1]


def test_a_new_budget_of_a_plan_in_force_is_agreed_alone() -> None:
    found = approved(filed(plan(plan_status="active"), "plan"))
    assert (len(records(found, AgreedBudget)), records(found, SupportPlan)) == (1, [])


def test_of_all_that_is_written_together_only_the_first_agrees() -> None:
    case = case_file(*standing(WAITING))
    writes: list[Written[Any]] = [
        Written("Task", "approval", 1, decision()),
        Written("CarePlan", "plan", 2, plan(), plan()),
    ]
    assert [bool(tuple(everybody_has_approved(one, case))) for one in writes] == [True, False]


# --- T9: the case goes on ---------------------------------------------------------------------------

AGREED = (filed(plan(plan_status="agreed"), "plan"), filed(budget(budget_status="agreed"), "budget"))


def test_the_case_goes_on_and_its_first_review_stands_in_the_diary() -> None:
    found = follows(the_case_is_organised, AGREED[1], WAITING, AGREED[0], previous=budget())
    (case,), (review,) = records(found, PhbCase), records(found, Review)
    assert (case.state, case.status) == ("organising", "active")
    assert [(one.status, one.start) for one in case.status_history[-1:]] == [("active", TODAY)]
    assert (review.review_kind, review.respond_by) == ("initial-three-month", date(2025, 10, 1))
    assert (review.about, review.owner) == ("CarePlan/plan", COORDINATOR)


def test_no_second_review_is_scheduled_beside_one_in_the_diary() -> None:
    there = made(
        Review,
        person_id="pat",
        status="requested",
        intent="plan",
        review_kind="annual",
        review_status="scheduled",
        respond_by=date(2025, 9, 1),
    )
    found = follows(the_case_is_organised, AGREED[0], WAITING, AGREED[1], filed(there, "there"), previous=plan())
    assert (len(records(found, PhbCase)), records(found, Review)) == (1, [])


def test_no_first_review_is_scheduled_for_money_that_nobody_must_review() -> None:
    given = share("nhs", "charity-or-other", "grant")
    grant = (given, body("grant", "other"), role("decider", roles=("decision-maker",), organisation="grant"))
    found = follows(the_case_is_organised, AGREED[0], WAITING, AGREED[1], *grant, previous=plan())
    assert records(found, Review) == []


def test_the_case_stays_where_it_is_while_one_of_both_is_not_agreed_or_it_does_not_wait() -> None:
    assert follows(the_case_is_organised, AGREED[0], WAITING, previous=plan()) == ()
    running = filed(at("active"), "case")
    assert follows(the_case_is_organised, AGREED[0], running, AGREED[1], previous=plan()) == ()
    again = follows(the_case_is_organised, AGREED[0], WAITING, AGREED[1], previous=AGREED[0].record)
    assert again == ()
