"""The arrows between the packages: every import is read and held against the table of who may know whom."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = frozenset({"auth", "bench", "conformance", "fhir_gateway", "mappings"})
WEB: Final = frozenset({"fastapi", "httpx", "httpcore", "requests", "starlette", "uvicorn", "werkzeug"})
SQL: Final = frozenset({"alembic", "psycopg", "pysqlite3", "sqlalchemy", "sqlite3"})
LOGIN: Final = frozenset({"auth", "authlib", "joserfc"})
CLOCKS: Final = frozenset(
    f"{prefix}{kind}.{call}"
    for prefix in ("", "datetime.")
    for kind in ("date", "datetime")
    for call in ("now", "today", "utcnow")
)
SHAPE_JUDGE: Final = "mappings/lens/shape.py"


@dataclass(frozen=True, slots=True)
class Arrow:
    """Files under `folder` import none of `never`; `why` says what that keeps."""

    folder: str
    never: frozenset[str]
    why: str


ARROWS: Final = (
    Arrow("mappings", WEB | SQL | LOGIN | {"fhir_gateway", "conformance"}, "a record is a value: no web, no SQL"),
    Arrow("auth", frozenset({"mappings", "fhir_gateway", "conformance"}), "types and ids are opaque strings there"),
    Arrow("fhir_gateway/phb", WEB | SQL | LOGIN | {"random", "secrets", "time"}, "values in, values out"),
    Arrow(
        "fhir_gateway/access/ties",
        WEB | SQL | LOGIN | {"random", "secrets", "time"},
        "who is tied follows from records",
    ),
    Arrow("fhir_gateway/store", frozenset({"fastapi", "starlette", "uvicorn"}), "the store knows no web"),
    Arrow("fhir_gateway/http", SQL, "routes hold no SQL"),
    Arrow("fhir_gateway", frozenset({"conformance", "bench", "tests"}), "the service knows none of its judges"),
    Arrow("conformance", PACKAGES - {"conformance"} | SQL | {"tests"}, "it judges anybody's server, over HTTP"),
)


def imports_of(source: str) -> Iterator[str]:
    """The full name of every module a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def imports_in(file: Path) -> frozenset[str]:
    """The same of a file, read once."""
    return frozenset(imports_of(file.read_text()))


def files_in(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def crossing(folder: str, never: frozenset[str]) -> list[str]:
    """Each import under `folder` of a thing it must not know."""
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files_in(folder)
        for name in sorted(imports_in(file))
        if name.partition(".")[0] in never
    ]


@pytest.mark.parametrize("arrow", ARROWS, ids=lambda arrow: arrow.folder)
def test_a_folder_imports_nothing_it_must_not_know(arrow: Arrow) -> None:
    assert crossing(arrow.folder, arrow.never) == [], arrow.why


def test_the_model_library_judges_shape_and_does_no_more() -> None:
    users = {line.partition(" ")[0] for package in PACKAGES for line in crossing(package, frozenset({"fhir"}))}
    assert users <= {SHAPE_JUDGE}


def test_the_pure_core_reads_no_clock() -> None:
    reads = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for folder in ("mappings", "fhir_gateway/phb")
        for file in files_in(folder)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS
    ]
    assert reads == [], "time is an argument"


def test_a_forbidden_import_is_noticed_inside_a_function_too() -> None:
    source = "def late():\n    from sqlalchemy.engine import Engine\n"
    assert set(imports_of(source)) == {"sqlalchemy.engine", "sqlalchemy.engine.Engine"}


@pytest.mark.parametrize("package", sorted(PACKAGES - {"bench", "conformance"}))
def test_every_package_has_files_to_judge(package: str) -> None:
    assert files_in(package)


# --- what the way a request came in must not decide, and what must not be opened


OUTSIDE: Final = frozenset(
    {"aiohttp", "ftplib", "http.client", "httpcore", "httpx", "requests", "smtplib", "socket", "urllib.request"}
)
WAYS_OUT: Final = {
    "auth/outgoing.py": "the one way out, with every check",
    "fhir_gateway/demo/start.py": "looks whether a port of this machine is free",
    "fhir_gateway/demo/token.py": "a command that asks the demonstration's own server",
}
XML: Final = frozenset({"defusedxml", "lxml", "tarfile", "xml", "zipfile"})
READ_XML: Final = {
    "mappings/lens/narrative.py": "judges narrative; entities and document types are refused",
    "mappings/definitions/build.py": "reads the standard's own files when definitions are made, never a request",
}
OF_THE_REQUEST: Final = re.compile(
    r"""(?<![.\w])(self\.)?_?request\.(url|base_url|url_for)\b|scope\["server"\]|["'](host|forwarded|x-forwarded-[a-z]+)["']""",
    re.IGNORECASE,
)
JUDGES: Final = ("auth", "fhir_gateway/access", "fhir_gateway/http", "fhir_gateway/interactions", "fhir_gateway/web")
# Reads without the predicate of who asks, where nothing is told of the row to anybody who may not see it
UNJUDGED: Final = {
    "shown.one": "the predicate admits everything",
    "write.unchanged": "what was just admitted for writing",
    "anchor.record_of": "what `shown.one` let through, to see whether it was shown whole",
    "submitted_by.check_rows": "held against the predicate in the next line",
}


def importers(names: frozenset[str]) -> set[str]:
    """The files of the program that import one of these."""
    return {
        str(file.relative_to(ROOT))
        for package in ("auth", "fhir_gateway", "mappings")
        for file in files_in(package)
        for name in imports_in(file)
        if name in names or name.partition(".")[0] in names
    }


@pytest.mark.requirement("S30", "lesson-20")
def test_there_is_one_way_out() -> None:
    """Nothing else can fetch what a caller named."""
    assert importers(OUTSIDE) == set(WAYS_OUT)


@pytest.mark.requirement("lesson-20")
def test_nothing_reads_xml_or_an_archive_but_the_judge_of_narrative() -> None:
    assert importers(XML) == set(READ_XML)


@pytest.mark.requirement("S27", "lesson-14")
def test_no_rule_reads_the_address_a_request_came_under() -> None:
    """It is rebuilt from the Host header, which anybody writes; path and configuration decide."""
    found = [
        f"{file.relative_to(ROOT)}: {hit.group()}"
        for folder in JUDGES
        for file in files_in(folder)
        for hit in OF_THE_REQUEST.finditer(file.read_text())
    ]
    assert found == []


def test_no_form_is_read_by_a_parser_that_takes_multipart() -> None:
    readers = [
        str(file.relative_to(ROOT))
        for package in ("auth", "fhir_gateway")
        for file in files_in(package)
        if re.search(r"\brequest\.form\(", file.read_text())
    ]
    assert readers == []
    assert importers(frozenset({"multipart", "python_multipart"})) == set()


def unjudged_reads(file: Path) -> Iterator[str]:
    """`module.function` for each call of `records.get` without a predicate."""
    text = file.read_text()
    for function in ast.walk(ast.parse(text)) if "records.get(" in text else ():
        if isinstance(function, ast.FunctionDef):
            calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
            bare = [one for one in calls if ast.unparse(one.func) == "records.get" and len(one.args) < 4]
            yield from (f"{file.stem}.{function.name}" for _ in bare)


@pytest.mark.requirement("S33")
def test_rows_are_judged_in_the_statement_that_reads_them() -> None:
    """Every other read of an interaction carries the predicate into its SQL."""
    found = {name for file in files_in("fhir_gateway/interactions") for name in unjudged_reads(file)}
    assert found == set(UNJUDGED)
