"""Conditional create and conditional references: exactly one match, or none, or a refusal.

A row in `conditional_key` is taken first: writers with the same condition wait for each other, so fifty
in parallel make one.

Source: FHIR R4 http.html#ccreate; bundle references in http.html#trules.
"""

from dataclasses import replace
from hashlib import sha256

from fhir_gateway.access import policy
from fhir_gateway.errors import VersionConflict
from fhir_gateway.interactions import shown
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.parameters import Pairs, parse_query, search_request, written
from fhir_gateway.store import records, search
from fhir_gateway.store.records import Stored
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.mapping import ResourceType


def existing(ctx: Context, resource: ResourceType, condition: str) -> Stored | None:
    """The one resource that meets `condition`, held against others who ask the same; None when there is none.

    Raises VersionConflict (412) when several do, BadRequest for an empty condition.
    """
    records.take_key(ctx.session, sha256(normal(resource.name, condition).encode()).hexdigest(), ctx.now)
    return match(ctx, resource, condition)


def normal(resource_type: str, condition: str) -> str:
    """A condition as one text, however it was written."""
    return f"{resource_type}?{written(sorted(_pairs(resource_type, condition)))}"


def _pairs(resource_type: str, condition: str) -> Pairs:
    return parse_query(condition.removeprefix(f"{resource_type}?").removeprefix("?"))


def match(ctx: Context, resource: ResourceType, condition: str) -> Stored | None:
    """The one resource that meets `condition`, or None. Raises VersionConflict when several do."""
    asked = search_request(replace(ctx, lenient=False), resource, _pairs(resource.name, condition))
    if not asked.clause.clauses:
        raise BadRequest(Issue("required", "a condition needs at least one search parameter"))
    sight = policy.sight(ctx.asker, resource.name, "s")
    where = policy.both(asked.clause, sight.rows)
    statement, params = search.page(resource.name, where, search.NEWEST_FIRST, None, 2, sight.ranks)
    rows = ctx.session.rows(statement, params)
    if len(rows) > 1:
        raise VersionConflict(Issue("multiple-matches", f"more than one {resource.name} meets the condition"))
    found = shown.shown(ctx, sight, resource.name, rows)
    return found[0] if found else None
