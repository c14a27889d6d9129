"""What follows from a write is written with it: in the same transaction, judged by the same rules.

Each consequence leaves a Provenance that says which record it follows from, and by which rule.

Source: design decision 5; domain.md 5.2 (effects), 5.3; FHIR R4 provenance.html.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from fhir_gateway.interactions import judgement
from fhir_gateway.interactions.context import Context
from fhir_gateway.interactions.judgement import CaseFiles
from fhir_gateway.interactions.prepare import Target, prepared
from fhir_gateway.london import today
from fhir_gateway.phb.effects import EFFECTS
from fhir_gateway.phb.effects.effect import Consequence, Follow
from fhir_gateway.store import records
from fhir_gateway.store.facts import MAPPING_OF
from fhir_gateway.store.records import Change
from mappings import provenance
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.registry import TYPES

ROUNDS: Final = 5
GATEWAY: Final = "Device/phb-gateway"
MICROSECONDS: Final = 1_000_000
RESTRICTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "code": "R",
    "display": "restricted",
}


@dataclass(frozen=True, slots=True)
class Following:
    """A consequence and the change it follows from."""

    cause: Change
    consequence: Consequence


@cache
def _effects_on(kind: type[Any]) -> tuple[Follow, ...]:
    return tuple(one.follow for one in EFFECTS if issubclass(kind, one.on))


def follow(ctx: Context, changes: Sequence[Change], files: CaseFiles) -> list[Change]:
    """Write what follows from the changes, and what follows from that; all of it. Raises RuleBroken.

    files: made since the changes were written.
    """
    done: list[Change] = []
    for _ in range(ROUNDS):
        made = [change for one in list(_following(changes, files)) for change in _written(ctx, one)]
        if not made:
            return done
        files = judgement.case_files(ctx)
        judgement.keep(ctx, made, judgement.judge(files, made, [""] * len(made)))
        done += made
        changes = made
    raise AssertionError("effects follow each other without end")


def _following(changes: Sequence[Change], files: CaseFiles) -> Iterator[Following]:
    for change in changes:
        follows = _effects_on(type(change.record)) if change.tree is not None and change.kind else ()  # type: ignore[arg-type]
        if follows:
            written = files.written(change)
            for one in follows:
                for consequence in one(written, files.of(change.person or "")):
                    yield Following(change, consequence)


def _written(ctx: Context, following: Following) -> tuple[Change, Change]:
    """The consequence and its Provenance stored: one after the other, so that the next one sees its version."""
    change = change_of(ctx, following.consequence)
    told = _provenance(ctx, following, change)
    records.write(ctx.session, [change, told], replace(ctx.actor, origin="consequence"))
    return change, told


def change_of(ctx: Context, consequence: Consequence) -> Change:
    """The change that stores a consequence."""
    mapping = MAPPING_OF[type(consequence.record)]
    resource = TYPES[mapping.resource_type]
    current = records.locked(ctx.session, resource.name, consequence.id) if consequence.id else None
    tree = document.parse(current.text) if current is not None and current.text else _fresh(consequence, resource.name)
    version = current.version + 1 if current else 1
    target = Target(resource, consequence.id or ctx.new_id(), current, version, "PUT" if current else "POST")
    return prepared(ctx, target, mapping.to_fhir(consequence.record, tree))


def _fresh(consequence: Consequence, name: str) -> Tree:
    return {"resourceType": name} | ({"meta": {"security": [RESTRICTED]}} if consequence.restricted else {})


def _provenance(ctx: Context, following: Following, made: Change) -> Change:
    cause, consequence = following.cause.new, following.consequence
    record = provenance.ProvenanceRecord(
        targets=(f"{made.new.type}/{made.new.id}",),
        recorded=datetime.fromtimestamp(ctx.now / MICROSECONDS, UTC),
        occurred_on=today(ctx.now),
        operation="CREATE" if made.method == "POST" else "UPDATE",
        activity=None,
        rule=consequence.rule,
        reason=consequence.why,
        agents=(provenance.ProvenanceAgent(part="assembler", role=None, who=GATEWAY, on_behalf_of=None),),
        entities=(provenance.ProvenanceEntity(role="source", what=f"{cause.type}/{cause.id}"),),
    )
    tree = provenance.MAPPING.to_fhir(record)
    return prepared(ctx, Target(provenance.TYPE, ctx.new_id(), None, 1, "POST"), tree)
