"""What a write does to the ties of the people it is about: worked out again in its transaction, and only where needed.

A body ties itself to nobody: by what it writes it may go on with a person it is tied to today, open no day before
those that were open to it, and make no delegation to itself last longer.

Source: docs/adr/0007; design decision 5; security requirement S40 (organisation and funder come from policy).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from fhir_gateway.access.asker import Asker
from fhir_gateway.access.standing import COORDINATOR
from fhir_gateway.access.table import TABLE
from fhir_gateway.access.ties.derivation import DERIVATIONS, reading
from fhir_gateway.access.ties.providers import PROVIDER, named_by
from fhir_gateway.access.ties.tie import Tie
from fhir_gateway.errors import Forbidden
from fhir_gateway.interactions.judgement import CaseFiles
from fhir_gateway.store import ties
from fhir_gateway.store.database import Session
from fhir_gateway.store.facts import MAPPING_OF, Facts
from fhir_gateway.store.records import Change
from mappings.lens.errors import Issue

Held = Mapping[str, Collection[Tie]]
SELF_TIED: Final = (
    "no body opens days of a record to itself that are closed to it; the responsible body or the care coordinator "
    "records the share or the case"
)
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


# --- what a writer may not do for themselves ---------------------------------------------------------


def held(session: Session, asker: Asker, changes: Sequence[Change]) -> Held:
    """The writer's own ties to each person whose ties the changes may bear on."""
    people = {one.person for one in changes if one.new.type in SOURCES and one.person}
    return {person: _own(session, asker, person) for person in sorted(people)}


def _own(session: Session, asker: Asker, person: str) -> list[Tie]:
    kinds = TABLE.ties.get(asker.role, ())
    mine = (one for one in ties.stored(session, person) if one.kind in kinds and one.who in asker.who)
    return [one for one in mine if one.since <= asker.now < one.until]


def check_reach(session: Session, asker: Asker, before: Held) -> None:
    """No tie of the writer opens more than those they had. Raises Forbidden.

    before: as `held` told it. Whoever had none brought the person, or writes nothing that stands.
    """
    for person, had in before.items():
        if had and not all(_is_open(asker, one, had) for one in _own(session, asker, person)):
            raise Forbidden(Issue("forbidden", SELF_TIED))


def _is_open(asker: Asker, tie: Tie, had: Collection[Tie]) -> bool:
    """Whether one of the ties they had opened the same days, and one lasted as long; a coordinator keeps the team."""
    if asker.role != COORDINATOR and tie.until > max(one.until for one in had):
        return False
    if any(one.start <= tie.start and tie.end <= one.end for one in had):
        return True
    today = any(one.start <= asker.day <= one.end for one in had)
    return today and min(one.start for one in had) <= tie.start
