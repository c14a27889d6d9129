"""Who speaks for the person on a day, and what a direct payment rests on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_gateway.phb.case.capacity import Speaker, capacity_on, speaker_on
from fhir_gateway.phb.case.consents import unsupported, withdrawn, withdrawn_by
from tests.fhir_gateway.phb.people_paid import (
    CHILD_BORN,
    capacity,
    child,
    consent,
    lacking,
    own,
    person,
    to_speak,
    without,
)
from tests.fhir_gateway.phb.shelf import case_file, filed

FROM, TO = date(2025, 3, 1), date(2032, 12, 31)
GROWN = date(2028, 5, 4)


def test_the_latest_assessment_by_the_day_counts() -> None:
    first, second = capacity("lacks-capacity", date(2025, 1, 1)), capacity("fluctuating", date(2025, 2, 1))
    undated, empty = capacity("lacks-capacity", on=date(2024, 1, 1), assessed_on=None), capacity("not-assessed")
    case = case_file(filed(second, "a"), filed(first, "b"), filed(undated, "c"), filed(empty, "d"))
    assert capacity_on(case, date(2025, 1, 31)) == first
    assert capacity_on(case, date(2025, 2, 1)) == second
    assert capacity_on(case, date(2024, 12, 31)) == undated
    assert capacity_on(case_file(), FROM) is None


@pytest.mark.parametrize(("day", "speaker"), [(GROWN - timedelta(days=1), Speaker.FOR_CHILD), (GROWN, Speaker.PERSON)])
def test_a_child_speaks_alone_from_the_sixteenth_birthday(day: date, speaker: Speaker) -> None:
    assert speaker_on(case_file(person(birth_date=CHILD_BORN)), day) is speaker


def test_a_known_age_outweighs_an_assessment_that_calls_an_adult_a_child() -> None:
    assert speaker_on(case_file(person(), filed(capacity("under-16"), "odd")), FROM) is Speaker.PERSON


@given(day=st.dates(FROM, TO))
def test_own_consent_carries_every_day_and_a_representatives_the_childhood(day: date) -> None:
    assert unsupported(case_file(*own()), day) == ""
    assert unsupported(case_file(*lacking()), day) == ""
    assert unsupported(case_file(*child()), day) == ("" if day < GROWN else "R25")


@given(day=st.dates(FROM, TO), last=st.dates(FROM, TO))
def test_a_consent_carries_until_its_last_day_and_not_beyond(day: date, last: date) -> None:
    ended = consent(withdrawn_on=last)
    assert withdrawn(ended)
    assert withdrawn_by(ended, day) is (day > last)
    assert unsupported(case_file(person(), filed(ended, "own")), day) == ("" if day <= last else "R23")
    hers = filed(to_speak(withdrawn_on=last), "hers")
    assert unsupported(case_file(*without(lacking(), "hers"), hers), day) == ("" if day <= last else "R23")
