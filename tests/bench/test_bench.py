"""The pieces of the bench: what it generates, what it replays, what it reads from the system, what it prints."""

import asyncio
import os
import platform
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import column, insert, table

from bench import report, wrk
from bench.__main__ import arguments, method
from bench.bare import Answer, Bare, kept
from bench.child import Child
from bench.client import Shot, percentiles, read_shots, request_bytes, shares
from bench.load import Loaded, load, stored
from bench.machine import cpu_seconds, facts, seconds_in
from bench.measure import Result, Round
from bench.people import LEDGER, People, pool
from bench.raw import PLACEHOLDER, Recorder, with_id
from bench.scenarios import BUNDLE, SCENARIOS, Scenario
from bench.templates import FIRST, PERSON
from fhir_gateway.store.database import Database
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.store.statement import Statement
from mappings.lens import document, shape
from mappings.nhs_number import is_nhs_number
from mappings.registry import TYPES

PEOPLE = People(seed=7, count=20)
SCENARIO = {one.name: one for one in SCENARIOS}


# --- the generator


def test_the_same_seed_makes_the_same_people() -> None:
    assert list(PEOPLE.lines()) == list(People(seed=7, count=20).lines())
    assert list(PEOPLE.lines()) != list(People(seed=8, count=20).lines())


def test_a_person_is_the_same_in_a_larger_population() -> None:
    assert PEOPLE.records(3) == People(seed=7, count=200).records(3)


def test_the_rest_of_a_larger_population_is_all_that_is_missing() -> None:
    larger = People(seed=7, count=48)
    assert sorted([*People(seed=7, count=32).lines(), *larger.lines(first=32)]) == sorted(larger.lines())


def test_every_generated_resource_passes_the_judge_and_is_a_record() -> None:
    for line in PEOPLE.lines():
        tree = document.parse(line.encode())
        shape.judge(tree, expected_type=tree["resourceType"])
        kind, record = TYPES[tree["resourceType"]].derive(tree)
        assert kind
        assert record is not None


def test_references_point_to_what_is_there() -> None:
    trees = [document.parse(line.encode()) for line in PEOPLE.lines()]
    there = {f"{tree['resourceType']}/{tree['id']}" for tree in trees}
    assert all(set(shape.judge(tree)) <= there for tree in trees)


def test_what_comes_first_of_a_person_refers_to_nothing_later() -> None:
    seen = {f"{tree['resourceType']}/{tree['id']}" for tree in (document.parse(line.encode()) for line in pool(7))}
    for template in FIRST:
        tree = document.parse((template % PEOPLE.values(3)).encode())
        assert set(shape.judge(tree)) <= seen
        seen.add(f"{tree['resourceType']}/{tree['id']}")


def test_people_keep_every_rule_and_the_warnings_are_of_reviews_that_time_makes_overdue(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'people.sqlite3'}"
    upgrade(url)
    file = tmp_path / "people.ndjson"
    assert load(url, file, People(seed=7, count=20).write(file)).resources == stored(url)
    database = Database(url)
    with database.reading() as session:
        tags = session.core.exec_driver_sql("SELECT value FROM search_value WHERE key LIKE '%._tag'").scalars().all()
    database.close()
    assert set(tags) <= {"R116", "R117", "R118", "R119"}


def test_a_person_has_about_twenty_resources_of_real_size() -> None:
    trees = [document.parse(line.encode()) for line in PEOPLE.records(2)]
    counts = Counter(tree["resourceType"] for tree in trees)
    sizes = {tree["resourceType"]: len(document.encode(tree)) for tree in trees}
    assert counts["Goal"] == counts["Coverage"] == 2
    assert counts["Claim"] == counts["Task"] == 3
    assert sum(counts.values()) == len(PERSON) == 20
    assert 2_000 < sizes["Claim"] < 4_000
    assert 4_000 < sizes["CarePlan"] < 7_000


def test_nhs_numbers_are_valid_unique_and_of_the_test_range() -> None:
    people = People(seed=7, count=2_000)
    patients = [document.parse(people.records(number)[0].encode()) for number in range(people.count)]
    values = [one["identifier"][0]["value"] for one in patients]
    numbers = [value for value in values if value.startswith("999")]
    assert len(set(values)) == people.count
    assert all(is_nhs_number(value) for value in numbers)
    assert len(numbers) > people.count * 0.9


def test_some_people_have_a_ledger_longer_than_a_page() -> None:
    assert len(PEOPLE.records(1)) == len(PEOPLE.records(2)) + LEDGER


def test_a_file_holds_the_pool_and_everybody(tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    count = PEOPLE.write(file)
    assert count == len(file.read_text().splitlines()) == len(list(pool(7))) + len(PERSON) * PEOPLE.count + LEDGER


# --- the requests


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: str(one.name))
def test_every_scenario_has_requests(scenario: Scenario) -> None:
    shots = scenario.shots(PEOPLE)
    assert shots
    assert scenario.written == (shots[0].method != "GET")


def test_a_transaction_holds_fifty_entries_that_refer_to_each_other() -> None:
    tree = document.parse(SCENARIO["transaction of 50"].shots(PEOPLE)[0].body)
    names = {entry["fullUrl"] for entry in tree["entry"]}
    aims = {node for _, node, _ in document.walk(tree) if type(node) is str and node.startswith("urn:uuid:")}
    assert len(names) == BUNDLE
    assert aims == names
    assert all("id" not in entry["resource"] for entry in tree["entry"])


def test_each_request_of_a_shot_differs_and_keeps_its_length() -> None:
    shot = SCENARIO["update Claim, If-Match"].shots(PEOPLE)[0]
    first, second = request_bytes(shot, "token", 1), request_bytes(shot, "token", 2)
    assert first != second
    assert len(first) == len(second)
    assert b'if-match: W/"1"\r\n' in first


def test_a_request_says_how_long_it_is() -> None:
    head, _, body = request_bytes(SCENARIO["create Goal"].shots(PEOPLE)[0], "token", 1).partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(body) in head
    assert "id" not in document.parse(body)


def test_no_two_connections_update_the_same_resource() -> None:
    shots = [Shot("PUT", f"/fhir/Goal/{number}", version=1) for number in range(10)]
    dealt = [shot.target for share in shares(shots, 4) for shot in share]
    assert sorted(dealt) == [shot.target for shot in shots]


def test_every_connection_has_something_to_send() -> None:
    shots = [Shot("POST", "/fhir/Goal")] * 3
    assert [len(share) for share in shares(shots, 8)] == [3] * 8


def test_shots_survive_their_file(tmp_path: Path) -> None:
    shots = [Shot("PUT", "/fhir/Goal/1", '{"a":"é"}'.encode(), 3), Shot("GET", "/fhir/Goal/1")]
    file = tmp_path / "shots"
    file.write_text("".join(f"{one.line()}\n" for one in shots))
    assert read_shots(file) == shots


def test_percentiles_are_in_milliseconds() -> None:
    found = percentiles([number / 1000 for number in range(1, 101)])
    assert found == {"p50": pytest.approx(51), "p95": pytest.approx(96), "p99": pytest.approx(100)}


# --- the bare app


def asked(app: Bare, method: str, path: str, query: str = "") -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "raw_path": path.encode(), "query_string": query.encode()}
    asyncio.run(app(scope, receive, send))
    return sent


def test_the_bare_app_sends_the_recorded_bytes(tmp_path: Path) -> None:
    answer = Answer(200, [("ETag", 'W/"1"'), ("Content-Length", "4")], b"\x00\xffok")
    file = tmp_path / "answers"
    file.write_text(kept("GET", "/fhir/Goal?patient=1", answer) + "\n")
    start, body = asked(Bare.read(str(file)), "GET", "/fhir/Goal", "patient=1")
    assert body["body"] == answer.body
    assert start["status"] == 200
    assert start["headers"] == [(b"etag", b'W/"1"'), (b"content-length", b"4")]


def test_the_bare_app_answers_any_write_of_a_method_alike() -> None:
    app = Bare({("PUT", "/fhir/Goal/1"): Answer(200, [], b"one")})
    assert asked(app, "PUT", "/fhir/Goal/2")[1]["body"] == b"one"


# --- the raw driver


def test_what_the_store_runs_is_kept_for_the_plain_driver() -> None:
    statement = Statement(insert(table("t", column("a"), column("b"))), ["a", "b"])
    for dialect, text in (("sqlite", "(?, ?)"), ("postgresql", "($1, $2)")):
        recorder = Recorder(dialect)
        recorder.run(statement, {"b": 2, "a": 1})
        [(kept, rows)] = recorder.steps
        assert (kept.partition("VALUES ")[2].replace("::VARCHAR", ""), rows) == (text, [(1, 2)])


def test_raw_rows_get_an_id_of_their_own_in_columns_and_text() -> None:
    steps = [("INSERT", [(PLACEHOLDER, b'{"id":"%s"}' % PLACEHOLDER.encode(), 3)])]
    assert with_id(steps, "x") == [("INSERT", [("x", b'{"id":"x"}', 3)])]


# --- the machine


def test_processor_time_is_read_past_a_name_with_blanks() -> None:
    fields = "S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0"
    assert seconds_in(f"7 (a (strange) name) {fields}", 100) == 2.0


def test_processor_time_is_known_where_the_system_tells_it() -> None:
    assert (cpu_seconds(os.getpid()) is not None) == Path("/proc/self/stat").exists()


def test_an_unknown_process_has_no_figure() -> None:
    assert cpu_seconds(2**30) is None


def test_the_machine_is_described_without_host_or_path() -> None:
    text = " ".join(facts())
    assert "cores" in text
    assert platform.node() not in text
    assert str(Path.home()) not in text
    assert "PostgreSQL 18" in text


def test_a_child_ends_when_its_input_closes(tmp_path: Path) -> None:
    shots = tmp_path / "shots"
    shots.write_text(Shot("GET", "/").line() + "\n")
    with Child("client", {"shots": str(shots), "port": 1, "token": "t", "connections": 1}) as child:
        assert child.process.poll() is None
    assert child.process.returncode == 0


# --- the report


def result(scenario: str, variant: str, rps: float, scale: int = 1) -> Result:
    return Result("sqlite", SCENARIO[scenario], variant, scale, "own", (Round(rps, 1.0, 2.0, 3.0, 100.0),))


FOUND = report.Found(
    [
        result("read", "bare", 1_000, scale=0),
        result("read", "gateway", 250),
        result("read", "gateway", 125, scale=10),
        result("create Claim", "raw", 1_000),
        result("create Claim", "gateway", 400),
        result("create a person's mix", "gateway", 100),
        result("transaction of 50", "gateway", 6),
    ],
    {("sqlite", 1): Loaded(6_000, 1.0)},
)


def verdict(start: str) -> tuple[float, str]:
    found = next(one for one in report.targets(FOUND) if one.name.startswith(start))
    return found.got, found.verdict


def test_a_share_above_its_target_is_met() -> None:
    assert verdict("read, share") == (25.0, "met")


def test_a_share_below_its_target_says_by_how_much() -> None:
    assert verdict("create Claim, share") == (40.0, "short by 11 %")


def test_a_transaction_is_compared_with_single_creates_of_the_same() -> None:
    assert verdict("transaction") == (3.0, "met")


def test_growth_over_its_bound_says_by_how_much() -> None:
    assert verdict("read, time at 10 x") == (2.0, "over by 54 %")


@pytest.mark.parametrize(("p50", "verdict"), [(80.0, "met"), (150.0, "over by 50 %")])
def test_the_statement_of_a_long_ledger_is_held_against_its_time(p50: float, verdict: str) -> None:
    rounds = (Round(10.0, p50, p50, p50, 1_000.0),)
    taken = Result("sqlite", SCENARIO[report.LONG_STATEMENT], "gateway", 1, "own", rounds)
    found = report.Found([taken], {("sqlite", 1): Loaded(1, 1.0)})
    [target] = [one for one in report.targets(found) if one.name.startswith(report.LONG_STATEMENT)]
    assert target.verdict == verdict


def test_what_looks_at_everybody_is_not_held_to_the_growth_of_the_data() -> None:
    every = [one.name for one in SCENARIOS if one.of_all]
    assert every
    taken = [
        Result("sqlite", SCENARIO[name], "gateway", scale, "own", (Round(10.0 / scale),))
        for name in every
        for scale in (1, 10)
    ]
    found = report.Found(taken, {("sqlite", 1): Loaded(1, 1.0)})
    assert not [one for one in report.targets(found) if one.name.startswith(every[0])]


def test_loading_is_held_against_its_target() -> None:
    assert verdict("load, 1 x") == (6_000.0, "met")


def test_the_report_is_markdown_with_every_table() -> None:
    text = report.report(FOUND, ["Machine: one"], ["Date: today"])
    assert "| sqlite   | read, share of the bare app" in text
    assert "- Machine: one\n- Date: today" in text
    assert text.count("\n## ") == 3


def test_a_median_is_taken_over_the_rounds() -> None:
    rounds = tuple(Round(rps) for rps in (1.0, 9.0, 2.0))
    assert Result("sqlite", SCENARIO["read"], "bare", 0, "wrk", rounds).rps == 2.0


def test_a_quick_run_is_small() -> None:
    quick = arguments(["--quick"])
    assert (quick.scale, quick.rounds, quick.persons) == ([1], 1, 40)
    assert arguments([]).scale == [1, 10]


def test_the_method_names_seed_sizes_and_day() -> None:
    text = " ".join(method(arguments(["--seed", "5"]), date(2026, 1, 2)))
    assert "Date 2026-01-02, seed 5; 20,000 persons at 1 x, 200,000 persons at 10 x" in text


def test_wrk_is_left_alone_for_less_than_a_second() -> None:
    assert not wrk.fits(0.5)


@pytest.mark.bench
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_quick_run_prints_and_writes_its_tables(kind: str, tmp_path: Path) -> None:
    output = tmp_path / "results.md"
    command = [sys.executable, "-m", "bench", "--quick", "--databases", kind, "--output", str(output)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    assert output.read_text() == done.stdout.rstrip("\n") + "\n"
    assert all(one.name in done.stdout for one in SCENARIOS)
