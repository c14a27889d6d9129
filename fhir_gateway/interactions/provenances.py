"""Provenance of every change, worked out when asked for by `target`, beside the Provenance that is stored.

A write so leaves one without storing a second resource. They are read by id, and found by a search that names the
record or records it is about; of a record that the asker does not see whole there is none.

Source: rule R159; FHIR R4 provenance.html; security requirement S34.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fhir_gateway.access import policy
from fhir_gateway.interactions.context import Context, instant
from fhir_gateway.interactions.parameters import SearchRequest
from fhir_gateway.store import records, written
from fhir_gateway.store.records import Stored
from fhir_gateway.store.search import SortKey
from mappings import change_provenance
from mappings.change_provenance import Written, seq_of
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.query import EVERYTHING, Clause, Test, matches
from mappings.lens.search import EARLIEST
from mappings.registry import TYPES

TYPE: Final = "Provenance"
NAMING: Final = ("target", "patient")
VERSIONS: Final = 1_000  # of one record
Keys = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A Provenance worked out, and where the sort puts it."""

    stored: Stored
    keys: Keys


def one(ctx: Context, id_: str) -> Stored | None:
    """The Provenance of a change by its id; None for none, and where the asker may not see it."""
    seq = seq_of(id_)
    row = written.one(ctx.session, seq) if seq is not None else None
    if row is None or not _reached(ctx, "r") or not _sees(ctx, row["type"], row["id"]):
        return None
    return _stored(ctx, row)[0]


def found(ctx: Context, asked: SearchRequest) -> list[Found]:
    """Those a search finds, in its order; none when it does not name what they are about."""
    if not _reached(ctx, "s"):
        return []
    listed = []
    for kind, id_ in _named(asked):
        if kind in TYPES and _sees(ctx, kind, id_):
            for row in written.of_record(ctx.session, kind, id_, VERSIONS):
                stored, tree = _stored(ctx, row)
                if _fits(asked.clause, tree):
                    listed.append(Found(stored, _keys(asked.sort, stored, tree)))
    return sorted_by(asked.sort, listed)


def page(
    asked: SearchRequest, stored: Sequence[Found], made: Sequence[Found], after: Sequence[Any] | None
) -> list[Found]:
    """The stored ones of a page with those worked out that come after a key, in one order."""
    if after is None:
        return sorted_by(asked.sort, [*stored, *made])
    start = Found(Stored(TYPE, str(after[-1]), 0, 0, None), tuple(after[:-1]))
    later = sorted_by(asked.sort, [*made, start])
    return sorted_by(asked.sort, [*stored, *later[later.index(start) + 1 :]])


def sorted_by(sort: Sequence[SortKey], listed: Sequence[Found]) -> list[Found]:
    """In the order of a sort, ties by id in the direction of its last key."""
    ordered = sorted(listed, key=lambda one: one.stored.id, reverse=sort[-1].descending)
    for place in reversed(range(len(sort))):
        ordered.sort(key=lambda one: one.keys[place], reverse=sort[place].descending)
    return ordered


def _fits(clause: Clause, tree: Tree) -> bool:
    try:
        return matches(clause, tree, lambda _: None, lambda _: ())
    except TypeError:  # a condition that only the store can judge is about what is stored
        return False


def _named(asked: SearchRequest) -> Iterator[tuple[str, str]]:
    """The records that every match is about, each once."""
    for clause in asked.clause.clauses:
        if isinstance(clause, Test) and clause.param.name in NAMING and clause.modifier == "":
            texts = dict.fromkeys(_reference(clause, one.text) for one in clause.operands)
            yield from ((kind, id_) for kind, _, id_ in (text.partition("/") for text in texts))
            return


def _reference(clause: Test, text: str) -> str:
    return text if "/" in text or clause.param.name != "patient" else f"Patient/{text}"


def _reached(ctx: Context, action: str) -> bool:
    """Whether a scope without parameters reaches them: what is worked out has no rows to hold parameters against."""
    policy.permit(ctx.asker, TYPE, action)
    return any(not scope.params for scope in ctx.asker.principal.scopes.grants(TYPE, action))


def _sees(ctx: Context, resource_type: str, id_: str) -> bool:
    rows: Clause = policy.whole_rows(ctx.asker, resource_type)
    return rows is EVERYTHING or bool(records.admitted(ctx.session, resource_type, (id_,), rows))


def _stored(ctx: Context, row: dict[str, Any]) -> tuple[Stored, Tree]:
    known = {name: value for name, value in row.items() if name != "updated"}
    tree = change_provenance.provenance(Written(at=instant(row["updated"]), **known))
    ctx.touched.person(row["person"] or (row["id"] if row["type"] == "Patient" else None))
    return Stored(TYPE, tree["id"], 1, row["updated"], document.encode(tree), row["person"]), tree


def _keys(sort: Sequence[SortKey], stored: Stored, tree: Tree) -> Keys:
    return tuple(_key(one, stored, tree) for one in sort)


def _key(key: SortKey, stored: Stored, tree: Tree) -> Any:
    """What the store would sort a stored one by."""
    if key.name in ("_lastUpdated", "_id"):
        return stored.updated if key.name == "_lastUpdated" else stored.id
    param = TYPES[TYPE].params[key.name]
    value = next(param.values(tree), None)
    if param.kind == "date":
        return EARLIEST if value is None else value.high if key.descending else value.low
    return value.text if value else ""
