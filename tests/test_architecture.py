"""The arrows between the packages: every import is read and held against the table of who may know whom."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
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


def files_in(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def crossing(folder: str, never: frozenset[str]) -> list[str]:
    """Each import under `folder` of a thing it must not know."""
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files_in(folder)
        for name in sorted(set(imports_of(file.read_text())))
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
