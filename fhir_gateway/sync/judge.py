"""The rules over what a load has just stored, in the transaction that stores it.

Faults are all found before anything is taken back; warnings are kept with the record, as on every other write.
What follows from a record (a review to be scheduled, a concern to be opened) is not done for a load: it brings in
what has happened already.

Source: design decision 5; domain.md section 4.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from fhir_gateway.interactions.judgement import CaseFiles, flagged
from fhir_gateway.london import today
from fhir_gateway.phb.case_file import Written, is_withdrawn
from fhir_gateway.phb.rules.judge import judged, rules_on
from fhir_gateway.store import bulk, records
from fhir_gateway.store.database import Session
from fhir_gateway.store.facts import MAPPING_OF, Facts, FactsOfMany
from fhir_gateway.store.records import Change, Stored
from fhir_gateway.sync.derive import Item, Pair
from fhir_gateway.sync.sources import Fault
from mappings.lens import document
from mappings.lens.errors import Issue

KINDS: Final = {(mapping.resource_type, mapping.kind): kind for kind, mapping in MAPPING_OF.items()}


class Broken(Exception):
    """Some of a chunk break a rule: the whole chunk is taken back. issues: the errors by type and id."""

    def __init__(self, issues: dict[Pair, list[Issue]]) -> None:
        self.issues = issues
        super().__init__(f"{len(issues)} resources break a rule")


def judge(session: Session, new: Sequence[Item], changes: Sequence[Change], now: int) -> FactsOfMany:
    """Judge what was stored; what was read of its people for that. Raises Broken with every error."""
    people = {one.person for one in new if one.person} | {one.person for one in changes if one.person}
    facts = FactsOfMany(session, people)
    files = CaseFiles(facts, today(now))
    broken: dict[Pair, list[Issue]] = {}
    old = ((change, files.written(change)) for change in changes if change.kind)
    for change, written in chain(_written(facts, new, now), old):
        found = [] if is_withdrawn(written.record) else list(judged(written, files.of(change.person or "")))
        errors = [one for one in found if one.severity == "error"]
        if errors:
            broken[change.new.type, change.new.id] = errors
        elif found:
            records.retag(session, flagged(_with_tree(change), found))
    if broken:
        raise Broken(broken)
    return facts


def _written(facts: Facts, new: Sequence[Item], now: int) -> Iterator[tuple[Change, Written[Any]]]:
    for item in new:
        kind = KINDS.get((item.type, item.main[bulk.KIND]))
        filed = facts.named(item.type, item.id) if kind is not None and rules_on(kind) else None  # type: ignore[arg-type]
        if filed is not None:
            stored = Stored(item.type, item.id, 1, now, item.text)
            change = Change(stored, "PUT", None, item.main[bulk.KIND], filed.record, item.person, None)
            yield change, Written(filed.type, filed.id, 1, filed.record)


def _with_tree(change: Change) -> Change:
    return change if change.tree is not None else replace(change, tree=document.parse(change.new.text or b""))


def faults_of(item: Item, issues: Sequence[Issue]) -> tuple[Fault, ...]:
    """The errors as the load's report tells them."""
    return tuple(Fault(item.line, one.expression, f"{one.details}: {one.diagnostics}") for one in issues)
