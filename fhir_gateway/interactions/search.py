"""search-type: one page of stored bytes, with what it includes, under the principal's permit.

The number of SQL statements of a page is constant: one for the matches, one for a total when asked, and a
fixed number for each inclusion and round of `:iterate`.

Source: FHIR R4 http.html#search, search.html.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from fhir_gateway.access import policy
from fhir_gateway.errors import Forbidden
from fhir_gateway.interactions import bundles
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.parameters import Inclusion, Pairs, SearchRequest, search_request, written
from fhir_gateway.interactions.summary import Trim, trimmed
from fhir_gateway.store import search
from fhir_gateway.store.records import Stored
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.mapping import ResourceType
from mappings.lens.query import Clause
from mappings.registry import TYPES


def search_type(ctx: Context, resource: ResourceType, pairs: Pairs) -> Reply:
    """The page of `resource` that `pairs` asks for, as a searchset Bundle."""
    permit = policy.permit(ctx.principal, resource.name, "s")
    asked = search_request(ctx, resource, pairs)
    where = policy.both(asked.clause, permit) if asked.clause.clauses else permit
    if asked.summary == "count" or asked.count == 0:
        return _counted(ctx, resource, asked, where)
    rows, following = _page(ctx, resource, asked, where)
    matches = [Stored(resource.name, row[0], row[1], row[2], bytes(row[3])) for row in rows]
    included = _included(ctx, matches, asked.inclusions)
    total = _total(ctx, resource, asked, where, None if following or asked.cursor else len(matches))
    entries = [bundles.match(ctx.base, one, _text(asked, one), "match") for one in matches]
    entries += [bundles.match(ctx.base, one, _text(asked, one), "include") for one in included]
    return Reply(status=200, body=bundles.searchset(_links(ctx, resource, asked, following), total, entries))


def _counted(ctx: Context, resource: ResourceType, asked: SearchRequest, where: Clause) -> Reply:
    total = _count(ctx, resource, where)
    return Reply(status=200, body=bundles.searchset(_links(ctx, resource, asked, None), total, []))


def _count(ctx: Context, resource: ResourceType, where: Clause) -> int:
    row = ctx.session.row(*search.count(resource.name, where))
    return int(row[0]) if row else 0


def _total(ctx: Context, resource: ResourceType, asked: SearchRequest, where: Clause, known: int | None) -> int | None:
    if known is not None:
        return known
    return None if asked.total == "none" else _count(ctx, resource, where)


def _page(
    ctx: Context, resource: ResourceType, asked: SearchRequest, where: Clause
) -> tuple[Sequence[Any], str | None]:
    """The rows of the page, and the cursor of the next one when there is more."""
    request = f"{resource.name}?{written(asked.applied)}"
    after = ctx.cursors.read(ctx.principal.client_id, request, asked.cursor) if asked.cursor else None
    rows = ctx.session.rows(*search.page(resource.name, where, asked.sort, after, asked.count + 1))
    if len(rows) <= asked.count:
        return rows, None
    last = rows[asked.count - 1]
    return rows[: asked.count], ctx.cursors.write(ctx.principal.client_id, request, [*last[4:], last[0]])


def _links(ctx: Context, resource: ResourceType, asked: SearchRequest, following: str | None) -> list[tuple[str, str]]:
    query = written(asked.applied)
    own = f"{ctx.base}/{resource.name}" + (f"?{query}" if query else "")
    if asked.cursor:
        own += ("&" if query else "?") + f"_cursor={asked.cursor}"
    links = [("self", own)]
    if following:
        more = written([*asked.applied, ("_cursor", following)])
        links.append(("next", f"{ctx.base}/{resource.name}?{more}"))
    return links


def _text(asked: SearchRequest, stored: Stored) -> bytes:
    if asked.summary == "false" and not asked.elements:
        return stored.text or b""
    return trimmed(stored, Trim(asked.summary, asked.elements))


# --- inclusions -------------------------------------------------------------------------------------


def _included(ctx: Context, matches: Sequence[Stored], inclusions: Sequence[Inclusion]) -> list[Stored]:
    """What the inclusions bring, each resource once; `:iterate` goes on until nothing new comes."""
    seen = {(one.type, one.id) for one in matches}
    found: list[Stored] = []
    fresh = list(matches)
    active = list(inclusions)
    while fresh and active:
        brought = [one for inclusion in active for one in _bring(ctx, inclusion, fresh)]
        fresh = [one for one in _once(brought) if (one.type, one.id) not in seen]
        seen |= {(one.type, one.id) for one in fresh}
        found += fresh
        if len(found) > ctx.limits.includes:
            raise BadRequest(Issue("too-costly", f"more than {ctx.limits.includes} included resources; ask for fewer"))
        active = [one for one in active if one.iterate]
    return found


def _once(resources: Iterable[Stored]) -> Iterable[Stored]:
    return {(one.type, one.id): one for one in resources}.values()


def _bring(ctx: Context, inclusion: Inclusion, fresh: Sequence[Stored]) -> list[Stored]:
    return _referrers(ctx, inclusion, fresh) if inclusion.reverse else _referred(ctx, inclusion, fresh)


def _referred(ctx: Context, inclusion: Inclusion, fresh: Sequence[Stored]) -> list[Stored]:
    ids = [one.id for one in fresh if one.type == inclusion.source]
    wanted: dict[str, set[str]] = {}
    for param in TYPES[inclusion.source].params.values() if ids else ():
        if param.kind != "reference" or inclusion.param not in ("*", param.name):
            continue
        for (text,) in ctx.session.rows(*search.aims(inclusion.source, param, ids)):
            kind, _, id_ = (text or "").partition("/")
            if kind in TYPES and inclusion.target in (None, kind):
                wanted.setdefault(kind, set()).add(id_)
    return [one for kind, some in wanted.items() for one in _fetched(ctx, kind, sorted(some))]


def _fetched(ctx: Context, kind: str, ids: Sequence[str]) -> list[Stored]:
    try:
        permit = policy.permit(ctx.principal, kind, "r")
    except Forbidden:
        return []
    rows = ctx.session.rows(*search.fetch(kind, ids, permit))
    return [Stored(kind, row[0], row[1], row[2], bytes(row[3])) for row in rows]


def _referrers(ctx: Context, inclusion: Inclusion, fresh: Sequence[Stored]) -> list[Stored]:
    found: list[Stored] = []
    for param in TYPES[inclusion.source].params.values():
        if param.kind != "reference" or inclusion.param not in ("*", param.name):
            continue
        aims = [f"{one.type}/{one.id}" for one in fresh if one.type in param.targets]
        if not aims or inclusion.target not in (None, *(one.type for one in fresh)):
            continue
        try:
            permit = policy.permit(ctx.principal, inclusion.source, "s")
        except Forbidden:
            continue
        where = policy.both(search.refers(param, aims), permit)
        rows = ctx.session.rows(
            *search.page(inclusion.source, where, search.NEWEST_FIRST, None, ctx.limits.includes + 1)
        )
        found += [Stored(inclusion.source, row[0], row[1], row[2], bytes(row[3])) for row in rows]
    return found
