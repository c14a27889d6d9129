"""The results as tables, and each target with what was reached.

Source: the targets are the project's own, for one worker, token check and audit included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.load import Loaded
from bench.measure import Result

READ_SHARE: Final = {"sqlite": 20.0, "postgresql": 9.0}
SEARCH_SHARE: Final = {"sqlite": 11.0, "postgresql": 6.0}
CREATE_SHARE: Final = 45.0
TRANSACTION_GAIN: Final = 3.0
GROWTH: Final = 1.3
LOAD_RATE: Final = 5_000.0
STATEMENT_MS: Final = 100.0
LONG_STATEMENT: Final = "$statement, 5,000 payments"
HUNDRED: Final = 100.0


@dataclass(frozen=True, slots=True)
class Target:
    """One figure against what is wanted of it. most: it may be so much at most, instead of at least."""

    kind: str
    name: str
    wanted: float
    got: float
    unit: str
    most: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is good enough."""
        return self.got <= self.wanted if self.most else self.got >= self.wanted

    @property
    def verdict(self) -> str:
        """`met`, or by how much of the wanted figure it falls short."""
        if self.met:
            return "met"
        apart = self.got / self.wanted - 1 if self.most else 1 - self.got / self.wanted
        return f"{'over' if self.most else 'short'} by {HUNDRED * apart:.0f} %"

    def cells(self) -> tuple[str, ...]:
        """A row of the table."""
        sign = "at most" if self.most else "at least"
        return (
            self.kind,
            self.name,
            f"{sign} {_figure(self.wanted)}{self.unit}",
            f"{_figure(self.got)}{self.unit}",
            self.verdict,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Everything measured. loads: by database and scale."""

    results: Sequence[Result]
    loads: dict[tuple[str, int], Loaded]

    def of(self, kind: str, scenario: str, variant: str, scale: int | None = None) -> Result | None:
        """One result; of the smallest scale when none is named."""
        fitting = [
            one
            for one in self.results
            if (one.kind, one.scenario.name, one.variant) == (kind, scenario, variant) and scale in (None, one.scale)
        ]
        return min(fitting, key=lambda one: one.scale, default=None)

    def rate(self, kind: str, scenario: str, variant: str, scale: int | None = None) -> float:
        """Requests a second, 0 where nothing was measured."""
        found = self.of(kind, scenario, variant, scale)
        return found.rps if found else 0.0

    @property
    def kinds(self) -> list[str]:
        """The databases, in the order measured."""
        return list(dict.fromkeys(kind for kind, _ in self.loads))


def targets(found: Found) -> Iterator[Target]:
    """Every target with its figure."""
    for kind in found.kinds:
        yield _share(found, kind, "read", "bare", READ_SHARE[kind], "read, share of the bare app")
        yield _share(found, kind, "search of 20", "bare", SEARCH_SHARE[kind], "search of 20, share of the bare app")
        for name in ("create Claim", "create Goal"):
            yield _share(
                found, kind, name, "raw", CREATE_SHARE, f"{name}, share of raw driver inserts of the same rows"
            )
        yield _transaction(found, kind)
        yield from _statement(found, kind)
        yield from _growth(found, kind)
        for (its_kind, scale), loaded in found.loads.items():
            if its_kind == kind:
                yield Target(kind, f"load, {scale} x the data", LOAD_RATE, loaded.rate, "/s")


def _share(found: Found, kind: str, scenario: str, against: str, wanted: float, name: str) -> Target:
    whole = found.rate(kind, scenario, against)
    share = HUNDRED * found.rate(kind, scenario, "gateway") / whole if whole else 0.0
    return Target(kind, name, wanted, share, " %")


def _transaction(found: Found, kind: str) -> Target:
    together = found.of(kind, "transaction of 50", "gateway")
    alone = found.rate(kind, "create a person's mix", "gateway")
    gain = together.rps * together.scenario.per_request / alone if together and alone else 0.0
    return Target(
        kind, "transaction of 50, resources/s against single creates of the same", TRANSACTION_GAIN, gain, " x"
    )


def _statement(found: Found, kind: str) -> Iterator[Target]:
    taken = found.of(kind, LONG_STATEMENT, "gateway")
    if taken is not None:
        median = taken.median("p50") or 0.0
        yield Target(kind, f"{LONG_STATEMENT}, one at a time", STATEMENT_MS, median, " ms", most=True)


def _growth(found: Found, kind: str) -> Iterator[Target]:
    scales = sorted({one.scale for one in found.results if one.kind == kind and one.variant == "gateway"})
    apart = dict.fromkeys(one.scenario.name for one in found.results if not one.scenario.of_all)
    names = apart if len(scales) > 1 else ()
    for name in names:
        large = found.rate(kind, name, "gateway", scales[-1])
        ratio = found.rate(kind, name, "gateway", scales[0]) / large if large else float("inf")
        wording = f"{name}, time at {scales[-1]} x the data against {scales[0]} x"
        yield Target(kind, wording, GROWTH, ratio, " x", most=True)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= HUNDRED else f"{value:.3g}"


# --- tables -----------------------------------------------------------------------------------------

HEADINGS: Final = (
    *("database", "scenario", "variant", "data", "client", "req/s", "p50 ms", "p95 ms", "p99 ms"),
    *("server CPU us", "of bare, req/s", "of bare, CPU"),
)
TARGET_HEADINGS: Final = ("database", "what", "wanted", "reached", "")


def rows(found: Found) -> Iterator[tuple[str, ...]]:
    """A row for each variant."""
    for one in found.results:
        bare = found.of(one.kind, one.scenario.name, "bare") if one.variant != "raw" else None
        data = f"{one.scale} x" if one.scale else ""
        figures = (_shown(one.median(name), 2) for name in ("p50", "p95", "p99"))
        cpu = one.median("cpu_us")
        yield (
            *(one.kind, one.scenario.name, one.variant, data, one.client, f"{one.rps:,.0f}"),
            *figures,
            _shown(cpu, 0),
            f"{HUNDRED * one.rps / bare.rps:.1f} %" if bare and bare.rps else "",
            f"{HUNDRED * (bare.median('cpu_us') or 0) / cpu:.1f} %" if bare and cpu else "",
        )


def _shown(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def load_rows(found: Found) -> Iterator[tuple[str, ...]]:
    """A row for each load."""
    for (kind, scale), loaded in found.loads.items():
        yield (kind, f"{scale} x", f"{loaded.resources:,}", f"{loaded.seconds:.1f}", f"{loaded.rate:,.0f}")


def table(headings: Sequence[str], body: Iterator[tuple[str, ...]]) -> str:
    """A table in Markdown, its columns aligned so that it reads on a terminal too."""
    lines = [tuple(headings), *body]
    widths = [max(3, *(len(line[at]) for line in lines)) for at in range(len(headings))]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([shown[0], rule, *shown[1:]])


def report(found: Found, facts: Sequence[str], method: Sequence[str]) -> str:
    """The whole of `results.md`."""
    parts = [
        "# What the gateway reaches",
        "Written by `python -m bench`. Shares hold within one run, where everything was measured in turn.",
        "\n".join(f"- {one}" for one in (*facts, *method)),
        "## Against the targets",
        table(TARGET_HEADINGS, (one.cells() for one in targets(found))),
        "## Requests",
        table(HEADINGS, rows(found)),
        "## Loading",
        table(("database", "data", "resources", "seconds", "resources/s"), load_rows(found)),
    ]
    return "\n\n".join(parts) + "\n"
