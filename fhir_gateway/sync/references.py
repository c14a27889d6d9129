"""What the resources of a load refer to: which of them can be stored, and where the others name what is missing.

Source: FHIR R4 references.html; design decision 5.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from fhir_gateway.interactions.write import pair_of
from fhir_gateway.sync.derive import Item, Pair
from mappings.lens import document


def settled(wants: Sequence[tuple[Pair, Sequence[Pair]]], live: set[Pair]) -> set[int]:
    """Positions of the (key, references) whose references are all live or, in the end, among the settled."""
    offered = Counter(key for key, _ in wants)
    out: set[int] = set()
    todo = [at for at, (_, refs) in enumerate(wants) if any(one not in live and one not in offered for one in refs)]
    dependents: dict[Pair, list[int]] = {}
    for at, (_, refs) in enumerate(wants if todo else ()):
        for one in refs:
            dependents.setdefault(one, []).append(at)
    while todo:
        at = todo.pop()
        if at in out:
            continue
        out.add(at)
        key = wants[at][0]
        offered[key] -= 1
        if not offered[key] and key not in live:
            todo += dependents.get(key, ())
    return set(range(len(wants))) - out


def places(item: Item, missing: set[Pair]) -> Iterator[tuple[str, str]]:
    """Where the resource refers to what is missing."""
    for path, node, _ in document.walk(document.parse(item.text)):
        if path.endswith(".reference") and type(node) is str and ":" not in node and pair_of(node) in missing:
            yield path, node
