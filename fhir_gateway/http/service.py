"""The FHIR service as one ASGI callable: address and method choose the interaction, a Reply goes back.

One dispatch serves every type, so adding a type adds no route and costs the others nothing.

Source: FHIR R4 http.html#summary.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from auth.errors import Unauthorized
from fhir_gateway.errors import (
    AuthenticationNeeded,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
)
from fhir_gateway.gateway import Gateway
from fhir_gateway.http import batch, capability, knowledge, operation
from fhir_gateway.http.jobs import Jobs, allow, caller_of
from fhir_gateway.http.metrics import observed
from fhir_gateway.http.request import (
    MAX_FORM,
    Receive,
    Request,
    Scope,
    Send,
    body_of,
    checked,
    form_pairs,
    request_of,
)
from fhir_gateway.http.response import send
from fhir_gateway.interactions import audit_events, bundle, write
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.parameters import Pairs
from fhir_gateway.interactions.read import read
from fhir_gateway.interactions.search import search_type
from fhir_gateway.outcome import outcome_of, rendered
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
READ_ONLY: Final = (*knowledge.TYPES, audit_events.TYPE)
MAX_ID: Final = 64
CONDITIONS: Final = ("if-match", "if-none-match", "if-none-exist")
HEAVY: Final = 32 * 1024


class FhirService:
    """Serves everything under the FHIR base."""

    def __init__(self, gateway: Gateway, prefix: str) -> None:
        self._gateway = gateway
        self._jobs = Jobs(gateway)
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
            return await self._turned_away(request, error)
        except Exception as error:
            LOG.error(  # noqa: TRY400 - the traceback is given, less what the error says
                "request %s failed: %s", request.request_id, type(error).__name__, exc_info=_traceback_only(error)
            )
            issue = Issue("exception", f"the request could not be processed; quote X-Request-ID {request.request_id}")
            return Reply(status=500, body=rendered(outcome_of(FhirError(issue))))

    async def _turned_away(self, request: Request, error: Unauthorized) -> Reply:
        try:
            await self._jobs.turned_away(request)
        except FhirError as unwritten:
            return _refusal(unwritten)
        return _refusal(AuthenticationNeeded(error.description, headers={"WWW-Authenticate": error.www_authenticate}))

    async def _routed(self, request: Request, receive: Receive) -> Reply:
        parts, method = request.parts, request.method
        if parts != OPEN:
            caller_of(request)
        if parts and parts[-1].startswith("$"):
            return await operation.answer(self._jobs, request, receive)
        if parts and parts[0] in TYPES:
            return await self._typed(request, receive)
        if not parts:
            allow(method, SYSTEM_METHODS)
            return await self._bundle(request, receive)
        if parts == OPEN:
            allow(method, READ_METHODS)
            return capability.reply(self._gateway.settings)
        if parts[0] == "_history" and len(parts) == 1:
            allow(method, READ_METHODS)
            return await self._looked_up(request, keyed=False)
        if parts[0] in READ_ONLY:
            allow(method, READ_METHODS)
            return await self._known(request)
        raise NotFound(Issue("not-supported", f"this gateway speaks {', '.join(sorted(TYPES))}"))

    async def _typed(self, request: Request, receive: Receive) -> Reply:
        parts, method = request.parts, request.method
        if len(parts) == 1:
            allow(method, TYPE_METHODS)
            return await (
                self._create(request, receive)
                if method == "POST"
                else self._looked_up(request, keyed=_keyed(request.pairs))
            )
        if len(parts) == 2 and parts[1] == "_search":  # noqa: PLR2004
            allow(method, "POST")
            return await self._search_form(request, receive)
        if len(parts) == 2 and parts[1] != "_history":  # noqa: PLR2004
            allow(method, INSTANCE_METHODS)
            if method == "PUT":
                return await self._update(request, receive)
            if method == "DELETE":
                return await self._delete(request)
            return await self._looked_up(request, keyed=True)
        allow(method, READ_METHODS)
        return await self._looked_up(request, keyed=len(parts) > 2)  # noqa: PLR2004

    # --- reading

    async def _looked_up(self, request: Request, *, keyed: bool) -> Reply:
        parts, pairs = request.parts, request.pairs
        if len(parts) == 2 and parts[1] != "_history":  # noqa: PLR2004
            _check_no_search(pairs)
            resource, id_ = TYPES[parts[0]], parts[1]
            return await self._jobs.read(request, lambda ctx: read(ctx, resource, id_), keyed=True)
        return await self._jobs.read(request, lambda ctx: bundle.get(ctx, parts, pairs), keyed=keyed)

    async def _search_form(self, request: Request, receive: Receive) -> Reply:
        body = await body_of(request, receive, MAX_FORM, self._gateway.settings.body_timeout)
        pairs = request.pairs + form_pairs(request, body)
        resource = TYPES[request.parts[0]]
        return await self._jobs.read(request, lambda ctx: search_type(ctx, resource, pairs), keyed=_keyed(pairs))

    async def _known(self, request: Request) -> Reply:
        """What is read only: of what the gateway publishes, every word is known beforehand; of the audit nothing is."""
        parts, pairs, base = request.parts, request.pairs, self._gateway.settings.fhir_base
        if parts[0] == audit_events.TYPE:
            return await self._jobs.read(request, lambda ctx: audit_events.answer(ctx, parts, pairs), keyed=False)
        return await self._jobs.read(request, lambda _: knowledge.answer(base, parts, pairs), keyed=True)

    # --- writing

    async def _create(self, request: Request, receive: Receive) -> Reply:
        _check_no_search(request.pairs)
        body = await self._jobs.json(request, receive, self._gateway.limits.resource)
        resource, condition = TYPES[request.parts[0]], request.header("if-none-exist")
        return await self._jobs.write(
            request,
            body,
            lambda: write.judged(resource, body, request.header("x-provenance")),
            lambda ctx, one: write.create(ctx, resource, one, condition),
        )

    async def _update(self, request: Request, receive: Receive) -> Reply:
        _check_no_search(request.pairs)
        body = await self._jobs.json(request, receive, self._gateway.limits.resource)
        resource, id_, if_match = TYPES[request.parts[0]], _id(request.parts[1]), request.header("if-match")
        fresh = request.header("if-none-match") == "*"
        return await self._jobs.write(
            request,
            body,
            lambda: write.judged(resource, body, request.header("x-provenance")),
            lambda ctx, one: write.update(ctx, resource, id_, one, if_match, only_new=fresh),
        )

    async def _delete(self, request: Request) -> Reply:
        _check_no_search(request.pairs)
        resource, id_, if_match = TYPES[request.parts[0]], request.parts[1], request.header("if-match")
        return await self._jobs.write(request, b"", _nothing, lambda ctx, _: write.delete(ctx, resource, id_, if_match))

    async def _bundle(self, request: Request, receive: Receive) -> Reply:
        limits = self._gateway.limits
        if request.header("x-provenance") is not None:
            raise BadRequest(Issue("not-supported", "send Provenance as entries of the Bundle, not as X-Provenance"))
        body = await self._jobs.json(request, receive, limits.bundle)
        # a stranger's bundle is not worth parsing
        await self._gateway.reading(caller_of(request), lambda ctx: ctx.now, keyed=True)
        tree = await self._gateway.in_thread(document.parse, body)
        base = self._gateway.settings.fhir_base
        if bundle.kind_of(tree) == "transaction":
            entries = bundle.entries_of(limits.transaction_entries, base, tree)
            return await self._jobs.write(request, body, _nothing, lambda ctx, _: batch.whole(ctx, request, entries))
        entries = bundle.entries_of(limits.batch_entries, base, tree)
        return await self._gateway.in_thread(batch.each, self._gateway, request, body, entries)

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


def _nothing() -> None:
    """What a job needs that needs nothing."""


def _refusal(error: FhirError) -> Reply:
    return Reply(status=error.status, body=rendered(outcome_of(error)), headers=error.headers)


def _traceback_only(error: BaseException) -> tuple[type[BaseException], BaseException, Any]:
    """What to log of an unexpected error: where it happened, never what it says, which may hold a person's data."""
    return RuntimeError, RuntimeError(type(error).__name__), error.__traceback__


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
