"""The demonstration goes in through the ordinary write path, once."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import pytest

from fhir_gateway.demo.entry import Entry
from fhir_gateway.demo.loader import load
from fhir_gateway.demo.people import CASES, FILES
from tests.fhir_gateway.api import Api
from tests.fhir_gateway.demo.people import EVERY

JACKIE: Final = {name: FILES[name] for name in ("bodies", "jackie")}
SHOWN: Final = {"janice": (("janice-indicative", "R70"), ("janice-budget", "R70"))}
SIZE: Final = sum(len(file) for file in JACKIE.values())


def test_every_resource_is_accepted_and_is_a_record_of_a_budget(api: Api) -> None:
    assert load(api.gateway) == len(EVERY) == api.changes()
    found = api.found("Patient?_count=50")
    assert sorted(found) == sorted(name for name in FILES if name != "bodies")
    foreign = "https://phb-gateway.example/fhir/CodeSystem/phb-record-kind|not-a-phb-record"
    for name in sorted({one.mapping.resource_type for one in EVERY}):
        assert api.get(f"{name}?_tag={foreign}&_summary=count").json()["total"] == 0


def test_loading_again_changes_nothing(api: Api) -> None:
    load(api.gateway, JACKIE)
    before = api.get("Patient/jackie").content
    assert load(api.gateway, JACKIE) == 0
    assert api.changes() == SIZE
    assert api.get("Patient/jackie").content == before


def test_what_a_visitor_changed_stays_changed(api: Api) -> None:
    load(api.gateway, JACKIE)
    goal = api.get("Goal/jackie-goal-out-daily").json()
    changed = api.put("Goal/jackie-goal-out-daily", {**goal, "description": {"text": "I go out twice a day."}})
    assert changed.status_code == 200
    assert load(api.gateway, JACKIE) == 0
    assert api.get("Goal/jackie-goal-out-daily").json()["description"] == {"text": "I go out twice a day."}


def test_what_a_visitor_deleted_stays_deleted(api: Api) -> None:
    load(api.gateway, JACKIE)
    assert api.delete("Communication/jackie-talk-options").status_code == 204
    assert load(api.gateway, JACKIE) == 0
    assert api.get("Communication/jackie-talk-options").status_code == 410


def test_only_what_is_missing_is_created(api: Api) -> None:
    fewer = tuple(one for one in JACKIE["jackie"] if one.mapping.kind not in ("review", "support-plan"))
    first = load(api.gateway, JACKIE | {"jackie": fewer})
    assert 0 < first < SIZE
    assert load(api.gateway, JACKIE) == SIZE - first


def test_what_leans_on_something_deleted_is_left_out(api: Api) -> None:
    load(api.gateway, JACKIE)
    assert api.delete("Communication/jackie-talk-pause").status_code == 204
    pause, letter = (
        next(one for one in JACKIE["jackie"] if one.id == name) for name in ("jackie-pause", "jackie-notice-pause")
    )
    leaning = replace(pause, id="pause-again")
    on_that = replace(letter, id="letter-again", record=replace(letter.record, about=("Task/pause-again",)))
    standing = replace(letter, id="letter-on-the-first-pause")
    assert load(api.gateway, {"more": (leaning, on_that, standing)}) == 1
    assert api.get("Communication/letter-on-the-first-pause").status_code == 200


def _named(name: str) -> Entry:
    return next(one for one in JACKIE["jackie"] if one.id == name)


@pytest.mark.parametrize("name", CASES)
def test_on_the_day_of_its_story_a_case_has_no_flag_but_the_one_it_is_to_show(api: Api, name: str) -> None:
    """Later the clock adds its own: reviews of a story that stands still fall due."""
    needed = ("bodies", "olive", name) if name == "oscar" else ("bodies", name)
    day = CASES[name].as_of + timedelta(days=1)
    load(
        api.gateway,
        {one: FILES[one] for one in needed},
        now=int(datetime.combine(day, time(9), UTC).timestamp()) * 10**6,
    )
    found = {(one.pair, tag["code"]) for one in FILES[name] for tag in _flags(api, one)}
    assert found == {(("Claim", one), rule) for one, rule in SHOWN.get(name, ())}


def _flags(api: Api, one: Entry) -> list[Any]:
    meta = api.get(one.literal).json()["meta"]
    return [tag for tag in meta["tag"] if tag["system"].endswith("CodeSystem/phb-rule")]
