"""A request's job in its transaction, as its caller, with the audit row it leaves.

Source: design section 4; S63 (every access is on record).
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from auth.errors import Unauthorized
from auth.tokens import digest_of
from fhir_gateway.access import audit
from fhir_gateway.errors import MethodNotAllowed
from fhir_gateway.gateway import Caller, Gateway
from fhir_gateway.http import accessed
from fhir_gateway.http.accessed import Outcome
from fhir_gateway.http.request import Receive, Request, body_of, check_json
from fhir_gateway.http.response import preference
from fhir_gateway.interactions.context import Context, Reply, clock
from fhir_gateway.interactions.once import Once, once
from mappings.lens.errors import BadRequest, FhirError, Issue

T = TypeVar("T")
Job = Callable[[Context], Reply]
CONDITIONS: Final = ("if-match", "if-none-match", "if-none-exist")
HEAVY: Final = 32 * 1024


class Jobs:
    """Runs the jobs of one gateway's requests."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def read(self, request: Request, job: Job, *, keyed: bool) -> Reply:
        seen: list[Context] = []

        def noted(ctx: Context) -> Reply:
            seen[:] = [ctx]
            return job(ctx)

        try:
            reply = await self.gateway.reading(caller_of(request), noted, keyed=keyed)
        except FhirError as error:
            await self._note(request, seen, error)
            raise
        await self._note(request, seen, reply)
        return reply

    async def _note(self, request: Request, seen: Sequence[Context], outcome: Outcome) -> None:
        """Leave the audit row of an access that left none of its own. seen: its context, if it came that far."""
        if seen:
            await self.gateway.audit.record(accessed.of_request(request, seen[0], outcome))

    async def turned_away(self, request: Request) -> None:
        """Leave the audit row of a request whose token was good once; of an unknown one there is nothing to tell."""
        principal = await self.gateway.in_thread(self.gateway.formerly, request.headers.get("authorization"))
        if principal is not None:
            await self.gateway.audit.record(accessed.of_refused(request, principal, clock()))

    async def write(
        self, request: Request, body: bytes, prepare: Callable[[], T], job: Callable[[Context, T], Reply]
    ) -> Reply:
        asked = asked_of(request, body)
        seen: list[Context] = []

        def work(ctx: Context, prepared: T) -> Reply:
            seen[:] = [ctx]
            reply = job(ctx, prepared) if asked is None else once(ctx, asked, lambda inner: job(inner, prepared))
            audit.write(ctx.session, accessed.of_request(request, ctx, reply))
            return reply

        try:
            return await self.gateway.writing(caller_of(request), prepare, work, heavy=len(body) > HEAVY)
        except FhirError as error:
            await self._note(request, seen, error)
            raise

    async def json(self, request: Request, receive: Receive, limit: int) -> bytes:
        check_json(request)
        body = await body_of(request, receive, limit, self.gateway.settings.body_timeout)
        if not body:
            raise BadRequest(Issue("structure", "the request has no body"))
        return body


def allow(method: str, allowed: str) -> None:
    """Let a method through. Raises MethodNotAllowed naming those that are."""
    if method not in allowed.split(", "):
        raise MethodNotAllowed(Issue("not-supported", f"use {allowed} here"), headers={"Allow": allowed})


def asked_of(request: Request, body: bytes) -> Once | None:
    """The write as it was asked for, when the client gave it an id."""
    if not request.given_id:
        return None
    conditions = tuple(f"{name}: {request.headers.get(name, '')}" for name in CONDITIONS)
    return Once(request.request_id.lower(), request.method, "/".join(request.parts), body, conditions)


def caller_of(request: Request) -> Caller:
    """Who says to ask. Raises Unauthorized when it cannot be true; the token itself is looked up later."""
    if "authorization" in request.doubled:
        raise Unauthorized("more than one Authorization header", error="invalid_request")
    digest_of(request.headers.get("authorization"))
    lenient = preference(request, "handling") == "lenient"
    return Caller(request.headers.get("authorization"), request.request_id, lenient)
