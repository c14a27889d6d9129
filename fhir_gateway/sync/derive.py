"""What the processes of a load do: judge each resource, derive its record, and make the rows to store.

Source: design decision 5 (the write path up to the database); FHIR R4 bundle.html#references, http.html#trules.
"""

import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from fhir_gateway.interactions.prepare import stamp
from fhir_gateway.interactions.write import pair_of
from fhir_gateway.store import bulk
from fhir_gateway.store.records import Change, Stored
from fhir_gateway.sync import money, payment_list
from fhir_gateway.sync.money import Money
from fhir_gateway.sync.sources import BrokenGzip, Document, Fault, Lines, Task, opened
from mappings import definitions
from mappings.lens import document, shape
from mappings.lens.document import Json, Tree
from mappings.lens.errors import BadRequest, FhirError, Issue, Unprocessable
from mappings.namespaces import NS
from mappings.registry import TYPES

NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, f"{NS}/loaded-file")
LINKS: Final = frozenset({"reference", "url", "uri", "valueUri", "valueUrl", "valueUuid", "valueOid"})
_id: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}").fullmatch
_restful: Final = re.compile(r"https?://\S+/([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})").fullmatch

Pair = tuple[str, str]


class Item(NamedTuple):
    """One resource ready to store. references: what must be live first. main, beside: rows as in `bulk.rows_of`."""

    type: str
    id: str
    person: str | None
    references: tuple[Pair, ...]
    file: int
    line: str
    money: Money
    main: bulk.Values
    beside: list[tuple[str, bulk.Values]]

    @property
    def key(self) -> Pair:
        """Type and id."""
        return self.type, self.id

    @property
    def text(self) -> bytes:
        """The text to store."""
        found: bytes = self.main[bulk.TEXT]
        return found


class Refusal(NamedTuple):
    """One resource or row that cannot be stored, with all its faults."""

    file: int
    faults: tuple[Fault, ...]
    money: Money = money.NONE


@dataclass(slots=True)
class Derived:
    """What became of a task. left_out: rows the column map does not want. size: bytes of the file it covered."""

    file: int
    size: int
    items: list[Item] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    left_out: int = 0


def derive(task: Task, now: int) -> Derived:
    """Everything in a task judged. now: the instant of the load, microseconds since 1970 UTC."""
    done = Derived(task.file, task.size)
    payload = task.payload
    if isinstance(payload, Fault):
        done.refused.append(Refusal(task.file, (payload,)))
    elif isinstance(payload, Document):
        _document(task, payload, now, done)
    elif isinstance(payload, Lines):
        for line, text in payload.lines:
            _text(_Place(task, str(line), now), text, done)
    else:
        _rows(task, payload, now, done)
    return done


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which task a resource stands."""

    task: Task
    line: str
    now: int

    def at(self, line: str) -> "_Place":
        return _Place(self.task, line, self.now)


def _document(task: Task, payload: Document, now: int, done: Derived) -> None:
    try:
        with opened(payload.path) as file:
            text = file.read()
    except BrokenGzip:
        fault = Fault("", "", "the compressed file is damaged or cut short")
        done.refused.append(Refusal(task.file, (fault,)))
        return
    _text(_Place(task, "1", now), text, done)


def _rows(task: Task, rows: payment_list.Rows, now: int, done: Derived) -> None:
    for row in rows.rows:
        if not payment_list.wanted(rows, row):
            done.left_out += 1
            continue
        tree, amount, faults = payment_list.resource_of(task.name, rows, row)
        carried: Money = {} if amount is None else {"GBP": amount}
        if tree is None:
            told = tuple(Fault(str(row.line), one.column, str(one)) for one in faults)
            done.refused.append(Refusal(task.file, told, carried))
        else:
            _resource(_Place(task, str(row.line), now), tree, done, carried)


def _text(place: _Place, text: bytes, done: Derived) -> None:
    try:
        tree = document.parse(text)
    except BadRequest as error:
        done.refused.append(_refusal(place, error))
        return
    _any(place, tree, done)


def _any(place: _Place, tree: Tree, done: Derived) -> None:
    if tree.get("resourceType") == "Bundle":
        _bundle(place, tree, done)
    else:
        _resource(place, tree, done)


def _resource(place: _Place, tree: Tree, done: Derived, carried: Money | None = None) -> None:
    try:
        done.items.append(_item(place, _with_id(place, tree), carried))
    except FhirError as error:
        done.refused.append(_refusal(place, error, carried or money.NONE))


def _refusal(place: _Place, error: FhirError, carried: Money = money.NONE) -> Refusal:
    return Refusal(
        place.task.file, tuple(Fault(place.line, one.expression, one.diagnostics) for one in error.issues), carried
    )


# --- one resource -----------------------------------------------------------------------------------


def _item(place: _Place, tree: Tree, carried: Money | None) -> Item:
    resource = TYPES[tree["resourceType"]]
    references = shape.judge(tree, expected_type=resource.name)
    kind, record = resource.derive(tree)
    stamped = stamp(tree, tree["id"], 1, place.now, foreign=not kind)
    person = resource.subject_of(stamped)
    if isinstance(person, Issue):
        raise Unprocessable(person)
    stored = Stored(resource.name, tree["id"], 1, place.now, document.encode(stamped))
    main, beside = bulk.rows_of(Change(stored, "PUT", stamped, kind, record, person, None))
    return Item(
        resource.name,
        stored.id,
        person,
        tuple(dict.fromkeys(map(pair_of, references))),
        place.task.file,
        place.line,
        money.carried(tree) if carried is None else carried,
        main,
        beside,
    )


def _with_id(place: _Place, tree: Tree) -> Tree:
    """The resource under its own id, or under one made of where it stands and what it says.

    Raises Unprocessable for a type that is not kept here.
    """
    if _type_of(tree) is None:
        raise Unprocessable(_unkept(tree.get("resourceType")))
    if _has_id(tree):
        return tree
    return {"resourceType": tree["resourceType"], **tree, "id": _made_id(place, tree)}


def _has_id(tree: Tree) -> bool:
    return type(tree.get("id")) is str and _id(tree["id"]) is not None


def _type_of(tree: Json) -> str | None:
    name = tree.get("resourceType") if type(tree) is dict else None
    return name if type(name) is str and name in TYPES else None


def _unkept(name: Json) -> Issue:
    if type(name) is str and name in definitions.resource_types():
        return Issue("not-supported", f"a resource of type {name} is not kept here", "resourceType")
    return Issue("structure", "this names no resource type of R4", "resourceType")


def _made_id(place: _Place, tree: Tree) -> str:
    said = hashlib.sha256(document.encode(tree)).hexdigest()
    return str(uuid.uuid5(NAMESPACE, f"{place.task.name}\n{place.line}\n{said}"))


# --- Bundles ----------------------------------------------------------------------------------------


def _bundle(place: _Place, tree: Tree, done: Derived) -> None:
    """Each entry on its own, once what they call each other is made literal."""
    entries = tree.get("entry", [])
    if type(entries) is not list:
        error = BadRequest(Issue("structure", "a list of objects is expected", "Bundle.entry"))
        done.refused.append(_refusal(place, error))
        return
    placed = [(place.at(f"{place.line} entry[{at}]".removeprefix("1 ")), one) for at, one in enumerate(entries)]
    named = [(where, one, _named(where, one)) for where, one in placed]
    names = dict(_names((one, resource) for _, one, resource in named if resource is not None))
    for where, one, resource in named:
        if resource is not None:
            _resource(where, _rewritten(resource, names) if names else resource, done)
        elif type(one) is dict and type(one.get("resource")) is dict:
            _any(where, one["resource"], done)
        else:
            error = BadRequest(Issue("required", "the entry holds no resource to load", "Bundle.entry.resource"))
            done.refused.append(_refusal(where, error))


def _named(place: _Place, entry: Json) -> Tree | None:
    """The resource of an entry under its id, None when it is not of a type that is kept."""
    resource = entry.get("resource") if type(entry) is dict else None
    if _type_of(resource) is None or resource is None:
        return None
    if _has_id(resource):
        found: Tree = resource
        return found
    full_url = entry.get("fullUrl")
    given = _id_in(full_url, resource["resourceType"]) if type(full_url) is str else ""
    return {"resourceType": resource["resourceType"], **resource, "id": given or _made_id(place, resource)}


def _id_in(full_url: str, resource_type: str) -> str:
    if full_url.startswith("urn:uuid:"):
        given = full_url.removeprefix("urn:uuid:")
        return given if _id(given) else ""
    match = _restful(full_url)
    return match[2] if match is not None and match[1] == resource_type else ""


def _names(resources: Iterable[tuple[Tree, Tree]]) -> Iterator[tuple[str, str]]:
    """What an entry may be called by others, and the literal reference to it."""
    for entry, resource in resources:
        full_url = entry.get("fullUrl")
        if type(full_url) is not str or not full_url:
            continue
        literal = f"{resource['resourceType']}/{resource['id']}"
        yield full_url, literal
        match = _restful(full_url)
        if match is not None and f"{match[1]}/{match[2]}" != literal:
            yield f"{match[1]}/{match[2]}", literal


def _rewritten(node: Json, names: dict[str, str]) -> Any:
    """The resource with references and links to other entries made literal; all else is the same object."""
    if type(node) is dict:
        return {key: _value(key, child, names) for key, child in node.items()}
    if type(node) is list:
        return [_rewritten(child, names) for child in node]
    return node


def _value(key: str, child: Json, names: dict[str, str]) -> Any:
    if type(child) is not str:
        return _rewritten(child, names)
    if key in LINKS:
        return names.get(child, child)
    return _linked(child, names) if key == "div" and "urn:" in child else child


def _linked(div: str, names: dict[str, str]) -> str:
    for name, literal in names.items():
        for attribute in ("href", "src"):
            for mark in "\"'":
                div = div.replace(f"{attribute}={mark}{name}{mark}", f"{attribute}={mark}{literal}{mark}")
    return div
