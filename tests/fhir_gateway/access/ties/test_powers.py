"""Powers over another's record: whose begin and end on which day, and that each end is one of its own."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fhir_gateway.access.ties.tie import FOREVER
from fhir_gateway.phb.case_file import Filed
from mappings.terminology import REPRESENTATIVE_ROLES
from tests.fhir_gateway.access.ties.worked_out import held_by, ties
from tests.fhir_gateway.phb.people_paid import (
    CHILD_BORN,
    MOTHER,
    capacity,
    child,
    consent,
    lacking,
    mother,
    nominee,
    person,
    to_speak,
)
from tests.fhir_gateway.phb.shelf import case_file, filed

DAY = timedelta(days=1)
SIXTEEN, EIGHTEEN = date(2028, 5, 4), date(2030, 5, 4)
LOST = date(2025, 2, 1)  # the later of the assessment and the consent
ROLE = "representative"


def put(standing: tuple[Filed[Any], ...], id_: str, **known: Any) -> tuple[Filed[Any], ...]:
    """The same records, one of them changed."""
    return tuple(replace(one, record=replace(one.record, **known)) if one.id == id_ else one for one in standing)


def on_the_edge(kind: str, day: date, *standing: Filed[Any]) -> tuple[bool, bool]:
    """Whether the mother holds it the day before, and on the day."""
    return MOTHER in held_by(kind, day - DAY, *standing), MOTHER in held_by(kind, day, *standing)


def parent(**known: Any) -> tuple[Filed[Any], ...]:
    return put(child(), "mother", roles=("parental-responsibility",), **known)


# --- the person -------------------------------------------------------------------------------------


def test_the_person_is_tied_to_themselves_until_the_day_of_death() -> None:
    (found,) = ties("self", person())
    assert (found.who, found.since, found.until) == ("Patient/pat", 0, FOREVER)
    dead = person(death_date=date(2025, 5, 5))
    assert held_by("self", date(2025, 5, 4), dead) == {"Patient/pat"}
    assert held_by("self", date(2025, 5, 5), dead) == set()
    assert ties("self", person(deceased=True)) == []
    assert ties("self") == []


# --- representatives: how a power ends --------------------------------------------------------------


def test_parental_responsibility_ends_at_eighteen() -> None:
    assert on_the_edge(ROLE, EIGHTEEN, *parent()) == (True, False)


def test_parental_responsibility_ends_at_eighteen_though_capacity_is_lacking() -> None:
    lost = filed(capacity("lacks-capacity", date(2029, 1, 1)), "lost")
    assert on_the_edge(ROLE, EIGHTEEN, *parent(), lost) == (True, False)
    assert on_the_edge(ROLE, EIGHTEEN, *put(parent(), "mother", roles=("parental-responsibility", "deputy")), lost) == (
        True,
        True,
    )


@pytest.mark.parametrize("role", sorted(REPRESENTATIVE_ROLES - {"parental-responsibility"}))
def test_every_other_power_over_a_child_ends_at_sixteen(role: str) -> None:
    assert on_the_edge(ROLE, SIXTEEN, *put(child(), "mother", roles=(role,))) == (True, False)


def test_a_child_born_on_the_last_of_february_grows_up_on_the_first_of_march() -> None:
    assert on_the_edge(ROLE, date(2026, 3, 1), *put(parent(), "pat", birth_date=date(2008, 2, 29))) == (True, False)


def test_an_adult_with_capacity_is_represented_by_nobody() -> None:
    assert ties(ROLE, person(), filed(mother(), "mother"), filed(to_speak(), "hers")) == []


def test_a_power_over_an_adult_begins_when_capacity_is_lost_and_ends_the_day_it_is_back() -> None:
    back = filed(capacity("has-capacity", date(2025, 9, 1)), "regained")
    assert on_the_edge(ROLE, LOST, *lacking()) == (False, True)
    assert on_the_edge(ROLE, date(2025, 9, 1), *lacking(), back) == (True, False)


@pytest.mark.parametrize(
    ("status", "for_a_time", "goes_on"),
    [
        ("fluctuating", None, False),
        ("has-capacity", True, True),
        ("has-capacity", False, False),
        ("not-assessed", None, True),
        ("lacks-capacity", None, True),
    ],
)
def test_only_capacity_that_is_back_for_good_ends_a_power(status: str, for_a_time: bool | None, goes_on: bool) -> None:  # noqa: FBT001
    later = filed(capacity(status, date(2025, 9, 1), expected_temporary=for_a_time), "later")
    assert on_the_edge(ROLE, date(2025, 9, 1), *lacking(), later) == (True, goes_on)


def test_capacity_lost_again_gives_the_power_again() -> None:
    found = (
        *lacking(),
        filed(capacity("has-capacity", date(2025, 4, 1)), "mid"),
        filed(capacity("lacks-capacity", date(2025, 7, 1)), "relapse"),
    )
    assert [bool(held_by(ROLE, date(2025, month, 15), *found)) for month in (3, 5, 8)] == [True, False, True]
    assert [one.source for one in ties(ROLE, *found)] == [MOTHER, f"{MOTHER}#2"]


def test_capacity_is_judged_for_each_decision_by_itself() -> None:
    other = filed(capacity("has-capacity", date(2025, 9, 1), decision="share-record"), "other")
    assert on_the_edge(ROLE, date(2025, 9, 1), *lacking(), other) == (True, True)


def test_without_a_birth_date_an_assessment_may_tell_a_child() -> None:
    unborn = put(lacking(), "pat", birth_date=None)
    young = filed(capacity("under-16"), "lost")
    assert bool(ties(ROLE, *unborn[:-1], young))
    assert ties(ROLE, *unborn[:-1]) == []
    assert ties(ROLE, *lacking()[:-1], young) == [], "a known age outweighs it"


@pytest.mark.parametrize("standing", [parent(), lacking()], ids=["child", "adult"])
class TestEveryPower:
    def test_ends_with_its_own_last_day(self, standing: tuple[Filed[Any], ...]) -> None:
        last = date(2025, 8, 31)
        assert on_the_edge(ROLE, last + DAY, *put(standing, "mother", end=last)) == (True, False)

    def test_begins_with_its_own_first_day(self, standing: tuple[Filed[Any], ...]) -> None:
        first = date(2025, 8, 1)
        assert on_the_edge(ROLE, first, *put(standing, "mother", start=first)) == (False, True)

    def test_ends_when_the_party_is_no_longer_active(self, standing: tuple[Filed[Any], ...]) -> None:
        assert ties(ROLE, *put(standing, "mother", active=False)) == []

    def test_ends_after_the_last_day_of_the_consent_to_act(self, standing: tuple[Filed[Any], ...]) -> None:
        last = date(2025, 8, 31)
        assert on_the_edge(ROLE, last + DAY, *put(standing, "hers", withdrawn_on=last)) == (True, False)

    def test_ends_at_once_when_the_consent_is_made_inactive(self, standing: tuple[Filed[Any], ...]) -> None:
        later = date(2099, 1, 1)
        assert ties(ROLE, *put(standing, "hers", status="inactive", withdrawn_on=later)) == []

    def test_ends_with_the_persons_life(self, standing: tuple[Filed[Any], ...]) -> None:
        died = date(2025, 8, 1)
        assert on_the_edge(ROLE, died, *put(standing, "pat", death_date=died)) == (True, False)

    def test_needs_somebody_who_agreed(self, standing: tuple[Filed[Any], ...]) -> None:
        alone = tuple(one for one in standing if one.id != "hers")
        assert ties(ROLE, *alone) == []
        assert on_the_edge(ROLE, date(2025, 3, 1), *put(alone, "mother", agreed_to_act_on=date(2025, 3, 1))) == (
            False,
            True,
        )

    def test_needs_authority(self, standing: tuple[Filed[Any], ...]) -> None:
        assert (
            ties(ROLE, *put(standing, "mother", roles=("family-member", "unpaid-carer", "la-nominated-person"))) == []
        )

    def test_is_not_given_by_anothers_consent(self, standing: tuple[Filed[Any], ...]) -> None:
        assert ties(ROLE, *put(standing, "hers", given_by="RelatedPerson/aunt")) == []


# --- nominees ---------------------------------------------------------------------------------------


def nominated(**known: Any) -> tuple[Filed[Any], ...]:
    return person(), filed(nominee(**known), "mother")


def test_a_nominee_begins_when_both_sides_have_agreed() -> None:
    assert on_the_edge("nominee", date(2025, 3, 10), *nominated()) == (False, True)


@pytest.mark.parametrize("missing", ["nominated_by", "agreed_to_act_on", "body_agreed_on"])
def test_a_nomination_that_is_not_complete_gives_nothing(missing: str) -> None:
    assert ties("nominee", *nominated(**{missing: None})) == []


def test_a_nominee_ends_with_the_nomination_the_consent_or_the_person() -> None:
    day = date(2025, 8, 1)
    assert on_the_edge("nominee", day, *nominated(end=day - DAY)) == (True, False)
    theirs = filed(consent("act-as-nominee", MOTHER, withdrawn_on=day - DAY), "theirs")
    assert on_the_edge("nominee", day, *nominated(), theirs) == (True, False)
    assert on_the_edge("nominee", day, *put(nominated(), "pat", death_date=day)) == (True, False)
    assert ties("nominee", *nominated(active=False)) == []


def test_the_day_of_the_case_file_changes_no_tie() -> None:
    from fhir_gateway.access.ties.derivation import derived

    standing = (*parent(), filed(nominee(), "mother-too"))
    assert len({derived(case_file(*standing, today=day)) for day in (CHILD_BORN, date(2025, 1, 1), EIGHTEEN)}) == 1
