"""The world of the no-leak law: put in through the API by the custodian, then read back whole.

What is read back is what the oracle speaks about, the records that the gateway wrote by itself included.

Source: security.md section 4, the no-leak law (world); MS1 (fixtures written through the API).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

from mappings.lens import document
from mappings.registry import TYPES
from tests.fhir_gateway.api import Api, link, path_of
from tests.laws.no_leak import bodies, cases, events
from tests.laws.no_leak.canary import Planter, Spot, index
from tests.laws.no_leak.people import PEOPLE

Json = Any
EDITED: Final = "goal-goal"  # slug of the record of each person that has an older version
REMOVED: Final = "talk-gone"  # slug of the record of each person that was deleted
ALL: Final = "_count=1000"
OK: Final = 200
NO_CONTENT: Final = 204


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands. kind: of `phb-record-kind`, empty for what is no record of ours.

    person: slug of the person whose record it is, None for bodies, staff and what is nobody's.
    """

    place: str
    kind: str
    person: str | None
    tree: Json

    @property
    def type(self) -> str:
        """The FHIR type."""
        return self.place.partition("/")[0]

    @property
    def id(self) -> str:
        """The id, a canary in it."""
        return self.place.partition("/")[2]


@dataclass(frozen=True)
class World:
    """Everything there is. names: place of each record under its old name, `Claim/ada-bill`.

    records: as they stand, by place. gone: places that were deleted, each with its last content.
    versions: every version of every place, in order.
    """

    names: Mapping[str, str]
    records: Mapping[str, Record]
    gone: Mapping[str, Record]
    versions: Mapping[str, tuple[Json, ...]]

    def place(self, name: str) -> str:
        """Where a record stands that the cases call `Type/slug`."""
        return self.names[name]

    def id(self, name: str) -> str:
        """Its id."""
        return self.place(name).partition("/")[2]

    @cached_property
    def slugs(self) -> dict[str, str]:
        """The name of each place that the cases gave one."""
        return {place: name for name, place in self.names.items()}

    @cached_property
    def spots(self) -> Mapping[str, frozenset[Spot]]:
        """Where each canary stands, older versions and deleted records included."""
        every: dict[str, Json] = {
            f"{place} {at}": one for place, some in self.versions.items() for at, one in enumerate(some)
        }
        found = index(every | {record.place: record.tree for record in self.records.values()})
        return {
            mark: frozenset(Spot(one.place.partition(" ")[0], one.path) for one in some) for mark, some in found.items()
        }

    def of_type(self, name: str) -> list[Record]:
        """The records of a type, in order of their ids."""
        return sorted((one for one in self.records.values() if one.type == name), key=lambda one: one.id)


@dataclass(frozen=True)
class Script:
    """What is put in. files: resources by place, a transaction each. names: as in World. edits: place and new words."""

    files: tuple[Mapping[str, Json], ...]
    names: Mapping[str, str]
    edits: Mapping[str, str]


@cache
def script() -> Script:
    """The same every time."""
    planter = Planter()
    told = (
        {one.literal: one.resource() for one in bodies.FILE},
        *(cases.trees(one, cases.file_of(one)) for one in PEOPLE),
    )
    files = tuple(planter.planted(one) for one in (*told, {events.pool().literal: events.pool().resource()}))
    edits = {planter.named(f"Goal/{one.id}-{EDITED}"): f"An outcome {planter.word()}" for one in PEOPLE}
    return Script(files, planter.names, edits)


def build(api: Api) -> None:
    """Put the world in: the files, then a second version of one record of each person, and another that goes."""
    for trees in script().files:
        put(api, trees)
    for place, words in script().edits.items():
        stored = api.get(place)
        tree = {**document.parse(stored.content), "description": {"text": words}}
        reply = api.put(place, tree, If_Match=stored.headers["etag"])
        assert reply.status_code == OK, reply.text
    for one in PEOPLE:
        removed = api.delete(script().names[f"Communication/{one.id}-{REMOVED}"])
        assert removed.status_code in (OK, NO_CONTENT), removed.text


def put(api: Api, trees: Mapping[str, Json]) -> None:
    """One transaction that puts resources under their ids."""
    entries = [{"resource": tree, "request": {"method": "PUT", "url": place}} for place, tree in trees.items()]
    reply = api.bundle(*entries)
    assert reply.status_code == OK, reply.text


# --- reading back -------------------------------------------------------------------------------------


def read_back(api: Api) -> World:
    """The world as the database holds it."""
    names = script().names
    people = {names[f"Patient/{one.id}"]: one.id for one in PEOPLE}
    records = {}
    for type_ in TYPES:
        for entry in api.entries(f"{type_}?{ALL}"):
            record = _record(entry["resource"], people)
            records[record.place] = record
    versions = _versions(api)
    gone = {place: _record(some[-1], people) for place, some in versions.items() if place not in records}
    return World(names=dict(names), records=records, gone=gone, versions=versions)


def _record(tree: Json, people: Mapping[str, str]) -> Record:
    exact = document.parse(document.encode(tree))
    resource = TYPES[tree["resourceType"]]
    kind, _ = resource.derive(exact)
    person = resource.subject_of(exact)
    place = f"{tree['resourceType']}/{tree['id']}"
    return Record(place, kind, people.get(f"Patient/{person}") if isinstance(person, str) else None, exact)


def _versions(api: Api) -> dict[str, tuple[Json, ...]]:
    """Every version that has a content, oldest first."""
    found: dict[str, list[Json]] = {}
    for entry in _history(api):
        if "resource" in entry:
            place = path_of(entry["fullUrl"])
            found.setdefault(place, []).insert(0, document.parse(document.encode(entry["resource"])))
    return {place: tuple(some) for place, some in found.items()}


def _history(api: Api) -> Iterator[Json]:
    following: str | None = f"_history?{ALL}"
    while following:
        reply = api.get(following)
        assert reply.status_code == OK, reply.text
        yield from reply.json().get("entry", [])
        following = link(reply.json(), "next")
