"""$confirm and $query over HTTP: the person checks an invoice before it is paid, or lets the time go by."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fhir_gateway.interactions.context import clock
from fhir_gateway.london import today
from tests.fhir_gateway.api import Api, Json, refused
from tests.fhir_gateway.money_in_motion import checks_of, rules_of, stand, status_of
from tests.fhir_gateway.phb.rules.money_moved import instalment, invoice
from tests.fhir_gateway.phb.shelf import filed

RULE = "https://phb-gateway.example/fhir/CodeSystem/phb-rule"
REASON = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueString": "Only one visit"}]}


def bill(api: Api, check: str = "awaiting-person", **known: Any) -> None:
    made = invoice(check, **known)
    lines = tuple(replace(one, description="One visit") for one in made.lines)
    stand(api, filed(replace(made, lines=lines), "bill"))


def asked(api: Api, operation: str, body: Json = None) -> Json:
    reply = api.post(f"Claim/bill/${operation}", body)
    assert reply.status_code == 200, reply.text
    assert reply.json() == api.get("Claim/bill").json()
    return reply.json()


def authorised(api: Api, claim: Json) -> Any:
    """The answer when the funder authorises the invoice."""
    for one in claim["extension"]:
        if one["url"].endswith("/phb-payment-status"):
            one["valueCode"] = "authorised"
    return api.put("Claim/bill", claim, If_Match=f'W/"{claim["meta"]["versionId"]}"')


def terms_of(claim: Json, name: str) -> Any:
    terms = next(one for one in claim["extension"] if one["url"].endswith("/phb-payment-terms"))
    return next((one["valueString"] for one in terms["extension"] if one["url"] == name), None)


def test_an_invoice_that_is_confirmed_may_be_paid(api: Api) -> None:
    bill(api)
    claim = asked(api, "confirm")
    assert (checks_of(claim), status_of(claim), claim["meta"]["versionId"]) == (["confirmed"], "due", "2")
    assert authorised(api, claim).status_code == 200


def test_confirming_again_changes_nothing(api: Api) -> None:
    bill(api)
    assert asked(api, "confirm") == asked(api, "confirm")


def test_an_invoice_that_is_queried_waits_until_that_is_settled(api: Api) -> None:
    bill(api)
    claim = asked(api, "query", REASON)
    assert (checks_of(claim), status_of(claim)) == (["disputed"], "disputed")
    assert terms_of(claim, "dispute-reason") == "Only one visit"
    assert set(rules_of(authorised(api, claim))) == {"R103", "R94"}
    settled = asked(api, "confirm")
    assert (checks_of(settled), status_of(settled)) == (["resolved"], "due")
    assert terms_of(settled, "dispute-reason") == "Only one visit"
    assert authorised(api, settled).status_code == 200


def days_ago(days: int) -> dict[str, Any]:
    return {"received_on": today(clock()) - timedelta(days=days)}


def test_nobody_pays_before_the_person_had_time_to_check(api: Api) -> None:
    bill(api, **days_ago(1))
    reply = authorised(api, api.get("Claim/bill").json())
    assert rules_of(reply) == ["R103"]
    assert status_of(api.get("Claim/bill").json()) == "due"


def test_when_the_time_is_over_it_may_be_paid_and_the_warning_stays(api: Api) -> None:
    bill(api, **days_ago(10))
    reply = authorised(api, api.get("Claim/bill").json())
    assert reply.status_code == 200, reply.text
    tags = [one["code"] for one in reply.json()["meta"]["tag"] if one["system"] == RULE]
    assert tags == ["R103"]
    assert checks_of(reply.json()) == ["awaiting-person"]
    assert api.found(f"Claim?_tag={RULE}|R103") == ["bill"]


@pytest.mark.parametrize("status", ["authorised", "paid"])
def test_it_is_too_late_to_query_what_is_on_its_way(api: Api, status: str) -> None:
    bill(api, payment_status=status)
    reply = api.post("Claim/bill/$query", REASON)
    assert "authorised or paid already" in refused(reply, 422)["diagnostics"]
    assert rules_of(reply) == ["R103"]


@pytest.mark.parametrize("reason", ["", "?reason=%20", "?reason=" + "x" * 2001, "?reason=a&reason=b", "?why=a"])
def test_a_query_says_what_is_wrong(api: Api, reason: str) -> None:
    bill(api)
    refused(api.post(f"Claim/bill/$query{reason}", None), 400)
    assert api.get("Claim/bill").json()["meta"]["versionId"] == "1"


@pytest.mark.parametrize("operation", ["$confirm", "$query?reason=No"])
def test_only_an_invoice_that_is_here_is_checked(api: Api, operation: str) -> None:
    stand(api, filed(instalment(), "pay"))
    assert rules_of(api.post(f"Claim/pay/{operation}", None)) == ["R103"]
    assert rules_of(api.post(f"Claim/budget/{operation}", None)) == ["R103"]
    refused(api.post(f"Claim/nowhere/{operation}", None), 404)
    assert api.get(f"Claim/pay/{operation}").status_code == 405


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ("system/*.rs", 403),
        ("system/Claim.ru?patient=Patient/other", 404),
        ("system/Claim.ru?patient=Patient/pat", 200),
    ],
)
def test_whoever_may_change_the_invoice_may_check_it(api: Api, scope: str, status: int) -> None:
    bill(api)
    assert api.client(scope, "narrow").post("Claim/bill/$confirm", None).status_code == status
