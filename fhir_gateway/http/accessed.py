"""What the audit says of a request, or of one entry of a Bundle: who asked, for what, about whom, with what outcome.

Source: security requirements S61 and S63; FHIR restful-interaction codes; R139 (the gate is named).
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from auth.principal import Principal
from fhir_gateway.access.audit import TOKEN_LENGTH, Access
from fhir_gateway.http.request import Request
from fhir_gateway.interactions.bundle import Entry
from fhir_gateway.interactions.context import Context, Reply
from mappings.lens.errors import FhirError

INSTANCE: Final = {"GET": ("R", "read"), "HEAD": ("R", "read"), "PUT": ("U", "update"), "DELETE": ("D", "delete")}
HISTORIES: Final = ("history-system", "history-type", "history-instance", "vread")
SEARCH: Final = ("E", "search-type")
Outcome = Reply | FhirError


def of_request(request: Request, ctx: Context, outcome: Outcome) -> Access:
    """The row of a request."""
    return _access(request, ctx, (request.method, request.parts, request.query + request.form), outcome)


def of_entry(request: Request, ctx: Context, entry: Entry, outcome: Outcome) -> Access:
    """The row of an entry of a Bundle."""
    return _access(request, ctx, (entry.method, entry.parts, entry.query), outcome)


def of_refused(request: Request, principal: Principal, now: int) -> Access:
    """The row of a request whose token is known and no longer good."""
    action, subtype = interaction_of(request.method, request.parts)
    return Access(
        at=now,
        client=principal.client_id,
        action=action,
        subtype=subtype,
        what="/".join(request.parts),
        status=401,
        outcome="login",
        request=request.request_id,
        token=principal.token_digest[:TOKEN_LENGTH],
        address=request.address,
    )


def _access(request: Request, ctx: Context, asked: tuple[str, Sequence[str], str], outcome: Outcome) -> Access:
    method, parts, query = asked
    who, (action, subtype) = ctx.principal, interaction_of(method, parts)
    return Access(
        at=ctx.now,
        client=who.client_id,
        action=action,
        subtype=subtype,
        what=_what(subtype, parts, outcome),
        status=outcome.status,
        request=request.request_id,
        account=who.account_id,
        fhir_user=who.fhir_user,
        role=who.role,
        organisation=who.organisation,
        purpose=who.purpose,
        query=b64encode(query.encode("utf-8", "surrogateescape")).decode() if query else None,
        outcome=outcome.issues[0].code if isinstance(outcome, FhirError) else None,
        token=who.token_digest[:TOKEN_LENGTH] or None,
        address=request.address,
        gates=tuple(ctx.touched.gates),
        people=tuple(ctx.touched.people),
    )


def interaction_of(method: str, parts: Sequence[str]) -> tuple[str, str]:
    """The audit action and the FHIR interaction of an address and method."""
    if not parts:
        return "E", "transaction"
    if parts[-1].startswith("$"):
        return "E", "operation"
    if "_history" in parts:
        return ("E" if len(parts) == 1 else "R"), HISTORIES[min(len(parts), len(HISTORIES)) - 1]
    if parts[-1] == "_search":
        return SEARCH
    if len(parts) == 1:
        return ("C", "create") if method == "POST" else SEARCH
    return INSTANCE.get(method, SEARCH)


def _what(subtype: str, parts: Sequence[str], outcome: Outcome) -> str:
    """The address; of what was made, its own."""
    if subtype == "create" and isinstance(outcome, Reply) and outcome.stored is not None:
        return f"{outcome.stored.type}/{outcome.stored.id}"
    return "/".join(parts)
