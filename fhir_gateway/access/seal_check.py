"""Whether the audit is as it was sealed: walks the seals and names the first row or seal that is wrong.

Source: security requirement S64; security reference, section 5 (edit, delete, swap, insert, cut, rewrite: all found).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fhir_gateway.access.seal import Head, Key, code_of, code_of_stone, hash_of
from fhir_gateway.store import audit_rows
from fhir_gateway.store.audit_rows import MARK, START, Place, Row, Seal, Tombstone
from fhir_gateway.store.database import Session


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. faults: in the order met. unsealed: rows that no seal covers yet."""

    seals: int
    rows: int
    pruned: int
    unsealed: int
    faults: tuple[str, ...]


def check(session: Session, key: Key, heads: Sequence[Head]) -> Verdict:
    """Hold every row and seal against the chain. heads: what second places remember."""
    seals = audit_rows.seals(session)
    buried = {n: stone for stone in audit_rows.tombstones(session) for n in range(stone.first, stone.last + 1)}
    faults = [
        *_chain(key, seals),
        *_ends(seals, heads),
        *_stones(key, seals, buried),
        *_contents(session, seals, buried),
    ]
    return Verdict(
        seals=len(seals),
        rows=sum(one.rows for one in seals if one.n not in buried),
        pruned=sum(one.rows for one in seals if one.n in buried),
        unsealed=audit_rows.count_after(session, seals[-1].place if seals else START),
        faults=tuple(faults),
    )


def _chain(key: Key, seals: Sequence[Seal]) -> Iterator[str]:
    """The first seal that does not follow from the one before."""
    before: Seal | None = None
    for seal in seals:
        expected = before.n + 1 if before else 1
        if seal.n != expected:
            yield f"seal {expected} is missing"
            return
        if code_of(key, before, seal) != seal.mac:
            yield f"seal {seal.n} is not as it was made"
            return
        before = seal


def _ends(seals: Sequence[Seal], heads: Sequence[Head]) -> Iterator[str]:
    """Heads that were there once and are not."""
    codes = {seal.n: seal.mac for seal in seals}
    for head in heads:
        if head.n not in codes:
            yield f"the audit ends at seal {max(codes, default=0)}, and seal {head.n} was taken: its end is cut off"
        elif codes[head.n] != head.mac:
            yield f"seal {head.n} is not the one that was told: the audit was written anew"


def _stones(key: Key, seals: Sequence[Seal], buried: Mapping[int, Tombstone]) -> Iterator[str]:
    """Tombstones that nobody with the key set, or that count otherwise than the seals under them."""
    by_number = {seal.n: seal for seal in seals}
    for stone in dict.fromkeys(buried.values()):
        under = [by_number[n] for n in range(stone.first, stone.last + 1) if n in by_number]
        counted = (sum(one.rows for one in under), sum(one.people for one in under))
        good = under and code_of_stone(key, stone, under[-1]) == stone.mac
        if not good or counted != (stone.rows, stone.people):
            yield f"the tombstone of seals {stone.first} to {stone.last} is not as it was made"


def _contents(session: Session, seals: Sequence[Seal], buried: Mapping[int, Tombstone]) -> Iterator[str]:
    """The first row of each seal that is not as it was sealed."""
    after: Place = START
    for seal in seals:
        if seal.n in buried:
            if audit_rows.left(session, after, seal.place):
                yield f"seal {seal.n}: rows stand where they were pruned"
        else:
            rows = audit_rows.covered(session, after, seal.place, 2 * seal.rows + 1)
            if (hash_of(rows), sum(row.people for row in rows)) != (seal.hash, seal.people):
                yield f"seal {seal.n}: {_first_wrong(seal, rows)}"
        after = seal.place


def _first_wrong(seal: Seal, rows: Sequence[Row]) -> str:
    """Which row it is, told by the marks of the seal."""
    marks = [seal.marks[at : at + MARK] for at in range(0, len(seal.marks), MARK)]
    found = [row.digest[:MARK] for row in rows]
    at = next((n for n, (mark, one) in enumerate(zip(marks, found, strict=False)) if mark != one), None)
    if at is None:
        at = min(len(marks), len(found))
    if at >= len(found):
        return f"rows are missing after row {rows[-1].place[1] if rows else 'none'}"
    seq = rows[at].place[1]
    if found[at] in marks[at + 1 :]:
        return f"a row is missing before row {seq}"
    return f"row {seq} was added" if marks[at : at + 1] == found[at + 1 : at + 2] else f"row {seq} was changed"
