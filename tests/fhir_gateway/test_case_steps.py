"""The six steps over HTTP: a plan is submitted, agreed and running; what skips a step changes nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

from fhir_gateway.demo.entry import Entry, made
from fhir_gateway.phb.case.states import status_of
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.store.facts import MAPPING_OF
from mappings.episode_of_care import MAPPING
from mappings.practitioner import Worker
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.phb.shelf import filed
from tests.fhir_gateway.phb.whole_case import budget, decision, estimate, phb_case, plan, standing, words
from tests.fhir_gateway.phb.whole_people import COORDINATOR, role

Json = Any


def entry(one: Filed[Any]) -> Json:
    """The bundle entry that puts a record under its id."""
    resource = Entry(one.id, MAPPING_OF[type(one.record)], one.record).resource()
    return {"resource": resource, "request": {"method": "PUT", "url": one.reference}}


def plan_in(status: str) -> Json:
    return entry(filed(plan(plan_status=status, start=date(2025, 7, 1)), "plan"))


def budget_in(status: str, replaces: int = 0) -> Json:
    """replaces: the version it is written over, as money must say; 0 where it is new."""
    sent = entry(filed(budget(budget_status=status, provider=COORDINATOR), "budget"))
    condition = {"ifMatch": f'W/"{replaces}"'} if replaces else {}
    return {**sent, "request": {**sent["request"], **condition}}


def case_in(state: str) -> Json:
    return entry(filed(phb_case(state=state, status=status_of(state)), "case"))


def begun(api: Api) -> None:
    """A case in planning, its plan a draft, nothing decided."""
    workers = (filed(made(Worker, active=True), f"{one}-m") for one in ("mira", "decider", "nurse"))
    told = words()
    narrative = replace(told.record, written_on=date(2025, 5, 1), authors=(COORDINATOR,))
    around = standing(
        filed(estimate(provider=COORDINATOR), "estimate"),
        filed(narrative, told.id),
        role("nurse"),
        *workers,
        without=("approval",),
    )
    moving = {"plan", "budget", "case"}
    entries = [entry(one) for one in around if one.id not in moving]
    reply = api.bundle(*entries, plan_in("draft"), budget_in("draft"), case_in("planning"))
    assert reply.status_code == 200, reply.text


def put_to_the_funder(api: Api) -> None:
    reply = api.bundle(plan_in("submitted"), budget_in("submitted", 1), case_in("awaiting-decision"))
    assert reply.status_code == 200, reply.text


def approve(api: Api, **known: Any) -> Any:
    """The ICB decides."""
    return api.put("Task/approval", entry(filed(decision(**known), "approval"))["resource"])


def case_now(api: Api, state: str) -> Json:
    """The case as it stands, in another state."""
    tree = api.get("EpisodeOfCare/case").json()
    record = replace(MAPPING.from_fhir(tree), state=state, status=status_of(state))
    return MAPPING.to_fhir(record, tree)


def where_it_stands(api: Api) -> tuple[str, ...]:
    """The exact states of case, plan and budget."""
    return tuple(
        next(one["valueCode"] for one in api.get(place).json()["extension"] if one["url"].endswith(name))
        for place, name in (
            ("EpisodeOfCare/case", "phb-case-state"),
            ("CarePlan/plan", "phb-plan-status"),
            ("Claim/budget", "phb-budget-status"),
        )
    )


def issues_of(reply: Any) -> list[tuple[str, str]]:
    """Rule and words of each error."""
    return [
        (one["details"]["coding"][0]["code"], one["diagnostics"])
        for one in reply.json()["issue"]
        if one["severity"] == "error"
    ]


def test_a_case_goes_from_plan_to_care_step_by_step(api: Api) -> None:
    begun(api)
    put_to_the_funder(api)
    (asked,) = api.entries("Task?patient=pat&code=agreed-budget")
    assert asked["resource"]["owner"] == {"reference": "Organization/icb"}
    assert approve(api).status_code == 201
    assert where_it_stands(api) == ("organising", "agreed", "agreed")
    (review,) = api.entries("Task?patient=pat&code=initial-three-month")
    assert review["resource"]["focus"] == {"reference": "CarePlan/plan"}
    assert api.put("EpisodeOfCare/case", case_now(api, "active")).status_code == 200
    assert where_it_stands(api) == ("active", "active", "active")


def test_the_history_of_the_case_tells_every_status_it_had(api: Api) -> None:
    begun(api)
    put_to_the_funder(api)
    approve(api)
    spans = api.get("EpisodeOfCare/case").json()["statusHistory"]
    assert [one["status"] for one in spans] == ["planned", "waitlist", "active"]
    assert [sorted(one["period"]) for one in spans] == [["end", "start"], ["end", "start"], ["start"]]


def test_what_the_gateway_does_it_tells_with_the_record_it_follows_from(api: Api) -> None:
    begun(api)
    put_to_the_funder(api)
    approve(api)
    (told,) = api.entries("Provenance?agent=Device/phb-gateway&target=CarePlan/plan")
    assert told["resource"]["entity"][0]["what"] == {"reference": "Task/approval"}
    assert told["resource"]["agent"][0]["who"] == {"reference": "Device/phb-gateway"}


def test_a_case_that_is_returned_has_a_draft_again_and_a_declined_budget(api: Api) -> None:
    begun(api)
    put_to_the_funder(api)
    assert approve(api, outcome="declined", alternatives="A smaller package").status_code == 201
    assert where_it_stands(api) == ("awaiting-decision", "submitted", "submitted")
    assert api.put("EpisodeOfCare/case", case_now(api, "planning")).status_code == 200
    assert where_it_stands(api) == ("planning", "draft", "declined")


def test_a_case_that_skips_a_step_is_refused_and_stays_where_it_was(api: Api) -> None:
    begun(api)
    reply = api.put("EpisodeOfCare/case", case_in("active")["resource"])
    assert reply.status_code == 422
    ((number, says),) = issues_of(reply)
    assert number == "R161"
    assert says.startswith("a case does not go from planning to active; from planning it goes to")
    assert api.get("EpisodeOfCare/case").json()["meta"]["versionId"] == "1"


def test_a_case_whose_budget_is_not_submitted_does_not_wait_for_the_decision(api: Api) -> None:
    begun(api)
    reply = api.bundle(plan_in("submitted"), budget_in("draft", 1), case_in("awaiting-decision"))
    assert reply.status_code == 422
    ((number, says),) = issues_of(reply)
    assert (number, "the budget of the plan is not submitted" in says) == ("R161", True)
    assert api.get("CarePlan/plan").json()["meta"]["versionId"] == "1"


def test_a_plan_that_skips_a_step_is_refused(api: Api) -> None:
    begun(api)
    reply = api.put("CarePlan/plan", plan_in("active")["resource"])
    assert (reply.status_code, "R157" in [number for number, _ in issues_of(reply)]) == (422, True)
