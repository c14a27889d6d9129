"""Who may submit which Claim, and how much of the answer they see.

Source: security.md section 4 (provider, holder, funders); domain.md 8.8; security requirement S40.
"""

from collections.abc import Sequence
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import Forbidden
from fhir_gateway.interactions import shown, write
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.operations.submitted import ANSWER, CLAIM, Sent
from fhir_gateway.interactions.prepare import Target, prepared
from fhir_gateway.interactions.read import unknown
from fhir_gateway.store import records
from fhir_gateway.store.records import Stored
from mappings.lens import document
from mappings.lens.document import Tree

SEES_EVERY_ANSWER: Final = frozenset({"person", "representative", "coordinator", "care-system"})


def check_may_send(ctx: Context, sent: Sent) -> None:
    """Raises Forbidden for a Claim that is not the asker's to make, NotFound for one not theirs to change.

    And Unprocessable where it names what they do not see.
    """
    if ctx.asker.sees_all:
        return
    action = "c" if sent.is_new else "u"
    permit = policy.permit(ctx.asker, CLAIM.name, action)
    if not sent.is_new and records.get(ctx.session, CLAIM.name, sent.id, permit) is None:
        raise unknown(CLAIM, sent.id)
    if not policy.may_say(ctx.asker, CLAIM.name, sent.kind, action, sent.record):
        raise policy.outside(CLAIM.name)
    change = prepared(ctx, Target(CLAIM, sent.id, None, 1, "POST"), sent.read)
    write.check_references(ctx, [write.Judged(change, sent.references)])


def check_rows(ctx: Context, claims: Sequence[Sent]) -> None:
    """Every Claim as it now stands is one the asker may make or change. Raises Forbidden."""
    if ctx.asker.sees_all:
        return
    for one in claims:
        stored = records.get(ctx.session, CLAIM.name, one.id)
        permit = policy.permit(ctx.asker, CLAIM.name, "c" if one.is_new else "u")
        if stored is not None and not records.admitted(ctx.session, CLAIM.name, (one.id,), permit):
            raise policy.outside(CLAIM.name)


def stands(ctx: Context, resource_type: str, id: str) -> Stored | None:  # noqa: A002
    """A resource as it stands now, if the asker may read it."""
    try:
        return shown.one(ctx, resource_type, id)
    except Forbidden:
        if ctx.asker.sees_all:
            raise
        return None


def as_seen(ctx: Context, tree: Tree) -> bytes:
    """What is not stored, as the asker sees it: of other bodies' answers the outcome alone."""
    text = document.encode(tree)
    if tree["resourceType"] != ANSWER.name or ctx.asker.sees_all or ctx.asker.role in SEES_EVERY_ANSWER:
        return text
    if (tree.get("insurer") or {}).get("reference") in policy.bodies(ctx.asker):
        return text
    return policy.VIEWS["answer-outcome"].of(text, policy.beholder(ctx.asker))
