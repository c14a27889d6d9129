"""Whoever does a delegated health care task is trained and signed off: R47."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.demo.entry import made
from fhir_gateway.phb.case_file import Filed
from mappings.employment import DelegatedTask, Employment
from mappings.expenditure import ExpenditureEntry, ExpenditureLine
from mappings.payment import Payment, PaymentLine
from tests.fhir_gateway.phb.shelf import PERSON, filed, warned
from tests.fhir_gateway.phb.whole_case import budget, line, need, standing

WAGES = line(category="personal-assistant-wages")
TASK = need(delegated_healthcare_task=True)


def employed(**known: Any) -> Filed[Employment]:
    usual = {"task": "Feeding tube", "trained_on": date(2025, 5, 1), "signed_off_by": "Practitioner/nurse"}
    task = made(DelegatedTask, **usual | known)
    return filed(made(Employment, person_id=PERSON, status="executed", delegated_tasks=(task,)), "job")


def test_r47_warns_when_nobody_is_trained() -> None:
    assert "R47" in warned(budget(WAGES), *standing(TASK), id="budget")


@pytest.mark.parametrize(
    "known",
    [
        {"trained_on": None},
        {"signed_off_by": None},
        {"expires_on": date(2025, 6, 30)},
        {"trained_on": date(2025, 7, 2)},
    ],
    ids=["not trained", "not signed off", "run out when the line begins", "trained only later"],
)
def test_r47_warns_when_the_training_is_not_current(known: dict[str, Any]) -> None:
    assert "R47" in warned(budget(WAGES), *standing(TASK, employed(**known)), id="budget")


def test_r47_holds_when_somebody_is_trained_or_no_task_is_delegated() -> None:
    assert "R47" not in warned(budget(WAGES), *standing(TASK, employed()), id="budget")
    assert "R47" not in warned(budget(WAGES), *standing(), id="budget")
    assert "R47" not in warned(budget(line()), *standing(TASK), id="budget")


# --- pay --------------------------------------------------------------------------------------------

RUNNING = filed(budget(WAGES, budget_status="active"), "budget")


def paid(day: date, **known: Any) -> ExpenditureEntry:
    row = made(ExpenditureLine, sequence=1, budget_line=1, category="personal-assistant-wages", spent_on=day)
    usual: dict[str, Any] = {"status": "active", "pays_against_id": "budget", "lines": (row,)}
    return made(ExpenditureEntry, person_id=PERSON, **usual | known)


def released(day: date) -> Payment:
    row = made(PaymentLine, sequence=1, budget_line=1, category="personal-assistant-wages", on_date=day)
    known: dict[str, Any] = {"payment_kind": "invoice", "pays_against_id": "budget", "lines": (row,)}
    return made(Payment, person_id=PERSON, status="active", **known)


@pytest.mark.parametrize(("day", "flagged"), [(date(2025, 7, 29), False), (date(2025, 7, 30), True)])
def test_r47_warns_of_the_first_pay_after_28_days(day: date, flagged: bool) -> None:  # noqa: FBT001 - the expectation
    around = standing(TASK, RUNNING)
    assert ("R47" in warned(paid(day), *around)) is flagged
    assert ("R47" in warned(released(day), *around)) is flagged


def test_r47_holds_for_pay_once_somebody_is_trained_and_for_the_second_pay() -> None:
    day = date(2025, 8, 30)
    assert "R47" not in warned(paid(day), *standing(TASK, RUNNING, employed()))
    first = filed(paid(date(2025, 7, 31)), "first")
    assert "R47" not in warned(paid(day), *standing(TASK, RUNNING, first))
    assert "R47" in warned(paid(date(2025, 7, 31)), *standing(TASK, RUNNING, filed(paid(day), "later")))


def test_r47_holds_for_pay_whose_budget_is_not_known_and_for_what_is_no_pay() -> None:
    bus = made(ExpenditureLine, sequence=1, budget_line=1, category="transport", spent_on=date(2025, 8, 30))
    assert "R47" not in warned(paid(date(2025, 8, 30), lines=(bus,)), *standing(TASK, RUNNING))
    assert "R47" not in warned(paid(date(2025, 8, 30), pays_against_id=None), *standing(TASK, RUNNING))
