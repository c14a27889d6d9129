"""Everything that leaves passes here: as the asker's view leaves it, with whom it touched put on record.

Source: design decision 4; domain.md 8.8, R134, R139; security requirement S63.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from fhir_gateway.access import policy
from fhir_gateway.access.policy import Shown, Sight
from fhir_gateway.errors import Forbidden
from fhir_gateway.interactions.context import Context
from fhir_gateway.store import gates, records, search
from fhir_gateway.store.records import Stored
from mappings.lens import document
from mappings.lens.errors import Issue
from mappings.lens.query import EVERYTHING, NOTHING, Clause
from mappings.registry import TYPES

Version = tuple[str, int]
CLOSED: Final = Issue(
    "forbidden",
    "financial detail is closed outside reviews: an open review, or a concern of which the person was told, opens it; "
    "the totals are in $statement",
    details="R134",
)


def one(ctx: Context, resource_type: str, id: str, action: str = "r") -> Stored | None:  # noqa: A002
    """The current version of one resource as the asker may see it; None when they may not, or there is none."""
    sight = policy.sight(ctx.asker, resource_type, action)
    if sight.rows is EVERYTHING:
        return _touched(ctx, records.get(ctx.session, resource_type, id))
    found = some(ctx, sight, resource_type, (id,))
    return found[0] if found else None


def some(ctx: Context, sight: Sight, resource_type: str, ids: Sequence[str]) -> list[Stored]:
    """Those of the resources that the asker may see."""
    rows = ctx.session.rows(*search.fetch(resource_type, ids, sight.rows, sight.ranks))
    return shown(ctx, sight, resource_type, rows)


def shown(ctx: Context, sight: Sight, resource_type: str, rows: Iterable[Sequence[Any]]) -> list[Stored]:
    """Rows of a search as they leave: their last column is the rank where the sight has ranks."""
    return [as_shown(ctx, _of(sight, row), records.stored_of(resource_type, row)) for row in rows]


def versions(ctx: Context, resource_type: str, found: Iterable[Stored], action: str = "r") -> dict[Version, Stored]:
    """Versions of resources of one type as whoever sees the current ones sees them, in one statement.

    Left out are those of another kind, or about another person, than the current one.
    """
    listed = list(found)
    sight, ids = policy.sight(ctx.asker, resource_type, action), sorted({one.id for one in listed})
    rows = ctx.session.rows(*search.fetch(resource_type, ids, sight.rows, sight.ranks)) if ids else ()
    current = {row[0]: (_of(sight, row), records.stored_of(resource_type, row)) for row in rows}
    scopes = policy.scoped(ctx.asker, resource_type, action)
    same = (one for one in listed if one.id in current and _is_same(one, current[one.id][1]) and _meets(scopes, one))
    return {(one.id, one.version): as_shown(ctx, current[one.id][0], one) for one in same}


def _is_same(version: Stored, current: Stored) -> bool:
    if version.version == current.version:
        return True
    return version.person == current.person and kind_of(version) == kind_of(current)


def kind_of(stored: Stored) -> str:
    """The kind of record in a version, empty for what is none of ours."""
    mapping = TYPES[stored.type].mapping_of(document.parse(stored.text or b"{}"))
    return mapping.kind if mapping is not None else ""


def _meets(scopes: Clause, version: Stored) -> bool:
    """Whether granular scopes admit what the version says."""
    return scopes is EVERYTHING or policy.admits(scopes, document.parse(version.text or b"{}"))


def _of(sight: Sight, row: Sequence[Any]) -> Shown:
    return sight.shown[min(row[-1], len(sight.shown) - 1)] if sight.ranks else sight.shown[0]


def as_shown(ctx: Context, seen: Shown, stored: Stored) -> Stored:
    """A version as one view shows it, on record as touched."""
    _touched(ctx, stored)
    if seen.gated:
        _through_the_gate(ctx, stored.person)
    if seen.view.whole or stored.text is None:
        return stored
    text = seen.view.of(stored.text, policy.beholder(ctx.asker))
    return Stored(stored.type, stored.id, stored.version, stored.updated, text, stored.person)


def _touched(ctx: Context, stored: Stored | None) -> Stored | None:
    if stored is not None:
        ctx.touched.person(stored.person)
    return stored


def _through_the_gate(ctx: Context, person: str | None) -> None:
    """Put on record which review or concern opened what is shown (R139)."""
    anybody = ctx.asker.role == "coordinator"
    for source in gates.open_to(ctx.session, person or "", None if anybody else ctx.asker.who, ctx.now):
        ctx.touched.gate(source)


def check_not_closed(ctx: Context, resource_type: str, id: str) -> None:  # noqa: A002
    """Raises Forbidden, naming R134, for what a review or concern would open to this asker."""
    rows = policy.closed(ctx.asker, resource_type)
    if rows is not NOTHING and records.admitted(ctx.session, resource_type, (id,), rows):
        raise Forbidden(CLOSED)
