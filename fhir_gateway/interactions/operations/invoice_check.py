"""$confirm and $query: the person says that an invoice is right, or what is wrong with it, before it is paid.

Source: domain.md 2.5 (Invoice), 5.3; rule R103.
"""

from collections.abc import Callable
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import RuleBroken
from fhir_gateway.interactions import write
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.operations.operation import Asked, Operation, Parameter
from fhir_gateway.interactions.read import unknown
from fhir_gateway.phb.case.invoice_check import cannot_be_checked, cannot_be_queried, confirmed, queried
from fhir_gateway.store import records
from fhir_gateway.store.records import Stored
from mappings.lens import document
from mappings.lens.errors import BadRequest, Issue
from mappings.payment import PAYMENT, Payment
from mappings.registry import TYPES

CLAIM: Final = TYPES["Claim"]
RULE: Final = "R103"
UNCHANGED: Final = 200
LONGEST: Final = 2_000  # characters


def confirm(ctx: Context, asked: Asked) -> Reply:
    """The invoice, confirmed. Raises NotFound, RuleBroken."""
    policy.may_run(ctx.asker, CONFIRM.code)
    return _checked(ctx, asked.id, cannot_be_checked, confirmed)


def query(ctx: Context, asked: Asked) -> Reply:
    """The invoice, queried: it is not paid until that is settled. Raises NotFound, BadRequest, RuleBroken."""
    policy.may_run(ctx.asker, QUERY.code)
    reason = (asked.text("reason") or "").strip()
    if not 0 < len(reason) <= LONGEST:
        raise BadRequest(Issue("value", f"say in 1 to {LONGEST} characters what is wrong with the invoice", "reason"))
    return _checked(ctx, asked.id, cannot_be_queried, lambda invoice: queried(invoice, reason))


def _checked(
    ctx: Context,
    id: str,  # noqa: A002
    fault: Callable[[Payment], str],
    change: Callable[[Payment], Payment],
) -> Reply:
    stored = _current(ctx, id)
    tree = document.parse(stored.text or b"")
    if CLAIM.mapping_of(tree) is not PAYMENT:
        raise RuleBroken(Issue("business-rule", "only an invoice is checked by the person", "Claim.type", details=RULE))
    payment = PAYMENT.from_fhir(tree)
    if says := fault(payment):
        raise RuleBroken(Issue("business-rule", says, "Claim", details=RULE))
    with ctx.by_itself() as gateway:  # the check alone is the person's to write, not the invoice
        prepared = write.prepared_update(gateway, CLAIM, id, PAYMENT.to_fhir(change(payment), tree), "*")
        done = write.store(gateway, [prepared]) if prepared is not None else []
    if not done:
        return write.unchanged(ctx, CLAIM, id)
    return write.answer(ctx, done[0], UNCHANGED)


def _current(ctx: Context, id: str) -> Stored:  # noqa: A002
    """The Claim, held against other writers, as far as the principal may change it. Raises NotFound."""
    permit = policy.scoped(ctx.asker, CLAIM.name, "u")
    if not ctx.asker.sees_all:
        permit = policy.both(permit, policy.rows(ctx.asker, CLAIM.name, "r"))
    person = records.person_of(ctx.session, CLAIM.name, id)
    records.hold_people(ctx.session, {person} if person else ())
    stored = records.get(ctx.session, CLAIM.name, id, permit)
    if stored is None:
        raise unknown(CLAIM, id)
    return stored


CONFIRM: Final = Operation(
    code="confirm",
    types=(CLAIM.name,),
    instance=True,
    writes=True,
    title="Confirm an invoice",
    says="The person says that the invoice is right, or that what they had queried is settled.",
    run=confirm,
    returns=CLAIM.name,
)
QUERY: Final = Operation(
    code="query",
    types=(CLAIM.name,),
    instance=True,
    writes=True,
    title="Query an invoice",
    says="The person says what is wrong with an invoice; it is not paid until that is settled.",
    run=query,
    parameters=(Parameter(name="reason", type="string", says="what is wrong with it", min=1),),
    returns=CLAIM.name,
)
