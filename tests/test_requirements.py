"""The list of requirements and its proof: what a test cites is listed, and what is listed as tested is cited.

Source: conformance/requirements.csv; docs/security.md.
"""

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
LIST: Final = ROOT / "conformance" / "requirements.csv"
COLUMNS: Final = ("id", "source", "section", "strength", "requirement", "proof")
STRENGTHS: Final = {"SHALL", "SHALL NOT", "MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"}
ID: Final = re.compile(
    r"smart-2\.2[#/][a-z0-9-]+|rfc\d{4}#\d+(\.\d+)*-\d+|oidc-(core|discovery)#\d+(\.\d+)*-\d+|S\d{1,2}|lesson-\d\d"
)
MARK: Final = "pytest.mark.requirement"
PROJECT: Final = tuple(f"S{number}" for number in range(1, 71))
LESSONS: Final = tuple(f"lesson-{number:02}" for number in range(1, 24))
WHY: Final = 20  # characters: less says nothing

Row = dict[str, str]


@cache
def rows() -> tuple[Row, ...]:
    """Every row of the list."""
    with LIST.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, strict=True)
        assert tuple(reader.fieldnames or ()) == COLUMNS
        return tuple(reader)


@cache
def cited() -> dict[str, tuple[str, ...]]:
    """row id -> the tests that cite it, as `file::name`."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for test, row in citations(file.read_text(encoding="utf-8")):
            found.setdefault(row, []).append(f"{file.relative_to(ROOT)}::{test}")
    return {row: tuple(tests) for row, tests in found.items()}


def citations(source: str) -> Iterator[tuple[str, str]]:
    """Each test of a file with each row it cites, in its decorator or in the module's `pytestmark`."""
    if MARK not in source:
        return
    tree = ast.parse(source)
    whole = [
        row
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
        for row in marked(node.value)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            own = [row for decorator in node.decorator_list for row in marked(decorator)]
            yield from ((node.name, row) for row in (*own, *whole))


def marked(value: ast.expr) -> Iterator[str]:
    """The rows that an expression marks with."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == MARK:
            yield from (str(ast.literal_eval(row)) for row in node.args)


def test_no_row_is_listed_twice() -> None:
    assert [name for name, times in Counter(row["id"] for row in rows()).items() if times > 1] == []


def test_every_row_is_whole() -> None:
    for row in rows():
        assert ID.fullmatch(row["id"]), row
        assert row["strength"] in STRENGTHS, row
        assert row["source"], row
        assert row["section"], row
        assert row["requirement"].endswith("."), row


def test_every_project_requirement_and_every_lesson_is_listed() -> None:
    assert {*PROJECT, *LESSONS} <= {row["id"] for row in rows()}


def test_what_a_test_cites_is_listed() -> None:
    unknown = cited().keys() - {row["id"] for row in rows()}
    assert {row: cited()[row] for row in unknown} == {}


def test_what_is_listed_as_tested_is_cited_by_a_test() -> None:
    assert [row["id"] for row in rows() if row["proof"] == "tests" and row["id"] not in cited()] == []


def test_what_is_not_tested_says_why_and_is_cited_by_none() -> None:
    for row in rows():
        if row["proof"] != "tests":
            kind, colon, why = row["proof"].partition(": ")
            assert kind in ("elsewhere", "open"), row
            assert colon, row
            assert len(why) > WHY, row
            assert row["id"] not in cited(), row


def test_the_page_on_security_names_every_row_that_is_ours_and_which_are_open() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith(("| S", "| lesson-"))}
    told = {row["id"]: row for row in rows() if row["id"] in {*PROJECT, *LESSONS}}
    assert lines.keys() == told.keys()
    assert {name for name, line in lines.items() if "| open" in line} == {
        name for name, row in told.items() if row["proof"].startswith("open")
    }


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.requirement('S1', 'S2')\ndef test_x() -> None: ...\n",
        "pytestmark = [pytest.mark.requirement('S1'), pytest.mark.requirement('S2')]\ndef test_x() -> None: ...\n",
    ],
)
def test_a_citation_is_found_wherever_it_may_stand(source: str) -> None:
    assert list(citations(source)) == [("test_x", "S1"), ("test_x", "S2")]
