"""The history of a case's statuses, kept where the client does not."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.case.history import moved
from fhir_gateway.phb.case_file import Written
from fhir_gateway.phb.effects.cases import status_history_is_kept
from mappings.episode_of_care import PhbCase, StatusSpan
from mappings.terminology import CASE_STATE
from tests.fhir_gateway.phb.moves import at
from tests.fhir_gateway.phb.shelf import TODAY, case_file

OPENED = date(2025, 1, 7)
YESTERDAY = date(2025, 5, 31)


def span(status: str, start: date | None, end: date | None = None) -> StatusSpan:
    return StatusSpan(status=status, start=start, end=end)


def history(after: PhbCase, before: PhbCase | None, today: date = TODAY) -> tuple[StatusSpan, ...] | None:
    """The history the gateway writes, None where it writes none."""
    case = case_file(today=today)
    found = tuple(status_history_is_kept(Written("EpisodeOfCare", "case", 2, after, before), case))
    return found[0].record.status_history if found else None


def test_the_status_that_ended_and_the_new_one_are_told() -> None:
    assert history(at("awaiting-decision"), at("planning")) == (
        span("planned", OPENED, YESTERDAY),
        span("waitlist", TODAY),
    )


def test_a_span_that_runs_is_closed_and_those_before_it_stay() -> None:
    kept = {"status_history": (span("planned", OPENED, date(2025, 3, 1)), span("waitlist", date(2025, 3, 2)))}
    assert history(at("organising", **kept), at("awaiting-decision", **kept)) == (
        span("planned", OPENED, date(2025, 3, 1)),
        span("waitlist", date(2025, 3, 2), YESTERDAY),
        span("active", TODAY),
    )


def test_a_gap_in_the_history_is_filled_from_the_day_after() -> None:
    kept = {"status_history": (span("planned", OPENED, date(2025, 3, 1)),)}
    assert history(at("active", **kept), at("suspended", **kept)) == (
        span("planned", OPENED, date(2025, 3, 1)),
        span("onhold", date(2025, 3, 2), YESTERDAY),
        span("active", TODAY),
    )


@pytest.mark.parametrize(
    ("after", "before"),
    [
        (at("planning"), at("budget-setting")),
        (at("awaiting-decision"), None),
        (at("awaiting-decision", status_history=(span("waitlist", TODAY),)), at("planning")),
        (replace(at("planning"), status="entered-in-error"), at("planning")),
    ],
    ids=["the same status", "a new case", "kept by the client", "entered in error"],
)
def test_nothing_is_written_for(after: PhbCase, before: PhbCase | None) -> None:
    assert history(after, before) is None


def test_the_provenance_names_the_transition() -> None:
    new = Written("EpisodeOfCare", "case", 2, at("awaiting-decision"), at("planning"))
    (found,) = status_history_is_kept(new, case_file())
    assert (found.rule, found.id) == ("T7", "case")


@given(st.lists(st.tuples(st.sampled_from(list(CASE_STATE)), st.integers(0, 90)), min_size=1, max_size=12))
def test_the_spans_follow_each_other_without_a_gap(moves: list[tuple[str, int]]) -> None:
    day, case = OPENED, at("enquiry")
    for state, days in moves:
        day = date.fromordinal(day.toordinal() + days)
        case = moved(case, state, day)
    spans: list[Any] = list(case.status_history)
    assert [one.status for one in spans[-1:]] in ([case.status], [])
    for one, following in pairwise(spans):
        assert one.status != following.status
        assert 0 <= (following.start - one.end).days <= 1
        assert one.start <= one.end
