"""Operations on the wire: `[type]/$name` and `[type]/[id]/$name`, asked by GET where nothing changes, or by POST.

Source: FHIR R4 operations.html.
"""

from typing import Final

from fhir_gateway.errors import NotFound
from fhir_gateway.gateway import Gateway
from fhir_gateway.http.jobs import Jobs, allow
from fhir_gateway.http.request import Receive, Request, body_of, check_json
from fhir_gateway.interactions.context import Reply
from fhir_gateway.interactions.operations import asking, operation_at
from fhir_gateway.interactions.operations.operation import Asked
from mappings.lens.errors import Issue

READING: Final = "GET, HEAD"
WITH_ID: Final = 3  # parts of `Type/id/$name`


async def answer(jobs: Jobs, request: Request, receive: Receive) -> Reply:
    """Run the operation an address names. Raises NotFound, MethodNotAllowed, NotAcceptable, BadRequest."""
    operation = operation_at(request.parts)
    if operation is None:
        raise NotFound(Issue("not-supported", f"{request.parts[0]} has no such operation here"))
    allow(request.method, "POST" if operation.writes else f"{READING}, POST")
    wanted = asking.format_of(operation, request.pairs, request.header("accept"))
    text = await _posted(jobs.gateway, request, receive)
    id_ = request.parts[1] if len(request.parts) == WITH_ID else ""

    def asked() -> Asked:
        body, pairs = asking.body_of(operation, text)
        checked_pairs = asking.checked(operation, [*request.pairs, *pairs])
        return Asked(type=request.parts[0], id=id_, pairs=checked_pairs, body=body, wanted=wanted)

    if operation.writes:
        return await jobs.write(request, text, asked, operation.run)
    ready = asked()
    return await jobs.read(request, lambda ctx: operation.run(ctx, ready), keyed=False)


async def _posted(gateway: Gateway, request: Request, receive: Receive) -> bytes:
    if request.method != "POST":
        return b""
    text = await body_of(request, receive, gateway.limits.bundle, gateway.settings.body_timeout)
    if text:
        check_json(request)
    return text
