"""$check: every finding over a case as it stands, and what a step would lack; nothing is changed by asking."""

from typing import Any

from fhir_gateway.demo import loader
from fhir_gateway.demo.people import FILES
from tests.fhir_gateway.api import Api, Json, refused


def loaded(api: Api, person: str) -> None:
    loader.load(api.gateway, {name: FILES[name] for name in ("bodies", person)})


def rules_of(outcome: Json) -> set[str]:
    return {one["details"]["coding"][0]["code"] for one in outcome["issue"] if "details" in one}


def found(api: Api, path: str) -> Any:
    reply = api.get(path)
    assert reply.status_code == 200, reply.text
    assert reply.json()["resourceType"] == "OperationOutcome"
    return reply.json()


def test_a_case_is_told_what_is_overdue_and_by_which_record(api: Api) -> None:
    loaded(api, "janice")
    before = api.changes()
    outcome = found(api, "EpisodeOfCare/janice-case/$check")
    assert "R117" in rules_of(outcome)
    assert all(one["severity"] == "warning" for one in outcome["issue"])
    assert "EpisodeOfCare.where(id = 'janice-case')" in {one["expression"][0] for one in outcome["issue"]}
    assert found(api, "Patient/janice/$check") == outcome
    assert api.changes() == before


def test_a_step_is_told_what_it_lacks(api: Api) -> None:
    loaded(api, "janice")
    assert "R161" not in rules_of(found(api, "EpisodeOfCare/janice-case/$check"))
    outcome = found(api, "EpisodeOfCare/janice-case/$check?to=organising")
    assert "R161" in rules_of(outcome)
    assert [one for one in outcome["issue"] if one["severity"] == "error"]


def test_somebody_without_records_is_in_order(api: Api) -> None:
    person = api.person()
    (issue,) = found(api, f"{person}/$check")["issue"]
    assert (issue["severity"], issue["code"]) == ("information", "informational")


def test_a_state_that_does_not_exist_and_a_person_who_does_not_are_refused(api: Api) -> None:
    person = api.person()
    refused(api.get(f"{person}/$check?to=paradise"), 400)
    refused(api.get("Patient/nobody/$check"), 404)
    refused(api.get("Goal/x/$check"), 404, code="not-supported")
    refused(api.client("system/Goal.rs", "narrow").get(f"{person}/$check"), 403)
