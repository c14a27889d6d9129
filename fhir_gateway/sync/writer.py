"""The one writer of a load: it commits chunks, lets references wait for what they name, and keeps the tallies.

Source: design decision 5; FHIR R4 http.html#update.
"""

import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from fhir_gateway.interactions.write import later, pair_of, stamp
from fhir_gateway.store import bulk, records
from fhir_gateway.store.database import Database, Session
from fhir_gateway.store.records import Actor, Change, Stored
from fhir_gateway.store.tables import CHANGE, RESOURCES
from fhir_gateway.sync import money
from fhir_gateway.sync.derive import Derived, Item, Pair
from fhir_gateway.sync.report import Report, Tally
from fhir_gateway.sync.sources import Fault
from mappings.lens import document
from mappings.registry import TYPES

CHUNK: Final = 500
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


class Writer:
    """Takes what was derived and commits it, `chunk` resources a transaction. now: the instant of the load."""

    def __init__(self, database: Database, actor: Actor, now: int, tallies: Sequence[Tally], report: Report) -> None:
        self._database = database
        self._actor = actor
        self.now = now
        self._tallies = tallies
        self._report = report
        self._pending: dict[Pair, Item] = {}
        self._settled: set[int] = set()
        self._waiting: list[tuple[Pair, tuple[Pair, ...]]] = []
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
            self._add(item, trusted=False)

    def finish(self) -> None:
        """Store what is left, and what waited for references and found them; refuse the rest."""
        self._commit(trusted=False)
        wants, self._waiting = self._waiting, []
        ready = settled(wants, self._live(wants)) if wants else set()
        self._aside.seek(0)
        known = {wants[position][0] for position in ready}
        for position in range(len(wants)):
            item: Item = pickle.load(self._aside)  # noqa: S301 - written by this process
            if position in ready:
                self._add(item, trusted=True)
            else:
                self._refuse_missing(item, known)
        self._commit(trusted=True)

    def close(self) -> None:
        """Let go of what was put aside."""
        self._aside.close()

    def _add(self, item: Item, *, trusted: bool) -> None:
        if item.key in self._pending:
            self._commit(trusted=trusted)
        self._pending[item.key] = item
        if len(self._pending) >= self.chunk:
            self._commit(trusted=trusted)

    # --- one transaction ----------------------------------------------------------------------------

    def _commit(self, *, trusted: bool) -> None:
        """Store what is pending. trusted: its references are known to resolve by the end of the load."""
        items = list(self._pending.values())
        self._pending.clear()
        if not items:
            return
        outcome: Outcome = self._database.write(lambda session: self._written(session, items, trusted=trusted))
        for item in outcome.waiting:
            self._waiting.append((item.key, item.references))
            pickle.dump(item, self._aside, pickle.HIGHEST_PROTOCOL)
        for item, fault in outcome.refused:
            self._refuse(item.file, (fault,), item.money)
        self._count(outcome)

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
        ready = set(range(len(items))) if trusted else settled(wants, found.live)
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
        outcome.stored += new
        return outcome

    def _compared(self, item: Item, current: Stored, outcome: Outcome, changes: list[Change]) -> None:
        tree = document.parse(item.text)
        same = document.encode(stamp(tree, item.id, current.version, current.updated, foreign=_is_foreign(item)))
        if same == current.text:
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
            xact, client, request = bulk.transaction_of(session), self._actor.client, self._actor.request
            batch[CHANGE.name] = [
                (xact, item.type, item.id, 1, "PUT", self.now, item.person, client, request) for item in items
            ]
        bulk.insert_rows(session, batch)

    # --- references ---------------------------------------------------------------------------------

    def _live(self, wants: Sequence[tuple[Pair, tuple[Pair, ...]]]) -> set[Pair]:
        wanted = {pair for _, references in wants for pair in references}
        found: set[Pair] = self._database.read(lambda session: bulk.live(session, wanted))
        return found

    def _refuse_missing(self, item: Item, coming: set[Pair]) -> None:
        live = self._live([(item.key, item.references)]) | coming
        missing = set(item.references) - live
        places = _places(item, missing)
        faults = [Fault(item.line, f"{item.type}.{path}", f"{text} is not known here") for path, text in places]
        self._refuse(item.file, faults, item.money)

    def _refuse(self, file: int, faults: Sequence[Fault], lost: money.Money) -> None:
        tally = self._tallies[file]
        tally.refused += 1
        money.add(tally.lost, lost)
        self._report.add(tally.shown, faults)


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


def _places(item: Item, missing: set[Pair]) -> Iterator[tuple[str, str]]:
    """Where the resource refers to what is missing."""
    for path, node, _ in document.walk(document.parse(item.text)):
        if path.endswith(".reference") and type(node) is str and ":" not in node and pair_of(node) in missing:
            yield path, node


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
