"""A running case with a direct payment, and what the tests of its payments ask again and again."""

from collections.abc import Iterable
from typing import Any, Final

from fhir_gateway.demo.entry import Entry, made
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.store.facts import MAPPING_OF
from mappings.condition import Need
from mappings.goal import Outcome
from mappings.practitioner import Worker
from tests.fhir_gateway import stocked
from tests.fhir_gateway.api import Api, Json
from tests.fhir_gateway.phb.rules.money_world import world
from tests.fhir_gateway.phb.shelf import PERSON, filed

AROUND: Final[tuple[Filed[Any], ...]] = (
    *(filed(made(Worker, active=True), one) for one in ("mira", "dee", "clerk")),
    filed(made(Outcome, person_id=PERSON, kind="health", lifecycle="active", statement="I swim"), "goal"),
    filed(made(Need, person_id=PERSON, need_type="health", health_concern=True), "need"),
)


def resource(one: Filed[Any]) -> Json:
    return Entry(one.id, MAPPING_OF[type(one.record)], one.record).resource()


def stand(api: Api, *changed: Filed[Any], without: Iterable[str] = ()) -> None:
    """The case as it was brought in, some of it changed or added: stored as it is, without asking the rules."""
    every = world(*AROUND, *changed, without=tuple(without))
    stocked.put(api.gateway, [Entry(one.id, MAPPING_OF[type(one.record)], one.record) for one in every])


def statuses(api: Api, query: str = f"Claim?patient={PERSON}&use=claim") -> dict[str, str]:
    """Status of each payment, by the day it is due; of two on one day, by day and id."""
    found: dict[str, str] = {}
    for one in sorted((entry["resource"] for entry in api.entries(query)), key=lambda one: one["id"]):
        day = due_on(one)
        found[day if day not in found else f"{day} {one['id']}"] = status_of(one)
    return dict(sorted(found.items()))


def status_of(claim: Json) -> str:
    return str(next(one["valueCode"] for one in claim["extension"] if one["url"].endswith("/phb-payment-status")))


def due_on(claim: Json) -> str:
    terms = next(one for one in claim["extension"] if one["url"].endswith("/phb-payment-terms"))
    return str(next(one["valueDate"] for one in terms["extension"] if one["url"] == "due"))


def checks_of(claim: Json) -> list[str]:
    """The person's check of each line."""
    return [
        part["valueCode"]
        for line in claim["item"]
        for part in line.get("extension", [])
        if part["url"].endswith("/phb-invoice-check")
    ]


def rules_of(reply: Any) -> list[str]:
    """Numbers of the rules that refuse."""
    return [one["details"]["coding"][0]["code"] for one in reply.json()["issue"] if one["severity"] == "error"]
