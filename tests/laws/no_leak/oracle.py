"""Who may see which record and which element of it, in plain Python: the other side of the law.

It knows the world's own story and the records as they were read back, and nothing of ties, permits or SQL.

Source: domain.md 8.8 and 4.J; security.md section 4 (who may do what).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mappings.lens import document
from mappings.registry import TYPES
from tests.laws.no_leak import bodies
from tests.laws.no_leak.actors import AUDITED, Actor
from tests.laws.no_leak.canary import marks_in_leaf, words
from tests.laws.no_leak.dates import fields
from tests.laws.no_leak.people import PEOPLE
from tests.laws.no_leak.rights import SHARED, TABLE
from tests.laws.no_leak.views import VIEWS, View
from tests.laws.no_leak.world import Record, World


@dataclass(frozen=True)
class Oracle:
    """What one actor may see of the world. opened: as it would be were every gate open."""

    world: World
    actor: Actor
    opened: bool = False

    @cached_property
    def own(self) -> frozenset[str]:
        """What stands for the actor in a record: references, and bare ids of bodies."""
        place = self.world.place
        found = {place(f"Organization/{self.actor.body}")} if self.actor.body else set()
        if self.actor.user.startswith("PractitionerRole/"):
            found |= {place(self.actor.user), place(f"Practitioner/worker-{self.actor.user.partition('/')[2]}")}
        elif self.actor.user:
            found.add(place(self.actor.user))
        return frozenset(found | {one.partition("/")[2] for one in found if one.startswith("Organization/")})

    @cached_property
    def staff(self) -> frozenset[str]:
        """The roles of the actor's body, and the body."""
        body = self.actor.body
        roles = [one for one in (bodies.coordinator_of(body), bodies.decider_of(body)) if body]
        names = [f"PractitionerRole/{one}" for one in roles]
        known = {self.world.names[one] for one in names if one in self.world.names}
        return frozenset(known | ({self.world.place(f"Organization/{body}")} if body else set()))

    # --- records and elements

    def view(self, record: Record) -> View | None:
        """How much of a record the actor sees, None for nothing."""
        if self.actor.ended or not self._launched(record):
            return None
        for rows, name in TABLE.get(self.actor.role, {}).get(record.kind, ()):
            if rows(self, record):
                return VIEWS[name]
        return None

    def _launched(self, record: Record) -> bool:
        """Whether a record lies within the launch: about its person, or about nobody."""
        if not self.actor.patient or record.kind != "pool":
            return not self.actor.patient or record.person in (None, self.actor.patient)
        return self.world.id(f"Patient/{self.actor.patient}") in {one.member for one in fields(record).members}

    def sees(self, record: Record) -> bool:
        """Whether the actor may know that a record is there."""
        return self.view(record) is not None

    def knows(self, record: Record) -> bool:
        """Whether the actor may be told of a record that a review or a concern would open it (R134, S38)."""
        return self.sees(record) or replace(self, opened=True).sees(record)

    def sees_element(self, record: Record, path: str) -> bool:
        """Whether the actor may see one element of a record."""
        view = self.view(record)
        return view is not None and view(record.tree, path, self._named)

    @cached_property
    def _named(self) -> frozenset[str]:
        """The actor's references, the person among them whom they act for."""
        person = {self.world.place(f"Patient/{self.actor.patient}")} if self.actor.patient else set()
        return frozenset(self.own | person)

    def names(self, record: Record) -> frozenset[str]:
        """Places that a record names in elements the actor sees."""
        view = self.view(record)
        leaves = ((path, node) for path, node, _ in document.walk(record.tree) if isinstance(node, str) and "/" in node)
        shown = (node for path, node in leaves if view is not None and view(record.tree, path, self._named))
        return frozenset(node.partition("/_history/")[0] for node in shown)

    @cached_property
    def hints(self) -> dict[tuple[str, str], tuple[Record, ...]]:
        """Hidden records that a record the actor sees names, by the type and reference parameter of the latter."""
        found: defaultdict[tuple[str, str], dict[str, Record]] = defaultdict(dict)
        for one in (self.world.records[place] for place in sorted(self.seen)):
            for param in (one_ for one_ in TYPES[one.type].search if one_.kind == "reference"):
                for value in param.values(one.tree):
                    aim = self.world.records.get(value.text)
                    if aim is not None and not self.sees(aim):
                        found[one.type, param.name][aim.place] = aim
        return {key: tuple(some.values()) for key, some in found.items()}

    @cached_property
    def seen(self) -> frozenset[str]:
        """Places of the records that stand and that the actor may see."""
        return frozenset(one.place for one in self.world.records.values() if self.sees(one))

    @cached_property
    def marks(self) -> frozenset[str]:
        """Every canary that stands in an element the actor may see, in any version of a record."""
        every = (*self.world.records.values(), *self.world.gone.values())
        return frozenset(mark for one in every for mark in self._marks(one))

    @cached_property
    def audit_marks(self) -> frozenset[str]:
        """Every canary that an AuditEvent may tell: ids of what belongs to the people whose audit the actor reads.

        A privacy officer reads what the own body asked for, refused requests included, whoever it was about, and who
        asked.
        """
        everybody = frozenset(one.id for one in PEOPLE)
        people = {"privacy-officer": everybody, "auditor": frozenset(AUDITED)}.get(self.actor.role, frozenset())
        if self.actor.role in ("person", "representative") and not self.actor.ended:
            people = frozenset({self.actor.patient})
        every = (*self.world.records.values(), *self.world.gone.values())
        own = words(one.place for one in every if one.person in people)
        shared = (one for one in every if one.kind in SHARED)
        staff = words(document.encode(one.tree).decode() for one in shared)
        return self.marks | own | (staff if self.actor.role == "privacy-officer" else frozenset())

    def _marks(self, record: Record) -> Iterator[str]:
        view = self.view(record)
        for tree in (record.tree, *self.world.versions.get(record.place, ())) if view else ():
            for path, node, _ in document.walk(tree):
                if view is not None and view(tree, path, self._named):
                    yield from marks_in_leaf(node)
