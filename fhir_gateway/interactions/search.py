"""search-type: one page of stored bytes, with what it includes, under the principal's permit.

The number of SQL statements of a page is constant: one for the matches, one for a total when asked, and a
fixed number for each inclusion and round of `:iterate`.

Source: FHIR R4 http.html#search, search.html.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from fhir_gateway.access import policy
from fhir_gateway.access.policy import Sight
from fhir_gateway.errors import Forbidden
from fhir_gateway.interactions import bundles, provenances, shown
from fhir_gateway.interactions.context import Context, Reply
from fhir_gateway.interactions.parameters import Inclusion, Pairs, SearchRequest, search_request, written
from fhir_gateway.interactions.summary import Trim, trimmed
from fhir_gateway.store import records, search
from fhir_gateway.store.records import Stored
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.mapping import ResourceType
from mappings.lens.query import EVERYTHING, Clause
from mappings.lens.search import SearchParam
from mappings.registry import TYPES


def search_type(ctx: Context, resource: ResourceType, pairs: Pairs) -> Reply:
    """The page of `resource` that `pairs` asks for, as a searchset Bundle."""
    sight = policy.sight(ctx.asker, resource.name, "s")
    asked = search_request(ctx, resource, pairs)
    where = policy.both(asked.clause, sight.rows) if asked.clause.clauses else sight.rows
    if resource.name == provenances.TYPE and (made := provenances.found(ctx, asked)):
        return _with_made(ctx, asked, where, sight, made)
    if asked.summary == "count" or asked.count == 0:
        return _counted(ctx, resource, asked, where)
    rows, following = _page(ctx, resource, asked, where, sight)
    matches = shown.shown(ctx, sight, resource.name, rows)
    included = _included(ctx, matches, asked.inclusions)
    total = _total(ctx, resource, asked, where, None if following or asked.cursor else len(matches))
    entries = [bundles.match(ctx.base, one, _text(asked, one), "match") for one in matches]
    entries += [bundles.match(ctx.base, one, _text(asked, one), "include") for one in included]
    return Reply(status=200, body=bundles.searchset(_links(ctx, resource, asked, following), total, entries))


def _with_made(
    ctx: Context, asked: SearchRequest, where: Clause, sight: Sight, made: Sequence[provenances.Found]
) -> Reply:
    """A page of Provenance: those stored and those worked out from changes, in one order."""
    resource = TYPES[provenances.TYPE]
    total = _count(ctx, resource, where) + len(made)
    if asked.summary == "count" or asked.count == 0:
        return Reply(status=200, body=bundles.searchset(_links(ctx, resource, asked, None), total, []))
    request = f"{resource.name}?{written(asked.applied)}"
    after = ctx.cursors.read(ctx.principal.client_id, request, asked.cursor) if asked.cursor else None
    rows = ctx.session.rows(*search.page(resource.name, where, asked.sort, after, asked.count + 1, sight.ranks))
    kept = zip(shown.shown(ctx, sight, resource.name, rows), rows, strict=True)
    found = provenances.page(asked, [provenances.Found(one, _keys(asked, row)) for one, row in kept], made, after)
    page, following = found[: asked.count], None
    if len(found) > asked.count:
        following = ctx.cursors.write(ctx.principal.client_id, request, [*page[-1].keys, page[-1].stored.id])
    matches = [one.stored for one in page]
    brought = [("match", one) for one in matches] + [
        ("include", one) for one in _included(ctx, matches, asked.inclusions)
    ]
    entries = [bundles.match(ctx.base, one, _text(asked, one), mode) for mode, one in brought]
    told = None if (following or asked.cursor) and asked.total == "none" else total
    return Reply(status=200, body=bundles.searchset(_links(ctx, resource, asked, following), told, entries))


def _keys(asked: SearchRequest, row: Sequence[Any]) -> tuple[Any, ...]:
    """The sort keys in a row of `search.page`."""
    return tuple(row[len(search.FOUND) : len(search.FOUND) + len(asked.sort)])


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
    ctx: Context, resource: ResourceType, asked: SearchRequest, where: Clause, sight: Sight
) -> tuple[Sequence[Any], str | None]:
    """The rows of the page, and the cursor of the next one when there is more."""
    request = f"{resource.name}?{written(asked.applied)}"
    after = ctx.cursors.read(ctx.principal.client_id, request, asked.cursor) if asked.cursor else None
    rows = ctx.session.rows(*search.page(resource.name, where, asked.sort, after, asked.count + 1, sight.ranks))
    if len(rows) <= asked.count:
        return rows, None
    last = rows[asked.count - 1]
    keys = last[len(search.FOUND) : len(search.FOUND) + len(asked.sort)]
    return rows[: asked.count], ctx.cursors.write(ctx.principal.client_id, request, [*keys, last[0]])


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
    for param in _followed(inclusion) if ids else ():
        for text in _aims(ctx, inclusion.source, param, ids):
            kind, _, id_ = (text or "").partition("/")
            if kind in TYPES and inclusion.target in (None, kind):
                wanted.setdefault(kind, set()).add(id_)
    return [one for kind, some in wanted.items() for one in _fetched(ctx, kind, sorted(some))]


def _followed(inclusion: Inclusion) -> list[SearchParam]:
    params = TYPES[inclusion.source].params.values()
    return [one for one in params if one.kind == "reference" and inclusion.param in ("*", one.name)]


def _aims(ctx: Context, source: str, param: SearchParam, ids: Sequence[str]) -> list[str]:
    """What the resources refer to, as far as they show it."""
    telling = policy.telling(ctx.asker, source, param)
    if telling is not EVERYTHING:
        ids = sorted(records.admitted(ctx.session, source, ids, telling))
    return [text for (text,) in ctx.session.rows(*search.aims(source, param, ids))] if ids else []


def _fetched(ctx: Context, kind: str, ids: Sequence[str]) -> list[Stored]:
    try:
        sight = policy.sight(ctx.asker, kind, "r")
    except Forbidden:
        return []
    return shown.some(ctx, sight, kind, ids)


def _referrers(ctx: Context, inclusion: Inclusion, fresh: Sequence[Stored]) -> list[Stored]:
    found: list[Stored] = []
    for param in _followed(inclusion):
        aims = [f"{one.type}/{one.id}" for one in fresh if one.type in param.targets]
        if not aims or inclusion.target not in (None, *(one.type for one in fresh)):
            continue
        try:
            sight = policy.sight(ctx.asker, inclusion.source, "s")
        except Forbidden:
            continue
        found += _referring(ctx, inclusion.source, sight, search.refers(param, aims))
    return found


def _referring(ctx: Context, source: str, sight: Sight, referring: Clause) -> list[Stored]:
    where = policy.both(policy.guarded(ctx.asker, source, referring), sight.rows)
    limit = ctx.limits.includes + 1
    rows = ctx.session.rows(*search.page(source, where, search.NEWEST_FIRST, None, limit, sight.ranks))
    return shown.shown(ctx, sight, source, rows)
