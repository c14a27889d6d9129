"""Search parameters of a request: parsed strictly, unknown ones refused unless the client is lenient.

Source: FHIR R4 search.html; `Prefer: handling` in search.html#errors.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, quote

from fhir_gateway.access import policy
from fhir_gateway.interactions.context import Context
from fhir_gateway.store.search import NEWEST_FIRST, SortKey, sortable
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.mapping import ResourceType
from mappings.lens.query import AllOf, AnyOf, Chain, Clause, Has, Test, parse_clause
from mappings.registry import TYPES

Pairs = list[tuple[str, str]]
RESULT: Final = (
    "_count",
    "_sort",
    "_total",
    "_summary",
    "_elements",
    "_include",
    "_revinclude",
    "_include:iterate",
    "_revinclude:iterate",
    "_cursor",
    "_format",
    "_pretty",
)
UNSEEN: Final = ("_cursor", "_format", "_pretty")
SUMMARIES: Final = ("true", "text", "data", "count", "false")
TOTALS: Final = ("none", "estimate", "accurate")


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One `_include` or `_revinclude`: follow `source`'s reference `param` to (or from) `target`."""

    source: str
    param: str
    target: str | None
    reverse: bool
    iterate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A search as understood. applied: the parameters that count, for the `self` link."""

    clause: AllOf
    applied: Pairs
    sort: Sequence[SortKey] = NEWEST_FIRST
    count: int
    total: str = "none"
    summary: str = "false"
    elements: tuple[str, ...] = ()
    inclusions: tuple[Inclusion, ...] = ()
    cursor: str | None = None


def parse_query(text: str) -> Pairs:
    """The name-value pairs of a query string. Raises BadRequest for undecodable bytes."""
    try:
        return parse_qsl(text, keep_blank_values=True, strict_parsing=False, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise BadRequest(Issue("value", "the query string is not UTF-8, or has too many parameters")) from error


def written(pairs: Pairs) -> str:
    """A query string of pairs."""
    return "&".join(f"{quote(name, safe=':_.-')}={quote(value, safe=':/|,._-')}" for name, value in pairs)


def search_request(ctx: Context, resource: ResourceType, pairs: Pairs) -> SearchRequest:
    """The request in `pairs`. Raises BadRequest for whatever cannot be applied, naming what is allowed."""
    if len(pairs) > ctx.limits.parameters:
        raise BadRequest(Issue("too-costly", f"more than {ctx.limits.parameters} parameters"))
    if sum(value.count(",") + 1 for _, value in pairs) > ctx.limits.values:
        raise BadRequest(Issue("too-costly", f"more than {ctx.limits.values} values"))
    results: dict[str, list[str]] = {}
    clauses, applied = [], []
    for name, value in pairs:
        if name in RESULT:
            results.setdefault(name, []).append(value)
            continue
        try:
            clause = _parsed(resource.name, name, value, ctx.base)
        except BadRequest:
            if ctx.lenient and _unheard_of(resource, name):
                continue
            raise
        clauses.append(policy.guarded(ctx.asker, resource.name, clause))
        applied.append((name, value))
    shown = [(name, value) for name, many in results.items() if name not in UNSEEN for value in many[_counting(name) :]]
    return SearchRequest(
        clause=AllOf(tuple(clauses)),
        applied=applied + shown,
        sort=_sort(ctx, resource, _last(results, "_sort")),
        count=_count(ctx, _last(results, "_count")),
        total=_one_of("_total", _last(results, "_total") or "none", TOTALS),
        summary=_one_of("_summary", _last(results, "_summary") or "false", SUMMARIES),
        elements=tuple(one for value in results.get("_elements", ()) for one in value.split(",") if one),
        inclusions=tuple(_inclusions(results)),
        cursor=_last(results, "_cursor"),
    )


@lru_cache(maxsize=4096)
def _parsed(resource_type: str, name: str, value: str, base: str) -> Clause:
    return _here(parse_clause(TYPES, resource_type, name, value), base)


def _unheard_of(resource: ResourceType, name: str) -> bool:
    """Whether the name, its modifier and chain left off, is no parameter at all: lenient is about those only."""
    return re.split("[:.]", name, maxsplit=1)[0] not in (*resource.params, "_has")


def _counting(name: str) -> int:
    """Where the values that count begin: the last one for what can be said once."""
    return 0 if name.startswith(("_include", "_revinclude", "_elements")) else -1


def _here(clause: Clause, base: str) -> Clause:
    """The clause with references to addresses of ours also taken as the relative references they are stored as."""
    if isinstance(clause, AnyOf):
        return AnyOf(tuple(_here(one, base) for one in clause.alternatives))
    if isinstance(clause, Chain | Has):
        return replace(clause, inner=_here(clause.inner, base))
    if not isinstance(clause, Test) or clause.param.kind != "reference" or clause.modifier:
        return clause
    ours = [
        replace(one, text=one.text.removeprefix(f"{base}/"))
        for one in clause.operands
        if one.text.startswith(f"{base}/")
    ]
    return replace(clause, operands=(*clause.operands, *ours)) if ours else clause


def _last(results: dict[str, list[str]], name: str) -> str | None:
    return results[name][-1] if name in results else None


def _one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise BadRequest(Issue("value", f"{name} is one of {', '.join(allowed)}"))
    return value


def _count(ctx: Context, text: str | None) -> int:
    if text is None:
        return ctx.limits.page_default
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004
        raise BadRequest(Issue("value", "_count is a whole number"))
    return min(int(text), ctx.limits.page)


def _sort(ctx: Context, resource: ResourceType, text: str | None) -> Sequence[SortKey]:
    if not text:
        return NEWEST_FIRST
    allowed = sortable(resource.name)
    keys = tuple(SortKey(one.removeprefix("-"), one.startswith("-")) for one in text.split(","))
    unknown = [key.name for key in keys if key.name not in allowed]
    if unknown:
        raise BadRequest(Issue("not-supported", f"{resource.name} sorts by {', '.join(allowed)}"))
    policy.check_sorting(ctx.asker, resource.name, tuple(key.name for key in keys))
    return keys


def _inclusions(results: dict[str, list[str]]) -> list[Inclusion]:
    return [
        _inclusion(name, value)
        for name in ("_include", "_revinclude", "_include:iterate", "_revinclude:iterate")
        for value in results.get(name, ())
    ]


def _inclusion(name: str, value: str) -> Inclusion:
    source, _, rest = value.partition(":")
    param, _, target = rest.partition(":")
    if source not in TYPES:
        raise BadRequest(Issue("not-supported", f"{name} starts with a type of this gateway, such as Claim:patient"))
    known = [one.name for one in TYPES[source].params.values() if one.kind == "reference"]
    if param != "*" and param not in known:
        raise BadRequest(Issue("not-supported", f"{source} can include {', '.join(known)}"))
    if target and target not in TYPES:
        raise BadRequest(Issue("not-supported", f"{target!r} is no type of this gateway"))
    return Inclusion(source, param, target or None, name.startswith("_revinclude"), name.endswith(":iterate"))
