"""Decisions: R141 to R147."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case.decisions import LONGEST_YEAR, yearly
from fhir_gateway.phb.case_file import Filed
from mappings.budget import AgreedBudget
from mappings.care_plan import SupportPlan
from mappings.care_team import Team
from mappings.claim_parts import ClaimCoverage
from mappings.claim_response import AnsweredLine, FunderAnswer
from mappings.coverage import FunderContribution
from mappings.decision import Considered, Decision
from mappings.episode_of_care import Delegation, PhbCase
from mappings.payment import Payment
from mappings.practitioner_role import CareCoordinator
from tests.fhir_gateway.phb.shelf import TODAY, broken, filed, warned

DECIDED = date(2025, 3, 10)
ABOVE = 1_000_001


def decision(**known: Any) -> Decision:
    """A decision in order: the plan of the person approved."""
    usual: dict[str, Any] = {
        "status": "completed",
        "intent": "order",
        "about": "CarePlan/plan",
        "owner": "PractitionerRole/icb-role",
        "requested_on": date(2025, 2, 24),
        "respond_by": date(2025, 3, 24),
        "ended_on": DECIDED,
        "decision_subject": "plan",
        "decision_status": "communicated",
        "rationale": "All nine criteria are met.",
        "considered": (made(Considered, text="what the person said"),),
        "outcome": "approved",
        "communicated_how": "by letter",
        "communicated_on": DECIDED,
        "appeal_route": "write to the panel",
        "complaint_route": "write to the complaints team",
        "support_contact": "the advocacy service",
    }
    return made(Decision, person_id="pat", **usual | known)


def role(body: str, **known: Any) -> Filed[CareCoordinator]:
    usual: dict[str, Any] = {"practitioner": f"{body}-worker", "organisation": body}
    return filed(made(CareCoordinator, **usual | known), f"{body}-role")


def plan() -> Filed[SupportPlan]:
    return filed(made(SupportPlan, person_id="pat", status="active"), "plan")


def budget(**known: Any) -> Filed[AgreedBudget]:
    """The budget of the plan, 10,000.00, from one Coverage for each of `bodies`."""
    bodies = known.pop("bodies", ("icb",))
    usual: dict[str, Any] = {
        "status": "draft",
        "plan_id": "plan",
        "total_pence": 1_000_000,
        "insurance": tuple(
            made(ClaimCoverage, sequence=at, focal=at == 1, coverage_id=f"{body}-share")
            for at, body in enumerate(bodies, start=1)
        ),
    }
    return filed(made(AgreedBudget, person_id="pat", **usual | known), "budget")


def share(body: str) -> Filed[FunderContribution]:
    funder = "Patient/pat" if body == "own" else f"Organization/{body}"
    return filed(
        made(FunderContribution, person_id="pat", status="active", stream="nhs-other", funder=funder), f"{body}-share"
    )


def answer(**known: Any) -> FunderAnswer:
    """The ICB's share of the budget, approved by the decision."""
    usual: dict[str, Any] = {
        "status": "active",
        "claim_type": "phb-budget",
        "use": "preauthorization",
        "outcome": "complete",
        "funder_id": "icb",
        "claim_id": "budget",
        "decision_id": "d",
        "total_pence": 1_000_000,
        "lines": (made(AnsweredLine, line_no=1, amount_pence=1_000_000, decision="approved"),),
    }
    return made(FunderAnswer, person_id="pat", **usual | known)


STANDING = (role("icb"), role("council"), plan())


def test_a_decision_in_order_breaks_nothing() -> None:
    assert (broken(decision(), *STANDING), warned(decision(), *STANDING)) == (set(), set())


# --- R141 to R144 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "owner", [None, "Organization/icb", "CareTeam/panel", "Practitioner/icb-worker", "Patient/pat"]
)
def test_r141_breaks_when_no_worker_in_a_body_decided(owner: str | None) -> None:
    assert broken(decision(owner=owner), *STANDING) == {"R141"}


@pytest.mark.parametrize("known", [{"practitioner": None}, {"organisation": None}])
def test_r141_breaks_when_the_role_names_no_worker_or_body(known: dict[str, Any]) -> None:
    assert broken(decision(), role("icb", **known), plan()) == {"R141"}


@pytest.mark.parametrize("owner", ["PractitionerRole/icb-role", "https://elsewhere.example/PractitionerRole/1"])
def test_r141_holds_for_a_role_here_or_elsewhere(owner: str) -> None:
    assert broken(decision(owner=owner), *STANDING) == set()


def test_r141_holds_while_a_team_is_asked() -> None:
    asked = decision(owner="CareTeam/panel", outcome=None, decision_status="requested", status="requested")
    assert broken(asked, *STANDING) == set()


@pytest.mark.parametrize(
    "known", [{"rationale": None}, {"rationale": "  "}, {"considered": ()}, {"considered": (made(Considered),)}]
)
def test_r142_breaks_when_reasons_or_what_was_considered_is_missing(known: dict[str, Any]) -> None:
    assert broken(decision(**known), *STANDING) == {"R142"}


@pytest.mark.parametrize("considered", [made(Considered, about="CarePlan/plan"), made(Considered, text="a letter")])
def test_r142_holds_for_a_record_or_words_considered(considered: Considered) -> None:
    assert broken(decision(considered=(considered,)), *STANDING) == set()


@pytest.mark.parametrize("known", [{"requested_on": None}, {"respond_by": None}, {"communicated_how": " "}])
def test_r143_breaks_when_a_taken_decision_lacks_a_day_or_how_it_is_told(known: dict[str, Any]) -> None:
    assert broken(decision(**known), *STANDING) == {"R143"}


def requested(**known: Any) -> Decision:
    return decision(
        **{"status": "requested", "decision_status": "requested", "outcome": None, "ended_on": None}
        | {"respond_by": TODAY}
        | known
    )


@pytest.mark.parametrize("known", [{"requested_on": None}, {"respond_by": None}, {"respond_by": date(2025, 5, 31)}])
def test_r143_warns_of_a_request_without_days_and_of_a_late_one(known: dict[str, Any]) -> None:
    assert broken(requested(**known), *STANDING) == set()
    assert warned(requested(**known), *STANDING) == {"R143"}


@pytest.mark.parametrize(
    "known", [{}, {"status": "cancelled", "respond_by": None}, {"status": "draft", "respond_by": None}]
)
def test_r143_holds_for_a_request_in_time_or_called_off(known: dict[str, Any]) -> None:
    assert warned(requested(**known), *STANDING) == set()


def test_r143_breaks_when_a_decision_is_put_off_without_a_new_day() -> None:
    put_off = requested(outcome="deferred")
    assert broken(put_off, *STANDING, previous=requested()) == {"R143"}
    assert broken(put_off, *STANDING, previous=requested(respond_by=DECIDED)) == set()


def test_r143_holds_when_a_decision_put_off_before_is_written_again() -> None:
    put_off = requested(outcome="deferred")
    assert broken(requested(outcome="deferred", description="more"), *STANDING, previous=put_off) == set()


@pytest.mark.parametrize("route", ["appeal_route", "complaint_route", "support_contact"])
@pytest.mark.parametrize("outcome", ["approved", "declined"])
def test_r144_breaks_when_a_route_is_missing(route: str, outcome: str) -> None:
    short = decision(**{route: None}, outcome=outcome, alternatives="a notional budget")
    assert broken(short, *STANDING) == {"R144"}


@pytest.mark.parametrize("outcome", ["escalated", "deferred", None])
def test_r144_holds_while_the_decision_is_open(outcome: str | None) -> None:
    assert broken(requested(outcome=outcome, appeal_route=None), *STANDING) == set()


def test_r141_to_r144_hold_for_a_decision_entered_in_error() -> None:
    wrong = decision(status="entered-in-error", owner=None, rationale=None, respond_by=None, appeal_route=None)
    assert (broken(wrong, *STANDING), warned(wrong, *STANDING)) == (set(), set())


@pytest.mark.parametrize("alternatives", [None, " "])
def test_r146_warns_when_a_refusal_offers_nothing_else(alternatives: str | None) -> None:
    assert warned(decision(outcome="declined", alternatives=alternatives), *STANDING) == {"R146"}


def test_r146_holds_when_a_refusal_offers_another_way() -> None:
    assert warned(decision(outcome="declined", alternatives="a notional budget"), *STANDING) == set()


# --- R145 -------------------------------------------------------------------------------------------


def limited(limit: int | None) -> Filed[CareCoordinator]:
    return role("icb", limit_pence=limit, decision_subjects=("plan",))


@pytest.mark.parametrize(
    ("limit", "known"),
    [(999_999, {}), (999_999, {"outcome": "approved-with-conditions"}), (0, {"decision_subject": "agreed-budget"})],
)
def test_r145_breaks_above_the_decision_makers_limit(limit: int, known: dict[str, Any]) -> None:
    above = decision(**{"about": "Claim/budget"} | known)
    assert broken(above, limited(limit), plan(), budget(), share("icb")) == {"R145"}


@pytest.mark.parametrize("limit", [1_000_000, None])
def test_r145_holds_up_to_the_limit_and_without_one(limit: int | None) -> None:
    assert broken(decision(), limited(limit), plan(), budget(), share("icb")) == set()


def test_r145_breaks_for_a_plan_by_the_sum_of_its_newest_budget() -> None:
    assert broken(decision(), limited(999_999), plan(), budget(), share("icb")) == {"R145"}


@pytest.mark.parametrize(("limit", "numbers"), [(999_999, {"R145"}), (1_000_000, set()), (None, set())])
def test_r145_breaks_above_the_limit_of_the_panel_only(limit: int | None, numbers: set[str]) -> None:
    panel = filed(made(Team, person_id="pat", panel_limit_pence=limit), "panel")
    assert broken(decision(panel_id="panel"), limited(1), panel, plan(), budget(), share("icb")) == numbers


def test_r145_holds_for_an_escalation_and_a_refusal() -> None:
    for known in ({"outcome": "escalated"}, {"outcome": "declined", "alternatives": "less"}):
        assert broken(decision(**known), limited(1), plan(), budget(), share("icb")) == set()


def test_r145_holds_for_a_decision_that_moves_no_money() -> None:
    nominee = decision(decision_subject="transfer", about="Claim/budget")
    assert broken(nominee, limited(1), plan(), budget(), share("icb")) == set()


def test_r145_breaks_by_the_bodys_own_share_of_a_joint_budget() -> None:
    joint = (plan(), budget(bodies=("icb", "council")), share("icb"), share("council"))
    part = filed(answer(total_pence=600_000, decision_id=None), "a")
    agreed = decision(about="Claim/budget", decision_subject="agreed-budget")
    assert broken(agreed, limited(600_000), *joint, part) == set()
    assert broken(agreed, limited(599_999), *joint, part) == {"R145"}
    assert broken(agreed, limited(1), *joint) == set()  # nobody has said yet what the share is


@pytest.mark.parametrize(
    ("known", "numbers"),
    [
        ({}, {"R145"}),
        ({"funder_id": "elsewhere", "decision_id": "x"}, {"R145"}),
        ({"funder_id": "council"}, set()),
        ({"claim_id": "another"}, set()),
        ({"status": "cancelled"}, set()),
    ],
)
def test_r145_breaks_by_the_answer_that_rests_on_the_decision(known: dict[str, Any], numbers: set[str]) -> None:
    joint = (plan(), budget(bodies=("icb", "council")), share("icb"), share("council"))
    agreed = decision(about="Claim/budget", decision_subject="agreed-budget")
    assert broken(agreed, limited(1), *joint, filed(answer(**known), "a")) == numbers


def test_r145_breaks_when_contingency_above_the_limit_is_released() -> None:
    payment = filed(
        made(Payment, person_id="pat", status="draft", payment_kind="contingency-release", total_pence=ABOVE),
        "c",
    )
    released = decision(decision_subject="contingency-release", about="Claim/c")
    assert broken(released, limited(ABOVE - 1), payment) == {"R145"}
    assert broken(released, limited(ABOVE), payment) == set()


@pytest.mark.parametrize(("total", "numbers"), [(1_000_000, set()), (ABOVE, {"R145"})])
def test_r145_breaks_when_a_share_is_answered_above_the_limit(total: int, numbers: set[str]) -> None:
    behind = filed(decision(decision_subject="agreed-budget", about="Claim/budget"), "d")
    found = broken(answer(total_pence=total), behind, limited(1_000_000), plan(), budget(), share("icb"))
    assert found & {"R145", "R147"} == numbers


@given(st.integers(0, 10**9), st.integers(1, 3000))
def test_r145_holds_the_sum_of_a_year_against_the_limit(total: int, days: int) -> None:
    """Up to a year the whole sum counts; over a longer time never more than the whole."""
    span = made(
        AgreedBudget,
        person_id="pat",
        status="draft",
        start=date(2025, 4, 1),
        end=date.fromordinal(date(2025, 4, 1).toordinal() + days - 1),
    )
    counted = yearly(total, span) or 0
    assert counted == total if days <= LONGEST_YEAR else abs(counted * days - total * LONGEST_YEAR) <= days


# --- R147 -------------------------------------------------------------------------------------------


def delegating(**known: Any) -> Filed[PhbCase]:
    usual: dict[str, Any] = {"delegate": "council", "functions": "decisions on agreed budgets"}
    case = made(
        PhbCase,
        person_id="pat",
        status="active",
        state="active",
        responsible_body="icb",
        delegations=(made(Delegation, **usual | known),),
    )
    return filed(case, "case")


def by_council() -> Filed[Decision]:
    other = decision(owner="PractitionerRole/council-role", decision_subject="agreed-budget", about="Claim/budget")
    return filed(other, "d")


JOINT = (*STANDING, share("icb"), share("council"))


def numbers_of(*found: set[str]) -> set[str]:
    return set().union(*found) & {"R145", "R147"}


def test_r147_breaks_when_another_body_approves_the_share() -> None:
    assert numbers_of(broken(answer(), by_council(), budget(), *STANDING, share("icb"))) == {"R147"}


@pytest.mark.parametrize(
    "known",
    [
        {"end": date(2025, 3, 9)},
        {"start": date(2025, 3, 11)},
        {"delegate": "other"},
        {"functions": "payroll"},
        {"functions": None},
    ],
    ids=["before", "after", "another body", "other functions", "no functions"],
)
def test_r147_breaks_when_no_delegation_for_it_is_in_force_that_day(known: dict[str, Any]) -> None:
    found = broken(answer(), by_council(), budget(), *STANDING, share("icb"), delegating(**known))
    assert numbers_of(found) == {"R147"}


@pytest.mark.parametrize("known", [{}, {"start": DECIDED, "end": DECIDED}])
def test_r147_holds_for_a_delegate_of_the_funder(known: dict[str, Any]) -> None:
    found = broken(answer(), by_council(), budget(), *STANDING, share("icb"), delegating(**known))
    assert numbers_of(found) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"funder_id": "council"},
        {"decision_id": None},
        {"status": "entered-in-error"},
        {"lines": (made(AnsweredLine, line_no=1, decision="declined"),)},
    ],
)
def test_r147_holds_for_the_funders_own_and_for_a_share_not_approved(known: dict[str, Any]) -> None:
    assert numbers_of(broken(answer(**known), by_council(), budget(), *STANDING)) == set()


def test_r147_breaks_when_the_budget_is_approved_by_a_body_that_funds_none_of_it() -> None:
    assert broken(by_council().record, *JOINT, budget()) == {"R147"}
    assert broken(by_council().record, *JOINT, budget(bodies=("icb", "council", "own")), share("own")) == set()


def test_r147_holds_when_a_funder_of_the_budget_is_not_known() -> None:
    assert broken(by_council().record, *STANDING, budget(bodies=("icb", "elsewhere")), share("icb")) == set()
