"""The audit: one row for every access and every event of the authorization server, committed before the answer leaves.

Rows of requests under way at the same time are committed together, which costs a read about a quarter of its
throughput instead of more than half (measured, docs/adr/0004). Writes leave their row in their own transaction.

Source: security requirements S63 and S64; IHE BALP (one event for each patient touched).
"""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Insert, bindparam, cast, func, insert, literal_column, select, text, true
from sqlalchemy.dialects import postgresql

from fhir_gateway.errors import ServiceUnavailable
from fhir_gateway.interactions.context import clock
from fhir_gateway.store.database import Busy, Database, DriverError, Session
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import AUDIT, AUDIT_SUBJECT

COLUMNS: Final = tuple(column.name for column in AUDIT.columns if column.name not in {"seq", "xact"})
OWN_TRANSACTION: Final = "pg_current_xact_id()::text::bigint"
TOKEN_LENGTH: Final = 16  # hex digits of a digest: they name a token and give nothing of it away


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access or event. at: microseconds. action: C R U D E. what: the address under the base, never a query.

    subtype: the interaction, such as `read`, or an event of ours, such as `login`. query: base64 of a search.
    token: the head of the token's digest. gates: what opened what is closed. people: ids of those it touched.
    """

    at: int
    client: str
    action: str
    subtype: str
    what: str
    status: int
    request: str
    account: str | None = field(default=None, repr=False)
    fhir_user: str | None = field(default=None, repr=False)
    role: str | None = None
    organisation: str | None = None
    purpose: str | None = None
    query: str | None = field(default=None, repr=False)
    outcome: str | None = None
    token: str | None = None
    address: str | None = field(default=None, repr=False)
    gates: tuple[str, ...] = ()
    people: tuple[str, ...] = field(default=(), repr=False)


def _both_on_postgresql() -> Insert:
    """The event and the people it touched in one statement."""
    event = insert(AUDIT).values(
        {name: bindparam(name) for name in COLUMNS} | {"xact": literal_column(OWN_TRANSACTION)}
    )
    made = event.returning(AUDIT.c.seq).cte("event")
    people = func.jsonb_array_elements_text(cast(bindparam("people"), postgresql.JSONB))
    one = people.table_valued("person", with_ordinality="position").render_derived("one")
    found = select(made.c.seq, one.c.position - 1, one.c.person).select_from(made.join(one, true()))
    return insert(AUDIT_SUBJECT).from_select(["seq", "position", "person"], found)


INSERT: Final = Statement(insert(AUDIT).values({name: bindparam(name) for name in COLUMNS} | {"xact": 0}))
INSERT_PEOPLE: Final = Statement(
    text(
        "INSERT INTO audit_subject (seq, position, person) "
        "SELECT last_insert_rowid(), key, value FROM json_each(:people)"
    )
)
NOBODY: Final = "[]"
INSERT_BOTH: Final = Statement(_both_on_postgresql())


def _row(access: Access) -> dict[str, Any]:
    row = {name: getattr(access, name) for name in COLUMNS if name != "gate"}
    return row | {
        "gate": " ".join(access.gates) or None,
        "people": json.dumps(access.people) if access.people else NOBODY,
    }


def write(session: Session, access: Access) -> None:
    """The row of an access that has its own transaction."""
    write_all(session, (access,))


def write_all(session: Session, accesses: Sequence[Access]) -> None:
    """The rows of several."""
    _write(session, [_row(one) for one in accesses])


def _write(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if session.dialect == "postgresql":
        session.many(INSERT_BOTH, rows)
        return
    for row in rows:
        session.run(INSERT, row)
        if row["people"] != NOBODY:
            session.run(INSERT_PEOPLE, row)


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
        self._database.write(lambda session: _write(session, rows))

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


# --- events of the authorization server -------------------------------------------------------------

MAX_NAME: Final = 255
GOOD: Final = frozenset({"granted", "issued", "ended", "done"})
ABOUT: Final = ("account", "fhir_user", "role", "organisation", "purpose", "request")
ADDED: Final = {
    "sqlite": insert(AUDIT).values(xact=0).returning(AUDIT.c.seq),
    "postgresql": insert(AUDIT).values(xact=literal_column(OWN_TRANSACTION)).returning(AUDIT.c.seq),
}


def note(conn: Connection, kind: str, outcome: str, /, **about: Any) -> None:
    """An event on record, in the transaction it is part of: what `auth` calls its `note`.

    kind: such as `login`, `consent`, `token`. outcome: one of GOOD, or the code of a refusal. about: client_id,
    account_id, grant_id, patient (an id), and what else is known of ABOUT.
    """
    what = f"{kind}/{about['grant_id']}" if about.get("grant_id") else kind
    row = dict.fromkeys(COLUMNS) | {name: about.get(name) for name in ABOUT}
    row |= {"at": clock(), "client": _named(about.get("client_id")), "account": about.get("account_id")}
    row |= {"action": "E", "subtype": kind, "what": what, "status": 200 if outcome in GOOD else 400}
    row |= {"outcome": outcome, "request": about.get("request") or ""}
    seq = conn.execute(ADDED[conn.dialect.name], row).scalar_one()
    if about.get("patient"):
        conn.execute(insert(AUDIT_SUBJECT), {"seq": seq, "position": 0, "person": about["patient"]})


def _named(client_id: str | None) -> str:
    """A client as it named itself, which may have been anything."""
    return "".join(filter(str.isprintable, client_id or ""))[:MAX_NAME]
