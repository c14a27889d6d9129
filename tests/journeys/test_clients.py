"""A client library nobody here wrote does a council's day: token, create, search, page, update with If-Match."""

from typing import Any

import httpx
from fhirpy import SyncFHIRClient

from tests.journeys.conftest import Server

KIND = "https://phb-gateway.example/fhir/CodeSystem/phb-outcome-kind"


def outcome(person: str, number: int) -> dict[str, Any]:
    return {
        "lifecycleStatus": "active",
        "category": [{"coding": [{"system": KIND, "code": "wellbeing"}]}],
        "description": {"text": f"outcome {number}"},
        "subject": {"reference": f"Patient/{person}"},
    }


def test_fhirpy_creates_searches_pages_and_updates(server: Server) -> None:
    client = SyncFHIRClient(server.base, authorization=f"Bearer {server.token()}")
    person = client.resource("Patient", name=[{"family": "Invented"}])
    person.save()
    for number in range(7):
        client.resource("Goal", **outcome(person["id"], number)).save()
    search = client.resources("Goal").search(patient=person["id"], lifecycle_status="active").limit(3)
    goals = search.fetch_all()
    assert len(goals) == 7
    assert {goal["description"]["text"] for goal in goals} == {f"outcome {number}" for number in range(7)}
    goals[0]["lifecycleStatus"] = "completed"
    goals[0].save()
    assert client.reference("Goal", goals[0]["id"]).to_resource()["meta"]["versionId"] == "2"


def test_an_update_that_names_an_old_version_is_refused(server: Server) -> None:
    asked = httpx.Client(base_url=server.base, headers={"Authorization": f"Bearer {server.token()}"})
    person = asked.post("/Patient", json={"resourceType": "Patient", "active": True}, headers=FHIR).json()
    changed = person | {"active": False}
    first = asked.put(f"/Patient/{person['id']}", json=changed, headers=FHIR | {"If-Match": 'W/"1"'})
    second = asked.put(f"/Patient/{person['id']}", json=person, headers=FHIR | {"If-Match": 'W/"1"'})
    assert (first.status_code, second.status_code) == (200, 412)
    asked.close()


FHIR = {"Content-Type": "application/fhir+json"}
