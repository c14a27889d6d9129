"""The one writer of a load: it commits chunks, lets references wait for what they name, and keeps the tallies.

Source: design decision 5; FHIR R4 http.html#update.
"""

import pickle
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, Final, NamedTuple

from fhir_gateway.interactions.prepare import later, restamped, stamp
from fhir_gateway.store import bulk, records
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.records import Actor, Change, Stored
from fhir_gateway.store.tables import CHANGE, RESOURCES
from fhir_gateway.sync import money, tied
from fhir_gateway.sync.derive import Derived, Item, Pair
from fhir_gateway.sync.judge import Broken, faults_of, judge
from fhir_gateway.sync.references import places, settled
from fhir_gateway.sync.report import Report, Tally
from fhir_gateway.sync.sources import Fault
from mappings.lens import document
from mappings.registry import TYPES

CHUNK: Final = 500
LATE: Final = 8  # people among the last eighth of a chunk may have more to come
TWICE: Final = "this resource stands in the load more than once, and says something else here"


@dataclass(slots=True)
class Outcome:
    """What one transaction did with its items."""

    stored: list[Item] = field(default_factory=list)
    unchanged: list[Item] = field(default_factory=list)
    waiting: list[Item] = field(default_factory=list)
    refused: list[tuple[Item, Fault]] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    """What the database holds of a chunk: current versions, last versions of those that are gone, live resources."""

    current: dict[Pair, Stored]
    last: dict[Pair, int]
    live: set[Pair]


class _Waiting(NamedTuple):
    """What is put aside until the rest is in, and where. A tuple, as there may be millions."""

    key: Pair
    references: tuple[Pair, ...]
    person: str
    place: int


class Writer:
    """Takes what was derived and commits it, `chunk` resources a transaction. now: the instant of the load."""

    def __init__(self, database: Database, actor: Actor, now: int, tallies: Sequence[Tally], report: Report) -> None:
        self._database = database
        self._actor = actor
        self.now = now
        self._tallies = tallies
        self._report = report
        self._pending: dict[Pair, Item] = {}
        self._kept = 0
        self._settled: set[int] = set()
        self._waiting: list[_Waiting] = []
        self._coming: set[Pair] = set()
        self._aside: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self.chunk = CHUNK
        self.committed = 0
        self.acknowledge: Callable[[int], None] = lambda _: None

    def take(self, derived: Derived) -> None:
        """Store what a task gave, once enough has come together."""
        self._tallies[derived.file].left_out += derived.left_out
        for refusal in derived.refused:
            self._refuse(refusal.file, refusal.faults, refusal.money)
        for item in derived.items:
            self._add(item)

    def finish(self) -> None:
        """Store what is left, then what had to wait, each person's together; refuse the rest."""
        self._commit(list(self._pending.values()), trusted=False)
        wants, self._waiting = self._waiting, []
        ready = settled([one[:2] for one in wants], self._live(wants)) if wants else set()
        self._coming = {wants[position].key for position in ready}
        for _, together in groupby(
            sorted(range(len(wants)), key=lambda at: wants[at].person), lambda at: wants[at].person
        ):
            for position in together:
                item = self._fetched(wants[position].place)
                if position in ready:
                    self._take_last(item)
                else:
                    self._refuse_missing(item)
            if len(self._pending) >= self.chunk:
                self._commit(list(self._pending.values()), trusted=True)
        self._commit(list(self._pending.values()), trusted=True)

    def close(self) -> None:
        """Let go of what was put aside."""
        self._aside.close()

    def _add(self, item: Item) -> None:
        if item.key in self._pending:
            self._commit(list(self._pending.values()), trusted=False)
        self._pending[item.key] = item
        if len(self._pending) - self._kept >= self.chunk:
            self._commit(self._complete(), trusted=False)

    def _take_last(self, item: Item) -> None:
        if item.key in self._pending:
            self._commit(list(self._pending.values()), trusted=True)
        self._pending[item.key] = item

    def _complete(self) -> list[Item]:
        """What is pending but for the people whose records are just coming in, so that the rules see them together."""
        items = list(self._pending.values())
        late = {item.person for item in items[len(items) - self.chunk // LATE :] if item.person}
        return [item for item in items if item.person not in late] or items

    def _put_aside(self, item: Item) -> None:
        self._waiting.append(_Waiting(item.key, item.references, item.person or "", self._aside.tell()))
        pickle.dump(item, self._aside, pickle.HIGHEST_PROTOCOL)

    def _fetched(self, place: int) -> Item:
        self._aside.seek(place)
        item: Item = pickle.load(self._aside)  # noqa: S301 - written by this process
        return item

    # --- one transaction ----------------------------------------------------------------------------

    def _commit(self, items: list[Item], *, trusted: bool) -> None:
        """Store these of what is pending. trusted: what they refer to is there by the end of the load, or refused."""
        for item in items:
            del self._pending[item.key]
        self._kept = len(self._pending)
        if not items:
            return
        outcome = self._stored(items, trusted=trusted)
        for item in outcome.waiting:
            if trusted:
                self._refuse_missing(item)
            else:
                self._put_aside(item)
        for item, fault in outcome.refused:
            self._refuse(item.file, (fault,), item.money)
        self._count(outcome)

    def _stored(self, items: list[Item], *, trusted: bool) -> Outcome:
        """One transaction for the items, again without those that break a rule until none does.

        Those wait, with all else about the same people, for what may still come; in the end they are refused.
        """
        aside: list[Item] = []
        while True:
            try:
                outcome: Outcome = self._database.write(lambda session: self._written(session, items, trusted=trusted))  # noqa: B023
            except Broken as broken:
                apart = _apart(items, broken.issues, alone=trusted)
                if trusted:
                    self._refuse_broken(apart, broken)
                else:
                    aside += apart
                keys = {item.key for item in apart}
                items = [item for item in items if item.key not in keys]
            else:
                outcome.waiting += aside
                return outcome

    def _refuse_broken(self, items: Sequence[Item], broken: Broken) -> None:
        for item in items:
            self._coming.discard(item.key)
            self._refuse(item.file, faults_of(item, broken.issues[item.key]), item.money)

    def _count(self, outcome: Outcome) -> None:
        done = [*outcome.stored, *outcome.unchanged]
        self._settled.update(hash(item.key) for item in outcome.unchanged)
        for item in outcome.stored:
            self._tallies[item.file].stored += 1
        for item in outcome.unchanged:
            self._tallies[item.file].unchanged += 1
        self._compare_money(done)
        self.committed += len(done)
        self.acknowledge(self.committed)

    def _compare_money(self, done: Sequence[Item]) -> None:
        by_type: dict[str, dict[str, Item]] = {}
        for item in done:
            money.add(self._tallies[item.file].sent, item.money)
            if item.type in money.COLUMNS:
                by_type.setdefault(item.type, {})[item.id] = item
        for name, items in by_type.items():
            rows = self._database.read(lambda session: bulk.sums(session, name, money.COLUMNS[name], list(items)))  # noqa: B023
            for id_, pence, text in rows:
                money.add(self._tallies[items[id_].file].held, money.held(pence, text))

    def _written(self, session: Session, items: Sequence[Item], *, trusted: bool) -> Outcome:
        found = _found(session, items)
        outcome = Outcome()
        wants = [(item.key, item.references) for item in items]
        ready = settled(wants, found.live | self._coming if trusted else found.live)
        new: list[Item] = []
        changes: list[Change] = []
        for position, item in enumerate(items):
            if position not in ready:
                outcome.waiting.append(item)
            elif item.key in found.current:
                self._compared(item, found.current[item.key], outcome, changes)
            elif item.key in found.last:
                changes.append(_change(item, found.last[item.key] + 1, self.now, None))
                outcome.stored.append(item)
            else:
                new.append(item)
        self._insert(session, new)
        records.write(session, changes, self._actor)
        facts = judge(session, new, changes, self.now)
        tied.follow(session, facts, new, changes)
        outcome.stored += new
        return outcome

    def _compared(self, item: Item, current: Stored, outcome: Outcome, changes: list[Change]) -> None:
        tree = document.parse(item.text)
        if restamped(tree, current, foreign=_is_foreign(item)) == current.text:
            outcome.unchanged.append(item)
        elif current.updated == self.now or hash(item.key) in self._settled:
            outcome.refused.append((item, Fault(item.line, item.type, TWICE)))
        else:
            changes.append(_change(item, current.version + 1, later(self.now, current), current))
            outcome.stored.append(item)

    def _insert(self, session: Session, items: Sequence[Item]) -> None:
        batch: dict[str, list[bulk.Values]] = {}
        for item in items:
            batch.setdefault(RESOURCES[item.type].name, []).append(item.main)
            for table, row in item.beside:
                batch.setdefault(table, []).append(row)
        if items:
            xact, actor = bulk.transaction_of(session), self._actor
            by = (actor.client, actor.request, actor.role, actor.organisation, actor.fhir_user, actor.purpose)
            batch[CHANGE.name] = [
                (xact, item.type, item.id, 1, "PUT", self.now, item.person, *by, actor.origin) for item in items
            ]
        bulk.insert_rows(session, batch)

    # --- references ---------------------------------------------------------------------------------

    def _live(self, wants: Sequence[_Waiting]) -> set[Pair]:
        return self._found({pair for one in wants for pair in one.references})

    def _found(self, wanted: set[Pair]) -> set[Pair]:
        found: set[Pair] = self._database.read(lambda session: bulk.live(session, wanted))
        return found

    def _refuse_missing(self, item: Item) -> None:
        self._coming.discard(item.key)
        missing = set(item.references) - self._found(set(item.references)) - self._coming
        where = places(item, missing)
        faults = [Fault(item.line, f"{item.type}.{path}", f"{text} is not known here") for path, text in where]
        self._refuse(item.file, faults, item.money)

    def _refuse(self, file: int, faults: Sequence[Fault], lost: money.Money) -> None:
        tally = self._tallies[file]
        tally.refused += 1
        money.add(tally.lost, lost)
        self._report.add(tally.shown, faults)


def _apart(items: Sequence[Item], broken: Mapping[Pair, object], *, alone: bool) -> list[Item]:
    """Those that break a rule, with all of the same people unless `alone`."""
    people = {item.person for item in items if item.key in broken and item.person and not alone}
    return [item for item in items if item.key in broken or item.person in people]


def _found(session: Session, items: Sequence[Item]) -> _Found:
    keys: dict[str, list[str]] = {}
    for item in items:
        keys.setdefault(item.type, []).append(item.id)
    current = {
        (name, id_): stored for name, ids in keys.items() for id_, stored in bulk.current(session, name, ids).items()
    }
    gone = {name: [id_ for id_ in ids if (name, id_) not in current] for name, ids in keys.items()}
    last = {(name, id_): at for name, ids in gone.items() for id_, at in bulk.graves(session, name, ids).items()}
    wanted = {pair for item in items for pair in item.references} - current.keys()
    return _Found(current, last, bulk.live(session, wanted) | current.keys())


def _change(item: Item, version: int, updated: int, previous: Stored | None) -> Change:
    """The change that stores the item as another version than the first."""
    foreign = _is_foreign(item)
    tree = stamp(document.parse(item.text), item.id, version, updated, foreign=foreign)
    kind, record = TYPES[item.type].derive(tree)
    stored = Stored(item.type, item.id, version, updated, document.encode(tree))
    return Change(stored, "PUT", tree, kind, record, item.person, previous)


def _is_foreign(item: Item) -> bool:
    return not item.main[bulk.KIND]
