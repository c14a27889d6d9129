"""AuditEvent: read and searched, never written. Each is worked out from a row of the audit for one person it touched.

Newest first, by pages; what an asker may read is part of the SQL.

Source: FHIR R4 auditevent.html#search; IHE BALP; security requirements S35 and S65.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fhir_gateway.access import audit_reach
from fhir_gateway.access.audit_reach import Reach
from fhir_gateway.errors import NotFound
from fhir_gateway.interactions import bundles
from fhir_gateway.interactions.audit_parameters import PARAMETERS, condition, place_of
from fhir_gateway.interactions.context import Context, Reply, instant
from fhir_gateway.interactions.parameters import Pairs, written
from fhir_gateway.store import audit_events
from fhir_gateway.store.audit_events import Event, Wanted
from fhir_gateway.store.records import Stored
from mappings import audit_event
from mappings.audit_event import Access
from mappings.lens import document
from mappings.lens.errors import BadRequest, Issue

TYPE: Final = "AuditEvent"
SORTS: Final = ("-date", "-_lastUpdated")
TOTALS: Final = ("none", "estimate", "accurate")
UNSEEN: Final = ("_format", "_pretty", "_cursor")


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as understood. applied: for the `self` link."""

    wanted: Wanted
    applied: Pairs
    count: int
    total: bool
    cursor: str | None


def answer(ctx: Context, parts: Sequence[str], pairs: Pairs) -> Reply:
    """Read or search, by the address. Raises Forbidden, NotFound, BadRequest."""
    if len(parts) == 1:
        return _search(ctx, pairs)
    if len(parts) > 2:  # noqa: PLR2004
        raise NotFound(Issue("not-found", f"there is nothing at this address of {TYPE}"))
    return _read(ctx, parts[1])


def _read(ctx: Context, id_: str) -> Reply:
    reach = audit_reach.reach(ctx.session, ctx.asker, "r")
    place = place_of(id_)
    event = audit_events.at_place(ctx.session, reach.wanted, place) if place else None
    if event is None:
        raise NotFound(Issue("not-found", f"{TYPE}/{id_} is not known"))
    ((stored, text),) = _shown(ctx, reach, [event])
    return Reply(status=200, body=text, stored=stored)


def _search(ctx: Context, pairs: Pairs) -> Reply:
    reach = audit_reach.reach(ctx.session, ctx.asker, "s")
    asked = _asked(ctx, pairs, reach)
    found, following = _page(ctx, asked)
    total = None if following or asked.cursor else len(found)
    if asked.total or asked.count == 0:
        total = audit_events.count(ctx.session, asked.wanted)
    entries = [bundles.match(ctx.base, stored, text, "match") for stored, text in _shown(ctx, reach, found)]
    return Reply(status=200, body=bundles.searchset(_links(ctx, asked, following), total, entries))


def _page(ctx: Context, asked: Asked) -> tuple[list[Event], str | None]:
    """The events of the page, and the cursor of the next when there is more."""
    request = f"{TYPE}?{written(asked.applied)}"
    keys = ctx.cursors.read(ctx.principal.client_id, request, asked.cursor) if asked.cursor else None
    after = (keys[0], keys[1]) if keys else None
    found = audit_events.page(ctx.session, asked.wanted, after, asked.count + 1) if asked.count else []
    if len(found) <= asked.count:
        return found, None
    page = found[: asked.count]
    return page, ctx.cursors.write(ctx.principal.client_id, request, list(page[-1].place))


def _links(ctx: Context, asked: Asked, following: str | None) -> list[tuple[str, str]]:
    own = [*asked.applied, *([("_cursor", asked.cursor)] if asked.cursor else [])]
    links = [("self", _url(ctx, own))]
    return [*links, ("next", _url(ctx, [*asked.applied, ("_cursor", following)]))] if following else links


def _url(ctx: Context, pairs: Pairs) -> str:
    query = written(pairs)
    return f"{ctx.base}/{TYPE}" + (f"?{query}" if query else "")


# --- what was asked ---------------------------------------------------------------------------------


def _asked(ctx: Context, pairs: Pairs, reach: Reach) -> Asked:
    """The search. Raises BadRequest for what cannot be searched by."""
    seen = [(name, value) for name, value in pairs if name not in UNSEEN]
    wanted, applied = reach.wanted, [one for one in seen if _known(ctx, one[0])]
    for number, (name, value) in enumerate(applied):
        if name in PARAMETERS:
            wanted = condition(wanted, number, name, value, reduced=reach.reduced)
    result = {name: value for name, value in applied if name not in PARAMETERS}
    return Asked(wanted, applied, _count(ctx, result), _total(result), dict(pairs).get("_cursor"))


def _known(ctx: Context, name: str) -> bool:
    """Whether a parameter counts. Raises BadRequest for an unknown one, unless the client is lenient."""
    if name in PARAMETERS or name in ("_count", "_sort", "_total", "_summary"):
        return True
    if ctx.lenient:
        return False
    raise BadRequest(Issue("not-supported", f"{TYPE} is searched by {', '.join(PARAMETERS)}"))


def _count(ctx: Context, result: dict[str, str]) -> int:
    if result.get("_summary", "false") not in ("false", "count"):
        raise BadRequest(Issue("not-supported", f"_summary of {TYPE} is count or false"))
    if result.get("_sort", SORTS[0]) not in SORTS:
        raise BadRequest(Issue("not-supported", f"{TYPE} is sorted newest first: {' or '.join(SORTS)}"))
    text = "0" if result.get("_summary") == "count" else result.get("_count", str(ctx.limits.page_default))
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004
        raise BadRequest(Issue("value", "_count is a whole number"))
    return min(int(text), ctx.limits.page)


def _total(result: dict[str, str]) -> bool:
    text = result.get("_total", "none")
    if text not in TOTALS:
        raise BadRequest(Issue("value", f"_total is one of {', '.join(TOTALS)}"))
    return text != "none"


# --- what is shown ----------------------------------------------------------------------------------


def _shown(ctx: Context, reach: Reach, events: Sequence[Event]) -> list[tuple[Stored, bytes]]:
    """Each event as FHIR, with whom it is about put on record."""
    bodies = audit_events.organisation_names(ctx.session, (one.organisation for one in events))
    clients = audit_events.client_names(ctx.session, (one.client for one in events))
    shown = []
    for one in events:
        ctx.touched.person(one.person)
        names = {"client_name": clients.get(one.client), "organisation_name": bodies.get(one.organisation or "")}
        tree = audit_event.audit_event(_access(ctx, one, names, reduced=reach.reduced))
        shown.append((Stored(TYPE, tree["id"], 1, one.at, None), document.encode(tree)))
    return shown


def _access(ctx: Context, one: Event, names: dict[str, str | None], *, reduced: bool) -> Access:
    known: dict[str, Any] = {} if reduced else {"query": one.query, "token": one.token, "address": one.address}
    who = one.fhir_user if not reduced or one.fhir_user in ctx.asker.who else None
    return Access(
        id=f"{one.seq}-{one.position}",
        recorded=instant(one.at),
        action=one.action,
        subtype=one.subtype,
        what=one.what,
        status=one.status,
        outcome=one.outcome,
        request=one.request,
        client=one.client,
        who=who,
        role=one.role,
        organisation=one.organisation,
        purpose=one.purpose,
        gates=tuple((one.gate or "").split()),
        person=one.person,
        base=ctx.base,
        **{"query": None, "token": None, "address": None, **known},
        **names,
    )
