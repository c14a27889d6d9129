"""history of an instance, a type and the system, and the change feed that follows everything in commit order.

Without `_cursor` a history is newest first. With `_cursor` (empty to begin) it is the feed: oldest first, in
commit order, and every page has a `next` link to poll.

Source: FHIR R4 http.html#history; docs/change-feed.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from fhir_gateway.access import policy
from fhir_gateway.errors import Forbidden
from fhir_gateway.interactions import bundles, shown
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.parameters import Pairs, written
from fhir_gateway.interactions.read import missing
from fhir_gateway.store import changes, records
from fhir_gateway.store.changes import Entry, Reach, Scope
from fhir_gateway.store.records import Stored
from mappings.lens import document
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.mapping import ResourceType
from mappings.lens.query import EVERYTHING, NOTHING, Clause
from mappings.lens.search import span
from mappings.registry import TYPES

PARAMETERS: Final = ("_since", "_at", "_count", "_cursor", "_page", "_format", "_pretty")
START: Final = [0, 0]
Place = tuple[int, int]
DELETED: Final = "DELETE"


def history_instance(ctx: Context, resource: ResourceType, id: str, pairs: Pairs) -> Reply:  # noqa: A002
    """Every version of one resource, newest first. Raises NotFound when it never was."""
    permit = policy.permit(ctx.asker, resource.name, "r")
    current = records.get(ctx.session, resource.name, id, permit)
    if current is None and (permit is not EVERYTHING or records.tombstone(ctx.session, resource.name, id) is None):
        raise missing(ctx, resource, id)
    if "_cursor" in dict(pairs):
        raise BadRequest(Issue("not-supported", "the change feed follows a type or the system, not one resource"))
    path = f"{resource.name}/{id}/_history"
    if not ctx.asker.sees_all:
        return _history(ctx, path, pairs, (resource.name,), id, reaches=(_reach(ctx, resource.name, "r"),))
    return _history(ctx, path, pairs, (resource.name,), id, permit)


def history_type(ctx: Context, resource: ResourceType, pairs: Pairs) -> Reply:
    """Every change to a type that the asker may see."""
    path, permit = f"{resource.name}/_history", policy.permit(ctx.asker, resource.name, "s")
    if not ctx.asker.sees_all:
        return _history(ctx, path, pairs, (resource.name,), None, reaches=(_reach(ctx, resource.name, "s"),))
    if permit is not EVERYTHING:
        raise Forbidden(Issue("forbidden", "the history of a type needs a scope without parameters"))
    return _history(ctx, path, pairs, (resource.name,), None)


def history_system(ctx: Context, pairs: Pairs) -> Reply:
    """Every change to the types the principal may search. Raises Forbidden when there are none."""
    types = tuple(name for name in TYPES if _followed(ctx, name))
    if not types:
        raise Forbidden(Issue("forbidden", "no granted scope allows 's' on any type"))
    if ctx.asker.sees_all:
        return _history(ctx, "_history", pairs, types, None)
    return _history(ctx, "_history", pairs, types, None, reaches=tuple(_reach(ctx, name, "s") for name in types))


def _followed(ctx: Context, resource_type: str) -> bool:
    """Whether a type's changes are told in the history of everything."""
    try:
        permit = policy.permit(ctx.asker, resource_type, "s")
    except Forbidden:
        return False
    return permit is EVERYTHING or not ctx.asker.sees_all


def _reach(ctx: Context, resource_type: str, action: str) -> Reach:
    scopes = policy.scoped(ctx.asker, resource_type, action)
    buried = policy.buried(ctx.asker, resource_type) if scopes is EVERYTHING else NOTHING
    return Reach(resource_type, policy.permit(ctx.asker, resource_type, action), buried)


def _history(  # noqa: PLR0917 - the kinds of history differ in few of these
    ctx: Context,
    path: str,
    pairs: Pairs,
    types: Sequence[str],
    id: str | None,  # noqa: A002
    permit: Clause = EVERYTHING,
    reaches: tuple[Reach, ...] = (),
) -> Reply:
    asked = _checked(pairs)
    count = _count(ctx, asked.get("_count"))
    scope = Scope(tuple(types), id, _since(asked), _at(asked), reaches)
    applied = [(name, value) for name, value in asked.items() if name in ("_since", "_at", "_count")]
    if "_cursor" in asked:
        return _feed(ctx, path, applied, scope, count, asked["_cursor"])
    return _newest(ctx, path, applied, scope, count, asked.get("_page"), permit)


def _newest(  # noqa: PLR0917 - see _history
    ctx: Context, path: str, applied: Pairs, scope: Scope, count: int, cursor: str | None, permit: Clause
) -> Reply:
    request = _request(ctx, path, applied, scope)
    before = ctx.cursors.read(ctx.principal.client_id, request, cursor) if cursor else None
    found = _permitted(ctx, scope, (before[0], before[1]) if before else None, count + 1, permit)
    more = len(found) > count
    found = found[:count]
    links = [("self", _url(ctx, path, applied, "_page", cursor))]
    if more and found:
        following = ctx.cursors.write(ctx.principal.client_id, request, [found[-1].updated, found[-1].seq])
        links.append(("next", _url(ctx, path, applied, "_page", following)))
    total = changes.total(ctx.session, scope) if scope.id is not None and permit is EVERYTHING else None
    entries = [bundles.change(ctx.base, one) for one in _as_seen(ctx, scope, found)]
    return Reply(status=200, body=bundles.history(links, total, entries))


def _as_seen(ctx: Context, scope: Scope, found: Sequence[Entry]) -> list[Entry]:
    """The changes as the asker sees them, one statement for each type."""
    if not scope.reaches:
        for one in found:
            ctx.touched.person(one.person)
        return list(found)
    action = "s" if scope.id is None else "r"
    told = {version: text for reach in scope.reaches for version, text in _texts(ctx, reach.type, found, action)}
    seen = (replace(one, text=told.get((one.type, one.id, one.version))) for one in found)
    return [one for one in seen if one.text is not None or one.method == DELETED]


Texts = Iterator[tuple[tuple[str, str, int], bytes | None]]


def _texts(ctx: Context, resource_type: str, found: Sequence[Entry], action: str) -> Texts:
    mine = (one for one in found if one.type == resource_type and one.text is not None)
    stored = (Stored(one.type, one.id, one.version, one.updated, one.text, one.person) for one in mine)
    for (id_, version), one in shown.versions(ctx, resource_type, stored, action).items():
        yield (resource_type, id_, version), one.text


def _permitted(ctx: Context, scope: Scope, before: Place | None, limit: int, permit: Clause) -> list[Entry]:
    """Changes newest first, under a permit only those whose own version it admits."""
    if permit is EVERYTHING:
        return changes.newest(ctx.session, scope, before, limit)
    found: list[Entry] = []
    while len(found) < limit:
        page = changes.newest(ctx.session, scope, before, limit)
        found += [one for one in page if one.text is not None and policy.admits(permit, document.parse(one.text))]
        if len(page) < limit:
            break
        before = (page[-1].updated, page[-1].seq)
    return found[:limit]


def _feed(ctx: Context, path: str, applied: Pairs, scope: Scope, count: int, cursor: str) -> Reply:
    request = f"feed {_request(ctx, path, applied, scope)}"
    after = ctx.cursors.read(ctx.principal.client_id, request, cursor) if cursor else START
    found = changes.committed(ctx.session, scope, (after[0], after[1]), count)
    last: list[int] = [found[-1].xact, found[-1].seq] if found else after
    links = [
        ("self", _url(ctx, path, applied, "_cursor", cursor)),
        ("next", _url(ctx, path, applied, "_cursor", ctx.cursors.write(ctx.principal.client_id, request, last))),
    ]
    entries = [bundles.change(ctx.base, one) for one in _as_seen(ctx, scope, found)]
    return Reply(status=200, body=bundles.history(links, None, entries))


def _request(ctx: Context, path: str, applied: Pairs, scope: Scope) -> str:
    """What a cursor is bound to: the page size may change, the rest may not."""
    return f"{path}?{written([one for one in applied if one[0] != '_count'])}#{','.join(scope.types)}@{ctx.base}"


def _url(ctx: Context, path: str, applied: Pairs, name: str, cursor: str | None) -> str:
    query = written([*applied, *([(name, cursor)] if cursor is not None else [])])
    return f"{ctx.base}/{path}" + (f"?{query}" if query else "")


def _checked(pairs: Pairs) -> dict[str, str]:
    unknown = [name for name, _ in pairs if name not in PARAMETERS]
    if unknown:
        raise BadRequest(Issue("not-supported", f"a history takes {', '.join(PARAMETERS)}"))
    return dict(pairs)


def _count(ctx: Context, text: str | None) -> int:
    if text is None:
        return ctx.limits.page_default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) == 0:  # noqa: PLR2004
        raise BadRequest(Issue("value", "_count is a whole number above zero"))
    return min(int(text), ctx.limits.page)


def _since(asked: dict[str, str]) -> int | None:
    return _span(asked, "_since")[0] if "_since" in asked else None


def _at(asked: dict[str, str]) -> tuple[int, int] | None:
    return _span(asked, "_at") if "_at" in asked else None


def _span(asked: dict[str, str], name: str) -> tuple[int, int]:
    try:
        return span(asked[name].replace(" ", "+"))
    except (ValueError, OverflowError) as error:
        raise BadRequest(Issue("value", f"{name} is a date or an instant such as 2026-04-01T00:00:00Z")) from error
