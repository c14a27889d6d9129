"""From a principal and an interaction to a permit: the clause every touched row must satisfy.

A permit is a Query value and goes into the SQL of every statement that reads records: matches, chains,
`_has`, includes, history. A type the scopes do not reach is refused before any query runs.

Source: design decision 4; SMART App Launch 2.2 scopes.
"""

from auth.principal import Principal
from auth.scopes import Scope
from fhir_gateway.errors import Forbidden
from mappings.lens.document import Tree
from mappings.lens.errors import BadRequest, Issue
from mappings.lens.query import EVERYTHING, AllOf, AnyOf, Chain, Clause, Has, matches, parse_clause
from mappings.registry import TYPES


def permit(principal: Principal, resource_type: str, action: str) -> Clause:
    """The rows of a type on which the principal may do `action`, one of c r u d s.

    Raises Forbidden when no scope reaches the type and action at all.
    """
    granted = principal.scopes.grants(resource_type, action)
    if not granted:
        raise Forbidden(Issue("forbidden", f"no granted scope allows '{action}' on {resource_type}"))
    if any(not scope.params for scope in granted):
        return EVERYTHING
    rows = tuple(one for one in (_rows_of(resource_type, scope) for scope in granted) if one is not None)
    if not rows:
        raise Forbidden(Issue("forbidden", f"no granted scope can be applied to {resource_type}"))
    return AnyOf(rows)


def whole(principal: Principal, *wanted: tuple[str, str]) -> None:
    """Let an operation through that needs every row of some types; wanted: type and action of each.

    Raises Forbidden where no scope reaches one, or only a part of its rows.
    """
    for resource_type, action in wanted:
        if permit(principal, resource_type, action) is not EVERYTHING:
            raise Forbidden(Issue("forbidden", f"this operation needs '{action}' on every {resource_type}"))


def _rows_of(resource_type: str, scope: Scope) -> Clause | None:
    """The rows a granular scope reaches; None when the type has no such parameter: it then grants nothing."""
    if resource_type not in TYPES:  # it has no rows: a scope reaches what is worked out for it whole, or not at all
        return None
    try:
        return AllOf(tuple(parse_clause(TYPES, resource_type, name, value) for name, value in scope.params))
    except BadRequest:
        return None


def guarded(principal: Principal, clause: Clause) -> Clause:
    """The clause with a permit on every other type its chains touch. Raises Forbidden."""
    if isinstance(clause, AllOf):
        return AllOf(tuple(guarded(principal, one) for one in clause.clauses))
    if isinstance(clause, AnyOf):
        return AnyOf(tuple(guarded(principal, one) for one in clause.alternatives))
    if isinstance(clause, Chain):
        return Chain(
            clause.param, clause.target, both(guarded(principal, clause.inner), permit(principal, clause.target, "s"))
        )
    if isinstance(clause, Has):
        return Has(
            clause.source, clause.param, both(guarded(principal, clause.inner), permit(principal, clause.source, "s"))
        )
    return clause


def both(left: Clause, right: Clause) -> Clause:
    """The conjunction, flat where one side is everything."""
    if left is EVERYTHING:
        return right
    return left if right is EVERYTHING else AllOf((left, right))


def admits(clause: Clause, tree: Tree) -> bool:
    """Whether a resource about to be written lies within a permit; chains in scopes are not offered."""
    return clause is EVERYTHING or matches(clause, tree, lambda _: None, lambda _: ())


def outside(resource_type: str) -> Forbidden:
    """The refusal of a write whose result would lie outside the granted rows."""
    return Forbidden(Issue("forbidden", f"the granted scopes do not allow this {resource_type}"))
