"""A load meets the rules in whatever order its files have their resources, and in whatever chunks they are stored."""

from pathlib import Path

import pytest

from fhir_gateway.demo.entry import Entry
from fhir_gateway.demo.people import FILES
from mappings.lens import document
from tests.fhir_gateway.sync.builders import Loads

PERSON = "janice"
PEOPLE = [*FILES["bodies"], *FILES[PERSON]]


@pytest.fixture
def loads(database_url: str, tmp_path: Path) -> Loads:
    folder = tmp_path / "files"
    folder.mkdir()
    return Loads(database_url, folder)


def lines(entries: list[Entry]) -> str:
    return "\n".join(document.encode(one.resource()).decode() for one in entries)


@pytest.mark.parametrize("chunk", [3, 16, 500])
def test_a_file_for_each_type_is_taken_whole(loads: Loads, chunk: int) -> None:
    for name in {one.pair[0] for one in PEOPLE}:
        loads.write(f"{name}.ndjson", lines([one for one in PEOPLE if one.pair[0] == name]))
    loaded = loads(chunk=chunk)
    assert [one["reason"] for one in loaded.report] == []


@pytest.mark.parametrize("chunk", [3, 16])
def test_the_order_of_the_lines_does_not_matter(loads: Loads, chunk: int) -> None:
    loads.write("all.ndjson", lines(PEOPLE[::-1]))
    assert [one["reason"] for one in loads(chunk=chunk).report] == []


@pytest.mark.parametrize("chunk", [3, 500])
def test_what_breaks_a_rule_in_the_end_takes_along_what_needs_it(loads: Loads, chunk: int) -> None:
    kept = [one for one in PEOPLE if one.id != "janice-consent-payment"]
    loads.write("all.ndjson", lines(kept))
    reasons = [one["reason"] for one in loads(chunk=chunk).report]
    assert any(one.startswith("R11: ") for one in reasons)
    assert "Claim/janice-budget is not known here" in reasons
    assert "janice-budget" not in loads.stored("Claim")
    stored = b"".join(text for name in ("Claim", "CarePlan", "Task") for _, text in loads.stored(name).values())
    assert b'"Claim/janice-budget"' not in stored
