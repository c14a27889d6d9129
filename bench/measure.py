"""Runs the gateway, the bare app and the raw driver in turn, round after round, and keeps what each reached.

Servers stay on core 0, the load client on core 1, PostgreSQL where the system puts it. In each round every
variant runs once, so that a slow minute of the machine falls on all of them alike.

Source: bench/results.md, method.
"""

import http.client
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import wrk
from bench.bare import Answer, kept
from bench.child import HOST, Child, Server
from bench.client import Refused, Shot, request_bytes
from bench.scenarios import SCENARIOS, Scenario
from bench.shapes import MARK
from bench.stage import Stage
from fhir_gateway.server import options
from fhir_gateway.settings import Settings

WARM_UP_S: Final = 1.0
OK: Final = (200, 201)
UNSENT: Final = ("date", "server", "connection")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often. connections: of the load client, all busy all the time."""

    rounds: int = 5
    seconds: float = 3.0
    connections: int = 32


@dataclass(frozen=True, slots=True)
class Round:
    """One variant in one round. Latencies in milliseconds; cpu_us: of the server, for each request."""

    rps: float
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    cpu_us: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a variant reached in a scenario: the median of its rounds.

    variant: gateway, bare or raw. scale: of the database, 0 for the bare app, which has none.
    """

    kind: str
    scenario: Scenario
    variant: str
    scale: int
    client: str
    rounds: tuple[Round, ...]

    def median(self, figure: str) -> float | None:
        """The median over the rounds of one figure, None where it was not taken."""
        taken = [value for value in (getattr(one, figure) for one in self.rounds) if value is not None]
        return statistics.median(taken) if taken else None

    @property
    def rps(self) -> float:
        """Requests a second."""
        return self.median("rps") or 0.0


@dataclass(slots=True)
class Variant:
    """Something to run: who drives it, and whose processor time counts."""

    name: str
    scale: int
    driver: Any
    server: Child | None
    client: str

    def run(self, seconds: float) -> Round:
        """One round."""
        before = self.server.cpu() if self.server else None
        said = self.driver.ask({"seconds": seconds})
        after = self.server.cpu() if self.server else None
        used = None if before is None or after is None else 1e6 * (after - before) / max(1, said["requests"])
        return Round(said["requests"] / said["seconds"], said.get("p50"), said.get("p95"), said.get("p99"), used)


def measure(stages: Sequence[Stage], place: Path, plan: Plan, tell: Tell) -> Iterator[Result]:
    """Every scenario on the stages of one database. place: a folder for files in passing."""
    with ExitStack() as stack:
        served = [(one, Server("gateway", {"database": one.url})) for one in stages]
        for _, server in served:
            stack.enter_context(server)
        for scenario in SCENARIOS:
            tell(f"{stages[0].kind}: {scenario.name}")
            with ExitStack() as passing:
                yield from _scenario(Hall(scenario, served, place, plan, passing))


@dataclass(frozen=True, slots=True)
class Hall:
    """Where one scenario runs: its stages with their servers, and a stack that closes what is started for it."""

    scenario: Scenario
    served: Sequence[tuple[Stage, Server]]
    place: Path
    plan: Plan
    stack: ExitStack

    def variants(self) -> Iterator[Variant]:
        """The bare app, the gateway on each stage, and the raw driver where there is such a baseline."""
        small, gateway = self.served[0]
        shots = list(self.scenario.shots(small.people))
        answers = self.place / "answers.ndjson"
        answers.write_text("".join(f"{line}\n" for line in recorded(shots, gateway.port, small.token)))
        bare = Server("bare", {"answers": str(answers), "options": options(Settings(log_level="ERROR"), HOST, 0)})
        self.stack.enter_context(bare)
        yield self._driven("bare", 0, shots, bare, small)
        for stage, server in self.served:
            its_shots = shots if stage is small else list(self.scenario.shots(stage.people))
            yield self._driven("gateway", stage.scale, its_shots, server, stage)
        if self.scenario.raw:
            job = {"database": small.url, "shots": str(_file(self.place, shots)), "connections": Settings().threads}
            raw = self.stack.enter_context(Child("raw", job))
            yield Variant("raw", small.scale, raw, raw, "")

    def _driven(self, name: str, scale: int, shots: Sequence[Shot], server: Server, stage: Stage) -> Variant:
        """A server under the load client that fits the scenario."""
        connections = 1 if self.scenario.alone else self.plan.connections
        if not (self.scenario.written or self.scenario.alone) and wrk.fits(self.plan.seconds):
            fast = wrk.Wrk.against(self.place, shots, server.port, stage.token, connections)
            return Variant(name, scale, fast, server, "wrk")
        file = str(_file(self.place, shots))
        job = {"shots": file, "port": server.port, "token": stage.token, "connections": connections}
        return Variant(name, scale, self.stack.enter_context(Child("client", job)), server, "own")


def _scenario(hall: Hall) -> list[Result]:
    variants = list(hall.variants())
    for one in variants:
        one.run(min(WARM_UP_S, hall.plan.seconds))
    rounds: list[list[Round]] = [[] for _ in variants]
    for _ in range(hall.plan.rounds):
        for its_rounds, one in zip(rounds, variants, strict=True):
            its_rounds.append(one.run(hall.plan.seconds))
    kind = hall.served[0][0].kind
    return [
        Result(kind, hall.scenario, one.name, one.scale, one.client, tuple(taken))
        for one, taken in zip(variants, rounds, strict=True)
    ]


def _file(place: Path, shots: Sequence[Shot]) -> Path:
    """A file with the shots; a child has read it when it says that it is ready."""
    path = place / "shots.ndjson"
    path.write_text("".join(f"{one.line()}\n" for one in shots))
    return path


def recorded(shots: Sequence[Shot], port: int, token: str) -> Iterator[str]:
    """What the gateway answers to these requests, as the bare app reads it; of writes the first alone."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    for shot in shots if shots[0].method == "GET" else shots[:1]:
        yield kept(shot.method, shot.target, _asked(connection, shot, token))
        if shot.version is not None:
            shot.version += 1
    connection.close()


def _asked(connection: http.client.HTTPConnection, shot: Shot, token: str) -> Answer:
    head, _, body = request_bytes(shot, token, 0).partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
    headers = {name: value for name, _, value in lines}
    # number 0 is what the resource says already: an update of this body changes nothing but would be no update
    connection.request(shot.method, shot.target, body.replace(MARK.encode(), b"bench-recorded00") or None, headers)
    reply = connection.getresponse()
    content = reply.read()
    if reply.status not in OK:
        raise Refused(f"{shot.method} {shot.target} was answered with {reply.status}: {content[:500]!r}")
    return Answer(reply.status, [pair for pair in reply.getheaders() if pair[0].lower() not in UNSENT], content)
