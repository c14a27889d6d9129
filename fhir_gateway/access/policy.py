"""From an asker and an interaction to the rows they may touch, as a clause, and to how much of each row shows.

The clause goes into the SQL of every statement that reads records: matches, chains, `_has`, includes, history,
references of a write. Scopes say what an app may do, the table what the actor may: both must agree. A type that
either does not reach is refused before any query runs.

Source: design decision 4; security requirements S32 to S41; SMART App Launch 2.2 scopes.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from auth.scopes import Scope
from fhir_gateway.access.asker import GATEWAY, WHOLE_RECORD, Asker
from fhir_gateway.access.conditions import bodies, condition, person, references, rows_of, says
from fhir_gateway.access.table import GATE, TABLE, Line
from fhir_gateway.access.views import WHOLE, Beholder, View
from fhir_gateway.errors import Forbidden
from fhir_gateway.store.rows import Holds, Kinds, Person, Reaches
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.query import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Chain,
    Clause,
    Has,
    Opaque,
    Test,
    matches,
    parse_clause,
)
from mappings.lens.search import SearchParam
from mappings.registry import TYPES

__all__ = ["VIEWS", "Shown", "Sight", "bodies", "permit", "sight"]

VIEWS: Final = TABLE.views
PROVENANCE: Final = "Provenance"
TARGETS: Final = "targets"
CHANGING: Final = ("u", "d")


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows of which one view shows. gated: because a review or concern opened them."""

    view: View
    gated: bool
    rows: Clause


@dataclass(frozen=True, slots=True)
class Sight:
    """Which rows of a type somebody may see, and how much of each: of the first of `shown` that admits it."""

    rows: Clause
    shown: tuple[Shown, ...] = (Shown(WHOLE, gated=False, rows=EVERYTHING),)

    @property
    def ranks(self) -> tuple[Clause, ...]:
        """What tells the rows apart, where that matters."""
        return tuple(one.rows for one in self.shown) if len(self.shown) > 1 else ()

    def tells(self, param: SearchParam) -> bool:
        """Whether every row shows what a parameter asks about."""
        return all(one.view.tells(param) for one in self.shown)

    def telling(self, param: SearchParam) -> Clause:
        """The rows that do."""
        return AnyOf(tuple(one.rows for one in self.shown if one.view.tells(param)))


def permit(asker: Asker, resource_type: str, action: str) -> Clause:
    """The rows of a type on which the asker may do `action`, one of c r u d s.

    Raises Forbidden when nothing lets them do that on any.
    """
    return sight(asker, resource_type, action).rows


@lru_cache(maxsize=1024)
def sight(asker: Asker, resource_type: str, action: str) -> Sight:
    """What the asker sees of a type when doing `action`. Raises Forbidden."""
    if asker.role == GATEWAY:
        return Sight(EVERYTHING)
    reached = scoped(asker, resource_type, action)
    if asker.role == WHOLE_RECORD:
        return Sight(reached)
    granted = _granted(asker, resource_type, action)
    if action in CHANGING:  # nobody changes what they may not read
        reached = both(reached, rows(asker, resource_type, "r"))
    return replace(granted, rows=both(granted.rows, reached))


def both(left: Clause, right: Clause) -> Clause:
    """The conjunction, flat where one side is everything."""
    if left is EVERYTHING:
        return right
    return left if right is EVERYTHING else AllOf((left, right))


def beholder(asker: Asker) -> Beholder:
    """Who looks, as the views ask."""
    return Beholder(references=references(asker), person=person(asker))


# --- the actor --------------------------------------------------------------------------------------


def rows(asker: Asker, resource_type: str, action: str) -> Clause:
    """The rows the table gives the actor, whatever the app was granted; none where it gives nothing."""
    if asker.sees_all:
        return EVERYTHING
    return AnyOf(tuple(one.rows for one in _table_shown(asker, resource_type, action)))


def within_launch(asker: Asker, resource_type: str) -> Clause:
    """The rows the actor may read, of the person of the launch where there is one, whatever the app was granted."""
    limit = _limit(asker, resource_type) if asker.patient else EVERYTHING
    return both(limit, rows(asker, resource_type, "r"))


def _granted(asker: Asker, resource_type: str, action: str) -> Sight:
    shown = _table_shown(asker, resource_type, action)
    if not shown:
        raise Forbidden(Issue("forbidden", f"nothing lets this caller do '{action}' on {resource_type}"))
    return Sight(AnyOf(tuple(one.rows for one in shown)), shown)


@lru_cache(maxsize=1024)
def _table_shown(asker: Asker, resource_type: str, action: str) -> tuple[Shown, ...]:
    """What each view shows, the whole first."""
    found: dict[tuple[str, bool], list[tuple[View, Clause]]] = {}
    for line in TABLE.lines.get((asker.role, resource_type), ()):
        if action in line.letters:
            clause = _rows_of(asker, resource_type, line)
            found.setdefault((line.view.name, line.gated), []).append((line.view, clause))
    ordered = sorted(found.items(), key=lambda one: (one[0][0] != WHOLE.name, one[0][1]))
    return tuple(Shown(some[0][0], gated, AnyOf(tuple(rows for _, rows in some))) for (_, gated), some in ordered)


def _rows_of(asker: Asker, resource_type: str, line: Line) -> Clause:
    found = rows_of(asker, resource_type, line)
    return AllOf((found, _reaching(asker))) if TARGETS in line.conditions else found


def _reaching(asker: Asker) -> Clause:
    """Provenance of what the asker sees whole, and of nothing besides."""
    return Reaches(
        "target",
        tuple((name, AnyOf(some)) for name in TYPES if name != PROVENANCE and (some := _seen_whole(asker, name))),
    )


def whole_rows(asker: Asker, resource_type: str) -> Clause:
    """The rows of a type that the asker sees whole, whatever the app was granted."""
    return EVERYTHING if asker.sees_all else AnyOf(_seen_whole(asker, resource_type))


def _seen_whole(asker: Asker, resource_type: str) -> tuple[Clause, ...]:
    limit = _limit(asker, resource_type) if asker.patient else EVERYTHING
    whole = (one for one in _table_shown(asker, resource_type, "r") if one.view.whole)
    return tuple(both(limit, one.rows) for one in whole)


def closed(asker: Asker, resource_type: str) -> Clause:
    """The rows the asker might read if a review or concern opened them (R134); none where that opens nothing."""
    lines = TABLE.lines.get((asker.role, resource_type), ())
    gated = (replace(one, conditions=_ungated(one)) for one in lines if one.gated and "r" in one.letters)
    found = tuple(rows_of(asker, resource_type, one) for one in gated)
    limit = _limit(asker, resource_type) if asker.patient else EVERYTHING
    return both(limit, AnyOf(found)) if found else NOTHING


def _ungated(line: Line) -> tuple[str, ...]:
    return tuple(one for one in line.conditions if one != GATE)


@lru_cache(maxsize=1024)
def buried(asker: Asker, resource_type: str) -> Clause:
    """The deleted records of a type that the asker saw for no other reason than a tie: of them they learn the end."""
    if asker.sees_all:
        return EVERYTHING
    lines = TABLE.lines.get((asker.role, resource_type), ())
    told = [one for one in lines if "s" in one.letters and one.conditions in (("tied",), ("tied-now",))]
    return AnyOf(tuple(AllOf((Kinds((one.kind,)), _tied_now(asker, resource_type, one.kind))) for one in told))


def tied_on(asker: Asker, day: date) -> Clause:
    """The people the asker is tied to by a tie that opens what is of a day."""
    return _tied_now(replace(asker, day=day), "Patient", "person")


def _tied_now(asker: Asker, resource_type: str, kind: str) -> Clause:
    return condition(asker, (resource_type, kind), "tied-now")


# --- the app ----------------------------------------------------------------------------------------


def scoped(asker: Asker, resource_type: str, action: str) -> Clause:
    """The rows the granted scopes reach, whoever asks. Raises Forbidden when they reach none."""
    granted = [one for one in asker.principal.scopes.grants(resource_type, action) if _counts(asker, one)]
    if not granted:
        raise Forbidden(Issue("forbidden", f"no granted scope allows '{action}' on {resource_type}"))
    found = [one for one in (_rows_of_scope(asker, resource_type, scope) for scope in granted) if one is not None]
    if not found:
        raise Forbidden(Issue("forbidden", f"no granted scope can be applied to {resource_type}"))
    return EVERYTHING if EVERYTHING in found else AnyOf(tuple(found))


def _counts(asker: Asker, scope: Scope) -> bool:
    """A system speaks for itself alone, and nobody who logged in speaks as a system."""
    return (scope.context == "system") == asker.principal.for_itself


def _rows_of_scope(asker: Asker, resource_type: str, scope: Scope) -> Clause | None:
    """The rows one scope reaches; None when the type has no such parameter: it then grants nothing."""
    limit = _limit(asker, resource_type) if scope.context == "patient" else EVERYTHING
    if not scope.params:
        return limit
    if resource_type not in TYPES:  # it has no rows: a scope reaches what is worked out for it whole, or not at all
        return None
    try:
        clauses = tuple(parse_clause(TYPES, resource_type, name, value) for name, value in scope.params)
    except BadRequest:
        return None
    return both(limit, AllOf(tuple(_told(asker, resource_type, one) for one in clauses)))


def _limit(asker: Asker, resource_type: str) -> Clause:
    """What lies within the launch: one person's records. Bodies and workers are nobody's."""
    if resource_type == "Group":
        return Holds("members.member", (asker.patient or "",))
    of_people = resource_type == "Patient" or (resource_type in TYPES and TYPES[resource_type].compartment)
    if not of_people:
        return EVERYTHING
    return Person(asker.patient) if asker.patient else NOTHING


# --- what is searched for ---------------------------------------------------------------------------


def guarded(asker: Asker, resource_type: str, clause: Clause) -> Clause:
    """The clause as far as this asker may ask it of a type.

    A permit stands on every other type its chains touch, and what a view hides of a row matches nothing. Raises
    Forbidden.
    """
    if isinstance(clause, AllOf):
        return AllOf(tuple(guarded(asker, resource_type, one) for one in clause.clauses))
    if isinstance(clause, AnyOf):
        return AnyOf(tuple(guarded(asker, resource_type, one) for one in clause.alternatives))
    if isinstance(clause, Chain):
        return _told(asker, resource_type, replace(clause, inner=_hop(asker, clause.target, clause.inner)))
    if isinstance(clause, Has):
        linking = telling(asker, clause.source, clause.param)
        return replace(clause, inner=both(linking, _hop(asker, clause.source, clause.inner)))
    return _told(asker, resource_type, clause)


def _hop(asker: Asker, resource_type: str, inner: Clause) -> Clause:
    return both(guarded(asker, resource_type, inner), permit(asker, resource_type, "s"))


def _told(asker: Asker, resource_type: str, clause: Clause) -> Clause:
    """A test or chain, on rows alone that show what it asks about."""
    if not isinstance(clause, Test | Chain):
        return clause
    return both(telling(asker, resource_type, clause.param), clause)


def telling(asker: Asker, resource_type: str, param: SearchParam) -> Clause:
    """The rows that show this asker what a parameter asks about."""
    if asker.sees_all:
        return EVERYTHING
    seen = Sight(EVERYTHING, _table_shown(asker, resource_type, "s"))
    return EVERYTHING if seen.tells(param) else seen.telling(param)


def check_sorting(asker: Asker, resource_type: str, names: tuple[str, ...]) -> None:
    """Raises Forbidden where the order would tell what some row hides."""
    params = TYPES[resource_type].params
    hidden = [one for one in names if telling(asker, resource_type, params[one]) is not EVERYTHING]
    if hidden:
        raise Forbidden(Issue("forbidden", f"this caller may not sort {resource_type} by {hidden[0]}"))


# --- operations and writes --------------------------------------------------------------------------


def may_ask(asker: Asker, resource_type: str, action: str) -> None:
    """Let a request for something worked out through, such as an AuditEvent. Raises Forbidden."""
    scoped(asker, resource_type, action)
    if not asker.sees_all and asker.role not in TABLE.computed.get(resource_type, ()):
        raise Forbidden(Issue("forbidden", f"nothing lets this caller do '{action}' on {resource_type}"))


def may_run(asker: Asker, code: str, *wanted: tuple[str, str]) -> None:
    """Let an operation through. wanted: type and action of each scope it takes. Raises Forbidden."""
    if asker.role == WHOLE_RECORD:
        whole(asker, *wanted)
    elif asker.role not in TABLE.operations.get(code, ()):
        raise Forbidden(Issue("forbidden", f"nothing lets this caller run ${code}"))
    for resource_type, action in wanted:
        scoped(asker, resource_type, action)


def whole(asker: Asker, *wanted: tuple[str, str]) -> None:
    """Let through whoever reaches every row of some types; wanted: type and action of each. Raises Forbidden."""
    for resource_type, action in wanted:
        if permit(asker, resource_type, action) is not EVERYTHING:
            raise Forbidden(Issue("forbidden", f"this operation needs '{action}' on every {resource_type}"))


def admits(clause: Clause, tree: Tree) -> bool:
    """Whether a resource that is not stored yet, or not any more, meets what of a clause it says itself."""
    if isinstance(clause, AllOf):
        return all(admits(one, tree) for one in clause.clauses)
    if isinstance(clause, AnyOf):
        return any(admits(one, tree) for one in clause.alternatives)
    return isinstance(clause, Opaque) or matches(clause, tree, lambda _: None, lambda _: ())


def may_say(asker: Asker, resource_type: str, kind: str, action: str, record: object) -> bool:
    """Whether some line lets the asker write a record that says what this one says; ties are asked of the store."""
    lines = TABLE.lines.get((asker.role, resource_type), ())
    mine = (one for one in lines if one.kind == kind and action in one.letters)
    return any(says(asker, one, record) for one in mine)


def outside(resource_type: str) -> Forbidden:
    """The refusal of a write whose result would lie outside the granted rows."""
    return Forbidden(Issue("forbidden", f"neither scopes nor role allow this {resource_type}"))
