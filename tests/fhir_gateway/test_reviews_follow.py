"""What follows from a review, over HTTP: written in the same transaction, and told by a Provenance."""

from datetime import date
from typing import Any

from fhir_gateway.demo.entry import Entry
from fhir_gateway.phb.records import made
from fhir_gateway.store.facts import MAPPING_OF
from mappings.goal import Outcome
from mappings.review import GoalUpdate
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.phb.reviewed import PERSON, held, scheduled

CODE = "https://phb-gateway.example/fhir/CodeSystem/phb-decision-subject|review-request"


def resource(id: str, record: Any) -> Any:  # noqa: A002
    return Entry(id, MAPPING_OF[type(record)], record).resource()


def test_a_review_the_person_asks_for_gets_a_request_for_a_decision(api: Api) -> None:
    api.put("Patient/pat", {"resourceType": "Patient", "id": "pat"})
    asked = scheduled(review_kind="requested-by-person", requested_on=date(2025, 5, 30), participants=(PERSON,))
    assert api.put("Task/asked", resource("asked", asked)).status_code == 201
    (decision,) = api.entries(f"Task?patient=pat&code={CODE}")
    assert decision["resource"]["focus"] == {"reference": "Task/asked"}
    assert decision["resource"]["restriction"]["period"]["end"] == "2025-06-27"
    (told,) = api.entries(f"Provenance?agent=Device/phb-gateway&target=Task/{decision['resource']['id']}")
    assert told["resource"]["entity"][0]["what"] == {"reference": "Task/asked"}


def test_a_completed_review_moves_the_outcomes_it_speaks_of(api: Api) -> None:
    api.put("Patient/pat", {"resourceType": "Patient", "id": "pat"})
    swim = made(Outcome, person_id="pat", kind="wellbeing", lifecycle="active", statement="I swim")
    api.put("Goal/swim", resource("swim", swim))
    review = held(goal_updates=(GoalUpdate(outcome="swim", achievement="achieved"),), participants=(PERSON,))
    assert api.put("Task/review", resource("review", review)).status_code == 201
    goal = api.get("Goal/swim").json()
    assert (goal["meta"]["versionId"], goal["statusDate"]) == ("2", "2025-05-22")
    assert goal["achievementStatus"]["coding"][0]["code"] == "achieved"
    assert goal["description"] == {"text": "I swim"}


def test_a_review_that_breaks_a_rule_leaves_nothing_behind(api: Api) -> None:
    api.put("Patient/pat", {"resourceType": "Patient", "id": "pat"})
    swim = made(Outcome, person_id="pat", kind="wellbeing", lifecycle="active", statement="I swim")
    api.put("Goal/swim", resource("swim", swim))
    review = held(
        goal_updates=(GoalUpdate(outcome="swim", achievement="achieved"),), participants=(PERSON,), working=None
    )
    reply = api.put("Task/review", resource("review", review))
    assert reply.status_code == 422
    assert reply.json()["issue"][0]["details"]["coding"][0]["code"] == "R126"
    assert api.get("Task/review").status_code == 404
    assert api.get("Goal/swim").json()["meta"]["versionId"] == "1"
