"""When the next review is due, by stream and option."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.periods import months_after
from fhir_gateway.phb.review_dates import Intervals, Purse, due, dues
from mappings.terminology import FUNDING_STREAM, MANAGEMENT_OPTION

INTERVALS = Intervals(first=3, later=12, council_first=6)
PAID = date(2025, 4, 1)
NHS = Purse(stream="nhs-other", option="direct-payment", first_paid=PAID)
COUNCIL = Purse(stream="la-adult-social-care", option="direct-payment", first_paid=PAID)
EDUCATION = Purse(stream="education-high-needs", option="direct-payment", first_paid=PAID)


def reviewed(purse: Purse, day: date) -> Purse:
    return Purse(stream=purse.stream, option=purse.option, first_paid=purse.first_paid, last_review=day)


def test_the_worked_example_is_due_three_months_after_the_first_of_april() -> None:
    """Domain.md 6.8 example 4."""
    healthcare = Purse(stream="nhs-chc", option="direct-payment", first_paid=PAID)
    assert due(healthcare, INTERVALS) == date(2025, 7, 1)


@pytest.mark.parametrize(
    ("paid", "day"),
    [
        (date(2025, 11, 30), date(2026, 2, 28)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2025, 3, 31), date(2025, 6, 30)),
        (date(2025, 10, 15), date(2026, 1, 15)),
    ],
)
def test_a_day_that_does_not_exist_is_the_month_end(paid: date, day: date) -> None:
    assert due(Purse(stream="nhs-other", option="direct-payment", first_paid=paid), INTERVALS) == day


def test_a_council_has_six_months_for_the_first_and_twelve_for_the_next() -> None:
    assert due(COUNCIL, INTERVALS) == date(2025, 10, 1)
    assert due(reviewed(COUNCIL, date(2025, 6, 24)), INTERVALS) == date(2026, 6, 24)


def test_education_money_is_reviewed_after_three_months_and_then_with_the_plan_of_the_council() -> None:
    coming = date(2025, 12, 1)
    later = reviewed(EDUCATION, date(2025, 6, 24))
    assert due(EDUCATION, INTERVALS, ehc_review=coming) == date(2025, 7, 1)
    assert due(later, INTERVALS, ehc_review=coming) == coming
    assert due(later, INTERVALS) == date(2026, 6, 24)
    assert due(later, INTERVALS, ehc_review=date(2025, 6, 1)) == date(2026, 6, 24)
    assert due(later, INTERVALS, ehc_review=date(2027, 1, 1)) == date(2026, 6, 24)


def test_the_plan_review_of_the_council_does_not_move_the_day_of_the_nhs() -> None:
    later = reviewed(NHS, date(2025, 6, 24))
    assert due(later, INTERVALS, ehc_review=date(2025, 12, 1)) == date(2026, 6, 24)


def test_risk_may_ask_for_fewer_months_never_for_more() -> None:
    assert due(NHS, INTERVALS, at_most=1) == date(2025, 5, 1)
    assert due(COUNCIL, INTERVALS, at_most=4) == date(2025, 8, 1)
    assert due(reviewed(NHS, date(2025, 6, 24)), INTERVALS, at_most=6) == date(2025, 12, 24)
    assert due(NHS, INTERVALS, at_most=24) == due(NHS, INTERVALS)


def test_nothing_is_due_before_the_first_payment_nor_for_money_that_no_law_reviews() -> None:
    assert due(Purse(stream="nhs-other", option="direct-payment"), INTERVALS) is None
    assert due(Purse(stream="charity-or-other", option="direct-payment", first_paid=PAID), INTERVALS) is None
    assert due(Purse(stream="unheard-of", option="direct-payment", first_paid=PAID), INTERVALS) is None


def test_a_review_counts_where_the_first_payment_is_not_known() -> None:
    known = Purse(stream="nhs-other", option="direct-payment", last_review=date(2025, 1, 31))
    assert due(known, INTERVALS) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("purse", "number"),
    [
        (NHS, "R116"),
        (reviewed(NHS, date(2025, 6, 24)), "R117"),
        (Purse(stream="nhs-chc", option="direct-payment", first_paid=PAID), "R116"),
        (Purse(stream="nhs-chc", option="notional", first_paid=PAID), "R119"),
        (COUNCIL, "R119"),
        (EDUCATION, "R119"),
        (Purse(stream="nhs-other", option="notional", first_paid=PAID), "R118"),
        (Purse(stream="la-section-117", option="third-party", first_paid=PAID), "R118"),
    ],
)
def test_each_purse_names_the_rule_that_sets_its_day(purse: Purse, number: str) -> None:
    assert purse.rule == number


def test_the_earliest_comes_first_and_the_direct_payment_before_others_of_its_day() -> None:
    notional = Purse(stream="nhs-other", option="notional", first_paid=PAID)
    found = dues((COUNCIL, notional, NHS), INTERVALS)
    assert [(one.on, one.purse) for one in found] == [
        (date(2025, 7, 1), NHS),
        (date(2025, 7, 1), notional),
        (date(2025, 10, 1), COUNCIL),
    ]


PURSES = st.builds(
    Purse,
    stream=st.sampled_from(sorted(FUNDING_STREAM)),
    option=st.sampled_from(sorted(MANAGEMENT_OPTION)),
    first_paid=st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    last_review=st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)


@given(st.lists(PURSES, max_size=5), st.none() | st.dates(date(2020, 1, 1), date(2045, 1, 1)))
def test_no_day_lies_before_what_it_counts_from_nor_beyond_a_year(purses: list[Purse], ehc_review: date | None) -> None:
    found = dues(purses, INTERVALS, ehc_review=ehc_review)
    assert [one.on for one in found] == sorted(one.on for one in found)
    for one in found:
        since = one.purse.last_review or one.purse.first_paid
        assert since is not None
        assert since < one.on <= months_after(since, 12)
