"""K19 to K21 over records put together by hand."""

from datetime import date
from fractions import Fraction
from typing import Any

from fhir_gateway.demo.entry import Entry, entry
from fhir_gateway.gateway import Gateway
from mappings import decision
from tests.fhir_gateway.store.measures.world import CHC, counts, holder, outcomes, result, strata

NOVEMBER = date(2025, 11, 20)


def _decision(ident: str, name: str = "a", **known: Any) -> Entry:
    usual: dict[str, Any] = {
        "person_id": name,
        "status": "completed",
        "intent": "order",
        "decision_subject": "plan",
        "outcome": "approved",
        "requested_on": date(2025, 11, 1),
        "respond_by": NOVEMBER,
        "ended_on": date(2025, 11, 11),
        "communicated_on": date(2025, 11, 12),
    }
    return entry(ident, decision.DECISION, **usual | known)


def _appeal(ident: str, **known: Any) -> Entry:
    usual: dict[str, Any] = {
        "person_id": "a",
        "status": "requested",
        "intent": "order",
        "appeal_kind": "reconsideration",
    }
    return entry(ident, decision.APPEAL, **usual | known)


# --- K19 --------------------------------------------------------------------------------------------


def test_a_decision_is_in_time_when_it_is_told_by_the_day_to_respond_by(gateway: Gateway) -> None:
    every = (
        _decision("d1", communicated_on=NOVEMBER),
        _decision("d2", communicated_on=date(2025, 11, 21)),
        _decision("d3", communicated_on=None),
        _decision("d4", status="cancelled"),
        _decision("d5", respond_by=date(2026, 1, 1)),
    )
    assert counts(gateway, "K19", holder("a"), every) == (1, 3)


def test_a_decision_about_a_person_without_a_case_counts_with_what_is_not_known(gateway: Gateway) -> None:
    (found,) = outcomes(gateway, "K19", _decision("d1", "nobody"))
    assert strata(found, "eligibility-group") == {"not-known": (1, 1)}


# --- K20 --------------------------------------------------------------------------------------------


def _decided_in(days: int, name: str, **known: Any) -> tuple[Entry, ...]:
    """Plan and budget, submitted on 1 November and decided by two funders, the last after so many days."""
    last = date(2025, 11, 1 + days)
    first = _decision(f"{name}-nhs", name, ended_on=date(2025, 11, 2))
    council = _decision(f"{name}-la", name, decision_subject="agreed-budget", ended_on=last)
    return *holder(name, **known), first, council


def test_the_median_is_of_submissions_by_their_last_decision(gateway: Gateway) -> None:
    (found,) = outcomes(gateway, "K20", _decided_in(10, "a"), _decided_in(12, "b"), _decided_in(28, "c", group=CHC))
    assert (found.result.denominator, found.result.score) == (3, Fraction(12))
    assert {stratum.values: stratum.result.score for stratum in found.strata if stratum.by == "eligibility-group"} == {
        (CHC,): Fraction(28),
        ("long-term-conditions",): Fraction(11),
    }


def test_the_median_of_two_lies_between_them(gateway: Gateway) -> None:
    assert result(gateway, "K20", _decided_in(10, "a"), _decided_in(13, "b")).score == Fraction(23, 2)


def test_a_submission_that_waits_for_a_funder_is_not_decided(gateway: Gateway) -> None:
    waiting = (*_decided_in(10, "a"), _decision("a-school", ended_on=None, outcome=None, status="requested"))
    assert result(gateway, "K20", waiting).denominator == 0


def test_a_decision_put_off_is_none_and_other_subjects_are_no_submission(gateway: Gateway) -> None:
    deferred = _decision("a-1", outcome="deferred", ended_on=date(2025, 11, 3))
    other = _decision("a-2", decision_subject="review-request", ended_on=date(2025, 11, 29))
    found = result(gateway, "K20", holder("a"), deferred, other, _decision("a-3"))
    assert (found.denominator, found.score) == (1, Fraction(10))


# --- K21 --------------------------------------------------------------------------------------------


def test_appeals_lodged_are_held_against_decisions_and_those_that_changed_one_against_those_closed(
    gateway: Gateway,
) -> None:
    decisions = tuple(_decision(f"d{at}") for at in range(4))
    appeals = (
        _appeal("p1", requested_on=date(2025, 12, 1)),
        _appeal("p2", requested_on=date(2025, 9, 1), ended_on=NOVEMBER, status="completed", outcome="changed"),
        _appeal("p3", requested_on=date(2025, 9, 1), ended_on=NOVEMBER, appeal_status="closed", outcome="withdrawn"),
        _appeal("p4", requested_on=date(2025, 12, 1), status="cancelled"),
    )
    lodged, changed = outcomes(gateway, "K21", holder("a"), decisions, appeals)
    assert (lodged.result.numerator, lodged.result.denominator) == (1, 4)
    assert (changed.result.numerator, changed.result.denominator) == (1, 2)
    assert strata(lodged, "age") == {"adult": (1, 4)}
