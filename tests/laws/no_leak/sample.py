"""Which actor asks which route about which record: every pair of role, form and type, or everything.

Source: security.md section 4, the no-leak law (cost: pairwise; full cross in its own target).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product
from random import Random
from typing import Final

from tests.laws.no_leak.actors import ACTORS, Actor
from tests.laws.no_leak.oracle import Oracle
from tests.laws.no_leak.route import Request, Route
from tests.laws.no_leak.world import Record, World

HIDDEN: Final = 0.7  # of the records aimed at, how many the actor may not see


@dataclass(frozen=True, slots=True)
class Case:
    """One question of the law."""

    actor: Actor
    route: Route
    aim: Record
    request: Request

    def __str__(self) -> str:
        return f"{self.actor.name} ({self.actor.role or 'no role'}): {self.route.label}: {self.request.path}"


@dataclass(frozen=True)
class Sampler:
    """Draws cases. oracles: by the name of each actor."""

    world: World
    oracles: dict[str, Oracle]
    random: Random

    def pairwise(self, routes: Iterable[Route], actors: Iterable[Actor] = ACTORS) -> Iterator[Case]:
        """Cases in which every pair of role, form and type comes together at least once."""
        grouped: dict[tuple[str, str], list[Route]] = {}
        for one in routes:
            grouped.setdefault((one.form, one.type), []).append(one)
        by_role: dict[str, list[Actor]] = {}
        for actor in actors:
            by_role.setdefault(actor.role, []).append(actor)
        for role, (form, type_) in self._covering(by_role, grouped):
            yield self.case(self.random.choice(by_role[role]), self.random.choice(grouped[form, type_]))

    def _covering(
        self, roles: Iterable[str], groups: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[str, tuple[str, str]]]:
        triples = list(product(roles, groups))
        self.random.shuffle(triples)
        covered: set[tuple[tuple[int, str], ...]] = set()
        for role, (form, type_) in triples:
            pairs = set(combinations(enumerate((role, form, type_)), 2))
            if not pairs <= covered:
                covered |= pairs
                yield role, (form, type_)

    def every(self, routes: Iterable[Route], actors: Iterable[Actor] = ACTORS) -> Iterator[Case]:
        """Every actor at every route, each at one record."""
        routes = list(routes)
        return (self.case(actor, route) for actor in actors for route in routes)

    def case(self, actor: Actor, route: Route) -> Case:
        """One case at a record that the actor may not see, or sometimes one that they may."""
        oracle = self.oracles[actor.name]
        aim = self._named(oracle, route) or self._aim(oracle, route.aimed)
        return Case(actor, route, aim, route.make(self.world, aim))

    def _named(self, oracle: Oracle, route: Route) -> Record | None:
        """For a chain, a hidden record at its far end that a record the actor sees names, where there is one."""
        if route.form != "chain":
            return None
        found = oracle.hints.get((route.type, route.name.partition(":")[0]), ())
        there = [one for one in found if one.type == route.aimed]
        return self.random.choice(there) if there else None

    def _aim(self, oracle: Oracle, type_: str) -> Record:
        every = [*self.world.of_type(type_), *(one for one in self.world.gone.values() if one.type == type_)]
        hidden = [one for one in every if not oracle.sees(one)]
        seen = [one for one in every if oracle.sees(one)]
        wanted = hidden if self.random.random() < HIDDEN else seen
        return self.random.choice(wanted or every)
