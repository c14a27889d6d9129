"""A joint package of which one funder wants to leave, over HTTP: no share ends or falls without all four things."""

from datetime import date
from typing import Any

import pytest

from fhir_gateway.phb.records import made
from mappings.change import Consultation, FundingChange
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.running_world import BODIES, broken, change, record_at, running, version
from tests.fhir_gateway.submitted_world import PERSON, decision, line, lines, tree

LEAVES = date(2026, 1, 1)
LAST_DAY = date(2025, 12, 31)
CUT = (line(1, "therapy", 1_490_000, {1: 2_000, 2: 8_000}), *lines()[1:])


def leaving(**known: Any) -> FundingChange:
    """The ICB leaves in January, with all four things named."""
    usual: dict[str, Any] = {
        "status": "accepted",
        "intent": "order",
        "requester": "Organization/icb",
        "about": "Claim/budget",
        "started_on": LEAVES,
        "new_amount_pence": 0,
        "joint_reassessment": "Observation/together",
        "consultations": (Consultation(funder="council", on=date(2025, 10, 1)),),
        "consulted_person_on": date(2025, 10, 2),
        "alternative_from": LEAVES,
    }
    return made(FundingChange, person_id=PERSON, **usual | known)


def reviews_of(api: Api, about: str) -> list[Any]:
    found = api.entries(f"Task?patient={PERSON}&code=interim")
    return [one["resource"] for one in found if one["resource"]["focus"] == {"reference": about}]


def next_version(api: Api) -> Any:
    """The reply to a second version of the budget from January, of which the ICB bears less."""
    return api.put("Claim/second", tree(version(LEAVES, *CUT), "second"))


def test_a_share_does_not_end_without_a_change_of_funding(api: Api) -> None:
    running(api)
    assert broken(change(api, "Coverage/nhs", end=LAST_DAY)) == {"R89"}
    assert record_at(api, "Coverage/nhs").end == date(2026, 3, 31)


@pytest.mark.parametrize(
    "known",
    [
        {"joint_reassessment": None},
        {"consultations": ()},
        {"consulted_person_on": None},
        {"alternative_from": date(2026, 1, 2)},
    ],
    ids=["joint reassessment", "other funder", "person", "alternative"],
)
def test_a_change_of_funding_that_lacks_one_of_the_four_is_refused_and_nothing_stored(
    api: Api, known: dict[str, Any]
) -> None:
    running(api)
    assert broken(api.put("Task/leaving", tree(leaving(**known), "leaving"))) == {"R89"}
    assert api.get("Task/leaving").status_code == 404
    assert broken(change(api, "Coverage/nhs", end=LAST_DAY)) == {"R89"}


def test_with_all_four_the_share_ends_and_a_review_is_due_by_the_day(api: Api) -> None:
    running(api)
    assert api.put("Task/leaving", tree(leaving(), "leaving")).status_code == 201
    (review,) = reviews_of(api, "Task/leaving")
    assert review["businessStatus"]["coding"][0]["code"] == "scheduled"
    assert record_at(api, "Coverage/nhs").end == date(2026, 3, 31)
    assert change(api, "Coverage/nhs", end=LAST_DAY).status_code == 200


def test_the_share_does_not_end_before_the_day_that_was_agreed(api: Api) -> None:
    running(api)
    api.put("Task/leaving", tree(leaving(), "leaving"))
    assert broken(change(api, "Coverage/nhs", end=date(2025, 12, 30))) == {"R89"}


def test_writing_the_change_again_makes_no_second_review(api: Api) -> None:
    running(api)
    api.put("Task/leaving", tree(leaving(), "leaving"))
    assert change(api, "Task/leaving", status="completed").status_code == 200
    assert len(reviews_of(api, "Task/leaving")) == 1


def test_a_disputed_change_leaves_every_share_in_force(api: Api) -> None:
    running(api)
    disputed = leaving(status="requested", dispute="The council does not agree")
    assert api.put("Task/leaving", tree(disputed, "leaving")).status_code == 201
    assert reviews_of(api, "Task/leaving") == []
    assert broken(change(api, "Coverage/nhs", end=LAST_DAY)) == {"R90"}
    assert broken(change(api, "Task/leaving", status="accepted")) == {"R90"}
    assert change(api, "Task/leaving", status="accepted", dispute=None).status_code == 200
    assert change(api, "Coverage/nhs", end=LAST_DAY).status_code == 200


def test_a_budget_version_that_cuts_a_share_needs_the_same(api: Api) -> None:
    running(api)
    assert broken(next_version(api)) == {"R89"}
    api.put("Task/leaving", tree(leaving(new_amount_pence=100), "leaving"))
    assert next_version(api).status_code == 201
    for body in BODIES:
        agreed = tree(decision(body, about="Claim/second"), f"second-{body}")
        assert api.put(f"Task/second-{body}", agreed).status_code == 201
    assert record_at(api, "Claim/second").budget_status == "agreed"
