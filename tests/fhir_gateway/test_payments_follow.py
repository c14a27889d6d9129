"""What follows for payments over HTTP: a pause, its end, a stay in hospital, a stop, a death, a new budget version."""

from dataclasses import replace
from datetime import date
from typing import Any

from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.records import made
from mappings.budget import IndicativeBudget
from mappings.encounter import HospitalStay
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.money_in_motion import resource, rules_of, stand, statuses
from tests.fhir_gateway.phb.rules.money_dealings import COORDINATOR, decision, notice, suspension
from tests.fhir_gateway.phb.rules.money_moved import instalment
from tests.fhir_gateway.phb.rules.money_world import SWIMMING, WAGES, budget, person
from tests.fhir_gateway.phb.shelf import PERSON, filed

JUNE, JULY, AUGUST = "2025-06-01", "2025-07-01", "2025-08-01"
PAUSE = decision("pause", "suspension")
PAYMENTS = tuple(filed(replace(instalment(no)), f"pay-{no}") for no in (3, 4, 5))


def written(api: Api, one: Filed[Any], version: int = 0) -> None:
    condition = {"If_Match": f'W/"{version}"'} if version else {}
    reply = api.put(one.reference, resource(one), **condition)
    assert reply.status_code in (200, 201), reply.text


def told(api: Api, reference: str) -> tuple[str, list[str]]:
    """What the last Provenance of a resource says it follows from, and its reasons."""
    found = [one["resource"] for one in api.entries(f"Provenance?agent=Device/phb-gateway&target={reference}")]
    newest = max(found, key=lambda one: one["meta"]["lastUpdated"])
    return newest["entity"][0]["what"]["reference"], [one["text"] for one in newest.get("reason", [])]


def test_a_pause_holds_payments_back_and_they_go_on_when_it_ends(api: Api) -> None:
    stand(api, PAUSE, *PAYMENTS)
    pause = suspension(started_on=date(2025, 6, 20))
    written(api, pause)
    assert set(statuses(api).values()) == {"on-hold"}
    source, _ = told(api, "Claim/pay-4")
    assert source == "Task/suspension"
    held = api.get("Claim/pay-4").json()
    assert {"reference": "Task/suspension"} in [one.get("valueReference") for one in held["supportingInfo"]]
    written(api, replace(pause, record=replace(pause.record, ended_on=date(2025, 7, 20))))
    assert statuses(api) == dict.fromkeys((JUNE, JULY, AUGUST), "due")
    assert "supportingInfo" not in api.get("Claim/pay-4").json()


def test_a_pause_that_breaks_a_rule_holds_nothing(api: Api) -> None:
    stand(api, *PAYMENTS)
    reply = api.put("Task/suspension", resource(suspension(based_on=())))
    assert rules_of(reply) == ["R105"]
    assert set(statuses(api).values()) == {"scheduled"}


def test_pay_runs_on_in_a_pause_for_a_stay_in_hospital(api: Api) -> None:
    both = budget(WAGES, replace(SWIMMING, line_no=2, rate_pence=5_000, amount_pence=60_000))
    july = instalment(4, total_pence=15_000)
    july = replace(july, lines=(replace(july.lines[0], budget_line=None, amount_pence=15_000),))
    stand(api, PAUSE, both, filed(july, "pay-4"))
    written(api, suspension(reason="hospital-admission", started_on=date(2025, 6, 20)))
    found = [one["resource"] for one in api.entries(f"Claim?patient={PERSON}&use=claim")]
    amounts = {one["total"]["value"]: len(one["item"]) for one in found}
    assert amounts == {100.0: 1, 50.0: 1}
    assert sorted(statuses(api).values()) == ["on-hold", "scheduled"]


def test_a_stay_in_hospital_changes_no_payment(api: Api) -> None:
    stand(api, *PAYMENTS)
    changes = api.changes()
    stay = made(HospitalStay, person_id=PERSON, status="in-progress", admitted_on=date(2025, 6, 2))
    written(api, filed(stay, "stay"))
    assert set(statuses(api).values()) == {"scheduled"}
    assert api.changes() == changes + 1


def test_a_stop_calls_off_what_was_to_come(api: Api) -> None:
    stop = decision("stop", "stop", started_on=date(2025, 5, 9), stop_reason="person-choice", needs_continue=False)
    stand(api, notice("told", "stop", effective_on=date(2025, 7, 1), based_on=()), *PAYMENTS)
    stop = replace(stop, record=replace(stop.record, notice_id="told"))
    written(api, stop)
    assert statuses(api) == {JUNE: "scheduled", JULY: "cancelled", AUGUST: "cancelled"}
    assert told(api, "Claim/pay-4")[0] == "Task/stop"


def test_a_death_calls_off_what_covers_days_after_it(api: Api) -> None:
    due = replace(PAYMENTS[0], record=replace(PAYMENTS[0].record, payment_status="due"))
    stand(api, due, *PAYMENTS[1:])
    written(api, person(death_date=date(2025, 6, 10)))
    assert set(statuses(api).values()) == {"cancelled"}


def test_a_new_version_calls_off_what_the_first_was_to_pay_for_its_days(api: Api) -> None:
    rest = replace(SWIMMING, amount_pence=90_082)
    known = {"version": 2, "budget_id": "BUD-2", "supersedes_id": "budget", "start": date(2025, 7, 1)}
    second = replace(budget(rest, indicative_id="estimate", **known), id="budget-2").record
    estimate = made(IndicativeBudget, person_id=PERSON, status="active", budget_status="shared", provider=COORDINATOR)
    approved = decision("yes", "agreed-budget", about="Claim/budget-2", started_on=None)
    submitted = replace(second, budget_status="submitted")
    stand(api, filed(submitted, "budget-2"), filed(estimate, "estimate"), approved, *PAYMENTS)
    written(api, filed(replace(second, budget_status="agreed"), "budget-2"), version=1)
    assert statuses(api) == {JUNE: "scheduled", JULY: "cancelled", AUGUST: "cancelled"}
