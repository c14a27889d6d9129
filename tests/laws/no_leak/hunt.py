"""The law at work: the cases of a stage, put to the gateway, and the faults they find.

Source: security.md section 4, the no-leak law.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from random import Random
from typing import Final

from tests.fhir_gateway.api import Loop
from tests.laws.no_leak import judge, law, twin, writes
from tests.laws.no_leak.actors import ACTORS
from tests.laws.no_leak.mutants import Mutant
from tests.laws.no_leak.oracle import Oracle
from tests.laws.no_leak.route import AUDIT, Route
from tests.laws.no_leak.sample import Case, Sampler
from tests.laws.no_leak.stage import Stage, staged
from tests.laws.no_leak.views import VIEWS
from tests.laws.no_leak.world import Record, World
from tests.laws.no_leak.writes import Attempt

SEED: Final = int(os.environ.get("NO_LEAK_SEED", "20261122"))
ASKED: Final = 60  # of one actor, in both worlds
FEW: Final = 9  # types at whose hidden records one actor tries to write
HUNTED: Final = 600  # cases in which a mutant is looked for
PERSON: Final = "Patient"
PREY: Final = ("icb-1", "council-1", "provider-1", "holder-1", "dot-nominee", "ada", "coordinator-icb-1")


@dataclass(frozen=True)
class Hunt:
    """The law on one stage. oracles: of each actor, by name."""

    stage: Stage
    loop: Loop
    kind: str
    oracles: dict[str, Oracle]
    sampler: Sampler

    @property
    def world(self) -> World:
        """What there is."""
        return self.stage.world

    @cached_property
    def reading(self) -> list[Route]:
        """The routes that change nothing."""
        return [one for one in self.stage.routes if not one.writes]

    @cached_property
    def silent(self) -> list[Route]:
        """Those of them that do not tell of the very questions: the audit does."""
        return [one for one in self.reading if one.type != AUDIT]

    # --- oracle A

    def told(self, cases: Iterable[Case]) -> Iterator[str]:
        """What answers tell that they must not, or count wrongly."""
        for one in cases:
            asked = self.stage.asking(one.actor)
            yield from judge.verdict(self.oracles[one.actor.name], asked, self.stage.api, one)

    def of_each_person(self, *names: str) -> Iterator[Case]:
        """Every actor at every person, by operations of some names."""
        routes = [one for one in self.reading if one.form == "operation" and one.name in names]
        for actor, route in product(ACTORS, routes):
            for aim in self.world.of_type(route.aimed):
                yield Case(actor, route, aim, route.make(self.world, aim))

    # --- oracle B

    def twin(self, oracle: Oracle, routes: Iterable[Route], most: int = ASKED) -> Iterator[str]:
        """What an actor is answered otherwise where nothing is that they may not see."""
        drawn = self.sampler.pairwise if most <= ASKED else self.sampler.every
        cases = list(islice(drawn(routes, [oracle.actor]), most))
        here = {str(one): self._blanked(self.stage, one) for one in cases}
        with staged(self.kind, self.loop) as other:
            twin.without(other.api, twin.strangers(oracle))
            yield from self._differing(other, cases, here)
            twin.without(other.api, twin.hidden(oracle))
            twin.reworded(other.api, oracle)
            yield from self._differing(other, [one for one in cases if one.route.form != "operation"], here)

    def _differing(self, other: Stage, cases: Iterable[Case], here: dict[str, str]) -> Iterator[str]:
        for one in cases:
            there = self._blanked(other, one)
            if there != here[str(one)]:
                yield f"{one}:\n  {_around(here[str(one)], there)}"

    def _blanked(self, stage: Stage, case: Case) -> str:
        return law.blanked(law.ask(stage.asking(case.actor), case.request))

    # --- oracle C

    def written(
        self, oracles: Iterable[Oracle], names: tuple[str, ...] = (), *, one_of_each: bool = False
    ) -> Iterator[str]:
        """What is wrong with writes at hidden records. names: of attempts. one_of_each: one each, at a few types."""
        with staged(self.kind, self.loop) as other:
            for oracle in oracles:
                yield from self._of_one(other, oracle, names, one_of_each=one_of_each)

    def _of_one(self, other: Stage, oracle: Oracle, names: tuple[str, ...], *, one_of_each: bool) -> Iterator[str]:
        asked, accepted = other.asking(oracle.actor), 0
        before = other.api.write(writes.content)
        for aim, attempts in islice(self._attempts(oracle), FEW if one_of_each else None):
            wanted = [one for one in attempts if not names or any(name in one.name for name in names)]
            for one in [self.sampler.random.choice(wanted)] if one_of_each and wanted else wanted:
                faults, done = writes.judged(oracle, asked, aim, one)
                accepted += done
                yield from faults
        if not accepted and other.api.write(writes.content) != before:
            yield f"{oracle.actor.name}: everything was refused, and something changed"
        for record in self._partly(oracle) if not names or "copy" in names else ():
            yield from writes.copied(oracle, asked, record)

    def _attempts(self, oracle: Oracle) -> Iterator[tuple[Record, list[Attempt]]]:
        """One hidden record of each type, and what is tried at it."""
        hidden = [one for one in twin.hidden(oracle) if one.place in self.world.records]
        seen = [one for one in self.world.records.values() if one.place in oracle.seen and one.person]
        types = sorted({one.type for one in hidden})
        for type_ in self.sampler.random.sample(types, len(types)):
            aim = self.sampler.random.choice([one for one in hidden if one.type == type_])
            every = [*writes.attempts(aim), *writes.operations(self.stage.routes, self.world, aim)]
            for own in self.sampler.random.sample(seen, min(len(seen), 3)):
                every += [*writes.conditions(aim, own.tree), *writes.naming(own, aim)]
            yield aim, every

    def _partly(self, oracle: Oracle) -> list[Record]:
        """One record of each type that the actor sees in part; a person anybody may bring anew."""
        found = {
            one.type: one
            for one in self.world.records.values()
            if one.place in oracle.seen and one.person and oracle.view(one) is not VIEWS["whole"] and one.type != PERSON
        }
        return list(found.values())

    # --- mutants

    def kills(self, mutant: Mutant) -> bool:
        """Whether the law finds a fault that is put in."""
        with mutant.installed():
            return next(self._hunted(mutant), None) is not None

    def _hunted(self, mutant: Mutant) -> Iterator[str]:
        routes = [one for one in self.stage.routes if mutant.shows(one)]
        if mutant.law == "told":
            yield from self.told(islice(self._drawn(routes), HUNTED))
        elif mutant.law == "write":
            yield from self.written((self.oracles[name] for name in self.oracles), mutant.names)
        else:
            for name in PREY:
                yield from self.twin(self.oracles[name], self._promising(self.oracles[name], routes), HUNTED)

    def _promising(self, oracle: Oracle, routes: list[Route]) -> list[Route]:
        """The routes of chains that end at something hidden; all routes where none does, or none is a chain."""
        ends = [one for one in routes if (one.type, one.name.partition(":")[0]) in oracle.hints]
        return ends or routes

    def _drawn(self, routes: list[Route]) -> Iterator[Case]:
        while routes:
            yield self.sampler.case(self.sampler.random.choice(ACTORS), self.sampler.random.choice(routes))


def begun(stage: Stage, loop: Loop, kind: str) -> Hunt:
    """The law on a stage."""
    oracles = {one.name: Oracle(stage.world, one) for one in ACTORS}
    return Hunt(stage, loop, kind, oracles, Sampler(stage.world, oracles, Random(SEED)))  # noqa: S311


def _around(here: str, there: str, width: int = 160) -> str:
    """Where two answers begin to differ."""
    at = next((n for n, (one, other) in enumerate(zip(here, there, strict=False)) if one != other), 0)
    start = max(0, at - width // 2)
    return f"{here[start : at + width]!r}\n  {there[start : at + width]!r}"
