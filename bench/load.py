"""Loading the invented people with the project's own loader, as `phb-gateway load` does it, and timing it.

Source: fhir_gateway.sync.load; docs/loading.md.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from fhir_gateway.store.database import Database
from fhir_gateway.store.tables import RESOURCES

COMMAND: Final = (sys.executable, "-c", "from fhir_gateway.cli import main; main()", "load")


class LoadFailed(RuntimeError):
    """The loader refused what the generator made: nothing else can be measured."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many resources went in, in how many seconds, the start of the program included."""

    resources: int
    seconds: float

    @property
    def rate(self) -> float:
        """Resources a second."""
        return self.resources / self.seconds


def load(url: str, file: Path, resources: int, command: Sequence[str] = COMMAND) -> Loaded:
    """Load a file of so many new resources into a database. Raises LoadFailed when any is missing afterwards."""
    before = stored(url)
    report = file.with_suffix(".refused.csv")
    start = time.perf_counter()
    done = subprocess.run(
        [*command, str(file), "--report", str(report)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PHB_DATABASE_URL": url},
    )
    seconds = time.perf_counter() - start
    added = stored(url) - before
    if done.returncode or added != resources:
        refused = report.read_text()[:500] if report.exists() else ""
        raise LoadFailed(
            f"{added} of {resources} resources were loaded\n{done.stdout[-500:]}{done.stderr[-2000:]}{refused}"
        )
    return Loaded(resources, seconds)


def stored(url: str) -> int:
    """How many current resources a database holds."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            counts = [
                connection.execute(select(func.count()).select_from(table)).scalar_one() for table in RESOURCES.values()
            ]
    finally:
        database.close()
    return sum(counts)
