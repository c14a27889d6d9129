"""The audit seam: one row for every access, committed before the answer leaves.

Rows of requests under way at the same time are committed together, which costs a read about a quarter of its
throughput instead of more than half (measured, docs/adr/0004). Writes leave their row in their own transaction.

Source: security requirement S63; a later layer turns rows into AuditEvent resources.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, insert

from fhir_gateway.errors import ServiceUnavailable
from fhir_gateway.store.database import Busy, Database, DriverError, Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import AUDIT

COLUMNS: Final = ("at", "client", "action", "what", "status", "request")
INSERT: Final = Statement(insert(AUDIT).values({name: bindparam(name) for name in COLUMNS}))


@dataclass(frozen=True, slots=True)
class Access:
    """One access. at: microseconds. action: C R U D E. what: the address under the base, never a query."""

    at: int
    client: str
    action: str
    what: str
    status: int
    request: str


def _row(access: Access) -> dict[str, Any]:
    return {
        "at": access.at,
        "client": access.client,
        "action": access.action,
        "what": access.what,
        "status": access.status,
        "request": access.request,
    }


def write(session: Session, access: Access) -> None:
    """The row of an access that has its own transaction."""
    session.run(INSERT, _row(access))


def write_all(session: Session, accesses: Sequence[Access]) -> None:
    """The rows of several."""
    session.many(INSERT, [_row(one) for one in accesses])


class Audit:
    """Collects the rows of reads and commits them in groups."""

    def __init__(self, database: Database, threads: Executor, *, on: bool) -> None:
        self._database = database
        self._threads = threads
        self._on = on
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[None]]] = []
        self._busy = False

    async def record(self, access: Access) -> None:
        """Return once the row is durable. Raises ServiceUnavailable when it cannot be written: no audit, no answer."""
        if not self._on:
            return
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((_row(access), done))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._start, loop)
        await done

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        group, self._waiting = self._waiting, []
        if not group:
            self._busy = False
            return
        task = loop.run_in_executor(self._threads, self._commit, [row for row, _ in group])
        task.add_done_callback(lambda finished: self._finished(loop, group, finished.exception()))

    def _commit(self, rows: list[dict[str, Any]]) -> None:
        self._database.write(lambda session: session.many(INSERT, rows))

    def _finished(
        self,
        loop: asyncio.AbstractEventLoop,
        group: list[tuple[dict[str, Any], "asyncio.Future[None]"]],
        error: BaseException | None,
    ) -> None:
        for _, done in group:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(_refusal(error))
        self._start(loop)

    def close(self) -> None:
        """Nothing more is taken."""
        self._waiting = []


def _refusal(error: BaseException) -> BaseException:
    if isinstance(error, (Busy, *DriverError)):
        return ServiceUnavailable("the audit cannot be written just now", headers={"Retry-After": "5"})
    return error
