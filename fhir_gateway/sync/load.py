"""`phb-gateway load`: files in, judged and derived in processes of their own, committed by one writer.

What is printed as committed is durable. A load that was cut off is finished by running it again: what is there
already is left as it is.

Source: docs/loading.md; shares of each step in bench/results.md.
"""

import multiprocessing
import os
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fhir_gateway.interactions.context import clock
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database
from fhir_gateway.store.records import Actor
from fhir_gateway.sync import column_map as maps
from fhir_gateway.sync import report as reports
from fhir_gateway.sync import sources
from fhir_gateway.sync.column_map import ColumnMap
from fhir_gateway.sync.derive import Derived, derive
from fhir_gateway.sync.report import Tally
from fhir_gateway.sync.sources import Source, Task
from fhir_gateway.sync.writer import CHUNK, Writer

CLIENT: Final = "load"
SMALL: Final = 2 * 1024 * 1024
AHEAD: Final = 4
ACKNOWLEDGED: Final = 20


class SumsDiffer(ValueError):
    """The database does not hold the money the files carried."""


def load(
    settings: Settings,
    paths: Sequence[Path],
    *,
    column_map: str | None = None,
    report: Path,
    processes: int = 0,
    console: Console,
    chunk: int = CHUNK,
) -> int:
    """Load files and folders; the number of resources and rows refused, which stand in `report`.

    column_map: shipped name or TOML file for every payment list; by file name when None. processes: 0 chooses.
    chunk: resources a transaction. Raises FileNotFoundError, UnusableMap, SumsDiffer.
    """
    found = sources.find(paths)
    given = maps.named(column_map) if column_map is not None else None
    tallies = [Tally(one.shown) for one in found]
    database = Database(settings.database_url)
    try:
        with reports.opened(report) as opened, _shown(console, found) as progress:
            actor = Actor(CLIENT, str(uuid.uuid4()), origin="load")
            writer = Writer(database, actor, clock(), tallies, opened)
            writer.chunk = chunk
            writer.acknowledge = progress.committed
            _run(writer, found, given, processes or _chosen(found), progress)
    finally:
        database.close()
    return _told(tallies, report, console)


def _run(writer: Writer, found: Sequence[Source], given: ColumnMap | None, processes: int, shown: "_Shown") -> None:
    now = writer.now
    try:
        for done in _derived(_tasks(found, given), processes, now):
            writer.take(done)
            shown.advance(done.size)
        writer.finish()
    finally:
        writer.close()


def _tasks(found: Sequence[Source], given: ColumnMap | None) -> Iterator[Task]:
    for number, source in enumerate(found):
        chosen = given or maps.chosen(source.name) if source.kind == "csv" else None
        yield from sources.tasks(number, source, chosen)


def _told(tallies: Sequence[Tally], report: Path, console: Console) -> int:
    """Print what became of each file. Raises SumsDiffer."""
    for tally in tallies:
        _say(console, tally.line())
    refused = sum(tally.refused for tally in tallies)
    if refused:
        _say(console, f"{refused} refused: {report} says which and why")
    wrong = [tally.shown for tally in tallies if not tally.agrees]
    if wrong:
        raise SumsDiffer(f"the database does not hold the money of {', '.join(wrong)}")
    return refused


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


# --- processes --------------------------------------------------------------------------------------


def _chosen(found: Sequence[Source]) -> int:
    """One for what is done before others have started, else one for each core."""
    size = sum(one.path.stat().st_size * (10 if one.path.name.endswith(".gz") else 1) for one in found)
    return 1 if size < SMALL else max(2, os.cpu_count() or 1)


def _derived(tasks: Iterator[Task], processes: int, now: int) -> Iterator[Derived]:
    """Every task done, in order."""
    if processes == 1:
        yield from (derive(task, now) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent) as pool:
        under_way: deque[Future[Derived]] = deque()
        for task in tasks:
            under_way.append(pool.submit(derive, task, now))
            if len(under_way) > processes * AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _end_with_parent() -> None:
    """A process whose parent was killed has nobody to work for."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


# --- what is seen while it runs ---------------------------------------------------------------------


class _Shown:
    """A bar on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console, total: int, bar: Progress | None) -> None:
        self._console = console
        self._bar = bar
        self._chunks = 0
        self._task = bar.add_task("loading", total=total, committed=0) if bar is not None else None

    def advance(self, size: int) -> None:
        """`size` more bytes of the files are done."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, size)

    def committed(self, count: int) -> None:
        """`count` resources are in the database to stay."""
        self._chunks += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, committed=count)
        elif self._chunks % ACKNOWLEDGED == 0:
            _say(self._console, f"{count} committed")


@contextmanager
def _shown(console: Console, found: Sequence[Source]) -> Iterator[_Shown]:
    total = sum(one.path.stat().st_size for one in found)
    if not console.is_terminal:
        yield _Shown(console, total, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    committed = TextColumn("{task.fields[committed]} committed")
    with Progress(*columns, committed, TimeRemainingColumn(), console=console, transient=True) as bar:
        yield _Shown(console, total, bar)
