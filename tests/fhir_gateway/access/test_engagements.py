"""Audit engagements: a sample of people, days of records and an end; made and ended by hand."""

from typing import Any

import pytest
from typer.testing import CliRunner

from fhir_gateway.cli import APP
from fhir_gateway.store import engagements, tie_check, ties
from tests.fhir_gateway.access.logged_in import tied
from tests.fhir_gateway.api import Api

DAYS = ("--start", "2025-04-01", "--end", "2026-03-31", "--until", "2999-12-31")


@pytest.fixture
def run(api: Api) -> Any:
    url = api.gateway.database.url.render_as_string(hide_password=False)
    for id_ in ("one", "two", "three"):
        assert api.put(f"Patient/{id_}", {"resourceType": "Patient", "id": id_}).status_code == 201
    body = {"resourceType": "Organization", "id": "firm", "name": "Firm"}
    assert api.put("Organization/firm", body).status_code == 201
    env = {"PHB_DATABASE_URL": url, "COLUMNS": "300"}
    return lambda *words: CliRunner().invoke(APP, words, env=env)


def sampled(api: Api) -> list[str]:
    return [one for one in ("one", "two", "three") if tied(api, one, "engagement") == {"Organization/firm"}]


def test_an_engagement_ties_its_sample_until_it_is_ended(api: Api, run: Any) -> None:
    made = run("engagement", "add", "firm", "--person", "one", "--person", "two", *DAYS)
    assert made.exit_code == 0, made.stdout
    assert sampled(api) == ["one", "two"]
    (found,) = api.gateway.database.read(engagements.every)
    (tie,) = [one for one in api.gateway.database.read(lambda s: ties.stored(s, "one")) if one.kind == "engagement"]
    assert (str(tie.start), str(tie.end), tie.source) == ("2025-04-01", "2026-03-31", found.engagement_id)
    assert "open" in run("engagement", "list").stdout
    with api.gateway.database.snapshot() as session:
        assert list(tie_check.differences(session)) == []
    assert run("engagement", "end", found.engagement_id).exit_code == 0
    assert sampled(api) == []
    assert "ended" in run("engagement", "list").stdout
    assert isinstance(run("engagement", "end", found.engagement_id).exception, ValueError)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    "words",
    [
        ("firm", "--person", "nobody", *DAYS),
        ("nowhere", "--person", "one", *DAYS),
        ("firm", "--person", "one", "--start", "2026-01-01", "--end", "2025-01-01", "--until", "2999-01-01"),
        ("firm", "--person", "one", "--start", "2025-01-01", "--end", "2025-01-01", "--until", "2025-02-01"),
    ],
)
def test_an_engagement_of_nobody_or_of_no_days_is_refused(api: Api, run: Any, words: tuple[str, ...]) -> None:
    assert isinstance(run("engagement", "add", *words).exception, ValueError)
    assert api.gateway.database.read(engagements.every) == []
    assert sampled(api) == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_from_before_the_ties_gets_them_when_it_is_migrated(api: Api, run: Any) -> None:
    api.gateway.database.write(lambda session: session.command("DELETE FROM tie"))
    assert run("migrate").exit_code == 0
    assert tied(api, "three", "self") == {"Patient/three"}
    api.gateway.database.write(lambda session: session.command("DELETE FROM tie WHERE person = 'one'"))
    assert run("migrate").exit_code == 0, "those that are there are left alone"
    assert tied(api, "one", "self") == set()
    assert "3 people" in run("ties", "rebuild").stdout
    assert tied(api, "one", "self") == {"Patient/one"}
    assert "Patient/one" in run("ties", "list", "one").stdout
    assert "Patient/one" in run("ties", "list", "one", "--date", "2025-01-01").stdout
