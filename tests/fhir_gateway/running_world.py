"""The joint case of `submitted_world`, running: plan, budget and case active, both funders' decisions told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from fhir_gateway.phb.case.budgets import cost_of
from fhir_gateway.phb.case.states import status_of
from fhir_gateway.phb.records import made
from fhir_gateway.store.facts import MAPPING_OF
from mappings.assessment import NeedsAssessment
from mappings.budget import AgreedBudget, BudgetLine
from mappings.lens import document
from mappings.registry import TYPES
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.submitted_world import AGREED_ON, PERSON, budget, decision, lines, plan, transaction, world

Json = Any
BODIES: Final = ("icb", "council")
STATES: Final = {"EpisodeOfCare": "phb-case-state", "CarePlan": "phb-plan-status", "Claim": "phb-budget-status"}
ASSESSMENT: Final = made(
    NeedsAssessment,
    person_id=PERSON,
    observation_status="final",
    assessment_kind="other-health-assessment",
    assessed_on=date(2025, 9, 1),
)


def running(api: Api, **known: Any) -> None:
    """Put it all in at once, as a case is brought in that runs already. known: of the budget."""
    agreed = {"status": "active", "budget_status": "active", "created": AGREED_ON}
    resources = world(plan=plan(status="active", plan_status="active"), budget=budget(**agreed | known))
    case = resources["EpisodeOfCare/case"]
    resources["EpisodeOfCare/case"] = replace(case, state="active", status=status_of("active"))
    resources |= {f"Task/yes-{body}": decision(body) for body in BODIES}
    put(api, resources | {"Observation/together": ASSESSMENT})


def version(start: date, *chosen: BudgetLine, **known: Any) -> AgreedBudget:
    """The next version of the budget, from a day in its year; each line costs what its terms come to for the rest."""
    whole = budget(start=start)
    cut = tuple(replace(one, amount_pence=cost_of(one, whole)) for one in chosen or lines())
    usual: dict[str, Any] = {
        "status": "active",
        "budget_status": "submitted",
        "created": AGREED_ON,
        "version": 2,
        "supersedes_id": "budget",
        "start": start,
        "lines": cut,
    }
    return budget(**usual | known)


def put(api: Api, resources: Mapping[str, Any]) -> None:
    """Records under their `Type/id`, in one transaction."""
    reply = api.post("/fhir", transaction(dict(resources)))
    assert reply.status_code == 200, reply.text


def change(api: Api, place: str, **known: Any) -> Any:
    """The reply to writing a record again with some fields changed."""
    stored = api.get(place)
    tree = document.parse(stored.content)
    record = replace(record_of(tree), **known)
    return api.put(place, MAPPING_OF[type(record)].to_fhir(record, tree), If_Match=stored.headers["etag"])


def record_at(api: Api, place: str) -> Any:
    """The record of a resource as it stands."""
    return record_of(document.parse(api.get(place).content))


def record_of(tree: Json) -> Any:
    """The record of a resource."""
    _, record = TYPES[tree["resourceType"]].derive(tree)
    return record


def state_of(api: Api, place: str) -> str:
    """The exact state of case, plan or budget."""
    name = STATES[place.partition("/")[0]]
    return next(str(one["valueCode"]) for one in api.get(place).json()["extension"] if one["url"].endswith(name))


def broken(reply: Any) -> set[str]:
    """Numbers of the rules that refuse a write."""
    assert reply.status_code == 422, f"{reply.status_code}: {reply.text}"
    return {one["details"]["coding"][0]["code"] for one in reply.json()["issue"] if one["severity"] == "error"}
