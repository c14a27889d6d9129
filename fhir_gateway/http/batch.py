"""A Bundle on the wire: a transaction whole, or a batch entry by entry, each in a transaction of its own.

Source: FHIR R4 http.html#transaction.
"""

from collections.abc import Callable
from dataclasses import replace

from auth.errors import Unauthorized
from fhir_gateway.access import audit
from fhir_gateway.access.audit import Access
from fhir_gateway.errors import AuthenticationNeeded
from fhir_gateway.gateway import Gateway
from fhir_gateway.http import accessed
from fhir_gateway.http.jobs import Job, asked_of, caller_of
from fhir_gateway.http.request import Request
from fhir_gateway.interactions import bundle
from fhir_gateway.interactions.bundle import Entry
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.once import claim, once
from fhir_gateway.store.database import Session
from mappings.lens.errors import FhirError


def whole(ctx: Context, request: Request, entries: list[Entry]) -> Reply:
    """A transaction, with an audit row for each entry that only reads; the others leave change rows.

    The people it touched stand in the row of the whole.
    """
    reply = bundle.transaction(ctx, entries)
    for entry in entries:
        if not entry.writes:
            audit.write(ctx.session, replace(accessed.of_entry(request, ctx, entry, reply), people=()))
    return reply


def each(gateway: Gateway, request: Request, body: bytes, entries: list[Entry]) -> Reply:
    """Each entry in its own transaction, on this thread; audited before any of it is answered."""
    caller, asked = caller_of(request), asked_of(request, body)
    accesses: list[Access] = []

    def run(entry: Entry, job: Job) -> Reply:
        def work(session: Session) -> Reply:
            ctx = _believed(lambda: gateway.context(session, caller))
            try:
                reply = job(ctx) if asked is None or not entry.writes else once(ctx, asked.part(entry.index), job)
            except FhirError as error:
                accesses.append(accessed.of_entry(request, ctx, entry, error))
                raise
            access = accessed.of_entry(request, ctx, entry, reply)
            if entry.writes:
                audit.write(session, access)
            else:
                accesses.append(access)
            return reply

        done: Reply = gateway.guarded(lambda: (gateway.database.write if entry.writes else gateway.database.read)(work))
        return done

    if asked is not None:
        gateway.guarded(lambda: gateway.database.write(lambda session: claim(gateway.context(session, caller), asked)))
    try:
        answer = bundle.batch(gateway.settings.fhir_base, entries, run)
    finally:
        if accesses and gateway.settings.audit_reads:
            gateway.guarded(lambda: gateway.database.write(lambda session: audit.write_all(session, accesses)))
    return Reply(status=200, body=answer)


def _believed(ask: Callable[[], Context]) -> Context:
    """The context of a caller still believed. Raises AuthenticationNeeded, as an entry of a Bundle tells it."""
    try:
        return ask()
    except Unauthorized as error:
        raise AuthenticationNeeded(error.description) from error
