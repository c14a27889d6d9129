"""How the agreement of a submitted budget stands, by the decisions of those who fund it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.phb.agreement import Agreement, agreement, lines_shared, still_lacking
from fhir_gateway.phb.case_file import CaseFile, Filed
from fhir_gateway.phb.funder_answers import settled
from fhir_gateway.phb.records import made
from fhir_gateway.phb.requests import body_of
from fhir_gateway.phb.rules.catalogue import setting
from mappings.claim_response import FunderAnswer
from mappings.decision import Decision
from mappings.episode_of_care import Delegation
from tests.fhir_gateway.phb.shelf import TODAY, case_file, filed
from tests.fhir_gateway.submitted_world import PERSON, THERAPY, VISITS, budget, decision, line, lines, plan, world

BUDGET = filed(budget(budget_status="submitted", status="active"), "budget")


def standing(*others: Filed[Any], **changed: Any) -> CaseFile:
    records = [
        filed(one, place.partition("/")[2]) for place, one in world(**{"budget": BUDGET.record} | changed).items()
    ]
    placed = {(one.type, one.id): one for one in (*records, *others)}
    return case_file(*placed.values())


def found(*decisions: Decision) -> Agreement:
    return agreement(BUDGET, standing(*(filed(one, f"d{at}") for at, one in enumerate(decisions))))


def outcomes(*decisions: Decision) -> list[str]:
    return [one.outcome for one in found(*decisions).answers]


def test_each_body_is_asked_for_its_part() -> None:
    asked = found()
    assert [(one.owner, one.about, one.decision_subject) for one in asked.requests] == [
        ("Organization/icb", "Claim/budget", "agreed-budget"),
        ("Organization/council", "Claim/budget", "agreed-budget"),
    ]
    assert {one.respond_by for one in asked.requests} == {TODAY + timedelta(days=setting("R143", "days"))}
    assert [(one.outcome, one.total_pence, one.lines) for one in asked.answers] == [
        ("queued", 861_750, ()),
        ("queued", 698_250, ()),
    ]
    assert not asked.complete


def test_a_body_that_was_asked_is_not_asked_again() -> None:
    asked = found(decision("icb", status="requested", outcome=None, decision_status="requested"))
    assert [one.owner for one in asked.requests] == ["Organization/council"]
    assert asked.answers[0].decision_id == "d0"


def test_an_approval_gives_the_lines_and_can_be_quoted() -> None:
    answer = found(decision("icb")).answers[0]
    assert (answer.outcome, answer.preauth_ref, answer.total_pence) == ("complete", "BUD-1/1/icb", 861_750)
    assert [(row.line_no, row.amount_pence, row.decision) for row in answer.lines] == [
        (1, 856_750, "approved"),
        (3, 5_000, "approved"),
    ]
    assert [one.text for one in answer.notes] == [
        "The plan meets the needs.",
        "Write to us.",
        "Write to the complaints team.",
        "The advocacy line.",
    ]


def test_all_approvals_together_agree_the_budget() -> None:
    both = found(decision("icb"), decision("council", outcome="approved-with-conditions"))
    assert both.complete
    assert both.requests == ()
    assert sum(one.total_pence or 0 for one in both.answers) == BUDGET.record.total_pence
    assert not found(decision("icb")).complete


def test_an_approval_counts_more_than_a_refusal_before_it() -> None:
    assert found(decision("icb", outcome="declined"), decision("icb"), decision("council")).complete


@pytest.mark.parametrize(("outcome", "total"), [("declined", 0), ("approved-in-part", None)])
def test_what_is_not_granted_whole_agrees_nothing(outcome: str, total: int | None) -> None:
    both = found(decision("icb"), decision("council", outcome=outcome))
    assert not both.complete
    assert (both.answers[1].outcome, both.answers[1].total_pence, both.answers[1].preauth_ref) == (
        "complete",
        total,
        None,
    )
    assert {row.amount_pence for row in both.answers[1].lines} == {total}


@pytest.mark.parametrize(
    "known",
    [
        {"decision_status": "decided", "communicated_on": None},
        {"outcome": "deferred"},
        {"status": "cancelled"},
        {"about": "Claim/other"},
        {"owner": "PractitionerRole/decider-council"},
        {"owner": None},
    ],
)
def test_a_decision_not_taken_told_and_their_own_is_waited_for(known: dict[str, Any]) -> None:
    assert outcomes(replace(decision("icb"), **known))[0] == "queued"


def test_a_delegate_decides_for_the_responsible_body() -> None:
    by_council = decision("council", owner="PractitionerRole/decider-council")
    case = world()["EpisodeOfCare/case"]
    delegated = replace(
        case, delegations=(made(Delegation, delegate="council", functions="agreed-budget", start=date(2025, 1, 1)),)
    )
    acting = agreement(BUDGET, standing(filed(by_council, "d0"), case=delegated))
    assert [one.outcome for one in acting.answers] == ["complete", "complete"]


def test_the_body_of_a_request_is_its_owner() -> None:
    asked = found().requests[0]
    assert body_of(standing(), asked) == "icb"


# --- lines ------------------------------------------------------------------------------------------


def faults(case: CaseFile, *changed: Any) -> list[str]:
    record = replace(BUDGET.record, lines=changed or lines())
    return [one.fault.rule if one.fault is not None else "" for one in lines_shared(record, case)]


def test_a_split_that_does_not_say_who_pays_is_a_fault_of_the_line() -> None:
    nobody = line(1, "therapy", THERAPY * VISITS, {}, split_method="need-type", need_type="housing")
    assert faults(standing(), nobody, *lines()[1:]) == ["R85", "", ""]


def test_a_line_for_days_outside_the_persons_life_is_a_fault() -> None:
    person = world()["Patient/pat"]
    born = standing(pat=replace(person, birth_date=date(2025, 4, 2)))
    died = standing(pat=replace(person, death_date=date(2026, 3, 30)))
    undated = replace(lines()[0], on_date=date(2025, 5, 1), start=date(2025, 5, 1))
    assert faults(born) == ["R100"] * 3
    assert faults(died) == ["R114"] * 3
    assert faults(died, undated) == [""]


# --- the plan, and answers that stand ---------------------------------------------------------------


def test_what_the_plan_lacks_is_said() -> None:
    assert still_lacking(BUDGET, standing(filed(decision("icb"), "d0"), filed(decision("council"), "d1"))) == ()
    told = still_lacking(BUDGET, standing(plan=plan(shared_with_person_on=None)))
    assert {(one.details, one.severity) for one in told} == {("R168", "warning"), ("R88", "warning")}
    unknown = filed(replace(BUDGET.record, plan_id="nowhere"), "budget")
    assert [one.details for one in still_lacking(unknown, standing())] == ["R34"]


def test_an_answer_that_says_nothing_new_keeps_its_day() -> None:
    old = made(
        FunderAnswer,
        person_id=PERSON,
        status="active",
        claim_type="phb-budget",
        use="preauthorization",
        outcome="complete",
        created=date(2025, 1, 1),
        answer_id="ANS-1",
    )
    fresh = replace(old, created=TODAY, answer_id=None)
    assert settled(fresh, old) == old
    changed = settled(replace(fresh, disposition="Approved"), old)
    assert (changed.created, changed.answer_id, changed.disposition) == (TODAY, "ANS-1", "Approved")
