"""What every test may ask for: a database of each kind, and whether golden files are to be rewritten."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import databases

_RUN = pytest.StashKey[Path]()
NO_BROWSER = "not run without Chromium"

# The machine is shared: a slow example is not a wrong one. What failed is printed so that it can be repeated.
hypothesis.settings.register_profile("gateway", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("gateway")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make golden` rewrites what it would otherwise compare."""
    parser.addoption("--rewrite-golden", action="store_true", help="rewrite the FHIR side of the golden pairs")


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts a run owns it; workers, and runs inside a test, find it in the environment."""
    if databases.RUN_SETTING not in os.environ:
        config.stash[_RUN] = databases.open_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whoever opened the run closes it."""
    folder = config.stash.get(_RUN, None)
    if folder is not None:
        databases.close_run(folder)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Whoever has no browser is told at the end what was left out."""
    yield
    left_out = [one for one in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(one.longrepr)]
    if left_out:
        terminalreporter.write_line(f"{NO_BROWSER}: {len(left_out)} tests of the pages in a real browser")


@pytest.fixture(scope="session")
def rewrite_golden(pytestconfig: pytest.Config) -> bool:
    """True when golden files are to be rewritten, not compared."""
    return bool(pytestconfig.getoption("--rewrite-golden"))


@pytest.fixture(scope="session")
def migrate() -> databases.Migrate | None:
    """What fills a fresh database; a folder of tests overrides it in its own conftest."""
    return None


@pytest.fixture(params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it, or for a `database_url`, runs on `sqlite` and on `postgresql`."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, migrate: databases.Migrate | None) -> Iterator[str]:
    """The URL of a database of this test's own."""
    with databases.fresh(database_kind, migrate) as url:
        yield url
