"""Rules R71 and R72: what an employer knows, and equal pay for the same assistant."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.records import made
from mappings.contract import DirectPaymentAgreement
from mappings.employment import Employment
from tests.fhir_gateway.phb.shelf import PERSON, broken, filed, issues, warned

STARTS = date(2025, 4, 7)


def employment(**known: Any) -> Employment:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "executed",
        "start": STARTS,
        "employer": f"Patient/{PERSON}",
        "employee": "rosa",
        "hourly_rate_pence": 1_385,
        "weekly_minutes": 300,
        "family_member": False,
        "insurance_until": date(2026, 4, 6),
        "stream": "nhs-other",
    }
    return made(Employment, **usual | known)


def explained(on: date | None = date(2025, 3, 4)) -> Any:
    return filed(made(DirectPaymentAgreement, person_id=PERSON, employer_duties_explained_on=on), "agr")


@pytest.mark.parametrize(
    "standing",
    [(), (explained(None),), (explained(date(2025, 4, 8)),)],
    ids=["no agreement", "no day", "a day after the start"],
)
def test_r71_breaks_when_the_duties_were_not_explained_before_the_start(standing: tuple[Any, ...]) -> None:
    assert broken(employment(), *standing, id="emp") == {"R71"}


def test_r71_names_the_day_it_had_to_be_done_by() -> None:
    (found,) = issues(employment(), id="emp")
    assert "2025-04-07" in found.diagnostics


@pytest.mark.parametrize("on", [date(2025, 3, 4), STARTS])
def test_r71_holds_when_the_duties_were_explained_by_then(on: date) -> None:
    assert broken(employment(), explained(on), id="emp") == set()


@pytest.mark.parametrize("known", [{"status": "offered"}, {"employer": "Organization/agency"}, {"employer": None}])
def test_r71_holds_for_work_the_person_does_not_employ_anyone_for(known: dict[str, Any]) -> None:
    assert "R71" not in broken(employment(**known), id="emp")


def test_r71_leaves_an_employment_alone_that_stands_already() -> None:
    assert broken(employment(weekly_minutes=360), id="emp", previous=employment()) == set()


def test_r71_counts_to_today_where_no_start_is_said() -> None:
    assert broken(employment(start=None), explained(), id="emp") == set()


def test_r72_warns_of_another_rate_under_another_funder() -> None:
    other = filed(employment(stream="la-adult-social-care", hourly_rate_pence=1_250), "other")
    assert warned(employment(), other, explained(), id="emp") == {"R72"}


@pytest.mark.parametrize(
    "known",
    [
        {"hourly_rate_pence": 1_385, "stream": "la-adult-social-care"},
        {"hourly_rate_pence": None, "stream": "la-adult-social-care"},
        {"hourly_rate_pence": 1_250},
        {"hourly_rate_pence": 1_250, "stream": "la-adult-social-care", "employee": "ravi"},
        {"hourly_rate_pence": 1_250, "stream": "la-adult-social-care", "end": date(2025, 4, 6), "start": None},
        {"hourly_rate_pence": 1_250, "stream": "la-adult-social-care", "status": "terminated"},
    ],
    ids=["same rate", "rate unknown", "same funder", "somebody else", "before", "ended"],
)
def test_r72_holds_for_one_rate_one_funder_another_assistant_or_another_time(known: dict[str, Any]) -> None:
    assert warned(employment(), filed(employment(**known), "other"), explained(), id="emp") == set()


def test_r72_holds_where_no_rate_is_known() -> None:
    other = filed(employment(stream="la-adult-social-care"), "other")
    assert warned(employment(hourly_rate_pence=None), other, explained(), id="emp") == set()
