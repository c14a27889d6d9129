"""read and vread: stored bytes out, one statement in.

Source: FHIR R4 http.html#read, #vread.
"""

from fhir_gateway.access import policy
from fhir_gateway.errors import Gone, NotFound
from fhir_gateway.interactions import provenances, shown
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.store import records
from fhir_gateway.store.records import Stored
from mappings.lens.errors import Issue
from mappings.lens.mapping import ResourceType
from mappings.lens.query import EVERYTHING, Clause


def read(ctx: Context, resource: ResourceType, id: str) -> Reply:  # noqa: A002
    """The current version of one resource.

    Raises NotFound, also when it exists but this principal may not see it; Gone when it was deleted.
    """
    stored = shown.one(ctx, resource.name, id)
    if stored is None and resource.name == provenances.TYPE:
        stored = provenances.one(ctx, id)
    if stored is None:
        raise missing(ctx, resource, id)
    return Reply(status=200, body=stored.text, stored=stored)


def vread(ctx: Context, resource: ResourceType, id: str, version: str) -> Reply:  # noqa: A002
    """One version of a resource. Raises NotFound, or Gone for the version that deleted it."""
    permit = policy.permit(ctx.asker, resource.name, "r")
    current = records.get(ctx.session, resource.name, id, permit)
    if current is None and (permit is not EVERYTHING or records.tombstone(ctx.session, resource.name, id) is None):
        raise missing(ctx, resource, id)
    stored = _version(ctx, resource, id, version, current)
    if stored is None:
        raise NotFound(Issue("not-found", f"{resource.name}/{id} has no version {version!r}"))
    if stored.text is None:
        raise Gone(Issue("deleted", f"version {version} says that {resource.name}/{id} was deleted"))
    seen = _as_seen_now(ctx, permit, current, stored)
    if seen is None:
        raise NotFound(Issue("not-found", f"{resource.name}/{id} has no version {version!r}"))
    return Reply(status=200, body=seen.text, stored=seen)


def _as_seen_now(ctx: Context, permit: Clause, current: Stored | None, version: Stored) -> Stored | None:
    """A version as whoever sees the current one sees it; None where it lies outside what they may see."""
    if permit is EVERYTHING or current is None:
        ctx.touched.person(version.person)
        return version
    return shown.versions(ctx, version.type, [version]).get((version.id, version.version))


def _version(ctx: Context, resource: ResourceType, id: str, text: str, current: Stored | None) -> Stored | None:  # noqa: A002
    if not text.isascii() or not text.isdigit() or len(text) > 9 or text[0] == "0":  # noqa: PLR2004
        return None
    version = int(text)
    if current is not None and current.version == version:
        return current
    return records.old_version(ctx.session, resource.name, id, version)


def missing(ctx: Context, resource: ResourceType, id: str) -> Gone | NotFound:  # noqa: A002
    """The refusal for a resource that is not there: Gone if it was and all of the type may be seen.

    Raises Forbidden for financial detail of a case that the asker sees, while it is closed.
    """
    permit = policy.permit(ctx.asker, resource.name, "r")
    shown.check_not_closed(ctx, resource.name, id)
    grave = records.tombstone(ctx.session, resource.name, id) if permit is EVERYTHING else None
    if grave is None:
        return unknown(resource, id)
    headers = {"ETag": f'W/"{grave.version}"'}
    return Gone(Issue("deleted", f"{resource.name}/{id} was deleted"), headers=headers)


def unknown(resource: ResourceType, id: str) -> NotFound:  # noqa: A002
    """The one refusal for unknown and foreign ids."""
    return NotFound(Issue("not-found", f"{resource.name}/{id} is not known"))
