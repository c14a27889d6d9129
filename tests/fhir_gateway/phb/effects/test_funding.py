"""A change of funding that is in order gets one review, and changes nothing else (R89, R90)."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.case_file import Written
from fhir_gateway.phb.effects.funding import a_change_of_funding_is_reviewed
from fhir_gateway.phb.records import made
from mappings.change import Consultation, FundingChange
from mappings.review import Review
from tests.fhir_gateway.phb.budgets import around, budget, joint
from tests.fhir_gateway.phb.shelf import PERSON, TODAY, case_file, filed

STREAMS = ("nhs-other", "la-adult-social-care")
AROUND = (
    *around(*STREAMS),
    filed(budget(joint(5_000, 5_000), streams=STREAMS, budget_status="active"), "bud"),
)


def change(**known: Any) -> FundingChange:
    """The ICB leaves in January, with all four things in place."""
    usual: dict[str, Any] = {
        "status": "accepted",
        "intent": "order",
        "requester": "Organization/icb",
        "about": "Claim/bud",
        "started_on": date(2026, 1, 1),
        "new_amount_pence": 0,
        "joint_reassessment": "Observation/assessment",
        "consultations": (Consultation(funder="council", on=date(2025, 5, 2)),),
        "consulted_person_on": date(2025, 5, 3),
        "alternative_from": date(2026, 1, 1),
    }
    return made(FundingChange, person_id=PERSON, **usual | known)


def reviews(record: FundingChange, *standing: Any) -> list[Review]:
    case = case_file(*AROUND, *standing, filed(record, "change"), today=TODAY)
    found = tuple(a_change_of_funding_is_reviewed(Written("Task", "change", 1, record), case))
    assert {one.rule for one in found} <= {"R89"}
    return [one.record for one in found]


def test_a_change_in_order_is_reviewed_by_its_day() -> None:
    (review,) = reviews(change())
    assert (review.review_kind, review.respond_by, review.about) == ("interim", date(2026, 1, 1), "Task/change")
    assert {one.discharges for one in review.inputs} == {None}


def test_one_whose_day_has_come_is_reviewed_now() -> None:
    early = {"started_on": date(2025, 5, 20), "alternative_from": date(2025, 5, 20)}
    assert [one.respond_by for one in reviews(change(**early))] == [TODAY]


def test_it_is_reviewed_once() -> None:
    (review,) = reviews(change())
    assert reviews(change(), filed(review, "there")) == []


@pytest.mark.parametrize(
    "known",
    [
        {"joint_reassessment": None},
        {"consultations": ()},
        {"consulted_person_on": None},
        {"alternative_from": date(2026, 1, 2)},
        {"started_on": None},
        {"dispute": "The council does not agree"},
        {"status": "draft"},
        {"status": "requested"},
        {"requester": "PractitionerRole/decider-icb"},
    ],
)
def test_one_not_in_order_in_dispute_or_not_carried_out_is_not(known: dict[str, Any]) -> None:
    assert reviews(change(**known)) == []
