import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import func, select

from fhir_gateway.settings import Settings
from fhir_gateway.store.migrate import upgrade
from fhir_gateway.store.tables import CHANGE, HISTORY, RESOURCES
from fhir_gateway.store.verify import verify
from fhir_gateway.sync import load as loading
from fhir_gateway.sync.column_map import UnusableMap
from fhir_gateway.sync.references import settled
from mappings.lens import document
from tests import databases
from tests.databases import PostgresServer
from tests.fhir_gateway.sync.builders import CORPUS, HEADINGS, MAP, SAMPLES, Loads, bundle, goal, ndjson, patient, plan
from tests.golden.pairs import PAIRS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def loads(database_url: str, tmp_path: Path) -> Loads:
    folder = tmp_path / "files"
    folder.mkdir()
    return Loads(database_url, folder)


# --- what is stored


def test_a_resource_is_stored_as_it_was_written_under_its_own_id(loads: Loads) -> None:
    sent = '{"resourceType":"Patient","id":"p1","multipleBirthInteger":2,"active":true}'
    loads.write("one.json", sent.replace(",", ",\n  "))
    assert loads().refused == 0
    version, text = loads.stored("Patient")["p1"]
    assert (version, re.sub(r'"meta":{[^}]*},', "", text.decode())) == (1, sent)


def test_numbers_keep_their_text(loads: Loads) -> None:
    sent = (
        '{"resourceType":"PaymentReconciliation","id":"r1","status":"active","created":"2024-01-01",'
        '"paymentDate":"2024-01-01","paymentAmount":{"value":105.00,"currency":"GBP"},'
        '"detail":[{"type":{"text":"a"},"amount":{"value":1.05E2,"currency":"GBP"}}]}'
    )
    loads.write("one.ndjson", sent)
    assert "GBP 105.00, in the database GBP 105.00: agrees" in loads().said
    text = loads.stored("PaymentReconciliation")["r1"][1]
    assert b'"value":105.00,' in text
    assert b'"value":1.05E2,' in text


def test_every_form_of_file_gives_the_same_rows(loads: Loads) -> None:
    people = [patient(f"p{n}") for n in range(4)]
    loads.write("one.json", people[0])
    loads.write("two.ndjson", ndjson(people[1]))
    loads.write("three.ndjson.gz", gzip.compress(ndjson(people[2]).encode()))
    loads.write("four.json.gz", gzip.compress(json.dumps(bundle({"resource": people[3]})).encode()))
    assert loads().refused == 0
    assert sorted(loads.stored("Patient")) == ["p0", "p1", "p2", "p3"]


def test_a_load_leaves_a_change_for_each_resource(loads: Loads) -> None:
    loads.write("a.ndjson", ndjson(patient("p1"), goal("g1", "Patient/p1")))
    loads()
    columns = (CHANGE.c.type, CHANGE.c.id, CHANGE.c.version, CHANGE.c.method, CHANGE.c.person, CHANGE.c.client)
    assert sorted(map(tuple, loads.query(select(*columns)))) == [
        ("Goal", "g1", 1, "PUT", "p1", "load"),
        ("Patient", "p1", 1, "PUT", "p1", "load"),
    ]


def test_every_golden_record_loads_into_columns_that_agree_with_its_text(loads: Loads) -> None:
    """Whatever they refer to is made absolute, so that each stands for itself; a rule may refuse it for that."""
    trees = [alone({**pair.tree, "id": f"golden-{number}"}) for number, pair in enumerate(PAIRS)]
    loads.write(
        "a.ndjson", ndjson(patient("somebody")) + b"".join(document.encode(one) + b"\n" for one in trees).decode()
    )
    loaded = loads()
    # on their own some lack what a rule asks for; whatever else was wrong with them would be said too
    assert {one["reason"][0] for one in loaded.report} == {"R"}
    assert loaded.refused < len(PAIRS) / 4
    assert verify(Settings(database_url=loads.url), Console(quiet=True)) == 0


def alone(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: elsewhere(child) if key == "reference" and isinstance(child, str) else alone(child)
            for key, child in node.items()
        }
    return [alone(child) for child in node] if isinstance(node, list) else node


def elsewhere(text: str) -> str:
    if text.startswith("Patient/"):
        return "Patient/somebody"
    return f"https://elsewhere.example/{text}" if re.match("[A-Z]", text) else text


# --- loading again


def test_loading_twice_changes_nothing(loads: Loads) -> None:
    loads.write(
        "a.ndjson", ndjson(patient("p1"), goal("g1", "Patient/p1"), {"resourceType": "Patient", "active": False})
    )
    loads.write(
        "b.json",
        bundle({"fullUrl": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "resource": {"resourceType": "Patient"}}),
    )
    (loads.folder / "SEL-chc.csv").write_bytes((SAMPLES / "SEL-chc.csv").read_bytes())
    loads()
    before = loads.everything()
    assert ", stored 0, unchanged 3, refused 0;" in loads().said
    assert loads.everything() == before


def test_a_changed_resource_becomes_a_new_version_with_its_history(loads: Loads) -> None:
    loads.write("a.ndjson", ndjson(patient("p1"), goal("g1", "Patient/p1"), goal("g2", "Patient/p1")))
    loads()
    loads.write("a.ndjson", ndjson(patient("p1"), goal("g1", "Patient/p1", "swim"), goal("g2", "Patient/p1")))
    assert "stored 1, unchanged 2, refused 0" in loads().said
    found = loads.stored("Goal")
    assert (found["g1"][0], found["g2"][0]) == (2, 1)
    assert b'"swim"' in found["g1"][1]
    assert list(map(tuple, loads.query(select(HISTORY.c.type, HISTORY.c.id, HISTORY.c.version)))) == [("Goal", "g1", 1)]
    assert verify(Settings(database_url=loads.url), Console(quiet=True)) == 0


def test_a_resource_that_stands_twice_and_differs_is_refused_the_second_time(loads: Loads) -> None:
    loads.write("a.ndjson", ndjson(patient("p1"), patient("p1", gender="female"), patient("p1")))
    for counts in ("stored 1, unchanged 1, refused 1", "stored 0, unchanged 2, refused 1"):
        loaded = loads()
        assert counts in loaded.said
        assert [(one["line"], one["column"]) for one in loaded.report] == [("2", "Patient")]
        assert loads.stored("Patient")["p1"][0] == 1


# --- references


def test_what_comes_too_early_is_stored_once_what_it_names_is_there(loads: Loads) -> None:
    first = ndjson(goal("g1", "Patient/p1"), plan("c1", "Patient/p1", goal=[{"reference": "Goal/g1"}]))
    loads.write("1.ndjson", first)
    loads.write("2.ndjson", ndjson(patient("p1")))
    loaded = loads(chunk=1)
    assert loaded.refused == 0
    assert "1.ndjson: read 2, stored 2" in loaded.said


def test_resources_that_name_each_other_are_stored(loads: Loads) -> None:
    one = plan("c1", "Patient/p1", partOf=[{"reference": "CarePlan/c2"}])
    two = plan("c2", "Patient/p1", partOf=[{"reference": "CarePlan/c1"}])
    loads.write("a.ndjson", ndjson(one, two, patient("p1")))
    assert loads(chunk=1).refused == 0


def test_what_stays_missing_is_named_and_takes_along_what_needs_it(loads: Loads) -> None:
    loads.write(
        "a.ndjson",
        ndjson(
            patient("p1"),
            plan("c1", "Patient/p1", goal=[{"reference": "Goal/lost"}]),
            plan("c2", "Patient/p1", partOf=[{"reference": "CarePlan/c1"}]),
            goal("g1", "Patient/p1"),
        ),
    )
    loaded = loads()
    assert (loaded.refused, sorted(loads.stored("Goal")), loads.stored("CarePlan")) == (2, ["g1"], {})
    assert [(one["line"], one["column"], one["reason"]) for one in loaded.report] == [
        ("2", "CarePlan.goal[0].reference", "Goal/lost is not known here"),
        ("3", "CarePlan.partOf[0].reference", "CarePlan/c1 is not known here"),
    ]


def test_what_was_loaded_before_counts(loads: Loads) -> None:
    loads.write("a.json", patient("p1"))
    loads()
    (loads.folder / "a.json").unlink()
    loads.write("b.json", goal("g1", "Patient/p1"))
    assert loads().refused == 0


def test_positions_settle_through_chains_and_circles() -> None:
    a, b, c, d = (("Goal", name) for name in "abcd")
    wants = [(a, (b,)), (b, (a,)), (c, (("Goal", "lost"),)), (d, (c,))]
    assert settled(wants, set()) == {0, 1}
    assert settled(wants, {c}) == {0, 1, 3}


def test_entries_of_a_bundle_name_each_other_by_what_they_become(loads: Loads) -> None:
    person, elsewhere_ = (
        "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
        "urn:uuid:88f151bd-1cbf-4d64-b04d-cd9187a4c6e0",
    )
    named = plan("c1", person, goal=[{"reference": "http://old.example/Goal/g9"}], author={"reference": elsewhere_})
    entries = (
        {"fullUrl": "urn:uuid:11111111-1cbf-4d64-b04d-cd9187a4c6e0", "resource": named},
        {"fullUrl": person, "resource": {"resourceType": "Patient"}},
        {"fullUrl": "http://old.example/Goal/g9", "resource": goal("g1", person)},
        {"fullUrl": elsewhere_, "resource": {"resourceType": "Device"}},
    )
    loads.write("a.json", bundle(*entries))
    loaded = loads()
    assert [(one["line"], one["reason"]) for one in loaded.report] == [
        ("entry[3]", "a resource of type Device is not kept here")
    ]
    tree = document.parse(loads.stored("CarePlan")["c1"][1])
    assert tree["subject"] == {"reference": "Patient/0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}
    assert tree["goal"] == [{"reference": "Goal/g1"}]
    assert tree["author"] == {"reference": elsewhere_}


def test_an_identifier_that_looks_like_an_entry_is_left_alone(loads: Loads) -> None:
    urn = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    same = patient("p1", identifier=[{"system": "urn:ietf:rfc:3986", "value": urn}])
    loads.write("a.json", bundle({"fullUrl": urn, "resource": same}))
    loads()
    assert urn.encode() in loads.stored("Patient")["p1"][1]


# --- refusals


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ('{"resourceType": "Patient",', "", "not valid JSON: "),
        ('{"resourceType": "Patient", "id": "a", "gender": "x"}', "Patient.gender", "the code is not one of "),
        ('{"resourceType": "Device", "id": "a"}', "resourceType", "a resource of type Device is not kept here"),
        ('{"resourceType": "Nonsense", "id": "a"}', "resourceType", "this names no resource type of R4"),
        ('{"id": "a"}', "resourceType", "this names no resource type of R4"),
        ('{"resourceType": "Bundle", "entry": {}}', "Bundle.entry", "a list of objects is expected"),
        ("[]", "", "a JSON object is expected"),
    ],
)
def test_a_faulty_line_is_reported_and_the_rest_is_stored(loads: Loads, line: str, column: str, reason: str) -> None:
    loads.write("a.ndjson", ndjson(patient("p1")) + line + "\n" + ndjson(patient("p2")))
    loaded = loads()
    assert (loaded.refused, sorted(loads.stored("Patient"))) == (1, ["p1", "p2"])
    [said] = loaded.report
    assert (said["file"], said["line"], said["column"]) == (str(loads.folder / "a.ndjson"), "2", column)
    assert said["reason"].startswith(reason)


def test_an_entry_without_a_resource_is_reported_by_its_place(loads: Loads) -> None:
    loads.write("a.json", bundle({"request": {"method": "DELETE", "url": "Patient/p1"}}, 5))
    assert [(one["line"], one["reason"]) for one in loads().report] == [
        ("entry[0]", "the entry holds no resource to load"),
        ("entry[1]", "the entry holds no resource to load"),
    ]


def test_a_record_about_nobody_here_is_refused(loads: Loads) -> None:
    loads.write("a.json", goal("g1", "https://elsewhere.example/Patient/1"))
    assert [one["column"] for one in loads().report] == ["Goal.subject"]


def test_an_id_that_is_none_is_replaced_by_the_same_one_each_time(loads: Loads) -> None:
    loads.write("a.ndjson", ndjson(patient("not valid!"), patient("x" * 65)))
    loads()
    first = loads.stored("Patient")
    loads()
    assert len(first) == 2
    assert loads.stored("Patient") == first


def test_the_report_repeats_nothing_a_row_holds(loads: Loads) -> None:
    loads.write("map.toml", MAP)
    loads.write("example.csv", HEADINGS + "Jane Roe,Jane Roe,Jane Roe\n99/99/9999,Jane Roe,#N/A,Jane Roe,Jane Roe\n")
    loaded = loads(loads.folder / "example.csv", column_map=str(loads.folder / "map.toml"))
    assert loaded.refused == 2
    assert "Jane" not in (loads.folder.parent / "report.csv").read_text() + loaded.said


def test_a_resource_deleted_before_comes_back_as_a_later_version(loads: Loads) -> None:
    loads.write("a.json", patient("p1"))
    loads()
    delete(loads, "p1")
    assert "stored 1, unchanged 0" in loads().said
    assert loads.stored("Patient")["p1"][0] == 3


def delete(loads: Loads, id_: str) -> None:
    from fhir_gateway.store import records
    from fhir_gateway.store.database import Database
    from fhir_gateway.store.records import Actor, Change, Stored

    database = Database(loads.url)
    current = database.read(lambda session: records.get(session, "Patient", id_))
    assert current is not None
    gone = Change(Stored("Patient", id_, 2, current.updated + 1, None), "DELETE", None, "", None, id_, current)
    database.write(lambda session: records.write(session, [gone], Actor("test", "1")))
    database.close()


# --- payment lists


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.stem)
def test_a_real_list_loads_to_the_penny(loads: Loads, path: Path) -> None:
    loaded = loads(path)
    assert " in the database GBP " in loaded.said
    assert loaded.said.splitlines()[0].endswith(": agrees")
    assert held(loads) == shown(loaded.said)
    assert loads(path).said.count(", stored 0, unchanged ") == 1


def held(loads: Loads) -> Decimal:
    pence = loads.query(select(func.sum(RESOURCES["PaymentReconciliation"].c.r_amount_pence)))[0][0]
    return Decimal(int(pence)) / 100


def shown(said: str) -> Decimal:
    match = re.search(r"in the database GBP ([-0-9,.]+):", said)
    assert match is not None
    return Decimal(match[1].replace(",", ""))


def test_broken_rows_of_a_real_list_are_reported_and_counted(loads: Loads) -> None:
    loaded = loads(SAMPLES / "NCL-chc.csv")
    assert "read 12, stored 8, unchanged 0, refused 4; money in the file" in loaded.said
    assert {(one["column"], one["reason"]) for one in loaded.report} == {
        ("expensetype", "the cell is broken over lines"),
        ("expensetype", "the cell is empty"),
        ("expensearea", "the cell is broken over lines"),
    }
    assert [one["line"] for one in loaded.report if one["reason"] == "the cell is empty"] == ["12", "14", "16"]


@pytest.mark.parametrize("folder", ["ccg-phb-payments", "council-spend"])
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the whole corpus is not beside this copy")
def test_every_real_list_loads_to_the_penny(loads: Loads, folder: str) -> None:
    loaded = loads(CORPUS / folder)
    assert loaded.said.count(": agrees") == len(list((CORPUS / folder).glob("*.csv")))
    assert loads(CORPUS / folder).said.count(", stored 0, ") == loaded.said.count(": agrees")


def test_a_list_no_map_fits_is_reported(loads: Loads) -> None:
    loads.write("unknown.csv", "a,b\n1,2\n")
    assert [one["reason"] for one in loads().report] == ["no column map fits this file: name one with --map"]


def test_a_map_that_does_not_fit_is_reported_with_the_column(loads: Loads) -> None:
    loads.write("leeds-2030-01.csv", "a,b\n1,2\n")
    [said] = loads().report
    assert (said["line"], said["column"]) == ("1", "DatePaid")


def test_an_unknown_map_stops_the_load(loads: Loads) -> None:
    with pytest.raises(UnusableMap):
        loads(column_map="nothing")


def test_rows_the_map_does_not_want_are_counted(loads: Loads) -> None:
    rule = '\n[[keep]]\ncolumn = "What"\nequals = ["Budget"]\n'
    loads.write("map.toml", MAP + rule)
    loads.write("example.csv", HEADINGS + "30/09/2020,A,Budget,1,5.00\n30/09/2020,A,Bricks,2,7.00\n")
    loaded = loads(loads.folder / "example.csv", column_map=str(loads.folder / "map.toml"))
    assert "read 2, stored 1, unchanged 0, refused 0, left out by the map 1; money in the file GBP 5.00," in loaded.said


def test_a_sum_that_differs_is_an_error(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fhir_gateway.sync.money.held", lambda *_: {"GBP": Decimal("0.01")})
    with pytest.raises(loading.SumsDiffer, match=r"SEL-chc\.csv"):
        loads(SAMPLES / "SEL-chc.csv")


# --- more than one process, and none too many


def test_processes_give_what_one_gives(loads: Loads) -> None:
    loads.write(
        "a.ndjson",
        ndjson(*(patient(f"p{n}") for n in range(500)), *(goal(f"g{n}", f"Patient/p{n}") for n in range(500))),
    )
    assert loads(processes=2).refused == 0
    before = loads.everything()
    assert "unchanged 1000" in loads(processes=1).said
    assert loads.everything() == before


KILLED = """
import sys
from pathlib import Path
from rich.console import Console
from fhir_gateway.settings import Settings
from fhir_gateway.sync.load import load

if __name__ == "__main__":
    load(Settings(database_url=sys.argv[1]), [Path(sys.argv[2])], report=Path(sys.argv[3]), processes=2,
         console=Console(), chunk=5)
"""


@pytest.fixture
def durable(database_kind: str, tmp_path: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of a database that keeps its promises, and what a power cut does to it."""
    if database_kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'durable.db'}"
        upgrade(url)
        yield url, lambda: None
        return
    folder = databases.run_folder() / f"durable-{os.getpid()}"
    server = PostgresServer.start(folder, durable=True)

    def cut() -> None:
        server.crash()
        PostgresServer.start(folder, durable=True)

    upgrade(server.url())
    yield server.url(), cut
    server.stop()


@pytest.mark.requirement("S44")
def test_a_killed_load_keeps_what_it_acknowledged_and_is_finished_by_another(
    durable: tuple[str, Callable[[], None]], tmp_path: Path
) -> None:
    url, cut = durable
    folder = tmp_path / "files"
    folder.mkdir()
    loads = Loads(url, folder)
    loads.write("a.ndjson", ndjson(*(patient(f"p{n}") for n in range(3000))))
    (tmp_path / "killed.py").write_text(KILLED)
    program = [sys.executable, str(tmp_path / "killed.py"), url, str(folder), str(tmp_path / "killed.csv")]
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as killed:
        assert killed.stdout is not None
        said = [killed.stdout.readline() for _ in range(2)]
        killed.send_signal(signal.SIGKILL)
        cut()
        said += killed.stdout.readlines()
    acknowledged = max(int(line.split()[0]) for line in said if line.endswith("committed\n"))
    kept = len(loads.stored("Patient"))
    assert 200 <= acknowledged <= kept < 3000
    assert f"stored {3000 - kept}, unchanged {kept}, refused 0" in loads().said
    assert nobody_left(killed.pid)


def nobody_left(group: int) -> bool:
    """Whether the processes of a session end by themselves soon."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


# --- what is shown


def test_lines_tell_of_commits_where_there_is_no_terminal(loads: Loads) -> None:
    loads.write("a.ndjson", ndjson(*(patient(f"p{n}") for n in range(45))))
    assert loads(chunk=1).said.startswith("20 committed\n40 committed\n")


def test_a_bar_shows_on_a_terminal_and_nothing_of_it_stays(loads: Loads) -> None:
    loads.write("a.json", patient("p1"))
    console = Console(force_terminal=True, width=200, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    paths = [loads.folder]
    loading.load(Settings(database_url=loads.url), paths, report=loads.folder / "r.csv", processes=1, console=console)
    console.file.close()
    assert "loading" in console.export_text()
