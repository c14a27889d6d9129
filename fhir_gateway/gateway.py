"""The running gateway: database, cursors, audit and threads, and how a job gets its transaction.

On SQLite keyed reads run inline on the event loop; everything else runs in bounded threads, each holding one
connection. The process keeps no other state, so more processes on one PostgreSQL is how it grows.

Source: design decision 7; measured shares in bench/results.md.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import DBAPIError

from auth.errors import OAuthError, Unauthorized
from auth.principal import Principal
from auth.scopes import ScopeSet
from auth.tokens import TOKEN_ROW, admit, digest_of
from fhir_gateway.access.asker import WHOLE_RECORD, asker_of
from fhir_gateway.access.audit import Audit
from fhir_gateway.errors import ServiceUnavailable
from fhir_gateway.interactions.context import Context, Limits, clock, new_id
from fhir_gateway.interactions.cursor import Cursors
from fhir_gateway.settings import Settings
from fhir_gateway.store.database import Database, Session, Transient
from fhir_gateway.store.group_commit import GroupCommit
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import SECRET

LOG: Final = logging.getLogger("fhir_gateway")
T = TypeVar("T")
P = TypeVar("P")
TOKEN: Final = Statement(TOKEN_ROW)
SECRET_VALUE: Final = Statement(select(SECRET.c.value).where(SECRET.c.name == bindparam("name")))
CURSOR_KEY: Final = "cursor"


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request says of itself before it is believed."""

    authorization: str | None
    request_id: str
    lenient: bool = False


class Gateway:
    """One process's view of one database."""

    def __init__(self, settings: Settings, database: Database | None = None) -> None:
        self.settings = settings
        self.database = database or Database(settings.database_url)
        self.limits = Limits()
        self.threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="gateway")
        self.inline = self.database.dialect == "sqlite"
        self._group = GroupCommit(self.database) if self.inline else None
        self.cursors = Cursors(self._cursor_key())
        self.audit = Audit(self.database, self.threads, on=settings.audit_reads)

    def _cursor_key(self) -> bytes:
        row = self.database.read(lambda session: session.row(SECRET_VALUE, {"name": CURSOR_KEY}))
        if row is None:
            raise RuntimeError("the database has no cursor secret: run `phb-gateway migrate`")
        return bytes(row[0])

    async def reading(self, caller: Caller, job: Callable[[Context], T], *, keyed: bool) -> T:
        """`job` on a reading connection, as the caller. keyed: the job looks rows up by key."""
        if keyed and self.inline:
            return self._read(caller, job)
        return await self.in_thread(self._read, caller, job)

    async def writing(
        self, caller: Caller, prepare: Callable[[], P], job: Callable[[Context, P], T], *, heavy: bool = False
    ) -> T:
        """`job` in one write transaction, as the caller, given what `prepare` made before the transaction began.

        heavy: `prepare` takes long enough to be kept off the event loop.
        """
        if self._group is None:
            return await self.in_thread(self._write, caller, prepare, job)
        now = clock()
        principal = self.guarded(lambda: self.database.read(lambda s: self.principal(s, caller.authorization, now)))
        prepared = await self.in_thread(prepare) if heavy else prepare()
        work = self._group.submit(lambda session: job(self.context_of(session, principal, caller, clock()), prepared))
        try:
            result: T = await work
        except Transient as error:
            raise unavailable(error) from error
        return result

    async def in_thread(self, work: Callable[..., T], *args: Any) -> T:
        """`work` in one of the bounded threads."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work, *args)

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """`work` on a Core connection in one write transaction: the form the authorization server asks for."""
        try:
            return await self.in_thread(self.guarded, lambda: self.database.write(lambda session: work(session.core)))
        except ServiceUnavailable as error:
            raise OAuthError("temporarily_unavailable", "try again shortly", status=503) from error

    def _read(self, caller: Caller, job: Callable[[Context], T]) -> T:
        return self.guarded(lambda: self.database.read(lambda session: job(self.context(session, caller))))

    def _write(self, caller: Caller, prepare: Callable[[], P], job: Callable[[Context, P], T]) -> T:
        def work() -> T:
            now = clock()
            principal = self.database.read(lambda session: self.principal(session, caller.authorization, now))
            prepared = prepare()
            done: T = self.database.write(
                lambda session: job(self.context_of(session, principal, caller, clock()), prepared)
            )
            return done

        return self.guarded(work)

    def guarded(self, work: Callable[[], T]) -> T:
        """`work`, a failing database told as 503."""
        try:
            return work()
        except Transient as error:
            raise unavailable(error) from error
        except DBAPIError as error:
            if isinstance(error.orig, Transient):
                raise unavailable(error.orig) from error
            raise

    def context(self, session: Session, caller: Caller) -> Context:
        """The context of one request. Raises auth's Unauthorized when the token is not good."""
        now = clock()
        return self.context_of(session, self.principal(session, caller.authorization, now), caller, now)

    def context_of(self, session: Session, principal: Principal, caller: Caller, now: int) -> Context:
        """The context of one request of a known principal; from here on its session shows what that one may see."""
        asker = asker_of(session, principal, now)
        session.wall(None if asker.role == WHOLE_RECORD else ",".join(asker.who))
        return Context(
            principal=principal,
            asker=asker,
            session=session,
            database=self.database,
            now=now,
            base=self.settings.fhir_base,
            request_id=caller.request_id,
            cursors=self.cursors,
            limits=self.limits,
            new_id=new_id,
            lenient=caller.lenient or not self.settings.strict_search,
        )

    def principal(self, session: Session, authorization: str | None, now: int) -> Principal:
        """Who the bearer token stands for; looked up on every request, so that revocation is immediate."""
        digest = digest_of(authorization)
        return admit(session.row(TOKEN, {"digest": digest}), digest, now)

    def formerly(self, authorization: str | None) -> Principal | None:
        """Who a token stood for that is no longer good; None for one that never was."""
        try:
            digest = digest_of(authorization)
        except Unauthorized:
            return None
        row = self.guarded(lambda: self.database.read(lambda session: session.row(TOKEN, {"digest": digest})))
        if row is None:
            return None
        return Principal(client_id=row[0], name=row[1], scopes=ScopeSet.parse(""), token_digest=digest)

    def close(self) -> None:
        """Stop the threads and close every connection."""
        self.audit.close()
        if self._group is not None:
            self._group.close()
        self.threads.shutdown(wait=True)
        self.database.close()


def unavailable(error: BaseException) -> ServiceUnavailable:
    """The refusal when the database cannot be had; the log names the fault, never a statement or its values."""
    cause = error.__cause__ or error
    LOG.warning("the database cannot be had: %s %s", type(cause).__name__, getattr(cause, "sqlstate", None) or "")
    return ServiceUnavailable("the database cannot be had just now", headers={"Retry-After": "5"})
