"""The gateway's clock: what is due by a day is done, once, and what a rule refuses is left and told."""

from datetime import date, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from fhir_gateway import housekeeping
from fhir_gateway.cli import APP
from fhir_gateway.gateway import Gateway
from fhir_gateway.interactions.context import clock
from fhir_gateway.london import today
from fhir_gateway.phb.case_file import Filed
from fhir_gateway.phb.records import made
from fhir_gateway.store import diary
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.sync.clock import Refused, Ticked, tick
from mappings.change import Transfer
from mappings.review import Review
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.money_in_motion import stand, statuses
from tests.fhir_gateway.phb.rules.money_dealings import COORDINATOR, SELF, decision, suspension
from tests.fhir_gateway.phb.rules.money_moved import instalment
from tests.fhir_gateway.phb.rules.money_world import body
from tests.fhir_gateway.phb.shelf import PERSON, filed

RULE = "https://phb-gateway.example/fhir/CodeSystem/phb-rule"
JUNE, JULY, AUGUST = date(2025, 6, 1), date(2025, 7, 1), date(2025, 8, 1)
PAYMENTS = tuple(filed(instalment(no), f"pay-{no}") for no in (3, 4, 5))


def days(*status: str) -> dict[str, str]:
    return dict(zip((str(JUNE), str(JULY), str(AUGUST)), status, strict=True))


# --- payments ---------------------------------------------------------------------------------------


def test_payments_become_due_on_their_day_and_no_sooner(api: Api) -> None:
    stand(api, *PAYMENTS)
    assert tick(api.gateway, date(2025, 5, 31)) == Ticked()
    assert tick(api.gateway, JULY) == Ticked(payments=2)
    assert statuses(api) == days("due", "due", "scheduled")
    assert tick(api.gateway) == Ticked(payments=1)
    assert statuses(api) == days("due", "due", "due")


def test_a_second_tick_changes_nothing(api: Api) -> None:
    stand(api, *PAYMENTS)
    tick(api.gateway)
    changes = api.changes()
    assert tick(api.gateway) == Ticked()
    assert api.changes() == changes
    assert api.get("Claim/pay-3").json()["meta"]["versionId"] == "2"


def test_what_it_does_is_on_record_as_done_by_the_clock(api: Api) -> None:
    stand(api, *PAYMENTS)
    tick(api.gateway)
    query = "SELECT DISTINCT client, method FROM change WHERE version = 2"
    rows = api.gateway.database.read(lambda session: session.driver.execute(query).fetchall())
    assert [tuple(one) for one in rows] == [("clock", "PUT")]


def test_payments_are_held_back_and_go_on_with_the_pause(api: Api) -> None:
    pause = decision("pause", "suspension")
    late = filed(instalment(2, payment_status="due"), "pay-2")
    over = suspension(started_on=date(2025, 6, 20), ended_on=date(2025, 7, 20))
    stand(api, pause, over, late, *PAYMENTS)
    assert tick(api.gateway, JULY).payments == 3
    assert statuses(api) == {"2025-05-01": "on-hold"} | days("on-hold", "on-hold", "scheduled")
    assert tick(api.gateway, date(2025, 7, 19)) == Ticked()
    assert tick(api.gateway, date(2025, 7, 20)).payments == 3
    assert statuses(api) == {"2025-05-01": "due"} | days("due", "due", "scheduled")


def test_what_a_rule_refuses_holds_up_no_other_and_is_told(api: Api) -> None:
    stranger = filed(instalment(4, payee="Organization/physio", payee_kind="provider"), "pay-4")
    stand(api, PAYMENTS[0], stranger, PAYMENTS[2])
    done = tick(api.gateway)
    assert (done.payments, done.refused) == (2, [Refused("Claim/pay-4", ("R98",))])
    assert statuses(api) == days("due", "scheduled", "due")


def test_the_clock_does_not_go_ahead_of_time(api: Api) -> None:
    ahead = today(clock()) + timedelta(days=1)
    with pytest.raises(ValueError, match="is still to come"):
        tick(api.gateway, ahead)


# --- transfers --------------------------------------------------------------------------------------


def transfer(**known: Any) -> Filed[Transfer]:
    usual: dict[str, Any] = {
        "person_id": PERSON,
        "status": "accepted",
        "intent": "order",
        "transfer_status": "accepted",
        "reason": "moved-home",
        "requester": "Organization/icb",
        "owner": "Organization/other-icb",
        "requested_on": date(2025, 5, 1),
        "person_informed_on": date(2025, 5, 2),
        "accepted_by": "Organization/other-icb",
        "accepted_on": date(2025, 5, 20),
        "new_coordinator": COORDINATOR,
        "started_on": JULY,
        "funded_until": date(2025, 6, 30),
        "balance_pence": 1_000,
        "balance_carried_pence": 1_000,
        "balance_returned_pence": 0,
        "first_review_due": date(2025, 9, 1),
    }
    return filed(made(Transfer, **usual | known), "transfer")


OTHER = body("other-icb", "responsible-body", funder_kind="nhs-icb", ods_code="ZZ902")


def state_of(api: Api) -> str:
    return str(api.get("Task/transfer").json()["businessStatus"]["coding"][0]["code"])


def test_a_transfer_takes_effect_on_its_day(api: Api) -> None:
    stand(api, transfer(), OTHER)
    assert tick(api.gateway, date(2025, 6, 30)).transfers == 0
    assert state_of(api) == "accepted"
    assert tick(api.gateway, JULY).transfers == 1
    assert state_of(api) == "effective"
    assert tick(api.gateway, JULY).transfers == 0


def test_a_transfer_that_is_not_in_order_stays_as_it_is(api: Api) -> None:
    stand(api, transfer(balance_carried_pence=999), OTHER)
    assert tick(api.gateway).refused == [Refused("Task/transfer", ("R154",))]
    assert state_of(api) == "accepted"


# --- overdue ----------------------------------------------------------------------------------------


def review() -> Filed[Review]:
    known: dict[str, Any] = {
        "person_id": PERSON,
        "status": "requested",
        "intent": "plan",
        "review_kind": "initial-three-month",
        "review_status": "scheduled",
        "participants": (SELF, COORDINATOR),
        "respond_by": date(2025, 7, 1),
    }
    return filed(made(Review, **known), "review")


def tags(api: Api, reference: str) -> list[str]:
    meta = api.get(reference).json()["meta"]
    return [one["code"] for one in meta.get("tag", []) if one["system"] == RULE]


def test_an_overdue_review_and_its_case_are_flagged_once(api: Api) -> None:
    stand(api, review(), filed(instalment(1, payment_status="paid", paid_on=date(2025, 4, 1)), "pay-1"))
    done = tick(api.gateway)
    assert (done.flagged, done.refused) == (2, [])
    assert (tags(api, "Task/review"), tags(api, "EpisodeOfCare/case")) == (["R116"], ["R116"])
    assert tick(api.gateway) == Ticked()
    found = api.gateway.database.read(lambda session: diary.overdue(session, today(clock())))
    assert found == []


def test_a_review_no_rule_finds_overdue_is_left_alone(api: Api) -> None:
    stand(api, review())
    assert tick(api.gateway) == Ticked()
    assert tags(api, "Task/review") == []


# --- who winds it -----------------------------------------------------------------------------------


def test_the_command_ticks_once(database_url: str) -> None:
    upgrade(database_url)
    runner = CliRunner(env={"PHB_DATABASE_URL": database_url})
    done = runner.invoke(APP, ["tick", "--date", "2025-07-01"])
    assert (done.exit_code, done.output) == (0, "0 payments, 0 transfers, 0 records flagged; 0 left as they are\n")
    assert runner.invoke(APP, ["tick", "--date", "01/07/2025"]).exit_code == 2


@pytest.mark.parametrize("on", [True, False])
def test_the_hourly_round_ticks_unless_the_settings_say_no(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    on: bool,  # noqa: FBT001
) -> None:
    rounds: list[Gateway] = []
    monkeypatch.setattr(housekeeping, "tick", rounds.append)
    monkeypatch.setattr(api.gateway, "settings", api.gateway.settings.model_copy(update={"clock": on}))
    api.loop.run(housekeeping.see_to_it(api.gateway))
    assert rounds == [api.gateway] * on
