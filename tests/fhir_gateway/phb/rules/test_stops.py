"""Cutting or stopping a direct payment, and what misuse calls for: R110, R112, R113, R115."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.change import Concern
from mappings.decision import Considered, Decision
from tests.fhir_gateway.phb.rules.money_dealings import (
    COORDINATOR,
    SELF,
    concern,
    decision,
    notice,
    repayment_notice,
    talk,
)
from tests.fhir_gateway.phb.rules.money_moved import recovery
from tests.fhir_gateway.phb.rules.money_world import plan, world
from tests.fhir_gateway.phb.shelf import broken, filed, issues, warned

# --- R112 -------------------------------------------------------------------------------------------

TOLD = notice("told", "reduction", effective_on=date(2025, 6, 7))


def reduction(**known: Any) -> Decision:
    return decision("cut", "reduction", **{"about": "Claim/budget", "notice_id": "told"} | known).record


def test_r112_holds_when_the_notice_is_sent_in_time() -> None:
    assert broken(reduction(), *world(TOLD)) == set()
    assert broken(TOLD.record, *world()) == set()


@pytest.mark.parametrize(
    "known",
    [{"effective_on": date(2025, 6, 6)}, {"reasons": None}, {"effective_on": None}, {"sent_on": None}],
    ids=["a day too early", "no reasons", "no day", "not sent"],
)
def test_r112_breaks_when_the_notice_is_late_or_says_too_little(known: dict[str, Any]) -> None:
    late = notice("told", "reduction", **{"effective_on": date(2025, 6, 7)} | known)
    assert broken(reduction(), *world(late)) == {"R112"}
    assert broken(late.record, *world()) == {"R112"}


@pytest.mark.parametrize(
    "standing",
    [(), (notice("told", "stop"),), (notice("told", "reduction", status="preparation"),)],
    ids=["no notice", "another notice", "not sent"],
)
def test_r112_breaks_when_there_is_no_notice(standing: tuple[Filed[Any], ...]) -> None:
    assert broken(reduction(), *world(*standing)) == {"R112"}


def test_r112_finds_the_notice_that_rests_on_the_decision() -> None:
    linked = notice("told", "reduction", effective_on=date(2025, 6, 7), based_on=("Task/cut",))
    assert broken(reduction(notice_id=None), *world(linked), id="cut") == set()
    assert broken(reduction(notice_id=None), *world(TOLD), id="cut") == {"R112"}


def test_r112_goes_by_the_notice_that_the_plan_promises() -> None:
    soon = notice("told", "reduction", effective_on=date(2025, 5, 11))
    assert broken(reduction(), *world(soon)) == {"R112"}
    assert broken(reduction(), *world(soon, plan(dp_reduction_notice_days=1))) == set()
    assert broken(reduction(), *world(soon, plan(dp_reduction_notice_days=None))) == set()
    assert broken(reduction(), *world(soon, plan(plan_status="draft"))) == set()


@pytest.mark.parametrize("known", [{"outcome": "declined", "alternatives": "None"}, {"status": "draft"}])
def test_r112_holds_for_a_reduction_that_is_not_decided(known: dict[str, Any]) -> None:
    assert broken(reduction(**known), *world()) == set()


def test_r112_warns_while_the_decision_is_not_told_yet() -> None:
    taken = reduction(decision_status="decided", communicated_on=None, notice_id=None)
    assert (broken(taken, *world()), "R112" in warned(taken, *world())) == (set(), True)


def test_r112_holds_for_a_later_change_of_a_notice_sent_long_ago() -> None:
    late = notice("told", "reduction", effective_on=date(2025, 5, 11)).record
    assert broken(replace(late, format="large-print"), *world(), previous=late) == set()


# --- R113 -------------------------------------------------------------------------------------------

ENDS = notice("ends", "stop", effective_on=date(2025, 6, 30))


def stop(**known: Any) -> Decision:
    usual: dict[str, Any] = {
        "about": "Claim/budget",
        "notice_id": "ends",
        "stop_reason": "person-choice",
        "needs_continue": True,
        "replacement_option": "notional",
        "replacement_from": date(2025, 6, 30),
    }
    return decision("stop", "stop", **usual | known).record


def test_r113_holds_when_notice_reason_and_replacement_are_there() -> None:
    assert broken(stop(), *world(ENDS)) == set()
    assert broken(stop(replacement_from=date(2025, 6, 1)), *world(ENDS)) == set()


@pytest.mark.parametrize(
    "known",
    [
        {"stop_reason": None},
        {"notice_id": None},
        {"replacement_option": None},
        {"replacement_from": None},
        {"replacement_from": date(2025, 7, 1)},
        {"needs_continue": None, "replacement_option": None},
    ],
    ids=["no reason", "no notice", "no replacement", "from no day", "a gap", "needs not thought of"],
)
def test_r113_breaks_when_one_thing_is_missing(known: dict[str, Any]) -> None:
    assert broken(stop(**known), *world(ENDS)) == {"R113"}


@pytest.mark.parametrize("known", [{"reasons": None}, {"status": "preparation"}, {"notice_kind": "decision"}])
def test_r113_breaks_when_the_notice_does_not_do(known: dict[str, Any]) -> None:
    assert broken(stop(), *world(notice("ends", **{"kind": "stop"} | _kind(known)))) == {"R113"}


def _kind(known: dict[str, Any]) -> dict[str, Any]:
    return {"kind" if name == "notice_kind" else name: value for name, value in known.items()}


def test_r113_holds_without_a_replacement_when_needs_end() -> None:
    over = {"replacement_option": None, "replacement_from": None}
    assert broken(stop(needs_continue=False, **over), *world(ENDS)) == set()
    assert broken(stop(needs_continue=None, stop_reason="person-died", **over), *world(ENDS)) == set()


def test_r113_holds_for_a_stop_that_is_not_decided() -> None:
    assert broken(stop(outcome=None, decision_status="requested", stop_reason=None), *world()) == set()
    assert broken(stop(outcome="declined", alternatives="None", notice_id=None), *world()) == set()


def test_r113_warns_of_a_missing_notice_while_the_stop_is_not_told_yet() -> None:
    on_the_day = date(2025, 5, 20)
    taken = stop(
        decision_status="decided",
        communicated_on=None,
        notice_id=None,
        started_on=on_the_day,
        replacement_from=on_the_day,
    )
    assert (broken(taken, *world()), "R113" in warned(taken, *world())) == (set(), True)


def test_r113_says_where_the_gap_is() -> None:
    (found,) = issues(stop(replacement_from=date(2025, 7, 1)), *world(ENDS))
    assert "starts by 2025-06-30" in found.diagnostics


# --- R110, the stop ---------------------------------------------------------------------------------


def misused(*cited: str) -> Decision:
    considered = tuple(made(Considered, about=one) for one in cited) or (made(Considered, text="What was found"),)
    return stop(stop_reason="used-outside-plan", considered=considered)


def found_out(id_: str, finding: str, **known: Any) -> Filed[Concern]:
    return filed(replace(concern().record, finding=finding, **known), id_)


MISTAKE = found_out("mistake", "genuine-mistake")
FRAUD = found_out("fraud", "suspected-fraud")


def test_r110_breaks_when_a_mistake_is_the_only_reason_to_stop() -> None:
    assert broken(misused("Task/mistake"), *world(ENDS, MISTAKE)) == {"R110"}
    assert broken(misused("Task/mistake"), *world(ENDS, MISTAKE, FRAUD)) == {"R110"}
    back = filed(recovery(misuse_finding="genuine-mistake"), "back")
    assert broken(misused("Claim/back"), *world(ENDS, back, repayment_notice())) == {"R110"}


def test_r110_breaks_when_nothing_is_cited_and_only_a_mistake_was_ever_found() -> None:
    assert broken(misused(), *world(ENDS, MISTAKE)) == {"R110"}
    assert broken(misused(), *world(ENDS, MISTAKE, FRAUD)) == set()


def test_r110_holds_when_there_is_another_reason() -> None:
    assert broken(misused("Task/mistake", "Task/fraud"), *world(ENDS, MISTAKE, FRAUD)) == set()
    assert broken(misused(), *world(ENDS)) == set()
    assert broken(replace(misused("Task/mistake"), stop_reason="person-choice"), *world(ENDS, MISTAKE)) == set()


# --- R115 -------------------------------------------------------------------------------------------

LED = talk("led", "misuse", sender=COORDINATOR)


def wilful(**known: Any) -> Concern:
    usual: dict[str, Any] = {"finding": "wilful-misuse", "conversation_id": "led", "outcome_option": "notional"}
    return concern(**usual | known).record


@pytest.mark.parametrize("option", ["notional", "third-party"])
def test_r115_holds_when_the_coordinator_led_the_conversation_and_it_is_decided(option: str) -> None:
    assert broken(wilful(outcome_option=option), *world(LED)) == set()


@pytest.mark.parametrize("known", [{"conversation_id": None}, {"conversation_id": "x"}, {"outcome_option": None}])
def test_r115_breaks_when_conversation_or_decision_is_missing(known: dict[str, Any]) -> None:
    assert broken(wilful(**known), *world(LED)) == {"R115"}


def test_r115_breaks_when_somebody_else_led_it() -> None:
    assert broken(wilful(), *world(talk("led", "misuse", sender=SELF, recipients=(COORDINATOR,)))) == {"R115"}


def test_r115_holds_for_other_findings_and_for_a_draft() -> None:
    nothing = {"conversation_id": None, "outcome_option": None}
    assert broken(wilful(finding="unclear", **nothing), *world()) == set()
    assert broken(wilful(status="draft", **nothing), *world()) == set()


def test_r115_breaks_when_a_payment_says_wilful_misuse_that_nobody_looked_into() -> None:
    back = recovery(misuse_finding="wilful-misuse")
    looked_into = filed(wilful(), "concern")
    assert broken(back, *world(LED, looked_into, repayment_notice())) == set()
    assert broken(back, *world(LED, repayment_notice())) == {"R115"}
    undecided = filed(wilful(outcome_option=None), "concern")
    assert broken(back, *world(LED, undecided, repayment_notice())) == {"R115"}
