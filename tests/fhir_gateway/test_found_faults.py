"""Faults found by trying to break the gateway: each stays mended."""

import json
import uuid

import pytest

from fhir_gateway.demo import loader
from fhir_gateway.demo.people import FILES
from mappings.namespaces import code_system, extension_url
from tests.fhir_gateway import running_world
from tests.fhir_gateway.api import Api, Json, refused
from tests.fhir_gateway.trees import goal

LIMITED = "system/Goal.cruds?lifecycle-status=active"
ORGANISATION = {"resourceType": "Organization", "name": "Invented"}


def test_a_nul_in_the_address_of_an_entry_is_refused(api: Api) -> None:
    entry = {"request": {"method": "GET", "url": "Goal/%00"}}
    refused(api.bundle(entry), 400, expression="Bundle.entry[0].request.url")


def test_put_with_if_none_match_star_only_creates(api: Api) -> None:
    first = api.put("Organization/one", ORGANISATION | {"id": "one"}, If_None_Match="*")
    again = api.put("Organization/one", ORGANISATION | {"id": "one", "active": True}, If_None_Match="*")
    assert first.status_code == 201
    refused(again, 412)
    assert api.get("Organization/one").headers["etag"] == 'W/"1"'


def test_one_condition_written_twice_is_one_condition(api: Api) -> None:
    organisation = ORGANISATION | {"identifier": [{"system": "http://a.example", "value": "U"}]}
    condition = "identifier=http://a.example|U"
    entries = [
        {"resource": organisation, "request": {"method": "POST", "url": "Organization", "ifNoneExist": one}}
        for one in (condition, f"Organization?{condition}")
    ]
    refused(api.bundle(*entries), 400)
    assert api.found("Organization?identifier=U") == []


def test_a_replayed_request_id_with_another_condition_is_another_request(api: Api) -> None:
    api.put("Organization/one", ORGANISATION | {"id": "one"})
    same = str(uuid.uuid4())
    body = ORGANISATION | {"id": "one", "active": True}
    assert api.put("Organization/one", body, If_Match='W/"1"', X_Request_ID=same).status_code == 200
    assert api.put("Organization/one", body, If_Match='W/"1"', X_Request_ID=same.upper()).status_code == 200
    refused(api.put("Organization/one", body, If_Match='W/"99"', X_Request_ID=same), 422)
    assert api.get("Organization/one").headers["etag"] == 'W/"2"'


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("http://hl7.org/fhir/goal-status|active", 1),
        ("http://nowhere.example|active", 0),
        ("http://nowhere.example|", 0),
        ("|active", 1),
    ],
)
def test_a_code_is_found_by_its_own_system_alone(api: Api, asked: str, found: int) -> None:
    api.made(goal(api.person()))
    assert len(api.found(f"Goal?lifecycle-status={asked}")) == found


def test_a_limited_client_learns_nothing_of_other_ids_from_a_put(api: Api) -> None:
    person = api.person()
    foreign = api.made(goal(person) | {"lifecycleStatus": "completed"})["id"]
    gone = api.made(goal(person))["id"]
    api.delete(f"Goal/{gone}")
    limited = api.client(LIMITED, "limited")
    answers = {
        (reply.status_code, reply.json()["issue"][0]["diagnostics"].replace(id_, "[id]"))
        for id_ in (foreign, gone, "never-there")
        for condition in ({}, {"If_Match": 'W/"1"'})
        for reply in [limited.put(f"Goal/{id_}", goal(person) | {"id": id_}, **condition)]
    }
    assert answers == {(404, "Goal/[id] is not known")}


@pytest.mark.parametrize("tag", ["1", '"1', '1"', 'W/""1""', 'w/"1"'])
def test_a_malformed_etag_matches_nothing(api: Api, tag: str) -> None:
    api.put("Organization/one", ORGANISATION | {"id": "one"})
    refused(api.put("Organization/one", ORGANISATION | {"id": "one", "active": True}, If_Match=tag), 412)


def test_a_version_has_one_name(api: Api) -> None:
    api.put("Organization/one", ORGANISATION | {"id": "one"})
    refused(api.get("Organization/one/_history/01"), 404)


@pytest.mark.parametrize("accept", ["application/fhir+jsonx", "application/fhir+json;fhirVersion=5.0"])
def test_what_is_not_fhir_json_of_r4_cannot_be_answered(api: Api, accept: str) -> None:
    refused(api.get("Patient", Accept=accept), 406)


def test_an_entry_that_names_the_version_it_has_gets_304(api: Api) -> None:
    api.put("Organization/one", ORGANISATION | {"id": "one"})
    entry = {"request": {"method": "GET", "url": "Organization/one", "ifNoneMatch": 'W/"1"'}}
    for kind in ("batch", "transaction"):
        answer = api.bundle(entry, kind=kind).json()["entry"][0]
        assert answer["response"]["status"] == "304"
        assert "resource" not in answer


def test_only_urn_names_are_rewritten_outside_references(api: Api) -> None:
    extension = {"url": "http://a.example/c", "valueString": "kept"}
    entries = [
        {
            "fullUrl": "http://a.example/c",
            "resource": ORGANISATION,
            "request": {"method": "POST", "url": "Organization"},
        },
        {"resource": ORGANISATION | {"extension": [extension]}, "request": {"method": "POST", "url": "Organization"}},
    ]
    made = api.bundle(*entries).json()["entry"][1]["resource"]
    assert made["extension"] == [extension]


@pytest.mark.parametrize(
    "element", [{"implicitRules": "http://a.example"}, {"modifierExtension": [{"url": "http://a", "valueCode": "x"}]}]
)
def test_a_record_that_may_mean_something_else_is_refused(api: Api, element: dict[str, object]) -> None:
    refused(api.post("Organization", json.dumps(ORGANISATION | element)), 422)


def test_a_name_longer_than_an_index_holds_is_kept_and_found(api: Api) -> None:
    name = "".join(chr(ord("a") + number * 7 % 26) for number in range(9_000))
    made = api.made(ORGANISATION | {"name": name})
    assert api.found(f"Organization?name={name[:40]}") == [made["id"]]
    assert api.get(f"Organization/{made['id']}").json()["name"] == name


def test_an_agreed_budget_is_kept_by_every_route(api: Api) -> None:
    running_world.running(api)
    agreed = api.get("Claim/budget").json()
    other = agreed | {"type": {"coding": [{"system": "http://a.example", "code": "other"}]}}
    payment = stocked_payment(agreed)
    for body in (other, payment):
        assert running_world.broken(api.put("Claim/budget", body, If_Match="*")) >= {"R157"}
    assert running_world.broken(api.delete("Claim/budget")) == {"R157"}
    entry = {"request": {"method": "DELETE", "url": "Claim/budget"}}
    assert running_world.broken(api.bundle(entry)) == {"R157"}
    assert api.get("Claim/budget").json() == agreed
    wrong = api.put("Claim/budget", agreed | {"status": "entered-in-error"}, If_Match="*")
    assert wrong.status_code == 200, wrong.text
    assert running_world.broken(api.put("Claim/budget", agreed, If_Match="*")) >= {"R157"}
    assert running_world.broken(api.delete("Claim/budget")) == {"R157"}


def stocked_payment(budget: Json) -> Json:
    """A payment under the id of a budget."""
    kind = {"system": code_system("phb-payment-kind"), "code": "reimbursement"}
    head = {name: budget[name] for name in ("resourceType", "id", "patient", "provider", "insurance", "status", "type")}
    claim_type = {"coding": [{"system": code_system("phb-claim-type"), "code": "phb-payment"}]}
    money = {"value": 1.00, "currency": "GBP"}
    item = {"sequence": 1, "productOrService": {"text": "x"}, "net": money}
    rest = {"priority": budget["priority"], "created": budget["created"], "total": money, "item": [item]}
    return head | rest | {"type": claim_type, "use": "claim", "subType": {"coding": [kind]}}


def test_a_decision_is_not_turned_into_something_that_can_be_deleted(api: Api) -> None:
    running_world.running(api)
    decided = api.get("Task/yes-icb").json()
    other = {name: value for name, value in decided.items() if name != "extension"} | {"code": {"text": "other"}}
    assert running_world.broken(api.put("Task/yes-icb", other, If_Match="*")) >= {"R162"}


def test_a_provider_does_not_release_its_own_payment(api: Api) -> None:
    for name in ("bodies", "janice"):
        loader.load(api.gateway, {name: FILES[name]})
    provider = api.client("system/Claim.crus?provider=Organization/steady-physio system/Organization.rs", "provider")
    bill = provider.get("Claim/janice-pay-physio-4").json()
    due = told(bill, "due")
    assert provider.put("Claim/janice-pay-physio-4", due, If_Match='W/"1"').status_code == 200
    for state in ("authorised", "paid"):
        refused(provider.put("Claim/janice-pay-physio-4", told(due, state), If_Match="*"), 403)
    assert api.put("Claim/janice-pay-physio-4", told(due, "authorised"), If_Match="*").status_code == 200


def test_the_share_of_a_past_budget_is_not_deleted(api: Api) -> None:
    for name in ("bodies", "janice"):
        loader.load(api.gateway, {name: FILES[name]})
    before = api.get("Patient/janice/$statement?date=2025-09-30&_format=csv").content
    assert running_world.broken(api.delete("Coverage/janice-nhs")) == {"R157"}
    assert api.get("Patient/janice/$statement?date=2025-09-30&_format=csv").content == before


def told(payment: Json, status: str) -> Json:
    """The payment in another state."""
    url = extension_url("phb-payment-status")
    others = [one for one in payment["extension"] if one["url"] != url]
    return payment | {"extension": [{"url": url, "valueCode": status}, *others]}
