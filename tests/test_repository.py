"""The repository itself: its commands, its locks, and what must be in no file of it."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
TARGETS: Final = (
    *("demo", "test", "fmt", "lint", "types", "laws", "golden"),
    *("contract", "conformance", "openapi", "bench", "check", "lock", "clean"),
)
LOCKS: Final = ("runtime", "dev")
PIN: Final = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)")

# Put together from pieces, so that this file is not what it looks for.
INDEXES: Final = ("pypi org", "pythonhosted org", "npmjs org", "crates io", "golang org", "maven org")
INDEX_HOST: Final = re.compile(
    rb"\b(?:" + b"|".join(re.escape(name.replace(" ", ".")).encode() for name in INDEXES) + rb")\b"
)
FOLDERS: Final = ("home", "opt", "root", "tmp", "Users", "work")
MACHINE_PATH: Final = re.compile(rb"(?<![\w.:/})>-])/(?:" + "|".join(FOLDERS).encode() + rb")/\w")

# What .gitignore leaves out, for a copy without a checkout.
MADE: Final = re.compile(r"\.venv|\.demo|\.git|\.hypothesis|\.coverage.*|.*_cache|__pycache__|build|dist|htmlcov")


def run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def files() -> list[Path]:
    """The files of the repository; without a checkout, those that are no product of a run."""
    try:
        listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = (path for path in ROOT.rglob("*") if path.is_file())
        return [path for path in found if not any(map(MADE.fullmatch, path.relative_to(ROOT).parts))]
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def pins(lock: str) -> dict[str, str]:
    """name -> version of each line of a lock that pins one."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
    return {found["name"]: found["version"] for line in lines if (found := PIN.match(line))}


def lines_with(pattern: re.Pattern[bytes]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files()
        if pattern.search(text := path.read_bytes())
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def recipe_of(target: str) -> str:
    return run("make", "--dry-run", "--no-print-directory", target)


def test_help_lists_every_target_with_a_word_of_what_it_does() -> None:
    listed = dict(line.split(maxsplit=2)[1:] for line in run("make", "--no-print-directory", "help").splitlines())
    assert listed.keys() >= set(TARGETS)
    assert all(len(words.split()) > 1 for words in listed.values())


def test_make_alone_prints_the_help() -> None:
    assert run("make", "--no-print-directory") == run("make", "--no-print-directory", "help")


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_a_recipe(target: str) -> None:
    assert recipe_of(target).strip()


def test_check_is_lint_types_and_test() -> None:
    recipe = recipe_of("check")
    assert [word in recipe for word in ("ruff check", "mypy", "pytest")] == [True, True, True]


def test_the_tests_and_ci_run_the_command_of_the_readme() -> None:
    assert "make test" in (ROOT / "README.md").read_text()
    assert re.search(r"^make .*\btest\b", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    run("bash", "-n", ".ci/run")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_carries_a_hash(lock: str) -> None:
    entries = (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", "").splitlines()
    pinned = [entry for entry in entries if entry and not entry.lstrip().startswith("#")]
    assert pinned
    assert [entry for entry in pinned if not (PIN.match(entry) and "--hash=sha256:" in entry)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_the_tests_run_on_what_the_gateway_runs_on() -> None:
    runtime, dev = pins("runtime"), pins("dev")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for lock, wanted in {"runtime": [], "dev": extras["dev"]}.items():
        names = {re.split(r"[\[<>=]", line)[0] for line in [*project["dependencies"], *extras["build"], *wanted]}
        assert names <= pins(lock).keys()


def test_every_runtime_dependency_says_why_it_is_trusted() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs" / "adr" / "0003-dependencies.md").read_text()
    names = {re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]}
    assert [name for name in sorted(names) if f"| {name} |" not in reasons] == []


def test_no_file_names_a_package_index() -> None:
    assert lines_with(INDEX_HOST) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


@pytest.mark.parametrize("name", ["pypi", "files.pythonhosted", "registry.npmjs"])
def test_an_index_would_be_noticed(name: str) -> None:
    assert INDEX_HOST.search(f"see https://{name}.".encode() + b"org/simple")


def test_a_path_of_one_machine_would_be_noticed() -> None:
    assert MACHINE_PATH.search(b"cd /" + b"home/somebody")
    assert not MACHINE_PATH.search(b"https://example.org/home/page")


def test_no_file_carries_a_private_key() -> None:
    assert lines_with(re.compile(rb"-----BEGIN [A-Z ]*" + rb"PRIVATE KEY-----")) == []


def test_the_licence_is_the_one_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text()[:200]
