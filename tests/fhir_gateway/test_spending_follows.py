"""Money spent outside the plan, over HTTP: kept with the status the rules give it, flagged, and looked into."""

from typing import Any

import pytest

from fhir_gateway.demo.entry import Entry
from fhir_gateway.store.facts import MAPPING_OF
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.phb.budgets import coverage_id, insurance, share, spent
from tests.fhir_gateway.phb.shelf import PERSON

NHS = "nhs-other"
CONCERN = "https://phb-gateway.example/fhir/CodeSystem/phb-concern-kind|spend-outside-plan"
RULE = "https://phb-gateway.example/fhir/CodeSystem/phb-rule"


def resource(id: str, record: Any) -> Any:  # noqa: A002
    return Entry(id, MAPPING_OF[type(record)], record).resource()


def entered(api: Api, **known: Any) -> Any:
    """The entry as it stands after it was written."""
    api.put(f"Patient/{PERSON}", {"resourceType": "Patient", "id": PERSON})
    api.put("Organization/icb", {"resourceType": "Organization", "id": "icb", "name": "ICB"})
    api.put(f"Coverage/{coverage_id(NHS)}", resource(coverage_id(NHS), share(NHS)))
    usual: dict[str, Any] = {
        "provider": "Organization/icb",
        "insurer_id": "icb",
        "insurance": insurance(NHS),
        "pays_against_id": None,
    }
    reply = api.put("Claim/ent", resource("ent", spent(None, **usual | known)))
    assert reply.status_code == 201, reply.text
    return api.get("Claim/ent").json()


def status_of(entry: Any) -> str:
    return str(next(one["valueCode"] for one in entry["extension"] if one["url"].endswith("/phb-expenditure-status")))


@pytest.mark.parametrize(
    ("row", "status", "number"),
    [({}, "queried", "R66"), ({"exclusion": "alcohol"}, "disallowed", "R64")],
    ids=["outside the plan", "an excluded use"],
)
def test_the_entry_is_accepted_and_kept_as_the_rule_says(
    api: Api, row: dict[str, Any], status: str, number: str
) -> None:
    entry = entered(api, row=row)
    assert status_of(entry) == status
    assert [one["code"] for one in entry["meta"]["tag"] if one["system"] == RULE] == [number]
    assert status_of(api.get("Claim/ent/_history/1").json()) == "recorded"


def test_one_concern_is_opened_however_often_the_entry_is_written(api: Api) -> None:
    entry = entered(api)
    entry["item"][0]["productOrService"]["text"] = "Three sessions"
    assert api.put("Claim/ent", entry, If_Match='W/"2"').status_code == 200
    (concern,) = api.entries(f"Task?patient={PERSON}&code={CONCERN}")
    assert concern["resource"]["focus"] == {"reference": "Claim/ent"}
    assert concern["resource"]["requester"] == {"reference": "Organization/icb"}
    (told,) = api.entries(f"Provenance?agent=Device/phb-gateway&target=Task/{concern['resource']['id']}")
    assert told["resource"]["entity"][0]["what"] == {"reference": "Claim/ent"}
