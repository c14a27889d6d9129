"""What a load says of itself: the report of refused rows, and for each file its counts and sums.

The report names file, line, element or column, and reason, never what the row holds.

Source: docs/loading.md.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from fhir_gateway.sync import money
from fhir_gateway.sync.money import Money
from fhir_gateway.sync.sources import Fault

HEADINGS: Final = ("file", "line", "column", "reason")


@dataclass(slots=True)
class Tally:
    """One file. sent: money of what was stored or was there already, by the file; held: the same by the database.

    lost: money of what was refused.
    """

    shown: str
    stored: int = 0
    unchanged: int = 0
    refused: int = 0
    left_out: int = 0
    sent: dict[str, Decimal] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=dict)
    lost: dict[str, Decimal] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """Whether the database holds what the file says, to the penny."""
        return {k: v for k, v in self.sent.items() if v} == {k: v for k, v in self.held.items() if v}

    def line(self) -> str:
        """Counts and sums in a line."""
        read = self.stored + self.unchanged + self.refused + self.left_out
        counts = f"read {read}, stored {self.stored}, unchanged {self.unchanged}, refused {self.refused}"
        if self.left_out:
            counts += f", left out by the map {self.left_out}"
        sums = f"money in the file {money.shown(self._whole())}"
        if any(self.lost.values()):
            sums += f", of it refused {money.shown(self.lost)}"
        verdict = "agrees" if self.agrees else "DIFFERS"
        return f"{self.shown}: {counts}; {sums}, in the database {money.shown(self.held)}: {verdict}"

    def _whole(self) -> Money:
        whole = dict(self.sent)
        money.add(whole, self.lost)
        return whole


class Report:
    """The file of refused rows, open for writing."""

    def __init__(self, write: Callable[[Iterable[Sequence[str]]], None]) -> None:
        self._write = write
        self._write([HEADINGS])

    def add(self, shown: str, faults: Iterable[Fault]) -> None:
        """One line for each fault."""
        self._write((shown, one.line, one.column, one.reason) for one in faults)


@contextmanager
def opened(path: Path) -> Iterator[Report]:
    """The report at `path`, written anew."""
    with path.open("w", encoding="utf-8", newline="") as file:
        yield Report(csv.writer(file).writerows)
