"""A running case moves along T12 to T24 only, each with what it asks for: R161, and the forbidden moves of 5.2."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.change import Concern, FundingChange, Suspension, Transfer
from mappings.communication import Discussion, Notice
from mappings.decision import Appeal
from mappings.encounter import HospitalStay
from mappings.patient import Person
from mappings.payment import Payment
from mappings.review import Review, ReviewInput
from tests.fhir_gateway.phb.moves import Known, moved, reasons
from tests.fhir_gateway.phb.shelf import PERSON, filed
from tests.fhir_gateway.phb.whole_case import budget, decision, direct_line
from tests.fhir_gateway.phb.whole_people import COORDINATOR, SELF

ICB = "Organization/icb"

# --- T12 to T15 -------------------------------------------------------------------------------------


def review(**known: Known) -> Filed[Review]:
    usual: dict[str, Any] = {
        "status": "in-progress",
        "intent": "plan",
        "review_kind": "interim",
        "review_status": "in-progress",
        "inputs": tuple(
            made(ReviewInput, component=one) for one in ("plan-review", "budget-review", "financial-audit")
        ),
        "participants": (SELF, COORDINATOR),
        "owner": COORDINATOR,
        "started_on": date(2025, 5, 28),
        "respond_by": date(2025, 6, 30),
        "person_told_on": date(2025, 5, 1),
        "told_what": "What is looked at",
        "working": "The pool",
        "not_working": "The bus",
        "needs_change": "Nothing",
        "needs_changed": False,
        "outcomes_still_right": True,
        "risks_changed": False,
        "budget_adequate": True,
        "properly_used": True,
    }
    return filed(made(Review, person_id=PERSON, **usual | known), "review")


def done(**known: Known) -> Filed[Review]:
    over: dict[str, Any] = {"status": "completed", "review_status": "completed", "outcome": "no-change"}
    return review(**over | {"ended_on": date(2025, 5, 30), "next_due_on": date(2026, 5, 28)} | known)


def concern(**known: Known) -> Filed[Concern]:
    usual: dict[str, Any] = {
        "status": "in-progress",
        "intent": "order",
        "concern_kind": "missing-records",
        "concern_status": "looked-into",
        "coordinator_asked_on": date(2025, 5, 1),
        "person_informed_on": date(2025, 5, 2),
    }
    return filed(made(Concern, person_id=PERSON, **usual | known), "concern")


def test_r161_holds_when_a_review_or_a_concern_is_open() -> None:
    assert moved("active", "under-review", review()) == set()
    assert moved("active", "under-review", concern()) == set()


@pytest.mark.parametrize(
    "around",
    [
        (),
        (done(),),
        (review(person_told_on=None),),
        (concern(person_informed_on=None),),
        (concern(concern_status="closed"),),
    ],
    ids=["none", "over", "R122", "not informed", "closed"],
)
def test_r161_breaks_when_t12_finds_no_review_in_order(around: tuple[Filed[Any], ...]) -> None:
    assert moved("active", "under-review", *around) == {"R161"}


def test_r161_holds_when_the_review_is_completed_or_the_concern_closed() -> None:
    assert moved("under-review", "active", done()) == set()
    assert moved("under-review", "active", concern(concern_status="closed")) == set()


@pytest.mark.parametrize(
    "around",
    [(), (review(),), (done(working=None),), (done(next_due_on=None),), (concern(),)],
    ids=["none", "still held", "R126", "R129", "still looked into"],
)
def test_r161_breaks_when_t13_finds_no_completed_review(around: tuple[Filed[Any], ...]) -> None:
    assert moved("under-review", "active", *around) == {"R161"}


def test_r161_holds_when_the_outcome_asks_for_a_plan_or_an_assessment() -> None:
    assert moved("under-review", "planning", review(outcome="plan-updated")) == set()
    assert moved("under-review", "assessing", review(outcome="reassessment-required")) == set()


@pytest.mark.parametrize("to", ["planning", "assessing"])
def test_r161_breaks_when_t14_or_t15_has_another_outcome(to: str) -> None:
    assert moved("under-review", to, review(outcome="no-change")) == {"R161"}
    assert moved("under-review", to) == {"R161"}
    long_ago = {"plan": "plan-updated", "asse": "reassessment-required"}[to[:4]]
    before = filed(done(outcome=long_ago, ended_on=date(2024, 5, 1)).record, "before")
    assert moved("under-review", to, before, done()) == {"R161"}


# --- T16, T17 ---------------------------------------------------------------------------------------


def said(id: str, *people: str) -> Filed[Discussion]:  # noqa: A002
    known: dict[str, Any] = {"topic": "suspension", "sent_on": date(2025, 5, 20), "recipients": people}
    return filed(made(Discussion, person_id=PERSON, status="completed", **known), id)


def pause(**known: Known) -> Filed[Suspension]:
    usual: dict[str, Any] = {
        "status": "in-progress",
        "intent": "order",
        "description": "The agency goes on",
        "reason": "account-problem",
        "started_on": date(2025, 5, 25),
        "based_on": ("Task/pausing",),
        "discussion_person_id": "with-person",
        "discussion_coordinator_id": "with-coordinator",
    }
    return filed(made(Suspension, person_id=PERSON, **usual | known), "pause")


DECIDED = filed(decision(decision_subject="suspension", about="EpisodeOfCare/case"), "pausing")
TALKS = (said("with-person", SELF), said("with-coordinator", COORDINATOR))


@pytest.mark.parametrize("start", ["active", "under-review"])
def test_r161_holds_when_payments_are_paused_by_decision(start: str) -> None:
    assert moved(start, "suspended", pause(), DECIDED, *TALKS) == set()


def test_r161_breaks_when_t16_finds_no_pause_or_one_not_talked_about() -> None:
    assert moved("active", "suspended") == {"R161"}
    assert moved("active", "suspended", pause(ended_on=date(2025, 5, 29)), DECIDED, *TALKS) == {"R161"}
    assert moved("active", "suspended", pause(), DECIDED, TALKS[0]) == {"R161"}
    assert moved("active", "suspended", pause(), *TALKS) == {"R161"}


def test_r161_holds_when_the_pause_is_over_and_breaks_while_it_stands() -> None:
    assert moved("suspended", "active", pause(status="completed", ended_on=date(2025, 6, 1)), DECIDED, *TALKS) == set()
    assert moved("suspended", "active", pause(), DECIDED, *TALKS) == {"R161"}


# --- T19 to T21 -------------------------------------------------------------------------------------


def transfer(status: str, **known: Known) -> Filed[Transfer]:
    usual: dict[str, Any] = {
        "status": "in-progress",
        "intent": "order",
        "transfer_status": status,
        "requester": ICB,
        "owner": "Organization/other-icb",
        "person_informed_on": date(2025, 4, 1),
        "accepted_by": "Organization/other-icb",
        "accepted_on": date(2025, 4, 10),
        "new_coordinator": "PractitionerRole/ola",
        "started_on": date(2025, 6, 1),
        "funded_until": date(2025, 5, 31),
        "balance_pence": 100,
        "balance_carried_pence": 100,
        "balance_returned_pence": 0,
        "first_review_due": date(2025, 8, 31),
    }
    return filed(made(Transfer, person_id=PERSON, **usual | known), "transfer")


def test_r161_holds_when_a_transfer_goes_its_way() -> None:
    assert moved("active", "transferring", transfer("accepted")) == set()
    assert moved("transferring", "active", transfer("effective")) == set()
    assert moved("transferring", "active", transfer("refused", description="Not resident")) == set()


def test_r161_breaks_when_t19_finds_the_transfer_not_accepted_or_with_a_gap() -> None:
    assert moved("active", "transferring", transfer("proposed")) == {"R161"}
    assert moved("active", "transferring", transfer("accepted", funded_until=date(2025, 5, 30))) == {"R161"}


def test_r161_breaks_when_t20_finds_the_balance_wrong_and_t21_no_reason() -> None:
    assert moved("transferring", "active", transfer("effective", balance_carried_pence=99)) == {"R161"}
    assert moved("transferring", "active", transfer("accepted")) == {"R161"}
    assert moved("transferring", "active", transfer("cancelled")) == {"R161"}
    earlier = filed(transfer("cancelled", description="Stayed after all").record, "earlier")
    assert moved("transferring", "active", earlier, transfer("accepted")) == {"R161"}


# --- T23, T24 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["active", "under-review"])
def test_r161_holds_when_a_case_ends_for_a_reason_and_breaks_without_one(start: str) -> None:
    assert moved(start, "ended", close_reason="goal-met") == set()
    assert moved(start, "ended") == {"R161"}


def stop(**known: Known) -> Filed[Any]:
    usual: dict[str, Any] = {
        "decision_subject": "stop",
        "about": "EpisodeOfCare/case",
        "started_on": date(2025, 7, 1),
        "stop_reason": "person-choice",
        "needs_continue": True,
        "replacement_option": "notional",
        "replacement_from": date(2025, 7, 1),
        "notice_id": "notice",
    }
    return filed(decision(**usual | known), "stopping")


def notice(**known: Known) -> Filed[Notice]:
    usual: dict[str, Any] = {
        "status": "completed",
        "notice_kind": "stop",
        "recipients": (SELF,),
        "sent_on": date(2025, 5, 20),
        "effective_on": date(2025, 7, 1),
        "reasons": "You asked for it",
        "reconsideration_told": True,
    }
    return filed(made(Notice, person_id=PERSON, **usual | known), "notice")


def test_r161_breaks_when_a_paused_case_ends_without_a_stop_notice_while_needs_go_on() -> None:
    assert moved("suspended", "ended", close_reason="person-choice") == {"R161"}
    assert moved("suspended", "ended", stop(), close_reason="person-choice") == {"R161"}
    assert "R113" in reasons("suspended", "ended", stop(), close_reason="person-choice")
    gap = stop(replacement_option=None, replacement_from=None)
    assert moved("suspended", "ended", gap, notice(), close_reason="person-choice") == {"R161"}


def test_r161_holds_when_a_paused_case_ends_with_notice_or_needs_end_too() -> None:
    assert moved("suspended", "ended", stop(), notice(), close_reason="person-choice") == set()
    assert moved("suspended", "ended", close_reason="goal-met") == set()


def test_r161_breaks_when_a_direct_payment_would_end_without_a_stop() -> None:
    running = filed(budget(direct_line(), budget_status="active"), "budget")
    assert moved("active", "ended", running, close_reason="no-longer-eligible") == {"R161"}
    assert moved("active", "ended", running, stop(), notice(), close_reason="no-longer-eligible") == set()


def stay(**known: Known) -> Filed[HospitalStay]:
    usual: dict[str, Any] = {"status": "in-progress", "admitted_on": date(2025, 5, 20)}
    return filed(made(HospitalStay, person_id=PERSON, **usual | known), "stay")


def test_r161_breaks_when_a_case_ends_because_of_a_stay_in_hospital() -> None:
    assert moved("active", "ended", stay(), close_reason="other") == {"R161"}
    assert "a stay in hospital ends no case" in reasons("active", "ended", stay())


def test_r161_holds_when_a_case_ends_for_another_reason_or_after_the_stay() -> None:
    assert moved("active", "ended", stay(), close_reason="goal-met") == set()
    home = stay(status="finished", discharged_on=date(2025, 5, 30))
    assert moved("active", "ended", home, close_reason="other") == set()


def test_r161_breaks_when_a_funder_leaves_alone_and_the_case_ends_with_it() -> None:
    leaving = made(
        FundingChange, person_id=PERSON, status="in-progress", intent="order", requester=ICB, new_amount_pence=0
    )
    around = filed(leaving, "leaving")
    assert moved("active", "ended", around, close_reason="moved-to-commissioned-care") == {"R161"}
    assert "R89" in reasons("active", "ended", around, close_reason="moved-to-commissioned-care")


def test_r161_breaks_when_money_was_paid_for_days_after_death() -> None:
    died = filed(made(Person, birth_date=date(1980, 5, 4), death_date=date(2025, 5, 1)), PERSON)
    paid = made(
        Payment,
        person_id=PERSON,
        status="active",
        payment_kind="instalment",
        payment_status="paid",
        start=date(2025, 5, 15),
        end=date(2025, 6, 14),
        due_on=date(2025, 5, 15),
    )
    assert moved("active", "ended", died, close_reason="died") == set()
    assert moved("active", "ended", died, filed(paid, "paid"), close_reason="died") == {"R161"}


def appeal(outcome: str) -> Filed[Appeal]:
    known: dict[str, Any] = {"appeal_kind": "reconsideration", "outcome": outcome, "appeal_status": "closed"}
    return filed(made(Appeal, person_id=PERSON, status="completed", intent="order", **known), "appeal")


def test_r161_holds_when_the_decision_was_overturned_and_breaks_when_it_stands() -> None:
    assert moved("ended", "active", appeal("changed")) == set()
    assert moved("ended", "active", appeal("decision-stands")) == {"R161"}
    assert moved("ended", "active") == {"R161"}
