"""One writer thread that commits the jobs of several requests together: one fsync for the group.

Each job has a savepoint, so a refused one undoes its own work and no other's. A job is answered only after the
commit that holds it, so what was acknowledged is durable. Used on SQLite, which has one writer anyhow.

Source: docs/adr/0004; measured in bench/results.md.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from fhir_gateway.store.database import Busy, Database, Session

GROUP: Final = 64
Job = Callable[[Session], Any]


@dataclass(slots=True)
class _Asked:
    """A job, where its answer goes, and what became of it."""

    job: Job
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = field(default=None)

    def deliver(self) -> None:
        """Hand the outcome to whoever waits; on the waiter's own loop."""
        if self.answer.done():
            return
        if self.error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(self.error)


class GroupCommit:
    """The writer thread of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Asked] = []
        self._wake = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def submit(self, job: Job) -> Any:
        """What `job(session)` returns, once it is committed; raises what it raised, with nothing of it stored."""
        loop = asyncio.get_running_loop()
        asked = _Asked(job, loop, loop.create_future())
        with self._wake:
            if not self._open:
                raise Busy
            self._waiting.append(asked)
            self._wake.notify()
        return await asked.answer

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and self._open:
                    self._wake.wait()
                if not self._waiting:
                    return
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
            self._commit(group)
            for loop in {asked.loop for asked in group}:
                _tell(loop, [asked for asked in group if asked.loop is loop])

    def _commit(self, group: list[_Asked]) -> None:
        try:
            with self._database.writing() as session:
                for asked in group:
                    _attempt(session, asked, alone=len(group) == 1)
        except BaseException as error:  # noqa: BLE001 - whoever waits must learn of it, and the thread must live
            for asked in group:
                asked.error = asked.error or error

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._wake:
            self._open = False
            self._wake.notify()
        self._thread.join()


def _attempt(session: Session, asked: _Asked, *, alone: bool) -> None:
    if alone:
        asked.result = asked.job(session)
        return
    session.command("SAVEPOINT job")
    try:
        asked.result = asked.job(session)
    except BaseException as error:  # noqa: BLE001 - kept for whoever waits
        asked.error = error
        session.command("ROLLBACK TO job")
    session.command("RELEASE job")


def _tell(loop: asyncio.AbstractEventLoop, group: list[_Asked]) -> None:
    def deliver() -> None:
        for asked in group:
            asked.deliver()

    with suppress(RuntimeError):  # a loop that has closed has nobody waiting
        loop.call_soon_threadsafe(deliver)
