"""Rules R88 to R91: each funder decides for itself, and none leaves alone."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.records import made
from fhir_gateway.phb.rules.catalogue import CATALOGUE
from fhir_gateway.phb.rules.rule import DELETE
from mappings.budget import AgreedBudget, BudgetLine
from mappings.change import Consultation, FundingChange, Transfer
from mappings.decision import Decision
from mappings.episode_of_care import Delegation
from mappings.patient import Person
from tests.fhir_gateway.phb.budgets import (
    AMOUNT,
    BUDGET,
    START,
    answer,
    around,
    budget,
    coverage_id,
    decision,
    estimate,
    joint,
    line,
    share,
)
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues, warned

NHS = "nhs-other"
COUNCIL = "la-adult-social-care"
TWO = (NHS, COUNCIL)
HALVES = joint(5_000, 5_000, category="agency-care", description="Agency")
LEAVES = date(2026, 1, 1)


# --- R88: each decides for itself -----------------------------------------------------------------------


def agreeing(*decisions: Decision, record: AgreedBudget | None = None, **known: Any) -> set[str]:
    made_of = record or budget(HALVES, streams=TWO, budget_status="agreed")
    standing = (*around(*TWO), estimate(HALVES, streams=TWO))
    taken = (filed(one, f"dec-{at}") for at, one in enumerate(decisions))
    return broken(made_of, *standing, *taken, id=BUDGET, **known)


@pytest.mark.parametrize(
    "decisions",
    [
        (),
        (decision("icb"),),
        (decision("icb"), decision("icb")),
        (decision("icb"), decision("council", about="Claim/other")),
        (decision("icb"), decision("council", outcome="declined", alternatives="Visits")),
        (decision("icb"), decision("council", outcome="approved-in-part")),
        (decision("icb"), decision("council", outcome=None, decision_status="requested", status="requested")),
        (decision("icb"), decision("council", decision_subject="plan")),
    ],
    ids=["none", "one", "the same twice", "of another budget", "declined", "in part", "not taken", "of the plan"],
)
def test_r88_breaks_when_a_funder_with_a_share_has_not_approved(decisions: tuple[Decision, ...]) -> None:
    assert agreeing(*decisions) == {"R88"}


def test_r88_holds_when_each_has_approved_by_its_own_decision() -> None:
    assert agreeing(decision("icb"), decision("council", outcome="approved-with-conditions")) == set()


def test_r88_names_the_funder_by_its_place_on_the_insurance() -> None:
    standing = (*around(*TWO), estimate(HALVES, streams=TWO), filed(decision("icb"), "dec"))
    found = issues(budget(HALVES, streams=TWO, budget_status="agreed"), *standing, id=BUDGET)
    assert [one.expression for one in found if one.severity == "error"] == ["Claim.insurance[1]"]


def test_r88_asks_nothing_of_a_funder_without_a_share() -> None:
    whole = budget(joint(10_000, 0), streams=TWO, budget_status="agreed")
    assert agreeing(decision("icb"), record=whole) == set()


def test_r88_takes_the_decision_an_answer_rests_on() -> None:
    other = decision("council", decision_subject="plan", about="CarePlan/plan")
    given = answer("council", AMOUNT // 2, decision_id="dec-plan")
    standing = (*around(*TWO), estimate(HALVES, streams=TWO), filed(decision("icb"), "dec-icb"))
    record = budget(HALVES, streams=TWO, budget_status="agreed")
    assert broken(record, *standing, filed(other, "dec-plan"), filed(given, "ans"), id=BUDGET) == set()


def test_r88_takes_the_decision_of_a_delegate() -> None:
    delegated = Delegation(delegate="council", functions="agreed-budget", start=START, end=None, agreement=None)
    standing = (*around(NHS, delegations=(replace(delegated, start=None),)), estimate())
    by_delegate = filed(decision("council"), "dec")
    assert "R88" not in broken(budget(budget_status="agreed"), *standing, by_delegate, id=BUDGET)


def test_r88_breaks_when_a_delegate_decides_on_what_was_not_delegated() -> None:
    payroll = Delegation(delegate="council", functions="payroll", start=None, end=None, agreement=None)
    standing = (*around(NHS, delegations=(payroll,)), estimate(), filed(decision("council"), "dec"))
    assert "R88" in broken(budget(budget_status="agreed"), *standing, id=BUDGET)


def test_r88_looks_only_when_the_budget_comes_into_force() -> None:
    before = budget(HALVES, streams=TWO, budget_status="agreed")
    assert "R88" not in agreeing(record=replace(before, budget_status="active"), previous=before)
    assert agreeing(record=budget(HALVES, streams=TWO)) == set()


def test_r88_breaks_when_an_answer_gives_what_its_decision_declined() -> None:
    refused = filed(decision("icb", outcome="declined", alternatives="Visits"), "dec")
    standing = (*around(*TWO), filed(budget(HALVES, streams=TWO), BUDGET), refused)
    assert broken(answer("icb", AMOUNT // 2, decision_id="dec"), *standing, id="ans") == {"R88"}
    assert broken(answer("icb", 0, decision_id="dec"), *standing, id="ans") == set()
    approved = filed(decision("icb"), "dec")
    assert broken(answer("icb", AMOUNT // 2, decision_id="dec"), *standing[:-1], approved, id="ans") == set()


# --- R89 and R90: none leaves alone ---------------------------------------------------------------------


def change(**known: Any) -> FundingChange:
    """The ICB leaves on 1 January; everything it must name is there."""
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "requested",
        "intent": "proposal",
        "about": f"Claim/{BUDGET}",
        "requester": "Organization/icb",
        "started_on": LEAVES,
        "joint_reassessment": "Observation/joint",
        "new_amount_pence": 0,
        "consultations": (Consultation(funder="council", on=date(2025, 10, 6)),),
        "consulted_person_on": date(2025, 10, 6),
        "alternative_from": LEAVES,
    }
    return made(FundingChange, **usual | known)


FULL = share(NHS, order=1)
SHORT = replace(FULL, end=date(2025, 12, 31))
RUNNING = filed(budget(HALVES, streams=TWO, budget_status="active"), BUDGET)
LACKING = {
    "reassessment": {"joint_reassessment": None},
    "other funder": {"consultations": ()},
    "day of the other funder": {"consultations": (Consultation(funder="council", on=None),)},
    "person": {"consulted_person_on": None},
    "alternative": {"alternative_from": None},
    "alternative in time": {"alternative_from": date(2026, 1, 2)},
}
each_lack = pytest.mark.parametrize("lack", LACKING.values(), ids=LACKING)


def ending(*changes: Any, record: Any = SHORT, standing: Any = RUNNING) -> set[str]:
    asked = (filed(one, f"change-{at}") for at, one in enumerate(changes))
    return broken(record, *around(*TWO), standing, *asked, id=coverage_id(NHS), previous=FULL)


def test_r89_breaks_when_a_share_ends_without_a_change_of_funding() -> None:
    assert ending() == {"R89"}


@each_lack
def test_r89_breaks_when_the_change_lacks_one_of_the_four(lack: dict[str, Any]) -> None:
    assert ending(change(**lack)) == {"R89"}


def test_r89_breaks_when_the_change_is_of_another_funder_later_or_was_dropped() -> None:
    assert ending(change(requester="Organization/council")) == {"R89"}
    assert ending(change(started_on=date(2026, 2, 1))) == {"R89"}
    assert ending(change(status="cancelled")) == {"R89"}


def test_r89_says_what_is_missing() -> None:
    asked = filed(change(joint_reassessment=None), "change")
    (found,) = issues(SHORT, *around(*TWO), RUNNING, asked, id=coverage_id(NHS), previous=FULL)
    assert "2026-01-01" in found.diagnostics
    assert found.diagnostics.endswith("must name the joint reassessment")


def test_r89_holds_when_the_change_names_all_four() -> None:
    assert ending(change()) == set()


def test_r89_takes_the_day_all_sat_together() -> None:
    assert ending(change(consultations=(), consulted_funders=("council",))) == set()


@pytest.mark.parametrize(
    "record",
    [FULL, replace(FULL, end=None), replace(FULL, end=date(2026, 6, 30)), replace(FULL, order=2)],
    ids=["the same", "open", "longer", "another order"],
)
def test_r89_holds_for_a_share_that_lasts(record: Any) -> None:
    assert ending(record=record) == set()


@pytest.mark.parametrize("record", [replace(FULL, status="cancelled"), replace(FULL, funder="Organization/grant")])
def test_r89_breaks_when_a_share_is_cancelled_or_given_to_another(record: Any) -> None:
    assert "R89" in ending(record=record)


@pytest.mark.parametrize(
    "standing",
    [
        filed(budget(HALVES, streams=TWO, budget_status="submitted"), BUDGET),
        filed(budget(HALVES, streams=TWO, budget_status="closed"), BUDGET),
        filed(budget(HALVES, streams=TWO, budget_status="active", end=date(2025, 12, 31)), BUDGET),
        filed(budget(streams=(COUNCIL,), budget_status="active"), BUDGET),
    ],
    ids=["not agreed", "closed", "ends as well", "of others"],
)
def test_r89_holds_when_no_budget_in_force_relies_on_the_share(standing: Any) -> None:
    assert ending(standing=standing) == set()


def test_r89_holds_when_the_person_has_died() -> None:
    gone = filed(made(Person, birth_date=date(1980, 5, 1), death_date=date(2025, 12, 20)), PERSON)
    standing = [one for one in around(*TWO) if one.id != PERSON]
    assert broken(SHORT, *standing, gone, RUNNING, id=coverage_id(NHS), previous=FULL) == set()


def test_r89_holds_when_another_icb_goes_on() -> None:
    moved = made(
        Transfer,
        person_id=PERSON,
        status="accepted",
        intent="order",
        transfer_status="accepted",
        requester="Organization/icb",
        funded_until=date(2025, 12, 31),
    )
    assert ending(moved) == set()


def test_r89_leaves_the_persons_own_share_alone() -> None:
    own = share("person-contribution")
    assert broken(replace(own, end=SHORT.end), *around(*TWO), RUNNING, id="own", previous=own) == set()


def deleting(*changes: FundingChange, standing: Any = RUNNING) -> set[str]:
    asked = (filed(one, f"change-{at}") for at, one in enumerate(changes))
    return broken(FULL, *around(*TWO), standing, *asked, id=coverage_id(NHS), previous=FULL, when=DELETE)


def test_r89_breaks_when_a_share_a_budget_relies_on_is_deleted() -> None:
    assert "R89" in deleting()


def test_r89_holds_when_a_share_is_deleted_that_nothing_relies_on() -> None:
    assert "R89" not in deleting(standing=filed(budget(streams=(COUNCIL,)), BUDGET))


# --- R89: answers and versions --------------------------------------------------------------------------


def test_r89_breaks_when_a_funder_gives_less_than_it_answered() -> None:
    before = answer("icb", AMOUNT // 2)
    for now in (answer("icb", AMOUNT // 2 - 1), replace(before, status="cancelled")):
        assert broken(now, *around(*TWO), RUNNING, id="ans", previous=before) == {"R89"}


def test_r89_holds_when_a_funder_gives_as_much_as_before() -> None:
    before = answer("icb", AMOUNT // 2)
    assert broken(replace(before, preauth_ref="B-1"), *around(*TWO), RUNNING, id="ans", previous=before) == set()


def version(*lines: BudgetLine, streams: tuple[str, ...] = TWO, **known: Any) -> set[str]:
    """What breaks when these lines follow the running budget from 1 January."""
    record = budget(*lines, streams=streams, version=2, supersedes_id=BUDGET, start=LEAVES, **known)
    ahead = replace(RUNNING.record, end=date(2025, 12, 31))
    standing = (*around(*TWO), estimate(HALVES, streams=TWO), filed(ahead, BUDGET))
    return broken(record, *standing, id="next")


def part(*bps: int, **known: Any) -> BudgetLine:
    usual = {"category": "agency-care", "description": "Agency", "amount_pence": 29_589, "rate_pence": AMOUNT}
    return joint(*bps, **usual | known)


def test_r89_breaks_when_a_new_version_cuts_a_funders_part_of_a_line() -> None:
    assert version(part(4_000, 6_000)) == {"R89"}


def test_r89_breaks_when_a_new_version_leaves_a_funder_out() -> None:
    assert version(part(10_000), streams=(NHS,)) == {"R89"}


@pytest.mark.parametrize(
    "lines",
    [
        (part(5_000, 5_000),),
        (part(5_000, 5_000, amount_pence=14_795, rate_pence=60_000),),
        (line(2, amount_pence=29_589, rate_pence=AMOUNT),),
    ],
    ids=["as before", "less for both", "the line has gone"],
)
def test_r89_holds_when_nobody_pays_less_of_what_goes_on(lines: tuple[BudgetLine, ...]) -> None:
    assert version(*lines) == set()


def test_r89_says_nothing_of_a_version_whose_funders_are_not_known() -> None:
    assert "R89" not in version(part(4_000, 6_000), streams=(NHS, "unknown"))


def test_r89_holds_when_a_draft_cuts_a_part() -> None:
    assert "R89" not in version(part(4_000, 6_000), budget_status="draft")


# --- R89 and R90: the change itself ---------------------------------------------------------------------


@each_lack
def test_r89_breaks_when_the_change_itself_lacks_one_of_the_four(lack: dict[str, Any]) -> None:
    assert broken(change(**lack), *around(*TWO), RUNNING, id="change") == {"R89"}


def test_r89_holds_for_a_change_that_names_all_four() -> None:
    assert broken(change(), *around(*TWO), RUNNING, id="change") == set()


@pytest.mark.parametrize("known", [{"status": "draft"}, {"dispute": "The council does not agree"}])
def test_r89_warns_only_of_a_change_in_draft_or_in_dispute(known: dict[str, Any]) -> None:
    record = change(joint_reassessment=None, **known)
    assert broken(record, *around(*TWO), RUNNING, id="change") == set()
    assert warned(record, *around(*TWO), RUNNING, id="change") == {"R89"}


def test_r89_leaves_a_change_alone_that_was_called_off() -> None:
    record = change(joint_reassessment=None, status="cancelled")
    assert warned(record, *around(*TWO), RUNNING, id="change") == set()


DISPUTED = change(dispute="The council does not agree")


def test_r90_breaks_when_a_share_ends_while_the_change_is_in_dispute() -> None:
    assert ending(DISPUTED) == {"R90"}


def test_r90_breaks_when_a_disputed_share_is_deleted() -> None:
    assert "R90" in deleting(replace(DISPUTED, started_on=date(2025, 1, 1), alternative_from=date(2025, 1, 1)))


def test_r90_breaks_when_a_disputed_answer_is_cut() -> None:
    asked = replace(DISPUTED, started_on=date(2025, 6, 1), alternative_from=date(2025, 6, 1))
    before, now = answer("icb", AMOUNT // 2), answer("icb", 1)
    assert broken(now, *around(*TWO), RUNNING, filed(asked, "change"), id="ans", previous=before) == {"R90"}


def test_r90_breaks_when_a_disputed_change_takes_effect() -> None:
    assert broken(replace(DISPUTED, status="completed"), *around(*TWO), RUNNING, id="change") == {"R90"}


def test_r90_holds_when_the_dispute_is_settled_or_the_share_lasts() -> None:
    assert ending(replace(DISPUTED, dispute=" ")) == set()
    assert ending(DISPUTED, record=replace(FULL, order=2)) == set()
    assert broken(DISPUTED, *around(*TWO), RUNNING, id="change") == set()


# --- R91 ------------------------------------------------------------------------------------------------


def test_r91_is_kept_by_an_operation_and_says_which() -> None:
    assert CATALOGUE["R91"].place == "operation"
    assert "statement" in CATALOGUE["R91"].note
