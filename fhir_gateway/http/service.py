"""The FHIR service as one ASGI callable: address and method choose the interaction, a Reply goes back.

One dispatch serves every type, so adding a type adds no route and costs the others nothing.

Source: FHIR R4 http.html#summary.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from auth.errors import Unauthorized
from auth.tokens import digest_of
from fhir_gateway.access import audit
from fhir_gateway.access.audit import Access
from fhir_gateway.errors import (
    AuthenticationNeeded,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
)
from fhir_gateway.gateway import Caller, Gateway
from fhir_gateway.http import capability, knowledge
from fhir_gateway.http.metrics import observed
from fhir_gateway.http.request import (
    MAX_FORM,
    Receive,
    Request,
    Scope,
    Send,
    body_of,
    check_json,
    checked,
    form_pairs,
    request_of,
)
from fhir_gateway.http.response import preference, send
from fhir_gateway.interactions import bundle, write
from fhir_gateway.interactions.bundle import Entry
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.once import Once, claim, once
from fhir_gateway.interactions.parameters import Pairs
from fhir_gateway.interactions.read import read
from fhir_gateway.interactions.search import search_type
from fhir_gateway.outcome import outcome_of, rendered
from fhir_gateway.store.database import Session
from mappings.lens import document
from mappings.lens.errors import BadRequest, FhirError, Issue
from mappings.registry import TYPES

T = TypeVar("T")
Job = Callable[[Context], Reply]
LOG: Final = logging.getLogger("fhir_gateway")
OPEN: Final = ("metadata",)  # the one address that asks for no token
SYSTEM_METHODS: Final = "POST"
TYPE_METHODS: Final = "GET, HEAD, POST"
INSTANCE_METHODS: Final = "GET, HEAD, PUT, DELETE"
READ_METHODS: Final = "GET, HEAD"
MAX_ID: Final = 64
CONDITIONS: Final = ("if-match", "if-none-match", "if-none-exist")
HEAVY: Final = 32 * 1024
ACTIONS: Final = {"GET": "R", "HEAD": "R", "POST": "C", "PUT": "U", "DELETE": "D"}


class FhirService:
    """Serves everything under the FHIR base."""

    def __init__(self, gateway: Gateway, prefix: str) -> None:
        self._gateway = gateway
        self._prefix = prefix
        self._under_way = 0
        self._of_client: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send_: Send) -> None:
        """Answer one request; whatever goes wrong becomes an OperationOutcome."""
        request = request_of(scope, self._prefix)
        with observed(request.method) as observation:
            reply = await self._answer(request, receive)
            observation.status = await send(request, reply, self._gateway.settings.fhir_base, send_)

    async def _answer(self, request: Request, receive: Receive) -> Reply:
        try:
            checked(request)
            with _Place(self, request.headers.get("authorization", "")):
                return await self._routed(request, receive)
        except FhirError as error:
            return _refusal(error)
        except Unauthorized as error:
            headers = {"WWW-Authenticate": error.www_authenticate}
            return _refusal(AuthenticationNeeded(error.description, headers=headers))
        except Exception as error:
            LOG.error(  # noqa: TRY400 - the traceback is given, less what the error says
                "request %s failed: %s", request.request_id, type(error).__name__, exc_info=_traceback_only(error)
            )
            issue = Issue("exception", f"the request could not be processed; quote X-Request-ID {request.request_id}")
            return Reply(status=500, body=rendered(outcome_of(FhirError(issue))))

    async def _routed(self, request: Request, receive: Receive) -> Reply:
        parts, method = request.parts, request.method
        if parts != OPEN:
            _caller(request)
        if parts and parts[0] in TYPES:
            return await self._typed(request, receive)
        if not parts:
            _allow(method, SYSTEM_METHODS)
            return await self._bundle(request, receive)
        if parts == OPEN:
            _allow(method, READ_METHODS)
            return capability.reply(self._gateway.settings)
        if parts[0] == "_history" and len(parts) == 1:
            _allow(method, READ_METHODS)
            return await self._looked_up(request, keyed=False)
        if parts[0] in knowledge.TYPES:
            _allow(method, READ_METHODS)
            return await self._known(request)
        raise NotFound(Issue("not-supported", f"this gateway speaks {', '.join(sorted(TYPES))}"))

    async def _typed(self, request: Request, receive: Receive) -> Reply:
        parts, method = request.parts, request.method
        if len(parts) == 1:
            _allow(method, TYPE_METHODS)
            return await (
                self._create(request, receive)
                if method == "POST"
                else self._looked_up(request, keyed=_keyed(request.pairs))
            )
        if len(parts) == 2 and parts[1] == "_search":  # noqa: PLR2004
            _allow(method, "POST")
            return await self._search_form(request, receive)
        if len(parts) == 2 and parts[1] != "_history":  # noqa: PLR2004
            _allow(method, INSTANCE_METHODS)
            if method == "PUT":
                return await self._update(request, receive)
            if method == "DELETE":
                return await self._delete(request)
            return await self._looked_up(request, keyed=True)
        _allow(method, READ_METHODS)
        return await self._looked_up(request, keyed=len(parts) > 2)  # noqa: PLR2004

    # --- reading

    async def _looked_up(self, request: Request, *, keyed: bool) -> Reply:
        parts, pairs = request.parts, request.pairs
        if len(parts) == 2 and parts[1] != "_history":  # noqa: PLR2004
            _check_no_search(pairs)
            resource, id_ = TYPES[parts[0]], parts[1]
            return await self._read_job(request, lambda ctx: read(ctx, resource, id_), keyed=True)
        return await self._read_job(request, lambda ctx: bundle.get(ctx, parts, pairs), keyed=keyed)

    async def _search_form(self, request: Request, receive: Receive) -> Reply:
        body = await body_of(request, receive, MAX_FORM, self._gateway.settings.body_timeout)
        pairs = request.pairs + form_pairs(request, body)
        resource = TYPES[request.parts[0]]
        return await self._read_job(request, lambda ctx: search_type(ctx, resource, pairs), keyed=_keyed(pairs))

    async def _known(self, request: Request) -> Reply:
        def job(_: Context) -> Reply:
            return knowledge.answer(self._gateway.settings.fhir_base, request.parts, request.pairs)

        return await self._read_job(request, job, keyed=True)

    async def _read_job(self, request: Request, job: Job, *, keyed: bool) -> Reply:
        seen: list[Context] = []

        def noted(ctx: Context) -> Reply:
            seen[:] = [ctx]
            return job(ctx)

        try:
            reply = await self._gateway.reading(_caller(request), noted, keyed=keyed)
        except FhirError as error:
            await self._note(request, seen, error.status)
            raise
        await self._note(request, seen, reply.status)
        return reply

    async def _note(self, request: Request, seen: Sequence[Context], status: int) -> None:
        """Leave the audit row of an access that left none of its own. seen: its context, if it came that far."""
        if seen:
            await self._gateway.audit.record(_access(request, seen[0], status))

    # --- writing

    async def _create(self, request: Request, receive: Receive) -> Reply:
        _check_no_search(request.pairs)
        body = await self._json(request, receive, self._gateway.limits.resource)
        resource, condition = TYPES[request.parts[0]], request.header("if-none-exist")
        return await self._write_job(
            request,
            body,
            lambda: write.judged(resource, body),
            lambda ctx, one: write.create(ctx, resource, one, condition),
        )

    async def _update(self, request: Request, receive: Receive) -> Reply:
        _check_no_search(request.pairs)
        body = await self._json(request, receive, self._gateway.limits.resource)
        resource, id_, if_match = TYPES[request.parts[0]], _id(request.parts[1]), request.header("if-match")
        fresh = request.header("if-none-match") == "*"
        return await self._write_job(
            request,
            body,
            lambda: write.judged(resource, body),
            lambda ctx, one: write.update(ctx, resource, id_, one, if_match, only_new=fresh),
        )

    async def _delete(self, request: Request) -> Reply:
        _check_no_search(request.pairs)
        resource, id_, if_match = TYPES[request.parts[0]], request.parts[1], request.header("if-match")
        return await self._write_job(request, b"", _nothing, lambda ctx, _: write.delete(ctx, resource, id_, if_match))

    async def _bundle(self, request: Request, receive: Receive) -> Reply:
        limits = self._gateway.limits
        body = await self._json(request, receive, limits.bundle)
        # a stranger's bundle is not worth parsing
        await self._gateway.reading(_caller(request), lambda ctx: ctx.now, keyed=True)
        tree = await self._gateway.in_thread(document.parse, body)
        base = self._gateway.settings.fhir_base
        if bundle.kind_of(tree) == "transaction":
            entries = bundle.entries_of(limits.transaction_entries, base, tree)
            return await self._write_job(request, body, _nothing, lambda ctx, _: self._whole(ctx, request, entries))
        entries = bundle.entries_of(limits.batch_entries, base, tree)
        return await self._gateway.in_thread(self._batch, request, body, entries)

    def _whole(self, ctx: Context, request: Request, entries: list[Entry]) -> Reply:
        """A transaction, with an audit row for each entry that only reads; the others leave change rows."""
        reply = bundle.transaction(ctx, entries)
        for entry in entries:
            if not entry.writes:
                audit.write(ctx.session, _entry_access(request, ctx, entry, reply.status))
        return reply

    def _batch(self, request: Request, body: bytes, entries: list[Entry]) -> Reply:
        """Each entry in its own transaction, on this thread; audited before any of it is answered."""
        gateway, caller, asked = self._gateway, _caller(request), _asked(request, body)
        accesses: list[Access] = []

        def run(entry: Entry, job: Job) -> Reply:
            def work(session: Session) -> Reply:
                ctx = _believed(lambda: gateway.context(session, caller))
                try:
                    reply = job(ctx) if asked is None or not entry.writes else once(ctx, asked.part(entry.index), job)
                except FhirError as error:
                    accesses.append(_entry_access(request, ctx, entry, error.status))
                    raise
                access = _entry_access(request, ctx, entry, reply.status)
                if entry.writes:
                    audit.write(session, access)
                else:
                    accesses.append(access)
                return reply

            done: Reply = gateway.guarded(
                lambda: (gateway.database.write if entry.writes else gateway.database.read)(work)
            )
            return done

        if asked is not None:
            gateway.guarded(
                lambda: gateway.database.write(lambda session: claim(gateway.context(session, caller), asked))
            )
        try:
            answer = bundle.batch(gateway.settings.fhir_base, entries, run)
        finally:
            if accesses and gateway.settings.audit_reads:
                gateway.guarded(lambda: gateway.database.write(lambda session: audit.write_all(session, accesses)))
        return Reply(status=200, body=answer)

    async def _write_job(
        self, request: Request, body: bytes, prepare: Callable[[], T], job: Callable[[Context, T], Reply]
    ) -> Reply:
        asked = _asked(request, body)
        seen: list[Context] = []

        def work(ctx: Context, prepared: T) -> Reply:
            seen[:] = [ctx]
            reply = job(ctx, prepared) if asked is None else once(ctx, asked, lambda inner: job(inner, prepared))
            audit.write(ctx.session, _access(request, ctx, reply.status))
            return reply

        try:
            return await self._gateway.writing(_caller(request), prepare, work, heavy=len(body) > HEAVY)
        except FhirError as error:
            await self._note(request, seen, error.status)
            raise

    async def _json(self, request: Request, receive: Receive, limit: int) -> bytes:
        check_json(request)
        body = await body_of(request, receive, limit, self._gateway.settings.body_timeout)
        if not body:
            raise BadRequest(Issue("structure", "the request has no body"))
        return body

    # --- bounds

    def enter(self, who: str) -> None:
        """Count a request in. Raises ServiceUnavailable, TooManyRequests."""
        settings = self._gateway.settings
        if self._under_way >= settings.concurrency:
            raise ServiceUnavailable("too many requests are under way", headers={"Retry-After": "1"})
        if self._of_client.get(who, 0) >= settings.client_concurrency:
            raise TooManyRequests("too many of your requests are under way", headers={"Retry-After": "1"})
        self._under_way += 1
        self._of_client[who] = self._of_client.get(who, 0) + 1

    def leave(self, who: str) -> None:
        """Count a request out."""
        self._under_way -= 1
        self._of_client[who] -= 1
        if not self._of_client[who]:
            del self._of_client[who]


class _Place:
    """One of the places a request may take, given back at the end."""

    __slots__ = ("_service", "_who")

    def __init__(self, service: FhirService, who: str) -> None:
        self._service = service
        self._who = who

    def __enter__(self) -> None:
        self._service.enter(self._who)

    def __exit__(self, *_: object) -> None:
        self._service.leave(self._who)


def _believed(ask: Callable[[], Context]) -> Context:
    """The context of a caller still believed. Raises AuthenticationNeeded, as an entry of a Bundle tells it."""
    try:
        return ask()
    except Unauthorized as error:
        raise AuthenticationNeeded(error.description) from error


def _nothing() -> None:
    """What a job needs that needs nothing."""


def _refusal(error: FhirError) -> Reply:
    return Reply(status=error.status, body=rendered(outcome_of(error)), headers=error.headers)


def _traceback_only(error: BaseException) -> tuple[type[BaseException], BaseException, Any]:
    """What to log of an unexpected error: where it happened, never what it says, which may hold a person's data."""
    return RuntimeError, RuntimeError(type(error).__name__), error.__traceback__


def _allow(method: str, allowed: str) -> None:
    if method not in allowed.split(", "):
        raise MethodNotAllowed(Issue("not-supported", f"use {allowed} here"), headers={"Allow": allowed})


def _id(text: str) -> str:
    if len(text) > MAX_ID or not all(char.isascii() and (char.isalnum() or char in "-.") for char in text):
        raise BadRequest(Issue("value", "an id has 1 to 64 letters, digits, hyphens and dots"))
    return text


def _check_no_search(pairs: Pairs) -> None:
    unknown = [name for name, _ in pairs if name not in ("_format", "_pretty")]
    if unknown:
        raise BadRequest(Issue("not-supported", "only _format is taken at this address"))


def _keyed(pairs: Pairs) -> bool:
    """Whether a search is scoped to one person or id, and so cheap enough to run inline."""
    return any(name in ("patient", "subject", "beneficiary", "_id", "identifier") for name, _ in pairs) and not any(
        name.startswith(("_include", "_revinclude", "_has")) or "." in name for name, _ in pairs
    )


def _asked(request: Request, body: bytes) -> Once | None:
    """The write as it was asked for, when the client gave it an id."""
    if not request.given_id:
        return None
    conditions = tuple(f"{name}: {request.headers.get(name, '')}" for name in CONDITIONS)
    return Once(request.request_id.lower(), request.method, "/".join(request.parts), body, conditions)


def _caller(request: Request) -> Caller:
    """Who says to ask. Raises Unauthorized when it cannot be true; the token itself is looked up later."""
    if "authorization" in request.doubled:
        raise Unauthorized("more than one Authorization header", error="invalid_request")
    digest_of(request.headers.get("authorization"))
    lenient = preference(request, "handling") == "lenient"
    return Caller(request.headers.get("authorization"), request.request_id, lenient)


def _entry_access(request: Request, ctx: Context, entry: Entry, status: int) -> Access:
    what = "/".join(entry.parts)
    action = "E" if len(entry.parts) == 1 and not entry.writes else ACTIONS[entry.method]
    return Access(ctx.now, ctx.principal.client_id, action, what, status, request.request_id)


def _access(request: Request, ctx: Context, status: int) -> Access:
    what = "/".join(request.parts)
    action = (
        "E"
        if not request.parts or request.parts[-1] == "_search" or (len(request.parts) == 1 and request.method == "GET")
        else ACTIONS[request.method]
    )
    return Access(ctx.now, ctx.principal.client_id, action, what, status, request.request_id)
