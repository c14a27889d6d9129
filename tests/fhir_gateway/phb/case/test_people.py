"""Ages and birthdays, and periods with open ends."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.case.days import Span, meet, runs_on
from fhir_gateway.phb.case.people import birthday, born_on, party, reaches, representatives, themselves
from tests.fhir_gateway.phb.people_paid import ADULT_BORN, mother, person
from tests.fhir_gateway.phb.shelf import PERSON, case_file, filed

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
ENDS = st.none() | DAYS


@pytest.mark.parametrize(
    ("born", "years", "day"),
    [
        (date(2009, 6, 1), 16, date(2025, 6, 1)),
        (date(2008, 2, 29), 16, date(2024, 2, 29)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
    ],
)
def test_a_birthday_is_the_same_day_or_the_one_after_a_missing_29_february(born: date, years: int, day: date) -> None:
    assert birthday(born, years) == day


@given(born=DAYS, years=st.integers(0, 110))
def test_a_birthday_comes_no_earlier_than_the_years_have_passed(born: date, years: int) -> None:
    day = birthday(born, years)
    assert day.year == born.year + years
    assert (day.month, day.day) >= (born.month, born.day)
    before = day - timedelta(days=1)
    assert (before.year, before.month, before.day) < (born.year + years, born.month, born.day)


@given(one=st.tuples(ENDS, ENDS), other=st.tuples(ENDS, ENDS), day=DAYS)
def test_periods_with_a_day_in_common_meet_whichever_comes_first(one: Span, other: Span, day: date) -> None:
    assert meet(one, other) is meet(other, one)
    if runs_on(one[0], one[1], day) and runs_on(other[0], other[1], day):
        assert meet(one, other)


@given(start=DAYS, length=st.integers(0, 900), gap=st.integers(1, 900))
def test_periods_one_after_the_other_do_not_meet(start: date, length: int, gap: int) -> None:
    end = start + timedelta(days=length)
    later = end + timedelta(days=gap)
    assert not meet((start, end), (later, None))
    assert not meet((None, end), (later, later))


def test_an_age_is_unknown_without_a_birth_date_or_a_person() -> None:
    assert (born_on(case_file(person())), reaches(case_file(person()), 18)) == (ADULT_BORN, date(1998, 5, 4))
    assert reaches(case_file(person(birth_date=None)), 18) is None
    assert reaches(case_file(), 18) is None


def test_a_party_is_named_by_its_own_type_alone() -> None:
    case = case_file(person(), filed(mother(), "mother"), filed(mother(roles=("friend",)), "friend"))
    assert themselves(case) == f"Patient/{PERSON}"
    assert party(case, "RelatedPerson/mother") == mother()
    assert party(case, themselves(case)) is None
    assert party(case, None) is None
    assert [one.id for one in representatives(case)] == ["mother"]
