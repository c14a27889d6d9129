"""The law's own proof: faults put into the gateway on purpose, each of which it must find.

Each mutant drops one predicate, view or gate in the running process, and says which routes would show it.

Source: security.md section 4, the no-leak law (teeth); security requirement S43.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, Final
from unittest import mock

from fhir_gateway.access import audit_reach, conditions, policy, standing, views
from fhir_gateway.access.policy import Sight
from fhir_gateway.interactions import conditional, history, read, search, shown, write
from fhir_gateway.interactions.operations import check, evaluate_measure, invoice_check, reconcile, statement
from fhir_gateway.store import records
from fhir_gateway.store.changes import Reach
from mappings.lens.query import EVERYTHING
from tests.laws.no_leak.route import Route

Patches = tuple[tuple[Any, str, Any], ...]
ALL: Final = Sight(EVERYTHING)
CACHES: Final = (policy.sight, policy._table_shown, policy.buried)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault. patches: object, attribute, what stands there instead. forms, types, names: of routes that show it.

    law: `told` by canaries and counts, `twin` by the second world, `write` by the law of writes.
    """

    name: str
    patches: Patches
    forms: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    law: str = "told"

    def shows(self, route: Route) -> bool:
        """Whether a route is one of those that would show it."""
        named = not self.names or any(one in route.name for one in self.names)
        return (not self.forms or route.form in self.forms) and (not self.types or route.type in self.types) and named

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The gateway with the fault."""
        with ExitStack() as stack:
            for holder, name, instead in self.patches:
                if isinstance(holder, dict):
                    stack.enter_context(mock.patch.dict(holder, {name: instead}))
                else:
                    stack.enter_context(mock.patch.object(holder, name, instead))
            stack.callback(_forget)
            _forget()
            yield


def _forget() -> None:
    for one in CACHES:
        one.cache_clear()


def _blind(**instead: Any) -> SimpleNamespace:
    """The access policy as one module sees it, with some functions that let everything through."""
    return SimpleNamespace(**{**vars(policy), **instead})


def _all(*_: Any, **__: Any) -> Sight:
    return ALL


def _every(*_: Any, **__: Any) -> Any:
    return EVERYTHING


def _nothing(*_: Any, **__: Any) -> None:
    """A check that checks nothing."""


# --- reading and searching ----------------------------------------------------------------------------


def _scopeless(function: Callable[..., Any]) -> Callable[..., Any]:
    """A history that takes no notice of what its scope reaches."""
    return lambda ctx, path, applied, scope, *rest: function(ctx, path, applied, replace(scope, reaches=()), *rest)


def _counted(ctx: Any, resource: Any, asked: Any, _: Any) -> Any:
    return COUNTED(ctx, resource, asked, asked.clause if asked.clause.clauses else EVERYTHING)


def _total(ctx: Any, resource: Any, asked: Any, _: Any, __: Any) -> Any:
    return search._count(ctx, resource, asked.clause if asked.clause.clauses else EVERYTHING)


COUNTED: Final = search._counted
REFERRING: Final = search._referring
READ: Final[tuple[Mutant, ...]] = (
    Mutant("read without a predicate", ((shown, "policy", _blind(sight=_all)),), ("read", "head")),
    Mutant("vread without a predicate", ((read, "policy", _blind(permit=_every)),), ("vread",)),
    Mutant("matches without a predicate", ((search, "policy", _blind(sight=_all)),), ("search", "parameter")),
    Mutant("_summary=count without a predicate", ((search, "_counted", _counted),), ("search", "count")),
    Mutant("_total without a predicate", ((search, "_total", _total),), ("search",)),
    Mutant(
        "_include without a predicate",
        ((search, "_fetched", lambda ctx, kind, ids: shown.some(ctx, ALL, kind, ids)),),
        ("include", "iterate"),
    ),
    Mutant(
        "_revinclude without a predicate",
        ((search, "_referring", lambda ctx, source, _, referring: REFERRING(ctx, source, ALL, referring)),),
        ("revinclude",),
    ),
    Mutant(
        "_include through an element a view hides",
        ((search, "policy", _blind(telling=_every)),),
        ("include",),
        ("Claim", "ClaimResponse", "CarePlan", "Task"),
    ),
    Mutant("chain hop without a predicate", ((policy, "_hop", lambda _, __, inner: inner),), ("chain",), law="twin"),
    Mutant("_has hop without a predicate", ((policy, "_hop", lambda _, __, inner: inner),), ("has",), law="twin"),
    Mutant("test on what a view hides", ((policy, "_told", lambda _, __, clause: clause),), ("parameter",)),
    Mutant("sort by what a view hides", ((policy, "check_sorting", _nothing),), ("sort",)),
)
HISTORY: Final[tuple[Mutant, ...]] = (
    Mutant(
        "history of an instance without a predicate",
        ((history, "policy", _blind(permit=_every)),),
        ("history-instance",),
        law="twin",
    ),
    Mutant(
        "history of a type without a predicate",
        ((history, "_newest", _scopeless(history._newest)),),
        ("history-type",),
    ),
    Mutant(
        "history of the system without a predicate",
        ((history, "_newest", _scopeless(history._newest)),),
        ("history-system", "batch"),
    ),
    Mutant("feed without a predicate", ((history, "_feed", _scopeless(history._feed)),), ("feed",)),
    Mutant(
        "deletions told to everybody",
        (
            (
                history,
                "_reach",
                lambda ctx, name, action: Reach(name, policy.permit(ctx.asker, name, action), EVERYTHING),
            ),
        ),
        ("history-type", "feed"),
        ("Communication",),
    ),
)
VIEWS: Final[tuple[Mutant, ...]] = (
    Mutant("no view at all", ((shown, "as_shown", lambda _, __, stored: stored),), ("search", "read")),
    Mutant("a provider sees every line", ((views, "SIFTED", {}),), ("search",), ("Claim",)),
    Mutant("a member sees the whole pool", ((views, "SIFTED", {}),), ("search",), ("Group",)),
    Mutant(
        "older versions shown whole",
        ((shown, "as_shown", lambda _, __, stored: stored),),
        ("vread", "history-instance", "history-type"),
        ("Patient", "EpisodeOfCare", "CarePlan", "Claim"),
    ),
)


# --- the conditions of the table ----------------------------------------------------------------------


def _dropped(word: str, name: str, *types: str) -> Mutant:
    return Mutant(name, ((conditions.NAMED, word, _every),), ("search",), types)


CONDITIONS: Final[tuple[Mutant, ...]] = (
    _dropped("tied", "no tie asked for"),
    _dropped("tied-now", "no tie of today asked for"),
    Mutant("days of the record not asked for", ((conditions.NAMED, "tied", conditions._tied("instant")),), ("search",)),
    _dropped("gate", "the gate stands open", "Claim", "DocumentReference"),
    _dropped("shared", "the plan is shared with everybody", "CarePlan", "Goal", "Composition"),
    _dropped("emergency", "everybody is in an emergency", "CarePlan", "RiskAssessment"),
    _dropped("unrestricted", "nobody is restricted", "Patient"),
    _dropped("own-lines", "every outcome is the provider's", "Goal"),
    _dropped("spent-direct-payment", "every entry is the holder's", "Claim"),
    Mutant("Provenance of what is hidden", ((policy, "_reaching", _every),), ("search",), ("Provenance",)),
    Mutant("beyond the launch", ((policy, "_limit", _every),), ("search",)),
)


# --- who asks, operations, the audit ------------------------------------------------------------------


def _who(_: Any, principal: Any, __: Any, ___: Any) -> tuple[str, ...]:
    body = f"Organization/{principal.organisation}" if principal.organisation else ""
    return tuple(one for one in (principal.fhir_user, body) if one)


OPERATIONS: Final[tuple[Mutant, ...]] = (
    Mutant("a token outlives its tie", ((standing, "references", _who),), ("search", "read"), ("Patient",)),
    Mutant("operations on anybody", ((shown, "policy", _blind(sight=_all)),), ("operation",)),
    Mutant(
        "a funder's statement with lines and payments",
        ((statement, "_as_seen", lambda _, made: made),),
        ("operation",),
        names=("$statement",),
    ),
    Mutant(
        "$check tells of every record", ((check, "_seen", lambda _, filed: filed),), ("operation",), names=("$check",)
    ),
    Mutant(
        "$evaluate-measure of another body",
        ((evaluate_measure, "_own", lambda _, reporter: reporter),),
        ("operation",),
        names=("$evaluate",),
        law="twin",
    ),
    Mutant(
        "$reconcile of another body's list",
        ((reconcile, "_issued", lambda *_: _Any()),),
        ("operation",),
        names=("$reconcile",),
    ),
    Mutant("everybody's audit", ((audit_reach.ROLES, "person", audit_reach._everything),), (), ("AuditEvent",)),
    Mutant(
        "every person's money audited", ((audit_reach.ROLES, "auditor", audit_reach._everything),), (), ("AuditEvent",)
    ),
)


class _Any:
    """Holds everything."""

    def __contains__(self, _: object) -> bool:
        return True


# --- writing ------------------------------------------------------------------------------------------

WRITES: Final[tuple[Mutant, ...]] = (
    Mutant("update of what is hidden", ((write, "policy", _blind(permit=_every)),), names=("update",), law="write"),
    Mutant("delete of what is hidden", ((write, "policy", _blind(permit=_every)),), names=("delete",), law="write"),
    Mutant(
        "references to what is hidden",
        ((write, "_known", lambda ctx, wanted: records.owners(ctx.session, wanted)),),
        names=("naming",),
        law="write",
    ),
    Mutant("rows of another body written", ((write, "check_rows", _nothing),), names=("copy",), law="write"),
    Mutant(
        "conditional create meets what is hidden",
        ((conditional, "policy", _blind(sight=_all)),),
        names=("if-none-exist",),
        law="write",
    ),
    Mutant(
        "an invoice of anybody confirmed",
        ((invoice_check, "policy", _blind(rows=_every, scoped=_every)),),
        names=("$confirm", "$query"),
        law="write",
    ),
)
MUTANTS: Final = (*READ, *HISTORY, *VIEWS, *CONDITIONS, *OPERATIONS, *WRITES)
