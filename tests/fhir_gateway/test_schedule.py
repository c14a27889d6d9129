"""$schedule over HTTP: the instalments of an agreed budget, made once."""

import pytest

from tests.fhir_gateway.api import Api, refused
from tests.fhir_gateway.money_in_motion import due_on, rules_of, stand, status_of
from tests.fhir_gateway.phb.rules.money_moved import instalment
from tests.fhir_gateway.phb.rules.money_world import arrangement, budget
from tests.fhir_gateway.phb.shelf import filed


def test_the_instalments_of_a_budget_are_put_in_the_diary(api: Api) -> None:
    stand(api)
    reply = api.post("Claim/budget/$schedule", None)
    assert reply.status_code == 200, reply.text
    bundle = reply.json()
    claims = [one["resource"] for one in bundle["entry"]]
    assert (bundle["type"], len(claims)) == ("collection", 12)
    assert [due_on(one) for one in claims[:2]] == ["2025-04-01", "2025-05-01"]
    assert {status_of(one) for one in claims} == {"scheduled"}
    assert [str(one["total"]["value"]) for one in claims[:2]] == ["160.0", "100.0"]
    assert b'"total":{"value":160.00,"currency":"GBP"}' in reply.content
    for one in claims:
        assert api.get(f"Claim/{one['id']}").json() == one


def test_asked_again_it_makes_nothing_new(api: Api) -> None:
    stand(api)
    first = api.post("Claim/budget/$schedule", None)
    changes = api.changes()
    again = api.post("Claim/budget/$schedule", None)
    assert (again.status_code, again.content) == (200, first.content)
    assert api.changes() == changes


def test_asked_at_once_it_makes_them_once(api: Api) -> None:
    stand(api)
    replies = api.many([("POST", "Claim/budget/$schedule", None, {})] * 4)
    assert {one.status_code for one in replies} == {200}
    assert len({one.content for one in replies}) == 1
    assert len(api.found("Claim?patient=pat&use=claim")) == 12


def test_what_is_there_is_kept(api: Api) -> None:
    stand(api, filed(instalment(3, total_pence=9_999), "own-hand"))
    claims = [one["resource"] for one in api.post("Claim/budget/$schedule", None).json()["entry"]]
    assert len(claims) == 12
    assert [one["id"] for one in claims if due_on(one) == "2025-06-01"] == ["own-hand"]


def test_a_budget_that_is_not_agreed_is_refused(api: Api) -> None:
    stand(api, budget(budget_status="draft", status="draft"))
    reply = api.post("Claim/budget/$schedule", None)
    assert refused(reply, 422)["diagnostics"].startswith("the budget is neither agreed nor active")
    assert rules_of(reply) == ["R92"]


def test_without_an_account_nothing_is_scheduled(api: Api) -> None:
    stand(api, arrangement(end=arrangement().record.start))
    reply = api.post("Claim/budget/$schedule", None)
    assert refused(reply, 422)["diagnostics"].endswith("is in force on 2025-05-01")
    assert api.found("Claim?patient=pat&use=claim") == []


def test_it_is_asked_of_an_agreed_budget_alone(api: Api) -> None:
    stand(api, filed(instalment(3), "pay"))
    assert refused(api.post("Claim/pay/$schedule", None), 422)["diagnostics"] == (
        "payments are scheduled for an agreed budget"
    )
    refused(api.post("Claim/nowhere/$schedule", None), 404)
    assert api.get("Claim/budget/$schedule").status_code == 405


@pytest.mark.parametrize("scope", ["system/*.rs", "system/Claim.cruds", "system/*.rs system/Claim.c?patient=Patient/x"])
def test_whoever_may_not_write_every_claim_or_read_around_it_is_refused(api: Api, scope: str) -> None:
    stand(api)
    reply = api.client(scope, "narrow").post("Claim/budget/$schedule", None)
    assert reply.status_code == 403
    assert api.found("Claim?patient=pat&use=claim") == []


def test_a_payment_more_than_the_budget_has_room_for_is_refused_whole(api: Api) -> None:
    stand(api, filed(instalment(3, payment_kind="adjustment-increase", total_pence=61_000), "extra"))
    reply = api.post("Claim/budget/$schedule", None)
    assert set(rules_of(reply)) == {"R99"}
    assert api.found("Claim?patient=pat&use=claim") == ["extra"]
