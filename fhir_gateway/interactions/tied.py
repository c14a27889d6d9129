"""What a write does to the ties of the people it is about: worked out again in its transaction, and only where needed.

Source: docs/adr/0007; design decision 5.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fhir_gateway.access.ties.derivation import DERIVATIONS, reading
from fhir_gateway.access.ties.providers import PROVIDER, named_by
from fhir_gateway.interactions.judgement import CaseFiles
from fhir_gateway.store import ties
from fhir_gateway.store.database import Session
from fhir_gateway.store.facts import MAPPING_OF, Facts
from fhir_gateway.store.records import Change

SOURCES: Final = frozenset(MAPPING_OF[kind].resource_type for one in DERIVATIONS for kind in one.reads)


def follow(session: Session, changes: Sequence[Change], files: CaseFiles) -> None:
    """Store the ties that are other ties after these changes, all of which are written."""
    stale: dict[str, set[str]] = {}
    for change in changes:
        if change.new.type in SOURCES:
            for person, kinds in _touched(session, change, files):
                stale.setdefault(person, set()).update(kinds)
    facts = Facts(session)
    for person in sorted(one for one, kinds in stale.items() if kinds):
        ties.refresh(session, facts, person, stale[person])


def _touched(session: Session, change: Change, files: CaseFiles) -> Iterator[tuple[str, frozenset[str]]]:
    """The person a record is about and the one it was about, with the kinds of tie it may bear on."""
    now = change.record if change.tree is not None and change.kind else None
    before = files.replaced(change)[1]
    spared = frozenset() if _ties_otherwise(session, change.person or "", now, before) else {PROVIDER}
    for record in (now, before):
        if record is not None:
            person = getattr(record, "person_id", None) or change.person or change.new.id
            yield person, reading({type(record)}) - spared


def _ties_otherwise(session: Session, person: str, now: Any, before: Any) -> bool:
    """Whether a budget or payment may tie a provider, or untie one. Most do neither, and they come in thousands."""
    named, formerly = named_by(now), named_by(before)
    return bool(formerly - named) or not all(
        ties.in_force(session, person, PROVIDER, one, 0) for one in named - formerly
    )
