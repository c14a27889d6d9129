"""A write sent again with the same X-Request-ID is answered again, not done again.

The request id is a unique key of the client, taken in the write's own transaction; the outcome is stored with
the effect. The same id with another body is refused. Kept seven days.

Source: NHS England API habits (X-Request-ID, safe retry); security requirement S47.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.store.records import DIALECT_INSERT, Stored
from fhir_gateway.store.statement import Statement
from fhir_gateway.store.tables import SEEN_REQUEST
from mappings.lens.errors import Issue, Unprocessable

KEPT: Final = 7 * 86_400 * 1_000_000
_HERE = (SEEN_REQUEST.c.client == bindparam("client"), SEEN_REQUEST.c.request == bindparam("request"))
TAKE: Final = {
    name: Statement(
        insert(SEEN_REQUEST)
        .values({column: bindparam(column) for column in ("client", "request", "fingerprint", "at")})
        .on_conflict_do_nothing()
    )
    for name, insert in DIALECT_INSERT.items()
}
FIND: Final = Statement(
    select(SEEN_REQUEST.c.fingerprint, SEEN_REQUEST.c.status, SEEN_REQUEST.c.headers, SEEN_REQUEST.c.body).where(*_HERE)
)
KEEP: Final = Statement(
    update(SEEN_REQUEST)
    .where(SEEN_REQUEST.c.client == bindparam("client"), SEEN_REQUEST.c.request == bindparam("request"))
    .values({column: bindparam(f"new_{column}") for column in ("status", "headers", "body")})
)
PURGE: Final = Statement(delete(SEEN_REQUEST).where(SEEN_REQUEST.c.at < bindparam("at")))


@dataclass(frozen=True, slots=True)
class Once:
    """One write as it was asked for."""

    request_id: str
    method: str
    path: str
    body: bytes
    conditions: tuple[str, ...] = ()

    def fingerprint(self, scopes: str) -> str:
        """Equal for the same method, address, conditions and body under the same grant: a lesser one gets nothing."""
        parts = (self.method, self.path, scopes, *self.conditions)
        return sha256(b"\x00".join((*(one.encode() for one in parts), self.body))).hexdigest()

    def part(self, index: int) -> "Once":
        """One entry of a batch."""
        return replace(self, request_id=f"{self.request_id}#{index}")


def once(ctx: Context, asked: Once, job: Callable[[Context], Reply]) -> Reply:
    """The outcome of `job`, or the stored one. Raises Unprocessable when the id was used for another request."""
    if not claim(ctx, asked):
        return _replayed(ctx, asked)
    reply = job(ctx)
    ctx.session.run(KEEP, _key(ctx, asked) | _kept(reply))
    return reply


def claim(ctx: Context, asked: Once) -> bool:
    """True when the request is new, False when it was seen. Raises Unprocessable when its id was used for another."""
    fingerprint = asked.fingerprint(f"{ctx.principal.scopes} {ctx.asker.role} {' '.join(ctx.asker.who)}")
    key = _key(ctx, asked)
    if ctx.session.run(TAKE[ctx.session.dialect], {**key, "fingerprint": fingerprint, "at": ctx.now}) == 1:
        return True
    row = ctx.session.row(FIND, key)
    if row is None or row[0] != fingerprint:
        raise Unprocessable(Issue("duplicate", "this X-Request-ID was used for another request; use a new one"))
    return False


def _key(ctx: Context, asked: Once) -> dict[str, object]:
    """One app serves many people: an id is taken once for each grant."""
    client = (
        ctx.principal.client_id if ctx.principal.for_itself else f"{ctx.principal.client_id}#{ctx.principal.grant_id}"
    )
    return {"client": client, "request": asked.request_id}


def _replayed(ctx: Context, asked: Once) -> Reply:
    row = ctx.session.row(FIND, _key(ctx, asked))
    assert row is not None
    about = json.loads(row[2])
    stored = Stored(*[*about["stored"], None]) if about["stored"] else None
    return Reply(status=row[1], body=None if row[3] is None else bytes(row[3]), stored=stored, created=about["created"])


def _kept(reply: Reply) -> dict[str, object]:
    stored = reply.stored and [reply.stored.type, reply.stored.id, reply.stored.version, reply.stored.updated]
    about = json.dumps({"stored": stored, "created": reply.created})
    return {"new_status": reply.status, "new_headers": about, "new_body": reply.body}
