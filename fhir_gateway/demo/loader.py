"""Puts the demonstration people in through the ordinary write path, one transaction a file.

Only what was never there is created: what a visitor changed or deleted stays as it is.

Source: design section 7; FHIR R4 http.html#transaction.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from auth.principal import Principal
from auth.scopes import ScopeSet
from fhir_gateway.demo.entry import Entry, File, transaction
from fhir_gateway.demo.people import FILES
from fhir_gateway.gateway import Caller, Gateway
from fhir_gateway.interactions import bundle, write
from fhir_gateway.interactions.context import clock
from fhir_gateway.interactions.write import Pair
from fhir_gateway.store import records
from fhir_gateway.store.database import Session
from mappings.lens import document
from mappings.lens.document import Tree

LOADER: Final = Principal(
    client_id="demonstration",
    name="Demonstration",
    scopes=ScopeSet.parse("system/*.cruds"),
    token_digest="",
    role="custodian",
)
CALLER: Final = Caller(None, "demonstration")


def load(gateway: Gateway, files: Mapping[str, File] = FILES, now: int | None = None) -> int:
    """Create what is missing; how many resources that were.

    now: microseconds since 1970 UTC, by the clock unless given.
    """
    created = 0
    for file in files.values():
        created += gateway.database.write(partial(_put, gateway, file, clock() if now is None else now))
    return created


def _put(gateway: Gateway, file: File, now: int, session: Session) -> int:
    missing = _missing(session, file)
    if missing:
        context = gateway.context_of(session, LOADER, CALLER, now)
        sent = document.parse(document.encode(transaction(missing)))
        entries = bundle.entries_of(context.limits.transaction_entries, context.base, sent)
        bundle.transaction(context, entries)
    return len(missing)


def _missing(session: Session, file: File) -> File:
    """The entries that were never there, but for those that name something that is not there any more."""
    there = records.existing(session, (one.pair for one in file))
    fresh = [one for one in file if one.pair not in there and records.tombstone(session, *one.pair) is None]
    return _standing(session, fresh)


def _standing(session: Session, fresh: Sequence[Entry]) -> File:
    named = {one.pair: references_of(one.resource()) for one in fresh}
    live = records.existing(session, frozenset[Pair]().union(*named.values()) - named.keys())
    kept = list(fresh)
    while unsupported := [one for one in kept if not named[one.pair] <= live | {two.pair for two in kept}]:
        kept = [one for one in kept if one not in unsupported]
    return tuple(kept)


def references_of(tree: Tree) -> frozenset[Pair]:
    """Type and id of every resource here that a resource names."""
    found = (node for path, node, _ in document.walk(tree) if path.endswith(".reference") and isinstance(node, str))
    return frozenset(write.pair_of(text) for text in found if ":" not in text)
