"""$break-glass: a member of staff opens one person's plan in an emergency, for an hour, with a reason that is kept.

It opens plan and risks for reading, never money, and leaves an alert for the privacy officer.

Source: security.md section 4 (emergency access); RFC 9470 (step-up authentication).
"""

from typing import Final

from sqlalchemy import bindparam, select

from auth.errors import Unauthorized
from auth.store import GRANT
from fhir_gateway.errors import Forbidden
from fhir_gateway.interactions.context import Context, Reply, instant
from fhir_gateway.interactions.operations.operation import Asked, Operation, Parameter
from fhir_gateway.interactions.read import unknown
from fhir_gateway.store import emergencies
from fhir_gateway.store.emergencies import LASTS, MINUTE, Emergency
from fhir_gateway.store.statement import Statement
from mappings.lens import document
from mappings.lens.errors import BadRequest, Issue
from mappings.registry import TYPES

PATIENT: Final = TYPES["Patient"]
MAY: Final = frozenset({"coordinator", "icb", "council"})
REASONS: Final = ("risk-to-life", "safeguarding", "urgent-care", "carer-unavailable")
FRESH: Final = 5 * MINUTE
LONGEST: Final = 2_000  # characters
SHORTEST: Final = 10
AUTH_TIME: Final = Statement(select(GRANT.c.auth_time).where(GRANT.c.grant_id == bindparam("of")))


def break_glass(ctx: Context, asked: Asked) -> Reply:
    """Until when the case is open. Raises Forbidden, NotFound, BadRequest, and Unauthorized for an old login."""
    _check_caller(ctx)
    words = (asked.text("text") or "").strip()
    if not SHORTEST <= len(words) <= LONGEST:
        raise BadRequest(Issue("value", f"say in {SHORTEST} to {LONGEST} characters why this cannot wait", "text"))
    organisation, day = ctx.asker.principal.organisation or "", ctx.asker.day.isoformat()
    if not emergencies.is_of_the_case(ctx.session, asked.id, organisation, ctx.now, day):
        raise unknown(PATIENT, asked.id)
    _check_login(ctx)
    made = _emergency(ctx, asked, organisation, words)
    emergencies.begin(ctx.session, made)
    ctx.touched.person(asked.id)
    return _told(made)


def _check_caller(ctx: Context) -> None:
    """Only a worker who logged in, and whose app may read people. Raises Forbidden."""
    principal = ctx.asker.principal
    if ctx.asker.role not in MAY or principal.for_itself:
        raise Forbidden(Issue("forbidden", "only a coordinator or a member of a funder's staff may open a case so"))
    if not principal.scopes.grants("Patient", "r"):
        raise Forbidden(Issue("forbidden", "no granted scope allows 'r' on Patient"))


def _check_login(ctx: Context) -> None:
    """Raises Unauthorized unless the worker logged in a few minutes ago."""
    row = ctx.session.row(AUTH_TIME, {"of": ctx.asker.principal.grant_id})
    if row is None or ctx.now - row[0] > FRESH:
        raise Unauthorized(
            "log in again: an emergency needs a login of the last five minutes",
            error="insufficient_user_authentication",
        )


def _emergency(ctx: Context, asked: Asked, organisation: str, words: str) -> Emergency:
    return Emergency(
        emergency_id=ctx.new_id(),
        person=asked.id,
        who=ctx.asker.principal.fhir_user or "",
        organisation=organisation,
        client=ctx.principal.client_id,
        request=ctx.request_id,
        reason=asked.text("reason") or "",
        words=words,
        started=ctx.now,
        until=ctx.now + LASTS,
    )


def _told(made: Emergency) -> Reply:
    until = {"name": "until", "valueInstant": instant(made.until)}
    reference = {"name": "emergency", "valueString": made.emergency_id}
    return Reply(status=200, body=document.encode({"resourceType": "Parameters", "parameter": [until, reference]}))


BREAK_GLASS: Final = Operation(
    code="break-glass",
    types=(PATIENT.name,),
    instance=True,
    writes=True,
    title="Open a case in an emergency",
    says="Staff of a body of the case read plan and risks for sixty minutes, never money. It is reviewed afterwards.",
    run=break_glass,
    parameters=(
        Parameter(name="reason", type="code", says="why it cannot wait", min=1, codes=REASONS),
        Parameter(name="text", type="string", says="the same in words", min=1),
    ),
    returns="Parameters",
)
