"""What a load does to the ties of the people it brings: worked out in the transaction that stores their records.

Source: docs/adr/0007; interactions.tied does the same for every other write.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fhir_gateway.access.ties.derivation import KINDS as EVERY_KIND
from fhir_gateway.access.ties.derivation import reading
from fhir_gateway.interactions.judgement import derived
from fhir_gateway.phb.case_file import Source
from fhir_gateway.store import bulk, ties
from fhir_gateway.store.database import Session
from fhir_gateway.store.facts import MAPPING_OF
from fhir_gateway.store.records import Change
from fhir_gateway.sync.derive import Item

READ_FROM: Final = {(mapping.resource_type, mapping.kind): reading({record}) for record, mapping in MAPPING_OF.items()}


def follow(session: Session, facts: Source, new: Sequence[Item], changes: Sequence[Change]) -> None:
    """Store the ties of everybody whose records these are. facts: of what is stored by now."""
    stale: dict[str, set[str]] = {}
    for person, kinds in (*_by_new(new), *_by_changed(changes)):
        stale.setdefault(person, set()).update(kinds)
    for person in sorted(stale):
        ties.refresh(session, facts, person, stale[person])


def _by_new(items: Sequence[Item]) -> Iterator[tuple[str, frozenset[str]]]:
    for item in items:
        kinds = READ_FROM.get((item.type, item.main[bulk.KIND]))
        if kinds and item.person:
            yield item.person, kinds


def _by_changed(changes: Sequence[Change]) -> Iterator[tuple[str, frozenset[str]]]:
    """The person a record is about now, and the one it was about."""
    for change in changes:
        before = getattr(derived(change.previous)[1], "person_id", None)
        for person in {change.person, before} - {None}:
            yield str(person), EVERY_KIND
