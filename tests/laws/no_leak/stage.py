"""The world in a database, the hour it is played at, and who asks: made once, copied for each test that changes it.

Source: security.md section 4, the no-leak law (cost; fixtures through the API).
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from unittest import mock

from fhir_gateway.interactions import context
from fhir_gateway.store.migrate import upgrade
from tests import databases
from tests.fhir_gateway.api import Api, Loop, opened
from tests.laws.no_leak import actors, routes, world
from tests.laws.no_leak.actors import Actor
from tests.laws.no_leak.people import NOON
from tests.laws.no_leak.route import Route
from tests.laws.no_leak.world import World

CLOCK: Final = context.clock


@dataclass(frozen=True)
class Stage:
    """One copy of the world. api: as the custodian asks it."""

    api: Api
    world: World

    def asking(self, actor: Actor) -> Api:
        """The API as an actor asks it."""
        return actors.asking(self.api, actor)

    @cached_property
    def routes(self) -> list[Route]:
        """Every reading route the server states."""
        found = self.api.entries("OperationDefinition?_count=1000")
        definitions = {one["resource"]["url"]: one["resource"] for one in found}
        return routes.routes_of(self.api.get("metadata").json(), definitions)


@contextmanager
def at_noon() -> Iterator[None]:
    """Every clock of the gateway stands at the hour of the world."""
    holders = [one for one in list(sys.modules.values()) if _holds_clock(one)]
    with ExitStack() as stack:
        for one in holders:
            stack.enter_context(mock.patch.object(one, "clock", _noon))
        yield


def _noon() -> int:
    return NOON


def _holds_clock(module: Any) -> bool:
    return getattr(module, "__name__", "").startswith("fhir_gateway") and getattr(module, "clock", None) is CLOCK


def fill(url: str) -> None:
    """A database with the world and its actors."""
    upgrade(url)
    loop = Loop()
    try:
        with at_noon(), opened(url, loop, audit_reads=False) as api:
            world.build(api)
            api.write(actors.admit)
            api.gateway.database.write(actors.open_cases)
    finally:
        loop.close()


@contextmanager
def staged(kind: str, loop: Loop) -> Iterator[Stage]:
    """A fresh copy of the world in a database of this kind."""
    with databases.fresh(kind, fill) as url, at_noon(), opened(url, loop) as api:
        yield Stage(api, world.read_back(api))
