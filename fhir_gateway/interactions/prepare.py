"""From a resource in order to the change that stores it: derived record, our `id` and `meta`, its person.

Source: design decisions 1 and 5 (the text is kept as received but for `id` and `meta`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fhir_gateway.interactions.context import Context, instant
from fhir_gateway.store.records import Change, Stored
from mappings import namespaces
from mappings.lens import document
from mappings.lens.document import Tree
from mappings.lens.errors import Issue, Unprocessable
from mappings.lens.mapping import ResourceType

Flags = Sequence[Tree]
RULE: Final = namespaces.code_system("phb-rule")
FOREIGN: Final = {
    "system": namespaces.code_system("phb-record-kind"),
    "code": "not-a-phb-record",
    "display": "Not a record of a personal health budget",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a write goes: a type and id, the version it may replace, and the version number to give."""

    resource: ResourceType
    id: str
    previous: Stored | None
    version: int
    method: str


def prepared(ctx: Context, target: Target, tree: Tree) -> Change:
    """The change that stores `tree` at `target`. Raises Unprocessable with every fault of meaning."""
    resource = target.resource
    kind, record = resource.derive(tree)
    updated = later(ctx.now, target.previous)
    stamped = stamp(tree, target.id, target.version, updated, foreign=not kind)
    person = resource.subject_of(stamped)
    if isinstance(person, Issue):
        raise Unprocessable(person)
    new = Stored(resource.name, target.id, target.version, updated, document.encode(stamped))
    return Change(new, target.method, stamped, kind, record, person, target.previous)


def later(now: int, previous: Stored | None) -> int:
    """`now`, or the previous version's time where the clock went back."""
    return now if previous is None else max(now, previous.updated)


def restamped(tree: Tree, current: Stored, *, foreign: bool) -> bytes:
    """The text the current version would have if it said `tree`: equal to its own when nothing is new."""
    flags = flags_of(current.text or b"")
    return document.encode(stamp(tree, current.id, current.version, current.updated, foreign=foreign, flags=flags))


def flags_of(text: bytes) -> Flags:
    """The tags of a stored resource that say which rules warned."""
    if RULE.encode() not in text:
        return ()
    return [tag for tag in document.parse(text)["meta"].get("tag", ()) if _is_flag(tag)]


def stamp(tree: Tree, id: str, version: int, updated: int, *, foreign: bool, flags: Flags = ()) -> Tree:  # noqa: A002
    """The tree with our `id` and `meta`: all else, and its order, as it came. flags: tags of the rules that warn."""
    meta = _meta(tree.get("meta") or {}, version, updated, foreign=foreign, flags=flags)
    ours = {"id": id, "meta": meta}
    result: Tree = {}
    after = "id" if "id" in tree else "resourceType"
    for name, value in tree.items():
        result[name] = ours.get(name, value)
        if name == after:
            result |= {one: ours[one] for one in ours if one not in tree}
    return result


def _meta(sent: Tree, version: int, updated: int, *, foreign: bool, flags: Flags) -> Tree:
    meta: Tree = {"versionId": str(version), "lastUpdated": instant(updated)}
    meta |= {name: value for name, value in sent.items() if name not in ("versionId", "lastUpdated")}
    tags = [tag for tag in sent.get("tag", ()) if not _is_mark(tag) and not _is_flag(tag)]
    if foreign:
        tags.append(FOREIGN)
    tags += flags
    meta.pop("tag", None)
    return meta | {"tag": tags} if tags else meta


def _is_mark(tag: Tree) -> bool:
    return tag.get("system") == FOREIGN["system"] and tag.get("code") == FOREIGN["code"]


def _is_flag(tag: Tree) -> bool:
    return tag.get("system") == RULE
